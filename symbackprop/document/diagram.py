"""The picture of a network, generated from the problem itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..spec.problem import Problem, Weight
from ..terms import Symbol, Term, Words
from .blocks import BiasMark, Connection, Diagram, Label, MathStyle, Unit
from .placing import Box, Path, place
from .width import width

MOST_ROWS = 12  # a layer of more units is drawn in part
FIRST_ROWS = 4  # that many, three dots, and the last
MOST_LABELS = 30  # a gap between two layers with more connections has no labels

_RADIUS = 0.42
_SPACING = {1: 0.0, 2: 2.4, 3: 2.0, 4: 1.65, 5: 1.5}  # between rows, by their number
_WIDEST_GAP = 4.1
_WAY_ROUND = 0.25  # between a connection and a unit that it passes
_POINT = 0.0353  # cm
_STYLE = MathStyle()

Role = Literal["input", "hidden", "output", "elided"]
Ends = tuple[str, str]
NameOf = Callable[[str], Term]
LabelOf = Callable[[str], Label]


def network_diagram(
    problem: Problem,
    name_of: NameOf,
    parameter_label: LabelOf,
    *,
    show_values: bool = True,
    max_width: float = 9.5,
    max_height: float = 7.5,
) -> Diagram:
    """Draw the network of a problem: layers as columns, inputs on the left.

    `name_of` gives the name in a unit's circle, `parameter_label` the label of a weight or bias.
    Labels show values where there is room for them beside each other, else names; between layers
    with many connections, and for biases of tightly set units, they are left out. Of a large layer
    only some units are drawn. Connections that skip a layer are led around what is in their way.
    """
    drawing = _Drawing(problem, name_of, max_width, max_height)
    for look in _LOOKS:
        if show_values or not look.values:
            diagram, hidden = drawing.labelled(parameter_label, look)
            if hidden <= look.hiding:
                break
    return replace(diagram, alternative=_alternative(problem, diagram, name_of))


def _shown(units: Sequence[str]) -> tuple[str, ...]:
    """Return the units of a layer that are drawn, "" standing for those left out."""
    if len(units) <= MOST_ROWS:
        return tuple(units)
    return (*units[:FIRST_ROWS], "", units[-1])


def _role(index: int, last: int) -> Role:
    return "input" if index == 0 else "output" if index == last else "hidden"


@dataclass(frozen=True, slots=True)
class _Look:
    """How connections are labelled; `hiding` is how much of a line a label may hide, in cm."""

    values: bool
    sloped: bool
    hiding: float
    size: float = 7.5  # pt


#: From the best down to what always does.
_LOOKS = (
    _Look(values=True, sloped=False, hiding=0.12),
    _Look(values=True, sloped=True, hiding=0.3),
    _Look(values=True, sloped=True, hiding=0.3, size=6.5),
    _Look(values=False, sloped=False, hiding=0.12),
    _Look(values=False, sloped=True, hiding=0.3),
    _Look(values=False, sloped=True, hiding=float("inf"), size=6.5),
)


class _Drawing:
    """A network's picture in the making."""

    def __init__(self, problem: Problem, name_of: NameOf, max_width: float, max_height: float) -> None:
        self.problem = problem
        self.columns = [_shown(layer.units) for layer in problem.layers]
        self.layer = {unit: index for index, layer in enumerate(problem.layers) for unit in layer.units}
        self.max_width, self.max_height = max_width, max_height
        self.name_of = name_of
        self.rows = max(len(column) for column in self.columns)
        margin = 0.0 if self.rows > 6 else 1.2  # room for biases above and below
        spacing = _SPACING.get(self.rows, 1.5)
        if self.rows > 1:
            spacing = min(spacing, (max_height - margin - 2 * 0.36) / (self.rows - 1))
        self.spacing = spacing
        self.radius = min(_RADIUS, 0.34 * spacing) if self.rows > 1 else _RADIUS
        if 3 <= self.rows <= 6:
            self.radius = min(self.radius, max(0.34, 0.27 * spacing))
        self.drawn = {unit for column in self.columns for unit in column}
        self.weights = [w for w in problem.weights if w.source in self.drawn and w.target in self.drawn]

    def labelled(self, parameter_label: LabelOf, look: _Look) -> tuple[Diagram, float]:
        """Draw everything in a look; also say how much a label hides of lines on average.

        That is infinite where a label covers another one or a unit.
        """

        def label(name: str) -> Label:
            found = parameter_label(name)
            return found if look.values else Label(found.term)

        size = look.size
        biases = self._biases(label, size)
        half = max((self._size(mark.label, size)[0] / 2 for mark in biases if self._last(mark.target)), default=0.0)
        units = self._units(max(half, self.radius))
        centres = {unit.key: (unit.x, unit.y) for unit in units if unit.key}
        solid = [Box(x, y, self.radius, self.radius) for x, y in centres.values()]
        marks = [self._bias_box(mark, centres, size) for mark in biases]
        paths = {
            (weight.source, weight.target): self._path(weight, centres, solid, marks) for weight in self.weights
        }
        labels = {
            (weight.source, weight.target): label(weight.name)
            for weight in self.weights
            if self._labels_fit(weight)
        }
        obstacles, hidden = [*solid, *marks], 0.0
        at: dict[Ends, float] = {}
        for gap in self._gaps(labels):
            sizes = [self._size(labels[ends], size) for ends in gap]
            others = [path for ends, path in paths.items() if ends not in gap]
            placement = place([paths[ends] for ends in gap], sizes, others, obstacles, sloped=look.sloped)
            at.update(zip(gap, placement.at, strict=True))
            obstacles += placement.boxes
            hidden = max(hidden, placement.hidden / len(gap) if placement.clear else float("inf"))
        connections = tuple(
            Connection(*ends, label=labels.get(ends), at=at.get(ends, 0.5), bend=path.bend, sloped=look.sloped)
            for ends, path in paths.items()
        )
        boxes = [*solid, *marks, *(Box(*start, 0.02, 0.02) for path in paths.values() for start, _ in path.segments)]
        return self._framed(units, connections, biases, boxes, size), hidden

    def _framed(
        self,
        units: Sequence[Unit],
        connections: tuple[Connection, ...],
        biases: tuple[BiasMark, ...],
        boxes: Sequence[Box],
        size: float,
    ) -> Diagram:
        """Move everything to the upper left corner of its own frame."""
        left, right = min(b.x - b.across for b in boxes), max(b.x + b.across for b in boxes)
        top, bottom = min(b.y - b.down for b in boxes), max(b.y + b.down for b in boxes)
        moved = tuple(replace(u, x=round(u.x - left, 3), y=round(u.y - top, 3)) for u in units)
        columns = tuple(
            (next(u.x for u in moved if u.key == column[0]), text)
            for column, text in zip(self.columns, self._column_labels(), strict=True)
        )
        return Diagram(
            units=moved,
            connections=connections,
            biases=biases,
            width=round(right - left, 3),
            height=round(bottom - top, 3),
            alternative="",
            column_labels=columns,
            radius=round(self.radius, 3),
            label_size=size,
        )

    def _last(self, unit: str) -> bool:
        return self.layer[unit] == len(self.columns) - 1

    def _column_labels(self) -> list[str]:
        last = len(self.columns) - 1
        texts = []
        for index, layer in enumerate(self.problem.layers):
            role, count = _role(index, last), len(layer.units)
            text = role if last < 3 or role != "hidden" else f"hidden {index}"
            texts.append(f"{text} ({count} units)" if count > MOST_ROWS else text)
        return texts

    def _units(self, right_margin: float) -> tuple[Unit, ...]:
        last = len(self.columns) - 1
        gap = min(_WIDEST_GAP, (self.max_width - self.radius - right_margin) / last)
        units = []
        for index, column in enumerate(self.columns):
            whole = self.spacing * (self.rows - 1)
            spacing = self.spacing
            if 1 < len(column) < self.rows:
                spacing = min(max(spacing, _SPACING.get(len(column), 0.0)), whole / (len(column) - 1))
            top = -spacing * (len(column) - 1) / 2
            for row, key in enumerate(column):
                label = self.name_of(key) if key else Words("")
                role = _role(index, last) if key else "elided"
                units.append(Unit(key, index * gap, top + row * spacing, label, role))
        return tuple(units)

    def _size(self, label: Label, size: float) -> tuple[float, float]:
        """Return the width and height of a printed label."""
        wide = width(label.term, _STYLE)
        if label.value is not None:
            wide += 0.4 + width(label.value, _STYLE)
        return (wide * 1.04 + 0.3) * size * _POINT, 1.2 * size * _POINT

    def _gaps(self, labels: Iterable[Ends]) -> list[list[Ends]]:
        """Return the labelled connections by the layers that they join, near layers first."""
        gaps: dict[tuple[int, int], list[Ends]] = defaultdict(list)
        for source, target in labels:
            gaps[self.layer[target] - self.layer[source], self.layer[source]].append((source, target))
        return [gaps[key] for key in sorted(gaps)]

    def _labels_fit(self, weight: Weight) -> bool:
        """Whether the connections beside this one are few enough to be labelled."""
        gap = self.layer[weight.source], self.layer[weight.target]
        return self._crowds[gap] <= MOST_LABELS

    @property
    def _crowds(self) -> Mapping[tuple[int, int], int]:
        crowds: dict[tuple[int, int], int] = defaultdict(int)
        for weight in self.problem.weights:
            crowds[self.layer[weight.source], self.layer[weight.target]] += 1
        return crowds

    def _biases(self, label: LabelOf, size: float) -> tuple[BiasMark, ...]:
        if self.spacing and self.spacing - 2 * self.radius < 0.28 + 1.2 * size * _POINT:
            return ()
        return tuple(
            BiasMark(target, label(bias.name), below=self._below(target))
            for bias in self.problem.biases
            for target in bias.targets
            if target in self.drawn
        )

    def _below(self, unit: str) -> bool:
        column = self.columns[self.layer[unit]]
        return len(column) > 1 and unit == column[-1]

    def _bias_box(self, mark: BiasMark, centres: Mapping[str, tuple[float, float]], size: float) -> Box:
        """Return the room of a bias's arrow and label."""
        x, y = centres[mark.target]
        wide, high = self._size(mark.label, size)
        away = self.radius + 0.28 + high / 2
        return Box(x, y + away if mark.below else y - away, wide / 2, high / 2)

    def _path(
        self, weight: Weight, centres: Mapping[str, tuple[float, float]], solid: Iterable[Box], marks: Iterable[Box]
    ) -> Path:
        """Return the way of a connection, led around units between its ends."""
        start, end = centres[weight.source], centres[weight.target]
        straight = Path(start, end)
        if self.layer[weight.target] - self.layer[weight.source] == 1:
            return straight
        between = [
            replace(box, across=box.across + _WAY_ROUND, down=box.down + _WAY_ROUND)
            for box in (*solid, *marks)
            if start[0] < box.x < end[0]
        ]

        def price(path: Path) -> float:
            return sum(10 * path.inside(box) for box in between) + abs(path.bend)

        bends = [sign * step * 0.2 for step in range(30) for sign in (1, -1)]
        return min((replace(straight, bend=bend) for bend in bends), key=price)


