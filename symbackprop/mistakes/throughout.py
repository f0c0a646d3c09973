"""Mistakes made in every step that they fit: whole runs with one mistake in them, and their hypotheses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..formulas.terms import Term
from .catalogue import MISTAKES, by_mistake
from .hypothesis import Family, Ground, Hypothesis
from .reading import Reading
from .sweep import Sweep
from .values import Values

#: What it costs that a mistake is made in every step that it fits.
EVERYWHERE = 0.7


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
