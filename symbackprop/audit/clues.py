"""What other figures say about one: a mistake that runs through all, a slip undone, an earlier print."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import log
from typing import Any

import numpy as np

from ..doubles.arrays import CONSTANTS, array_value
from ..formulas.terms import Term
from ..mistakes.catalogue import share
from ..mistakes.chance import CHANCE_IF_HABITUAL
from ..mistakes.explanation import Explanation, printed_alike
from ..mistakes.hand import Written, digit_miscopied
from ..mistakes.hypothesis import Family, Hypothesis
from ..mistakes.reading import Reading
from ..mistakes.sweep import Sweep
from ..mistakes.throughout import EVERYWHERE, whole_runs
from ..mistakes.values import Values
from ..numbers.digits import Real, Undecided, as_double
from ..numbers.rounding import Mode
from .audit_file import Figure
from .convention import family
from .finding import Finding
from .page import Page, Print
from .printed import Printed, read_printed
from .ways import Ways

#: How many given numbers are tried in the place of others, at most.
MOST_GIVEN, MOST_INSTEAD = 40, 60

#: Another figure speaks for a mistake if by chance it would do so no more often than this.
SPEAKS = 0.05

#: What it says for a mistake that it is certain elsewhere on the page, as a logarithm of a chance.
KNOWN = 12.0


class Program:
    """A whole run with one mistake in it: its values by quantity, computed when asked for."""

    def __init__(
        self,
        names: tuple[str, ...],
        changes: Mapping[str, Term],
        values: Values,
        cost: float,
        column: int = -1,
    ) -> None:
        """Take the mistake, the changed formulas, and the values: a column of them where several run."""
        self.names, self.changes, self.values, self.cost, self.column = names, changes, values, cost, column

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
    from ..formulas.terms import Number

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


def slips_undone(sweep: Sweep, figure: Figure, ways: Ways, before: Sequence[Finding]) -> list[Family]:
    """Return the way over what a figure was before its author's hand slipped in writing it down."""
    latest = ways.latest
    slipped = {}
    names: tuple[str, ...] = ()
    for name, made in latest.items():
        sure = before[made.place].explanation
        if sure is None or not made.direct or (sure.hypothesis.sign > 0 and not sure.hypothesis.shift):
            continue
        slipped[name] = sure.value / sure.hypothesis.factor
        names = tuple(found for found in sure.mistakes if found in ("sign_dropped", "decimal_point_shifted"))
    families = []
    for name, real in slipped.items():
        fixed = {key: made.real for key, made in latest.items()}
        fixed[name] = real
        printed = {
            key: made.number for key, made in latest.items() if made.number is not None and key != name
        }
        reading = Reading(sweep, figure.key, fixed, printed)
        if name not in {used for step in reading.steps for used in sweep.uses(step)}:
            continue
        outcome = float(np.asarray(reading.doubles[figure.key]))
        families.append(
            Family(
                np.array([outcome]),
                np.array([0.0]),
                lambda place, reading=reading, names=names: Hypothesis(
                    names[:1], {}, reading, corroborated=True
                ),  # type: ignore[misc]
            )
        )
    return families


def earlier_prints(page: Page, figure: Figure, reading: Reading) -> list[Family]:
    """Return an earlier print of the same quantity with one digit miscopied, the last one first."""
    earlier = page.latest(figure.key)
    if earlier is None or not earlier.direct:
        return []
    unit = figure.printed.written.unit
    n = as_double(earlier.real) / 10.0**unit
    number = Written(round(n), unit)
    near = [Written(number.n + step, unit) for step in (1, -1)]
    others = list(digit_miscopied(number))
    values = [float(made.n) * 10.0**unit for made in (*near, *others)]
    costs = [0.5] * len(near) + [3.0] * len(others)
    return [
        Family(
            np.array(values),
            np.array(costs),
            lambda place: Hypothesis(("digit_miscopied",), {}, reading, corroborated=True),
        )
    ]


#: Slips of the hand that later figures may show not to have happened in the computation.
SLIPS: tuple[tuple[str, int, int], ...] = (
    ("sign_dropped", -1, 0),
    ("decimal_point_shifted", 1, 1),
    ("decimal_point_shifted", 1, -1),
)


def undone(figure: Figure, sign: int, shift: int) -> Printed:
    """Return a printed number as it was before a slip."""
    n, unit = figure.printed.written
    return read_printed(f"{sign * n}e{unit - shift}")


def goes_on(
    sweep: Sweep,
    figures: Sequence[Figure],
    findings: Sequence[Finding],
    place: int,
    before: Printed,
    mode_of: Callable[[str], Mode],
) -> bool:
    """Return whether a later figure, wrong by itself, is right over a number as it was before a slip."""
    page = Page(sweep)
    for at, figure in enumerate(figures):
        if at > place and findings[at].verdict in ("own", "unexplained"):
            ways = Ways(page, figure.key)
            latest = {**ways.latest}
            own = latest.get(figures[place].key)
            if own is not None and own.place == place:
                latest[figures[place].key] = Print(place, before.real, before.real, before.number)
                way = ways.way(latest, "a slip undone")
                if (
                    way is not None
                    and place in way.reads
                    and _prints(way.real, figure, mode_of(family(sweep.parts(figure.key))))
                ):
                    return True
        page.add(at, figure, figure.printed.real)
    return False


def _prints(real: Real, figure: Figure, mode: Mode) -> bool:
    try:
        return printed_alike(real, figure.printed.written, mode)
    except Undecided:
        return False


def with_slip(explanation: Explanation, name: str, sign: int, shift: int, written: Written) -> Explanation:
    """Return an explanation of what a number was before a slip, as one of the number with it."""
    hypothesis = explanation.hypothesis
    names = hypothesis.mistakes if name in hypothesis.mistakes else (*hypothesis.mistakes, name)
    slipped = replace(
        hypothesis,
        mistakes=names,
        sign=hypothesis.sign * sign,
        shift=hypothesis.shift + shift,
        corroborated=True,
    )
    return replace(
        explanation,
        hypothesis=slipped,
        written=written,
        confident=explanation.chance <= CHANCE_IF_HABITUAL,
    )
