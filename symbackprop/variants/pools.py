"""Pools: the numbers of which one is drawn. Every number is an exact decimal or fraction, never a float."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from flint import fmpq

from ..formulas.terms import Number
from ..numbers.digits import number_value
from ..spec.choices import Listed, Range
from ..spec.choosing import exact
from .stream import Stream

#: A number of a variant and its value.
Drawn = tuple[Number, fmpq]

ZERO, HALF = Fraction(0), Fraction(1, 2)

#: So often is a number that is taken drawn again, before it is looked which are left.
MOST_REDRAWN = 100


@dataclass(frozen=True)
class Style:
    """How the numbers of a grid are written.

    places: decimal places. least: so many of them are kept where they are zeros. exponent: the power of ten
    that the mantissa is multiplied by. fraction: numbers that are not whole are written p/q.
    """

    places: int
    least: int = 0
    exponent: int | None = None
    fraction: bool = False

    def write(self, value: Fraction) -> Number:
        """Return a value, which has no more places than these, as a number."""
        if self.fraction:
            return Number(str(value))
        shifted = value if self.exponent is None else value / Fraction(10) ** self.exponent
        scaled = shifted * 10**self.places
        digits = str(abs(scaled.numerator)).zfill(self.places + 1)
        text = digits
        if self.places:
            whole, after = digits[: -self.places], digits[-self.places :]
            kept = after.rstrip("0").ljust(self.least, "0")
            text = f"{whole}.{kept}" if kept else whole
        sign = "-" if scaled < 0 else ""
        return Number(sign + text, None if self.exponent is None or not scaled else self.exponent)


@dataclass(frozen=True)
class Pool:
    """Numbers that may be drawn, each as likely as the others."""

    def draw(self, stream: Stream, taken: Container[fmpq] = ()) -> Drawn:
        """Return a number that is not taken; one that is, where nothing else is left."""
        for _ in range(MOST_REDRAWN):
            drawn = self._one(stream)
            if drawn[1] not in taken:
                return drawn
        free = [other for other in self._all() if other[1] not in taken]
        return stream.choice(free) if free else drawn

    @property
    def size(self) -> int:
        """How many different numbers there are."""
        raise NotImplementedError

    @property
    def negative(self) -> float:
        """The share of negative numbers."""
        raise NotImplementedError

    def holds(self, number: Number) -> bool:
        """Return whether a number may be drawn."""
        raise NotImplementedError

    def without_value(self, value: Fraction) -> Pool:
        """Return the pool without a number, unless there is no other one."""
        raise NotImplementedError

    def _one(self, stream: Stream) -> Drawn:
        raise NotImplementedError

    def _all(self) -> Iterable[Drawn]:
        """Yield every number, in order."""
        raise NotImplementedError


@dataclass(frozen=True)
class ListPool(Pool):
    """Numbers of a list, as they are written there."""

    numbers: tuple[Number, ...]

    @property
    def size(self) -> int:
        """How many different numbers there are."""
        return len({exact(number) for number in self.numbers})

    @property
    def negative(self) -> float:
        """The share of negative numbers."""
        return sum(number.negative for number in self.numbers) / len(self.numbers)

    def holds(self, number: Number) -> bool:
        """Return whether a number is in the list."""
        return exact(number) in map(exact, self.numbers)

    def without_value(self, value: Fraction) -> ListPool:
        """Return the list without a number, unless there is no other one."""
        return ListPool(tuple(number for number in self.numbers if exact(number) != value) or self.numbers)

    @cached_property
    def _drawn(self) -> list[Drawn]:
        return [(number, number_value(number)) for number in self.numbers]

    def _one(self, stream: Stream) -> Drawn:
        return stream.choice(self._drawn)

    def _all(self) -> Iterable[Drawn]:
        return self._drawn


@dataclass(frozen=True)
class GridPool(Pool):
    """The numbers low, low + step, ..., `count` of them, but for those that are left out."""

    low: Fraction
    step: Fraction
    count: int
    style: Style
    without: frozenset[Fraction] = frozenset()

    @property
    def high(self) -> Fraction:
        """The largest number of the grid."""
        return self.low + self.step * (self.count - 1)

    @property
    def size(self) -> int:
        """How many different numbers there are."""
        return self.count - sum(self._on_grid(value) for value in self.without)

    @property
    def negative(self) -> float:
        """The share of negative numbers."""
        below = min(max(-(self.low // self.step), 0), self.count)
        return (below - sum(value < 0 and self._on_grid(value) for value in self.without)) / self.size

    def holds(self, number: Number) -> bool:
        """Return whether a number is on the grid and not left out."""
        value = exact(number)
        return self._on_grid(value) and value not in self.without

    def without_value(self, value: Fraction) -> GridPool:
        """Return the grid without a number, unless nothing else is on it."""
        left = replace(self, without=self.without | {value})
        return left if left.size else self

    def _on_grid(self, value: Fraction) -> bool:
        index = (value - self.low) / self.step
        return index.denominator == 1 and 0 <= index < self.count

    @cached_property
    def _made(self) -> dict[int, Drawn]:
        return {}

    def _one(self, stream: Stream) -> Drawn:
        while True:
            index = stream.below(self.count)
            found = self._made.get(index)
            if found is None:
                value = self.low + index * self.step
                if value in self.without:
                    continue
                found = self._made[index] = self._drawn(value)
            return found

    def _all(self) -> Iterable[Drawn]:
        values = (self.low + index * self.step for index in range(self.count))
        return (self._drawn(value) for value in values if value not in self.without)

    def _drawn(self, value: Fraction) -> Drawn:
        number = self.style.write(value)
        return number, number_value(number)


def listed(choice: Listed) -> Pool:
    """Return the pool of a list."""
    return ListPool(choice.numbers)


def ranged(choice: Range, *, nonzero: bool = False) -> Pool:
    """Return the pool of a range, its numbers written to the places of the step.

    nonzero: 0 is left out where it lies inside the range.
    """
    low, high, step = exact(choice.low), exact(choice.high), exact(choice.step)
    count = int((high - low) / step) + 1
    without = frozenset({ZERO}) if nonzero and low < 0 < high else frozenset()
    pool = GridPool(low, step, count, style_of(choice.low, choice.high, choice.step), without)
    return pool if pool.size else GridPool(low, step, count, pool.style)


def style_of(*numbers: Number) -> Style:
    """Return how numbers on a grid of these are written: to the most places that any of them has."""
    if any("/" in number.text for number in numbers):
        return Style(0, fraction=True)
    places = max(last_place(number) for number in numbers)
    return Style(places, places)


def last_place(number: Number) -> int:
    """Return how many decimal places a decimal is written to; none where it ends before the point."""
    return max(0, len(number.text.partition(".")[2]) - (number.exponent or 0))
