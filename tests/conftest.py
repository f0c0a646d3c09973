"""What the tests need of the machine, and what happens where it is missing.

A user without TeX or PyTorch sees those tests skipped with the reason. Where SYMBACKPROP_REQUIRE
names them ("tex,torch"), as in CI, a missing one is a failure.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from symbackprop.engines.tex import available_engines

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
# processes that tests start import the same package as the tests, wherever they run
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))

# tests run on all processors at once, each of them on one
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("steady")


def skip_or_fail(part: str, reason: str) -> None:
    """Skip a test that needs a part of the machine, or fail it where that part is required."""
    if part in os.environ.get("SYMBACKPROP_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def _need_tex(engine: str) -> str:
    if engine not in available_engines():
        reason = (
            f"{engine} is not on this machine (Debian: texlive-latex-recommended, texlive-luatex, latexmk)"
        )
        # tectonic is no part of TeX Live; Debian does not have it
        skip_or_fail("tectonic" if engine == "tectonic" else "tex", reason)
    return engine


@pytest.fixture(scope="session")
def need_tex() -> Callable[[str], str]:
    """A function that returns an engine's name if it is here, and skips or fails the test if not."""
    return _need_tex


@pytest.fixture(scope="session", params=["pdflatex", "lualatex"])
def tex_engine(request: pytest.FixtureRequest) -> str:
    """Each of the TeX engines that every page must compile with."""
    return _need_tex(request.param)
