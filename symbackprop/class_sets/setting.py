"""Documents of a class set to files: by the embedded engine one after the other, by TeX many in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..document.blocks import Document, Fields
from ..errors import RenderError
from ..render.latex import render_latex
from ..render.latex.escape import escape_latex
from ..render.typst import render_typst


@dataclass(frozen=True)
class SetPapers:
    """The files of papers, each by its format.

    nameless: the numbers of the papers on which a free line stands for the name, as no font shows it.
    """

    files: list[dict[str, bytes]]
    nameless: frozenset[int]


def set_papers(
    documents: Sequence[Document],
    *,
    formats: Sequence[str],
    engine: str,
    templates: Path | None,
    kept: dict[str, dict[int, Any]],
) -> SetPapers:
    """Return the files of documents, each in each format.

    Args:
        documents: papers of one sheet.
        formats: tex, typ, pdf.
        engine: typst, or a TeX engine.
        templates: a user's folder of templates.
        kept: by format what was written of lasting lines, kept from call to call.

    Raises:
        RenderError: a template or an engine that fails.
    """
    made: list[dict[str, bytes]] = [{} for _ in documents]
    nameless: set[int] = set()
    by_tex = "pdf" in formats and engine != "typst"
    if "tex" in formats or by_tex:
        unnamed = {number for number, document in enumerate(documents) if not prints_in_latex(document)}
        nameless |= unnamed if by_tex or "pdf" not in formats else set()
        printed = [without_name(one) if number in unnamed else one for number, one in enumerate(documents)]
        lasting = kept.setdefault("latex", {})
        sources = [render_latex(one, templates=templates, kept=lasting) for one in printed]
        if "tex" in formats:
            for one, source in zip(made, sources, strict=True):
                one["tex"] = source.encode()
        if by_tex:
            from ..engines.together import compile_together

            for one, pdf in zip(made, compile_together(printed, sources, engine, templates), strict=True):
                one["pdf"] = pdf
    lasting = kept.setdefault("typst", {})
    if "typ" in formats:
        for one, document in zip(made, documents, strict=True):
            one["typ"] = render_typst(document, templates=templates, kept=lasting).encode()
    if "pdf" in formats and not by_tex:
        for number, (one, document) in enumerate(zip(made, documents, strict=True)):
            one["pdf"], named = _by_typst(document, templates, lasting)
            if not named:
                nameless.add(number)
    return SetPapers(made, frozenset(nameless))


def _by_typst(document: Document, templates: Path | None, kept: dict[int, Any]) -> tuple[bytes, bool]:
    from ..engines.typst import compile_typst

    def compiled(document: Document) -> bytes:
        return compile_typst(render_typst(document, templates=templates, kept=kept))

    return with_printable_name(document, compiled)


def prints_in_latex(document: Document) -> bool:
    """Whether the fonts of TeX have all letters of what stands on every page."""
    return document.stamp is None or r"\otherchar" not in escape_latex(document.stamp.text)


def with_printable_name(document: Document, compile: Callable[[Document], bytes]) -> tuple[bytes, bool]:
    """Return the PDF of a paper, and whether the student's name is on it: if no font shows it, it is not.

    A name in a script that no font of the machine has must not keep a student from getting a sheet.

    Raises:
        RenderError: the engine fails for another reason.
    """
    try:
        return compile(document), True
    except RenderError as error:
        if document.stamp is None or "no font shows" not in str(error):
            raise
        return compile(without_name(document)), False


def without_name(document: Document) -> Document:
    """Return a paper on which the student's number stands, and a free line for the name."""
    assert document.stamp is not None
    stamp = replace(document.stamp, text=document.stamp.number)
    blocks = tuple(
        replace(block, fields=(replace(block.fields[0], text=""), *block.fields[1:]))
        if isinstance(block, Fields) and block.fields
        else block
        for block in document.blocks
    )
    return replace(document, stamp=stamp, blocks=blocks)
