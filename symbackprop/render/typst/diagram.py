"""Network diagrams: where everything stands, for the drawing functions of `pictures.typ.j2`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from ...document.blocks import BiasMark, Connection, Diagram, Label, Unit
from ...formulas.terms import Term
from ..wires import Wire, bias_wires, drawn, ways
from .calls import call, number, point
from .source import Typst, escape_typst, typst_string

_APART = 0.175  # cm, from a line to the middle of a label above or below it
Formula = Callable[[Term], Typst]


def diagram(block: Diagram, formula: Formula) -> str:
    """Return the call that draws a network: connections, units, biases, column labels, in this order."""
    lines = ways(block)
    return call(
        "diagram",
        typst_string(block.alternative),
        f"size: {point(block.width, block.height)}",
        f"radius: {number(block.radius)}",
        f"label-size: {number(block.label_size)}pt",
        f"unit-size: {number(block.unit_size)}pt",
        wires=[_drawn(way, block.radius) for way in lines],
        labels=[
            label
            for connection, way in zip(block.connections, lines, strict=True)
            for label in _labels(way, connection, formula)
        ],
        units=[_unit(unit, formula) for unit in block.units],
        biases=[
            _bias(bias, wire, formula) for bias, wire in zip(block.biases, bias_wires(block), strict=True)
        ],
        columns=[f"({number(x)}, [{escape_typst(text)}])" for x, text in block.column_labels],
    )


@lru_cache(maxsize=1024)  # the pictures of a class differ in their numbers, not in their lines
def _drawn(way: Wire, radius: float) -> str:
    """Return what is drawn of a way: from circle to circle."""
    part = drawn(way, radius)
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


def _bias(bias: BiasMark, wire: Wire, formula: Formula) -> str:
    """Return the tail and the tip of a bias's arrow, and its label."""
    return f"({point(*wire.start)}, {point(*wire.end)}, [{_named(bias.label, formula)}])"
