"""The embedded engine: Typst source to PDF or picture, in the same process, without a file."""

from __future__ import annotations

import re
import threading
from typing import Any

import typst

from ..errors import RenderError

#: Date of every PDF, so that the same source gives the same bytes.
_TIMESTAMP = 0
_LACKING = re.compile(r'the text `"(?P<text>.*?)"` could not be displayed', re.DOTALL)
_PLACE = re.compile(r"┌─ \S+?:(\d+):\d+")

_has_compiled = False
_kept = threading.local()


def has_compiled() -> bool:
    """Return whether this process has compiled, and so must not fork: see `compile_typst`."""
    return _has_compiled


def compile_typst(source: str, *, standard: str | None = "ua-1", tags: bool = True) -> bytes:
    """Return the PDF of Typst source, the same bytes for the same source.

    Only the engine's own fonts are used: that makes the page the same on every machine, and a compile
    takes milliseconds. They hold Latin, Greek, Cyrillic and mathematics; for a letter they lack, as
    in a Chinese name, the machine's fonts are searched too.

    Threads may compile at the same time. A process that has compiled must not fork: the engine's
    threads do not survive it.

    Arguments:
        source: a complete Typst document.
        standard: the PDF standard to hold to; "ua-1" is accessible PDF, None is plain PDF.
        tags: whether the content is tagged, as "ua-1" demands.

    Raises:
        RenderError: Typst refuses the source; the text says where and why.
    """
    standards = [standard] if standard else []
    pdf = _compiled(source, format="pdf", pdf_standards=standards, timestamp=_TIMESTAMP, pdf_tags=tags)
    if not isinstance(pdf, bytes):
        raise RenderError("Typst returned no PDF")
    return pdf


def first_page_png(source: str, *, resolution: float = 110.0) -> bytes:
    """Return a picture of the first page of Typst source, in dots an inch.

    Raises:
        RenderError: Typst refuses the source; the text says where and why.
    """
    pages = _compiled(source, format="png", ppi=resolution)
    first = pages[0] if isinstance(pages, list) else pages
    if not isinstance(first, bytes):
        raise RenderError("Typst returned no picture")
    return first


def page_svgs(source: str) -> list[str]:
    """Return every page of Typst source as an SVG picture, as a notebook shows it.

    Raises:
        RenderError: Typst refuses the source; the text says where and why.
    """
    pages = _compiled(source, format="svg")
    found = pages if isinstance(pages, list) else [pages]
    return [page.decode() if isinstance(page, bytes) else str(page) for page in found]


def _compiled(source: str, **options: Any) -> object:
    """Compile with the engine's fonts, or if a letter is missing with the machine's too."""
    global _has_compiled
    _has_compiled = True
    text = source.encode("utf-8", "replace")
    try:
        return _compiler().compile(input=text, **options)
    except typst.TypstError as error:
        if not _LACKING.search(error.message):
            raise RenderError(_explained(error)) from None
    try:
        return typst.compile(text, **options)
    except typst.TypstError as error:
        raise RenderError(_explained(error)) from None


def _compiler() -> typst.Compiler:
    """Return the compiler of this thread: kept, it lays out only once what is alike in several sources."""
    found: typst.Compiler | None = getattr(_kept, "compiler", None)
    if found is None:
        found = _kept.compiler = typst.Compiler(b"", ignore_system_fonts=True)
    return found


def _explained(error: typst.TypstError) -> str:
    """Return what Typst said: where, what, and its hints."""
    place = _PLACE.search(error.diagnostic or "")
    where = f"line {place[1]}: " if place else ""
    lacking = _LACKING.search(error.message)
    if lacking:
        letters = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in dict.fromkeys(lacking["text"]))
        return f"Typst: {where}no font shows {letters}; install a font that does, or write it another way"
    hints = "".join(f"; hint: {hint}" for hint in error.hints)
    return f"Typst: {where}{error.message}{hints}"
