"""The range and the grid that a problem's own numbers suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from ..formulas.terms import Number
from ..numbers.constants import Constant
from ..spec.choosing import exact
from .pools import GridPool, Style, last_place

#: Numbers of more significant digits are not written by hand: theirs are drawn with two.
MOST_DIGITS, FEW_DIGITS = 4, 2

#: A range has at least so many numbers, and half as many again as there are different ones to be drawn.
FEWEST = 6

#: Decimals beyond these magnitudes are written with a power of ten.
LARGEST_PLAIN, SMALLEST_PLAIN = Fraction(10) ** 7, Fraction(1, 10**7)

ZERO = Fraction(0)


@dataclass(frozen=True)
class Bounds:
    """Between which numbers something has to lie; `closed`: on them too. None: no bound."""

    low: Fraction | None = None
    high: Fraction | None = None
    closed: bool = False

    def allow(self, value: Fraction) -> bool:
        """Return whether a value lies between them."""
        above = self.low is None or value > self.low or (self.closed and value == self.low)
        return above and (self.high is None or value < self.high or (self.closed and value == self.high))


def is_plain(number: Number) -> bool:
    """Return whether a number is a decimal or a fraction, and no expression such as sin(1)."""
    return not isinstance(number, Constant)


def grid_of(numbers: Sequence[Number]) -> tuple[Fraction, Style]:
    """Return the step of the grid on which numbers are written, and how they are.

    Hundredths that are all multiples of 0.05 are on a grid of 0.05, others of 0.01; tenths on a grid of 0.5
    only where three or more say so. Numbers of many digits, which no hand has written, are drawn with two
    significant ones.
    """
    values = [exact(number) for number in numbers]
    if any("/" in number.text for number in numbers):
        common = lcm(*(value.denominator for value in values))
        return Fraction(1, common), Style(0, fraction=True)
    largest = max(map(abs, values)) or Fraction(1)
    power = _power(largest)  # of ten, of the first digit
    places = max(last_place(number) for number in numbers)
    if places > 2 and max(map(_digits, numbers)) > MOST_DIGITS:
        places = FEW_DIGITS - 1 - power
        return _styled(Fraction(10) ** -places, places, places, largest, power)
    step = _coarser(Fraction(10) ** -places, places, values)
    return _styled(step, places, min(last_place(number) for number in numbers), largest, power)


def _styled(step: Fraction, places: int, least: int, largest: Fraction, power: int) -> tuple[Fraction, Style]:
    """Return the step and the style: plain decimals, or mantissas where these would be very long."""
    if step >= SMALLEST_PLAIN and largest < LARGEST_PLAIN:
        return step, Style(max(places, 0), max(min(places, least), 0))
    mantissa = max(places + power, 0)
    return step, Style(mantissa, mantissa, exponent=power)


def _digits(number: Number) -> int:
    """Return how many significant digits a decimal is written with."""
    return len(number.text.lstrip("-").replace(".", "").lstrip("0"))


def _power(value: Fraction) -> int:
    """Return the power of ten of a positive number's first digit."""
    power = len(str(value.numerator)) - len(str(value.denominator))
    while value < Fraction(10) ** power:
        power -= 1
    while value >= Fraction(10) ** (power + 1):
        power += 1
    return power


def _coarser(step: Fraction, places: int, values: Sequence[Fraction]) -> Fraction:
    """Return five times the step, or whole tens of it, where all numbers are multiples of that."""
    others = [value for value in values if value]
    count = len(set(map(abs, others)))
    if not places and count > 1:
        while all((value / step) % 10 == 0 for value in others):
            step *= 10
    enough = count >= (1 if places >= 2 else 3)
    return 5 * step if enough and all((value / step) % 5 == 0 for value in others) else step


def suggested(numbers: Sequence[Number], bounds: Bounds, *, zero: bool) -> GridPool | None:
    """Return the range and grid that numbers suggest, None where there is nothing to vary.

    The range is that of the numbers, made wider where it has few numbers or is narrow: by whole steps on
    both sides, never beyond zero where all numbers have one sign. zero: 0 may be drawn where it is among
    the numbers or inside their range.
    """
    values = [exact(number) for number in numbers]
    step, style = grid_of(numbers)
    low, high = -(-min(values) // step) * step, max(values) // step * step
    if low > high:  # numbers of many digits, between two of the coarser grid
        low = high = round(values[0] / step) * step
    fences = _fences(values, step, bounds, zero=zero)
    middle = (low + high) / 2
    if high - low < abs(middle):  # a narrow range: about as wide as its numbers are large
        low, high = _within(middle - abs(middle) / 2, middle + abs(middle) / 2, (low, high), fences, step)
    wanted = max(FEWEST, ceil(Fraction(3, 2) * len(set(values))))
    if len(values) >= 2 * len(set(values)) and (high - low) / step >= 2:
        wanted = 0  # the numbers repeat themselves: they fill their range
    upwards = True
    while (high - low) / step + (0 if not zero and low < 0 < high else 1) < wanted:
        if (high + step > fences[1] or not upwards) and low - step >= fences[0]:
            low -= step
        elif high + step <= fences[1]:
            high += step
        else:
            break
        upwards = not upwards
    low, high = max(low, fences[0]), min(high, fences[1])
    if low > high:
        return None
    without = frozenset({ZERO}) if not zero else frozenset()
    pool = GridPool(low, step, int((high - low) / step) + 1, style, without)
    return pool if pool.size > 1 else None


def _fences(
    values: Sequence[Fraction], step: Fraction, bounds: Bounds, *, zero: bool
) -> tuple[Fraction, Fraction]:
    """Return the smallest and the largest number of the grid that may be drawn at all."""
    far = 1000 * max(*map(abs, values), step)
    least = ZERO if zero else step
    low = least if min(values) >= 0 else -far
    high = -least if max(values) <= 0 and min(values) < 0 else far
    if bounds.low is not None:
        low = max(low, bounds.low if bounds.closed else bounds.low + step / 1000)
    if bounds.high is not None:
        high = min(high, bounds.high if bounds.closed else bounds.high - step / 1000)
    return -(-low // step) * step, high // step * step


def _within(
    low: Fraction,
    high: Fraction,
    own: tuple[Fraction, Fraction],
    fences: tuple[Fraction, Fraction],
    step: Fraction,
) -> tuple[Fraction, Fraction]:
    """Return a range on the grid, inside the fences, that has the numbers' own range in it."""
    low, high = -(-low // step) * step, high // step * step
    return min(own[0], max(low, fences[0])), max(own[1], min(high, fences[1]))
