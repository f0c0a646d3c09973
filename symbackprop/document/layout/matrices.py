"""Matrices on the page: built from quantity keys, elided where they are too large, decimal points in line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...formulas.terms import Elided, Matrix, Number, Padded, Term, matrix, walk
from ..blocks import MathStyle
from .heights import matrix_bracket_width
from .width import COLUMN_GAP, width

#: A matrix of more rows is shown by its first rows and its last.
MOST_ROWS = 10
FIRST_ROWS = 7
#: So many columns at the most are tried, however narrow they are.
MOST_COLUMNS = 16
_DOTS = 1.2  # the width of a column of dots


def matrix_of(keys: Sequence[Sequence[str | Term]], term: Callable[[str], Term]) -> Matrix:
    """Return the matrix of quantities, `term` giving what is printed for a key.

    Arguments:
        keys: the quantity keys row by row; a term, such as the 0 of a missing connection, stands for itself.
        term: `sheet.term` for a matrix of symbols, `sheet.value` for one of numbers.

    Raises:
        ValueError: there is no entry, or the rows are not equally long.
    """
    return matrix([term(entry) if isinstance(entry, str) else entry for entry in row] for row in keys)


def fitted(term: Term, room: float, style: MathStyle) -> Term:
    """Return an arranged term as it fits on the page: matrices elided, numbers lined up in their columns."""
    if not any(type(node) is Matrix for node in walk(term)):  # most terms have none
        return term

    def visit(node: Term) -> Term:
        if isinstance(node, Matrix):
            return lined_up(elided(node, room, style), style)
        return node if isinstance(node, Elided) else node.rebuilt(visit)

    return visit(term)


def matrices_in(term: Term) -> Iterator[Matrix]:
    """Yield the matrices that are printed in a term, not those that dots stand for."""
    if isinstance(term, Elided):
        return
    if isinstance(term, Matrix):
        yield term
    for part in term.parts():
        yield from matrices_in(part)


# --- too large ------------------------------------------------------------------------------------


def elided(term: Matrix, room: float, style: MathStyle) -> Matrix:
    """Return a matrix with dots for the rows and columns that have no room.

    The first ones and the last remain. What the dots stand for stays in the matrix, hidden in its
    `Elided` entries. A matrix that is elided already is left as it is.
    """
    if any(isinstance(entry, Elided) for row in term.rows for entry in row):
        return term
    rows, columns = term.shape
    kept_rows = FIRST_ROWS if rows > MOST_ROWS else rows
    seen = term.rows if rows <= MOST_ROWS else (*term.rows[:FIRST_ROWS], term.rows[-1])
    kept_columns = _columns_with_room(seen, room - 2 * matrix_bracket_width(term), style)
    if kept_rows == rows and kept_columns == columns:
        return term
    across, down = _parts(kept_columns, columns), _parts(kept_rows, rows)
    return Matrix(
        tuple(
            tuple(_entry(term, down[row], across[column], row == kept_rows, column == kept_columns)
                  for column in range(len(across)))
            for row in range(len(down))
        )
    )  # fmt: skip


def _parts(kept: int, count: int) -> list[slice]:
    """Return what stands in each printed row or column: the first ones, what the dots stand for, the last."""
    parts = [slice(index, index + 1) for index in range(kept)]
    return parts if kept == count else [*parts, slice(kept, count - 1), slice(count - 1, count)]


def _entry(term: Matrix, rows: slice, columns: slice, down: bool, across: bool) -> Term:
    """Return one printed entry: an entry of the matrix, or the dots for a block of them."""
    if not (down or across):
        return term.rows[rows][0][columns][0]
    block = Matrix(tuple(row[columns] for row in term.rows[rows]))
    return Elided(block, "diagonal" if down and across else "down" if down else "across")


def _columns_with_room(rows: Sequence[Sequence[Term]], room: float, style: MathStyle) -> int:
    """Return how many of the first columns are shown: all, or at least one beside dots and the last."""
    columns = len(rows[0])
    widths = [max(width(row[index], style) for row in rows) for index in range(min(columns, MOST_COLUMNS))]
    if columns < 3 or (columns <= MOST_COLUMNS and sum(widths) + COLUMN_GAP * (columns - 1) <= room):
        return columns
    taken = widths[0] + max(width(row[-1], style) for row in rows) + _DOTS + 2 * COLUMN_GAP
    kept = 1
    for wide in widths[1 : columns - 2]:
        taken += wide + COLUMN_GAP
        if taken > room:
            break
        kept += 1
    return kept


# --- decimal points in line -----------------------------------------------------------------------


def lined_up(term: Matrix, style: MathStyle) -> Matrix:
    """Return a matrix whose columns of numbers have their decimal points below each other."""
    columns = [_lined_up(column, style) for column in zip(*term.rows, strict=True)]
    return Matrix(tuple(zip(*columns, strict=True)))


def _lined_up(column: Sequence[Term], style: MathStyle) -> tuple[Term, ...]:
    entries = [_bare(entry) for entry in column]
    numbers = [entry for entry in entries if not isinstance(entry, Elided)]
    if not all(isinstance(entry, Number) and "/" not in entry.text for entry in numbers):
        return tuple(column)
    sides = [_sides(entry, style) for entry in numbers if isinstance(entry, Number)]
    front, back = (max(side, default=0.0) for side in zip(*sides, strict=True)) if sides else (0.0, 0.0)
    return tuple(
        entry if not isinstance(entry, Number) else _padded(entry, front, back, style) for entry in entries
    )


def _bare(entry: Term) -> Term:
    return entry.term if isinstance(entry, Padded) else entry


def _sides(number: Number, style: MathStyle) -> tuple[float, float]:
    """Return how wide a number is up to its decimal point, and from there on."""
    front = width(Number(number.text.partition(".")[0]), style)
    return front, width(number, style) - front


def _padded(number: Number, front: float, back: float, style: MathStyle) -> Term:
    own_front, own_back = _sides(number, style)
    before, after = round(front - own_front, 3), round(back - own_back, 3)
    return Padded(number, before, after) if before or after else number
