"""What a condition is, and how one is measured on the problem's own numbers.

What these do not fulfil is asked of a variant only as far as they do: where one unit in six is saturated
there, one in six may be. `relaxed` says so.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from flint import fmpq

from ..numbers.digits import Real
from ..numbers.evaluate import Reals


class Check(Protocol):
    """A condition of one structure."""

    @property
    def reason(self) -> str:
        """What is wrong with a draw that it rejects."""

    @property
    def advice(self) -> str:
        """What helps where it rejects too many."""

    @property
    def relaxed(self) -> str:
        """How far the problem's own numbers are from fulfilling it, "" where they do."""

    def rejects(self, reals: Reals) -> bool:
        """Return whether the values of a draw are not wanted."""


def share(count: int, whole: int) -> Fraction:
    """Return what part of a whole a count is."""
    return Fraction(count, whole) if whole else Fraction(0)


def own_share(what: str, part: Fraction) -> str:
    """Return in words how many are no better with the problem's own numbers, "" for none."""
    return f"{what} with the problem's own numbers: {part.numerator} in {part.denominator}" if part else ""


def fraction(real: Real) -> Fraction:
    """Return the exact value of a number that is drawn or given."""
    assert isinstance(real, fmpq)
    return Fraction(int(real.p), int(real.q))
