"""How a sheet is laid out before an engine sees it: widths, rooms, what stays together, the head."""

from __future__ import annotations

from typing import Any

import pytest

from symbackprop.document.blocks import (
    Beside,
    Block,
    Diagram,
    Fields,
    Filled,
    Heading,
    MathStyle,
    Paragraph,
    Row,
    Steps,
    Table,
    Text,
    WorkSpace,
)
from symbackprop.document.layout.pages import block_height, term_height
from symbackprop.document.layout.width import relation_width, width
from symbackprop.document.pictures.magnifying import magnified
from symbackprop.document.worksheet.items import LEAST_LINES, MOST_LINES
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Blank, Negation, Number, Product, Result, Slot, Sum, Symbol, Term, walk
from symbackprop.render.plain import render_plain
from symbackprop.render.typst.blocks import blocks_in
from symbackprop.spec import example_names
from symbackprop.worksheets import Sheet

from .doubles import sheet_of

SAMPLE = ("two-output-sigmoid", "xor", "softmax-classes", "batch-norm", "char-rnn", "own-activation", "adam")


def row_width(row: Row, side: float, style: MathStyle) -> float:
    """Return the predicted width of a line from the left edge."""
    taken = side + sum(relation_width(relation) + width(term, style) for relation, term in row.chain)
    continued = bool(row.chain) and not row.chain[0][0]
    return taken + (relation_width("=") + row.indent if continued else 0.0)


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("name", example_names())
def test_no_line_is_wider_than_the_page(name: str, large: bool) -> None:
    """Also on the key, and with room for number and points at the end of those that have them."""
    for degree in ("substitution", "formula"):
        sheet = sheet_of(name, degree=degree, large_print=large)
        for paper in ("sheet", "key"):
            for block in blocks_in(sheet.document(paper).blocks):
                for row in block.rows if isinstance(block, Steps) else ():
                    room = sheet.composer.room - (4.6 if row.number is not None else 0.2)
                    assert row_width(row, block.side, sheet.composer.style) <= room, (degree, paper, row)


def boxes_of(sheet: Sheet) -> list[tuple[Result, Term]]:
    """Return the filled gaps of a key with what stands in them."""
    key = sheet.document("key")
    found: list[tuple[Result, Term]] = []
    for block in blocks_in(key.blocks):
        for row in block.rows if isinstance(block, Steps) else ():
            for _, term in row.chain:
                for box in walk(term):
                    if isinstance(box, Result) and box.width:
                        inner = box.term
                        found.append((box, key.numbers[inner.name] if isinstance(inner, Slot) else inner))
    return found


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("name", SAMPLE)
def test_what_belongs_into_a_gap_fits_into_it(name: str, large: bool) -> None:
    for degree in ("substitution", "formula"):
        sheet = sheet_of(name, degree=degree, large_print=large)
        small = 0
        for box, inner in boxes_of(sheet):
            natural = width(arrange(inner, sheet.composer.style.number_sign), sheet.composer.style)
            assert natural * box.scale <= box.width, inner
            assert term_height(inner) * box.scale <= 10.5 * box.height + 1.0, inner
            small += box.scale < 0.75
        assert small <= 0.02 * len(boxes_of(sheet)) + 2


# --- rooms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLE)
def test_rooms_hold_together_with_what_they_belong_to(name: str) -> None:
    """What is asked, the first part of its room; the last part of the room, the gap of the result."""
    blocks = sheet_of(name, degree="derivation").document("sheet").blocks
    for before, block, after in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if not isinstance(block, WorkSpace):
            continue
        place, parts = block.part
        assert LEAST_LINES <= round(block.height / 0.9) <= MOST_LINES
        if place == 0:
            assert isinstance(before, Steps) and before.kept and len(before.rows) == 1
        if place == parts - 1:
            assert block.kept and isinstance(after, Steps) and after.rows[-1].number is not None
        else:
            assert isinstance(after, WorkSpace) and after.part == (place + 1, parts)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_work_fits_into_its_room(name: str) -> None:
    sheet = sheet_of(name, degree="derivation")
    for block in sheet.document("key").blocks:
        if isinstance(block, Filled):
            printed = sum(block_height(part, sheet.composer.style) for part in block.blocks) / 28.45
            assert printed <= block.height * 1.15


def test_more_work_has_more_room() -> None:
    blocks = sheet_of("two-output-sigmoid", degree="derivation").document("sheet").blocks
    heights: dict[str, float] = {}
    for block in blocks:
        if isinstance(block, WorkSpace):
            heights[block.answer[0]] = heights.get(block.answer[0], 0.0) + block.height
    assert heights["new.w1"] < heights["grad.w5"] < heights["grad.w1"]


@pytest.mark.parametrize("room", ["lined", "grid", "empty"])
def test_rooms_are_ruled_as_is_asked(room: str) -> None:
    blocks = sheet_of("or-gate-full", degree="derivation", room=room).document("sheet").blocks
    assert {block.ruling for block in blocks if isinstance(block, WorkSpace)} == {room}


def test_a_grid_ends_with_a_whole_square() -> None:
    blocks = sheet_of("or-gate-full", degree="derivation", room="grid").document("sheet").blocks
    rooms = [block for block in blocks if isinstance(block, WorkSpace)]
    assert rooms and all(round(room.height * 10) % 5 == 0 for room in rooms)


