"""What explains a wrong number: the hypotheses that print its digits, and how likely that is by chance.

An explanation found by a search is worth something only if a random wrong number would hardly have found
one. So the chance is computed: the hypotheses are put in the order of their cost, and the different numbers
are counted that those print which are at least as likely as the one that fits. A random wrong number of so
many digits is one of them with that many times the probability of a single number. Where the chance is small
the explanation is `confident`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor, log, log10
from typing import Any

import numpy as np
from flint import fmpq

from ..formulas.terms import Number, Term
from ..numbers.digits import Real, Undecided, number_value, show
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Mode, Rounding
from .editing import swapped
from .hand import Written, digit_left_out, digit_miscopied, digits_swapped
from .hypotheses import (
    NO_HABITS,
    Array,
    Family,
    Ground,
    Habits,
    Hypothesis,
    computed_again,
    ended,
    ends_of_right,
    everywhere,
    other_values,
    pairs,
    single_changes,
)
from .library import MISTAKES
from .reading import Reading

#: An explanation is confident if a random wrong number has one as likely with at most this probability; the
#: second where the same hand has made the same mistake elsewhere.
CHANCE, CHANCE_IF_HABITUAL = 0.015, 0.05

#: The same where two mistakes were looked for together, or any quantity in the place of another.
CHANCE_IF_DEEP = 0.004

#: The likeliest mistakes explain a number of three digits or more: the chance of each is that of one number.
FIRST_RANKS, CHANCE_OF_ONE = 2, 0.0125

#: How many explanations of one number are listed.
MOST_LISTED = 6

#: How many hypotheses that fit in double precision are certified.
MOST_TRIED = 60

#: What it costs that a number is rounded otherwise than its hand rounds, and that its last digits are a
#: little off.
OTHER_ROUNDING, NEARLY = 1.5, 3.5

#: Doubles tell this many digits for certain.
_CERTAIN_DIGITS = 14


@dataclass(frozen=True)
class Explanation:
    """A hypothesis that prints a wrong number.

    chance: how likely a random wrong number has an explanation at least as likely beforehand. exactly: the
    printed digits come out; otherwise the last ones differ a little, as they do where numbers were rounded
    on the way.
    """

    hypothesis: Hypothesis
    written: Written
    chance: float
    confident: bool
    cost: float
    exactly: bool = True
    rounding: str = ""

    @property
    def mistake(self) -> str:
        """The name of the mistake, the weightiest of several."""
        return self.mistakes[0]

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of all mistakes that were made."""
        names = self.hypothesis.mistakes
        return (*names, self.rounding) if self.rounding and self.rounding not in names else names

    @cached_property
    def value(self) -> Real:
        """The value that comes out, before it is rounded."""
        hypothesis = self.hypothesis
        factor = hypothesis.sign * _power(hypothesis.shift)
        real: Real = hypothesis.reading.decided(hypothesis.changes, lambda found: found * factor)
        return real

    @property
    def slipped(self) -> bool:
        """Whether what the arithmetic gives was not written down as it is."""
        hypothesis = self.hypothesis
        real = hypothesis.reading.decided(hypothesis.changes, lambda found: found)
        modes: tuple[Mode, Mode] = ("half_even", "truncate")
        try:
            cells = [cell(real, self.written.unit, mode) for mode in modes]
        except Undecided:
            return False
        return min(abs(found - self.written.n) for found in cells) > (
            0 if self.exactly else max(_reach(self.written.n), 2)
        )

    @property
    def term(self) -> Term:
        """The arithmetic that gives the number, with the numbers that were read."""
        from .arithmetic import arithmetic

        return arithmetic(self.hypothesis)

    @property
    def shows(self) -> str:
        """The arithmetic on one line: "(1 - 0.687987956) × 0.596282699 = 0.186047383"."""
        from .arithmetic import arithmetic_line

        return arithmetic_line(self)


def _power(shift: int) -> fmpq:
    return fmpq(10) ** shift


def printed_alike(real: Real, written: Written, mode: Mode, readout: int | None = None) -> bool:
    """Return whether a value prints as a number is written, at that number's own unit.

    Raises:
        Undecided: the ball is too wide to tell.
    """
    if isinstance(real, fmpq) and real == written.n * _power(written.unit):
        return True  # the very number, which no rounding changes
    return cell(real, written.unit, mode, readout) == written.n


