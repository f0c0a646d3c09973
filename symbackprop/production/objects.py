"""Objects of a PDF that is read, as they stand in a file that is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pikepdf import Array, Object, Pdf, Stream

#: 1980-01-01, the date of every PDF, so that the same pages give the same bytes.
DATE = "D:19800101000000Z"

#: What a page keeps besides its size, its contents and their resources.
KEPT = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit", "/Group")

#: A reference to another object; a string is matched too, so that what it says is never taken for one
_REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*\)|\b(\d+) (\d+) R\b", re.DOTALL)


def object_text(thing: Object) -> bytes:
    """Return an object as it stands in a file; of a stream its dictionary."""
    return (thing.stream_dict if isinstance(thing, Stream) else thing).unparse(resolved=True)


def stream_entries(stream: Stream) -> bytes:
    """Return the entries of a stream's dictionary but its length."""
    entries = ((key, value) for key, value in stream.stream_dict.items() if key != "/Length")
    return b"".join(b"%s %s" % (key.encode(), value_text(value)) for key, value in entries)


def value_text(value: Any) -> bytes:
    """Return an entry of a dictionary as it stands in a file; pikepdf gives numbers and truth as Python's."""
    return value.unparse() if isinstance(value, Object) else Array([value]).unparse()[1:-1].strip()


def referring(text: bytes, to: Callable[[int, int], bytes]) -> bytes:
    """Return an object's text with other references in the place of its own, by number and generation."""
    if b" R" not in text:
        return text
    return _REFERENCE.sub(lambda match: to(int(match[1]), int(match[2])) if match[1] else match[0], text)


def with_copies(text: bytes, source: Pdf, number_of: Callable[[Object], int]) -> bytes:
    """Return the text of a PDF's object with references to copies in the place of those to its objects."""

    def copy_of(number: int, generation: int) -> bytes:
        target = source.get_object(number, generation)
        return b"null" if target is None else b"%d 0 R" % number_of(target)

    return referring(text, copy_of)


def plain(value: Any) -> Any:
    """Return a copy of a value that stands for itself; what it refers to becomes null."""
    if not isinstance(value, Object):
        return value
    return Object.parse(referring(value.unparse(resolved=True), lambda *_: b"null"))


def text_string(text: str) -> bytes:
    """Return a text as a string of a PDF."""
    if text.isascii() and text.isprintable():
        return b"(%s)" % re.sub(rb"([\\()])", rb"\\\1", text.encode())
    return b"<feff%s>" % text.encode("utf-16-be").hex().encode()
