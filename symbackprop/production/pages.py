"""Pages copied from one PDF into another: what they show, and the fonts and pictures they need."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

#: 1980-01-01, the date of every PDF, so that the same pages give the same bytes.
DATE = "D:19800101000000Z"

#: What a page keeps besides its size, its contents and their resources.
KEPT = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit", "/Group")
#: A reference to another object; a string is matched too, so that what it says is never taken for one
REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*\)|\b(\d+) (\d+) R\b", re.DOTALL)


class PageCopier:
    """Copies pages into a PDF; fonts, pictures and colour spaces that are the same are copied once.

    Left behind are tags, links, notes and named destinations, which are of a document and not of a page.
    """

    def __init__(self, into: Pdf) -> None:
        """Copy into this PDF."""
        self.into = into
        self._sources: dict[int, Pdf] = {}
        self._copied: dict[bytes, Object] = {}

    def copy(self, source: Source, page: Page) -> Object:
        """Return a copy of a page, not in the order of pages yet."""
        copy = Dictionary(Type=Name.Page, MediaBox=plain(page.mediabox))
        for key in KEPT:
            if key in page.obj:
                copy[key] = self._transferred(source, page.obj[key])
        copy.Resources = self._resources(source, page.resources)
        contents = page.obj.get("/Contents")
        if isinstance(contents, Stream):
            copy.Contents = self._content(source, contents)
        elif isinstance(contents, Array):
            copy.Contents = Array([self._content(source, part) for part in contents])
        return self.into.make_indirect(copy)

    def blank(self, like: Object) -> Object:
        """Return an empty page of the size of another one in this PDF."""
        blank = Dictionary(Type=Name.Page, Resources=Dictionary())
        for key in ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit"):
            if key in like:
                blank[key] = plain(like[key])
        return self.into.make_indirect(blank)

    def _resources(self, source: Source, resources: Object) -> Object:
        known = source.resources.get(resources.objgen)
        if known is not None and resources.is_indirect:
            return known
        copy = Dictionary()
        for kind, entries in resources.items():
            if isinstance(entries, Dictionary):  # all but the outdated list of procedure sets
                copy[kind] = Dictionary(
                    {name: self._shared(source, entry) for name, entry in entries.items()}
                )
        return source.resources.setdefault(resources.objgen, self.into.make_indirect(copy))

    def _shared(self, source: Source, entry: Object) -> Object:
        key = source.key(entry)
        if key not in self._copied:
            self._copied[key] = self._transferred(source, entry)
        return self._copied[key]

    def _transferred(self, source: Source, value: Any) -> Any:
        if not isinstance(value, Object):
            return value
        self._sources[id(source.pdf)] = source.pdf  # what is copied is read from it when the copy is written
        return self.into.copy_foreign(value if value.is_indirect else source.pdf.make_indirect(value))

    def _content(self, source: Source, content: Object) -> Object:
        """Return a copy of a content stream that does not keep its source in memory."""
        copy = Stream(self.into, content.read_raw_bytes())
        for key in ("/Filter", "/DecodeParms"):
            if key in content:
                copy[key] = plain(content[key])
        return copy


class Source:
    """A PDF that pages are copied from, and how its objects are told apart."""

    def __init__(self, pdf: Pdf, by_content: bool) -> None:
        """Take a PDF.

        Arguments:
            pdf: the PDF.
            by_content: tell objects apart by what they hold, so that they are known again in another PDF;
                otherwise by their numbers, which costs nothing.
        """
        self.pdf = pdf
        self.key: Callable[[Object], bytes] = self._digest if by_content else self._number
        self.resources: dict[tuple[int, int], Object] = {}
        self._digests: dict[tuple[int, int], bytes] = {}

    def _number(self, thing: Object) -> bytes:
        return b"%d %d" % thing.objgen if thing.is_indirect else self._digest(thing)

    def _digest(self, thing: Object) -> bytes:
        """Return the SHA-256 of an object and all that it refers to; numbers of objects play no part."""
        number = thing.objgen
        if thing.is_indirect:
            if number in self._digests:
                return self._digests[number]
            self._digests[number] = b"round"  # for one that refers to itself
        text = _text(thing)
        digest = hashlib.sha256(REFERENCE.sub(self._referred, text) if b" R" in text else text)
        if isinstance(thing, Stream):
            digest.update(thing.read_raw_bytes())
        found = digest.hexdigest().encode()
        if thing.is_indirect:
            self._digests[number] = found
        return found

    def _referred(self, match: re.Match[bytes]) -> bytes:
        if not match[1]:
            return match[0]
        return self._digest(self.pdf.get_object(int(match[1]), int(match[2])))


def _text(thing: Object) -> bytes:
    """Return an object as it is written in a file, a stream without its content."""
    return (thing.stream_dict if isinstance(thing, Stream) else thing).unparse(resolved=True)


def plain(value: Any) -> Any:
    """Return a copy of a value that stands for itself; what it refers to becomes null."""
    if not isinstance(value, Object):
        return value
    return Object.parse(
        REFERENCE.sub(lambda match: b"null" if match[1] else match[0], value.unparse(resolved=True))
    )


def finished(pdf: Pdf) -> bytes:
    """Return the bytes of a PDF, the same for the same pages: its identifier is made of what it holds."""
    stream = io.BytesIO()
    pdf.save(
        stream,
        min_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return stream.getvalue()
