"""Decimal points of a column stand below each other."""

from __future__ import annotations

from symbackprop.document.blocks import Math, MathStyle, Room, Table, Text
from symbackprop.document.layout.alignment import with_points_aligned
from symbackprop.formulas.terms import Number
from symbackprop.render.plain import plain_line


def column(*texts: str) -> Table:
    rows = tuple(((Text(text) if text[0].isalpha() else Math(Number.parse(text)),),) for text in texts)
    return Table(((Text("value"),),), rows, ("right",))


def test_shorter_numbers_get_the_room_that_they_leave() -> None:
    aligned = with_points_aligned(column("0.15", "12", "-0.149995166", "not given", "4.8e-4", "1/3"))
    cells = [row[0] for row in aligned.rows]
    assert cells[0][1:] == (Room("0000000"),)
    assert cells[1][1:] == (Room(".000000000"),)
    assert all(len(cell) == 1 for cell in cells[2:])
    points = {plain_line(cell, MathStyle()).rstrip("\n")[::-1].find(".") for cell in (cells[0], cells[2])}
    assert len(points) == 1


def test_other_columns_stay() -> None:
    table = Table(((Text("a"),),), (((Math(Number("1")),),), ((Math(Number("1.5")),),)), ("left",))
    assert with_points_aligned(table) == table
    assert with_points_aligned(Table(((Text("a"),),), (), ("right",))).rows == ()
