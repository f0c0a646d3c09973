"""Conditions on values by cases: none near a kink, the same case as with the problem's own numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from ..formulas.terms import Call, Cases, Comparison, Negation, Sum, Term, walk
from ..numbers.digits import Undecided, as_double
from ..numbers.evaluate import NoValue, Reals, evaluate_real
from ..proofs.deciding import holding
from .condition import own_share


@dataclass(frozen=True)
class Kinks:
    """No value is on or near a kink.

    kinks: differences that are 0 at a kink, and the arguments of max and min. own: how many may be near, of
    all.
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
        return own_share("values near a kink", self.own)

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
            values = sorted((as_double(evaluate_real(term, reals)) for term in kink), reverse=True)
        except Undecided:
            found.append(0.0)
            continue
        except NoValue:
            continue
        found.append(abs(values[0]) if len(kink) == 1 else values[0] - values[1])
    return found


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
