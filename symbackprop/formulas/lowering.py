"""From a parsed expression to terms: every scalar, vector or matrix becomes an array of display terms.

A vector or matrix is a NumPy array of terms, one per element; a scalar is an array without axes. Operators
and functions work element by element, with NumPy's broadcasting, but for `@` and the functions that say
otherwise (`REDUCTIONS`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, cast

import numpy as np

from ..numbers.evaluate import FUNCTIONS
from .expressions import (
    Application,
    Condition,
    Element,
    Expression,
    ExpressionError,
    Literal,
    Operator,
    Reference,
    Transposition,
)
from .names import Name
from .spellings import OTHER_NAMES
from .terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
    Words,
)

Tensor = np.ndarray[Any, Any]
Resolve = Callable[[Reference], Tensor]

ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")

#: Numbers that a formula may name; `evaluate.CONSTANTS` holds their values.
PI = Symbol(Name("pi"), "constant.pi")
EULER = Call("exp", (ONE,))


def scalar(term: Term) -> Tensor:
    """Return a term as an array without axes."""
    tensor = np.empty((), dtype=object)
    tensor[()] = term
    return tensor


def lower(expression: Expression, resolve: Resolve) -> Tensor:
    """Return the terms that an expression stands for; `resolve` gives those of a name.

    Raises:
        ExpressionError: shapes do not fit, or a function is unknown or has the wrong arguments.
    """
    match expression:
        case Literal(text=text):
            return scalar(_number(text))
        case Reference():
            return resolve(expression)
        case Operator(symbol="-", operands=(operand,)):
            return _each(_negated, lower(operand, resolve), expression)
        case Operator(symbol=symbol, operands=(left, right)):
            return _combined(symbol, lower(left, resolve), lower(right, resolve), expression)
        case Condition():
            raise ExpressionError("a comparison stands outside where(...)", expression.column)
        case Application():
            return _applied(expression, resolve)
        case Transposition(base=base):
            return np.transpose(lower(base, resolve))
        case Element(base=base, indices=indices):
            return _element(lower(base, resolve), indices, expression)
    raise AssertionError(type(expression).__name__)


def scalar_term(expression: Expression, resolve: Callable[[Reference], Term]) -> Term:
    """Return the term of an expression over scalars.

    Raises:
        ExpressionError: a function is unknown or has the wrong arguments.
    """
    lowered = lower(expression, lambda reference: scalar(resolve(reference)))
    if lowered.shape:
        raise ExpressionError("a vector stands where a number is expected", expression.column)
    term: Any = lowered[()]
    return cast(Term, term)


def function_names() -> tuple[str, ...]:
    """Return the names of all functions that expressions may apply."""
    return (*sorted({*FUNCTIONS, *_NAMED, *_activations(), *REDUCTIONS, "where"}),)


# --- operators ----------------------------------------------------------------------------------


def _number(text: str) -> Number:
    mantissa, mark, exponent = text.lower().partition("e")
    mantissa = f"0{mantissa}" if mantissa.startswith(".") else mantissa.rstrip(".") or "0"
    return Number(
        mantissa.lstrip("0") or "0" if "." not in mantissa else mantissa, int(exponent) if mark else None
    )


def _negated(term: Term) -> Term:
    if isinstance(term, Number) and not term.negative:
        return Number(f"-{term.text}", term.exponent) if term.text.strip("0.") else term
    return Negation(term)


def _added(left: Term, right: Term) -> Term:
    terms = left.terms if isinstance(left, Sum) else (left,)
    return Sum((*terms, *(right.terms if isinstance(right, Sum) else (right,))))


def _subtracted(left: Term, right: Term) -> Term:
    terms = left.terms if isinstance(left, Sum) else (left,)
    return Sum((*terms, Negation(right)))


def _multiplied(left: Term, right: Term) -> Term:
    if isinstance(left, Negation):  # -t ln y is minus a product, as one reads it
        return Negation(_multiplied(left.term, right))
    factors = left.factors if isinstance(left, Product) else (left,)
    return Product((*factors, *(right.factors if isinstance(right, Product) else (right,))))


def _divided(left: Term, right: Term) -> Term:
    return Negation(_divided(left.term, right)) if isinstance(left, Negation) else Fraction(left, right)


def _raised(base: Term, exponent: Term) -> Term:
    return Call("exp", (exponent,)) if base == EULER else Power(base, exponent)


_ARITHMETIC: Mapping[str, Callable[[Term, Term], Term]] = {
    "+": _added,
    "-": _subtracted,
    "*": _multiplied,
    "/": _divided,
    "^": _raised,
}


def _combined(symbol: str, left: Tensor, right: Tensor, where: Expression) -> Tensor:
    if symbol == "@":
        return matrix_product(left, right, where.column)
    try:
        return _pairwise(_ARITHMETIC[symbol], left, right)
    except ValueError:
        raise ExpressionError(
            f"shapes {shape_text(left)} and {shape_text(right)} do not fit together for {symbol}",
            where.column,
        ) from None


def _pairwise(combine: Callable[[Term, Term], Term], left: Tensor, right: Tensor) -> Tensor:
    return np.asarray(np.frompyfunc(combine, 2, 1)(left, right), dtype=object)


def _each(change: Callable[[Term], Term], tensor: Tensor, where: Expression) -> Tensor:
    return np.asarray(np.frompyfunc(change, 1, 1)(tensor), dtype=object)


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
    products = [_multiplied(a, b) for a, b in zip(left, right, strict=True)]
    return products[0] if len(products) == 1 else Sum(tuple(products))


def shape_text(tensor: Tensor) -> str:
    """Return a shape in words: "a number", "3", "2 x 3"."""
    return " x ".join(map(str, tensor.shape)) if tensor.shape else "a number"


def _element(base: Tensor, indices: tuple[Expression, ...], where: Expression) -> Tensor:
    if len(indices) > base.ndim:
        raise ExpressionError(f"{len(indices)} indices into {shape_text(base)}", where.column)
    place = []
    for axis, index in enumerate(indices):
        if not isinstance(index, Literal) or not index.text.isdigit():
            raise ExpressionError("an index is a whole number counted from 1", index.column)
        number = int(index.text)
        if not 1 <= number <= base.shape[axis]:
            counted = "; indices count from 1" if not number else ""
            raise ExpressionError(f"index {number} is outside 1 to {base.shape[axis]}{counted}", index.column)
        place.append(number - 1)
    found: Any = base[tuple(place)]
    return found if isinstance(found, np.ndarray) else scalar(found)


# --- functions ----------------------------------------------------------------------------------


def _applied(node: Application, resolve: Resolve) -> Tensor:
    name, column = node.function, node.column
    if name == "where":
        return _where(node, resolve)
    arguments = [lower(argument, resolve) for argument in node.arguments]
    name = _OF_WHOLE.get(name, name) if len(arguments) == 1 else name
    if name in REDUCTIONS:
        try:
            return REDUCTIONS[name](*arguments)
        except _NoAxis as fault:
            raise ExpressionError(f"{fault}", column) from None
        except (TypeError, ValueError, IndexError):
            shapes = ", ".join(shape_text(argument) for argument in arguments)
            raise ExpressionError(f"{name} cannot be applied to {shapes}", column) from None
    function = _elementwise(name)
    if function is None:
        from ..spec.suggest import did_you_mean

        other = OTHER_NAMES.get(name.lower(), "")
        hint = f"Did you mean {other}?" if other else did_you_mean(name, function_names())
        raise ExpressionError(f"unknown function {name}" + (f". {hint}" if hint else ""), column)
    arity = 2 if name in _PAIRS else 1
    if len(arguments) != arity:
        raise ExpressionError(
            f"{name} takes {arity} argument{'s' * (arity > 1)}, not {len(arguments)}", column
        )
    return _each(function, arguments[0], node) if arity == 1 else _pairwise(function, *arguments)


def _elementwise(name: str) -> Callable[..., Term] | None:
    if name in _NAMED:
        return _NAMED[name]
    if name in FUNCTIONS:
        return lambda term: Call(name, (term,))
    rule = _activations().get(name)
    if rule is None:
        return None
    settings = {key: Number(text) for key, text in rule.settings.items()}
    return lambda term: rule.formula(term, settings)


def _activations() -> Mapping[str, Any]:
    from ..rules.activations import ACTIVATIONS

    return {name: rule for name, rule in ACTIVATIONS.items() if name not in REDUCTIONS}


#: The choice between two, of a single vector: that between its elements.
_OF_WHOLE: Mapping[str, str] = {"max": "largest", "min": "smallest"}
_PAIRS = frozenset({"max", "min", "pow"})
_NAMED: Mapping[str, Callable[..., Term]] = {
    "log": lambda term: Call("ln", (term,)),
    "log2": lambda term: Fraction(Call("ln", (term,)), Call("ln", (TWO,))),
    "log10": lambda term: Fraction(Call("ln", (term,)), Call("ln", (Number("10"),))),
    "square": lambda term: Power(term, TWO),
    "max": lambda left, right: Call("max", (left, right)),
    "min": lambda left, right: Call("min", (left, right)),
    "pow": Power,
    "half": lambda term: Product((Fraction(ONE, TWO), term)),
}


def _where(node: Application, resolve: Resolve) -> Tensor:
    if len(node.arguments) != 3 or not isinstance(node.arguments[0], Condition):
        raise ExpressionError("where takes a comparison and two values: where(x > 0, x, 0)", node.column)
    condition, then, otherwise = node.arguments
    assert isinstance(condition, Condition)
    left, right = lower(condition.left, resolve), lower(condition.right, resolve)
    holds = _pairwise(lambda a, b: Comparison(a, condition.relation, b), left, right)
    values = np.frompyfunc(lambda c, a, b: Cases((a, b), (c, Words("otherwise"))), 3, 1)
    return np.asarray(values(holds, lower(then, resolve), lower(otherwise, resolve)), dtype=object)


def _total(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else reduce(_added, terms), tensor, axis)


def _mean(tensor: Tensor, *axis: Tensor) -> Tensor:
    def mean(terms: list[Term]) -> Term:
        return Product((Fraction(ONE, Number(str(len(terms)))), reduce(_added, terms)))

    return _along(mean, tensor, axis)


def _largest(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else Call("max", tuple(terms)), tensor, axis)


def _smallest(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else Call("min", tuple(terms)), tensor, axis)


def _product(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: reduce(_multiplied, terms), tensor, axis)


def _log_sum_exp(tensor: Tensor, *axis: Tensor) -> Tensor:
    def joined(terms: list[Term]) -> Term:
        powers: list[Term] = [Call("exp", (term,)) for term in terms]
        return Call("ln", (reduce(_added, powers),))

    return _along(joined, tensor, axis)


def _trace(tensor: Tensor) -> Tensor:
    if tensor.ndim != 2 or tensor.shape[0] != tensor.shape[1]:
        raise ValueError("not square")
    return scalar(reduce(_added, list(tensor.diagonal())))


def _of_vectors(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def checked(left: Tensor, right: Tensor) -> Tensor:
        if left.ndim != 1 or right.ndim != 1:
            raise ValueError("not vectors")
        return function(left, right)

    return checked


class _NoAxis(ValueError):
    """What stands for an axis is none."""


def _axis(tensor: Tensor, axis: tuple[Tensor, ...]) -> int:
    """Return the axis that a second argument names, counted from 0."""
    number: Any = axis[0][()] if not axis[0].shape else None
    count = tensor.ndim
    if len(axis) > 1 or not isinstance(number, Number) or number.text not in map(str, range(1, count + 1)):
        raise _NoAxis(
            f"an axis is a whole number from 1 to {count}: 1 goes along the first, for a sum of each column"
            if count > 1
            else "there is only one axis, so none is named: sum(x)"
        )
    return int(number.text) - 1


def _along(joined: Callable[[list[Term]], Term], tensor: Tensor, axis: tuple[Tensor, ...]) -> Tensor:
    if not axis:
        return scalar(joined(list(tensor.ravel())))
    moved = np.moveaxis(tensor, _axis(tensor, axis), -1)
    result = np.empty(moved.shape[:-1], dtype=object)
    for place in np.ndindex(result.shape):
        result[place] = joined(list(moved[place]))
    return result


def softmax(tensor: Tensor) -> Tensor:
    """Return e to each element over their sum, along the last axis."""
    result = np.empty(tensor.shape, dtype=object)
    for place in np.ndindex(tensor.shape[:-1]):
        row = list(tensor[place])
        total = Sum(tuple(Call("exp", (term,)) for term in row))
        for index, term in enumerate(row):
            result[(*place, index)] = Fraction(Call("exp", (term,)), total)
    return result


def _concatenated(*tensors: Tensor) -> Tensor:
    return np.concatenate([np.atleast_1d(tensor) for tensor in tensors])


def _norm(tensor: Tensor) -> Tensor:
    return scalar(Call("sqrt", (Sum(tuple(Power(term, TWO) for term in tensor.ravel())),)))


#: Functions of whole vectors and matrices; `sum(x)`, or `sum(X, 1)` along the first axis.
REDUCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "sum": _total,
    "mean": _mean,
    "largest": _largest,
    "smallest": _smallest,
    "prod": _product,
    "logsumexp": _log_sum_exp,
    "trace": _trace,
    "transpose": np.transpose,
    "dot": _of_vectors(lambda left, right: scalar(dot(left, right))),
    "outer": _of_vectors(lambda left, right: _pairwise(_multiplied, left[:, None], right[None, :])),
    "softmax": softmax,
    "concat": _concatenated,
    "flatten": lambda tensor: tensor.ravel(),
    "norm": _norm,
}

__all__ = ["PI", "REDUCTIONS", "Tensor", "dot", "lower", "matrix_product", "scalar", "scalar_term", "softmax"]
