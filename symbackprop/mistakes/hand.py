"""Slips of the hand: with a number as it is written down, whatever formula it came from."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from flint import fmpq

from .mistake import Mistake


def power_of_ten(shift: int) -> fmpq:
    """Return ten to a power, exactly."""
    return fmpq(10) ** shift


class Written(NamedTuple):
    """A number as it is written down: n times ten to the `unit`."""

    n: int
    unit: int

    @property
    def value(self) -> Fraction:
        """The number itself."""
        return Fraction(self.n) * Fraction(10) ** self.unit

    @property
    def digits(self) -> str:
        """The digits without sign and point, with the zeros after the point."""
        return str(abs(self.n)).zfill(max(-self.unit, 0) + 1)


def digits_swapped(number: Written) -> Iterator[Written]:
    """Yield the number with two digits that stand side by side exchanged."""
    text = number.digits
    for place in range(len(text) - 1):
        if text[place] != text[place + 1]:
            turned = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            yield _again(number, turned)


def digit_miscopied(number: Written) -> Iterator[Written]:
    """Yield the number with one digit replaced by another; not the last, where rounding is at work."""
    text = number.digits
    for place in range(len(text) - 1):
        for digit in "0123456789":
            if digit != text[place]:
                yield _again(number, text[:place] + digit + text[place + 1 :])


def digit_left_out(number: Written) -> Iterator[Written]:
    """Yield the number with one of its digits missing."""
    text = number.digits
    point = len(text) + number.unit  # so many digits stand before it
    for place in range(len(text) - 1):
        if text[place] != text[place + 1] and (place >= point or number.unit >= 0):
            yield Written(_again(number, text[:place] + text[place + 1 :]).n, number.unit + 1)


def _again(number: Written, text: str) -> Written:
    return Written(-int(text) if number.n < 0 else int(text), number.unit)


HAND = (
    Mistake(
        "rounded_too_early",
        "rounded too early",
        "You rounded a number in between and went on with that; carry more digits, and round at the end.",
        "An intermediate value was rounded before it was used.",
        "whatever uses a computed number",
        3.0,
    ),
    Mistake(
        "truncated",
        "truncated",
        "You cut the number off where it should be rounded.",
        "The last digit was cut off, not rounded.",
        "any number that does not end",
        3.0,
    ),
    Mistake(
        "decimal_point_shifted",
        "decimal point shifted",
        "The decimal point stands at the wrong place.",
        "The result is off by a power of ten.",
        "any number",
        6.0,
    ),
    Mistake(
        "sign_dropped",
        "sign dropped",
        "Your number has the wrong sign: a minus was lost, or one too many was written.",
        "The sign was lost on the way to the result.",
        "any number but zero",
        6.0,
    ),
    Mistake(
        "digits_swapped",
        "digits swapped",
        "Two digits of your number have changed places.",
        "Two neighbouring digits were exchanged.",
        "any number with different digits",
        3.0,
    ),
    Mistake(
        "digit_miscopied",
        "a digit miscopied",
        "One digit of your number is another one than it should be.",
        "One digit was copied wrongly.",
        "any number",
        2.0,
    ),
    Mistake(
        "digit_left_out",
        "a digit left out",
        "A digit is missing from your number.",
        "One digit was lost in writing.",
        "any number of several digits",
        1.0,
    ),
)
