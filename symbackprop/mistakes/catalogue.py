"""The library: every mistake by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from ..formulas.terms import Term
from .derivatives import DERIVATIVES
from .functions import FUNCTIONS
from .hand import HAND
from .losses_and_means import LOSSES_AND_MEANS
from .misreadings import MISREADINGS
from .mistake import Change, Mistake
from .operations import OPERATIONS
from .paths import PATHS
from .sweep import Sweep
from .updates import UPDATES

#: Another quantity read than belongs there, whatever it is: what is left when no nearer name fits.
ANOTHER_VALUE = Mistake(
    "another_value",
    "another quantity's value",
    "You used the value of another quantity.",
    "A quantity of another kind was read for the right one.",
    "whatever reads a quantity",
    1.0,
)

_ALL = (
    *PATHS,
    *DERIVATIVES,
    *MISREADINGS,
    *LOSSES_AND_MEANS,
    *OPERATIONS,
    *UPDATES,
    *FUNCTIONS,
    *HAND,
    ANOTHER_VALUE,
)

#: Every mistake by its name, those of one family together.
MISTAKES: Mapping[str, Mistake] = MappingProxyType({mistake.name: mistake for mistake in _ALL})


def changes_in(sweep: Sweep, name: str) -> tuple[Change, ...]:
    """Return every change that a mistake of the library makes to one step of a sweep."""
    found = sweep.changes.get(name)
    if found is None:
        found = sweep.changes[name] = tuple(_changes_in(sweep, name))
    return found


def _changes_in(sweep: Sweep, name: str) -> Iterator[Change]:
    """Yield the changes to one step, of a mistake's equal ones the first."""
    step = sweep.step(name)
    for mistake in _ALL:
        seen = {step.formula}
        for variant in mistake.rule(step) if mistake.rule is not None else ():
            if variant.term not in seen:
                seen.add(variant.term)
                yield Change(mistake.name, name, variant.term, variant.about, variant.partly)


def by_mistake(sweep: Sweep) -> Mapping[str, Mapping[str, list[Term]]]:
    """Return the mistaken formulas of a sweep by mistake and by step, where it is made at every place."""
    if not sweep.by_mistake:
        for name in sweep.formulas:
            for change in changes_in(sweep, name):
                if change.partly:
                    continue
                sweep.by_mistake.setdefault(change.mistake, {}).setdefault(name, []).append(change.term)
    return sweep.by_mistake


@cache
def share(name: str) -> float:
    """Return how often a mistake is met among all."""
    return MISTAKES[name].often / sum(mistake.often for mistake in _ALL)
