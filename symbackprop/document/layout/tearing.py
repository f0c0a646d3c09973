"""Terms in pieces: where a formula may break, and the terms that its parts are.

A term is seen as a sequence of unbreakable pieces. Lines may break between two terms of a sum, less
gladly between two factors of a product, and as a last resort inside brackets. Fractions, calls,
underbraces and results are never broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from ...formulas.terms import Continuation, Group, Matrix, Negation, Product, Sum, Term, Torn
from ..blocks import MathStyle
from .glyphs import MINUS
from .heights import bracket_width
from .width import gap_width, operator_width, width

# What a break costs: more than lines saved elsewhere, the deeper it cuts.
FACTORS = 40.0  # between factors rather than between terms
NESTED = 60.0  # between factors of a factor, such as y (1 - y)
INSIDE_TERM = 300.0  # inside one term of a sum
INSIDE_BRACKETS = 1000.0


@dataclass(frozen=True, slots=True)
class Piece:
    """An unbreakable part of a formula.

    width: its own, with the brackets that open before it and close after it. gap: what separates it
    from the piece before on the same line. operator: what a line starts with that begins with it.
    cost: how bad a break before it is.
    """

    width: float
    gap: float = 0.0
    operator: str = ""
    cost: float = 0.0


def pieces(term: Term, style: MathStyle) -> list[Piece]:
    """Return the pieces of an arranged term, left to right."""
    return _pieces(term, style, 0.0)


def cut(term: Term, start: int, stop: int, operator: str = "") -> Term:
    """Return the part of an arranged term from piece `start` up to, not including, piece `stop`.

    A part that does not begin the term is a `Continuation` with the operator of its first piece.
    """
    part = _cut(term, start, stop)
    return Continuation(operator, part) if operator else part


@singledispatch
def _pieces(term: Term, style: MathStyle, cost: float) -> list[Piece]:
    return [Piece(width(term, style))]


@singledispatch
def _count(term: Term) -> int:
    return 1


@singledispatch
def _cut(term: Term, start: int, stop: int) -> Term:
    return term


def _cut_items(items: Sequence[Term], start: int, stop: int) -> tuple[tuple[Term, ...], slice]:
    """Cut a row of terms: what is left of it, and which of the items that is."""
    left: list[Term] = []
    first = position = 0
    for index, item in enumerate(items):
        size = _count(item)
        if position < stop and position + size > start:
            first = first if left else index
            left.append(_cut(item, max(start - position, 0), min(stop - position, size)))
        position += size
    return tuple(left), slice(first, first + len(left))


@_pieces.register
def _(term: Sum, style: MathStyle, cost: float) -> list[Piece]:
    found = _pieces(term.terms[0], style, cost + INSIDE_TERM)
    for item in term.terms[1:]:
        operator, inner = ("minus", item.term) if isinstance(item, Negation) else ("plus", item)
        first, *rest = _pieces(inner, style, cost + INSIDE_TERM)
        found += [replace(first, gap=operator_width(operator), operator=operator, cost=cost), *rest]
    return found


@_count.register
def _(term: Sum) -> int:
    return sum(_count(item) for item in term.terms)


@_cut.register
def _(term: Sum, start: int, stop: int) -> Term:
    left, kept = _cut_items(term.terms, start, stop)
    first = left[0]
    if kept.start and isinstance(first, Negation) and isinstance(term.terms[kept.start], Negation):
        left = (first.term, *left[1:])  # its minus sign is the line's operator
    return Sum(left) if len(left) > 1 else left[0]


@_pieces.register
def _(term: Product, style: MathStyle, cost: float) -> list[Piece]:
    found: list[Piece] = []
    for index, factor in enumerate(term.factors):
        first, *rest = _pieces(factor, style, cost + NESTED * isinstance(factor, Product))
        if index:
            sign = term.sign[index - 1]
            first = replace(
                first,
                gap=gap_width(sign, term.factors[index - 1], factor, style),
                operator=sign or _sign_at_break(term.factors[index - 1], factor, style),
                cost=cost + FACTORS,
            )
        found += [first, *rest]
    return found


def _sign_at_break(before: Term, after: Term, style: MathStyle) -> str:
    """Return the sign that stands at a break between two factors without one; matrices take a dot."""
    return "dot" if isinstance(before, Matrix) or isinstance(after, Matrix) else style.number_sign


@_count.register
def _(term: Product) -> int:
    return sum(_count(item) for item in term.factors)


@_cut.register
def _(term: Product, start: int, stop: int) -> Term:
    left, kept = _cut_items(term.factors, start, stop)
    return Product(left, term.sign[kept.start : kept.stop - 1]) if len(left) > 1 else left[0]


@_pieces.register
def _(term: Negation, style: MathStyle, cost: float) -> list[Piece]:
    first, *rest = _pieces(term.term, style, cost)
    return [replace(first, width=first.width + MINUS), *rest]


@_count.register
def _(term: Negation) -> int:
    return _count(term.term)


@_cut.register
def _(term: Negation, start: int, stop: int) -> Term:
    part = _cut(term.term, start, stop)
    return part if start else Negation(part)


@_pieces.register
def _(term: Group, style: MathStyle, cost: float) -> list[Piece]:
    found = _pieces(term.term, style, cost + INSIDE_BRACKETS)
    bracket = bracket_width(term.bracket, term.term)
    found[0] = replace(found[0], width=found[0].width + bracket)
    found[-1] = replace(found[-1], width=found[-1].width + bracket)
    return found


@_count.register
def _(term: Group) -> int:
    return _count(term.term)


@_cut.register
def _(term: Group, start: int, stop: int) -> Term:
    part = _cut(term.term, start, stop)
    opens, closes = start == 0, stop == _count(term.term)
    if opens and closes:
        return replace(term, term=part)
    return _torn(part, term.bracket, opens=opens, closes=closes)


def _torn(part: Term, bracket: str, *, opens: bool, closes: bool) -> Term:
    """Put one bracket before or after a part, next to those that are there already."""
    if not (opens or closes):
        return part
    inner = part if isinstance(part, Torn) else Torn(part)
    if opens:
        return replace(inner, opens=(bracket, *inner.opens))
    return replace(inner, closes=(*inner.closes, bracket))