def cell(real: Real, unit: int, mode: Mode, readout: int | None = None) -> int:
    rounding = Rounding(
        0 if unit > 0 else -unit,
        "places",
        mode,
        readout,
        "keep",
        unit if unit > 0 else None,
        None,
    )
    value = number_value(show(real, rounding)) / _power(unit)
    return int(value.p)


@dataclass(frozen=True)
class Wanted:
    """A wrong number to be explained: its key, how it is written, and how its hand rounds.

    right: numbers at that unit that are not wrong, so that no mistake is to explain them. size: how large
    the right one is.
    """

    key: str
    written: Written
    mode: Mode = "half_even"
    readout: int | None = None
    right: frozenset[int] = frozenset()
    size: float = 1.0

    @cached_property
    def digits(self) -> int:
        """How many significant digits it has."""
        return len(str(abs(self.written.n))) if self.written.n else 1


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


def written_slips(ground: Ground, wanted: Wanted) -> list[Family]:
    """Return the right result with a slip in its digits: exchanged, miscopied, left out, cut off."""
    reading, unit = ground.reading, wanted.written.unit
    value = float(np.asarray(reading.doubles[reading.key]))
    scaled = value / 10.0**unit
    if not np.isfinite(scaled) or abs(scaled) > 1e15:
        return []
    number = Written(int(np.trunc(scaled) if wanted.mode == "truncate" else np.rint(scaled)), unit)
    longer = Written(int(np.rint(scaled * 10)), unit - 1)
    off = [Written(number.n + step, unit) for step in (1, -1, 2, -2)] if abs(number.n) >= 1000 else []
    made: list[tuple[str, list[Written]]] = [
        ("rounded_too_early", off),
        ("digits_swapped", list(digits_swapped(number))),
        ("digit_miscopied", list(digit_miscopied(number))),
        ("digit_left_out", list(digit_left_out(longer))),
    ]
    if wanted.mode != "truncate":
        made.append(("truncated", [Written(int(np.trunc(scaled)), unit)]))
    names = [name for name, numbers in made for _ in numbers if ground.wants(name)]
    values = [
        float(other.n) * 10.0**unit for name, numbers in made for other in numbers if ground.wants(name)
    ]
    if not names:
        return []
    ways = {name: len(numbers) for name, numbers in made}
    costs = [ground.cost + ground.habits.cost(name, ways[name]) for name in names]
    return [Family(np.array(values), np.array(costs), lambda place: Hypothesis((names[place],), {}, reading))]


def early_rounding(ground: Ground, wanted: Wanted) -> list[Family]:
    """Return the hypotheses that a value was rounded before it was used, one value or all alike."""
    if not ground.wants("rounded_too_early"):
        return []
    reading, sweep = ground.reading, ground.reading.sweep
    own = max(-wanted.written.unit, 0)
    found: list[tuple[str, str, tuple[str, ...], Array]] = []
    for name in reading.steps[-8:]:
        for used in dict.fromkeys(sweep.uses(name)):
            texts = (
                _rounded_texts(float(np.asarray(reading.doubles[used])), own)
                if used in sweep.formulas
                else ()
            )
            if texts:
                rounded = np.array([float(text) for text in texts])
                found.append((name, used, texts, _with_value(reading, name, used, rounded)))
    if not found:
        return []
    cost = ground.cost + ground.habits.cost("rounded_too_early", sum(len(texts) for _, _, texts, _ in found))

    def family(name: str, used: str, texts: tuple[str, ...], values: Array) -> Family:
        def make(place: int) -> Hypothesis:
            changed = swapped(sweep.formulas[name], used, Number(texts[place]))
            return Hypothesis(("rounded_too_early",), {name: changed}, reading)

        return Family(values, np.full(values.shape, cost), make)

    return [family(*one) for one in found]


def _rounded_texts(real: float, places: int) -> tuple[str, ...]:
    """Return a number rounded in several ways, those that differ from it."""
    if not np.isfinite(real) or real == 0:
        return ()
    texts = {f"{real:.{count}f}" for count in {1, 2, 3, 4, max(places - 1, 1), places, places + 1}}
    texts |= {f"{real:.{count}g}" for count in (1, 2, 3)}
    return tuple(text for text in sorted(texts) if "e" not in text and float(text) not in (real, 0.0))


def _with_value(reading: Reading, name: str, used: str, values: Array) -> Array:
    """Return what comes out if one step reads other values of a quantity."""
    held = reading.doubles[used]
    reading.doubles[used] = values
    try:
        mistaken = reading.mistaken(name, reading.sweep.formulas[name])
    finally:
        reading.doubles[used] = held
    return np.broadcast_to(np.asarray(reading.outcome(name, mistaken), dtype=np.float64), values.shape)


