"""The units of a network in columns, layer by layer: which are drawn, where, and how large.

All lengths are in cm; y grows downwards from the middle of the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from ...formulas.terms import Term, Words
from ...spec.problem import Layer, Problem
from ..blocks import MathStyle, Unit
from ..layout.glyphs import text_width
from ..layout.width import width

MOST_ROWS = 12  # a layer of more units is drawn in part
FIRST_ROWS = 4  # that many, three dots, and the last
POINT = 0.0353  # cm
MOST_COLUMNS = 8  # of a network of more layers only those at both ends are drawn
END_COLUMNS = 3

_RADIUS = 0.42
_UNIT_SIZE, _COLUMN_SIZE = 9.0, 8.0  # pt, the type in circles and below columns
_SPACING = {1: 0.0, 2: 2.4, 3: 2.0, 4: 1.65, 5: 1.5}  # between rows, by their number
_WIDEST_GAP = {1: 4.1, 2: 4.1, 3: 4.1, 4: 5.2}  # between columns, by the number of rows; else 6.5
BESIDE = 9.5  # the widest picture that stands beside tables; a wider one has the page to itself
_BIAS_ROOM = 0.6  # above and below the units
_BIASED_ROWS = 6  # columns of more rows leave no room for biases


class Columns:
    """The columns of a network's picture."""

    def __init__(
        self, problem: Problem, name_of: Callable[[str], Term], max_width: float, max_height: float
    ) -> None:
        """Choose the units that are drawn, their distances and their size."""
        self._problem, self._left_out = problem, 0
        if len(problem.layers) > MOST_COLUMNS:
            self._left_out = len(problem.layers) - 2 * END_COLUMNS
            self._problem = problem = _without_middle(problem)
        self._max_width = max_width
        self.shown = [_shown(layer.units) for layer in problem.layers]
        self.layer = {unit: index for index, layer in enumerate(problem.layers) for unit in layer.units}
        self.drawn = {unit for column in self.shown for unit in column if unit}
        self.rows = max(len(column) for column in self.shown)
        self._terms = {unit: name_of(unit) for unit in self.drawn}
        room = max_height - (2 * _BIAS_ROOM if self.rows <= _BIASED_ROWS else 0.0)
        fitting = room / (self.rows - 1 + 2 * self._share)
        self.set_spacing(min(_SPACING.get(self.rows, 1.5), fitting))

    def set_spacing(self, spacing: float) -> None:
        """Set the distance between rows of the fullest column, and what depends on it."""
        self.spacing = spacing
        self.radius = min(_RADIUS, self._share * spacing) if self.rows > 2 else _RADIUS
        widest = max(width(term, MathStyle()) for term in self._terms.values())
        self.unit_size = round(min(_UNIT_SIZE, 1.75 * self.radius / (widest * POINT)), 1)

    @property
    def _share(self) -> float:
        """The largest radius of a circle, as a part of the distance between rows."""
        return 0.27 if self.rows <= _BIASED_ROWS else 0.34

    @property
    def height(self) -> float:
        """The distance of the lowest circle's foot from the highest one's head."""
        return self.spacing * (self.rows - 1) + 2 * self.radius

    def units(self, right_margin: float) -> tuple[Unit, ...]:
        """Return all units in their places, with room for `right_margin` beside the last column."""
        last = len(self.shown) - 1
        halves = [text_width(text) * _COLUMN_SIZE * POINT / 2 for text in self.labels]
        room = self._max_width - max(self.radius, halves[0]) - max(self.radius, right_margin, halves[-1])
        widest = 6.5 if self._max_width > BESIDE else _WIDEST_GAP.get(self.rows, 6.5)
        gap = min(widest, room / last)
        units = []
        for index, column in enumerate(self.shown):
            spacing = self._spacing_of(len(column))
            top = -spacing * (len(column) - 1) / 2
            for row, key in enumerate(column):
                label = self._terms[key] if key else Words("")
                role = role_of(index, last) if key else "elided"
                units.append(Unit(key, index * gap, top + row * spacing, label, role))
        return tuple(units)

    def _spacing_of(self, count: int) -> float:
        """Return the distance between the units of a column: of a small one they may stand wider apart."""
        if not 1 < count < self.rows:
            return self.spacing
        whole = self.spacing * (self.rows - 1)
        return min(max(self.spacing, _SPACING.get(count, 1.2)), whole / (count - 1))

    def outermost(self, unit: str) -> tuple[bool, bool]:
        """Return whether a unit is the first, and whether it is the last, of several in its column."""
        column = self.shown[self.layer[unit]]
        return len(column) > 1 and unit == column[0], len(column) > 1 and unit == column[-1]

    @property
    def labels(self) -> list[str]:
        """What is written below the columns."""
        last = len(self.shown) - 1
        texts = []
        for index, layer in enumerate(self._problem.layers):
            role, count = role_of(index, last), len(layer.units)
            if not layer.name:
                texts.append(f"{self._left_out} more")
                continue
            number = index + self._left_out - 1 if self._left_out and index > END_COLUMNS else index
            text = f"hidden {number}" if role == "hidden" and last > 2 else role
            if role != "hidden" and count > 1:
                text += "s"
            texts.append(f"{count} {text}" if count > MOST_ROWS else text)
        return texts


def _without_middle(problem: Problem) -> Problem:
    """Return a problem with its first and last layers, and one nameless unit for all between."""
    between = Layer("", ("",))
    return replace(problem, layers=(*problem.layers[:END_COLUMNS], between, *problem.layers[-END_COLUMNS:]))


def _shown(units: Sequence[str]) -> tuple[str, ...]:
    """Return the units of a layer that are drawn, "" standing for those left out."""
    if len(units) <= MOST_ROWS:
        return tuple(units)
    return (*units[:FIRST_ROWS], "", units[-1])


def role_of(index: int, last: int) -> Literal["input", "hidden", "output"]:
    """Return the role of a layer's units."""
    return "input" if index == 0 else "output" if index == last else "hidden"
