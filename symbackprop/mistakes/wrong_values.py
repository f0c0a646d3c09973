"""The wrong answers to one question: what each mistake of the library makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import exp
from weakref import WeakKeyDictionary

import numpy as np
from flint import ctx, fmpq

from ..derivation.ledger import Ledger
from ..derivation.solving import complete
from ..errors import SymbackpropError, UndecidedDigits
from ..formulas.terms import Number
from ..network.graph import Graph
from ..numbers.digits import Real, number_value, show
from ..numbers.evaluate import NoValue
from ..numbers.rounding import Rounding
from ..spec.problem import Problem
from ..spec.suggest import listed, near_name
from .catalogue import ANOTHER_VALUE, MISTAKES
from .endings import ends_of_right
from .explanation import Wanted
from .hand import Written, digit_left_out, digit_miscopied, digits_swapped
from .hypothesis import Family, Ground, Hypothesis
from .mistaken import Mistaken
from .other_values import other_values
from .reading import Reading
from .single_changes import single_changes
from .sweep import Sweep
from .throughout import everywhere
from .written_slips import early_rounding

#: What a student or an article has in the place of a right value.
Given = Mapping[str, Number | Fraction | fmpq]

#: Two values are the same number if they differ by less than this share.
_SAME = 1e-11

#: Mistakes that are made in too many ways to list: only what was written tells which.
_UNLISTED = frozenset({"digit_miscopied", "digit_left_out", ANOTHER_VALUE.name})

_SWEEPS: WeakKeyDictionary[Ledger, Sweep] = WeakKeyDictionary()


def sweep_of(ledger: Ledger, graph: Graph, problem: Problem, *, like: Sweep | None = None) -> Sweep:
    """Return the sweep of a ledger, made once.

    like: the sweep of another problem of the same structure; what does not depend on the numbers is then
    taken from it.
    """
    found = _SWEEPS.get(ledger)
    if found is None:
        complete(graph, ledger)
        found = _SWEEPS[ledger] = Sweep(ledger, graph, problem)
        if like is not None:
            found.share(like)
    return found


def wrong_values(
    ledger: Ledger,
    graph: Graph,
    problem: Problem,
    key: str,
    *,
    mistakes: Iterable[str] | None = None,
    given: Given | None = None,
    within: tuple[float, float] | None = None,
    like: Sweep | None = None,
) -> Iterator[Mistaken]:
    """Yield every wrong answer for a quantity that one mistake of the library makes, the likeliest first.

    A mistake is made in one step, with everything after it right, or in every step that it fits. Of ways of
    one mistake to the same number the first counts; an answer that is right in spite of the mistake is none.

    Args: mistakes: the names of those that are wanted; all by default, but for those that could make any
        number. given: values that are read instead of the right ones, by key: a student's own earlier
        answers. within: only values from one number to another, in double precision: quick where one wrong
        answer is to be explained. like: the sweep of a problem of the same structure, which saves time.

    Raises:
        SymbackpropError: there is no such quantity or mistake, or the quantity is given.
    """
    wanted = wanted_names(mistakes)
    sweep = sweep_of(ledger, graph, problem, like=like)
    check_key(sweep, key)
    fixed = {name: _real(number) for name, number in (given or {}).items()}
    with ctx.workprec(ledger.bits):
        reading = Reading(sweep, key, fixed)
        yield from filter(has_value, made_from(Ground(reading, mistakes=wanted), within))


def check_key(sweep: Sweep, key: str) -> None:
    """Refuse a quantity for which there can be no wrong answer.

    Raises:
        SymbackpropError: it is not there, has no value, or is given.
    """
    if key in sweep.formulas and sweep.known(key):
        return
    if key in sweep.formulas:
        raise SymbackpropError(f"{key} has no value in this problem, so it has no wrong one either")
    if sweep.known(key):
        raise SymbackpropError(f"{key} is given, so no mistake is made in computing it")
    near = near_name(key, sweep.formulas)
    raise SymbackpropError(f"no quantity {key!r}" + (f"; did you mean {near}?" if near else ""))


def wanted_names(mistakes: Iterable[str] | None) -> frozenset[str]:
    """Return the names of the mistakes that are wanted: by default all but those that could make any number.

    Raises:
        SymbackpropError: there is no such mistake.
    """
    if mistakes is None:
        return frozenset(MISTAKES) - _UNLISTED
    names = tuple(mistakes)
    for name in names:
        if name not in MISTAKES:
            near = near_name(name, MISTAKES)
            raise SymbackpropError(
                f"no mistake {name!r} in the library"
                + (f"; did you mean {near}?" if near else f"; expected some of {listed(MISTAKES)}")
            )
    return frozenset(names)


def _real(number: Number | Fraction | fmpq) -> Real:
    if isinstance(number, Number):
        return number_value(number)
    return fmpq(number.numerator, number.denominator) if isinstance(number, Fraction) else number


def made_from(ground: Ground, within: tuple[float, float] | None = None) -> Iterator[Mistaken]:
    """Yield the wrong answers of one reading, the likeliest first, with no certified value computed yet."""
    reading = ground.reading
    with np.errstate(all="ignore"):
        families = [
            *single_changes(ground),
            *everywhere(ground),
            *ends_of_right(ground),
            *_early(ground),
            *(other_values(ground) if ground.mistakes and ANOTHER_VALUE.name in ground.mistakes else ()),
        ]
    right = float(np.asarray(reading.doubles[reading.key]))
    low, high = (-np.inf, np.inf) if within is None else within
    places = [
        (float(family.costs[i]), f, int(i))
        for f, family in enumerate(families)
        for i in np.flatnonzero((family.values >= low) & (family.values <= high))
    ]
    seen: dict[str, list[float]] = {}
    for cost, f, i in sorted(places):
        value = float(families[f].values[i])
        if not np.isfinite(value) or _same(value, right):
            continue
        hypothesis = families[f].make(i)
        if len(hypothesis.mistakes) > 1:
            continue
        (name,) = hypothesis.mistakes
        known = seen.setdefault(name, [])
        if any(_same(value, other) for other in known):
            continue
        known.append(value)
        yield Mistaken(name, reading.key, hypothesis, exp(-cost), value)
    for made in _slips_with_digits(ground):
        if low <= made.double <= high:
            yield made


def has_value(made: Mistaken) -> bool:
    """Return whether a wrong answer can be printed."""
    try:
        return bool(made.shown)
    except (NoValue, KeyError):
        return False


def _same(value: float, other: float) -> bool:
    return abs(value - other) <= _SAME * max(abs(value), abs(other))


def _early(ground: Ground) -> Sequence[Family]:
    rounding = ground.reading.sweep.ledger.policy.of(ground.reading.key)
    unit = -rounding.digits if rounding.kind == "places" else 0
    return early_rounding(ground, Wanted(ground.reading.key, Written(0, unit)))


_WITH_DIGITS = {
    "digits_swapped": digits_swapped,
    "digit_miscopied": digit_miscopied,
    "digit_left_out": digit_left_out,
}


def _slips_with_digits(ground: Ground) -> Iterator[Mistaken]:
    """Yield the right answer cut off instead of rounded, and with two digits exchanged."""
    reading = ground.reading
    rounding = reading.sweep.ledger.policy.of(reading.key)
    try:
        right = _right_number(reading, rounding)
    except (NoValue, UndecidedDigits, KeyError):
        return
    if ground.wants("truncated") and rounding.mode != "truncate":
        cut = Mistaken(
            "truncated",
            reading.key,
            Hypothesis(("truncated",), {}, reading),
            _likely(ground, "truncated", 1),
            float(np.asarray(reading.doubles[reading.key])),
        )
        if has_value(cut) and cut.number != right:  # no precision tells what a tie is cut to
            yield cut
    for name, slip in _WITH_DIGITS.items():
        made = list(slip(_as_digits(right))) if ground.wants(name) else []
        for other in made:
            likely = _likely(ground, name, len(made))
            hypothesis = Hypothesis((name,), {}, reading)
            yield Mistaken(
                name, reading.key, hypothesis, likely, float(other.value), _as_number(other, right)
            )


def _right_number(reading: Reading, rounding: Rounding) -> Number:
    """Return the right answer as it is printed; the ledger's own can be proved where no precision decides."""
    if not reading.fixed:
        return reading.sweep.ledger.shown(reading.key)
    number: Number = reading.decided({}, lambda real: show(real, rounding))
    return number


def _likely(ground: Ground, name: str, ways: int) -> float:
    return exp(-ground.habits.cost(name, ways))


def _as_digits(number: Number) -> Written:
    """Return a printed number as its digits and their unit."""
    whole, _, places = number.text.lstrip("-").partition(".")
    n = int(whole + places)
    return Written(-n if number.negative else n, (number.exponent or 0) - len(places))


def _as_number(written: Written, like: Number) -> Number:
    """Return digits as a number printed in the form of another one."""
    places = (like.exponent or 0) - written.unit
    text = str(abs(written.n)).zfill(places + 1)
    text = f"{text[:-places]}.{text[-places:]}" if places > 0 else text + "0" * -places
    return Number(f"-{text}" if written.n < 0 else text, like.exponent)