def _plain(term: Term) -> str:
    return str(term.name) if isinstance(term, Symbol) else ""


def _alternative(problem: Problem, diagram: Diagram, name_of: NameOf) -> str:
    """Describe the picture in words."""
    parts = []
    last = len(problem.layers) - 1
    for index, layer in enumerate(problem.layers):
        what = {"input": "input", "hidden": "hidden unit", "output": "output"}[_role(index, last)]
        count = len(layer.units)
        names = [_plain(name_of(unit)) or unit for unit in _shown(layer.units) if unit]
        listed = ", ".join(names) if count <= MOST_ROWS else f"{', '.join(names[:-1])} to {names[-1]}"
        parts.append(f"{count} {what}{'s' if count != 1 else ''} {listed}")
    text = f"Network with {'; '.join(parts)}."
    names_of = {unit.key: _plain(unit.label) or unit.key for unit in diagram.units}
    weights = [
        f"{_spoken(item.label)} from {names_of[item.source]} to {names_of[item.target]}"
        for item in diagram.connections
        if item.label is not None
    ]
    biases = [f"{_spoken(mark.label)} of {names_of[mark.target]}" for mark in diagram.biases]
    if weights:
        text += f" Weights: {', '.join(weights)}."
    if biases:
        text += f" Biases: {', '.join(biases)}."
    return text


def _spoken(label: Label) -> str:
    name = _plain(label.term)
    return name if label.value is None else f"{name} = {label.value}"