def test_what_has_to_be_computed_first_has_its_room() -> None:
    blocks = sheet_of("or-gate-full", ask="act.o1").document("sheet").blocks
    first = next(place for place, block in enumerate(blocks) if isinstance(block, Heading))
    assert render_heading(blocks[first]) == "On the way"
    rooms = [block for block in blocks if isinstance(block, WorkSpace)]
    assert rooms and {key for room in rooms for key in room.answer} == {
        "net.h1",
        "act.h1",
        "net.h2",
        "act.h2",
        "net.o1",
    }


def render_heading(block: Block) -> str:
    from symbackprop.render.plain.document import plain_line

    assert isinstance(block, Heading)
    return plain_line(block.title, MathStyle())


# --- gaps ---------------------------------------------------------------------------------------------


def test_gaps_are_as_wide_as_their_rounding() -> None:
    from symbackprop.document.worksheet.gaps import GAP, RESULT_GAP, Gaps

    sheet = sheet_of("two-output-sigmoid")
    gaps = Gaps(sheet.solved[0].ledger, sheet.composer.style, lambda key: False)
    assert gaps.gap_of("w1") == GAP  # given, whatever is written
    assert gaps.width_of("act.h1") == gaps.width_of("act.o2") >= RESULT_GAP
    assert gaps.width_of("grad.w1") > gaps.width_of("grad.w5")  # printed with a power of ten
    assert gaps.gap_of("act.h1") < gaps.width_of("act.h1")


def test_a_box_holds_what_is_in_it_together() -> None:
    """No brackets round a filled gap, and a sign before it: times minus 0.3 is as clear as times 0.3."""
    box = Result(Number("-0.3"), 5.0)
    assert arrange(Product((Number("0.2"), box))) == Product((Number("0.2"), box), ("times",))
    assert arrange(Sum((Symbol(Name("a")), Negation(box)))) == Sum((Symbol(Name("a")), Negation(box)))
    plain = Result(Number("-0.3"))
    assert arrange(Product((Number("0.2"), plain))) != Product((Number("0.2"), plain), ("times",))


def test_a_negative_number_in_a_gap_of_a_broken_line_is_not_run_into_its_sign() -> None:
    key = render_plain(sheet_of("mini-batches", degree="substitution").document("key"))
    assert (
        "× \N{MINUS SIGN}" not in key
        and "+ \N{MINUS SIGN}" not in key
        and "\N{MINUS SIGN} \N{MINUS SIGN}" not in key
    )
    assert "× [\N{MINUS SIGN}0.35]" in key


# --- the head -----------------------------------------------------------------------------------------


def table_of_marks(sheet: Sheet) -> list[Table]:
    blocks = [part for block in sheet.document("sheet").blocks[:4] for part in inside(block)]
    tables = [block for block in blocks if isinstance(block, Table)]
    return [table for table in tables if table.head[0] == (Text("Section"),)]


def inside(block: Block) -> tuple[Block, ...]:
    return (*block.left, *block.right) if isinstance(block, Beside) else (block,)


def test_marks_stand_beside_the_instructions_with_a_box_for_each() -> None:
    sheet = sheet_of("two-output-sigmoid")
    (head,) = [block for block in sheet.document("sheet").blocks[:3] if isinstance(block, Beside)]
    assert isinstance(head.left[0], Paragraph)
    (table,) = table_of_marks(sheet)
    points, marks = table.rows
    assert len(points) == len(marks) == 7 == len(table.head)
    assert all(isinstance(getattr(cell[0], "term", None), Blank) for cell in marks[1:])


def test_many_sections_have_several_rows_of_marks() -> None:
    sheet = sheet_of("two-output-sigmoid", large_print=True, ask="everything,second_pass")
    tables = table_of_marks(sheet)
    assert sum(len(table.head) - 1 for table in tables) == 7 + 1  # the sections and the total
    assert all(
        width(Blank(Number("0"), 2.2), MathStyle()) * len(table.head) < sheet.composer.room
        for table in tables
    )


def test_lines_to_fill_in_stand_four_in_a_row_at_the_most(tmp_path: Any) -> None:
    from symbackprop.worksheets import make_sheet

    path = tmp_path / "s.yaml"
    path.write_text("head: [Name, Number, Signature, Group, Date]\nproblems: [{problem: or-gate-full}]\n")
    fields = [block for block in make_sheet(path).document("sheet").blocks if isinstance(block, Fields)]
    assert [[one.label for one in block.fields] for block in fields] == [
        ["Name", "Number"],
        ["Signature", "Group", "Date"],
    ]
    assert all(0.97 <= sum(one.share for one in block.fields) <= 1.01 for block in fields)


# --- large print --------------------------------------------------------------------------------------


def test_in_large_print_pictures_are_larger_and_nothing_stands_beside_them() -> None:
    usual = sheet_of("two-output-sigmoid").document("sheet")
    large = sheet_of("two-output-sigmoid", large_print=True).document("sheet")
    small = next(part for block in usual.blocks for part in inside(block) if isinstance(part, Diagram))
    (big,) = [block for block in large.blocks if isinstance(block, Diagram)]
    assert big == magnified(small, 1.5) and large.size == 16.0
    assert big.label_size > 11 and big.width <= 17.0
    assert (big.units[0].label, big.alternative) == (small.units[0].label, small.alternative)
