"""What a mistake is: a change to the formulas of the sweep, or a slip of the hand with a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..formulas.terms import Term
from ..keys import Key
from .editing import edits

if TYPE_CHECKING:
    from .sweep import Sweep


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sweep that a mistake may be made in: a quantity and its formula."""

    sweep: Sweep
    key: str
    parts: Key
    formula: Term

    @property
    def kind(self) -> str:
        """The kind of quantity: net, act, grad, loss."""
        return self.parts.kind or self.parts.subject


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of making a mistake in a step: the mistaken formula.

    about: the keys of the quantities that were confused: the one that belongs there, the one that was read.
    partly: the mistake could be made at several places of the formula and is made at one.
    """

    term: Term
    about: tuple[str, ...] = ()
    partly: bool = False


def edited(step: Step, change: Callable[[Term], Iterable[Term]]) -> Iterator[Variant]:
    """Yield the variants of a step whose formula is changed at one place."""
    for changed in edits(step.formula, change):
        yield Variant(changed)


@dataclass(frozen=True, slots=True)
class Change:
    """A mistake made in one step of a sweep."""

    mistake: str
    key: str
    term: Term
    about: tuple[str, ...] = ()
    partly: bool = False


#: The ways in which a mistake can be made in a step; none where it does not apply.
Rule = Callable[[Step], Iterator[Variant]]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake people make.

    student: one kind sentence: what happened and why it is wrong. instructor: one sentence. applies: where it
    can be made, in words. often: how often it is met beside the others, for the order of explanations.
    rule: the mistaken formulas of a step; None for a slip of the hand, which changes a number that is
    written down (`hand.py`). everywhere: somebody who makes it may make it in every step that it fits.
    """

    name: str
    title: str
    student: str
    instructor: str
    applies: str
    often: float = 1.0
    rule: Rule | None = None
    everywhere: bool = True
