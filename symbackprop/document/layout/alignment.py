"""Columns of numbers with their decimal points below each other, and how wide columns are."""

from __future__ import annotations

from dataclasses import replace

from ...formulas.terms import Number
from ..blocks import Line, Math, MathStyle, Room, Table
from .width import line_width

#: The room between two columns of a table whose widths are known, in em; one that leaves no more than this
#: free may turn out too wide.
APART, SPARE = 0.9, 0.5


def with_points_aligned(table: Table) -> Table:
    """Return a table whose right-aligned columns have their decimal points below each other.

    Plain decimals are followed by the room that the longest one takes after its point. Anything else,
    such as a number in scientific form, stands at the right edge.
    """
    if not table.rows:
        return table
    columns = [
        _aligned(column) if align == "right" else column
        for column, align in zip(zip(*table.rows, strict=True), table.align, strict=True)
    ]
    return replace(table, rows=tuple(zip(*columns, strict=True)))


def with_columns_measured(table: Table, style: MathStyle) -> Table:
    """Return a table with its points aligned and the widths of its columns known."""
    aligned = with_points_aligned(table)
    columns = zip(aligned.head, *aligned.rows, strict=True)
    return replace(
        aligned, widths=tuple(max(line_width(cell, style) for cell in column) for column in columns)
    )


def needed_width(table: Table) -> float:
    """Return the width that a table of known widths needs, in em of its own type."""
    return sum(table.widths) + APART * (len(table.widths) - 1) + SPARE


def _aligned(column: tuple[Line, ...]) -> tuple[Line, ...]:
    tails = [_tail(cell) for cell in column]
    longest = max((tail for tail in tails if tail is not None), key=len, default="")
    return tuple(
        cell if tail is None or tail == longest else (*cell, Room(longest[len(tail) :]))
        for cell, tail in zip(column, tails, strict=True)
    )


def _tail(cell: Line) -> str | None:
    """Return the decimal point of a plain number and a zero for each of its decimals."""
    match cell:
        case (Math(Number(text, None)),) if "/" not in text:
            _, point, decimals = text.partition(".")
            return point + "0" * len(decimals)
    return None
