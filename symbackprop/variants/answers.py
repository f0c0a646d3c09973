"""Conditions on answers, as they are printed: none vanishes, no two are alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from flint import fmpq

from ..keys import parse_key
from ..numbers.certified import Rounded, round_ball, round_fraction
from ..numbers.digits import Real, Undecided
from ..numbers.evaluate import Reals
from ..numbers.rounding import Rounding, RoundingPolicy
from .condition import own_share

#: So many digits are as good as any more of them.
MANY_DIGITS = 100
VERY_MANY = 10**MANY_DIGITS


class Answers:
    """The asked quantities of a structure, as they are printed."""

    def __init__(self, asked: Iterable[str], policy: RoundingPolicy) -> None:
        """Look up the rounding of each."""
        self.roundings: dict[str, Rounding] = {text: policy.of(text) for text in asked}
        self._kinds = {text: parse_key(text).kind for text in self.roundings}
        self._seen: tuple[Reals, dict[str, Rounded]] = ({}, {})

    def rounded(self, reals: Reals) -> dict[str, Rounded]:
        """Return every answer that has a value, rounded; once for the conditions that ask in turn."""
        if self._seen[0] is not reals:
            rounded = {
                text: as_printed(reals[text], rounding)
                for text, rounding in self.roundings.items()
                if text in reals
            }
            self._seen = (reals, rounded)
        return self._seen[1]

    def doubles(self, rounded: Mapping[str, Rounded]) -> int:
        """Return how many answers are printed like an earlier one of their kind; zeros are none."""
        printed = [(self._kinds[text], value.n, value.unit) for text, value in rounded.items() if value.n]
        return len(printed) - len(set(printed))

    def digits(self, reals: Reals) -> list[int | None]:
        """Return how many significant digits each answer is printed with, None for one that is exactly 0."""
        return [
            _length(value.n) if value.n else 0 if reals[text] != 0 else None
            for text, value in self.rounded(reals).items()
        ]


def _length(whole: int) -> int:
    """Return how many digits a whole number has; of a very long one, that there are very many."""
    return len(str(abs(whole))) if abs(whole) < VERY_MANY else MANY_DIGITS


def as_printed(real: Real, rounding: Rounding) -> Rounded:
    """Return a value rounded; where a ball does not decide the last digit, that of its middle.

    That may be in a tie alone, which balls cannot tell: which of the two digits is taken does not matter
    here.
    """
    if not isinstance(real, fmpq):
        try:
            return round_ball(real, rounding)
        except Undecided:
            mantissa, exponent = real.mid().man_exp()
            real = fmpq(mantissa) * fmpq(2) ** int(exponent)
    return round_fraction(int(real.p), int(real.q), rounding)


@dataclass(frozen=True)
class Digits:
    """No answer vanishes: each has so many significant digits as it is printed.

    own: for each smaller number of digits, the share of answers that may have no more than that. dead: the
    share that may be exactly 0 beside these, where dead ReLU units pass nothing on.
    """

    answers: Answers
    least: int
    own: tuple[Fraction, ...]
    dead: Fraction = Fraction(0)
    reason: str = "a vanishing answer"
    advice: str = "more digits, larger numbers, or quality: {digits: 1}"

    @property
    def relaxed(self) -> str:
        """How many answers vanish anyway."""
        few = self.own[-1] if self.own else Fraction(0)
        return own_share(f"answers of fewer than {self.least} digits", few)

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many answers have too few digits."""
        counts = self.answers.digits(reals)
        count = len(counts)
        if self.dead:
            living = [digits for digits in counts if digits is not None]
            if count - len(living) > self.dead * count:
                return True
            counts = [*living]
        return any(
            sum((digits or 0) <= few for digits in counts) > floor(allowed * count)
            for few, allowed in enumerate(self.own)
        )


@dataclass(frozen=True)
class EqualAnswers:
    """No two answers of a kind are printed alike."""

    answers: Answers
    own: Fraction
    reason: str = "two equal answers"
    advice: str = "more digits, or quality: {distinct_answers: false}"

    @property
    def relaxed(self) -> str:
        """How many answers are printed alike anyway."""
        return own_share("answers that are printed alike", self.own)

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many answers are printed alike."""
        rounded = self.answers.rounded(reals)
        return self.answers.doubles(rounded) > floor(self.own * len(rounded))
