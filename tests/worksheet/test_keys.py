"""The key has what belongs into every gap: the values of the solution, in the layout of the sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop import solve
from symbackprop.document.blocks import Block, Document, Filled, Heading, Row, Steps, Table, WorkSpace
from symbackprop.engines.tex import compile_with_log
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.terms import Blank, Number, Result, Slot, Term, walk
from symbackprop.marking.accepting import accepted_interval, as_fraction
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst
from symbackprop.render.typst.blocks import blocks_in
from symbackprop.spec import example_names
from symbackprop.worksheets import Sheet, make_sheet

from .doubles import WAYS, sheet_of, way_name

ARTICLES = Path(__file__).resolve().parent.parent / "articles"

SAMPLE = (
    "two-output-sigmoid",
    "partly-given",
    "adam",
    "deep-network",
    "computation-graph",
    "batch-norm",
    "tables",
)


def steps(blocks: tuple[Block, ...]) -> Iterator[Steps]:
    """Yield the lines of items, without the work that stands in rooms."""
    return (block for block in blocks if isinstance(block, Steps))


def without_table(key: Document) -> tuple[Block, ...]:
    """Return the blocks of a key before its answers at a glance."""
    blocks = list(key.blocks)
    end = max(index for index, block in enumerate(blocks) if isinstance(block, Heading))
    return tuple(blocks[:end])


def put_in(term: Term, numbers: Any) -> Term:
    """Return a term with its slots filled."""
    return numbers[term.name] if isinstance(term, Slot) else term.rebuilt(lambda part: put_in(part, numbers))


def gaps(row: Row) -> list[Blank]:
    return [part for _, term in row.chain for part in walk(term) if isinstance(part, Blank)]


def boxes(row: Row, numbers: Any) -> list[Result]:
    found = [part for _, term in row.chain for part in walk(term) if isinstance(part, Result) and part.width]
    return [replace(box, term=put_in(box.term, numbers)) for box in found]


# --- every gap is filled, with the values of the solution ---------------------------------------------


@pytest.mark.parametrize("name", example_names())
def test_every_gap_is_filled_with_the_value_of_the_solution(name: str) -> None:
    solution = solve(sheet_of(name).worksheet.tasks[0].problem)
    for way in ({"degree": "substitution"}, {"fade": "medium"}):
        sheet = sheet_of(name, **way)
        key = sheet.document("key")
        lines = list(zip(steps(sheet.document("sheet").blocks), steps(without_table(key)), strict=True))
        answers = {answer.number: answer.key for answer in sheet.answers}
        found: list[int] = []
        for blank, full in lines:
            for row, filled in zip(blank.rows, full.rows, strict=True):
                assert (row.left, row.number, row.points) == (filled.left, filled.number, filled.points)
                open_gaps, written = gaps(row), boxes(filled, key.numbers)
                assert [(gap.width, gap.height) for gap in open_gaps] == [
                    (box.width, box.height) for box in written
                ]
                for gap, box in zip(open_gaps, written, strict=True):
                    quantity = getattr(gap.answer, "key", "")
                    if quantity and isinstance(box.term, Number):
                        assert str(box.term) == str(solution.ledger.shown(quantity)), quantity
                if row.number is not None:
                    found.append(row.number)
                    assert str(written[-1].term) == solution[answers[row.number]].shown
        assert found == [answer.number for answer in sheet.answers]


@pytest.mark.parametrize("name", example_names())
def test_no_gap_is_left_on_a_key(name: str) -> None:
    for way in WAYS if len(sheet_of(name).answers) < 60 else WAYS[-2:]:
        for block in blocks_in(sheet_of(name, **way).document("key").blocks):
            assert not isinstance(block, WorkSpace)
            if isinstance(block, Steps):
                assert not any(gaps(row) for row in block.rows)


def test_the_work_of_every_room_ends_in_its_answer() -> None:
    """Chain rule, formula, numbers and result stand in the room, in as many parts as it has."""
    for name in ("two-output-sigmoid", "lstm", "batch-norm", "adam"):
        sheet = sheet_of(name, degree="derivation")
        ledger = sheet.solved[0].ledger
        rooms = [block for block in sheet.document("sheet").blocks if isinstance(block, WorkSpace)]
        works = [block for block in sheet.document("key").blocks if isinstance(block, Filled)]
        assert [room.height for room in rooms] == [work.height for work in works]
        ends: dict[str, Row] = {}
        for room, work in zip(rooms, works, strict=True):
            for part in steps(work.blocks):
                ends[room.answer[0]] = part.rows[-1]
        assert list(ends) == [answer.key for answer in sheet.answers]
        for quantity, row in ends.items():
            result = row.chain[-1][1]
            assert isinstance(result, Result) and str(result.term) == str(ledger.shown(quantity))


# --- hand-checked values of an article ----------------------------------------------------------------


def corrected() -> dict[str, str]:
    """Return the figures of the article, as it would show them with no mistake anywhere."""
    article = yaml.safe_load((ARTICLES / "two_output_sigmoid.yaml").read_text(encoding="utf-8"))
    return {figure["quantity"]: figure["corrected"] for figure in article["figures"]}


def test_the_key_has_the_corrected_figures_of_the_article() -> None:
    figures = corrected()
    sheet = sheet_of("two-output-sigmoid", degree="substitution")
    shown = {answer.key: sheet.solved[0].ledger.shown(answer.key) for answer in sheet.answers}
    checked = [quantity for quantity in shown if quantity in figures]
    assert len(checked) > 25
    for quantity in checked:
        assert as_fraction(Number.parse(figures[quantity])) == as_fraction(shown[quantity]), quantity


# --- the answers at a glance --------------------------------------------------------------------------


def rows_of(table: Table) -> list[list[str]]:
    """Return the cells of a table as plain text."""
    from symbackprop.document.blocks import MathStyle
    from symbackprop.render.plain.document import plain_line

    return [[plain_line(cell, MathStyle()).strip() for cell in row] for row in table.rows]


def answers_of(sheet: Sheet) -> tuple[Table, list[list[str]]]:
    """Return a key's table, and of each answer number, quantity, answer, low, high, otherwise and points."""
    (table,) = [block for block in sheet.document("key").blocks if isinstance(block, Table) and block.widths]
    *rows, total = rows_of(table)
    assert total[0] == "total" and total[-1] == str(sheet.composer.points)
    found: list[list[str]] = []
    for row in rows:
        if row[0]:
            low, _, high = row[3].partition(" to")
            found.append([*row[:3], low, high.strip() or low, row[4] if len(row) == 6 else "", row[-1]])
        elif row[2]:  # what comes out otherwise, on a line of its own
            found[-1][5] = row[2]
            assert row[3] in ("rounded", "unrounded", "otherwise")
        else:
            found[-1][4] = row[3]
    return table, found


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("name", SAMPLE)
def test_the_table_has_every_answer_with_what_is_accepted(name: str, large: bool) -> None:
    sheet = sheet_of(name, large_print=large)
    _, rows = answers_of(sheet)
    for answer, row in zip(sheet.answers, rows, strict=True):
        ledger = sheet.solved[answer.task - 1].ledger
        assert row[0] == str(answer.number)
        assert number(row[2]) == as_fraction(ledger.shown(answer.key))
        interval = accepted_interval(ledger, answer.key)
        ends = [number(part) for part in row[3:5]]
        assert [min(ends), max(ends)] == [as_fraction(interval.low), as_fraction(interval.high)]
        assert min(ends) <= as_fraction(ledger.shown(answer.key)) <= max(ends)
        assert row[6] == str(answer.points)


