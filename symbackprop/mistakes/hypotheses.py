"""What may have happened on the way to one number: every hypothesis with its value and its cost.

A hypothesis is a few changes to formulas and, at the end, slips of the hand. Its cost is minus the logarithm
of how likely it is beforehand, so that a search in the order of cost meets the simplest and most common
first. The hypotheses of one family are made together, their values as an array in double precision; what
fits a printed number is certified afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

import numpy as np

from ..formulas.terms import Term, keys
from .editing import swapped
from .library import ANOTHER_VALUE, MISTAKES, by_mistake, changes_in, share
from .mistake import Change
from .reading import Reading, Values
from .sweep import Sweep

Array = np.ndarray[Any, np.dtype[np.float64]]

#: What a mistake costs more for each step that lies between it and the number.
PER_STEP = 0.3

#: What a second mistake on the way to one number costs beside its own cost; less if it is the same again.
SECOND, SAME_AGAIN = 1.5, 0.5

#: What it costs that a mistake is made in every step that it fits.
EVERYWHERE = 0.7

#: Slips of the hand at the end of a computation that holds a mistake already.
ENDS = ("sign_dropped", "decimal_point_shifted")

#: What is multiplied by where the decimal point is off by so many places.
POWERS = {1: 10.0, -1: 0.1, 2: 100.0, -2: 0.01, 3: 1000.0, -3: 0.001}


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
        if hypothesis.corroborated or _pair(hypothesis.about, sweep) in self.confused:
            return True
        return bool(self.made) and all(self.made.get(name, 0.0) >= 1.0 for name in hypothesis.mistakes)


def _pair(about: Sequence[str], sweep: Sweep) -> frozenset[str]:
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


def single_changes(ground: Ground) -> list[Family]:
    """Return the hypotheses of one mistake in one step, a family for each step."""
    reading = ground.reading
    families = []
    for name, changes, costs in _priced(ground):
        values = np.array([reading.mistaken(name, change.term) for change in changes], dtype=np.float64)
        families.append(
            Family(
                _array(reading.outcome(name, values), values),
                costs + ground.cost,
                lambda place, changes=changes: _of_changes(reading, changes[place]),  # type: ignore[misc]
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
    depths = _depths(reading)
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
    depths = _depths(reading)
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
            lambda place: _of_changes(reading.without(found[place].about[1]), found[place]),
        )
    ]


def _known_pair(change: Change, habits: Habits, sweep: Sweep) -> float:
    return 3.0 if habits.confused and _pair(change.about, sweep) in habits.confused else 0.0


def _array(outcome: Any, like: Array) -> Array:
    found = np.asarray(outcome, dtype=np.float64)
    return found if found.shape == like.shape else np.broadcast_to(found, like.shape)


def _of_changes(reading: Reading, *changes: Change) -> Hypothesis:
    ranked = sorted(changes, key=lambda change: share(change.mistake))
    about = tuple(name for change in changes for name in change.about)
    return Hypothesis(
        tuple(dict.fromkeys(change.mistake for change in ranked)),
        {change.key: change.term for change in changes},
        reading,
        about=about if len(changes) == 1 else (),
    )


def _depths(reading: Reading) -> dict[str, int]:
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


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run with one mistake in every step that it fits: the changed formulas and the values."""

    mistake: str
    changes: Mapping[str, Term]
    values: Values


def whole_runs(sweep: Sweep) -> list[Run]:
    """Return the whole runs of a sweep with each mistake that people make everywhere."""
    if not sweep.runs:
        steps = list(sweep.formulas)
        reading = Reading(sweep, steps[-1])
        sweep.runs.extend(
            Run(name, changes, reading.rerun(changes))
            for name, mistake in MISTAKES.items()
            if mistake.rule is not None and mistake.everywhere
            for changes in runs_of(sweep, name, steps)
        )
    return sweep.runs


def everywhere(ground: Ground) -> list[Family]:
    """Return the hypotheses of one mistake in every step that it fits, before the number."""
    reading, sweep = ground.reading, ground.reading.sweep
    runs: list[Run] = []
    if reading.fixed:
        for name, mistake in MISTAKES.items():
            if mistake.rule is not None and mistake.everywhere and ground.wants(name):
                runs += [
                    Run(name, changes, reading.rerun(changes))
                    for changes in runs_of(sweep, name, reading.steps)
                    if len(changes) > 1
                ]
    else:
        runs = [run for run in whole_runs(sweep) if ground.wants(run.mistake)]
    if not runs:
        return []
    ways = Counter(run.mistake for run in runs)
    values = [float(np.asarray(run.values.number(reading.key))) for run in runs]
    extra = EVERYWHERE + (ground.cost if reading.fixed else 0.0)  # a program reads nothing off the page
    costs = [ground.habits.cost(run.mistake, ways[run.mistake]) + extra for run in runs]
    return [
        Family(
            np.array(values),
            np.array(costs),
            lambda place: Hypothesis((runs[place].mistake,), _before(reading, runs[place].changes), reading),
        )
    ]


def _before(reading: Reading, changes: Mapping[str, Term]) -> dict[str, Term]:
    """Return the changes that the quantity depends on."""
    inside = set(reading.steps)
    return {name: term for name, term in changes.items() if name in inside}


def runs_of(sweep: Sweep, mistake: str, steps: Sequence[str]) -> Iterator[dict[str, Term]]:
    """Yield the formulas that somebody changes who makes a mistake wherever it fits: always in the same way.

    Where a step can be mistaken in several ways (the first path only, the second), all steps in the first
    way, all in the second and so on, the last way again where a step has fewer.
    """
    inside = set(steps)
    by_step = {name: terms for name, terms in by_mistake(sweep).get(mistake, {}).items() if name in inside}
    if by_step:
        for way in range(min(max(map(len, by_step.values())), 4)):
            yield {name: terms[min(way, len(terms) - 1)] for name, terms in by_step.items()}


