"""PDF files written object by object: the same objects give the same bytes."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field

#: So many objects are packed into one stream at most, as readers unpack a stream for each of them.
_PACKED = 200

_FREE = (0, 0, 65535)


@dataclass
class PdfFile:
    """A PDF that is being written: its objects one after the other, and where they are.

    Objects that are no streams are packed and compressed together (PDF 1.5, object streams).
    """

    content: bytearray = field(default_factory=lambda: bytearray(b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"))
    last: int = 0
    _table: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _loose: list[tuple[int, bytes]] = field(default_factory=list)

    def copy(self) -> PdfFile:
        """Return a file that is written on by itself."""
        return PdfFile(bytearray(self.content), self.last, dict(self._table), list(self._loose))

    def reserve(self) -> int:
        """Return the number of an object that is put in place later."""
        self.last += 1
        return self.last

    def put(self, number: int, text: bytes) -> None:
        """Put an object that is no stream in the place of a number."""
        self._loose.append((number, text))

    def put_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Put a stream in the place of a number: the entries of its dictionary but /Length, and its data."""
        self._table[number] = (1, len(self.content), 0)
        self.content += b"%d 0 obj\n<<%s/Length %d>>\nstream\n" % (number, entries, len(data))
        self.content += data
        self.content += b"\nendstream\nendobj\n"

    def add(self, text: bytes) -> int:
        """Add an object that is no stream and return its number."""
        number = self.reserve()
        self.put(number, text)
        return number

    def add_stream(self, entries: bytes, data: bytes) -> int:
        """Add a stream and return its number."""
        number = self.reserve()
        self.put_stream(number, entries, data)
        return number

    def put_packed(self, number: int, data: bytes, entries: bytes = b"") -> None:
        """Put a stream in the place of a number, whose data are compressed."""
        self.put_stream(number, b"/Filter/FlateDecode" + entries, zlib.compress(data))

    def add_packed(self, data: bytes, entries: bytes = b"") -> int:
        """Add a stream whose data are compressed and return its number."""
        number = self.reserve()
        self.put_packed(number, data, entries)
        return number

    def pack(self, level: int = 6) -> None:
        """Write the objects that are no streams, apart from those that follow, compressed at a level."""
        loose, self._loose = self._loose, []
        for at in range(0, len(loose), _PACKED):
            several = loose[at : at + _PACKED]
            offsets, offset = [], 0
            for number, text in several:
                offsets.append(b"%d %d" % (number, offset))
                offset += len(text) + 1
            head = b" ".join(offsets) + b"\n"
            data = zlib.compress(head + b"\n".join([text for _, text in several]), level)
            entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(several), len(head))
            pack = self.add_stream(entries, data)
            self._table.update((number, (2, pack, place)) for place, (number, _) in enumerate(several))

    def written(self, root: int, properties: int) -> bytes:
        """Return the file, with a table of its objects (ISO 32000-1, 7.5.8).

        Arguments:
            root: the number of the catalog.
            properties: the number of the dictionary of title, keywords and so on.
        """
        self.pack()
        digest = hashlib.sha256(self.content).hexdigest()[:32].encode()
        own, start = self.reserve(), len(self.content)
        self._table[own] = (1, start, 0)
        rows = b"".join(
            [
                b"%c%b%b" % (kind, first.to_bytes(4, "big"), second.to_bytes(2, "big"))
                for kind, first, second in [self._table.get(number, _FREE) for number in range(own + 1)]
            ]
        )
        entries = (b"/Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]/Filter/FlateDecode") % (
            own + 1,
            root,
            properties,
            digest,
            digest,
        )
        self.put_stream(own, entries, zlib.compress(rows))
        self.content += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(self.content)
