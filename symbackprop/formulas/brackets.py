"""Brackets and multiplication signs, decided in this one place by precedence.

`arrange` turns a formula as it is meant into a formula as it is printed: every bracket becomes an
explicit `Group`, every product gets one explicit sign per gap. Renderers then print node by node
and decide nothing. A negative number is one of the levels of precedence, which is what keeps
`0.40 - 0.01 x (-0.0239)` from becoming `0.40 - 0.01 x -0.0239`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from .precedence import ATOM, POWER, PRODUCT, SUM, level
from .terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Continuation,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Padded,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Summation,
    Symbol,
    Term,
    Torn,
    Transposed,
    Underbrace,
)


def arrange(term: Term, number_sign: str = "times") -> Term:
    """Return the term as it is printed: all brackets and multiplication signs explicit.

    `number_sign` stands between two factors where side by side they would run together, that is
    before a digit. Arranging twice changes nothing.
    """
    return _arrange(term, True, number_sign)


@singledispatch
def _arrange(term: Term, leading: bool, sign: str) -> Term:
    """Arrange a term; `leading` when nothing stands directly to its left."""
    return term


def _place(term: Term, least: int, leading: bool, sign: str) -> Term:
    """Arrange a term for a place that takes only terms of a level of at least `least`."""
    if isinstance(term, Underbrace):  # transparent: the brackets go inside
        return Underbrace(_place(term.term, least, leading, sign), _arrange(term.label, True, sign))
    if isinstance(term, Result) and not term.width:
        return replace(term, term=_place(term.term, least, leading, sign))
    if isinstance(term, Blank):
        return replace(term, answer=_arrange(term.answer, True, sign))  # its box holds it together
    if isinstance(term, Group):
        return _arrange(term, leading, sign)
    if level(term) < least:
        return Group(_arrange(term, True, sign))
    return _arrange(term, leading, sign)


@_arrange.register
def _(term: Sum, leading: bool, sign: str) -> Term:
    first, *rest = term.terms
    # a sum after a plus sign must not begin with a minus sign of its own
    placed = [_place(first, SUM if leading or isinstance(first, Sum) else PRODUCT, leading, sign)]
    for item in rest:
        if isinstance(item, Negation):
            placed.append(Negation(_place(item.term, PRODUCT, False, sign)))
        else:
            # a nested sum needs no brackets of its own after a plus sign
            placed.append(_place(item, SUM if isinstance(item, Sum) else PRODUCT, False, sign))
    return Sum(tuple(placed)) if rest else placed[0]


@_arrange.register
def _(term: Negation, leading: bool, sign: str) -> Term:
    return Negation(_place(term.term, PRODUCT, False, sign))


@_arrange.register
def _(term: Product, leading: bool, sign: str) -> Term:
    if len(term.factors) == 1:
        return _place(term.factors[0], SUM, leading, sign)
    last = len(term.factors) - 1
    placed = []
    for index, factor in enumerate(term.factors):
        front = leading and index == 0
        inner = factor.term if isinstance(factor, Underbrace) else factor
        if isinstance(inner, Product) and len(inner.factors) > 1:
            mixed = _is_entrywise(inner) != _is_entrywise(term)
            placed.append(_place(factor, ATOM if mixed else PRODUCT, front, sign))
        elif isinstance(factor, Summation) and index == last:
            placed.append(_arrange(factor, False, sign))
        elif front and isinstance(factor, Number) and factor.exponent is None:
            placed.append(factor)
        elif isinstance(factor, Partial):
            placed.append(_arrange(factor, front, sign))
        else:
            placed.append(_place(factor, POWER, front, sign))
    if isinstance(term.sign, tuple):
        return Product(tuple(placed), term.sign)
    gaps = [_gap(term.sign, right, sign) for right in placed[1:]]
    if term.sign and any(gap != term.sign for gap in gaps):
        gaps = [sign] * len(gaps)  # one look for all gaps of a product of numbers
    return Product(tuple(placed), tuple(gaps))


def _is_entrywise(term: Product) -> bool:
    """Whether a product goes entry by entry: a matrix product inside it, or around it, needs brackets."""
    return "hadamard" in (term.sign if isinstance(term.sign, tuple) else (term.sign,))


def _gap(wanted: str, right: Term, number_sign: str) -> str:
    if wanted in ("times", "star", "hadamard") or (wanted and isinstance(right, Underbrace)):
        return wanted
    return number_sign if _is_bracketed_number(right) or _starts_with_digit(right) else wanted


def _is_bracketed_number(term: Term) -> bool:
    """Whether a term is a number in brackets, or begins with one: (-0.3), (-0.3)^2, (-0.3) x 0.1."""
    while isinstance(term, Underbrace | Result | Product | Power):
        match term:
            case Product():
                term = term.factors[0]
            case Power():
                term = term.base
            case _:
                term = term.term
    if not isinstance(term, Group):
        return False
    inner = term.term
    if isinstance(inner, Fraction):
        return isinstance(inner.numerator, Number) and isinstance(inner.denominator, Number)
    return isinstance(inner, Number)


def _starts_with_digit(term: Term) -> bool:
    """Whether the leftmost glyph is a digit, so that a factor before it would run into it."""
    while True:
        match term:
            case Number():
                return not term.negative
            case Product():
                term = term.factors[0]
            case Sum():
                term = term.terms[0]
            case Power():
                term = term.base
            case Result(width=wide) if wide:
                return True
            case Underbrace() | Result():
                term = term.term
            case Fraction():
                return any(_starts_with_digit(part) for part in (term.numerator, term.denominator))
            case Blank():
                return True
            case _:
                return False


@_arrange.register
def _(term: Fraction, leading: bool, sign: str) -> Term:
    if term.inline:
        return Fraction(
            _place(term.numerator, PRODUCT, leading, sign),
            _place(term.denominator, POWER, False, sign),
            inline=True,
        )
    return Fraction(_arrange(term.numerator, True, sign), _arrange(term.denominator, True, sign))


@_arrange.register
def _(term: Power, leading: bool, sign: str) -> Term:
    return Power(_place(term.base, ATOM, False, sign), _arrange(term.exponent, True, sign))


@_arrange.register
def _(term: Call, leading: bool, sign: str) -> Term:
    return replace(term, arguments=tuple(_arrange(item, True, sign) for item in term.arguments))


@_arrange.register
def _(term: Partial, leading: bool, sign: str) -> Term:
    if isinstance(term.of, Symbol | Group):
        return replace(term, of=_arrange(term.of, True, sign))
    return replace(term, of=Group(_arrange(term.of, True, sign), "square"))


@_arrange.register
def _(term: Matrix, leading: bool, sign: str) -> Term:
    return Matrix(tuple(tuple(_arrange(entry, True, sign) for entry in row) for row in term.rows))


@_arrange.register
def _(term: Transposed, leading: bool, sign: str) -> Term:
    return Transposed(_place(term.term, ATOM, leading, sign))


@_arrange.register
def _(term: Padded, leading: bool, sign: str) -> Term:
    return replace(term, term=_arrange(term.term, leading, sign))


@_arrange.register
def _(term: Group, leading: bool, sign: str) -> Term:
    return replace(term, term=_arrange(term.term, True, sign))


@_arrange.register
def _(term: Underbrace, leading: bool, sign: str) -> Term:
    return Underbrace(_arrange(term.term, leading, sign), _arrange(term.label, True, sign))


@_arrange.register
def _(term: Result, leading: bool, sign: str) -> Term:
    return replace(term, term=_arrange(term.term, leading or bool(term.width), sign))


@_arrange.register
def _(term: Blank, leading: bool, sign: str) -> Term:
    return replace(term, answer=_arrange(term.answer, True, sign))


@_arrange.register
def _(term: Continuation, leading: bool, sign: str) -> Term:
    inner = term.term
    if isinstance(inner, Sum | Product | Torn):
        return replace(term, term=_arrange(inner, False, sign))
    return replace(term, term=_place(inner, PRODUCT, False, sign))


@_arrange.register
def _(term: Torn, leading: bool, sign: str) -> Term:
    return replace(term, term=_arrange(term.term, leading or bool(term.opens), sign))


@_arrange.register
def _(term: Summation, leading: bool, sign: str) -> Term:
    return Summation(
        _place(term.term, PRODUCT, True, sign),
        None if term.lower is None else _arrange(term.lower, True, sign),
        None if term.upper is None else _arrange(term.upper, True, sign),
    )


@_arrange.register
def _(term: Comparison, leading: bool, sign: str) -> Term:
    return Comparison(_arrange(term.left, True, sign), term.relation, _arrange(term.right, True, sign))


@_arrange.register
def _(term: Cases, leading: bool, sign: str) -> Term:
    return Cases(
        tuple(_arrange(value, True, sign) for value in term.values),
        tuple(_arrange(condition, True, sign) for condition in term.conditions),
    )
