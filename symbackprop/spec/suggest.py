"""Near names: what a misspelt word probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near_name(word: str, names: Iterable[str]) -> str | None:
    """Return the name that `word` most probably stands for, or None if none is near."""
    if len(word) > 60:
        return None
    by_fold: dict[str, str] = {}
    for name in names:
        by_fold.setdefault(_fold(name), name)
    found = get_close_matches(_fold(word), list(by_fold), n=1, cutoff=0.7)
    return by_fold[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return "Did you mean X?", or nothing when no name is near."""
    name = near_name(word, names)
    return f"Did you mean {name}?" if name else ""


def listed(names: Iterable[str], limit: int = 20) -> str:
    """Return the names as "a, b, c", cut after `limit` of them."""
    items = list(names)
    if len(items) > limit:
        return ", ".join(items[:limit]) + f", ... ({len(items)} in all)"
    return ", ".join(items)


def _fold(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
