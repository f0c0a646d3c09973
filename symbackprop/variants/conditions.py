"""The conditions of a variant: each reads the values of a draw and says whether they are wanted.

What the problem's own numbers do not fulfil is asked of a variant only as far as they do: where one unit in six is
saturated there, one in six may be. `relaxed` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Protocol

from flint import fmpq

from ..formulas.terms import Call, Cases, Comparison, Negation, Sum, Term, walk
from ..keys import parse_key
from ..numbers.certified import Rounded, Undecided, round_ball, round_fraction
from ..numbers.digits import Real
from ..numbers.evaluate import NoValue, Reals, evaluate_real
from ..numbers.rounding import Rounding, RoundingPolicy
from ..proofs.deciding import holding
from .plan import Plan


class Check(Protocol):
    """A condition of one structure.

    reason: what is wrong with a draw that it rejects. advice: what helps where it rejects too many. relaxed: how
    far the problem's own numbers are from fulfilling it, "" where they do.
    """

    reason: str
    advice: str
    relaxed: str

    def rejects(self, reals: Reals) -> bool:
        """Return whether the values of a draw are not wanted."""


def share(count: int, whole: int) -> Fraction:
    """Return what part of a whole a count is."""
    return Fraction(count, whole) if whole else Fraction(0)


@dataclass(frozen=True)
class Saturation:
    """No unit is saturated: the slope of its activation is at least a part of the steepest.

    slopes: by the key of a slope the steepest one that the activation has. own: how many may be saturated, of all;
    own_least: how flat the flattest may be.
    """

    slopes: Mapping[str, float]
    least: float
    own: Fraction
    own_least: float
    reason: str = "a saturated unit"
    advice: str = "smaller weights and inputs, or quality: {saturation: null}"

    @property
    def relaxed(self) -> str:
        """How many units are saturated anyway."""
        return f"{_part(self.own)} of the units are saturated with the problem's own numbers" if self.own else ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many units are saturated, or one too far."""
        found = steepness(self.slopes, reals)
        flat = [slope for slope in found if slope < self.least]
        if not flat:
            return False
        return len(flat) > floor(self.own * len(found)) or min(flat) < self.own_least


def steepness(slopes: Mapping[str, float], reals: Reals) -> list[float]:
    """Return every slope as a part of the steepest that its activation has."""
    return [abs(double(reals[text])) / steepest for text, steepest in slopes.items() if text in reals]


def double(real: Real) -> float:
    """Return the double of a value, of a ball that of its middle."""
    return int(real.p) / int(real.q) if isinstance(real, fmpq) else float(real)


@dataclass(frozen=True)
class Kinks:
    """No value is on or near a kink.

    kinks: differences that are 0 at a kink, and the arguments of max and min. own: how many may be near, of all.
    """

    kinks: tuple[tuple[Term, ...], ...]
    least: float
    own: Fraction
    own_least: float
    reason: str = "a value near a kink"
    advice: str = "a finer grid, or quality: {kink: null}"

    @property
    def relaxed(self) -> str:
        """How many values are near a kink anyway."""
        return f"{_part(self.own)} of the kinks are met by the problem's own numbers" if self.own else ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many values are near a kink, or one too near."""
        found = distances(self.kinks, reals)
        near = [distance for distance in found if distance < self.least]
        if not near:
            return False
        return len(near) > floor(self.own * len(found)) or min(near) < self.own_least


def kinks_of(formulas: Iterable[Term]) -> tuple[tuple[Term, ...], ...]:
    """Return what is 0 at a kink of a formula, one term each; for max and min all arguments."""
    found: dict[tuple[Term, ...], None] = {}
    for formula in formulas:
        for part in walk(formula):
            match part:
                case Comparison(left=left, right=right):
                    found.setdefault((Sum((left, Negation(right))),))
                case Call(function="abs" | "sign", arguments=(inside,)):
                    found.setdefault((inside,))
                case Call(function="max" | "min", arguments=arguments):
                    signed = arguments if part.function == "max" else tuple(map(Negation, arguments))
                    found.setdefault(signed)
    return tuple(found)


def distances(kinks: Sequence[tuple[Term, ...]], reals: Reals) -> list[float]:
    """Return how far the values are from each kink: for max from the next largest."""
    found: list[float] = []
    for kink in kinks:
        try:
            values = sorted((double(evaluate_real(term, reals)) for term in kink), reverse=True)
        except Undecided:
            found.append(0.0)
            continue
        except NoValue:
            continue
        found.append(abs(values[0]) if len(kink) == 1 else values[0] - values[1])
    return found


@dataclass(frozen=True)
class LivingAndDead:
    """ReLU layers have units that send something out, and, where that is asked, others that send out 0.

    layers: the keys of each layer's activations. mixed: which layers have both.
    """

    layers: tuple[tuple[str, ...], ...]
    mixed: tuple[bool, ...]
    reason: str = "a ReLU layer without living or without dead units"
    advice: str = "weights and biases of both signs, or quality: {living_and_dead: null}"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether a layer is all dead, or all living where some are to be dead."""
        for layer, mixed in zip(self.layers, self.mixed, strict=True):
            living, dead = life(layer, reals)
            if not living or (mixed and not dead):
                return True
        return False


