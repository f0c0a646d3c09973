"""Cutting the PDF of a long run into one for each sheet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, Object, OutlineItem, Page, Pdf, String

from ..errors import SymbackpropError
from .pages import PageCopier, Source, finished, plain


@dataclass(frozen=True)
class _Place:
    """A destination: which page, counted from 0, and what of it, such as `/XYZ 72 700 null`."""

    page: int
    view: tuple[Object, ...]


@dataclass(frozen=True)
class _Bookmark:
    title: str
    place: _Place
    level: int


def split_pdf(pdf: bytes, page_counts: Sequence[int], titles: Sequence[str]) -> list[bytes]:
    """Return a PDF for each run of pages, with what these pages need and nothing of the others.

    Each has a title of its own, the run's other properties, the links and bookmarks that lead to its own
    pages, and only the fonts, pictures and colours that its pages name. Links lead to places and not to
    names, so a sheet's bytes are the same wherever in a run it stood, as long as its pages are. The same PDF
    gives the same bytes. Tags are left behind.

    Arguments:
        pdf: the whole.
        page_counts: how many pages each part has; they add up to the pages of the whole.
        titles: of each part.

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
            return [
                run.part(start, start + count, title)
                for start, count, title in zip(starts, page_counts, titles, strict=True)
            ]
    except pikepdf.PdfError as error:
        raise SymbackpropError(f"this PDF cannot be split: {error}") from None


class _Run:
    """A long PDF, with the places that its links and bookmarks lead to."""

    def __init__(self, whole: Pdf) -> None:
        self.whole = whole
        self.pages: list[Page] = list(whole.pages)
        self._numbers = {page.obj.objgen: number for number, page in enumerate(self.pages)}
        self._named = self._named_places()
        self.bookmarks = list(self._bookmarks(whole.Root.get("/Outlines"), 0))

    def part(self, start: int, end: int, title: str) -> bytes:
        """Return the PDF of the pages from start up to end."""
        with Pdf.new() as part:
            copier, source = PageCopier(part), Source(self.whole, by_content=False)
            copies = [copier.copy(source, page) for page in self.pages[start:end]]
            for copy in copies:
                part.pages.append(Page(copy))
            for copy, page in zip(copies, self.pages[start:end], strict=True):
                links = [
                    link
                    for annotation in page.obj.get("/Annots", Array())
                    if (link := self._link(annotation, start, copies)) is not None
                ]
                if links:
                    copy.Annots = Array([part.make_indirect(link) for link in links])
            self._add_bookmarks(part, start, copies)
            for key in ("/Lang", "/ViewerPreferences", "/PageMode", "/PageLayout"):
                if key in self.whole.Root:
                    part.Root[key] = plain(self.whole.Root[key])
            properties = {key: plain(value) for key, value in self.whole.docinfo.items()}
            part.docinfo = part.make_indirect(Dictionary({**properties, "/Title": String(title)}))
            return finished(part)

    def _link(self, annotation: Any, start: int, copies: Sequence[Object]) -> Any:
        """Return a link as it is in a part, or None if it is no link, or leads out of the part."""
        if annotation.get("/Subtype") != Name.Link:
            return None
        link = plain(annotation)
        for key in ("/P", "/Parent", "/StructParent"):
            if key in link:
                del link[key]
        action = annotation.get("/A")
        if action is not None and action.get("/S") == Name.URI:
            link.A = plain(action)
            return link
        if action is not None:
            del link["/A"]
        place = self._target(annotation)
        if place is None or not start <= place.page < start + len(copies):
            return None
        link.Dest = _destination(place, start, copies)
        return link

    def _target(self, thing: Object) -> _Place | None:
        """Return where a link or bookmark leads to, None if nowhere in this PDF."""
        action = thing.get("/A")
        target = thing.get("/Dest")
        if target is None and action is not None and action.get("/S") == Name.GoTo:
            target = action.get("/D")
        if isinstance(target, String | Name):
            return self._named.get(str(target).removeprefix("/"))
        return self._place(target)

    def _place(self, target: Object | None) -> _Place | None:
        if isinstance(target, Dictionary):
            target = target.get("/D")
        if not isinstance(target, Array) or not len(target):
            return None
        page, *view = list(target)
        number = self._numbers.get(page.objgen) if isinstance(page, Dictionary) else None
        return None if number is None else _Place(number, tuple(view))

    def _named_places(self) -> Mapping[str, _Place]:
        found: dict[str, Object] = {}
        names = self.whole.Root.get("/Names", Dictionary()).get("/Dests")
        if names is not None:
            found.update(NameTree(names).items())
        older = self.whole.Root.get("/Dests", Dictionary())
        found.update({name.removeprefix("/"): target for name, target in older.items()})
        places = {name: self._place(target) for name, target in found.items()}
        return {name: place for name, place in places.items() if place is not None}

    def _bookmarks(self, parent: Object | None, level: int) -> Iterator[_Bookmark]:
        item = None if parent is None else parent.get("/First")
        while item is not None:
            place = self._target(item)
            if place is not None:
                yield _Bookmark(str(item.get("/Title", "")), place, level)
            yield from self._bookmarks(item, level + 1)
            item = item.get("/Next")

    def _add_bookmarks(self, part: Pdf, start: int, copies: Sequence[Object]) -> None:
        """Add the bookmarks of a part's pages; one whose parent stands elsewhere moves up."""
        own = [mark for mark in self.bookmarks if start <= mark.place.page < start + len(copies)]
        if not own:
            return
        with part.open_outline() as outline:
            open_items: list[tuple[int, list[OutlineItem]]] = [(-1, outline.root)]
            for mark in own:
                while open_items[-1][0] >= mark.level:
                    open_items.pop()
                item = OutlineItem(mark.title, _destination(mark.place, start, copies))
                open_items[-1][1].append(item)
                open_items.append((mark.level, item.children))


def _destination(place: _Place, start: int, copies: Sequence[Object]) -> Array:
    return Array([copies[place.page - start], *map(plain, place.view)])
