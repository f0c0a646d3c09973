"""How what worksheets alone have is written down: kept lines, rooms, small answers, new pages, sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from symbackprop.document.blocks import (
    Block,
    Derivation,
    Document,
    Filled,
    Heading,
    Math,
    MathStyle,
    NewPage,
    Options,
    Paragraph,
    Row,
    Steps,
    Table,
    Text,
    WorkSpace,
)
from symbackprop.document.layout.pages import estimated_pages
from symbackprop.document.worksheet.items import side_by_side
from symbackprop.engines.tex import compile_with_log
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Blank, Fraction, Number, Product, Result, Sum, Symbol, Term, Words
from symbackprop.render.latex import render_latex
from symbackprop.render.latex.document import sizes_of
from symbackprop.render.latex.math import latex_math
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst
from symbackprop.render.typst.math import typst_math

Z = Symbol(Name("z"))
BEGUN = Steps((Row(Z, (("=", Words("")),)),), 1.5, kept=True)
ENDED = Steps((Row(None, (("=", Blank(Z, 6.0)),), number=1, points="1"),), 1.5)


def document(*blocks: Block, **changes: object) -> Document:
    return replace(Document("Worksheet", "A sheet", (), blocks), **changes)  # type: ignore[arg-type]


def body(*blocks: Block) -> str:
    return render_latex(document(*blocks)).partition(r"\begin{document}")[2]


def pages(pdf: bytes) -> list[str]:
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        return [page.get_text() for page in opened]


def test_what_is_kept_says_so_in_the_sources() -> None:
    room, work = WorkSpace("lined", 1.8, ("net.h1",), kept=True), Filled((ENDED,), 1.8, kept=True)
    for block in (BEGUN, room, work):
        assert body(block).count(r"\nobreak") == 1
        assert "kept: true" in render_typst(document(block))
        free = replace(block, kept=False)  # type: ignore[type-var]
        assert r"\nobreak" not in body(free) and "kept: true" not in render_typst(document(free))


@pytest.mark.parametrize("filling", range(12))
def test_what_is_asked_its_room_and_its_result_are_on_one_page(filling: int) -> None:
    """Wherever the page may end above it."""
    above = WorkSpace("empty", 18.0 + 0.5 * filling, ())
    room = WorkSpace("lined", 2.7, ("net.h1",), kept=True)
    texts = pages(compile_typst(render_typst(document(above, BEGUN, room, ENDED))))
    (page,) = [text for text in texts if "(1)" in text]
    assert "𝑧" in page


@pytest.mark.parametrize("filling", [0, 5, 9])
def test_they_are_on_one_page_in_latex_too(filling: int, need_tex: Callable[[str], str]) -> None:
    above = WorkSpace("empty", 17.5 + 0.5 * filling, ())
    room = WorkSpace("lined", 2.7, ("net.h1",), kept=True)
    pdf, _ = compile_with_log(render_latex(document(above, BEGUN, room, ENDED)), need_tex("pdflatex"))
    (page,) = [text for text in pages(pdf) if "(1)" in text]
    assert "z" in page.replace("Worksheet", "")


def lines_across(pdf: bytes) -> list[float]:
    """Return the heights of the lines that go across the first page."""
    import pymupdf

    found: set[float] = set()
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        for item in (item for drawn in opened[0].get_drawings() for item in drawn["items"]):
            if item[0] == "l" and abs(item[1].x - item[2].x) > 400:
                found.add(round(item[1].y, 1))
            elif item[0] == "re" and item[1].height < 1 and item[1].width > 400:
                found.add(round(item[1].y0, 1))
    lines = sorted(found)
    return lines[:1] + [line for before, line in pairwise(lines) if line - before > 1]  # a line has two edges


@pytest.mark.parametrize(("ruling", "lines"), [("lined", 5), ("empty", 2)])
def test_the_parts_of_a_room_have_no_seam(ruling: str, lines: int, need_tex: Callable[[str], str]) -> None:
    """The lines go on at the same distance, and one frame goes round all parts."""
    parts = [
        WorkSpace(ruling, height, ("net.h1",), (index, 2))  # type: ignore[arg-type]
        for index, height in enumerate((2.7, 1.8))
    ]
    made = document(*parts)
    for pdf in (
        compile_typst(render_typst(made)),
        compile_with_log(render_latex(made), need_tex("pdflatex"))[0],
    ):
        found = lines_across(pdf)
        apart = [below - above for above, below in pairwise(found)]
        assert len(found) == lines
        assert all(abs(one - (0.9 if lines > 2 else 4.5) * 72 / 2.54) < 0.6 for one in apart)


def test_what_a_room_is_for_stays_with_it() -> None:
    title, says = Heading(2, (Text("On the way"),)), Paragraph((Text("Room for it."),), small=True)
    for room in (WorkSpace("lined", 4.5, ()), Filled((), 4.5)):
        made = document(WorkSpace("empty", 20.0, ()), title, says, room, Paragraph((Text("after"),)))
        (page,) = [text for text in pages(compile_typst(render_typst(made))) if "On the way" in text]
        assert "Room for it." in page and "after" in page


def test_what_follows_a_ruled_room_is_black(tex_engine: str) -> None:
    """The grey of its lines ends with them."""
    import pymupdf

    for ruling in ("lined", "grid", "empty"):
        room = WorkSpace(ruling, 1.8, ("net.h1",))  # type: ignore[arg-type]
        pdf, _ = compile_with_log(render_latex(document(room, Paragraph((Text("after"),)))), tex_engine)
        with pymupdf.open(stream=pdf, filetype="pdf") as opened:
            lines = [line for block in opened[0].get_text("dict")["blocks"] for line in block["lines"]]
        spans = [span for line in lines for span in line["spans"] if span["text"] == "after"]
        assert [span["color"] for span in spans] == [0]


def test_an_answer_wider_than_its_gap_is_set_smaller() -> None:
    small, usual = Result(Number("0.123456789"), 3.0, scale=0.6), Result(Number("0.5"), 3.0)
    assert "size: #0.6em" in typst_math(small, MathStyle())
    assert "size" not in typst_math(usual, MathStyle())
    assert r"\resizebox{#2}{!}" in render_latex(document(BEGUN))


def test_a_gap_keeps_clear_of_the_line_of_a_fraction() -> None:
    for gap in (Blank(Z, 5.0), Result(Number("8"), 5.0)):
        half = Fraction(gap, Number("2"))
        assert "apart, 2)" in typst_math(half, MathStyle())
        assert latex_math(half, MathStyle()).endswith(r"\apart}{2}")
    assert "apart" not in latex_math(Fraction(Z, Number("2")), MathStyle())


def test_what_fills_a_gap_keeps_off_its_frame_in_latex(need_tex: Callable[[str], str]) -> None:
    import pymupdf

    tall = Fraction(Number("8"), Fraction(Number("7"), Number("6")))
    pdf, _ = compile_with_log(
        render_latex(document(Steps((Row(Z, (("=", Result(tall, 9.0)),)),), 1.5))), need_tex("pdflatex")
    )
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        ground = max((drawn["rect"] for drawn in opened[0].get_drawings()), key=lambda rect: rect.get_area())
        words = {word[4]: word for word in opened[0].get_text("words")}
    middle = (ground.y0 + ground.y1) / 2
    assert ground.y0 < words["8"][1] and words["6"][3] < ground.y1
    assert abs((words["8"][1] + words["6"][3]) / 2 - middle) < 3


@pytest.mark.parametrize("term", [Blank(Z, 5.0), Result(Number("8"), 5.0)], ids=["gap", "filled"])
def test_brackets_keep_clear_of_the_frame_of_a_gap(term: Term, need_tex: Callable[[str], str]) -> None:
    import pymupdf

    line = Steps((Row(Z, (("=", arrange(Product((Sum((Number("1"), term)), Number("2"))))),)),), 1.5)
    made = document(line)
    for pdf in (
        compile_typst(render_typst(made)),
        compile_with_log(render_latex(made), need_tex("pdflatex"))[0],
    ):
        with pymupdf.open(stream=pdf, filetype="pdf") as opened:
            frames = [drawn["rect"] for drawn in opened[0].get_drawings()]
            right = max(frame.x1 for frame in frames if frame.height > 15 and frame.x1 < 200)
            letters = [
                letter
                for block in opened[0].get_text("rawdict")["blocks"]
                for one in block["lines"]
                for span in one["spans"]
                for letter in span["chars"]
            ]
        after = min(letter["bbox"][0] for letter in letters if letter["bbox"][0] > right - 2.0)
        assert after - right > 0.7


@pytest.mark.parametrize("columns", [0, 2, 1])
def test_number_and_points_stand_to_the_right_of_results_to_choose_from(
    columns: int, need_tex: Callable[[str], str]
) -> None:
    import pymupdf

    results = tuple(Number(f"-0.039353{place}" if columns else f"0.{place}") for place in range(4))
    made = document(Options("net.h1", results, 2, 6.0, 7, "1", columns=columns))
    for pdf in (
        compile_typst(render_typst(made)),
        compile_with_log(render_latex(made), need_tex("pdflatex"))[0],
    ):
        with pymupdf.open(stream=pdf, filetype="pdf") as opened:
            words = {word[4]: word for word in opened[0].get_text("words")}
        places = [words[letter] for letter in "ABCD"]
        lines = len({round(word[1]) for word in places})
        assert lines == 4 // (columns or 4)
        assert words["(7)"][0] > max(word[2] for word in places) + 40
        assert min(word[1] for word in places) - 6 < words["(7)"][1] < max(word[1] for word in places) + 6
        if columns == 2:
            assert abs(words["B"][0] - words["D"][0]) < 0.1


def test_results_to_choose_from_stand_evenly() -> None:
    """On one line, or with as many on each line as on the next."""
    assert side_by_side([3.0] * 4, 30.0) == 4
    assert side_by_side([6.0] * 4, 33.0) == 2
    assert side_by_side([6.0] * 3, 25.0) == 2
    assert side_by_side([6.0] * 4, 15.0) == 1
    assert side_by_side([60.0] * 4, 15.0) == 1


def test_a_new_page_begins_in_every_paged_format(need_tex: Callable[[str], str]) -> None:
    first, second = Paragraph((Text("before"),)), Paragraph((Text("after"),))
    made = document(first, NewPage(), second)
    assert len(pages(compile_typst(render_typst(made)))) == 2 == estimated_pages(made)
    pdf, _ = compile_with_log(render_latex(made), need_tex("pdflatex"))
    assert len(pages(pdf)) == 2
    assert render_plain(made).endswith("before\n\nafter\n")


def test_tables_have_three_sizes_of_type() -> None:
    table = Table(((Text("a"),),), (((Text("b"),),),), ("left",), breakable=True, widths=(2.0,))
    for size, latex, typst in (
        ("", "", "1em"),
        ("small", r"{\small", "0.857em"),
        ("tiny", r"{\footnotesize", "0.762em"),
    ):
        made = replace(table, **({size: True} if size else {}))  # type: ignore[arg-type]
        assert latex in body(made)
        assert f"#listing({typst}," in render_typst(document(made))


def test_a_row_that_goes_on_stays_with_the_next_one() -> None:
    rows = tuple(((Text(first),) if first else (), (Text("x"),)) for first in ("1", "2", "", "3", "4", "5"))
    table = Table(((Text("a"),), (Text("b"),)), rows, ("left", "left"), breakable=True, widths=(2.0, 2.0))
    assert "kept: (1,)" in render_typst(document(table))
    ends = [text.strip() for text in body(table).splitlines() if text.strip().endswith(("x \\\\", "x \\\\*"))]
    assert [text.endswith("*") for text in ends] == [True, True, False, False, True, False]


def test_the_head_of_a_long_table_stands_on_each_of_its_pages(need_tex: Callable[[str], str]) -> None:
    rows = tuple(((Text(str(number)),), (Text(f"row{number}"),)) for number in range(150))
    head = ((Text("No."),), (Text("Quantity"),))
    made = document(Table(head, rows, ("right", "left"), breakable=True, small=True, widths=(2.0, 5.0)))
    for pdf in (
        compile_typst(render_typst(made)),
        compile_with_log(render_latex(made), need_tex("pdflatex"))[0],
    ):
        texts = pages(pdf)
        assert len(texts) > 2 and all(text.count("Quantity") == 1 for text in texts)
        assert sum(text.count("row") for text in texts) == 150


def test_parts_without_a_section_look_like_parts() -> None:
    """As on a formula sheet of its own: the first level is that of the outline, not of the size."""
    import pymupdf

    line = Row(Z, (("=", Number("2")),))
    part, derivation = Heading(2, (Text("Alone"),)), Derivation((line,), (Text("Alone"),))
    section = Heading(1, (Text("Section"),))
    for blocks in ((part, derivation), (derivation,), (section, part), (section, derivation)):
        with pymupdf.open(stream=compile_typst(render_typst(document(*blocks))), filetype="pdf") as opened:
            lines = [
                line for block in opened[0].get_text("dict")["blocks"] for line in block.get("lines", ())
            ]
        sizes = {
            round(span["size"], 1) for line in lines for span in line["spans"] if span["text"] == "Alone"
        }
        assert sizes == {10.5}


@pytest.mark.parametrize("filling", [18.0, 19.0, 20.0])
def test_a_heading_stays_with_the_table_it_leads_to(filling: float, need_tex: Callable[[str], str]) -> None:
    rows = tuple(((Text(str(number)),), (Text(f"row{number}"),)) for number in range(60))
    head = ((Text("No."),), (Text("Quantity"),))
    made = document(
        WorkSpace("empty", filling, ()),
        Heading(1, (Text("Answers"),)),
        Paragraph((Text("What they are. " * 20),), small=True),
        Table(head, rows, ("right", "left"), breakable=True, small=True, widths=(2.0, 5.0)),
    )
    for pdf in (
        compile_typst(render_typst(made)),
        compile_with_log(render_latex(made), need_tex("pdflatex"))[0],
    ):
        (page,) = [text for text in pages(pdf) if "Answers" in text]
        assert "row1" in page


def test_rows_that_belong_together_are_not_parted_by_a_page() -> None:
    rows = tuple(
        ((Text(f"n{index // 2}"),) if index % 2 == 0 else (), (Text(f"x{index // 2}."),))
        for index in range(120)
    )
    made = Table(((Text("a"),), (Text("b"),)), rows, ("left", "left"), breakable=True, widths=(2.0, 3.0))
    for filling in (0.0, 0.4):
        above = WorkSpace("empty", 3.0 + filling, ())
        for text in pages(compile_typst(render_typst(document(above, made)))):
            assert all(text.count(f"x{number}.") in (0, 2) for number in range(60))


def test_names_with_two_scripts_have_room_in_tables() -> None:
    for tall in (True, False):
        term = Symbol(Name("w", ("11",), ("(1)",) if tall else ()))
        table = Table(((Text("a"),),), (((Math(term),),),), ("left",), breakable=True)
        assert ("tall: true" in render_typst(document(table))) is tall
        assert ("apart: 0.42em" in render_typst(document(replace(table, widths=(2.0,))))) is tall


def test_a_filled_gap_can_be_seen_in_plain_text() -> None:
    lines = Steps(
        (Row(Z, (("=", Result(Number("-0.5"), 6.0)),)), Row(None, (("=", Result(Number("2"))),))), 1.5
    )
    assert render_plain(document(lines)).splitlines()[-2:] == ["  z = [\N{MINUS SIGN}0.5]", "    = 2"]


def test_in_large_print_every_size_grows_but_the_title_less() -> None:
    usual, large = sizes_of(10.5), sizes_of(16.0)
    assert (usual.section, usual.part, usual.title, usual.small) == ("{13}{16}", "{11.5}{14}", "{19}{23}", "")
    assert (large.section, large.small, large.title) == ("{19.81}{24.38}", "{13.71}{17.07}", "{24}{29.05}")
    source = render_latex(document(size=16.0))
    assert r"\renewcommand{\small}{\fontsize{13.71}{17.07}\selectfont}" in source
    assert r"\renewcommand{\small}" not in render_latex(document())
