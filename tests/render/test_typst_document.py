"""Whole sheets in Typst: every block, accessible, in reading order, the same every time."""

from __future__ import annotations

import re
import typing
from functools import cache
from pathlib import Path
from types import UnionType

import pymupdf
import pypdf
import pytest
import typst_sample as sample
from typst_sample import N, add, document, eq, mul, p, s, t

from symbackprop.document import blocks
from symbackprop.document.blocks import (
    Beside,
    Bullets,
    Derivation,
    Document,
    Heading,
    Math,
    MathStyle,
    Paragraph,
    Plot,
    Reference,
    Row,
    Series,
    Table,
    Text,
    Together,
)
from symbackprop.engines.typst import compile_typst
from symbackprop.errors import RenderError
from symbackprop.formulas.terms import Blank, Call, Negation, Result
from symbackprop.render.typst import render_typst
from symbackprop.render.typst.blocks import Writer, blocks_in
from symbackprop.render.typst.text import inline


@cache
def pdf_of(source: str) -> bytes:
    return compile_typst(source)


def text_of(sheet: Document) -> str:
    """Return the text of a sheet in the order of the PDF's content stream."""
    with pymupdf.open(stream=pdf_of(render_typst(sheet))) as pdf:
        return "\n".join(page.get_text(sort=False) for page in pdf)


def alternatives(pdf: bytes) -> list[tuple[str, str]]:
    """Return kind and alternative text of every structure element, in reading order."""
    found: list[tuple[str, str]] = []

    def visit(node: object) -> None:
        node = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            if "/S" in node and node.get("/Type") != "/MCR":
                found.append((str(node["/S"]), str(node.get("/Alt", ""))))
            if "/K" in node:
                visit(node["/K"])

    visit(reader(pdf).trailer["/Root"]["/StructTreeRoot"])
    return found


def reader(pdf: bytes) -> pypdf.PdfReader:
    from io import BytesIO

    return pypdf.PdfReader(BytesIO(pdf))


# --- completeness --------------------------------------------------------------------------------


def test_every_block_and_piece_of_text_has_a_writer() -> None:
    kinds: UnionType = blocks.Block
    for kind in typing.get_args(kinds):
        assert kind in Writer.__dict__["block"].dispatcher.registry, kind
    for kind in typing.get_args(blocks.Inline):
        assert kind in inline.registry, kind


def test_the_sample_holds_every_block() -> None:
    kinds: UnionType = blocks.Block
    assert {type(block) for block in blocks_in(document().blocks)} == set(typing.get_args(kinds))


# --- accessibility -------------------------------------------------------------------------------


def test_the_pdf_is_accessible() -> None:
    pdf = reader(pdf_of(render_typst(document())))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert pdf.metadata is not None and pdf.metadata.title == "Two-output sigmoid network"
    assert pdf.metadata["/Keywords"] == "backpropagation, chain rule"
    xmp = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part" in xmp and ">1<" in xmp[xmp.index("pdfuaid:part") :]


def test_every_formula_and_figure_has_an_alternative() -> None:
    found = alternatives(pdf_of(render_typst(document())))
    kinds = {kind for kind, _ in found}
    assert {"/Formula", "/Figure", "/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Link", "/P"} <= kinds
    assert all(text for kind, text in found if kind in {"/Formula", "/Figure"})
    spoken = [text for kind, text in found if kind == "/Formula"]
    assert any(
        text.startswith("partial E over partial w 5 equals partial E over partial y hat 1") for text in spoken
    )
    assert ("/Figure", "Two inputs, two hidden units, two outputs.") in found


def test_each_line_of_a_derivation_is_one_formula() -> None:
    derivation = sample.derivation()
    plain = Derivation(tuple(Row(row.left, row.chain, row.indent) for row in derivation.rows))
    found = alternatives(pdf_of(render_typst(document(blocks=(plain,), subtitle=()))))
    assert len([kind for kind, _ in found if kind == "/Formula"]) == len(plain.rows)


