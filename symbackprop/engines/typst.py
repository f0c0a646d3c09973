"""The embedded engine: Typst source to PDF, in the same process, without a file."""

from __future__ import annotations

import re

import typst

from ..errors import RenderError

#: Date of every PDF, so that the same source gives the same bytes.
_TIMESTAMP = 0
_PLACE = re.compile(r"┌─ \S+?:(\d+):\d+")


def compile_typst(source: str, *, standard: str | None = "ua-1") -> bytes:
    """Return the PDF of Typst source, the same bytes for the same source.

    Only the engine's own fonts are used: that makes the page the same on every machine, and a compile
    takes milliseconds. Threads may compile at the same time. A process that has compiled must not
    fork: the engine's threads do not survive it.

    Arguments:
        source: a complete Typst document.
        standard: the PDF standard to hold to; "ua-1" is accessible PDF, None is plain PDF.

    Raises:
        RenderError: Typst refuses the source; the text says where and why.
    """
    try:
        pdf = typst.compile(
            source.encode("utf-8", "replace"),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=[standard] if standard else [],  # type: ignore[list-item]
            timestamp=_TIMESTAMP,
        )
    except typst.TypstError as error:
        raise RenderError(_explained(error)) from None
    if not isinstance(pdf, bytes):
        raise RenderError("Typst returned no PDF")
    return pdf


def _explained(error: typst.TypstError) -> str:
    """Return what Typst said: where, what, and its hints."""
    place = _PLACE.search(error.diagnostic or "")
    where = f"line {place[1]}: " if place else ""
    hints = "".join(f"; hint: {hint}" for hint in error.hints)
    return f"Typst: {where}{error.message}{hints}"
