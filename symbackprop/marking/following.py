"""What follows from a student's own earlier answers: the value a later question then has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from flint import arb, ctx, fmpq

from ..derivation.ledger import START_BITS
from ..formulas.terms import Number, Term
from ..numbers.digits import Real, Undecided, number_value, show
from ..numbers.evaluate import NoValue, RealTable, check_size, evaluate_real
from ..numbers.rounding import Rounding
from .accepting import Interval, as_rational, rounding_interval
from .dependence import Dependence
from .reading import Written

#: An answer stands for every number that is written so. What follows from all of them is accepted where they
#: agree to this share of the value, or to a unit of the last printed digit; otherwise it is too vague to tell
#: right from wrong.
VAGUE = fmpq(1, 2)

#: Values beyond two to the minus or plus this power follow from no answer that makes sense.
LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Own:
    """An answer of a student's own: as written, and whether it is right."""

    item: str
    written: Written
    right: bool


@dataclass(frozen=True, slots=True)
class Consequence:
    """A value that follows from own answers.

    way: how they were carried on, in words. value: what follows, a ball where the answers stand for all
    numbers that are written so. interval: the numbers that are accepted for it. answers: the quantities
    whose own answers it was worked out from.
    """

    way: str
    value: Real
    shown: Number
    interval: Interval
    answers: tuple[str, ...]

    @property
    def spread(self) -> fmpq:
        """How far its value may lie from the middle, as a share of it: what the rounding of answers does."""
        found = ends(self.value)
        if found is None or found[0] == found[1] or found[0] <= 0 <= found[1]:
            return fmpq(0)
        low, high = found
        return (high - low) / abs(high + low)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to carry on: what own answers are taken to be, and which quantities in between are rounded.

    rounds: none, those that are asked and were left blank, or all. vague: own answers are balls.
    """

    words: str
    own: Callable[[Own, Real], Real]
    rounds: Literal["none", "asked", "all"] = "none"
    vague: bool = False


def _as_written(own: Own, right: Real) -> Real:
    return as_rational(own.written.value)


def _right_ones_exact(own: Own, right: Real) -> Real:
    return right if own.right else as_rational(own.written.value)


def _all_so_written(own: Own, right: Real) -> Real:
    """Return the ball of what an answer may have been before it was rounded."""
    value = as_rational(own.written.value)
    if own.written.unit is None:
        return value
    ball = arb(value) + arb(0, arb(fmpq(10) ** own.written.unit / 2))
    return ball.union(arb(right)) if own.right else ball


WAYS = (
    _Way("as they are written", _as_written),
    _Way("as they are written, what was left blank rounded too", _as_written, rounds="asked"),
    _Way("as they are written, each step rounded", _as_written, rounds="all"),
    _Way("with what is right carried on unrounded", _right_ones_exact),
    _Way("unrounded", _all_so_written, vague=True),
)


def consequences(
    key: str, own: Mapping[str, Own], dependence: Dependence, rounding: Rounding
) -> Iterator[Consequence]:
    """Yield what a quantity comes to from own answers, by every route and every way to carry them on.

    A value that cannot be computed from them (a logarithm of a negative number) is left out.

    Args:
        key: the quantity.
        own: the answers that were marked before, by quantity.
        dependence: of the problem that both belong to.
        rounding: what the answer is rounded to.
    """
    usable = {answer: one for answer, one in own.items() if dependence.usable(key, answer)}
    routes = [(formula, related) for formula in dependence.routes(key) for related in (False, True)]
    routes += [(formula, False) for other, formula in dependence.relations(key).items() if other in usable]
    seen: dict[tuple[object, ...], None] = {}
    for formula, related in routes:
        between = dependence.between(formula, usable, related=related)
        steps = (*between, (key, formula))
        answers = _answers(steps, usable, dependence)
        identity = tuple(id(formula) for _, formula in steps)
        if not answers or identity in seen:
            continue
        seen.setdefault(identity)
        blank = any(step in dependence.places for step, _ in between)
        for way in WAYS:
            if way.rounds == "asked" and not blank:
                continue
            value = _value(steps, {answer: usable[answer] for answer in answers}, way, dependence)
            found = None if value is None else _accepted(value, rounding, vague=way.vague)
            if value is not None and found is not None:
                yield Consequence(way.words, value, *found, answers)


def _answers(
    steps: tuple[tuple[str, Term], ...], usable: Mapping[str, Own], dependence: Dependence
) -> tuple[str, ...]:
    """Return the own answers that some steps use, in the order in which they were given."""
    used = {name for _, formula in steps for name in dependence.names(formula)}
    return tuple(answer for answer in usable if answer in used)


def _value(
    steps: tuple[tuple[str, Term], ...], own: Mapping[str, Own], way: _Way, dependence: Dependence
) -> Real | None:
    """Return the value of the last of some steps, None where it has none."""
    solved = dependence.solved
    with ctx.workprec(START_BITS):
        reals = RealTable({key: way.own(one, dependence.right(key)) for key, one in own.items()})
        changed = set(own)
        last = len(steps) - 1
        try:
            for number, (key, formula) in enumerate(steps):
                names = dependence.names(formula)
                for name in names:
                    if name not in reals and solved.ledger.known(name):
                        reals[name] = _unchanged(name, way, dependence)
                if number < last and changed.isdisjoint(names):
                    continue
                changed.add(key)
                reals[key] = evaluate_real(formula, reals)
                check_size(reals[key])
                if number < last:
                    reals[key] = _rounded(key, reals[key], way, dependence)
            return reals[key]
        except (NoValue, Undecided):
            return None


def _unchanged(key: str, way: _Way, dependence: Dependence) -> Real:
    """Return the value of a quantity that no own answer enters."""
    right, solved = dependence.right(key), dependence.solved
    if solved.ledger.given(key) is not None:
        return right
    carried = solved.carried.get(key) if way.rounds == "all" else None
    return _rounded(key, right, way, dependence) if carried is None else number_value(carried)


def _rounded(key: str, value: Real, way: _Way, dependence: Dependence) -> Real:
    """Return the value of a quantity in between as it is carried on."""
    if way.rounds == "all" or (way.rounds == "asked" and key in dependence.places):
        return number_value(show(value, dependence.solved.ledger.policy.of(key)))
    return value


def _accepted(value: Real, rounding: Rounding, *, vague: bool) -> tuple[Number, Interval] | None:
    """Return a value as it is printed, and what is accepted for it: whatever is printed as any point of it.

    None where the value is so vague that this would be no test.
    """
    found = ends(value)
    if found is None:
        return None
    low, high = found
    first = show(low, rounding)
    last = first if low == high else show(high, rounding)
    below, above = rounding_interval(first, rounding), rounding_interval(last, rounding)
    unit = number_value(above.high) - number_value(above.low)
    if vague and high - low > max(VAGUE * max(abs(low), abs(high)), unit):
        return None
    middle = first if low == high else show((low + high) / 2, rounding)
    return middle, Interval(below.low, above.high, below.includes_low, above.includes_high)


def ends(value: Real) -> tuple[fmpq, fmpq] | None:
    """Return the exact ends of a value: the number itself twice, or the ends of its ball.

    None where they are beyond all that an answer can be.
    """
    if isinstance(value, fmpq):
        return value, value
    middle, middle_exponent = (int(part) for part in value.mid().man_exp())
    radius, radius_exponent = (int(part) for part in value.rad().man_exp())
    if abs(middle_exponent) > LARGEST or radius_exponent > LARGEST:
        return None
    if radius_exponent < -LARGEST:  # a wider ball does no harm
        radius, radius_exponent = 1, -LARGEST
    scale, half = fmpq(2) ** middle_exponent, radius * fmpq(2) ** radius_exponent
    return middle * scale - half, middle * scale + half
