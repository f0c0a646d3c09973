"""The net input of a unit: a weighted sum of what comes in, plus a bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..formulas.terms import Negation, Number, Product, Sum, Symbol, Term
from .derivation import differentiate, slot


@dataclass(frozen=True, slots=True)
class AffineRule:
    """z = x1 w1 + ... + xn wn + b.

    One pair of the sum is the kernel x w, and each partial derivative is the kernel's own, since
    the other terms do not contain the variable; so SymPy derives it once and not once per edge.
    """

    kernel: Term = Product((slot("x"), slot("w")))

    def pair(self, source: Term, weight: Term, weight_first: bool = False, sign: str = "") -> Product:
        """Return one product of the sum, in the author's order."""
        return Product((weight, source) if weight_first else (source, weight), sign)

    def formula(
        self,
        products: Sequence[Term],
        bias: Term | None,
        *,
        bias_factor: bool = False,
        threshold: bool = False,
    ) -> Term:
        """Return the net input; `bias_factor` writes the bias as 1 times b, a `threshold` is subtracted."""
        if bias is None:
            return Sum(tuple(products))
        last = Product((Number("1"), bias), "times") if bias_factor else bias
        return Sum((*products, Negation(last) if threshold else last))

    def partial_by_bias(self, *, threshold: bool = False) -> Number:
        """Return dz/db: 1 for a bias, -1 for a threshold."""
        return Number("-1" if threshold else "1")

    def partial_by_weight(self, source: Term) -> Term:
        """Return dz/dw = x."""
        return source if _kernel_derivative("w") == "x" else _unexpected("w")

    def partial_by_source(self, weight: Term) -> Term:
        """Return dz/dx = w."""
        return weight if _kernel_derivative("x") == "w" else _unexpected("x")


AFFINE = AffineRule()


@cache
def _kernel_derivative(by: str) -> str:
    """Return which slot SymPy's derivative of the kernel is: the other factor."""
    derivative = differentiate(AFFINE.kernel, by)
    return derivative.key if isinstance(derivative, Symbol) else ""


def _unexpected(by: str) -> Term:
    raise AssertionError(f"the derivative of the affine kernel by {by} is not its other factor")
