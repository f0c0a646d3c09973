"""Cutting the PDF of a long run into one for each sheet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, Object, Page, Pdf, String

from ..errors import SymbackpropError
from .cutting import Run, SheetCopier
from .objects import plain
from .outlines import Bookmark, Place, destination, put_outlines
from .pdf_file import PdfFile


def split_pdf(
    pdf: bytes,
    page_counts: Sequence[int],
    titles: Sequence[str | None],
    keywords: Sequence[str] | None = None,
) -> list[bytes]:
    """Return a PDF for each run of pages, with what these pages need and nothing of the others.

    Each has a title of its own, the run's other properties, the links and bookmarks that lead to its own
    pages, and only the fonts, pictures and colours that its pages name. Links lead to places and not to
    names, Type 1 fonts hold the glyphs that are shown and no others, and all is named in the order in
    which it is used: a sheet's bytes are the same whatever else the run holds. Tags are left behind.

    Arguments:
        pdf: the whole.
        page_counts: how many pages each part has; they add up to the pages of the whole.
        titles: of each part; None for pages that nobody needs, whose part is empty.
        keywords: of each part; the run's if not given.

    Raises:
        SymbackpropError: this is no PDF, or the numbers do not fit it.
    """
    if len(page_counts) != len(titles):
        raise SymbackpropError(f"{len(titles)} titles for {len(page_counts)} parts; expected one for each")
    try:
        with pikepdf.open(io.BytesIO(pdf)) as whole:
            if sum(page_counts) != len(whole.pages) or min(page_counts, default=1) < 1:
                raise SymbackpropError(
                    f"the parts have {sum(page_counts)} pages in all; expected the {len(whole.pages)} of the "
                    "PDF, and at least one for each part"
                )
            run = _Run(whole)
            starts = [sum(page_counts[:index]) for index in range(len(page_counts))]
            parts = zip(starts, page_counts, titles, keywords or [""] * len(titles), strict=True)
            return [
                b"" if title is None else run.part(start, start + count, _properties(title, words))
                for start, count, title, words in parts
            ]
    except pikepdf.PdfError as error:
        raise SymbackpropError(f"this PDF cannot be split: {error}") from None


def _properties(title: str, keywords: str) -> dict[str, str]:
    return {"/Title": title, "/Keywords": keywords} if keywords else {"/Title": title}


class _Run:
    """A long PDF, with the places that its links and bookmarks lead to."""

    def __init__(self, whole: Pdf) -> None:
        self.run = Run(whole)
        self.pages: list[Page] = list(whole.pages)
        self._numbers = {page.obj.objgen: number for number, page in enumerate(self.pages)}
        self._named = self._named_places()
        self.bookmarks = list(self._bookmarks(whole.Root.get("/Outlines"), 0))

    def part(self, start: int, end: int, own: Mapping[str, str]) -> bytes:
        """Return the PDF of the pages from start up to end, with properties of its own."""
        part = PdfFile()
        root, properties, parent = part.reserve(), part.reserve(), part.reserve()
        numbers = [part.reserve() for _ in range(start, end)]
        copier = SheetCopier(part, self.run)
        for number, page in zip(numbers, self.pages[start:end], strict=True):
            entries = copier.page(page)
            links = [self._link(one, start, numbers) for one in page.obj.get("/Annots", Array())]
            there = [b"%d 0 R" % part.add(link) for link in links if link]
            annotations = b"/Annots[%s]" % b" ".join(there) if there else b""
            part.put(number, b"<<%s/Parent %d 0 R%s>>" % (entries, parent, annotations))
        copier.finish()
        kids = b" ".join(b"%d 0 R" % number for number in numbers)
        part.put(parent, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(numbers), kids))
        own_marks = [mark for mark in self.bookmarks if start <= mark.place.page < end]
        outlines = b"/Outlines %d 0 R" % put_outlines(part, own_marks, start, numbers) if own_marks else b""
        catalog = b"".join(
            b"%s %s" % (key.encode(), copier.copied(self.run.pdf.Root[key]))
            for key in ("/Lang", "/ViewerPreferences", "/PageMode", "/PageLayout")
            if key in self.run.pdf.Root
        )
        part.put(root, b"<</Type/Catalog/Pages %d 0 R%s%s>>" % (parent, catalog, outlines))
        said = {key: plain(value) for key, value in self.run.pdf.docinfo.items()}
        said |= {key: String(text) for key, text in own.items()}
        part.put(properties, Dictionary(said).unparse())
        return part.written(root, properties)

    def _link(self, annotation: Any, start: int, numbers: Sequence[int]) -> bytes:
        """Return a link as it is in a part, nothing if it is no link, or leads out of the part."""
        if annotation.get("/Subtype") != Name.Link:
            return b""
        link = plain(annotation)
        for key in ("/P", "/Parent", "/StructParent", "/A", "/Dest"):
            if key in link:
                del link[key]
        action = annotation.get("/A")
        if action is not None and action.get("/S") == Name.URI:
            link.A = plain(action)
            return bytes(link.unparse())
        place = self._target(annotation)
        if place is None or not start <= place.page < start + len(numbers):
            return b""
        text: bytes = link.unparse().rstrip()
        return text[:-2] + b"/Dest " + destination(place, start, numbers) + b">>"

    def _target(self, thing: Object) -> Place | None:
        """Return where a link or bookmark leads to, None if nowhere in this PDF."""
        action = thing.get("/A")
        target = thing.get("/Dest")
        if target is None and action is not None and action.get("/S") == Name.GoTo:
            target = action.get("/D")
        if isinstance(target, String | Name):
            return self._named.get(str(target).removeprefix("/"))
        return self._place(target)

    def _place(self, target: Object | None) -> Place | None:
        if isinstance(target, Dictionary):
            target = target.get("/D")
        if not isinstance(target, Array) or not len(target):
            return None
        page, *view = list(target)
        number = self._numbers.get(page.objgen) if isinstance(page, Dictionary) else None
        return None if number is None else Place(number, tuple(view))

    def _named_places(self) -> Mapping[str, Place]:
        found: dict[str, Object] = {}
        names = self.run.pdf.Root.get("/Names", Dictionary()).get("/Dests")
        if names is not None:
            found.update(NameTree(names).items())
        older = self.run.pdf.Root.get("/Dests", Dictionary())
        found.update({name.removeprefix("/"): target for name, target in older.items()})
        places = {name: self._place(target) for name, target in found.items()}
        return {name: place for name, place in places.items() if place is not None}

    def _bookmarks(self, parent: Object | None, level: int) -> Iterator[Bookmark]:
        item = None if parent is None else parent.get("/First")
        while item is not None:
            place = self._target(item)
            if place is not None:
                yield Bookmark(str(item.get("/Title", "")), place, level)
            yield from self._bookmarks(item, level + 1)
            item = item.get("/Next")
