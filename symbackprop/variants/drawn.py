"""Conditions on the numbers that are drawn, before anything is computed from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..formulas.terms import Number
from ..numbers.digits import Real
from ..numbers.evaluate import Reals
from ..spec.losses import allowed_target
from ..spec.problem import Problem
from .condition import fraction
from .draws import Computed
from .families import activation_bounds
from .plan import Plan


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


@dataclass(frozen=True)
class Allowed:
    """Numbers that expressions give may stand in their place: targets that the loss allows, rates above 0."""

    tests: Mapping[str, Callable[[Fraction], bool]]
    reason: str = "a number that may not stand in its place"
    advice: str = "an expression that stays in range"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether one of them is out of range."""
        return any(not test(fraction(reals[text])) for text, test in self.tests.items() if text in reals)


def allowed(problem: Problem, plan: Plan) -> Allowed | None:
    """Return the condition on numbers that expressions give, None where there is nothing to be tested."""
    tests: dict[str, Callable[[Fraction], bool]] = {}
    for draw in plan.draws:
        if isinstance(draw, Computed):
            test = _test(draw.place, problem)
            if test is not None:
                tests[draw.place] = test
    return Allowed(tests) if tests else None


def _test(place: str, problem: Problem) -> Callable[[Fraction], bool] | None:
    if place in ("learning_rate", "schedule.start"):
        return lambda value: value > 0
    if place.startswith("act."):
        return activation_bounds(problem, place.removeprefix("act.")).allow
    if place.startswith("target."):
        losses = [each for each in (problem.loss, problem.reported_loss) if each and each.kind != "node"]
        return lambda value: all(allowed_target(loss, Number(str(value))) for loss in losses)
    return None
