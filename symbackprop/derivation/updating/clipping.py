"""Gradient clipping: each gradient cut by itself, or all of them shortened together."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Term,
    Words,
)
from ...network.descent import Clip

ONE, TWO = Number("1"), Number("2")


def cut(gradient: Term, bound: Term) -> Term:
    """Return a gradient cut at plus and minus the bound."""
    return Cases(
        (bound, Negation(bound), gradient),
        (
            Comparison(gradient, "greater", bound),
            Comparison(gradient, "less", Negation(bound)),
            Words("otherwise"),
        ),
    )


def squared_norm(gradients: Sequence[Term]) -> Term:
    """Return the square of the length of the vector of all gradients."""
    squares = tuple(Power(gradient, TWO) for gradient in gradients)
    return squares[0] if len(squares) == 1 else Sum(squares)


def norm(square: Term) -> Term:
    """Return the length of the vector of all gradients."""
    return Call("sqrt", (square,))


def factor(clip: Clip, length: Term, bound: Term, epsilon: Term) -> Term:
    """Return what every gradient is multiplied by: bound / norm where the norm is above the bound, else 1.

    With an epsilon, bound / (norm + epsilon), at most 1, as PyTorch's `clip_grad_norm_` has it.
    """
    whole = length if clip.epsilon is None else Sum((length, epsilon))
    return Cases((Fraction(bound, whole), ONE), (Comparison(whole, "greater", bound), Words("otherwise")))


def shortened(scale: Term, gradient: Term) -> Term:
    """Return a gradient shortened with all others."""
    return Product((scale, gradient))
