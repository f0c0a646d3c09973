"""What explains a wrong number: the hypotheses that print its digits, and how likely that is by chance.

An explanation found by a search is worth something only if a random wrong number would hardly have found
one. So the chance is computed: the hypotheses are put in the order of their cost, and the different numbers
are counted that those print which are at least as likely as the one that fits. A random wrong number of so
many digits is one of them with that many times the probability of a single number. Where the chance is small
the explanation is `confident`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..numbers.digits import Real, Undecided
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Mode
from .chance import (
    CHANCE,
    CHANCE_IF_DEEP,
    CHANCE_IF_HABITUAL,
    CHANCE_OF_ONE,
    FIRST_RANKS,
    chance_of_number,
    chance_so_near,
    double_unit,
)
from .endings import ended, ends_of_right
from .explanation import Explanation, Wanted, cell, unit_reach
from .hypothesis import NO_HABITS, Family, Ground, Habits, Hypothesis
from .other_values import other_values
from .pairs import pairs
from .reading import Reading
from .single_changes import computed_again, single_changes
from .throughout import everywhere
from .written_slips import early_rounding, written_slips

#: How many explanations of one number are listed.
MOST_LISTED = 6

#: How many hypotheses that fit in double precision are certified.
MOST_TRIED = 60

#: What it costs that a number is rounded otherwise than its hand rounds, and that its last digits are a
#: little off.
OTHER_ROUNDING, NEARLY = 1.5, 3.5


def explain(
    wanted: Wanted,
    readings: Sequence[Reading],
    *,
    habits: Habits = NO_HABITS,
    mistakes: Sequence[str] | None = None,
    more: Sequence[Family] = (),
    deep: bool = True,
) -> list[Explanation]:
    """Return what explains a wrong number, most likely first.

    readings: what may have been read, the likeliest first. habits: what the same hand does elsewhere.
    mistakes: those that are looked for, all by default. more: further families of hypotheses. deep: look for
    two mistakes together too where one explains nothing.
    """
    limited = None if mistakes is None else frozenset(mistakes)
    grounds = [Ground(reading, 0.6 * place, habits, limited) for place, reading in enumerate(readings)]
    families = list(more)
    found: list[Explanation] = []
    with np.errstate(all="ignore"):
        for made, usual in _by_depth(grounds, wanted, deep):
            families += made
            found = _fitting(wanted, families, habits, usual)
            if any(explanation.confident for explanation in found):
                break
    return found


def _by_depth(grounds: Sequence[Ground], wanted: Wanted, deep: bool) -> Iterator[tuple[list[Family], float]]:
    """Yield families of hypotheses, the likelier first, with the chance that is small enough for them."""
    near, far = grounds[:1], grounds[1:]
    for some in (near, far):
        families: list[Family] = []
        for ground in some:
            singles = [
                *single_changes(ground),
                *computed_again(ground),
                *early_rounding(ground, wanted),
                *everywhere(ground),
            ]
            families += [
                *singles,
                *ends_of_right(ground),
                *written_slips(ground, wanted),
                *ended(singles, ground),
            ]
        if families:
            yield families, CHANCE
    if deep:
        others = [(ground, other_values(ground)) for ground in grounds]
        yield [f for ground, made in others for f in (*made, *ended(made, ground))], CHANCE_IF_DEEP
        yield [family for ground in near for family in pairs(ground)], CHANCE_IF_DEEP


def retold(explanation: Explanation, wanted: Wanted, reading: Reading) -> Explanation:
    """Return an explanation over the numbers of another reading, if it prints the number over these too."""
    hypothesis = replace(explanation.hypothesis, reading=reading)
    changes = hypothesis.changes
    if not changes or any(name not in reading.steps for name in changes):
        return explanation
    kind = "" if explanation.exactly else "nearly"
    kind = "truncated" if explanation.rounding else kind
    return (
        replace(explanation, hypothesis=hypothesis) if _certified(wanted, hypothesis, kind) else explanation
    )


def _fitting(wanted: Wanted, families: Sequence[Family], habits: Habits, usual: float) -> list[Explanation]:
    """Return the hypotheses whose certified value prints as the number is written, most likely first."""
    written = wanted.written
    unit, n = double_unit(written)
    values = np.concatenate([family.values for family in families])
    costs = np.concatenate([family.costs for family in families])
    starts = np.cumsum([0, *(len(family.values) for family in families)])
    scaled = values / 10.0**unit
    usable = np.isfinite(scaled) & (np.abs(scaled) < 1e15)
    scaled = np.where(usable, scaled, np.nan)
    by_mode = np.trunc(scaled) if wanted.mode == "truncate" else np.rint(scaled)
    other = np.rint(scaled) if wanted.mode == "truncate" else np.trunc(scaled)
    cells = [by_mode, np.where(other != by_mode, other, np.nan)]
    prices = [costs, costs + OTHER_ROUNDING]
    kinds = ["", "truncated" if wanted.mode != "truncate" else "rounded"]
    reach = unit_reach(n)
    if reach:
        cells.append(np.where(np.abs(by_mode - n) <= reach, n, np.nan))
        prices.append(costs + NEARLY)
        kinds.append("nearly")
    all_cells, all_costs = np.concatenate(cells), np.concatenate(prices)
    is_wrong = np.isfinite(all_cells)
    if unit == written.unit:
        for right in wanted.right:
            is_wrong &= all_cells != right
    hits = np.flatnonzero(is_wrong & (all_cells == n))
    if not len(hits):
        return []
    far, near = chance_of_number(wanted), chance_so_near(wanted)
    found: list[Explanation] = []
    seen: dict[tuple[str, ...], int] = {}
    for hit in sorted(hits, key=lambda hit: (all_costs[hit], hit))[:MOST_TRIED]:
        place = int(hit) % len(values)
        kind = kinds[int(hit) // len(values)]
        family = int(np.searchsorted(starts, place, side="right")) - 1
        hypothesis = families[family].make(place - int(starts[family]))
        known = seen.get(hypothesis.mistakes)
        if known is not None and not _shown_better(found[known].hypothesis, hypothesis):
            continue
        if kind == "nearly" and not hypothesis.changes:
            continue
        if not _certified(wanted, hypothesis, kind):
            continue
        if known is not None:  # the same mistake, shown over the numbers on the page
            found[known] = replace(found[known], hypothesis=hypothesis)
            continue
        if len(found) == MOST_LISTED:
            continue
        seen[hypothesis.mistakes] = len(found)
        limit_cost = float(all_costs[hit]) + 1e-9
        rank = len(
            np.unique(all_cells[: 2 * len(values)][(is_wrong & (all_costs <= limit_cost))[: 2 * len(values)]])
        )
        if kind == "nearly":  # each number as likely as this would have fitted within its reach
            rank += 2 * reach * len(np.unique(by_mode[usable & (costs + NEARLY <= limit_cost)]))
        chance_of_one = far if _is_last_digit(hypothesis, kind) else max(far, near)
        chance = min(1.0, rank * chance_of_one)
        limit = CHANCE_IF_HABITUAL if habits.knows(hypothesis, hypothesis.reading.sweep) else usual
        if rank <= FIRST_RANKS and chance_of_one <= CHANCE_OF_ONE:
            limit = max(limit, FIRST_RANKS * CHANCE_OF_ONE)
        found.append(
            Explanation(
                hypothesis,
                written,
                chance,
                chance <= limit,
                float(all_costs[hit]),
                kind != "nearly"
                and (bool(hypothesis.changes) or hypothesis.mistakes != ("rounded_too_early",)),
                "truncated" if kind == "truncated" else "",
            )
        )
    return found


def _shown_better(first: Hypothesis, second: Hypothesis) -> bool:
    """Return whether the second shows over the numbers on the page what the first shows in a whole run."""
    return (
        first.corroborated
        and not second.corroborated
        and bool(first.reading.fixed) < bool(second.reading.fixed)
        and not first.changes.keys().isdisjoint(second.changes)
    )


def _is_last_digit(hypothesis: Hypothesis, kind: str) -> bool:
    """Return whether a hypothesis is about the last digit of the right number alone."""
    return not hypothesis.changes and hypothesis.mistakes in (("rounded_too_early",), ("truncated",))


#: Slips that change the digits of a number and not its value.
_OF_DIGITS = frozenset({"digits_swapped", "digit_miscopied", "digit_left_out", "rounded_too_early"})


def _certified(wanted: Wanted, hypothesis: Hypothesis, kind: str) -> bool:
    """Return whether a hypothesis prints the number, at whatever precision that takes."""
    if not hypothesis.changes and hypothesis.mistakes[0] in _OF_DIGITS:
        return True  # made from digits, not from a value
    factor = hypothesis.factor
    mode: Mode = wanted.mode
    if kind in ("truncated", "rounded") or hypothesis.mistakes == ("truncated",):
        mode = "half_even" if mode == "truncate" else "truncate"

    def alike(real: Real, readout: int | None) -> bool:
        off = abs(cell(real * factor, wanted.written.unit, mode, readout) - wanted.written.n)
        return off <= (unit_reach(wanted.written.n) if kind == "nearly" else 0)

    def either(real: Real) -> bool:
        return alike(real, wanted.readout) or (wanted.readout is not None and alike(real, None))

    try:
        return bool(hypothesis.reading.decided(hypothesis.changes, either))
    except (NoValue, Undecided, KeyError):
        return False
