"""Which mistake gives a wrong answer: the library of mistakes asked, from right values and from own ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, Protocol

from flint import ctx, fmpq

from ..derivation.ledger import START_BITS, Ledger
from ..formulas.terms import Number
from ..network.graph import Graph
from ..numbers.digits import Real, Undecided, Value, as_double, number_value, show
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Rounding
from ..spec.problem import Problem
from .accepting import Interval, as_rational, rounding_interval
from .following import Own, ends
from .paper import Solved

#: How far own answers may have been rounded for their unrounded values to be made up for, as a share of them.
MOST_ROUNDED = fmpq(1, 100)


class Mistaken(Protocol):
    """A wrong value and the mistake that gives it, as the library of mistakes makes them."""

    @property
    def mistake(self) -> str:
        """The name of the mistake."""

    @property
    def number(self) -> Number:
        """The value that it gives, under the sheet's rounding."""

    @property
    def value(self) -> Value:
        """The value that it gives."""

    @property
    def likelihood(self) -> float:
        """How likely it is, among the mistakes that give the same number."""


class WrongValues(Protocol):
    """What yields the wrong values of a quantity between two numbers.

    `given` holds a student's own values, which are read in the place of the right ones.
    """

    def __call__(
        self,
        ledger: Ledger,
        graph: Graph,
        problem: Problem,
        key: str,
        *,
        given: Mapping[str, fmpq] | None,
        within: tuple[float, float],
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
    nearest: Collection[str],
    library: Library,
    rounding: Rounding,
    spread: fmpq,
) -> tuple[Slip, ...]:
    """Return the mistakes that give a wrong answer, each once, the likeliest first.

    First those that are made after the student's own earlier answers, wrong ones as they are written and
    right ones unrounded; then with those rounded too; then, where none fits, those that may be made anywhere.

    Args:
        key: the quantity.
        value: the answer, a number to the digits of the rounding or more.
        solved: the problem.
        own: the answers before this one: what should have been read, and what may have been read instead.
        nearest: those of them that the quantity is worked out from.
        library: the mistakes.
        rounding: to the digits that the answer is compared at.
        spread: how much of the value, as a share, may be due to the rounding of own answers.
    """
    written = {other: as_rational(answer.written.value) for other, answer in own.items()}
    exact = {other: middle(solved.ledger.reals[other]) for other, answer in own.items() if answer.right}
    grounds: list[Mapping[str, fmpq] | None] = [written | exact, written] if exact else [written]
    spread = min(spread, MOST_ROUNDED)
    found: list[Slip] = []
    for given in (*grounds, None) if own else (None,):
        found = _fitting(key, value, solved, library, rounding, given, spread)
        if found:
            break
    if all(own[other].right for other in nearest):
        found = [replace(slip, given="right") for slip in found]
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
    """Return the mistakes that give a value, likeliest first; those that give nearly it only if none does."""
    exact, near = [], []
    for wrong in _between(key, solved, library, given, _reach(value, rounding, spread)):
        words = library.mistakes[wrong.mistake]
        slip = Slip(
            wrong.mistake,
            words.title,
            words.student,
            words.instructor,
            wrong.number,
            wrong.likelihood,
            "right" if given is None else "own",
        )
        interval = _interval(wrong.value.real, rounding)
        if interval is not None and value in interval:
            exact.append(slip)
        elif interval is not None and value in _wider(interval, spread):
            near.append(slip)
    return sorted(exact or near, key=lambda slip: -slip.likelihood)


def _between(
    key: str,
    solved: Solved,
    library: Library,
    given: Mapping[str, fmpq] | None,
    within: tuple[float, float],
) -> Iterator[Mistaken]:
    """Yield the wrong values between two numbers; one that cannot be computed ends them, and no marking."""
    try:
        yield from library.wrong_values(
            solved.ledger, solved.graph, solved.problem, key, given=given, within=within
        )
    except NoValue:
        return


def _reach(value: Fraction, rounding: Rounding, spread: fmpq) -> tuple[float, float]:
    """Return from where to where a wrong value may lie that is printed as an answer, or nearly so."""
    exact = as_rational(value)
    interval = rounding_interval(show(exact, rounding), rounding)
    unit = number_value(interval.high) - number_value(interval.low)
    reach = unit + spread * abs(exact)
    return as_double(exact - reach), as_double(exact + reach)


def _interval(value: Real, rounding: Rounding) -> Interval | None:
    """Return the numbers that are printed as a wrong value is."""
    try:
        with ctx.workprec(START_BITS):
            return rounding_interval(show(value, rounding), rounding)
    except Undecided:
        return None


def _wider(interval: Interval, spread: fmpq) -> Interval:
    """Return an interval that is wider by a share of its numbers."""
    low, high = number_value(interval.low), number_value(interval.high)
    wider = spread * max(abs(low), abs(high))
    return Interval(Number(str(low - wider)), Number(str(high + wider)))


def middle(real: Real) -> fmpq:
    """Return an exact number, or the middle of a ball."""
    found = ends(real)
    assert found is not None  # a right value that is printed is of a size that can be
    return (found[0] + found[1]) / 2
