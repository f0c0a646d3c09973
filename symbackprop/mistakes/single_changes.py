"""One mistake in one of the steps before a number: every hypothesis with its value and its cost."""

from __future__ import annotations

from collections import Counter

import numpy as np

from .catalogue import changes_in
from .hypothesis import (
    NO_HABITS,
    PER_STEP,
    Array,
    Family,
    Ground,
    Habits,
    as_array,
    confused_pair,
    depths_of,
    of_changes,
)
from .mistake import Change
from .sweep import Sweep


def single_changes(ground: Ground) -> list[Family]:
    """Return the hypotheses of one mistake in one step, a family for each step."""
    reading = ground.reading
    families = []
    for name, changes, costs in _priced(ground):
        values = np.array([reading.mistaken(name, change.term) for change in changes], dtype=np.float64)
        families.append(
            Family(
                as_array(reading.outcome(name, values), values),
                costs + ground.cost,
                lambda place, changes=changes: of_changes(reading, changes[place]),  # type: ignore[misc]
            )
        )
    return families


def _priced(ground: Ground) -> list[tuple[str, list[Change], Array]]:
    """Return the changes in each step with their costs; found once where no habits are known."""
    known = ground.reading.plan.priced
    if ground.habits is not NO_HABITS:
        return _find_priced(ground)
    if ground.mistakes not in known:
        known[ground.mistakes] = _find_priced(ground)
    found: list[tuple[str, list[Change], Array]] = known[ground.mistakes]
    return found


def _find_priced(ground: Ground) -> list[tuple[str, list[Change], Array]]:
    reading, habits, sweep = ground.reading, ground.habits, ground.reading.sweep
    found = {
        name: [change for change in changes_in(sweep, name) if ground.wants(change.mistake)]
        for name in reading.steps
    }
    ways = Counter(change.mistake for changes in found.values() for change in changes)
    depths = depths_of(reading)
    return [
        (
            name,
            changes,
            np.array(
                [
                    habits.cost(change.mistake, ways[change.mistake])
                    + PER_STEP * depths[name]
                    - _known_pair(change, habits, sweep)
                    for change in changes
                ]
            ),
        )
        for name, changes in found.items()
        if changes
    ]


def computed_again(ground: Ground) -> list[Family]:
    """Return the hypotheses of one mistake that reads another's value as computed, not as printed."""
    reading, sweep = ground.reading, ground.reading.sweep
    found = [
        change
        for name in reading.steps
        for change in changes_in(sweep, name)
        if len(change.about) == 2
        and change.about[1] in reading.fixed
        and change.about[1] in sweep.formulas
        and ground.wants(change.mistake)
    ]
    if not found:
        return []
    ways = Counter(change.mistake for change in found)
    depths = depths_of(reading)
    values, costs = [], []
    for change in found:
        again = reading.without(change.about[1])
        values.append(float(np.asarray(again.outcome(change.key, again.mistaken(change.key, change.term)))))
        costs.append(
            ground.cost
            + ground.habits.cost(change.mistake, 2 * ways[change.mistake])
            + PER_STEP * depths[change.key]
            - _known_pair(change, ground.habits, sweep)
        )
    return [
        Family(
            np.array(values),
            np.array(costs),
            lambda place: of_changes(reading.without(found[place].about[1]), found[place]),
        )
    ]


def _known_pair(change: Change, habits: Habits, sweep: Sweep) -> float:
    return 3.0 if habits.confused and confused_pair(change.about, sweep) in habits.confused else 0.0
