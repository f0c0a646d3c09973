"""The worksheet: what an author asks, of which problems, on what kind of paper. Nothing is computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Literal

from ..errors import ProblemError
from ..formulas.terms import Term
from .problem import Problem

#: How much of an item is left to do, from nothing to everything.
#: A "choice" shows the formula and four results, of which one is to be ticked.
Degree = Literal["worked", "choice", "result", "substitution", "formula", "derivation"]
DEGREES: tuple[Degree, ...] = ("worked", "choice", "result", "substitution", "formula", "derivation")

#: What the items of a faded sheet leave open, one after the other; the last degree holds for all that follow.
FADING: Mapping[str, tuple[Degree, ...]] = {
    "light": ("worked", "worked", "result", "substitution"),
    "medium": ("worked", "substitution", "formula", "derivation"),
    "strong": ("substitution", "formula", "derivation"),
}

Ruling = Literal["lined", "grid", "empty"]
RULINGS: tuple[Ruling, ...] = ("lined", "grid", "empty")

Picture = Literal["filled", "blank", "none"]
PICTURES: tuple[Picture, ...] = ("filled", "blank", "none")

#: Sets of quantities that can be asked by name, with what each means.
SETS: Mapping[str, str] = {
    "everything": "the forward pass, the error, all gradients and all new values",
    "forward": "net inputs and activations",
    "error": "the forward pass and the error",
    "output": "what leads to the gradients and new values of the output layer",
    "gradients": "what leads to all gradients",
    "updates": "what leads to all new values",
    "second_pass": "the forward pass and the error after the update",
}


#: The lines to fill in at the head of a sheet.
HEAD = ("Name", "Number")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was written, for messages: the field, the file and the line."""

    field: str
    file: str = ""
    line: int | None = None

    def error(self, message: str, *, given: str, expected: str, hint: str = "") -> ProblemError:
        """Return the error about what is written there."""
        return ProblemError(
            message,
            field=self.field,
            given=given,
            expected=expected,
            hint=hint,
            file=self.file,
            line=self.line,
        )


@dataclass(frozen=True, slots=True)
class Points:
    """What items are worth: by pattern of their quantity key, the last that fits; `other` for the rest.

    origin: where the patterns are written.
    """

    other: Fraction = Fraction(1)
    patterns: Mapping[str, Fraction] = field(default_factory=dict)
    origin: Origin = Origin("points")

    def of(self, key: str) -> Fraction:
        """Return what the item with this quantity key is worth."""
        fitting = [points for pattern, points in self.patterns.items() if fnmatchcase(key, pattern)]
        return fitting[-1] if fitting else self.other


@dataclass(frozen=True, slots=True)
class Task:
    """One problem of a worksheet.

    ask: sets and quantity keys, or patterns of keys. degree: what every item leaves open; fade: what they
    leave open one after the other, () for all alike. ruling: of the room to work in. asked_in: where `ask` is
    written. called: how the sheet names the file or the example, "" where the problem stands in the sheet.
    """

    problem: Problem
    title: str = ""
    ask: tuple[str, ...] = ("everything",)
    degree: Degree = "substitution"
    fade: tuple[Degree, ...] = ()
    points: Points = Points()
    ruling: Ruling = "lined"
    picture: Picture = "filled"
    asked_in: Origin = Origin("ask")
    called: str = ""


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet of one or several problems, with the lines of its head."""

    tasks: tuple[Task, ...]
    title: str = ""
    course: str = ""
    term: str = ""
    date: str = ""
    instructions: tuple[tuple[str | Term, ...], ...] = ()
    time: str = ""
    aids: str = ""
    head: tuple[str, ...] = HEAD
    formula_sheet: bool = False
    hints: bool = False
    large_print: bool = False
    name: str = ""  # stem of output files