def life(layer: Iterable[str], reals: Reals) -> tuple[int, int]:
    """Return how many units of a layer are living, and how many are dead."""
    known = [bool(reals[text] != 0) for text in layer if text in reals]
    return sum(known), len(known) - sum(known)


@dataclass(frozen=True)
class Branches:
    """Clipping, and losses by cases, take the same case as with the problem's own numbers."""

    cases: Mapping[str, tuple[Cases, ...]]
    own: Mapping[str, tuple[int | None, ...]]
    reason: str = "another case than the problem's own"
    advice: str = "numbers nearer to the problem's own, or quality: {effort: null}"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether another case holds anywhere."""
        return any(
            branches(cases, reals) != self.own[text] for text, cases in self.cases.items() if text in self.own
        )


def cases_of(formulas: Mapping[str, Term]) -> dict[str, tuple[Cases, ...]]:
    """Return the values by cases in formulas, by key."""
    found = {
        text: tuple(part for part in walk(formula) if isinstance(part, Cases))
        for text, formula in formulas.items()
    }
    return {text: cases for text, cases in found.items() if cases}


def branches(cases: Iterable[Cases], reals: Reals) -> tuple[int | None, ...]:
    """Return which case of each holds, None where that is not decided."""
    return tuple(holding(case, reals) for case in cases)


# --- answers ---------------------------------------------------------------------------------------


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
            len(str(abs(value.n))) if value.n else 0 if reals[text] != 0 else None
            for text, value in self.rounded(reals).items()
        ]


def as_printed(real: Real, rounding: Rounding) -> Rounded:
    """Return a value rounded; where a ball does not decide the last digit, that of its middle.

    That may be in a tie alone, which balls cannot tell: which of the two digits is taken does not matter here.
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

    own: for each smaller number of digits, the share of answers that may have no more than that. dead: the share
    that may be exactly 0 beside these, where dead ReLU units pass nothing on.
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
        text = f"{_part(few)} of the answers have fewer than {self.least} digits with the problem's own numbers"
        return text if few else ""

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
        text = f"{_part(self.own)} of the answers are printed like others with the problem's own numbers"
        return text if self.own else ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many answers are printed alike."""
        rounded = self.answers.rounded(reals)
        return self.answers.doubles(rounded) > floor(self.own * len(rounded))


# --- numbers ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signs:
    """About as many numbers are negative as is expected: signs are what makes the work hard."""

    varying: frozenset[str]
    expected: float
    within: float
    reason: str = "too many or too few negative numbers"
    advice: str = "quality: {effort: null}"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether the count is too far from what is expected."""
        found = sum(reals[text] < 0 for text in self.varying)
        return abs(found - self.expected) > self.within


def signs_of(plan: Plan, effort: Fraction) -> Signs:
    """Return the condition on the signs of the numbers that may have either."""
    mixed = [draw for draw in plan.draws if 0 < draw.negative < len(draw.keys)]
    varying = frozenset(key for draw in mixed for key in draw.keys)
    expected = sum(draw.negative for draw in mixed)
    return Signs(varying, expected, max(1.0, float(effort) * len(varying)))


@dataclass(frozen=True)
class EqualSamples:
    """No two samples have the same inputs, unless they have in the problem itself."""

    samples: tuple[tuple[str, ...], ...]
    given: Mapping[str, Real]
    own: int
    reason: str = "two equal samples"
    advice: str = "a finer grid or wider ranges of the inputs"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether more samples are equal than in the problem."""
        return equal_samples(self.samples, {**self.given, **reals}) > self.own


def equal_samples(samples: Sequence[Sequence[str]], reals: Reals) -> int:
    """Return how many samples have the inputs of an earlier one."""
    rows = [tuple(reals[text] for text in sample) for sample in samples]
    return len(rows) - len(set(rows))


def _part(part: Fraction) -> str:
    return f"{part.numerator} in {part.denominator}"
