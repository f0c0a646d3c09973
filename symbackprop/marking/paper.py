"""What is marked: a student's paper with its questions, and the scheme it is marked by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..derivation.carrying import carried_values
from ..derivation.ledger import Ledger
from ..derivation.solving import complete, derive
from ..document.blocks import MathStyle
from ..document.sheet import Sheet
from ..formulas.terms import Number
from ..network.graph import Graph
from ..spec.problem import Problem
from .accepting import Tolerance
from .reading import Mark

ONE = Fraction(1)


@dataclass(frozen=True)
class Solved:
    """A problem with its graph and its ledger, every quantity in it."""

    problem: Problem
    graph: Graph
    ledger: Ledger

    @cached_property
    def carried(self) -> Mapping[str, Number]:
        """Every derived quantity with displayed values carried on; worked out when first asked for."""
        return carried_values(self.ledger)


def solved(problem: Problem) -> Solved:
    """Return a problem solved, with the quantities that its own form does not show."""
    graph, ledger = derive(problem)
    complete(graph, ledger)
    return Solved(problem, graph, ledger)


@dataclass(frozen=True)
class Question:
    """One result box of a sheet.

    item: its number on the sheet. key: the quantity. part: which of the sheet's problems it belongs to,
    counted from 0. tolerance, follow_through: instead of the scheme's; follow_through is a share of the
    points.
    """

    item: str
    key: str
    points: Fraction = ONE
    tolerance: Tolerance | None = None
    follow_through: Fraction | None = None
    part: int = 0


@dataclass(frozen=True)
class Paper:
    """One student's sheet: whose it is, its check code, its problems solved, and what they ask."""

    student: str
    name: str
    code: str
    parts: tuple[Solved, ...]
    questions: tuple[Question, ...]

    def of(self, question: Question) -> Solved:
        """Return the problem that a question belongs to."""
        return self.parts[question.part]

    @property
    def style(self) -> MathStyle:
        """How the sheet prints its formulas."""
        first = self.parts[0]
        return Sheet(first.problem, first.graph, first.ledger).style


@dataclass(frozen=True, slots=True)
class Scheme:
    """How answers are marked.

    tolerance: what is accepted beyond the rounding. follow_through: the share of its points that an answer
    earns which is right given the student's own earlier answers. fewer_digits: the share for an answer that
    is right, but written to fewer digits than asked for (two at least). magnitude: an earlier answer that is
    wrong by this factor, up or down, earns nothing downstream. decimal_mark: the one that the class writes,
    where a student's own answers do not tell; None for that of the sheet.
    """

    tolerance: Tolerance | None = None
    follow_through: Fraction = ONE
    fewer_digits: Fraction = Fraction(0)
    magnitude: int = 1000
    decimal_mark: Mark | None = None
