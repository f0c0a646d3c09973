"""Network diagrams: where everything stands, for the drawing functions of `pictures.typ.j2`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ...document.blocks import BiasMark, Connection, Diagram, Label, Unit
from ...formulas.terms import Term
from .calls import call, number, point
from .source import Typst, escape_typst, typst_string

Point = tuple[float, float]

_APART = 0.175  # cm, from a line to the middle of a label above or below it
Formula = Callable[[Term], Typst]


@dataclass(frozen=True, slots=True)
class Wire:
    """A quadratic Bezier curve; a straight line has its control point in its middle."""

    start: Point
    control: Point
    end: Point

    def at(self, t: float) -> Point:
        """Return the point of the curve at a parameter from 0 to 1."""
        return self._blossom(t, t)

    def slope(self, t: float) -> float:
        """Return the angle of the curve against the horizontal, in degrees, downwards positive."""
        (ax, ay), (bx, by) = self._blossom(t, 0.0), self._blossom(t, 1.0)
        return math.degrees(math.atan2(by - ay, bx - ax))

    def between(self, first: float, last: float) -> Wire:
        """Return the part of the curve between two parameters."""
        return Wire(self.at(first), self._blossom(first, last), self.at(last))

    def leaving(self, centre: Point, radius: float) -> float:
        """Return the parameter at which the curve, begun in a circle, leaves it."""
        inside, outside = 0.0, 0.5
        for _ in range(40):
            middle = (inside + outside) / 2
            if math.dist(self.at(middle), centre) < radius:
                inside = middle
            else:
                outside = middle
        return outside

    def backwards(self) -> Wire:
        """Return the curve in the other direction."""
        return Wire(self.end, self.control, self.start)

    def _blossom(self, s: float, t: float) -> Point:
        points = zip(self.start, self.control, self.end, strict=True)
        x, y = ((1 - s) * ((1 - t) * a + t * b) + s * ((1 - t) * b + t * c) for a, b, c in points)
        return x, y


def diagram(block: Diagram, formula: Formula) -> str:
    """Return the call that draws a network: connections, units, biases, column labels, in this order."""
    units = {unit.key: unit for unit in block.units}
    ways = [_way(connection, units) for connection in block.connections]
    return call(
        "diagram",
        typst_string(block.alternative),
        f"size: {point(block.width, block.height)}",
        f"radius: {number(block.radius)}",
        f"label-size: {number(block.label_size)}pt",
        f"unit-size: {number(block.unit_size)}pt",
        wires=[_drawn(way, block.radius) for way in ways],
        labels=[
            label
            for connection, way in zip(block.connections, ways, strict=True)
            for label in _labels(way, connection, formula)
        ],
        units=[_unit(unit, formula) for unit in block.units],
        biases=[_bias(bias, units[bias.target], block, formula) for bias in block.biases],
        columns=[f"({number(x)}, [{escape_typst(text)}])" for x, text in block.column_labels],
    )


def _way(connection: Connection, units: dict[str, Unit]) -> Wire:
    """Return the way of a connection from centre to centre."""
    source, target = units[connection.source], units[connection.target]
    middle = (source.x + target.x) / 2, (source.y + target.y) / 2 - 2 * connection.bend
    return Wire((source.x, source.y), middle, (target.x, target.y))


@lru_cache(maxsize=1024)  # the pictures of a class differ in their numbers, not in their lines
def _drawn(way: Wire, radius: float) -> str:
    """Return what is drawn of a way: from circle to circle."""
    part = way.between(way.leaving(way.start, radius), 1 - way.backwards().leaving(way.end, radius))
    return f"({point(*part.start)}, {point(*part.control)}, {point(*part.end)})"


def _labels(way: Wire, connection: Connection, formula: Formula) -> Iterator[str]:
    """Yield the label on a line, or the one above it and the one below."""
    turn = way.slope(connection.at) if connection.sloped else 0.0
    x, y = way.at(connection.at)
    apart = _APART if connection.below is not None else 0.0
    for label, side in ((connection.label, -apart), (connection.below, apart)):
        if label is not None:
            yield f"({point(x, y + side)}, {number(turn)}deg, [{_named(label, formula)}])"


def _named(label: Label, formula: Formula) -> str:
    """Return a label: the name, and its value where it is known."""
    if label.value is None:
        return formula(label.term)
    return f"{formula(label.term)}#h(0.3em);{formula(label.value)}"


def _unit(unit: Unit, formula: Formula) -> str:
    name = "none" if unit.role == "elided" else f"[{formula(unit.label)}]"
    return f"({point(unit.x, unit.y)}, {name})"


def _bias(bias: BiasMark, unit: Unit, block: Diagram, formula: Formula) -> str:
    """Return the tail and the tip of a bias's arrow, and its label."""
    side = 1 if bias.below else -1
    tip = unit.y + side * block.radius
    tail = tip + side * block.bias_arrow
    return f"({point(unit.x, tail)}, {point(unit.x, tip)}, [{_named(bias.label, formula)}])"
