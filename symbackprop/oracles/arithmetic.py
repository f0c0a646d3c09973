"""The value of a formula in somebody else's numbers: mpmath's, NumPy's, PyTorch's, JAX's.

This walk over a formula shares nothing with `evaluate`: an oracle that read formulas as the ledger does
would repeat its mistakes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction as Rational
from functools import lru_cache
from typing import Any

from ..formulas import terms
from ..formulas.terms import Term
from .answer import NotComparable

Number = Any  # a number of whatever library computes
Values = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Numbers to compute with.

    number: from an exact rational. functions: by the name that a `Call` has. real: what a case
    distinction looks at: a plain real number.
    """

    number: Callable[[Rational], Number]
    functions: Mapping[str, Callable[..., Number]]
    real: Callable[[Number], Any] = lambda number: number
    power: Callable[[Number, Number], Number] = operator.pow


def value(term: Term, values: Values, arithmetic: Arithmetic) -> Number:
    """Return the value of a formula, `values` holding a number for each quantity it uses.

    Raises:
        NotComparable: the formula calls a function that these numbers do not have.
    """
    read = _READERS.get(type(term))
    if read is None:
        raise NotComparable(f"a {type(term).__name__} has no value here")
    return read(term, values, arithmetic)


@lru_cache(maxsize=65536)
def exact_number(number: terms.Number) -> Rational:
    """Return a written number as the rational it says."""
    over, _, under = number.text.partition("/")
    rational = Rational(over) / Rational(under) if under else Rational(over)
    return rational if number.exponent is None else rational * Rational(10) ** number.exponent


def _sum(term: terms.Sum, values: Values, arithmetic: Arithmetic) -> Number:
    if not term.terms:
        return arithmetic.number(Rational(0))
    first, *rest = (value(item, values, arithmetic) for item in term.terms)
    for item in rest:
        first = first + item
    return first


def _product(term: terms.Product, values: Values, arithmetic: Arithmetic) -> Number:
    if not term.factors:
        return arithmetic.number(Rational(1))
    first, *rest = (value(item, values, arithmetic) for item in term.factors)
    for item in rest:
        first = first * item
    return first


def _power(term: terms.Power, values: Values, arithmetic: Arithmetic) -> Number:
    base = value(term.base, values, arithmetic)
    exponent = constant(term.exponent, {})
    if exponent is not None and exponent.denominator == 1:
        return base ** int(exponent)  # a whole power has a derivative everywhere, at zero too
    return arithmetic.power(base, value(term.exponent, values, arithmetic))


def _call(term: terms.Call, values: Values, arithmetic: Arithmetic) -> Number:
    function = arithmetic.functions.get(term.function)
    if function is None:
        raise NotComparable(f"no function {term.function} in these numbers")
    return function(*(value(item, values, arithmetic) for item in term.arguments))


RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
}


def _cases(term: terms.Cases, values: Values, arithmetic: Arithmetic) -> Number:
    for item, condition in zip(term.values, term.conditions, strict=True):
        if not isinstance(condition, terms.Comparison):
            return value(item, values, arithmetic)
        left = arithmetic.real(value(condition.left, values, arithmetic))
        right = arithmetic.real(value(condition.right, values, arithmetic))
        if RELATIONS[condition.relation](left, right):
            return value(item, values, arithmetic)
    raise NotComparable("none of the cases holds")


def _keyed(term: terms.Symbol | terms.Partial, values: Values, arithmetic: Arithmetic) -> Number:
    return values[term.key]


def _inner(attribute: str) -> Callable[[Any, Values, Arithmetic], Number]:
    return lambda term, values, arithmetic: value(getattr(term, attribute), values, arithmetic)


_READERS: Mapping[type[Term], Callable[..., Number]] = {
    terms.Symbol: _keyed,
    terms.Partial: _keyed,
    terms.Number: lambda term, values, arithmetic: arithmetic.number(exact_number(term)),
    terms.Sum: _sum,
    terms.Product: _product,
    terms.Negation: lambda term, values, arithmetic: -value(term.term, values, arithmetic),
    terms.Fraction: lambda term, values, arithmetic: (
        value(term.numerator, values, arithmetic) / value(term.denominator, values, arithmetic)
    ),
    terms.Power: _power,
    terms.Call: _call,
    terms.Cases: _cases,
    terms.Group: _inner("term"),
    terms.Underbrace: _inner("term"),
    terms.Result: _inner("term"),
    terms.Blank: _inner("answer"),
    terms.Elided: _inner("hidden"),
}


# --- exact constants -------------------------------------------------------------------------


def constant(term: Term, known: Mapping[str, Rational]) -> Rational | None:
    """Return the exact value of a formula of numbers and known quantities, None for any other."""
    match term:
        case terms.Number():
            return exact_number(term)
        case terms.Symbol() | terms.Partial():
            return known.get(term.key)
        case terms.Group(inner, _) | terms.Underbrace(inner, _):
            return constant(inner, known)
        case terms.Negation(inner):
            found = constant(inner, known)
            return None if found is None else -found
        case terms.Sum(items):
            parts = [part for item in items if (part := constant(item, known)) is not None]
            return sum(parts, Rational(0)) if len(parts) == len(items) else None
        case terms.Fraction(over, under):
            above, below = constant(over, known), constant(under, known)
            return None if above is None or not below else above / below
    return None


def folded(term: Term, known: Mapping[str, Rational]) -> Term:
    """Return a formula in which a product with a factor that is exactly zero is the number zero.

    Zero times ln o is zero whatever o is; in floating point it would be no number where o is zero.
    """
    if isinstance(term, terms.Product) and any(constant(factor, known) == 0 for factor in term.factors):
        return terms.Number("0")
    return term.rebuilt(lambda part: folded(part, known))
