"""From a formula to its values in double precision, on whole arrays at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .digits import number_value
from .terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Elided,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Symbol,
    Term,
    Underbrace,
)

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Exponents are held below this one, so that the square of a power is still a double: in 1/(1 + e^-z) and
#: in the quotients of its derivative what is cut off is below 1e-152.
LARGEST_EXPONENT = 350.0


def _exp(exponent: Any) -> Any:
    return np.exp(np.minimum(exponent, LARGEST_EXPONENT))


#: NumPy's counterparts of `evaluate.FUNCTIONS`.
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "exp": _exp,
    "ln": np.log,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "sqrt": np.sqrt,
}
_RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "equal": np.equal,
}

Values = Mapping[str, Any]


def array_value(term: Term, values: Values) -> Any:
    """Return a term's value in float64, `values` holding an array (or number) for each key."""
    return _VALUES[type(term)](term, values)


def _number(term: Number, values: Values) -> float:
    exact = number_value(term)
    return int(exact.p) / int(exact.q)


def _sum(term: Sum, values: Values) -> Any:
    total = array_value(term.terms[0], values)
    for item in term.terms[1:]:
        total = total + array_value(item, values)
    return total


def _product(term: Product, values: Values) -> Any:
    total = array_value(term.factors[0], values)
    for item in term.factors[1:]:
        total = total * array_value(item, values)
    return total


def _call(term: Call, values: Values) -> Any:
    (argument,) = term.arguments
    match argument:
        case Sum(terms=(Number(text="1", exponent=None), Call(function="exp", arguments=(inner,)))) if (
            term.function == "ln"
        ):
            return np.logaddexp(0.0, array_value(inner, values))  # ln(1 + e^z), whatever the size of z
    return FUNCTIONS[term.function](array_value(argument, values))


def _cases(term: Cases, values: Values) -> Any:
    *others, last = [array_value(value, values) for value in term.values]
    result = last
    for value, condition in reversed(list(zip(others, term.conditions, strict=False))):
        assert isinstance(condition, Comparison)
        holds = _RELATIONS[condition.relation](
            array_value(condition.left, values), array_value(condition.right, values)
        )
        result = np.where(holds, value, result)
    return result


def _keyed(term: Symbol | Partial, values: Values) -> Any:
    return values[term.key]


_VALUES: dict[type[Term], Callable[..., Any]] = {
    Symbol: _keyed,
    Partial: _keyed,
    Number: _number,
    Sum: _sum,
    Product: _product,
    Negation: lambda term, values: -array_value(term.term, values),
    Fraction: lambda term, values: (
        array_value(term.numerator, values) / array_value(term.denominator, values)
    ),
    Power: lambda term, values: array_value(term.base, values) ** array_value(term.exponent, values),
    Call: _call,
    Group: lambda term, values: array_value(term.term, values),
    Underbrace: lambda term, values: array_value(term.term, values),
    Result: lambda term, values: array_value(term.term, values),
    Blank: lambda term, values: array_value(term.answer, values),
    Elided: lambda term, values: array_value(term.hidden, values),
    Cases: _cases,
}
