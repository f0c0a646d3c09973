"""What may have happened on the way to one number: a hypothesis, its cost, and the hand it is about.

A hypothesis is a few changes to formulas and, at the end, slips of the hand. Its cost is minus the logarithm
of how likely it is beforehand, so that a search in the order of cost meets the simplest and most common
first. The hypotheses of one family are made together, their values as an array in double precision; what
fits a printed number is certified afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

import numpy as np
from flint import fmpq

from ..formulas.terms import Term
from ..numbers.digits import Real
from .catalogue import share
from .hand import power_of_ten
from .mistake import Change
from .reading import Reading
from .sweep import Sweep

Array = np.ndarray[Any, np.dtype[np.float64]]

#: What a mistake costs more for each step that lies between it and the number.
PER_STEP = 0.3


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What may have happened.

    mistakes: by name, the weightiest first. changes: the mistaken formulas by key. reading: what was read.
    sign, shift: slips with the result: -1 where its sign turned, by how many places its point is off. about:
    the quantities that were confused. corroborated: other numbers of the same hand speak for it.
    """

    mistakes: tuple[str, ...]
    changes: Mapping[str, Term]
    reading: Reading
    sign: int = 1
    shift: int = 0
    about: tuple[str, ...] = ()
    corroborated: bool = False

    @property
    def factor(self) -> fmpq:
        """What the slips with the result multiply it by."""
        return self.sign * power_of_ten(self.shift)

    @property
    def value(self) -> Real:
        """The value that comes out, before it is rounded."""
        factor = self.factor
        real: Real = self.reading.decided(self.changes, lambda found: found * factor)
        return real


@dataclass(frozen=True, slots=True)
class Family:
    """Hypotheses of one kind: their values, their costs, and how to make one of them by its place."""

    values: Array
    costs: Array
    make: Callable[[int], Hypothesis]


@dataclass(frozen=True)
class Habits:
    """What somebody is known to do: mistakes that explain other numbers of the same hand.

    made: how many other numbers a mistake explains. confused: pairs of quantities that were taken for one
    another.
    """

    made: Mapping[str, float] = field(default_factory=dict)
    confused: frozenset[frozenset[str]] = frozenset()

    def share(self, name: str) -> float:
        """Return how likely a mistake is beforehand, by the library and by what this hand has done before."""
        total = sum(self.made.values())
        return (4.0 * share(name) + self.made.get(name, 0.0)) / (4.0 + total)

    def cost(self, name: str, ways: int) -> float:
        """Return what a mistake costs that can be made in so many ways."""
        return log(max(ways, 1)) - log(self.share(name))

    def knows(self, hypothesis: Hypothesis, sweep: Sweep) -> bool:
        """Return whether all of a hypothesis is what this hand has done elsewhere."""
        if hypothesis.corroborated or confused_pair(hypothesis.about, sweep) in self.confused:
            return True
        return bool(self.made) and all(self.made.get(name, 0.0) >= 1.0 for name in hypothesis.mistakes)


def confused_pair(about: Sequence[str], sweep: Sweep) -> frozenset[str]:
    """Return which parameters or units were confused, whatever the pass."""
    return frozenset(sweep.parts(name).subject for name in about) if len(about) > 1 else frozenset()


NO_HABITS = Habits()


@dataclass(frozen=True)
class Ground:
    """What hypotheses stand on: a reading, its cost, habits, and the mistakes that are looked for."""

    reading: Reading
    cost: float = 0.0
    habits: Habits = NO_HABITS
    mistakes: frozenset[str] | None = None

    def wants(self, name: str) -> bool:
        """Return whether a mistake is looked for."""
        return self.mistakes is None or name in self.mistakes


def as_array(outcome: Any, like: Array) -> Array:
    """Return an outcome as an array of the form of another one."""
    found = np.asarray(outcome, dtype=np.float64)
    return found if found.shape == like.shape else np.broadcast_to(found, like.shape)


def outcome_with(reading: Reading, step: str, used: str, values: Array) -> Array:
    """Return what comes out if one step reads other values of a quantity."""
    held = reading.doubles[used]
    reading.doubles[used] = values
    try:
        mistaken = reading.mistaken(step, reading.sweep.formulas[step])
    finally:
        reading.doubles[used] = held
    return as_array(reading.outcome(step, mistaken), values)


def of_changes(reading: Reading, *changes: Change) -> Hypothesis:
    """Return the hypothesis that these changes were made."""
    ranked = sorted(changes, key=lambda change: share(change.mistake))
    about = tuple(name for change in changes for name in change.about)
    return Hypothesis(
        tuple(dict.fromkeys(change.mistake for change in ranked)),
        {change.key: change.term for change in changes},
        reading,
        about=about if len(changes) == 1 else (),
    )


def depths_of(reading: Reading) -> dict[str, int]:
    """Return how many steps lie between each quantity and the one that is asked for."""
    if not reading.plan.depths:
        reading.plan.depths.update(_find_depths(reading))
    return reading.plan.depths


def _find_depths(reading: Reading) -> dict[str, int]:
    inside = set(reading.steps)
    depths = {reading.key: 0}
    layer = [reading.key]
    while layer:
        following = []
        for name in layer:
            for used in reading.sweep.uses(name):
                if used in inside and used not in depths:
                    depths[used] = depths[name] + 1
                    following.append(used)
        layer = following
    return {name: depths.get(name, len(inside)) for name in reading.steps}
