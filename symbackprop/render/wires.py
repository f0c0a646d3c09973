"""The lines of a network diagram: from circle to circle, straight or bent. Every format draws these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..document.blocks import Connection, Diagram, Unit

Point = tuple[float, float]


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


def ways(diagram: Diagram) -> list[Wire]:
    """Return the way of each connection from centre to centre, y downwards."""
    units = {unit.key: unit for unit in diagram.units}
    return [_way(connection, units) for connection in diagram.connections]


def _way(connection: Connection, units: Mapping[str, Unit]) -> Wire:
    source, target = units[connection.source], units[connection.target]
    middle = (source.x + target.x) / 2, (source.y + target.y) / 2 - 2 * connection.bend
    return Wire((source.x, source.y), middle, (target.x, target.y))


def drawn(way: Wire, radius: float) -> Wire:
    """Return what is drawn of a way: from circle to circle."""
    return way.between(way.leaving(way.start, radius), 1 - way.backwards().leaving(way.end, radius))


def bias_wires(diagram: Diagram) -> list[Wire]:
    """Return the short arrows of the biases, from tail to tip, y downwards."""
    units = {unit.key: unit for unit in diagram.units}
    wires = []
    for bias in diagram.biases:
        unit, side = units[bias.target], 1 if bias.below else -1
        tip = unit.y + side * diagram.radius
        tail = tip + side * diagram.bias_arrow
        wires.append(Wire((unit.x, tail), (unit.x, (tail + tip) / 2), (unit.x, tip)))
    return wires
