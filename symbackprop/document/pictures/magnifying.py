"""A picture made larger with all that is written in it."""

from __future__ import annotations

from dataclasses import replace

from ..blocks import Diagram


def magnified(diagram: Diagram, scale: float) -> Diagram:
    """Return a picture whose lengths and sizes of type are all this much larger."""
    return replace(
        diagram,
        units=tuple(replace(unit, x=_of(unit.x, scale), y=_of(unit.y, scale)) for unit in diagram.units),
        connections=tuple(replace(link, bend=_of(link.bend, scale)) for link in diagram.connections),
        width=_of(diagram.width, scale),
        height=_of(diagram.height, scale),
        column_labels=tuple((_of(x, scale), text) for x, text in diagram.column_labels),
        radius=_of(diagram.radius, scale),
        bias_arrow=_of(diagram.bias_arrow, scale),
        label_size=_of(diagram.label_size, scale),
        unit_size=_of(diagram.unit_size, scale),
    )


def _of(length: float, scale: float) -> float:
    return round(length * scale, 3)
