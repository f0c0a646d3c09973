"""Joining PDFs into one to print."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem, Page, Pdf

from ..errors import SymbackpropError
from .pages import DATE, PageCopier, Source, finished


def join_pdfs(parts: Iterable[tuple[str, bytes | Path]], *, even: bool, title: str) -> bytes:
    """Return one PDF of several, for printing: with a bookmark for each, fonts that are the same but once.

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
    with Pdf.new() as joined:
        copier = PageCopier(joined)
        starts: list[tuple[str, int]] = []
        language: object = None
        for name, content in parts:
            starts.append((name, len(joined.pages)))
            try:
                part = pikepdf.open(
                    io.BytesIO(content.read_bytes() if isinstance(content, Path) else content)
                )
                source = Source(part, by_content=True)
                pages = [copier.copy(source, page) for page in part.pages]
                language = language or part.Root.get("/Lang")
            except (pikepdf.PdfError, OSError) as error:
                raise SymbackpropError(f"{name}: this PDF cannot be joined: {error}") from None
            if not pages:
                raise SymbackpropError(f"{name}: this PDF cannot be joined: it has no page")
            if even and len(pages) % 2:
                pages.append(copier.blank(pages[-1]))
            for page in pages:
                joined.pages.append(Page(page))
        if not starts:
            raise SymbackpropError("there is nothing to join; expected at least one PDF")
        with joined.open_outline() as outline:
            outline.root.extend(OutlineItem(name, start) for name, start in starts)
        preferences = Dictionary(DisplayDocTitle=True)
        if even:
            preferences.Duplex = Name.DuplexFlipLongEdge
        joined.Root.ViewerPreferences = preferences
        joined.Root.PageMode = Name.UseOutlines
        if language is not None:
            joined.Root.Lang = pikepdf.String(str(language))
        joined.docinfo = joined.make_indirect(
            Dictionary(Title=title, Creator="symbackprop", CreationDate=DATE, ModDate=DATE)
        )
        return finished(joined)
