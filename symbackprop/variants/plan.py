"""The plan of a problem's variants: every draw that makes one, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..formulas.terms import Number, keys, walk
from ..numbers.digits import number_value
from ..rules import loss_rule
from ..spec.choices import Choice, Derived, Kept, Listed, Normal, Range, Suggested
from ..spec.choosing import exact
from ..spec.figures import TURNED, Figure, figures
from ..spec.problem import Problem
from .classes import class_draws
from .draws import Computed, Draw, Hand, Single
from .families import (
    Family,
    activation_bounds,
    by_name,
    input_families,
    merged,
    parameter_families,
    staying,
    target_bounds,
)
from .groups import groups_of
from .normal import normal
from .pools import Pool, last_place, listed, ranged
from .quality import Quality
from .stream import Stream
from .suggestion import Bounds, is_plain, suggested

#: The numbers of a seeded start are drawn anew from its distribution, rounded so that they can be typed in.
START = Normal(Number("0"), Number("1"), Number("0.01"))

#: Losses under which a forgotten learning rate of one half looks like a kept factor 2.
SQUARED = frozenset({"half_squared_error", "squared_error", "mean_squared_error"})
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Plan:
    """How one structure's numbers are drawn.

    draws: in order, computed numbers last. figures: all numbers of the problem by key. forced: where equal
    numbers cannot be avoided, in words.
    """

    draws: tuple[Draw, ...]
    figures: Mapping[str, Figure]
    forced: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the numbers that vary."""
        return tuple(key for draw in self.draws for key in draw.keys)

    @property
    def ways(self) -> int:
        """How many different draws there are, at most."""
        ways = 1
        for draw in self.draws:
            ways *= draw.ways
        return ways

    def draw(self, stream: Stream) -> Hand:
        """Return the numbers of one draw.

        Raises:
            NoValue: an expression has no value for them.
        """
        hand = Hand()
        for draw in self.draws:
            draw.make(stream, hand)
        return hand


def plan_of(problem: Problem, quality: Quality, following: frozenset[str] = frozenset()) -> Plan:
    """Return the plan of a problem: what its author chooses, and for the rest what its own numbers suggest.

    following: keys of numbers that follow from the others, if the author does not choose them.
    """
    found = figures(problem)
    said = {} if problem.vary is None else problem.vary.choices
    choices = {figure.key: said.get(figure.key, _usual(figure)) for figure in found if not figure.wired}
    free = [
        figure
        for figure in found
        if figure.key not in following and isinstance(choices.get(figure.key), Suggested)
    ]
    classes, classed = class_draws(problem, free)
    pools = _own_pools(problem, [figure for figure in free if figure.key not in classed], quality)
    pools |= _chosen_pools(choices, found, problem, quality)
    singles, forced = _singles(problem, found, pools, quality)
    computed = _computed(choices, found)
    return Plan((*classes, *singles, *computed), {figure.key: figure for figure in found}, forced)


def _usual(figure: Figure) -> Choice:
    """Return what a number does of which nothing is said."""
    stays = figure.role == "learning_rate" or not is_plain(figure.number)
    return Kept() if stays else Suggested()


# --- pools -----------------------------------------------------------------------------------------


def _own_pools(problem: Problem, free: Sequence[Figure], quality: Quality) -> dict[str, Pool]:
    """Return, by key, the pools that the problem's own numbers suggest; what has none stays."""
    pools: dict[str, Pool] = {}
    start = normal(START, nonzero=quality.nonzero)
    for role in dict.fromkeys(figure.role for figure in free):
        own = [figure for figure in free if figure.role == role]
        pools |= {figure.key: start for figure in own if figure.drawn}
        for family in merged(_varying(problem, role, [figure for figure in own if not figure.drawn])):
            values = {exact(figure.number) for figure in family}
            zero = not quality.nonzero or (role != "weights" and Fraction(0) in values)
            pool: Pool | None = suggested([f.number for f in family], _bounds(problem, family), zero=zero)
            if pool is not None and role == "learning_rate":
                pool = _without_half(pool, problem, quality)
            if pool is not None:
                pools |= {figure.key: pool for figure in family}
    return pools


def _varying(problem: Problem, role: str, own: Sequence[Figure]) -> Iterator[Family]:
    """Yield the families of a part, without the numbers that stay."""
    constant = _constants(own) if role == "inputs" else frozenset()
    names = _names(problem, role, own)
    for family in by_name([figure for figure in own if figure.key not in constant], names):
        kept = staying(family)
        yield tuple(figure for figure in family if figure.key not in kept)


def _names(problem: Problem, role: str, own: Sequence[Figure]) -> Mapping[str, str]:
    if role == "inputs":
        return input_families(problem)
    if role in ("weights", "biases"):
        return parameter_families(problem)
    if role == "given":
        return {f.name: f"{f.name.partition('.')[0]} {_bounds(problem, (f,))}" for f in own}
    return dict.fromkeys((figure.name for figure in own), role)


