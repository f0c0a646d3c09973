"""PDF files written object by object: the same objects give the same bytes."""

from __future__ import annotations

import hashlib
import zlib

#: So many objects are packed into one stream at most, as readers unpack a stream for each of them.
_PACKED = 200


class PdfFile:
    """The objects of a PDF that is being written, as they stand in the file.

    Objects that are no streams are packed and compressed together (PDF 1.5, object streams).
    """

    def __init__(self) -> None:
        """Begin without objects."""
        self._plain: dict[int, bytes] = {}
        self._streams: dict[int, tuple[bytes, bytes]] = {}
        self._last = 0

    def reserve(self) -> int:
        """Return the number of an object that is put in place later."""
        self._last += 1
        return self._last

    def put(self, number: int, text: bytes) -> None:
        """Put an object in the place of a number."""
        self._plain[number] = text

    def put_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Put a stream in the place of a number: the entries of its dictionary but /Length, and its data."""
        self._streams[number] = entries, data

    def add(self, text: bytes) -> int:
        """Add an object and return its number."""
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

    def written(self, root: int, properties: int) -> bytes:
        """Return the file.

        Arguments:
            root: the number of the catalog.
            properties: the number of the dictionary of title, keywords and so on.
        """
        packs = self._pack()
        out = bytearray(b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n")
        places: dict[int, int] = {}
        for number, (entries, data) in self._streams.items():
            places[number] = len(out)
            out += b"%d 0 obj\n<<%s/Length %d>>\nstream\n" % (number, entries, len(data))
            out += data
            out += b"\nendstream\nendobj\n"
        table, size, start = bytearray(), self._last + 2, len(out)
        for number in range(size):
            if number == 0:
                table += _entry(0, 0, 65535)
            elif number in packs:
                table += _entry(2, *packs[number])
            else:
                table += _entry(1, places.get(number, start), 0)
        digest = hashlib.sha256(out).hexdigest()[:32].encode()
        data = zlib.compress(table)
        out += (
            b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]"
            b"/Filter/FlateDecode/Length %d>>\nstream\n"
        ) % (size - 1, size, root, properties, digest, digest, len(data))
        out += data
        out += b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
        return bytes(out)

    def _pack(self) -> dict[int, tuple[int, int]]:
        """Pack what is no stream; return in which stream each object stands, and at which place."""
        found: dict[int, tuple[int, int]] = {}
        numbers = list(self._plain)
        for at in range(0, len(numbers), _PACKED):
            several = numbers[at : at + _PACKED]
            texts = [self._plain[number] for number in several]
            offsets, offset = [], 0
            for number, text in zip(several, texts, strict=True):
                offsets.append(b"%d %d" % (number, offset))
                offset += len(text) + 1
            head = b" ".join(offsets) + b"\n"
            entries = b"/Type/ObjStm/N %d/First %d" % (len(several), len(head))
            pack = self.add_packed(head + b"\n".join(texts), entries)
            found.update((number, (pack, place)) for place, number in enumerate(several))
        return found


def _entry(kind: int, first: int, second: int) -> bytes:
    return bytes([kind]) + first.to_bytes(4, "big") + second.to_bytes(2, "big")
