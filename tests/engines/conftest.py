"""The TeX engines that tests of pages need: a test is skipped, or fails if it must not be, without them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from symbackprop.engines.tex import available_engines


def _need_tex(engine: str) -> str:
    if engine in available_engines():
        return engine
    reason = f"{engine} is not on this machine (Debian: texlive-latex-recommended, texlive-luatex, latexmk)"
    if "tex" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",") and engine != "tectonic":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def need_tex() -> Callable[[str], str]:
    """A function that returns an engine's name if it is here, and skips or fails the test if not.

    Where TeX is required (SYMBACKPROP_REQUIRE=tex) a missing engine of TeX Live is a failure.
    """
    return _need_tex


@pytest.fixture(scope="session", params=["pdflatex", "lualatex"])
def tex_engine(request: pytest.FixtureRequest) -> str:
    """Each of the TeX engines that every page must compile with."""
    return _need_tex(request.param)
