"""Two mistakes on the way to one number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from .catalogue import changes_in
from .hypothesis import PER_STEP, Array, Family, Ground, Hypothesis, depths_of, of_changes
from .mistake import Change

#: What a second mistake on the way to one number costs beside its own cost; less if it is the same again.
SECOND, SAME_AGAIN = 1.5, 0.5

#: In how many steps two mistakes are looked for together: those nearest to the number.
MOST_PAIRED = 14

#: Mistakes that are not looked for together with another: they can be made in too many ways.
_ALONE = frozenset(
    {
        "another_weight",
        "another_unit",
        "another_sample",
        "another_gradient",
        "another_step_added",
        "plus_for_times",
        "factor_twice",
        "times_for_over",
        "doubled_for_squared",
    }
)


def pairs(ground: Ground) -> list[Family]:
    """Return the hypotheses of two mistakes in two of the steps before the number."""
    reading, habits = ground.reading, ground.habits
    sweep = reading.sweep
    depths = depths_of(reading)
    steps = [name for name in reading.steps if depths[name] <= 5][-MOST_PAIRED:]
    found = {
        name: [
            change
            for change in changes_in(sweep, name)
            if ground.wants(change.mistake) and change.mistake not in _ALONE
        ]
        for name in steps
    }
    ways = Counter(change.mistake for changes in found.values() for change in changes)

    def costs(name: str) -> Array:
        return np.array(
            [habits.cost(c.mistake, ways[c.mistake]) + PER_STEP * depths[name] for c in found[name]]
        )

    families = []
    for place, first in enumerate(steps):
        if not found[first]:
            continue
        values = np.array([reading.mistaken(first, c.term) for c in found[first]], dtype=np.float64)[:, None]
        for second in steps[place + 1 :]:
            if found[second]:
                families.append(
                    _pair_family(ground, (first, second), values, found, (costs(first), costs(second)))
                )
    return families


def _pair_family(
    ground: Ground,
    steps: tuple[str, str],
    values: Array,
    found: Mapping[str, list[Change]],
    costs: tuple[Array, Array],
) -> Family:
    reading = ground.reading
    first, second = steps
    made = reading.second_outcomes(first, values, second, [change.term for change in found[second]])
    names = [[change.mistake for change in found[step]] for step in steps]
    same = np.array([[SAME_AGAIN if a == b else SECOND for b in names[1]] for a in names[0]])
    total = ground.cost + costs[0][:, None] + costs[1][None, :] + same
    width = len(found[second])

    def make(place: int) -> Hypothesis:
        return of_changes(reading, found[first][place // width], found[second][place % width])

    return Family(made.ravel(), total.ravel(), make)
