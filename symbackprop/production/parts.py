"""PDFs as parts of a larger one: their pages, and the objects that these refer to, as bytes."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple, Protocol

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from .objects import KEPT, object_text, plain, referring, stream_entries

#: The number of an object and its generation.
There = tuple[int, int]


class Held(NamedTuple):
    """An object as it stands in the file; of a stream its data, and of its dictionary all but the length."""

    text: bytes
    data: bytes | None = None


class PartPage(NamedTuple):
    """A page: what says how large it is, its resources as they stand in the file, its streams."""

    shape: bytes
    resources: bytes
    contents: tuple[There, ...]


class Part(Protocol):
    """A PDF that is read."""

    @property
    def language(self) -> str:
        """The language of its text, "" if that is not known."""

    def pages(self) -> list[PartPage]:
        """Return its pages."""

    def get(self, there: There) -> Held | None:
        """Return an object, None for one that is not there."""


@contextmanager
def opened(data: bytes) -> Iterator[Part]:
    """Open a PDF. What this package has written is read without taking objects apart, which is quick.

    Raises:
        pikepdf.PdfError: it is none.
    """
    own = _own(data)
    if own is not None:
        yield own
        return
    with pikepdf.open(io.BytesIO(data)) as source:
        yield _AnyPart(source)


class _AnyPart:
    """A PDF that anybody may have written."""

    def __init__(self, source: Pdf) -> None:
        self.source = source

    @property
    def language(self) -> str:
        return str(self.source.Root.get("/Lang", ""))

    def pages(self) -> list[PartPage]:
        found = []
        for page in self.source.pages:
            contents = page.obj.get("/Contents")
            streams = list(contents) if isinstance(contents, Array) else [contents]
            there = tuple(one.objgen for one in streams if isinstance(one, Stream))
            found.append(PartPage(_shape(page.obj, page.mediabox), _reference_or_text(page.resources), there))
        return found

    def get(self, there: There) -> Held | None:
        thing = self.source.get_object(*there)
        if isinstance(thing, Stream):
            return Held(stream_entries(thing), thing.read_raw_bytes())
        return None if thing is None else Held(object_text(thing))


def _reference_or_text(thing: Object) -> bytes:
    return b"%d %d R" % thing.objgen if thing.is_indirect else object_text(thing)


def _shape(page: Object, box: Object) -> bytes:
    kept = [(key, page[key]) for key in KEPT if key in page]
    shape: bytes = b"/MediaBox" + plain(box).unparse()
    return shape + b"".join(b"%s %s" % (key.encode(), plain(value).unparse()) for key, value in kept)


# --- what `PdfFile` has written -----------------------------------------------------------------------

_START = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_TABLE = re.compile(
    rb"\d+ 0 obj\n<</Type/XRef/Size \d+/W\[1 4 2\]/Root (?P<root>\d+) 0 R/Info \d+ 0 R"
    rb"/ID\[<[0-9a-f]+><[0-9a-f]+>\]/Filter/FlateDecode/Length (?P<length>\d+)>>\nstream\n"
)
_STREAM = re.compile(rb"\d+ 0 obj\n<<(?P<entries>.*?)/Length (?P<length>\d+)>>\nstream\n", re.DOTALL)
_ROW = 7
#: A reference, where a text is taken apart that stands for itself.
_NAMED = re.compile(rb"/Ref-(\d+)-(\d+)")


class _OwnPart:
    """A PDF as `PdfFile` writes it: objects are found by its table, and cut out."""

    def __init__(self, data: bytes, table: bytes, root: int) -> None:
        self.data, self.table = data, table
        self._packs: dict[int, list[bytes]] = {}
        catalog = _catalog(self._text((root, 0)))
        self.language = catalog.language
        self._pages = list(self._below(catalog.pages))

    def pages(self) -> list[PartPage]:
        return self._pages

    def _below(self, there: There) -> Iterator[PartPage]:
        node = _node(self._text(there))
        if isinstance(node, PartPage):
            yield node
            return
        for kid in node:
            yield from self._below(kid)

    def _text(self, there: There) -> bytes:
        held = self.get(there)
        if held is None or held.data is not None:
            raise ValueError("no dictionary")
        return held.text

    def get(self, there: There) -> Held | None:
        """Return an object, None for one that is not there.

        Raises:
            pikepdf.PdfError: what stands in its place is no object.
        """
        row = self.table[_ROW * there[0] : _ROW * there[0] + _ROW]
        first, second = int.from_bytes(row[1:5], "big"), int.from_bytes(row[5:7], "big")
        if not row or row[0] == 0 or there[1]:
            return None
        try:
            return self._stream(first) if row[0] == 1 else Held(self._pack(first)[second])
        except (ValueError, IndexError, zlib.error) as error:
            raise pikepdf.PdfError(f"object {there[0]} cannot be read: {error}") from None

    def _stream(self, at: int) -> Held:
        match = _STREAM.match(self.data, at)
        if match is None:
            raise ValueError("there is no stream")
        return Held(match["entries"], self.data[match.end() : match.end() + int(match["length"])])

    def _pack(self, number: int) -> list[bytes]:
        if number not in self._packs:
            held = self.get((number, 0))
            if held is None or held.data is None:
                raise ValueError("there is no pack")
            self._packs[number] = _unpacked(held.text, held.data)
        return self._packs[number]


def _own(data: bytes) -> _OwnPart | None:
    """Return a PDF if `PdfFile` has written it, and its pages are as it writes them."""
    start = _START.search(data, max(0, len(data) - 64))
    table = _TABLE.match(data, int(start[1])) if start else None
    if table is None:
        return None
    rows = data[table.end() : table.end() + int(table["length"])]
    try:
        return _OwnPart(data, zlib.decompress(rows), int(table["root"]))
    except (zlib.error, ValueError, KeyError, AttributeError, pikepdf.PdfError):
        return None


@lru_cache(maxsize=64)  # papers of a class have most in common
def _unpacked(entries: bytes, data: bytes) -> list[bytes]:
    """Return the objects of a pack."""
    count, first = (int(number) for number in re.findall(rb"/(?:N|First) (\d+)", entries))
    plain_text = zlib.decompress(data)
    offsets = [int(number) for number in plain_text[:first].split()[1::2]]
    ends = [*(offset - 1 for offset in offsets[1:]), len(plain_text) - first]
    if len(offsets) != count:
        raise ValueError("a pack lacks objects")
    return [plain_text[first + at : first + end] for at, end in zip(offsets, ends, strict=True)]


class _Catalog(NamedTuple):
    pages: There
    language: str


@lru_cache(maxsize=16)
def _catalog(text: bytes) -> _Catalog:
    catalog = _parsed(text)
    return _Catalog(_there(catalog.Pages), str(catalog.get("/Lang", "")))


@lru_cache(maxsize=256)
def _node(text: bytes) -> PartPage | tuple[There, ...]:
    """Return a page, or what is below a node of the tree of pages."""
    node = _parsed(text)
    if node.Type == Name.Pages:
        return tuple(map(_there, node.Kids))
    contents = node.Contents if isinstance(node.Contents, Array) else [node.Contents]
    resources = _NAMED.sub(rb"\1 \2 R", node.Resources.unparse())
    shape = _NAMED.sub(b"null", _shape(node, node.MediaBox))
    return PartPage(shape, resources, tuple(map(_there, contents)))


def _parsed(text: bytes) -> Object:
    """Return a dictionary; references in it are names that say where."""
    found = Object.parse(referring(text, lambda number, generation: b"/Ref-%d-%d" % (number, generation)))
    if not isinstance(found, Dictionary):
        raise ValueError("no dictionary")
    return found


def _there(name: Object) -> There:
    match = _NAMED.fullmatch(str(name).encode())
    if match is None:
        raise ValueError("no reference")
    return int(match[1]), int(match[2])
