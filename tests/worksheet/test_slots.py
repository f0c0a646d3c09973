"""Keys of a class, written with slots, are the keys that are written directly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbackprop.document.blocks import Steps
from symbackprop.document.worksheet.filling import filled
from symbackprop.formulas.terms import Slot, walk
from symbackprop.render.latex import render_latex
from symbackprop.render.typst import render_typst
from symbackprop.spec.worksheets import load_worksheet
from symbackprop.worksheets import Sheet, make_sheet


def sheet_of(example: str, digits: int | None = None) -> Sheet:
    worksheet = load_worksheet(example)
    if digits is not None:
        (task,) = worksheet.tasks
        rounding = replace(
            task.problem.rounding, default=replace(task.problem.rounding.default, digits=digits)
        )
        worksheet = replace(
            worksheet, tasks=(replace(task, problem=replace(task.problem, rounding=rounding)),)
        )
    return make_sheet(worksheet)


def slots_in(sheet: Sheet) -> int:
    rows = (row for block in sheet.document("key").blocks if isinstance(block, Steps) for row in block.rows)
    return sum(isinstance(part, Slot) for row in rows for _, term in row.chain for part in walk(term))


@pytest.mark.parametrize("example", ["two-output-sigmoid", "shared-bias", "adam", "softmax-classes", "lstm"])
def test_a_key_with_slots_is_the_key_written_directly(example: str) -> None:
    sheet = sheet_of(example)
    key = sheet.document("key")
    assert slots_in(sheet) > 20
    composer = sheet.composer
    lines = composer._lines(0, composer_sheet(sheet), None)
    direct = {
        id(slots): block
        for part in composer._parts[0]
        for block, slots in zip(part.blocks, part.slotted, strict=True)
    }
    blocks = tuple(filled(direct[id(b)], lines) if id(b) in direct else b for b in key.blocks)
    written = replace(
        key, blocks=tuple(replace(b, lasting=False) if isinstance(b, Steps) else b for b in blocks)
    )
    assert render_typst(written) == render_typst(key)
    assert render_latex(written) == render_latex(key)


def composer_sheet(sheet: Sheet) -> object:
    from symbackprop.document.worksheet.composing import _sheet

    return _sheet(sheet.solved[0])


def test_numbers_too_wide_for_their_slots_are_set_smaller() -> None:
    """A gradient of many digits in scientific form does not fit: its lines are written without slots."""
    sheet = sheet_of("or-gate-full", digits=6)
    key = render_typst(sheet.document("key"))
    assert "\N{LEFT WHITE SQUARE BRACKET}" not in key
