"""Values of many stages alike, such as time steps: a table with a row for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from ...formulas.names import Name
from ...formulas.terms import Partial, Symbol, Term
from ..blocks import Line, Table
from ..layout.width import width
from ..sheet import Sheet, line
from .derivatives import family

#: The width in em that a table may have, and what a column takes beside its widest entry.
WIDEST, BETWEEN = 50.0, 1.6

#: A short sheet shows of more rows the first and the last ones.
MANY_ROWS, FIRST_ROWS, LAST_ROWS = 10, 4, 3


def add_step_tables(sheet: Sheet, titles: Sequence[str], steps: Sequence[Sequence[str]]) -> bool:
    """Add the quantities of each step as a row, in as many tables as the page's width asks for.

    Returns whether that could be done: the steps have the same quantities, all known, that differ in print by
    the number of their step alone.
    """
    marks = [re.search(r"\d+", title) for title in titles]
    numbers = [mark.group() for mark in marks if mark is not None]
    columns = list(zip(*steps, strict=False))
    alike = all(len({family(quantity) for quantity in column}) == 1 for column in columns)
    if (
        len(set(numbers)) != len(steps)
        or len({len(step) for step in steps}) != 1
        or not alike
        or not all(sheet.known(quantity) for step in steps for quantity in step)
    ):
        return False
    heads = [_general([sheet.term(quantity) for quantity in column], numbers) for column in columns]
    if not columns or any(head is None for head in heads):
        return False
    rows = _rows(sheet, len(steps))
    for part in _parts(sheet, [head for head in heads if head is not None], columns):
        _add_table(sheet, [(heads[index], columns[index]) for index in part], numbers, rows)
    if None in rows:
        sheet.text("The rows between are left out here; --format json lists every value.", small=True)
    return True


def _rows(sheet: Sheet, count: int) -> list[int | None]:
    """Return which steps have a row; None is a row of dots."""
    if not sheet.selection.is_short or count <= MANY_ROWS:
        return list(range(count))
    return [*range(FIRST_ROWS), None, *range(count - LAST_ROWS, count)]


def _parts(sheet: Sheet, heads: Sequence[Term], columns: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the columns table by table."""
    needed = [
        BETWEEN + max(width(entry, sheet.style) for entry in (head, *map(sheet.value, column)))
        for head, column in zip(heads, columns, strict=True)
    ]
    tables = max(1, ceil(sum(needed) / WIDEST))
    while True:  # as many columns in each
        size = ceil(len(needed) / tables)
        parts = [list(range(start, min(start + size, len(needed)))) for start in range(0, len(needed), size)]
        if size == 1 or all(sum(needed[index] for index in part) <= WIDEST for part in parts):
            return parts
        tables += 1


def _add_table(
    sheet: Sheet,
    columns: Sequence[tuple[Term | None, Sequence[str]]],
    numbers: Sequence[str],
    rows: Sequence[int | None],
) -> None:
    body: list[tuple[Line, ...]] = []
    for index in rows:
        if index is None:
            body.append((line("..."), *(() for _ in columns)))
        else:
            values = (line(sheet.value(column[index])) for _, column in columns)
            body.append((line(numbers[index]), *values))
    head = (line(Symbol(Name("t"))), *(line(term) for term, _ in columns if term is not None))
    align = ("right", *["right"] * len(columns))
    sheet.add(Table(head, tuple(body), align, breakable=len(body) > MANY_ROWS, small=True))


def _general(terms: Sequence[Term], numbers: Sequence[str]) -> Term | None:
    """Return what the terms of all steps have in common, with t for the number of the step."""
    first = terms[0]
    if isinstance(first, Partial):
        by = _general([term.by for term in terms if isinstance(term, Partial)], numbers)
        return None if by is None else Partial(first.of, by)
    names = [term.name for term in terms if isinstance(term, Symbol)]
    if len(names) != len(terms):
        return None
    found = {_with_letter(name, number) for name, number in zip(names, numbers, strict=True)}
    return Symbol(found.pop()) if len(found) == 1 else None


def _with_letter(name: Name, number: str) -> Name:
    """Return a name with t where its scripts have the number of the step: above, else below."""
    above = tuple(_replaced(piece, number) for piece in name.sup)
    if above != name.sup:
        return replace(name, sup=above)
    return replace(name, sub=tuple(_replaced(piece, number) for piece in name.sub))


def _replaced(piece: str, number: str) -> str:
    return re.sub(rf"(?<!\d){number}(?!\d)", "t", piece)
