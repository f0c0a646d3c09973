"""Objects of a PDF that is read, as they stand in a file that is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pikepdf import Object, Stream

#: 1980-01-01, the date of every PDF, so that the same pages give the same bytes.
DATE = "D:19800101000000Z"

#: What a page keeps besides its size, its contents and their resources.
KEPT = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit", "/Group")

#: A reference to another object; a string is matched too, so that what it says is never taken for one
REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*\)|\b(\d+) (\d+) R\b", re.DOTALL)


def object_text(thing: Object) -> bytes:
    """Return an object as it stands in a file; of a stream its dictionary."""
    return (thing.stream_dict if isinstance(thing, Stream) else thing).unparse(resolved=True)


def stream_entries(stream: Stream) -> bytes:
    """Return the entries of a stream's dictionary but its length."""
    entries = ((key, value) for key, value in stream.stream_dict.items() if key != "/Length")
    return b"".join(b"%s %s" % (key.encode(), _value(value)) for key, value in entries)


def _value(value: Any) -> bytes:
    return value.unparse() if isinstance(value, Object) else str(value).encode()


def referring(text: bytes, to: Callable[[int, int], bytes]) -> bytes:
    """Return an object's text with other references in the place of its own, by number and generation."""
    if b" R" not in text:
        return text
    return REFERENCE.sub(lambda match: to(int(match[1]), int(match[2])) if match[1] else match[0], text)


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
