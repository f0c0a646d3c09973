"""What other figures say about one: a slip undone, an earlier print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..mistakes.chance import CHANCE_IF_HABITUAL
from ..mistakes.explanation import Explanation
from ..mistakes.hand import Written, digit_miscopied
from ..mistakes.hypothesis import Family, Hypothesis
from ..mistakes.reading import Reading
from ..mistakes.sweep import Sweep
from ..numbers.digits import as_double
from ..numbers.rounding import Mode
from .audit_file import Figure
from .convention import Convention, family
from .finding import Finding
from .page import Page, Print
from .printed import Printed, read_printed
from .printing import prints
from .ways import Ways


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
                    and prints(way.real, figure, Convention(mode_of(family(sweep.parts(figure.key)))))
                ):
                    return True
        page.add(at, figure, figure.printed.real)
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
