"""Places in a PDF that links and bookmarks lead to, and the bookmarks of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pikepdf import Array, Object, String

from .objects import plain
from .pdf_file import PdfFile


@dataclass(frozen=True)
class Place:
    """A destination: which page, counted from 0, and what of it, such as `/XYZ 72 700 null`."""

    page: int
    view: tuple[Object, ...]


@dataclass(frozen=True)
class Bookmark:
    """A bookmark; those of a higher level stand below the one before them."""

    title: str
    place: Place
    level: int


@dataclass
class _Item:
    number: int
    mark: Bookmark
    items: list[_Item] = field(default_factory=list)


def destination(place: Place, start: int, numbers: Sequence[int]) -> bytes:
    """Return a destination as it stands in a file, whose first page is that one of the whole."""
    view = Array([plain(one) for one in place.view]).unparse().strip()[1:-1].strip()
    return b"[%d 0 R %s]" % (numbers[place.page - start], view)


def put_outlines(file: PdfFile, marks: Sequence[Bookmark], start: int, numbers: Sequence[int]) -> int:
    """Put bookmarks into a file and return the number of what all of them stand below.

    Arguments:
        file: the file.
        marks: the bookmarks, at least one; one whose parent is not among them moves up.
        start: which page of the whole the file begins with.
        numbers: of the objects of its pages.
    """
    top = file.reserve()
    first: list[_Item] = []
    above: list[tuple[int, list[_Item]]] = [(-1, first)]
    for mark in marks:
        while above[-1][0] >= mark.level:
            above.pop()
        item = _Item(file.reserve(), mark)
        above[-1][1].append(item)
        above.append((mark.level, item.items))

    def put(parent: int, items: list[_Item]) -> None:
        for place, item in enumerate(items):
            text = b"/Title %s/Parent %d 0 R/Dest %s" % (
                String(item.mark.title).unparse(),
                parent,
                destination(item.mark.place, start, numbers),
            )
            if place:
                text += b"/Prev %d 0 R" % items[place - 1].number
            if item is not items[-1]:
                text += b"/Next %d 0 R" % items[place + 1].number
            file.put(item.number, b"<<%s%s>>" % (text, _below(item.items)))
            put(item.number, item.items)

    file.put(top, b"<</Type/Outlines%s>>" % _below(first))
    put(top, first)
    return top


def _below(items: Sequence[_Item]) -> bytes:
    if not items:
        return b""
    return b"/First %d 0 R/Last %d 0 R/Count %d" % (items[0].number, items[-1].number, _count(items))


def _count(items: Sequence[_Item]) -> int:
    return sum(1 + _count(item.items) for item in items)
