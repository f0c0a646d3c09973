"""Random wrong figures are hardly ever explained: at most two in a hundred."""

from __future__ import annotations

import pytest

from .chance import DRAWS, share_explained

#: So many of each kind; `python -m tests.audit.chance` draws a thousand.
COUNT = 60


@pytest.mark.parametrize("kind", DRAWS)
def test_random_wrong_figures(kind: str) -> None:
    assert share_explained(COUNT, kind) <= 0.02
