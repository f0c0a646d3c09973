"""Joining PDFs into one to print."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from pikepdf import Array, Name, Object, Page, Pdf, Stream

from ..errors import SymbackpropError
from .objects import DATE, KEPT, object_text, plain, stream_entries, text_string, with_copies
from .outlines import Bookmark, Place, put_outlines
from .pdf_file import PdfFile


def join_pdfs(parts: Iterable[tuple[str, bytes | Path]], *, even: bool, title: str) -> bytes:
    """Return one PDF of several, for printing: with a bookmark for each, what is the same but once.

    Tags and links are left behind, as paper has neither. The same parts give the same bytes.

    Arguments:
        parts: the bookmark of each part, and its PDF or where that is. They are read one after the other,
            and only what is new of each is kept.
        even: end a part of an odd number of pages with an empty page of the same size, so that no sheet of
            paper printed on both sides belongs to two students. Printers are told to print on both sides.
        title: of the whole.

    Raises:
        SymbackpropError: there is no part, or one of them is no PDF.
    """
    joiner = _Joiner()
    for name, content in parts:
        try:
            data = content.read_bytes() if isinstance(content, Path) else content
            with pikepdf.open(io.BytesIO(data)) as part:
                pages = joiner.add(name, part, even)
        except (pikepdf.PdfError, OSError) as error:
            raise SymbackpropError(f"{name}: this PDF cannot be joined: {error}") from None
        if not pages:
            raise SymbackpropError(f"{name}: this PDF cannot be joined: it has no page")
    if not joiner.marks:
        raise SymbackpropError("there is nothing to join; expected at least one PDF")
    return joiner.written(title, even)


@dataclass
class _Joiner:
    """The whole as it is written; known: the numbers of its objects, by what they hold."""

    file: PdfFile = field(default_factory=PdfFile)
    pages: list[int] = field(default_factory=list)
    marks: list[Bookmark] = field(default_factory=list)
    language: str = ""
    known: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reserve what pages refer to."""
        self.parent = self.file.reserve()

    def add(self, name: str, part: Pdf, even: bool) -> int:
        """Add the pages of a PDF, and return how many it has."""
        copier = _Copier(part, self)
        start, count = len(self.pages), len(part.pages)
        shape = b""
        for page in part.pages:
            shape, content = copier.page(page)
            self._add(shape + content)
        if even and count % 2:
            self._add(shape + b"/Resources<<>>")
        self.marks.append(Bookmark(name, Place(start, (Name.Fit,)), 0))
        self.language = self.language or str(part.Root.get("/Lang", ""))
        return count

    def _add(self, entries: bytes) -> None:
        self.pages.append(self.file.add(b"<</Type/Page/Parent %d 0 R%s>>" % (self.parent, entries)))

    def written(self, title: str, even: bool) -> bytes:
        """Return the file."""
        file = self.file
        kids = b" ".join(b"%d 0 R" % number for number in self.pages)
        file.put(self.parent, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self.pages), kids))
        outlines = put_outlines(file, self.marks, 0, self.pages)
        duplex = b"/Duplex/DuplexFlipLongEdge" if even else b""
        language = b"/Lang" + text_string(self.language) if self.language else b""
        root = file.add(
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/PageMode/UseOutlines%s"
            b"/ViewerPreferences<</DisplayDocTitle true%s>>>>" % (self.parent, outlines, language, duplex)
        )
        date = text_string(DATE)
        properties = file.add(
            b"<</Title%s/Creator(symbackprop)/CreationDate%s/ModDate%s>>" % (text_string(title), date, date)
        )
        return file.written(root, properties)


@dataclass
class _Copier:
    """Copies from one PDF what its pages show."""

    source: Pdf
    into: _Joiner
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    _begun: set[tuple[int, int]] = field(default_factory=set)

    def page(self, page: Page) -> tuple[bytes, bytes]:
        """Return the entries of a page: how large it is, and what it shows."""
        kept = [(key, page.obj[key]) for key in KEPT if key in page.obj]
        shape = b"/MediaBox" + plain(page.mediabox).unparse()
        shape += b"".join(b"%s %s" % (key.encode(), plain(value).unparse()) for key, value in kept)
        contents = page.obj.get("/Contents")
        streams = list(contents) if isinstance(contents, Array) else [contents]
        shown = b" ".join(b"%d 0 R" % self._number(one) for one in streams if isinstance(one, Stream))
        return shape, b"/Resources %s/Contents[%s]" % (self._value(page.resources), shown)

    def _value(self, thing: Object) -> bytes:
        return b"%d 0 R" % self._number(thing) if thing.is_indirect else self._local(object_text(thing))

    def _local(self, text: bytes) -> bytes:
        return with_copies(text, self.source, self._number)

    def _number(self, thing: Object) -> int:
        """Return the number of an object in the whole: one that holds the same is there once."""
        there = thing.objgen
        if there in self.numbers:
            return self.numbers[there]
        file, known = self.into.file, self.into.known
        if there in self._begun:  # it refers to itself in the end: then it is copied as it is
            number = self.numbers[there] = file.reserve()
            return number
        self._begun.add(there)
        if isinstance(thing, Stream):
            text, data = self._local(stream_entries(thing)), thing.read_raw_bytes()
            key = hashlib.sha256(b"%d %s%s" % (len(text), text, data)).digest()
        else:
            text, data = self._local(object_text(thing)), None
            key = text
        if there in self.numbers:
            known[key] = self.numbers[there]
            if data is None:
                file.put(known[key], text)
            else:
                file.put_stream(known[key], text, data)
        elif key not in known:
            known[key] = file.add(text) if data is None else file.add_stream(text, data)
        self.numbers[there] = known[key]
        return known[key]
