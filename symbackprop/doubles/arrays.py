"""From a formula to its values in double precision, on whole arrays at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from ..formulas.terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Elided,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Symbol,
    Term,
    Transposed,
    Underbrace,
)
from ..numbers.digits import double_value

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Exponents are held below this one, so that the square of a power is still a double: in 1/(1 + e^-z) and
#: in the quotients of its derivative what is cut off is below 1e-152.
LARGEST_EXPONENT = 350.0


def _exp(exponent: Any) -> Any:
    return np.exp(np.minimum(exponent, LARGEST_EXPONENT))


#: NumPy's counterparts of `functions.FUNCTIONS`.
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "exp": _exp,
    "ln": np.log,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
}
#: NumPy's counterparts of `functions.CHOICES`.
CHOICES: Mapping[str, Callable[[Any, Any], Any]] = {"max": np.maximum, "min": np.minimum}
#: NumPy's counterparts of `functions.CONSTANTS`.
CONSTANTS: Mapping[str, float] = {"constant.pi": math.pi}
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
    return double_value(term)


def _sum(term: Sum, values: Values) -> Any:
    total = array_value(term.terms[0], values)
    for item in term.terms[1:]:
        total = total + array_value(item, values)
    return total


def _product(term: Product, values: Values) -> Any:
    total = array_value(term.factors[0], values)
    for item in term.factors[1:]:
        factor = array_value(item, values)
        if isinstance(item, Call) and item.function == "ln":
            # as where digits are certified, zero times ln 0 is zero
            total = np.where(total == 0.0, 0.0, total * np.where(total == 0.0, 0.0, factor))
        else:
            total = total * factor
    return total


def _call(term: Call, values: Values) -> Any:
    if term.function in CHOICES:
        return reduce(CHOICES[term.function], [array_value(item, values) for item in term.arguments])
    (argument,) = term.arguments
    match argument:
        case Sum(terms=(Number(text="1", exponent=None), Call(function="exp", arguments=(inner,)))) if (
            term.function == "ln"
        ):
            return np.logaddexp(0.0, array_value(inner, values))  # ln(1 + e^z), whatever the size of z
        case Call(function="cosh", arguments=(inner,)) if term.function == "ln":
            size = np.abs(array_value(inner, values))  # ln cosh x, whatever the size of x
            return size + np.log1p(np.exp(-2.0 * size)) - math.log(2.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # the result says so: infinite, or no number
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
    return values[term.key] if term.key in values else CONSTANTS[term.key]


def _no_number(term: Matrix | Transposed, values: Values) -> Any:
    raise TypeError("a matrix is not a number: it is its entries that have values")


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
    Matrix: _no_number,
    Transposed: _no_number,
    Cases: _cases,
}
