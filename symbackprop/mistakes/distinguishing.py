"""Which mistakes a question tells apart: those whose answers differ at the printed digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from flint import ctx

from ..derivation.solving import derive
from ..numbers.evaluate import NoValue
from ..spec.problem import Problem
from .catalogue import MISTAKES
from .hypothesis import Hypothesis
from .mistaken import Mistaken
from .reading import Reading
from .sweep import Sweep
from .throughout import Run, whole_runs
from .wrong_values import check_key, sweep_of

if TYPE_CHECKING:
    from ..solution import Solution

#: How often the given numbers are drawn anew to see whether two mistakes make the same number of any numbers.
_DRAWS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A printed answer and the mistakes that lead to it."""

    shown: str
    mistakes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distinction:
    """What the answers to a question tell.

    right: the right answer. answers: the wrong ones, each with the mistakes that give it. hidden: mistakes
    that give the right answer at the printed digits although they change the value. alike: groups of
    mistakes that print the same wrong answer by accident of these numbers. same: groups that make the same
    value whatever the numbers are, so that no question of this kind tells them apart. unreached: mistakes
    that do not touch this quantity.
    """

    key: str
    right: str
    answers: tuple[Answer, ...]
    hidden: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    same: tuple[tuple[str, ...], ...]
    unreached: tuple[str, ...]

    @property
    def tells(self) -> bool:
        """Whether every mistake that reaches the answer shows, and none looks like another by accident."""
        return not self.hidden and not self.alike


def distinguishable(
    problem: Problem | Solution | Sweep | str | Path,
    key: str,
    *,
    mistakes: Iterable[str] | None = None,
    like: Sweep | None = None,
) -> Distinction:
    """Return which mistakes the answer to a question tells apart, under the sheet's rounding.

    Each mistake is made as somebody makes it who does not know better: in every step that it fits.

    Args: problem: a problem, a solution, a file, the name of an example, or a sweep. key: the quantity that
        is asked for. mistakes: those that are to be told apart; by default all mistakes with a formula that
        people make throughout. like: the sweep of a problem of the same structure, which saves time.

    Raises:
        SymbackpropError: there is no such quantity.
    """
    sweep = _sweep(problem, like)
    check_key(sweep, key)
    names = tuple(mistakes) if mistakes is not None else THROUGHOUT
    with ctx.workprec(sweep.ledger.bits):
        return _distinction(sweep, key, names)


#: The mistakes that somebody makes throughout who makes them once.
THROUGHOUT: tuple[str, ...] = tuple(
    name for name, mistake in MISTAKES.items() if mistake.rule is not None and mistake.everywhere
)


def _sweep(problem: Problem | Solution | Sweep | str | Path, like: Sweep | None) -> Sweep:
    if isinstance(problem, Sweep):
        return problem
    if isinstance(problem, str | Path):
        from ..spec import load_problem

        problem = load_problem(problem)
    if isinstance(problem, Problem):
        graph, ledger = derive(problem)
        return sweep_of(ledger, graph, problem, like=like)
    whole = problem.whole
    return sweep_of(whole.ledger, whole.graph, whole.problem, like=like)


def _distinction(sweep: Sweep, key: str, names: tuple[str, ...]) -> Distinction:
    reading = Reading(sweep, key)
    right = str(sweep.ledger.shown(key))
    printed: dict[str, list[Run]] = {}
    reached: dict[str, None] = {}
    with np.errstate(all="ignore"):
        for run in whole_runs(sweep):
            if run.mistake in names and _moves(run, reading):
                shown = _shown(run, reading)
                if shown is not None:
                    reached[run.mistake] = None
                    printed.setdefault(shown, []).append(run)
        same: dict[tuple[str, ...], None] = {}
        alike: dict[tuple[str, ...], None] = {}
        for runs in printed.values():
            for first, second in combinations(runs, 2):
                pair = tuple(sorted({first.mistake, second.mistake}))
                if len(pair) == 2:
                    (same if _always_same(sweep, key, first, second) else alike)[pair] = None
    answers = tuple(
        Answer(shown, tuple(dict.fromkeys(run.mistake for run in runs)))
        for shown, runs in printed.items()
        if shown != right
    )
    hidden = tuple(dict.fromkeys(run.mistake for run in printed.get(right, ())))
    return Distinction(
        key,
        right,
        answers,
        hidden,
        tuple(alike),
        tuple(same),
        tuple(name for name in names if name not in reached),
    )


def _moves(run: Run, reading: Reading) -> bool:
    value = float(np.asarray(run.values.number(reading.key)))
    right = float(np.asarray(reading.doubles[reading.key]))
    return bool(np.isfinite(value)) and abs(value - right) > 1e-11 * max(abs(value), abs(right))


def _shown(run: Run, reading: Reading) -> str | None:
    inside = set(reading.steps)
    changes = {name: term for name, term in run.changes.items() if name in inside}
    try:
        hypothesis = Hypothesis((run.mistake,), changes, reading)
        value = float(np.asarray(run.values.number(reading.key)))
        return Mistaken(run.mistake, reading.key, hypothesis, 1.0, value).shown
    except (NoValue, KeyError):
        return None


def _always_same(sweep: Sweep, key: str, first: Run, second: Run) -> bool:
    """Return whether two runs give the same value of any given numbers: tried with numbers drawn anew."""
    place = (key, id(first.changes), id(second.changes))
    found = sweep.sameness.get(place)
    if found is None:
        found = sweep.sameness[place] = all(
            _same_with(sweep, key, first, second, Random(f"{key}:{draw}")) for draw in range(_DRAWS)
        )
    return found


def _same_with(sweep: Sweep, key: str, first: Run, second: Run, draw: Random) -> bool:
    start = {
        name: value * draw.uniform(0.6, 1.4) if value not in (0.0, 1.0) else value
        for name, value in sweep.start_in_doubles.items()
    }
    reading = Reading(sweep, key)
    values = []
    for run in (first, second):
        made = reading.rerun(run.changes)
        made.update((name, value) for name, value in start.items() if name not in run.changes)
        values.append(float(np.asarray(made.number(key))))
    return abs(values[0] - values[1]) <= 1e-10 * max(map(abs, values))
