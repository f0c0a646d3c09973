"""Joining PDFs into one to print."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import Name

from ..errors import SymbackpropError
from .objects import DATE, referring, text_string
from .outlines import Bookmark, Place, put_outlines
from .parts import Held, Part, PartPage, There, opened
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
            with opened(data) as part:
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
    """The whole as it is written.

    known: the numbers of its objects, by what they hold. former: what was copied last from each place of a
    part. Papers of a class have the same at the same places, which is seen at once.
    """

    file: PdfFile = field(default_factory=PdfFile)
    pages: list[int] = field(default_factory=list)
    marks: list[Bookmark] = field(default_factory=list)
    language: str = ""
    known: dict[bytes, int] = field(default_factory=dict)
    former: dict[There, _Copied] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reserve what pages refer to."""
        self.parent = self.file.reserve()

    def add(self, name: str, part: Part, even: bool) -> int:
        """Add the pages of a PDF, and return how many it has."""
        copier, pages = _Copier(part, self), part.pages()
        start, count = len(self.pages), len(pages)
        for page in pages:
            self._add(page.shape + copier.entries(page))
        if even and count % 2:
            self._add(pages[-1].shape + b"/Resources<<>>")
        self.marks.append(Bookmark(name, Place(start, (Name.Fit,)), 0))
        self.language = self.language or part.language
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


class _Copied(NamedTuple):
    """An object of a part, its number in the whole, and the numbers of what it refers to in both."""

    held: Held
    number: int
    uses: tuple[tuple[There, int], ...]


@dataclass
class _Copier:
    """Copies from one PDF what its pages show."""

    part: Part
    into: _Joiner
    numbers: dict[There, int] = field(default_factory=dict)
    _begun: set[There] = field(default_factory=set)

    def entries(self, page: PartPage) -> bytes:
        """Return the entries of a page besides its shape."""
        shown = b" ".join(filter(None, map(self._reference, page.contents)))
        return b"/Resources %s/Contents[%s]" % (self._local(page.resources), shown)

    def _local(self, text: bytes) -> bytes:
        return referring(text, lambda *there: self._reference(there) or b"null")

    def _reference(self, there: There) -> bytes:
        """Return a reference to the copy of an object, nothing if there is no such object."""
        number = self._number(there)
        return b"" if number is None else b"%d 0 R" % number

    def _number(self, there: There) -> int | None:
        """Return the number of an object in the whole: one that holds the same is there once."""
        if there in self.numbers:
            return self.numbers[there]
        held = self.part.get(there)
        if held is None:
            return None
        if there in self._begun:  # it refers to itself in the end: then it is copied as it is
            self.numbers[there] = self.into.file.reserve()
            return self.numbers[there]
        self._begun.add(there)
        former = self.into.former.get(there)
        if former is None or former.held != held or not self._uses_the_same(former):
            former = self.into.former[there] = self._copied(there, held)
        self.numbers[there] = former.number
        return former.number

    def _uses_the_same(self, former: _Copied) -> bool:
        return all(self._number(other) == number for other, number in former.uses)

    def _copied(self, there: There, held: Held) -> _Copied:
        uses: dict[There, int] = {}

        def reference(*other: int) -> bytes:
            number = self._number((other[0], other[1]))
            if number is None:
                return b"null"
            uses[other[0], other[1]] = number
            return b"%d 0 R" % number

        file, known = self.into.file, self.into.known
        text = referring(held.text, reference)
        data = held.data
        key = text if data is None else hashlib.sha256(b"%d %s%s" % (len(text), text, data)).digest()
        number = self.numbers.get(there) or known.get(key)
        if number is None or there in self.numbers:
            number = number or file.reserve()
            if data is None:
                file.put(number, text)
            else:
                file.put_stream(number, text, data)
            known[key] = number
        return _Copied(held, number, tuple(uses.items()))
