"""The picture of a network, generated from the problem itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ...formulas.terms import Term
from ...spec.problem import Problem
from ..blocks import BiasMark, Connection, Diagram, Label, MathStyle, Unit
from ..layout.width import width
from .columns import POINT, Columns
from .describing import describe
from .placing import Box, Path, Point, place

MOST_LABELS = 30  # a gap between two layers with more connections has no labels

_BIAS_ARROW = 0.28
_WAY_ROUND = 0.25  # between a connection and a unit that it passes
_STYLE = MathStyle()

Ends = tuple[str, str]
LabelOf = Callable[[str], Label]


@dataclass(frozen=True, slots=True)
class _Look:
    """How connections are labelled.

    hiding: how many cm of lines a label may hide on average, None for a look that always does.
    """

    values: bool
    sloped: bool
    hiding: float | None
    size: float = 7.5  # pt


#: From the best down to what always does.
_LOOKS = (
    _Look(values=True, sloped=False, hiding=0.12),
    _Look(values=True, sloped=True, hiding=0.4),
    _Look(values=True, sloped=True, hiding=0.5, size=6.5),
    _Look(values=False, sloped=False, hiding=0.12),
    _Look(values=False, sloped=True, hiding=0.4),
    _Look(values=False, sloped=True, hiding=None, size=6.5),
)


def network_diagram(
    problem: Problem,
    name_of: Callable[[str], Term],
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
    columns = Columns(problem, name_of, max_width, max_height)
    diagram = _drawn(problem, columns, parameter_label, show_values)
    for _ in range(3):  # connections led around others may need more height than there is
        if diagram.height <= max_height or columns.rows == 1:
            break
        columns.set_spacing(columns.spacing * 0.98 * max_height / diagram.height)
        diagram = _drawn(problem, columns, parameter_label, show_values)
    return replace(diagram, alternative=describe(problem, diagram, name_of))


def shows_every_value(diagram: Diagram, problem: Problem) -> bool:
    """Return whether a picture shows the value of every weight and bias that has one."""
    labels = [link.label for link in diagram.connections] + [mark.label for mark in diagram.biases]
    shown = sum(1 for label in labels if label is not None and label.value is not None)
    given = [weight for weight in problem.connections if weight.value is not None]
    return shown == len(given) + sum(len(bias.targets) for bias in problem.biases if bias.value is not None)


def _drawn(problem: Problem, columns: Columns, parameter_label: LabelOf, show_values: bool) -> Diagram:
    """Draw the network in the best look that there is room for."""
    for look in _LOOKS:
        if show_values or not look.values:
            diagram = _Drawing(problem, columns, parameter_label, look).diagram()
            if diagram is not None:
                return diagram
    raise AssertionError("the last look always does")


class _Drawing:
    """A network's picture in one look."""

    def __init__(self, problem: Problem, columns: Columns, parameter_label: LabelOf, look: _Look) -> None:
        self.columns, self.look, self.parameter_label = columns, look, parameter_label
        self.layer, self.radius = columns.layer, columns.radius
        self.biases = self._biases(problem)
        outputs = [mark for mark in self.biases if self.layer[mark.target] == len(columns.shown) - 1]
        self.units = columns.units(max((self._size(mark.label)[0] / 2 for mark in outputs), default=0.0))
        self.centres = {unit.key: (unit.x, unit.y) for unit in self.units if unit.key}
        self.circles = [Box(x, y, self.radius, self.radius) for x, y in self.centres.values()]
        self.marks = [self._bias_box(mark) for mark in self.biases]
        drawn = [w for w in problem.connections if {w.source, w.target} <= columns.drawn]
        known = [w for w in problem.connections if w.source in self.layer and w.target in self.layer]
        crowds = Counter((self.layer[w.source], self.layer[w.target]) for w in known)
        self.paths = {(w.source, w.target): self._path(w.source, w.target) for w in drawn}
        self.labels = {
            (w.source, w.target): self._label(w.name)
            for w in drawn
            if crowds[self.layer[w.source], self.layer[w.target]] <= MOST_LABELS
        }

    def diagram(self) -> Diagram | None:
        """Return the picture, or None where there is not enough room for its labels."""
        places = self._places()
        if places is None:
            return None
        connections = tuple(
            Connection(
                *ends, self.labels.get(ends), places.get(ends, 0.5), bend=path.bend, sloped=self.look.sloped
            )
            for ends, path in self.paths.items()
        )
        bends = [Box(*start, 0.02, 0.02) for path in self.paths.values() for start, _ in path.segments]
        boxes = [*self.circles, *self.marks, *bends]
        left, right = min(b.x - b.across for b in boxes), max(b.x + b.across for b in boxes)
        top, bottom = min(b.y - b.down for b in boxes), max(b.y + b.down for b in boxes)
        units = tuple(replace(u, x=round(u.x - left, 3), y=round(u.y - top, 3)) for u in self.units)
        return Diagram(
            units=units,
            connections=connections,
            biases=self.biases,
            width=round(right - left, 3),
            height=round(bottom - top, 3),
            alternative="",
            column_labels=self._column_labels(units),
            radius=round(self.radius, 3),
            bias_arrow=_BIAS_ARROW,
            label_size=self.look.size,
            unit_size=self.columns.unit_size,
        )

    def _column_labels(self, units: Iterable[Unit]) -> tuple[tuple[float, str], ...]:
        x_of = {unit.key: unit.x for unit in units}
        labelled = zip(self.columns.shown, self.columns.labels, strict=True)
        return tuple((x_of[column[0]], text) for column, text in labelled)

    # --- labels -----------------------------------------------------------------------------

    def _label(self, name: str) -> Label:
        label = self.parameter_label(name)
        return label if self.look.values else Label(label.term)

    def _size(self, label: Label) -> tuple[float, float]:
        """Return the width and height of a printed label."""
        wide = width(label.term, _STYLE)
        if label.value is not None:
            wide += 0.4 + width(label.value, _STYLE)
        return (wide * 1.04 + 0.3) * self.look.size * POINT, 1.2 * self.look.size * POINT

    def _places(self) -> Mapping[Ends, float] | None:
        """Find places for the labels of connections, or return None where they hide too much."""
        obstacles = [*self.circles, *self.marks]
        places: dict[Ends, float] = {}
        for gap in self._gaps():
            sizes = [self._size(self.labels[ends]) for ends in gap]
            hiding = self.look.hiding
            if hiding is not None and self._too_full(sizes, self.paths[gap[0]]):
                return None
            others = [path for ends, path in self.paths.items() if ends not in gap]
            paths = [self.paths[ends] for ends in gap]
            placement = place(paths, sizes, others, obstacles, sloped=self.look.sloped)
            if hiding is not None and not (placement.clear and placement.hidden <= hiding * len(gap)):
                return None
            places.update(zip(gap, placement.at, strict=True))
            obstacles += placement.boxes
        return places

    def _gaps(self) -> list[list[Ends]]:
        """Return the labelled connections by the layers that they join, near layers first."""
        gaps: dict[tuple[int, int], list[Ends]] = defaultdict(list)
        for source, target in self.labels:
            first = self.layer[source]
            gaps[self.layer[target] - first, first].append((source, target))
        return [gaps[key] for key in sorted(gaps)]

    def _too_full(self, sizes: Iterable[tuple[float, float]], path: Path) -> bool:
        """Whether labels would fill so much of the room between two columns that no search can help."""
        wide = path.end[0] - path.start[0] - 2 * self.radius
        return sum(across * down for across, down in sizes) > 0.3 * wide * self.columns.height

    # --- biases and connections -------------------------------------------------------------

    def _biases(self, problem: Problem) -> tuple[BiasMark, ...]:
        """Return a mark for each unit that has a bias, shared or not, where there is room for marks."""
        needed = 2 * self.radius + _BIAS_ARROW + 1.2 * self.look.size * POINT
        if self.columns.rows > 1 and self.columns.spacing < needed:
            return ()
        return tuple(
            BiasMark(target, self._label(bias.name), below=self.columns.outermost(target)[1])
            for bias in problem.biases
            for target in bias.targets
            if target in self.columns.drawn
        )

    def _bias_box(self, mark: BiasMark) -> Box:
        """Return the room of a bias's label."""
        x, y = self.centres[mark.target]
        wide, high = self._size(mark.label)
        away = self.radius + _BIAS_ARROW + high / 2
        return Box(x, y + away if mark.below else y - away, wide / 2, high / 2)

    def _path(self, source: str, target: str) -> Path:
        """Return the way of a connection, led around units between its ends."""
        start, end = self.centres[source], self.centres[target]
        if self.layer[target] - self.layer[source] == 1:
            return Path(start, end)
        between = self._in_the_way(start, end)
        bends = (sign * step * 0.2 for step in range(30) for sign in (1, -1))
        ways = (Path(start, end, bend) for bend in bends)
        return min(ways, key=lambda way: sum(10 * way.inside(box) for box in between) + abs(way.bend))

    def _in_the_way(self, start: Point, end: Point) -> list[Box]:
        """Return circles and biases between two points, with the distance that is kept from them."""
        return [
            replace(box, across=box.across + _WAY_ROUND, down=box.down + _WAY_ROUND)
            for box in (*self.circles, *self.marks)
            if start[0] < box.x < end[0]
        ]