def test_headings_are_bookmarks_in_their_order() -> None:
    def titles(items: list[object]) -> list[object]:
        return [titles(item) if isinstance(item, list) else item.title for item in items]  # type: ignore[attr-defined]

    outline = titles(reader(pdf_of(render_typst(document()))).outline)
    assert outline == [
        "1 Forward pass",
        ["Hidden unit 1"],
        "2 Backward pass",
        ["Weight w5"],
        "3 Summary",
        ["The list of w", "Curve"],
        "9 To be filled in 3 points",
        ["Every kind of term"],
    ]


def test_no_level_of_heading_is_skipped() -> None:
    sheet = document(blocks=(Heading(2, t("first")), Derivation((Row(s("a"), eq(s("b"))),), t("title"))))
    kinds = [kind for kind, _ in alternatives(pdf_of(render_typst(sheet))) if re.match(r"/H\d", kind)]
    assert kinds == ["/H1", "/H2"]


# --- order, references, blanks -------------------------------------------------------------------


def test_the_text_is_in_reading_order() -> None:
    text = re.sub(r"\s+", " ", text_of(document()))
    landmarks = [
        "Two-output sigmoid network", "2–2–2 units", "0.15", "0.20", "0.50", "0.40", "0.35", "0.60", "input",
        "Input", "Numbers are shown", "Forward pass", "Hidden unit 1", "net input", "0.4325", "(1)", "(2)",
        "activation", "0.245634821", "(9)", "Backward pass", "reaches the loss", "0.088264049", "(3)",
        "0.399117360", "(4)", "one step against", "4.833645", "(5)", "small: the two", "Summary",
        "Every parameter moves", "Parameters before and after", "old value", "first of all", "then", "last",
        "Curve",
        "100", "0.0", "0.6", "epoch", "loss", "no bias", "slower", "Loss over a hundred", "Epoch", "0.55",
        "Every kind of term",
    ]  # fmt: skip
    place = 0
    for landmark in landmarks:
        assert landmark in text[place:], (landmark, text[place : place + 200])
        place = text.index(landmark, place) + len(landmark)


def test_references_lead_to_their_line() -> None:
    note = (Text("by "), Reference(7), Text(" and "), Reference(8))
    derivation = Derivation((Row(s("a"), eq(N("1")), number=7), Row(s("b"), eq(N("2")), number=7, note=note)))
    source = render_typst(document(blocks=(derivation, Paragraph(note))))
    assert source.count("#refer(7);") == 2  # (8) is nowhere: printed, but no link
    assert source.count("target: true") == 1
    pdf = reader(pdf_of(source))
    links = [link.get_object() for link in pdf.pages[0]["/Annots"]]
    assert len(links) == 2 and all(link["/Subtype"] == "/Link" for link in links)
    assert "(8)" in text_of(document(blocks=(derivation, Paragraph(note))))


def test_a_blank_hides_its_answer_everywhere() -> None:
    blank = Blank(N("0.98765"), 6.0)
    rows = (Row(s("a"), eq(add(s("x"), blank)), number=1, note=(Math(blank),)),)
    cell = ((Math(blank),),)
    sheet = document(blocks=(Derivation(rows), Table((t("a"),), (cell,), ("left",))))
    source = render_typst(sheet)
    assert "98765" not in source
    assert all("98765" not in text for _, text in alternatives(pdf_of(source)))
    other = render_typst(
        document(
            blocks=(
                Derivation(
                    (Row(s("a"), eq(add(s("x"), Blank(N("3.14159"), 6.0))), number=1, note=(Math(blank),)),)
                ),
                sheet.blocks[1],
            )
        )
    )
    assert other == source


def test_decimal_comma_and_exp_as_a_function() -> None:
    sheet = document(
        style=MathStyle(exp="call", decimal=","),
        subtitle=(),
        blocks=(Derivation((Row(s("a"), eq(Call("exp", (Negation(s("z")),)), Result(N("0.25")))),)),),
    )
    assert "𝑎=exp(−𝑧)=0,25" in re.sub(r"\s+", "", text_of(sheet))


