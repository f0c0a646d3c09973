"""What the tests need of the machine, and what happens where it is missing.

A user without TeX or PyTorch sees those tests skipped with the reason. Where SYMBACKPROP_REQUIRE
names them ("tex,torch"), as in CI, a missing one is a failure.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
# processes that tests start import the same package as the tests, wherever they run
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))

settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("steady")


def required(name: str) -> bool:
    """Return whether a part of the machine must be there."""
    return name in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")


def need(name: str, found: bool, reason: str) -> None:
    """Skip for a reason, or fail where the part is required."""
    if not found:
        (pytest.fail if required(name) else pytest.skip)(reason)


@pytest.fixture(scope="session")
def tex_engines() -> tuple[str, ...]:
    """Return the TeX engines of this machine, at least one."""
    from symbackprop.engines.tex import available_engines

    engines = available_engines()
    need("tex", bool(engines), "no TeX engine on this machine (Debian: texlive-latex-recommended, latexmk)")
    return engines
