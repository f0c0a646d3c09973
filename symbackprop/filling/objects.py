"""Objects of a PDF as they stand in a file, and files written of them."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pikepdf import Object, Stream

#: A reference to another object; a string is matched too, so that what it says is never taken for one.
_REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*\)|\b(\d+) 0 R\b", re.DOTALL)

HEADER = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"

#: What the table of a file says of an object: its kind (1 by itself, 2 in a stream of objects) and place.
Entry = tuple[int, int, int]


def object_text(thing: Object) -> bytes:
    """Return an object as it stands in a file; of a stream its dictionary."""
    return (thing.stream_dict if isinstance(thing, Stream) else thing).unparse(resolved=True)


def referring(text: bytes, to: Callable[[int], bytes]) -> bytes:
    """Return an object's text with other references in the place of its own."""
    if b" R" not in text:
        return text
    return _REFERENCE.sub(lambda match: to(int(match[1])) if match[1] else match[0], text)


def stream_text(dictionary: bytes, data: bytes) -> bytes:
    """Return a stream as it stands in a file; its dictionary says how long it is."""
    return b"%s\nstream\n%s\nendstream" % (dictionary, data)


@dataclass
class FileBody:
    """The part of a PDF before its table: objects one after the other, and where they are."""

    content: bytearray = field(default_factory=lambda: bytearray(HEADER))
    table: dict[int, Entry] = field(default_factory=dict)
    last: int = 0

    def copy(self) -> FileBody:
        """Return a body that can be written on."""
        return FileBody(bytearray(self.content), dict(self.table), self.last)

    def reserve(self) -> int:
        """Return the number of a new object."""
        self.last += 1
        return self.last

    def put(self, number: int, text: bytes) -> None:
        """Write an object."""
        self.table[number] = (1, len(self.content), 0)
        self.content += b"%d 0 obj\n%s\nendobj\n" % (number, text)

    def put_stream(self, number: int, data: bytes) -> None:
        """Write a compressed stream."""
        self.put(number, stream_text(b"<</Filter/FlateDecode/Length %d>>" % len(data), data))

    def pack(self, objects: Sequence[tuple[int, bytes]], level: int) -> None:
        """Write objects that are no streams into a stream, compressed."""
        if not objects:
            return
        offsets, offset = [], 0
        for number, text in objects:
            offsets.append(b"%d %d" % (number, offset))
            offset += len(text) + 1
        head = b" ".join(offsets) + b"\n"
        data = zlib.compress(head + b"\n".join([text for _, text in objects]), level)
        pack = self.reserve()
        entries = b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>"
        self.put(pack, stream_text(entries % (len(objects), len(head), len(data)), data))
        self.table.update((number, (2, pack, place)) for place, (number, _) in enumerate(objects))

    def finished(self, catalog: int, properties: int) -> bytes:
        """Return the file, with a table of its objects (ISO 32000-1, 7.5.8)."""
        own = self.reserve()
        start = len(self.content)
        self.table[own] = (1, start, 0)
        free = (0, 0, 65535)
        rows = b"".join(
            [
                kind.to_bytes(1, "big") + first.to_bytes(4, "big") + second.to_bytes(2, "big")
                for kind, first, second in (self.table.get(number, free) for number in range(own + 1))
            ]
        )
        digest = hashlib.sha256(self.content).hexdigest()[:32].encode()
        data = zlib.compress(rows, 1)
        entries = (
            b"<</Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]"
            b"/Filter/FlateDecode/Length %d>>"
        ) % (own + 1, catalog, properties, digest, digest, len(data))
        self.put(own, stream_text(entries, data))
        self.content += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(self.content)
