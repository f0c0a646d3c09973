"""An explanation of a wrong number, and the number that is to be explained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

from ..formulas.terms import Term
from ..numbers.digits import Real, Undecided, number_value, show
from ..numbers.rounding import Mode, Rounding
from .arithmetic import arithmetic, arithmetic_line
from .hand import Written, power_of_ten
from .hypothesis import Hypothesis


@dataclass(frozen=True)
class Explanation:
    """A hypothesis that prints a wrong number.

    chance: how likely a random wrong number has an explanation at least as likely beforehand. exactly: the
    printed digits come out; otherwise the last ones differ a little, as they do where numbers were rounded
    on the way.
    """

    hypothesis: Hypothesis
    written: Written
    chance: float
    confident: bool
    cost: float
    exactly: bool = True
    rounding: str = ""

    @property
    def mistake(self) -> str:
        """The name of the mistake, the weightiest of several."""
        return self.mistakes[0]

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of all mistakes that were made."""
        names = self.hypothesis.mistakes
        return (*names, self.rounding) if self.rounding and self.rounding not in names else names

    @cached_property
    def value(self) -> Real:
        """The value that comes out, before it is rounded."""
        return self.hypothesis.value

    @property
    def slipped(self) -> bool:
        """Whether what the arithmetic gives was not written down as it is."""
        hypothesis = self.hypothesis
        real = hypothesis.reading.decided(hypothesis.changes, lambda found: found)
        modes: tuple[Mode, Mode] = ("half_even", "truncate")
        try:
            cells = [cell(real, self.written.unit, mode) for mode in modes]
        except Undecided:
            return False
        return min(abs(found - self.written.n) for found in cells) > (
            0 if self.exactly else max(unit_reach(self.written.n), 2)
        )

    @property
    def term(self) -> Term:
        """The arithmetic that gives the number, with the numbers that were read."""
        return arithmetic(self.hypothesis)

    @property
    def shows(self) -> str:
        """The arithmetic on one line: "(1 - 0.687987956) × 0.596282699 = 0.186047383"."""
        return arithmetic_line(self)


def unit_reach(n: int) -> int:
    """Return by how many units a number may be off where others were rounded on the way."""
    size = abs(n)
    return 0 if size < 10_000 else 2 if size < 1_000_000 else 10 if size < 100_000_000 else 50


def printed_alike(real: Real, written: Written, mode: Mode, readout: int | None = None) -> bool:
    """Return whether a value prints as a number is written, at that number's own unit.

    Raises:
        Undecided: the ball is too wide to tell.
    """
    if isinstance(real, fmpq) and real == written.n * power_of_ten(written.unit):
        return True  # the very number, which no rounding changes
    return cell(real, written.unit, mode, readout) == written.n


def cell(real: Real, unit: int, mode: Mode, readout: int | None = None) -> int:
    """Return a value as it is printed, in units of its last digit.

    Raises:
        Undecided: this precision does not tell.
    """
    rounding = Rounding(
        0 if unit > 0 else -unit,
        "places",
        mode,
        readout,
        "keep",
        unit if unit > 0 else None,
        None,
    )
    value = number_value(show(real, rounding)) / power_of_ten(unit)
    return int(value.p)


@dataclass(frozen=True)
class Wanted:
    """A wrong number to be explained: its key, how it is written, and how its hand rounds.

    right: numbers at that unit that are not wrong, so that no mistake is to explain them. size: how large
    the right one is.
    """

    key: str
    written: Written
    mode: Mode = "half_even"
    readout: int | None = None
    right: frozenset[int] = frozenset()
    size: float = 1.0

    @cached_property
    def digits(self) -> int:
        """How many significant digits it has."""
        return len(str(abs(self.written.n))) if self.written.n else 1