# --- what fits -------------------------------------------------------------------------------


def _fitting(wanted: Wanted, families: Sequence[Family], habits: Habits, usual: float) -> list[Explanation]:
    """Return the hypotheses whose certified value prints as the number is written, most likely first."""
    written = wanted.written
    unit, n = _double_unit(written)
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
    reach = _reach(n)
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
    far, near = _chance_of_one(wanted), _chance_so_near(wanted)
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


def _reach(n: int) -> int:
    """Return by how many units a number may be off where others were rounded on the way."""
    size = abs(n)
    return 0 if size < 10_000 else 2 if size < 1_000_000 else 10 if size < 100_000_000 else 50


def _shown_better(first: Hypothesis, second: Hypothesis) -> bool:
    """Return whether the second shows over the numbers on the page what the first shows in a whole run."""
    return (
        first.corroborated
        and not second.corroborated
        and bool(first.reading.fixed) < bool(second.reading.fixed)
        and not first.changes.keys().isdisjoint(second.changes)
    )


def _double_unit(written: Written) -> tuple[int, int]:
    """Return the unit at which doubles are compared, and the number of such units."""
    surplus = len(str(abs(written.n))) - _CERTAIN_DIGITS
    if surplus <= 0:
        return written.unit, written.n
    return written.unit + surplus, round(Fraction(written.n, 10**surplus))


def _chance_of_one(wanted: Wanted) -> float:
    """Return how likely a random wrong number is a given one, at its unit.

    Random numbers lie about the right one as far as it is from zero, or are of its order of magnitude, or of
    any within a factor of ten, or as near to it as you like; whichever makes the given one most likely
    counts.
    """
    n = abs(wanted.written.n)
    right = max(abs(wanted.size) / 10.0**wanted.written.unit, 1.0)
    if not n:
        return min(0.5, 1.0 / right)
    chance = 1.0 / (log(100.0) * n)
    if n <= 2.5 * right:
        chance = max(chance, 1.0 / right)
    decade = 10.0 ** floor(log10(right))
    if decade <= n < 10 * decade:
        chance = max(chance, 1.0 / (9 * decade))
    return min(chance, 0.5)


#: Numbers that are wrong by chance are as often off by one order of magnitude as by another, within so many.
_ORDERS = 5


def _chance_so_near(wanted: Wanted) -> float:
    """Return how likely a random number, off by any order of magnitude, is this one near the right one."""
    right = wanted.size / 10.0**wanted.written.unit
    off = abs(wanted.written.n - right)
    return 1.0 / (2.0 * log(10.0**_ORDERS) * max(off, 1.0))


def _is_last_digit(hypothesis: Hypothesis, kind: str) -> bool:
    """Return whether a hypothesis is about the last digit of the right number alone."""
    return not hypothesis.changes and hypothesis.mistakes in (("rounded_too_early",), ("truncated",))


#: Slips that change the digits of a number and not its value.
_OF_DIGITS = frozenset({"digits_swapped", "digit_miscopied", "digit_left_out", "rounded_too_early"})


def _certified(wanted: Wanted, hypothesis: Hypothesis, kind: str) -> bool:
    """Return whether a hypothesis prints the number, at whatever precision that takes."""
    if not hypothesis.changes and hypothesis.mistakes[0] in _OF_DIGITS:
        return True  # made from digits, not from a value
    factor = hypothesis.sign * _power(hypothesis.shift)
    mode: Mode = wanted.mode
    if kind in ("truncated", "rounded") or hypothesis.mistakes == ("truncated",):
        mode = "half_even" if mode == "truncate" else "truncate"

    def alike(real: Real, readout: int | None) -> bool:
        off = abs(cell(real * factor, wanted.written.unit, mode, readout) - wanted.written.n)
        return off <= (_reach(wanted.written.n) if kind == "nearly" else 0)

    def either(real: Real) -> bool:
        return alike(real, wanted.readout) or (wanted.readout is not None and alike(real, None))

    try:
        return bool(hypothesis.reading.decided(hypothesis.changes, either))
    except (NoValue, Undecided, KeyError):
        return False


def names() -> Iterator[str]:
    """Iterate over the names of all mistakes."""
    return iter(MISTAKES)


__all__ = ["Any", "Array", "Explanation", "Wanted", "explain", "printed_alike"]
