"""The gallery is what the program makes now."""

from __future__ import annotations

from gallery import stale


def test_the_gallery_is_fresh() -> None:
    assert stale() == []
