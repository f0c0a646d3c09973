"""Arrays of terms: scalars, vectors and matrices of formulas, and arithmetic between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .expressions import (
    ExpressionError,
    Reference,
)
from .names import Name
from .terms import (
    Call,
    Fraction,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
)

Tensor = np.ndarray[Any, Any]
Resolve = Callable[[Reference], Tensor]

ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")

#: Numbers that a formula may name; `functions.CONSTANTS` holds their values.
PI = Symbol(Name("pi"), "constant.pi")
EULER = Call("exp", (ONE,))


def scalar(term: Term) -> Tensor:
    """Return a term as an array without axes."""
    tensor = np.empty((), dtype=object)
    tensor[()] = term
    return tensor


def written_number(text: str) -> Number:
    """Return the number that a literal stands for, digit for digit."""
    mantissa, mark, exponent = text.lower().partition("e")
    mantissa = f"0{mantissa}" if mantissa.startswith(".") else mantissa.rstrip(".") or "0"
    return Number(
        mantissa.lstrip("0") or "0" if "." not in mantissa else mantissa, int(exponent) if mark else None
    )


def negated(term: Term) -> Term:
    """Return minus a term; a minus sign before a number becomes its own."""
    if isinstance(term, Number) and not term.negative:
        return Number(f"-{term.text}", term.exponent) if term.text.strip("0.") else term
    return Negation(term)


def added(left: Term, right: Term) -> Term:
    """Return the sum of two terms, in their order."""
    terms = left.terms if isinstance(left, Sum) else (left,)
    return Sum((*terms, *(right.terms if isinstance(right, Sum) else (right,))))


def subtracted(left: Term, right: Term) -> Term:
    """Return one term less another."""
    terms = left.terms if isinstance(left, Sum) else (left,)
    return Sum((*terms, Negation(right)))


def multiplied(left: Term, right: Term) -> Term:
    """Return the product of two terms, in their order."""
    if isinstance(left, Negation):  # -t ln y is minus a product, as one reads it
        return Negation(multiplied(left.term, right))
    factors = left.factors if isinstance(left, Product) else (left,)
    return Product((*factors, *(right.factors if isinstance(right, Product) else (right,))))


def divided(left: Term, right: Term) -> Term:
    """Return a fraction; a minus sign stands before it."""
    return Negation(divided(left.term, right)) if isinstance(left, Negation) else Fraction(left, right)


def raised(base: Term, exponent: Term) -> Term:
    """Return a power; one of Euler's number is the exponential function."""
    return Call("exp", (exponent,)) if base == EULER else Power(base, exponent)


ARITHMETIC: Mapping[str, Callable[[Term, Term], Term]] = {
    "+": added,
    "-": subtracted,
    "*": multiplied,
    "/": divided,
    "^": raised,
}


def pairwise(combine: Callable[[Term, Term], Term], left: Tensor, right: Tensor) -> Tensor:
    """Return what a function of two terms makes of two arrays, element by element, broadcast."""
    return np.asarray(np.frompyfunc(combine, 2, 1)(left, right), dtype=object)


def matrix_product(left: Tensor, right: Tensor, column: int) -> Tensor:
    """Return the matrix product, each element a sum of products in the order of the summation index.

    Raises:
        ExpressionError: inner dimensions differ, or an operand has no axis.
    """
    if not left.ndim or not right.ndim or left.ndim > 2 or right.ndim > 2 or left.shape[-1] != right.shape[0]:
        raise ExpressionError(
            f"shapes {shape_text(left)} and {shape_text(right)} do not fit together for @", column
        )
    rows, columns = np.atleast_2d(left), right if right.ndim == 2 else right[:, None]
    result = np.empty((rows.shape[0], columns.shape[1]), dtype=object)
    for i in range(rows.shape[0]):
        for j in range(columns.shape[1]):
            result[i, j] = dot(rows[i], columns[:, j])
    shape = (*left.shape[:-1], *right.shape[1:])
    return result.reshape(shape)


def dot(left: Tensor, right: Tensor) -> Term:
    """Return the sum of the products of two vectors' elements."""
    products = [multiplied(a, b) for a, b in zip(left, right, strict=True)]
    return products[0] if len(products) == 1 else Sum(tuple(products))


def shape_text(tensor: Tensor) -> str:
    """Return a shape in words: "a number", "3", "2 x 3"."""
    return " x ".join(map(str, tensor.shape)) if tensor.shape else "a number"