def ended(families: Sequence[Family], ground: Ground) -> list[Family]:
    """Return families whose results suffer a slip of the hand in the end as well."""
    found: list[Family] = []
    for family in families:
        if ground.wants("sign_dropped"):
            cost = ground.habits.cost("sign_dropped", 1) + SECOND
            found.append(
                Family(
                    -family.values,
                    family.costs + cost,
                    lambda place, made=family.make: _with_end(made(place), "sign_dropped", sign=-1),  # type: ignore[misc]
                )
            )
        if ground.wants("decimal_point_shifted"):
            for shift in (1, -1):
                cost = ground.habits.cost("decimal_point_shifted", 2) + SECOND
                found.append(
                    Family(
                        family.values * POWERS[shift],
                        family.costs + cost,
                        lambda place, made=family.make, shift=shift: _with_end(  # type: ignore[misc]
                            made(place), "decimal_point_shifted", shift=shift
                        ),
                    )
                )
    return found


def _with_end(hypothesis: Hypothesis, name: str, sign: int = 1, shift: int = 0) -> Hypothesis:
    return Hypothesis(
        (*hypothesis.mistakes, name),
        hypothesis.changes,
        hypothesis.reading,
        hypothesis.sign * sign,
        hypothesis.shift + shift,
        hypothesis.about,
    )


def ends_of_right(ground: Ground) -> list[Family]:
    """Return the right result with its sign turned or its point shifted."""
    reading = ground.reading
    value = float(np.asarray(reading.doubles[reading.key]))
    kinds: list[tuple[str, int, int]] = []
    if ground.wants("sign_dropped"):
        kinds.append(("sign_dropped", -1, 0))
    if ground.wants("decimal_point_shifted"):
        kinds += [("decimal_point_shifted", 1, shift) for shift in POWERS]  # a place or two more, each rarer
        kinds += [("both", -1, shift) for shift in (1, -1) if ground.wants("sign_dropped")]
    values = [sign * value * POWERS.get(shift, 1.0) for _, sign, shift in kinds]
    costs = []
    for name, _, shift in kinds:
        if name == "both":
            cost = (
                ground.habits.cost("sign_dropped", 1)
                + ground.habits.cost("decimal_point_shifted", 2)
                + SECOND
            )
        else:
            cost = ground.habits.cost(name, 2 if shift else 1)
        costs.append(cost + ground.cost + (1.5 * (abs(shift) - 1) if shift else 0.0))

    def make(place: int) -> Hypothesis:
        name, sign, shift = kinds[place]
        names = ("decimal_point_shifted", "sign_dropped") if name == "both" else (name,)
        return Hypothesis(names, {}, reading, sign, shift)

    return [Family(np.array(values), np.array(costs), make)] if kinds else []


def other_values(ground: Ground, pool: Mapping[str, Sequence[float]] | None = None) -> list[Family]:
    """Return the hypotheses that some quantity was read where another belongs, whatever its kind.

    Those of the last three steps before the number: of the others a program could make any number.
    """
    if not ground.wants(ANOTHER_VALUE.name):
        return []
    reading, sweep = ground.reading, ground.reading.sweep
    depths = _depths(reading)
    near = [name for name in reading.steps if depths[name] <= 3]
    candidates = _readable(reading)
    read = np.array([float(np.asarray(reading.doubles[other])) for other in candidates])
    families = []
    places = [(name, used) for name in near for used in dict.fromkeys(keys(sweep.formulas[name]))]
    if not candidates or not places:
        return []
    for name, used in places:
        formula = sweep.formulas[name]
        held = reading.doubles[used]
        reading.doubles[used] = read
        try:
            values = _array(reading.mistaken(name, formula), read)
        finally:
            reading.doubles[used] = held
        cost = ground.cost + ground.habits.cost(ANOTHER_VALUE.name, len(candidates) * len(places))
        costs = np.full(read.shape, cost + PER_STEP * depths[name])
        families.append(
            Family(
                _array(reading.outcome(name, values), values),
                costs,
                lambda place, name=name, used=used: Hypothesis(  # type: ignore[misc]
                    (ANOTHER_VALUE.name,),
                    {name: swapped(sweep.formulas[name], used, sweep.term(candidates[place]))},
                    reading,
                    about=(used, candidates[place]),
                ),
            )
        )
    return families


#: Kinds of quantities that somebody has on the page and may read for any other.
_ON_THE_PAGE = frozenset(
    {
        "",
        "net",
        "act",
        "target",
        "error",
        "loss",
        "dE_dact",
        "dE_dnet",
        "delta",
        "residual",
        "dact_dnet",
        "grad",
        "new",
    }
)

#: How many quantities are tried in the place of another.
MOST_READABLE = 300


def _readable(reading: Reading) -> list[str]:
    """Return what may be read in the place of another: what the page may hold by then."""
    sweep = reading.sweep
    passes = sweep.parts(reading.key).passes
    found = [
        name
        for name in sweep.ledger.all_keys()
        if sweep.known(name)
        and name != reading.key
        and sweep.parts(name).kind in _ON_THE_PAGE
        and sweep.parts(name).passes <= passes
        and sweep.order.get(name, -1) < sweep.order[reading.key]
    ]
    return found if len(found) <= MOST_READABLE else []


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
    depths = _depths(reading)
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
        return _of_changes(reading, found[first][place // width], found[second][place % width])

    return Family(made.ravel(), total.ravel(), make)
