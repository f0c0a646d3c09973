"""Normally distributed numbers on a grid, drawn alike on every machine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import compress

from flint import arb, ctx, fmpq, fmpz

from ..formulas.terms import Number
from ..numbers.digits import number_value
from ..spec.choices import Normal
from ..spec.choosing import DEVIATIONS, exact
from .pools import ZERO, Drawn, Pool, Style, style_of
from .stream import WORD, Stream

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class NormalPool(Pool):
    """Multiples of a step, normally distributed and cut off on both sides.

    The probability of each is that of the interval of a step about it, in units of two to the -64: whole
    numbers, certified by balls, so that every machine draws the same.
    """

    mean: Fraction
    deviation: Fraction
    low: Fraction
    step: Fraction
    count: int
    style: Style
    without: frozenset[Fraction] = field(default_factory=frozenset)

    @property
    def size(self) -> int:
        """How many different numbers there are."""
        return sum(self.low + index * self.step not in self.without for index in range(self.count))

    @property
    def negative(self) -> float:
        """The share of negative numbers."""
        below = min(max(-(self.low // self.step), 0), self.count)
        return self._ends[below - 1] / self._ends[-1] if below else 0.0

    def holds(self, number: Number) -> bool:
        """Return whether a number is on the grid and not left out."""
        value = exact(number)
        index = (value - self.low) / self.step
        return index.denominator == 1 and 0 <= index < self.count and value not in self.without

    def without_value(self, value: Fraction) -> NormalPool:
        """Return the distribution without a number, unless there is no other one."""
        left = replace(self, without=self.without | {value})
        return left if left.size else self

    @cached_property
    def _ends(self) -> list[int]:
        """Where the share of each number ends, all shares following one another."""
        first = self._below(self.low - self.step / 2)
        return [self._below(self.low + (index + HALF) * self.step) - first for index in range(self.count)]

    def _below(self, value: Fraction) -> int:
        """Return the probability of a smaller number, times two to the 64 and rounded down."""
        distance = (value - self.mean) / self.deviation
        bits = 128
        while True:
            with ctx.workprec(bits):
                point = arb(fmpq(distance.numerator, distance.denominator)) / arb(2).sqrt()
                scaled = (1 + point.erf()) / 2 * WORD
                whole: fmpz | None = scaled.floor().unique_fmpz()
            if whole is not None:
                return int(whole)
            if not distance:  # one half exactly
                return WORD // 2
            bits *= 2

    @cached_property
    def _made(self) -> list[Drawn]:
        numbers = [self.style.write(self.low + index * self.step) for index in range(self.count)]
        return [(number, number_value(number)) for number in numbers]

    def _one(self, stream: Stream) -> Drawn:
        while True:
            index = bisect_right(self._ends, stream.below(self._ends[-1]))
            if self.low + index * self.step not in self.without:
                return self._made[index]

    def _all(self) -> Iterable[Drawn]:
        left = (self.low + index * self.step not in self.without for index in range(self.count))
        return compress(self._made, left)


def normal(choice: Normal, *, nonzero: bool = False) -> Pool:
    """Return the pool of a normal distribution."""
    mean, deviation, step = exact(choice.mean), exact(choice.deviation), exact(choice.step)
    low, high = mean - DEVIATIONS * deviation, mean + DEVIATIONS * deviation
    if choice.low is not None:
        low = max(low, exact(choice.low))
    if choice.high is not None:
        high = min(high, exact(choice.high))
    first, last = -(-low // step), high // step
    count = last - first + 1
    without = frozenset({ZERO}) if nonzero and first < 0 < last else frozenset()
    return NormalPool(mean, deviation, first * step, step, count, style_of(choice.step), without)