@pytest.mark.parametrize("digits", [None, 9, 14, 18])
@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
def test_the_table_is_set_in_legible_type(large: bool, digits: int | None) -> None:
    """It becomes narrower, by further lines, before its type becomes smaller than small."""
    from symbackprop.adjusting import adjusted

    worksheet = sheet_of("two-output-sigmoid", large_print=large).worksheet
    (task,) = worksheet.tasks
    problem = task.problem if digits is None else adjusted(task.problem, digits=digits)
    sheet = make_sheet(replace(worksheet, tasks=(replace(task, problem=problem),)))
    table, rows = answers_of(sheet)
    assert len(rows) == 35 and table.small and (not table.tiny or (large and digits == 18))
    assert (
        sum(table.widths) + 0.9 * (len(table.widths) - 1)
        <= sheet.composer.room / (8 if table.tiny else 9) * 10.5
    )


def number(text: str) -> Any:
    """Read a printed number back: minus sign, times ten to a raised exponent."""
    plain = text.replace("\N{MINUS SIGN}", "-").split()
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    exponent = int(plain[2].removeprefix("10").translate(raised)) if len(plain) == 3 else None
    return as_fraction(Number(plain[0], exponent))


@pytest.mark.parametrize("name", ["two-output-sigmoid", "adam", "delta-rule"])
def test_who_carries_rounded_values_finds_their_result_in_the_table(name: str) -> None:
    """The column after what is accepted: what comes out with the rounded values that stand on the sheet."""
    problem = sheet_of(name).worksheet.tasks[0].problem
    other = {"exact": "shown", "shown": "exact"}[problem.rounding.carry]
    carried = solve(replace(problem, rounding=replace(problem.rounding, carry=other)))  # type: ignore[arg-type]
    sheet = sheet_of(name)
    assert render_plain(sheet.document("key")).count("Rounded" if other == "shown" else "Unrounded") == 1
    different = 0
    for answer, row in zip(sheet.answers, answers_of(sheet)[1], strict=True):
        expected = as_fraction(carried.ledger.shown(answer.key))
        if row[5]:
            different += 1
            assert number(row[5]) == expected
        else:
            assert number(row[2]) == expected
    assert different or name == "delta-rule"


