"""Which mistake gives a wrong answer: the library of mistakes asked, from right values and from own ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from flint import fmpq

from ..derivation.ledger import Ledger
from ..formulas.terms import Number
from ..network.graph import Graph
from ..numbers.digits import Real
from ..spec.problem import Problem


class Mistaken(Protocol):
    """A wrong value and the mistake that gives it, as the library of mistakes makes them."""

    @property
    def mistake(self) -> str:
        """The name of the mistake."""

    @property
    def value(self) -> Real:
        """The value that it gives."""

    @property
    def shown(self) -> Number:
        """The value under the sheet's rounding."""

    @property
    def likelihood(self) -> float:
        """How likely it is, among the mistakes that give the same number."""


class WrongValues(Protocol):
    """What yields the wrong values of a quantity; `given` holds own values in the place of right ones."""

    def __call__(
        self,
        ledger: Ledger,
        graph: Graph,
        problem: Problem,
        key: str,
        *,
        given: Mapping[str, fmpq] | None = None,
    ) -> Iterator[Mistaken]:
        """Yield the wrong values of a quantity."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What a mistake is, in a sentence for the student and one for the instructor."""

    student: str
    instructor: str


@dataclass(frozen=True, slots=True)
class Library:
    """A library of mistakes: what makes the wrong values, and each mistake by name in words."""

    wrong_values: WrongValues
    explained: Callable[[str], Explained]


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake that gives an answer; `given` says from which values."""

    mistake: str
    shown: Number
    likelihood: float
    given: Literal["right", "own"]


__all__ = ["Explained", "Iterable", "Library", "Mistaken", "Slip", "WrongValues"]