def _constants(own: Sequence[Figure]) -> frozenset[str]:
    """Return the keys of inputs that are 1 in all of several samples: a bias, and no data."""
    by_input: dict[str, list[Figure]] = {}
    for figure in own:
        by_input.setdefault(figure.name, []).append(figure)
    constant = [f for f in by_input.values() if len(f) > 1 and all(exact(x.number) == 1 for x in f)]
    return frozenset(figure.key for figures_ in constant for figure in figures_)


def _bounds(problem: Problem, family: Family) -> Bounds:
    first = family[0]
    if first.role == "targets":
        wanted = "" if problem.loss.kind == "node" else loss_rule(problem.loss).targets
        return target_bounds(problem, wanted)
    if first.key.startswith("act."):
        return activation_bounds(problem, first.key.removeprefix("act."))
    return Bounds()


def _chosen_pools(
    choices: Mapping[str, Choice], found: Sequence[Figure], problem: Problem, quality: Quality
) -> dict[str, Pool]:
    """Return, by key, the pools that the author chooses; the same choice is the same pool."""
    made: dict[tuple[Choice, bool], Pool] = {}
    pools: dict[str, Pool] = {}
    for figure in found:
        choice = choices.get(figure.key)
        if not isinstance(choice, Listed | Range | Normal):
            continue
        nonzero = quality.nonzero and figure.role in ("weights", "inputs")
        pool = made.get((choice, nonzero))
        if pool is None:
            pool = made[choice, nonzero] = _pool_of(choice, nonzero)
        if figure.role == "learning_rate":
            pool = _without_half(pool, problem, quality)
        pools[figure.key] = pool
    return pools


def _pool_of(choice: Listed | Range | Normal, nonzero: bool) -> Pool:
    match choice:
        case Listed():
            return listed(choice)
        case Range():
            return ranged(choice, nonzero=nonzero)
        case Normal():
            return normal(choice, nonzero=nonzero)


def _without_half(pool: Pool, problem: Problem, quality: Quality) -> Pool:
    """Return the pool of learning rates without one half, where two mistakes would look alike."""
    if quality.learning_rate and problem.loss.kind in SQUARED:
        return pool.without_value(HALF)
    return pool


# --- single numbers --------------------------------------------------------------------------------


def _singles(
    problem: Problem, found: Sequence[Figure], pools: Mapping[str, Pool], quality: Quality
) -> tuple[list[Single], tuple[str, ...]]:
    """Return a draw for each number that has a pool, and where equal numbers cannot be avoided."""
    together = _same_in_all_samples(found, pools)
    firsts = [figure for figure in found if figure.key in together]
    group, forced = groups_of(problem, firsts, pools) if quality.distinct else ({}, ())
    same: dict[tuple[str, Fraction], list[str]] = {}
    for figure in firsts:
        same.setdefault((group.get(figure.key, ""), exact(figure.number)), []).append(figure.key)
    singles: list[Single] = []
    for figure in firsts:
        pool, own = pools[figure.key], group.get(figure.key, "")
        alike = frozenset(same[own, exact(figure.number)] if own else ()) - {figure.key}
        kind, _, subject = figure.key.partition(".")
        turned = f"{TURNED.get(kind, '')}.{subject}"
        singles.append(
            Single(together[figure.key], pool, own, alike, turned if turned in problem.stated else "")
        )
    return singles, forced


def _same_in_all_samples(found: Sequence[Figure], pools: Mapping[str, Pool]) -> dict[str, tuple[str, ...]]:
    """Return the places of each number: those of an input that is the same in all samples are one number."""
    by_input: dict[str, list[Figure]] = {}
    for figure in found:
        if figure.role == "inputs" and figure.key in pools:
            by_input.setdefault(figure.name, []).append(figure)
    samples = max((figure.sample or 1 for figure in found), default=1)
    places: dict[str, tuple[str, ...]] = {f.key: (f.key,) for f in found if f.key in pools}
    for same in by_input.values():
        shared = len({exact(figure.number) for figure in same}) == 1 and len(same) == samples > 1
        if shared and len({id(pools[figure.key]) for figure in same}) == 1:
            first, *others = (figure.key for figure in same)
            places[first] = (first, *others)
            for other in others:
                del places[other]
    return places


def _computed(choices: Mapping[str, Choice], found: Sequence[Figure]) -> list[Computed]:
    """Return the numbers that expressions give, each after those that it uses."""
    waiting = {key: choice for key, choice in choices.items() if isinstance(choice, Derived)}
    numbers = {figure.key: figure.number for figure in found}
    ordered: list[Computed] = []
    while waiting:
        for place, choice in list(waiting.items()):
            uses = keys(choice.term)
            if not any(used in waiting for used in uses):
                literals = [part for part in walk(choice.term) if isinstance(part, Number)]
                places = max((last_place(number) for number in literals), default=0)
                given = {used: (numbers[used], number_value(numbers[used])) for used in uses}
                ordered.append(Computed(place, choice.term, given, uses, places))
                del waiting[place]
    return ordered
