"""Functions of whole vectors and matrices: sums, means, choices, softmax, norms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from .tensors import ONE, TWO, Tensor, added, dot, multiplied, pairwise, scalar
from .terms import (
    Call,
    Fraction,
    Number,
    Power,
    Product,
    Sum,
    Term,
)


def _total(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else reduce(added, terms), tensor, axis)


def _mean(tensor: Tensor, *axis: Tensor) -> Tensor:
    def mean(terms: list[Term]) -> Term:
        return Product((Fraction(ONE, Number(str(len(terms)))), reduce(added, terms)))

    return _along(mean, tensor, axis)


def _largest(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else Call("max", tuple(terms)), tensor, axis)


def _smallest(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: terms[0] if len(terms) == 1 else Call("min", tuple(terms)), tensor, axis)


def _product(tensor: Tensor, *axis: Tensor) -> Tensor:
    return _along(lambda terms: reduce(multiplied, terms), tensor, axis)


def _log_sum_exp(tensor: Tensor, *axis: Tensor) -> Tensor:
    def joined(terms: list[Term]) -> Term:
        powers: list[Term] = [Call("exp", (term,)) for term in terms]
        return Call("ln", (reduce(added, powers),))

    return _along(joined, tensor, axis)


def _trace(tensor: Tensor) -> Tensor:
    if tensor.ndim != 2 or tensor.shape[0] != tensor.shape[1]:
        raise ValueError("not square")
    return scalar(reduce(added, list(tensor.diagonal())))


def _of_vectors(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def checked(left: Tensor, right: Tensor) -> Tensor:
        if left.ndim != 1 or right.ndim != 1:
            raise ValueError("not vectors")
        return function(left, right)

    return checked


class NoAxis(ValueError):
    """What stands for an axis is none."""


def _axis(tensor: Tensor, axis: tuple[Tensor, ...]) -> int:
    """Return the axis that a second argument names, counted from 0."""
    number: Any = axis[0][()] if not axis[0].shape else None
    count = tensor.ndim
    if len(axis) > 1 or not isinstance(number, Number) or number.text not in map(str, range(1, count + 1)):
        raise NoAxis(
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
    "outer": _of_vectors(lambda left, right: pairwise(multiplied, left[:, None], right[None, :])),
    "softmax": softmax,
    "concat": _concatenated,
    "flatten": lambda tensor: tensor.ravel(),
    "norm": _norm,
}
