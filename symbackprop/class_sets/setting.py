"""Documents of a class set to files: by the embedded engine one after the other, by TeX many in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..document.blocks import Document, Fields, Stamp
from ..errors import RenderError
from ..render.latex import render_latex
from ..render.typst import render_typst


def set_papers(
    documents: Sequence[Document],
    *,
    formats: Sequence[str],
    engine: str,
    templates: Path | None,
    kept: dict[int, Any],
) -> list[dict[str, bytes]]:
    """Return the files of documents, each in each format.

    Args:
        documents: papers of one sheet.
        formats: tex, typ, pdf.
        engine: typst, or a TeX engine.
        templates: a user's folder of templates.
        kept: what was written of lasting lines, kept from call to call.

    Raises:
        RenderError: a template or an engine that fails.
    """
    made: list[dict[str, bytes]] = [{} for _ in documents]
    if "tex" in formats:
        for one, document in zip(made, documents, strict=True):
            one["tex"] = render_latex(document, templates=templates).encode()
    if "typ" in formats:
        for one, document in zip(made, documents, strict=True):
            one["typ"] = render_typst(document, templates=templates, kept=kept).encode()
    if "pdf" in formats:
        setter = _by_typst if engine == "typst" else _by_tex(engine)
        for one, pdf in zip(made, setter(documents, templates, kept), strict=True):
            one["pdf"] = pdf
    return made


def _by_typst(documents: Sequence[Document], templates: Path | None, kept: dict[int, Any]) -> list[bytes]:
    from ..engines.typst import compile_typst

    def compiled(document: Document) -> bytes:
        return compile_typst(render_typst(document, templates=templates, kept=kept))

    return [with_printable_name(document, compiled) for document in documents]


def with_printable_name(document: Document, compile: Callable[[Document], bytes]) -> bytes:
    """Return the PDF of a paper; where no font shows the student's name, the number stands for it.

    A name in a script that no font of the machine has must not keep a student from getting a sheet.

    Raises:
        RenderError: the engine fails for another reason.
    """
    try:
        return compile(document)
    except RenderError as error:
        if document.stamp is None or "no font shows" not in str(error):
            raise
        return compile(without_name(document))


def without_name(document: Document) -> Document:
    """Return a paper on which the student's number stands, and a free line for the name."""
    assert document.stamp is not None
    number = document.stamp.text.rpartition(" \N{MIDDLE DOT} ")[2]
    stamp = Stamp(number, document.stamp.code, document.stamp.modules)
    blocks = tuple(
        replace(block, fields=(replace(block.fields[0], text=""), *block.fields[1:]))
        if isinstance(block, Fields) and block.fields
        else block
        for block in document.blocks
    )
    return replace(document, stamp=stamp, blocks=blocks)


def _by_tex(engine: str) -> Callable[[Sequence[Document], Path | None, dict[int, Any]], list[bytes]]:
    def setter(documents: Sequence[Document], templates: Path | None, kept: Mapping[int, Any]) -> list[bytes]:
        from ..engines.tex import compile_tex

        return [compile_tex(render_latex(document, templates=templates), engine) for document in documents]

    return setter
