"""Marks in the place of what differs on the papers of a class: such a paper is typeset once, as a form."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from typing import Literal

from ..formulas.terms import Number


class NoForm(Exception):
    """A paper is no form; the reason is for developers, as such papers are typeset one by one."""


Side = Literal["left", "center", "right", "point"]


@dataclass(frozen=True, slots=True)
class Place:
    """What goes where a mark stands.

    name: of the value. side: which part of the mark's room the value keeps to; at "point" its decimal point
    takes the place of the mark's, or if it has none it stands at the right. room: the widest that it may be,
    in em of the mark's type: a wider one is set smaller. once: the mark stands in one place alone.
    """

    name: str
    side: Side = "center"
    room: float = 0.0
    once: bool = True


#: Numbers in a text.
NUMBERS = re.compile(r"\d+(?:\.\d+)?")

#: A mark has so many digits at least, so that there are enough of them.
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """How much room a number takes: digits before the point and after it, and whether there is a sign."""

    whole: int = 1
    decimals: int = 0
    negative: bool = False

    @classmethod
    def of(cls, number: Number) -> Shape:
        """Return the shape of a decimal.

        Raises:
            NoForm: it is a fraction, an expression or a number times a power of ten.
        """
        if type(number) is not Number or number.exponent is not None or "/" in number.text:
            raise NoForm(f"{number} is no decimal")
        whole, _, decimals = number.magnitude.text.partition(".")
        return cls(len(whole), len(decimals), number.negative)

    def holds(self, other: Shape) -> bool:
        """Whether a number of another shape has room."""
        sign = self.negative or not other.negative
        return sign and self.whole >= other.whole and self.decimals >= other.decimals

    def __or__(self, other: Shape) -> Shape:
        """Return the least shape with room for both."""
        whole, decimals = max(self.whole, other.whole), max(self.decimals, other.decimals)
        return Shape(whole, decimals, self.negative or other.negative)


class Marks:
    """Marks that differ from each other, and from all numbers of some text."""

    def __init__(self, text: str) -> None:
        """Avoid the numbers of a text."""
        self._taken = set(NUMBERS.findall(text))
        self._last = 0

    def copy(self) -> Marks:
        """Return marks that go on from here, whatever these do."""
        other = copy(self)
        other._taken = set(self._taken)
        return other

    def new(self, shape: Shape) -> Number:
        """Return a new mark of a shape, or a wider one."""
        digits = max(FEWEST_DIGITS, shape.whole + shape.decimals)
        while True:
            self._last += 1
            number = self._last
            # neighbours differ in their last digit, so that all digits come up soon
            body = f"{10 ** (digits - 1) + 37 * number % (9 * 10 ** (digits - 1))}"
            at = len(body) - shape.decimals
            text = f"{body[:at]}.{body[at:]}" if shape.decimals else body
            if text in self._taken:
                if number > 9 * 10 ** (digits - 1):
                    raise NoForm(f"no more marks of {digits} digits")
                continue
            self._taken.add(text)
            return Number(f"-{text}" if shape.negative else text)
