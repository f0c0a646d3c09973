"""Whole runs with one mistake in them: what they give of the figures of a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from ..doubles.arrays import CONSTANTS, array_value
from ..formulas.terms import Number, Term
from ..mistakes.catalogue import share
from ..mistakes.hypothesis import Family, Hypothesis
from ..mistakes.reading import Reading
from ..mistakes.sweep import Sweep
from ..mistakes.throughout import EVERYWHERE, whole_runs
from ..mistakes.values import Values
from ..numbers.rounding import Mode
from .audit_file import Figure
from .finding import Finding

#: How many given numbers are tried in the place of others, at most.
MOST_GIVEN, MOST_INSTEAD = 40, 60

#: Another figure speaks for a mistake if by chance it would do so no more often than this.
SPEAKS = 0.05

#: What it says for a mistake that it is certain elsewhere on the page, as a logarithm of a chance.
KNOWN = 12.0


@dataclass(frozen=True)
class Program:
    """A whole run with one mistake in it: its values by quantity, computed when asked for.

    names: the mistake. changes: the changed formulas. column: which of the values where several run at once.
    """

    names: tuple[str, ...]
    changes: Mapping[str, Term]
    values: Values
    cost: float
    column: int = -1

    def value(self, name: str) -> float:
        """Return a quantity's value in the run, no number where there is none."""
        found = np.asarray(self.values.number(name), dtype=np.float64)
        return float(found[self.column]) if found.ndim else float(found)


def programs(
    sweep: Sweep, findings: Sequence[Finding], mode: Mode, known: Sequence[Mapping[str, Term]] = ()
) -> dict[int, list[Family]]:
    """Return, by wrong figure, the runs with one mistake that give it; those that give others too come first.

    Another figure counts if it is not inherited from this one. known: changes that are certain from other
    figures.
    """
    figures = [finding.figure for finding in findings]
    wrong = [place for place, finding in enumerate(findings) if finding.wrong]
    if len(wrong) < 2:  # what explains one alone is looked for with all the rest
        return {}
    heirs = _heirs(findings)
    found: dict[int, list[tuple[Program, float]]] = defaultdict(list)
    with np.errstate(all="ignore"):
        runs = [*_of_mistakes(sweep), *_of_given(sweep)]
        for program in runs:
            fitting = [place for place in wrong if _gives(program, figures[place], mode)]
            for place in fitting:
                others = sum(
                    _weight(figures[other])
                    for other in fitting
                    if other != place and other not in heirs[place]
                )
                if program.changes in known:
                    others += KNOWN
                found[place].append((program, others))
    speaking = log(len(runs)) - log(SPEAKS)
    families: dict[int, list[Family]] = {}
    for place, made in found.items():
        key = figures[place].key
        values = np.array([program.value(key) for program, _ in made])
        costs = np.array([program.cost - others for program, others in made])

        def make(at: int, made=made, key=key) -> Hypothesis:  # type: ignore[no-untyped-def]
            program, others = made[at]
            return Hypothesis(
                program.names, program.changes, Reading(sweep, key), corroborated=others > speaking
            )

        families[place] = [Family(values, costs, make)]
    return families


def _heirs(findings: Sequence[Finding]) -> dict[int, set[int]]:
    """Return, by figure, those that inherit from it, at whatever remove."""
    heirs: dict[int, set[int]] = defaultdict(set)
    for place, finding in enumerate(findings):
        pending = list(finding.came_from)
        while pending:
            source = pending.pop()
            if place not in heirs[source]:
                heirs[source].add(place)
                pending += findings[source].came_from
    return heirs


def _gives(program: Program, figure: Figure, mode: Mode) -> bool:
    written = figure.printed.written
    scaled = program.value(figure.key) / 10.0**written.unit
    if not np.isfinite(scaled) or abs(scaled) > 1e15:
        return False
    return written.n in ((int(np.trunc(scaled)),) if mode == "truncate" else (int(np.rint(scaled)),))


def _weight(figure: Figure) -> float:
    """Return how much it says that a figure comes out: minus the logarithm of the chance."""
    return log(max(abs(figure.printed.written.n), 1))


def _of_mistakes(sweep: Sweep) -> list[Program]:
    runs = whole_runs(sweep)
    ways = Counter(run.mistake for run in runs)
    return [
        Program(
            (run.mistake,),
            run.changes,
            run.values,
            log(ways[run.mistake]) - log(share(run.mistake)) + EVERYWHERE,
        )
        for run in runs
    ]


def _of_given(sweep: Sweep) -> list[Program]:
    """Return the runs in which one given number is another of those on the page."""
    ledger = sweep.ledger
    given = {
        name: sweep.values[name]
        for name in ledger.all_keys()
        if ledger.given(name) is not None
        and sweep.known(name)
        and not name.startswith(("optimizer", "schedule"))
    }
    if len(given) > MOST_GIVEN:
        return []
    texts = {str(ledger.given(name)): value for name, value in given.items()}
    by_value = {value: text for text, value in texts.items()}
    instead = list(by_value)[:MOST_INSTEAD]
    found: list[Program] = []
    for name, own in given.items():
        others = [value for value in instead if value != own]
        if not others:
            continue
        values = _values(sweep, {}, {name: np.array(others)})
        cost = log(len(given) * len(others)) - log(share("stale_value"))
        for column, value in enumerate(others):
            found.append(_instead(sweep, name, by_value[value], given, values, cost, column))
    return found


def _instead(
    sweep: Sweep, name: str, text: str, given: Mapping[str, float], values: Values, cost: float, column: int
) -> Program:
    number = sweep.ledger.given(name)
    assert number is not None
    term: Term = Number.parse(text) if "/" not in text else Number(text)
    neighbours = {str(sweep.ledger.given(other)): other for other in sweep.neighbours(name)}
    mistake = "stale_value"
    if text in neighbours:
        mistake = "another_weight" if sweep.parameter_of(name) else "another_input"
    return Program((mistake,), {name: term}, values, cost, column)


def _values(sweep: Sweep, changes: Mapping[str, Term], instead: Mapping[str, Any]) -> Values:
    values = Values({**sweep.formulas, **changes}, lambda name, term, values: array_value(term, values))
    values.update(sweep.start_in_doubles)
    values.update(instead)
    values.update(CONSTANTS)
    return values
