"""Which mistake gives a wrong answer: the library of mistakes asked, from right values and from own ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from flint import ctx, fmpq

from ..derivation.ledger import START_BITS, Ledger
from ..formulas.terms import Number
from ..network.graph import Graph
from ..numbers.digits import Real, Undecided, number_value, show
from ..numbers.rounding import Rounding
from ..spec.problem import Problem
from .accepting import Interval, as_rational, rounding_interval
from .following import Own
from .paper import Solved

#: How far an own answer may have been rounded for its unrounded value to be made up for, as a share of it.
MOST_ROUNDED = fmpq(1, 100)


class Mistaken(Protocol):
    """A wrong value and the mistake that gives it, as the library of mistakes makes them."""

    @property
    def mistake(self) -> str:
        """The name of the mistake."""

    @property
    def value(self) -> Real:
        """The value that it gives."""

    @property
    def shown(self) -> Number:
        """The value under the sheet's rounding."""

    @property
    def likelihood(self) -> float:
        """How likely it is, among the mistakes that give the same number."""


class WrongValues(Protocol):
    """What yields the wrong values of a quantity; `given` holds own values in the place of right ones."""

    def __call__(
        self,
        ledger: Ledger,
        graph: Graph,
        problem: Problem,
        key: str,
        *,
        given: Mapping[str, fmpq] | None = None,
    ) -> Iterator[Mistaken]:
        """Yield the wrong values of a quantity."""


class Named(Protocol):
    """A mistake in words: a kind sentence for the student, and one for the instructor."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def student(self) -> str:
        """What happened and why it is wrong."""

    @property
    def instructor(self) -> str:
        """What happened, for who knows the subject."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library of mistakes: what makes the wrong values, and each mistake by name in words."""

    wrong_values: WrongValues
    mistakes: Mapping[str, Named]


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake that gives an answer, in words; `given` says whether from right values or from own ones."""

    mistake: str
    title: str
    student: str
    instructor: str
    shown: Number
    likelihood: float
    given: Literal["right", "own"]


def diagnose(
    key: str,
    value: Fraction,
    solved: Solved,
    own: Mapping[str, Own],
    library: Library,
    rounding: Rounding,
) -> tuple[Slip, ...]:
    """Return the mistakes that give a wrong answer, each once: those from own values first, by likelihood.

    Args:
        key: the quantity.
        value: the answer, a number to the digits of the rounding or more.
        solved: the problem.
        own: the wrong answers that the quantity may have been worked out from.
        library: the mistakes.
        rounding: to the digits that the answer is compared at.
    """
    found: list[Slip] = []
    if own:
        given = {other: as_rational(answer.written.value) for other, answer in own.items()}
        found += _fitting(key, value, solved, library, rounding, given, _spread(own))
    found += _fitting(key, value, solved, library, rounding, None, fmpq(0))
    first: dict[str, Slip] = {}
    for slip in found:
        first.setdefault(slip.mistake, slip)
    return tuple(first.values())


def _fitting(
    key: str,
    value: Fraction,
    solved: Solved,
    library: Library,
    rounding: Rounding,
    given: Mapping[str, fmpq] | None,
    spread: fmpq,
) -> list[Slip]:
    """Return the mistakes that give a value, likeliest first."""
    slips = []
    wrong_values = library.wrong_values(solved.ledger, solved.graph, solved.problem, key, given=given)
    for wrong in wrong_values:
        interval = _interval(wrong.value, rounding, spread)
        if interval is not None and value in interval:
            words = library.mistakes[wrong.mistake]
            slips.append(
                Slip(
                    wrong.mistake,
                    words.title,
                    words.student,
                    words.instructor,
                    wrong.shown,
                    wrong.likelihood,
                    "right" if given is None else "own",
                )
            )
    return sorted(slips, key=lambda slip: -slip.likelihood)


def _interval(value: Real, rounding: Rounding, spread: fmpq) -> Interval | None:
    """Return the numbers that are printed as a wrong value is, wider by a share of it."""
    try:
        with ctx.workprec(START_BITS):
            shown = show(value, rounding)
    except Undecided:
        return None
    interval = rounding_interval(shown, rounding)
    if not spread:
        return interval
    wider = spread * abs(number_value(shown))
    low, high = number_value(interval.low) - wider, number_value(interval.high) + wider
    return Interval(Number(str(low)), Number(str(high)))


def _spread(own: Mapping[str, Own]) -> fmpq:
    """Return how much of a value may be due to own answers that were carried on before they were rounded.

    To first order a product changes by the sum of the shares by which its factors do.
    """
    total = fmpq(0)
    for answer in own.values():
        size = abs(as_rational(answer.written.value))
        if answer.written.unit is not None and size:
            total += fmpq(10) ** answer.written.unit / 2 / size
    return min(total, MOST_ROUNDED)
