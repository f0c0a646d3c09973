"""The TeX engines that tests of pages need: a test is skipped, or fails if it must not be, without them."""

from __future__ import annotations

import os

import pytest

from symbackprop.engines.tex import available_engines


def need_tex(engine: str) -> str:
    """Return the engine if it is here; skip the test, or fail it where TeX is required, if not."""
    if engine in available_engines():
        return engine
    reason = f"{engine} is not installed; SYMBACKPROP_REQUIRE_TEX=1 makes this a failure"
    if os.environ.get("SYMBACKPROP_REQUIRE_TEX") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", params=["pdflatex", "lualatex"])
def tex_engine(request: pytest.FixtureRequest) -> str:
    """Each of the TeX engines that every page must compile with."""
    return need_tex(request.param)