def test_author_text_stays_text_in_every_place() -> None:
    evil = '#panic("x") $y$ *b* ((( z ))) ((* if *)) \\ "q" <l> ] ) ;'
    line = t(evil)
    sheet = Document(
        kind=evil, title=evil, subtitle=line, running_head=evil, keywords=(evil,), language="en-GB",
        paper="letter",
        blocks=(
            Heading(1, line, '1"#'), Paragraph(line), Bullets((line,)), Heading(2, line),
            Derivation((Row(None, eq(sample.Words(evil)), note=line),), line),
            Table((line,), ((line,),), ("center",), caption=line),
            Plot(
                (Series(evil, ((0.0, 0.0), (1.0, 1.0))),),
                evil, line, ((0.0, evil),), ((0.0, evil),), evil, line,
            ),
            Beside((Paragraph(line),), (Together((Paragraph(line, small=True),)),)),
        ),
    )  # fmt: skip
    pdf = reader(pdf_of(render_typst(sheet)))
    assert pdf.metadata is not None and pdf.metadata.title == evil
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"


# --- the page ------------------------------------------------------------------------------------


def test_running_head_and_page_numbers() -> None:
    pdf = reader(pdf_of(render_typst(document(running_head="At the head"))))
    pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) > 3
    for number, text in enumerate(pages, 1):
        assert text.startswith("At the head") == (number > 1)
        assert text.endswith(f"{number} / {len(pages)}")


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_paper(paper: str, size: tuple[int, int]) -> None:
    box = reader(pdf_of(render_typst(document(paper=paper)))).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == size


def test_a_table_repeats_its_head_on_the_next_page() -> None:
    pdf = reader(pdf_of(render_typst(document(blocks=(sample.long_table(60),)))))
    assert [page.extract_text().count("old value") for page in pdf.pages] == [1, 1]


def test_a_table_that_is_too_wide_is_set_smaller() -> None:
    columns = 14
    row = tuple((Math(N(f"0.12345{number:04}")),) for number in range(columns))
    table = Table(tuple(t(f"column {number}") for number in range(columns)), (row, row), ("right",) * columns)
    for placed in ((table,), (Beside((Table(table.head[:7], (row[:7],), ("right",) * 7),), (), share=0.5),)):
        with pymupdf.open(stream=pdf_of(render_typst(document(blocks=placed)))) as pdf:
            right = max(word[2] for word in pdf[0].get_text("words") if word[4].startswith("0.1"))
        assert right <= (190 if placed == (table,) else 105) * 72 / 25.4
    assert "check: true" not in render_typst(document(blocks=(sample.long_table(),)))


def test_a_derivation_stays_together_with_its_title_and_heading() -> None:
    filler = Bullets(tuple(t(f"line {number}") for number in range(38)))
    sheet = document(blocks=(filler, Heading(1, t("Next section"), "1"), sample.derivation()))
    pages = [page.extract_text() for page in reader(pdf_of(render_typst(sheet))).pages]
    (page,) = (text for text in pages if "reaches the loss" in text)
    assert "Next section" in page and "Weight" in page and "see (3)" in page and "(8)" in page


def test_a_paragraph_that_opens_a_section_stays_with_what_it_leads_to() -> None:
    lines = tuple(t(f"line {number}") for number in range(34))
    sheet = document(
        blocks=(Bullets(lines), Heading(1, t("Next"), "1"), Paragraph(t("Lead in")), sample.derivation())
    )
    pages = [page.extract_text() for page in reader(pdf_of(render_typst(sheet))).pages]
    (page,) = (text for text in pages if "Lead in" in text)
    assert "reaches the loss" in page


def test_a_derivation_longer_than_a_page_is_parted() -> None:
    rows = tuple(Row(s("a"), eq(mul(p("E", "z"), N(f"{number}.5"))), number=number) for number in range(60))
    pdf = reader(pdf_of(render_typst(document(blocks=(Derivation(rows, t("Long")),)))))
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert all(f"({number})" in text for number in range(60))
    assert len(pdf.pages) == 3