# --- layout -------------------------------------------------------------------------------------------


def page_count(pdf: bytes) -> int:
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return len(document)


def printed(pdf: bytes) -> list[str]:
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [page.get_text() for page in document]


def item_pages(pdf: bytes) -> dict[int, int]:
    """Return on which page each numbered item ends."""
    found: dict[int, int] = {}
    for page, text in enumerate(printed(pdf)):
        for match in re.finditer(r"\((\d+)\)\s*\[", text):
            found[int(match[1])] = page
    return found


def key_without_table(sheet: Sheet) -> Document:
    key = sheet.document("key")
    return replace(key, blocks=without_table(key))


@pytest.mark.parametrize("way", [WAYS[1], WAYS[2], WAYS[3], WAYS[5]], ids=way_name)
@pytest.mark.parametrize("name", ["two-output-sigmoid", "mini-batches", "computation-graph", "layer-norm"])
def test_the_key_has_the_pages_of_the_sheet(name: str, way: dict[str, Any]) -> None:
    """Every item ends on the same page of the sheet and of the key."""
    sheet = sheet_of(name, **way)
    blank = compile_typst(render_typst(sheet.document("sheet")))
    full = compile_typst(render_typst(key_without_table(sheet)))
    assert page_count(blank) == page_count(full)
    assert item_pages(blank) == item_pages(full)
    assert sorted(item_pages(blank)) == [answer.number for answer in sheet.answers]


@pytest.mark.parametrize("name", ["two-output-sigmoid", "layer-norm"])
def test_the_key_has_the_pages_of_the_sheet_in_latex(name: str, tex_engine: str) -> None:
    sheet = sheet_of(name, fade="medium")
    blank, _ = compile_with_log(render_latex(sheet.document("sheet")), tex_engine)
    full, _ = compile_with_log(render_latex(key_without_table(sheet)), tex_engine)
    assert page_count(blank) == page_count(full)
    assert item_pages(blank) == item_pages(full)
    assert sorted(item_pages(blank)) == [answer.number for answer in sheet.answers]


@pytest.mark.parametrize("name", example_names())
def test_sheets_and_keys_are_accessible_pdfs(name: str) -> None:
    """They compile as PDF/UA-1, in which every formula has a spoken alternative."""
    ways = WAYS if name in SAMPLE else ({"fade": "medium"},)
    for way in ways:
        sheet = sheet_of(name, **way)
        for paper in ("sheet", "key"):
            assert compile_typst(render_typst(sheet.document(paper)), standard="ua-1").startswith(b"%PDF")
    brief = compile_typst(render_typst(sheet_of(name, paper="letter").document("brief")), standard="ua-1")
    assert brief.startswith(b"%PDF")


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("name", SAMPLE)
def test_no_line_of_a_page_is_too_wide_for_latex(name: str, large: bool, need_tex: Any) -> None:
    sheet = sheet_of(name, fade="medium", large_print=large, formula_sheet=True, hints=True)
    for paper in ("sheet", "key"):
        _, log = compile_with_log(render_latex(sheet.document(paper)), need_tex("pdflatex"))
        overfull = [text for text in log.splitlines() if text.startswith("Overfull")]
        assert not overfull, (paper, overfull[:3])


# --- the brief key ------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("name", ["two-output-sigmoid", "shared-bias", "xor", "attention-two-heads"])
def test_the_brief_key_is_one_page(name: str, paper: str) -> None:
    """35, 47, 103 and 167 answers stand on one page."""
    sheet = sheet_of(name, paper=paper)
    pdf = compile_typst(render_typst(sheet.document("brief")))
    assert page_count(pdf) == 1
    text = render_plain(sheet.document("brief"))
    for answer in sheet.answers:
        assert str(sheet.solved[0].ledger.shown(answer.key)).partition("e")[0].removeprefix("-") in text


@pytest.mark.parametrize("name", ["shared-bias", "xor", "attention-two-heads"])
def test_the_brief_key_is_one_page_in_latex(name: str, need_tex: Any) -> None:
    document = sheet_of(name, paper="letter").document("brief")
    pdf, log = compile_with_log(render_latex(document), need_tex("pdflatex"))
    assert page_count(pdf) == 1
    assert "Overfull" not in log
