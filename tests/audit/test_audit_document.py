"""The printable report: both engines, the same words, each wrong line beside its correction."""

from __future__ import annotations

import pytest

from symbackprop.audit.document import audit_document
from symbackprop.document.blocks import Derivation, Table, Together
from symbackprop.engines.typst import compile_typst
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst

from .articles import ARTICLES, audited


def page_texts(pdf: bytes) -> str:
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return "\n".join(page.get_text() for page in document)


@pytest.mark.parametrize("name", ARTICLES)
def test_every_format(name: str) -> None:
    document = audit_document(audited(name))
    assert "\\begin{document}" in render_latex(document)
    text = page_texts(compile_typst(render_typst(document)))
    plain = render_plain(document)
    for one in audited(name).findings:
        assert one.figure.name.partition("~")[0]  # each has a line of the last table
    for heading in ("All figures", "The figures and how they are rounded"):
        assert heading in text
        assert heading in plain


def test_a_wrong_line_stands_beside_its_correction() -> None:
    document = audit_document(audited("two_output_sigmoid"))
    together = [block for block in document.blocks if isinstance(block, Together)]
    assert len(together) == 7  # the figures that are wrong by themselves
    for block in together:
        (lines,) = [part for part in block.blocks if isinstance(part, Derivation)]
        notes = ["".join(getattr(part, "text", "") for part in row.note) for row in lines.rows]
        assert [note for note in notes if note] == ["printed", "should be"]


def test_every_figure_is_judged_in_the_last_table() -> None:
    document = audit_document(audited("delta_rule"))
    tables = [block for block in document.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [len(audited("delta_rule").convention.scores), 6, 23]


def test_nothing_wrong() -> None:
    document = audit_document(audited("shared_bias"), "letter")
    assert document.paper == "letter"
    assert not any(isinstance(block, Together) for block in document.blocks)
