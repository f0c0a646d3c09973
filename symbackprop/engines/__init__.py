"""The engines: from a document to a PDF, by the embedded Typst or by a TeX that is found."""

from __future__ import annotations

from pathlib import Path

from ..document.blocks import Document
from ..errors import RenderError

#: What `--engine` takes. "auto" is TeX where one is found, else the embedded Typst.
CHOICES = ("auto", "typst", "latexmk", "pdflatex", "lualatex", "tectonic")


def make_pdf(document: Document, engine: str | None = None, templates: Path | None = None) -> bytes:
    """Return the PDF of a document.

    Raises:
        RenderError: an unknown or missing engine, a template that fails, an engine that fails.
    """
    chosen = engine or "auto"
    if chosen not in CHOICES:
        raise RenderError(f"no engine {chosen!r}; expected one of {', '.join(CHOICES)}")
    if chosen == "auto":
        from .tex import available_engines

        chosen = next(iter(available_engines()), "typst")
    if chosen == "typst":
        from ..render.typst import render_typst
        from .typst import compile_typst

        return compile_typst(render_typst(document, templates=templates))
    from ..render.latex import render_latex
    from .tex import compile_tex

    return compile_tex(render_latex(document, templates=templates), chosen)
