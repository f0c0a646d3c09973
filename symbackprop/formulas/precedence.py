"""How tightly terms hold together when they are printed; a negative number is a level of its own."""

from __future__ import annotations

from functools import singledispatch

from .terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
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
    Transposed,
    Underbrace,
)

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(1, 6)


@singledispatch
def level(term: Term) -> int:
    """Return how tightly a term holds together when printed."""
    return ATOM


@level.register
def _(term: Sum) -> int:
    return SUM if len(term.terms) > 1 else level(term.terms[0])


@level.register
def _(term: Negation) -> int:
    return NEGATIVE


@level.register
def _(term: Summation) -> int:
    return NEGATIVE


@level.register
def _(term: Cases) -> int:
    return SUM


@level.register
def _(term: Comparison) -> int:
    return SUM


@level.register
def _(term: Number) -> int:
    if term.negative:
        return NEGATIVE
    return ATOM if term.exponent is None and "/" not in term.text else PRODUCT


@level.register
def _(term: Product) -> int:
    if len(term.factors) == 1:
        return level(term.factors[0])
    return PRODUCT


@level.register
def _(term: Fraction) -> int:
    return PRODUCT if term.inline else POWER


@level.register
def _(term: Power) -> int:
    return POWER


@level.register
def _(term: Partial) -> int:
    return POWER if isinstance(term.of, Symbol) else PRODUCT


@level.register
def _(term: Call) -> int:
    return POWER


@level.register
def _(term: Symbol) -> int:
    return POWER if term.name.sup or term.name.primes else ATOM


@level.register
def _(term: Transposed) -> int:
    return POWER


@level.register
def _(term: Padded) -> int:
    return level(term.term)


@level.register
def _(term: Underbrace) -> int:
    return level(term.term)


@level.register
def _(term: Result) -> int:
    return ATOM if term.width else level(term.term)
