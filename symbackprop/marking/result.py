"""What marking an answer gives: its points, how it was found right or wrong, what it was compared with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from ..document.blocks import MathStyle
from ..formulas.terms import Number, Term
from .accepting import Interval
from .diagnosing import Slip
from .paper import Question
from .reading import Reading

#: right: within the rounding of the right answer. carried: what rounded (or unrounded) values carried on
#: give. tolerance: within what the scheme allows beyond that. follow_through: right given the student's own
#: earlier answers. fewer_digits: right as far as it goes. ambiguous: one of the numbers it may be is right.
Status = Literal[
    "right",
    "carried",
    "tolerance",
    "follow_through",
    "fewer_digits",
    "wrong",
    "blank",
    "unreadable",
    "ambiguous",
]


@dataclass(frozen=True)
class Compared:
    """One number that an answer was held against: what it is, in words, and whether the answer is it.

    answers: the items whose own answers it follows from. but: why it earns nothing although it fits.
    """

    against: str
    number: Number
    interval: Interval
    fits: bool
    answers: tuple[str, ...] = ()
    but: str = ""


@dataclass(frozen=True)
class Marked:
    """One marked answer.

    name: the quantity's printed term. answer: the right one as it is printed. emptied: the item that leaves
    nothing to work out and why, where nothing that follows from this answer earns marks. slips: the mistakes
    that would have given it, the likeliest first.
    """

    question: Question
    name: Term
    reading: Reading
    status: Status
    points: Fraction
    answer: Number
    compared: tuple[Compared, ...]
    emptied: str = ""
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True)
class Marking:
    """A marked paper: whose it is, and the questions in the order of the sheet.

    style: how the sheet prints its formulas. It holds no ledger, so that a whole class can be kept.
    """

    student: str
    name: str
    code: str
    items: tuple[Marked, ...]
    style: MathStyle = MathStyle()

    @cached_property
    def points(self) -> Fraction:
        """What all questions together are worth."""
        return sum((item.question.points for item in self.items), Fraction(0))

    @cached_property
    def total(self) -> Fraction:
        """The points that were earned."""
        return sum((item.points for item in self.items), Fraction(0))

    def __getitem__(self, item: str) -> Marked:
        """Return one marked answer by its item number or quantity key.

        Raises:
            KeyError: the paper has no such question.
        """
        for marked in self.items:
            if item in (marked.question.item, marked.question.key):
                return marked
        raise KeyError(item)
