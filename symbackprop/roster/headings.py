"""The headings of class lists in many languages, and which column is what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: What ids are taken from, in this order.
IDS = ("number", "account", "email")

#: A longer cell is no heading.
LONGEST_HEADING = 60


@dataclass(frozen=True)
class Columns:
    """Which column of a class list holds what, by the position of the column.

    ids: the columns that may hold the ids, the best first.
    name: those that together are the name, in the order in which it is written.
    canvas: whether this is Canvas's list of marks, which has lines that are no students.
    """

    ids: tuple[int, ...] = ()
    name: tuple[int, ...] = ()
    canvas: bool = False


def recognised(cells: Sequence[str]) -> int:
    """Return how many cells are known headings."""
    return sum(kind(cell) not in (None, "running") for cell in cells)


def columns(cells: Sequence[str]) -> Columns:
    """Return which column holds what, by the headings.

    "Name", "Nom" and the like are the whole name, unless the rest of it has a column of its own: beside
    "Vorname" it is the family name, beside "Apellidos" the given one.
    """
    at: dict[str, list[int]] = {}
    for position, cell in enumerate(cells):
        at.setdefault(kind(cell) or "", []).append(position)
    first, middle, last, written_first, loose, whole = (
        at.get(name, [])[:1] for name in ("first", "middle", "last", "last first", "name", "full")
    )
    if not whole and loose:
        if not (first or last or written_first):
            whole = loose
        elif first:
            last = last or loose
        else:
            first = loose
    parts = (*written_first, *middle, *first) if written_first else (*first, *middle, *last)
    folded = {_folded(cell) for cell in cells}
    return Columns(
        ids=tuple(position for name in IDS for position in at.get(name, [])),
        name=tuple(whole or parts),
        canvas="student" in folded and bool(folded & {"id", "section", "sisuserid", "sisloginid"}),
    )


def joined_name(parts: Sequence[str]) -> str:
    """Return given names and family name as one, Chinese, Japanese and Korean ones family first, unspaced."""
    written = [part for part in parts if part]
    if len(written) > 1 and all(
        _EAST_ASIAN.match(unicodedata.name(letter, "")) for part in written for letter in part
    ):
        return "".join([written[-1], *written[:-1]])
    return " ".join(written)


def kind(heading: str) -> str | None:
    """Return what a column with this heading holds, or None if the heading is not known."""
    if len(heading) > LONGEST_HEADING:
        return None
    known = _kinds()
    return known.get(_folded(heading)) or known.get(_folded(_IN_BRACKETS.sub("", heading)))


@cache
def _kinds() -> dict[str, str]:
    text = Path(__file__).with_name("headings.txt").read_text(encoding="utf-8")
    lines = [line.partition(":") for line in text.splitlines() if line and not line.startswith("#")]
    known = {_folded(heading): name for name, _, headings in lines for heading in headings.split(";")}
    return {folded: name for folded, name in known.items() if folded}


def _folded(heading: str) -> str:
    """Return the letters and digits of a heading, without case and accents."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


_EAST_ASIAN = re.compile("CJK|HIRAGANA|KATAKANA|HANGUL")
_IN_BRACKETS = re.compile(r"\(.*?\)")