def lines_of(sheet: Document) -> list[tuple[str, tuple[float, float, float, float]]]:
    with pymupdf.open(stream=pdf_of(render_typst(sheet))) as pdf:
        return [
            ("".join(span["text"] for span in line["spans"]), line["bbox"])
            for block in pdf[0].get_text("dict")["blocks"]
            for line in block.get("lines", [])
        ]


def place(sheet: Document, text: str) -> pymupdf.Rect:
    with pymupdf.open(stream=pdf_of(render_typst(sheet))) as pdf:
        (found,) = pdf[0].search_for(text)
        return found


def test_relations_are_aligned_and_numbers_stand_at_the_end_of_the_column() -> None:
    sheet = document(blocks=(sample.derivation(),), subtitle=())
    with pymupdf.open(stream=pdf_of(render_typst(sheet))) as pdf:
        words = pdf[0].get_text("words")
    signs = {round(word[0], 1) for word in words if word[4] == "=" and word[0] < 120}
    assert len(signs) == 1
    ends = [word[2] for word in words if re.fullmatch(r"\(\d\)", word[4]) and word[0] < 420]
    assert len(ends) == 6 and max(ends) - min(ends) < 0.1
    assert abs(max(ends) - (20 + 123) * 72 / 25.4) < 1.5


def test_notes_never_overlap() -> None:
    note = t(
        "a note that is long enough to run over four or five of the short lines "
        "of its narrow column beside the formulas"
    )
    rows = tuple(Row(s("a"), eq(N(str(number))), note=note) for number in range(6))
    sheet = document(blocks=(Derivation(rows), Paragraph(t("after all"))), subtitle=())
    starts = [box[1] for text, box in lines_of(sheet) if text.startswith("a note that")]
    ends = [box[3] for text, box in lines_of(sheet) if text.endswith("formulas")]
    assert len(starts) == len(ends) == 6
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
    assert place(sheet, "after all").y0 > ends[-1]


def test_a_line_too_long_for_its_column_goes_on_and_one_too_long_for_the_page_is_smaller() -> None:
    for count, top in ((6, 535.5), (30, 539.0)):
        long = add(*(mul(N("0.123456789"), N("0.987654321")) for _ in range(count)))
        sheet = document(blocks=(Derivation((Row(s("a"), eq(long), note=t("see below")),)),), subtitle=())
        with pymupdf.open(stream=pdf_of(render_typst(sheet))) as pdf:
            words = pdf[0].get_text("words")
        right = max(word[2] for word in words)
        if count == 6:
            assert right < top
            (below,) = (word[1] for word in words if word[4] == "below")
            assert below > min(word[3] for word in words if word[4].startswith("0.1"))


# --- the same every time, and errors -------------------------------------------------------------


def test_the_source_is_the_same_every_time() -> None:
    assert render_typst(document()) == render_typst(document())


def test_a_users_templates_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "typst"
    folder.mkdir()
    (folder / "document.typ.j2").write_text(
        '((* include "shipped/document.typ.j2" *))\n// ours: ((( document.title )))\n'
    )
    source = render_typst(document(title="a_b"), templates=tmp_path)
    assert source.endswith('// ours: #"a_b";\n')


def test_a_wrong_template_names_its_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "typst"
    folder.mkdir()
    (folder / "document.typ.j2").write_text("one\n((( nowhere )))\n")
    with pytest.raises(RenderError, match=r"document\.typ\.j2:2: .*nowhere"):
        render_typst(document(), templates=tmp_path)


def test_an_unknown_alignment_is_refused() -> None:
    with pytest.raises(KeyError):
        render_typst(document(blocks=(Table((t("a"),), (), ("red)",)),)))


def test_hyphens_and_quotes_are_not_made_into_ligatures() -> None:
    sheet = document(blocks=(Paragraph(t("a--b")),), subtitle=())
    (box,) = (box for text, box in lines_of(sheet) if text == "a--b")
    assert box[2] - box[0] > 17.2  # with an en dash, 16.3 pt
