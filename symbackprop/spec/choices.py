"""What the numbers of a variant may be: ranges, lists, distributions, expressions. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..formulas.terms import Number, Term

if TYPE_CHECKING:
    from .problem import Problem


@dataclass(frozen=True, slots=True)
class Choice:
    """What one number of a variant may be."""


@dataclass(frozen=True, slots=True)
class Kept(Choice):
    """The number stays as it is written."""


@dataclass(frozen=True, slots=True)
class Suggested(Choice):
    """A number on the grid and in the range that the problem's own numbers suggest."""


@dataclass(frozen=True, slots=True)
class Listed(Choice):
    """One of these numbers, each as likely as the others."""

    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Range(Choice):
    """A number from `low` to `high`, both included, in steps; all are equally likely."""

    low: Number
    high: Number
    step: Number


@dataclass(frozen=True, slots=True)
class Normal(Choice):
    """A multiple of `step`, normally distributed; from `low` to `high` where these are given."""

    mean: Number
    deviation: Number
    step: Number
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True)
class Derived(Choice):
    """What an expression of other numbers gives; its symbols have the keys of those numbers."""

    text: str
    term: Term


@dataclass(frozen=True, slots=True)
class Vary:
    """What varies from student to student, as the author says it.

    choices: by quantity key, of the numbers that the author names; all others are chosen as their own numbers
    suggest. quality: conditions that are set otherwise than by default, by name. structures: the same problem
    with each choice of layer sizes and activations, () where they stay.
    """

    choices: Mapping[str, Choice] = field(default_factory=dict)
    quality: Mapping[str, object] = field(default_factory=dict)
    structures: tuple[Problem, ...] = ()
