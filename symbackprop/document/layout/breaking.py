"""Lines of a derivation, broken to a width before an engine sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ...formulas.brackets import arrange
from ...formulas.terms import (
    Elided,
    Fraction,
    Group,
    Negation,
    Number,
    Product,
    Result,
    Sum,
    Term,
    keys,
    rebuild,
)
from ..blocks import Line, MathStyle, Row
from .matrices import fitted
from .tearing import INSIDE_TERM, cut, pieces
from .width import RESULT_PADDING, operator_width, relation_width, width

NUMBER_SPACE = 2.5  # em, for "(12)" at the end of a row
INDENT = 1.0  # em, of a row that continues the one above, from where its right side begins

_ROW = 100.0  # the price of one more row
_RAGGED = 60.0  # the price of a row that is empty but for nothing
_OVERFULL = 1e6
_STUB = 1100.0  # the price of a first row that is a short factor alone: more than a break inside brackets
_SHORT = 3.0  # em
_LONELY = 30.0  # the price of a result parted from what it is the result of

_FACTORS = ("times", "dot", "star")

Chain = tuple[tuple[str, Term], ...]


def lay_out(
    left: Term | None,
    chain: Sequence[tuple[str, Term]],
    *,
    available: float,
    left_width: float,
    style: MathStyle,
    number: int | None = None,
    note: Line = (),
    together: bool = True,
) -> tuple[Row, ...]:
    """Return the physical rows of one logical line `left = a = b = c`.

    No row is wider than `available` em, the whole column of the equations, unless a single piece
    is; `left_width` is the column's part left of the relations. With `together` as many members of
    the chain as fit share a row, otherwise each has its own. A member that is too wide is broken:
    between terms, then between factors, as a last resort inside brackets; a matrix is elided. The
    number goes to the last row and takes its room there, the note to the first. All terms come back
    arranged.
    """
    if left is not None:
        left = arrange(left, style.number_sign)
        left_width = max(left_width, width(left, style))
    room = available - left_width
    last_room = room - (NUMBER_SPACE if number is not None else 0.0)
    widest = last_room - relation_width("=") - INDENT - operator_width("hadamard") - RESULT_PADDING
    members = tuple(
        (relation, fitted(arrange(unfolded(term, widest, style), style.number_sign), widest, style))
        for relation, term in chain
    )
    rows = list(_rows(members, room, last_room, style, together))
    rows[0] = replace(rows[0], left=left, note=note)
    rows[-1] = replace(rows[-1], number=number)
    return tuple(rows)


def unfolded(term: Term, room: float, style: MathStyle) -> Term:
    """Return a term without fractions wider than there is room: 1/n [a + b + ...] for (a + b + ...)/n."""
    if width(term, style) <= room:
        return term
    if isinstance(term, Fraction) and isinstance(term.numerator, Sum):
        return Product((Fraction(Number("1"), term.denominator), Group(term.numerator, "square")))
    if isinstance(term, Sum | Product | Negation | Group):
        return term.rebuilt(lambda part: unfolded(part, room, style))
    return term


def _rows(members: Chain, room: float, last_room: float, style: MathStyle, together: bool) -> list[Row]:
    """Distribute the members of a chain over rows."""
    widths = [relation_width(relation) + width(term, style) for relation, term in members]

    def limit(stop: int) -> float:
        return last_room if stop == len(members) else room

    def cost(start: int, stop: int) -> float | None:
        taken = sum(widths[start:stop])
        if stop - start > 1 and (taken > limit(stop) or not together):
            return None
        lonely = start > 0 and stop - start == 1 and isinstance(members[start][1], Result)
        return _row_cost(taken, limit(stop)) + _LONELY * lonely

    rows: list[Row] = []
    runs = _partition(len(members), cost)
    joined = False
    for (start, stop), following in zip(runs, [*runs[1:], None], strict=True):
        if joined:
            joined = False
            continue
        if stop - start == 1 and widths[start] > limit(stop):
            broken, depth = _broken(*members[start], room, limit(stop), style)
            if together and following is not None:
                left_over = limit(following[1]) - sum(widths[slice(*following)])
                shorter, deeper = _broken(*members[start], room, left_over, style)
                joined = (
                    len(shorter) == len(broken)
                    and deeper < depth + INSIDE_TERM
                    and _fits(shorter[-1], left_over, style)
                )
                if joined:
                    ending = shorter[-1]
                    broken = [*shorter[:-1], replace(ending, chain=ending.chain + members[slice(*following)])]
            rows += broken
        else:
            rows.append(Row(None, members[start:stop]))
    return rows


def _fits(row: Row, room: float, style: MathStyle) -> bool:
    """Return whether a row of one relation or continuation is no wider than the room there is."""
    taken = sum(
        relation_width(relation) * bool(relation) + width(term, style) for relation, term in row.chain
    )
    return taken + (relation_width("=") + row.indent if row.indent else 0.0) <= room


def _broken(
    relation: str, term: Term, room: float, last_room: float, style: MathStyle
) -> tuple[list[Row], float]:
    """Break a member that is too wide for one row; return its rows and how deep the breaks cut."""
    parts = pieces(term, style)
    indent = relation_width("=") + INDENT
    ends = [0.0]  # the width of everything up to each piece, were it all on one row
    for part in parts:
        ends.append(ends[-1] + part.gap + part.width)

    def cost(start: int, stop: int) -> float | None:
        part = parts[start]
        front = indent + operator_width(part.operator) if start else relation_width(relation)
        taken = front + ends[stop] - ends[start] - part.gap
        limit = last_room if stop == len(parts) else room
        if taken > limit and stop - start > 1:
            return None
        stub = start == 0 and stop < len(parts) and ends[stop] < _SHORT and parts[stop].operator in _FACTORS
        return _row_cost(taken, limit) + part.cost + _STUB * stub

    rows = []
    runs = _partition(len(parts), cost)
    for start, stop in runs:
        piece = cut(term, start, stop, parts[start].operator if start else "")
        rows.append(Row(None, (("" if start else relation, piece),), indent=INDENT if start else 0.0))
    return rows, sum(parts[start].cost for start, _ in runs)


def _row_cost(taken: float, limit: float) -> float:
    if taken > limit:
        return _OVERFULL * (1.0 + taken - limit)
    return _ROW + _RAGGED * (1.0 - taken / limit) ** 2


def _partition(count: int, cost: Callable[[int, int], float | None]) -> list[tuple[int, int]]:
    """Return the cheapest division of 0..count into runs; a run that costs None is not to be had.

    Where a run is not to be had, no longer one with the same start is either, but for the one that
    reaches the end.
    """
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for start in range(count):
        for stop in range(start + 1, count + 1):
            price = cost(start, stop)
            if price is None:
                break
            if best[start][0] + price < best[stop][0] - 1e-9:
                best[stop] = (best[start][0] + price, start)
    cuts = [count]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return list(pairwise(reversed(cuts)))


def elide_around(term: Term, wanted: str, most: int) -> Term:
    """Return the term with sums of more than `most` terms shortened: a + ... + the wanted + ... + z.

    Their first and last terms remain, and those that contain the quantity that is wanted.
    """
    if isinstance(term, Elided):
        return term
    term = rebuild(term, lambda child: elide_around(child, wanted, most))
    if not isinstance(term, Sum) or len(term.terms) <= most:
        return term
    last = len(term.terms) - 1
    parts: list[Term] = []
    hidden: list[Term] = []
    for index, item in enumerate(term.terms):
        if index in (0, last) or wanted in keys(item):
            if hidden:
                parts.append(Elided(Sum(tuple(hidden))) if len(hidden) > 1 else hidden[0])
            parts.append(item)
            hidden = []
        else:
            hidden.append(item)
    return Sum(tuple(parts))


def elide(term: Term, keep: int = 4) -> Term:
    """Return the term with long sums shortened: a + b + c + ... + z.

    Of a sum of more than `keep + 1` terms the first `keep - 1` and the last remain; the others stay
    in the formula as what its dots stand for, so that its value and its meaning do not change.
    """
    if isinstance(term, Elided):
        return term
    term = rebuild(term, lambda child: elide(child, keep))
    if isinstance(term, Sum) and len(term.terms) > keep + 1:
        hidden = Elided(Sum(term.terms[keep - 1 : -1]))
        return Sum((*term.terms[: keep - 1], hidden, term.terms[-1]))
    return term
