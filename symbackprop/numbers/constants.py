"""Numbers that are given as expressions, `1 + sin(pi/4)`: printed as written, computed to any precision."""

from __future__ import annotations

from dataclasses import dataclass

from ..formulas.terms import Number, Term


@dataclass(frozen=True, slots=True)
class Constant(Number):
    """A given number with the expression that it was written as.

    `text` and `exponent` hold its value, exact where it is rational and otherwise to `DIGITS` certified
    digits, for whatever computes in double precision; certified values come from `expression`. A constant is
    no node of a formula: `as_term` gives what is printed.
    """

    expression: Term = Number("0")

    def __str__(self) -> str:
        """Return the value's plain form: "1.7071...", "3/7"."""
        return self.text if self.exponent is None else f"{self.text}e{self.exponent}"


#: How many digits a constant's own text holds.
DIGITS = 40


def as_term(number: Number) -> Term:
    """Return what stands for a given number in a formula: itself, or the expression it was written as."""
    return number.expression if isinstance(number, Constant) else number
