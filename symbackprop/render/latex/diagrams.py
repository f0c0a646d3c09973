"""Network diagrams as lines, circles and labels of LaTeX's picture environment."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap

from ...document.blocks import BiasMark, Connection, Diagram, Label, MathStyle, Unit
from ..wires import Point, Wire, bias_wires, drawn, ways
from .escape import Latex, escape_latex
from .math import latex_math

_APART = 0.175  # cm, from a line to the middle of a label above or below it
_OVER = 0.05  # cm, from the tail of a bias's arrow to its label
_FOOT = 0.4  # cm, from a picture down to the base of the labels below it
_UNDER = 0.5  # cm, what these labels need below a picture

# The head of an arrow, in cm: long, half as wide as this twice, its barbs swept back beyond the line's end.
_LONG, _HALF, _NOTCH = 0.16, 0.06, 0.108


@dataclass(frozen=True, slots=True)
class UnitMark:
    """A circle: where it stands, how wide it is, what is in it."""

    at: Latex
    across: Latex
    role: str
    label: Latex


@dataclass(frozen=True, slots=True)
class LabelMark:
    """A label on white ground: where its middle stands, and its turn in degrees."""

    at: Latex
    turn: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class BiasMarkSource:
    """A bias: its arrow, where its label stands, and which side of the label the arrow is at."""

    arrow: Latex
    at: Latex
    side: str
    text: Latex


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """Words under a column of units."""

    at: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class DiagramSource:
    """What the template of a diagram places; `extent` is the picture's size, with its lower left corner."""

    alternative: Latex
    extent: Latex
    label_size: Latex
    unit_size: Latex
    arrows: list[Latex]
    labels: list[LabelMark]
    units: list[UnitMark]
    biases: list[BiasMarkSource]
    columns: list[ColumnLabel]


def diagram(block: Diagram, style: MathStyle) -> DiagramSource:
    """Return a diagram's marks, in cm from its lower left corner."""
    lines = ways(block)
    under = _UNDER if block.column_labels else 0.0
    extent = f"{point(block.width, block.height + under)}{point(0, -under) if under else ''}"
    return DiagramSource(
        alternative=comment(block.alternative),
        extent=Latex(extent),
        label_size=length(block.label_size),
        unit_size=length(block.unit_size),
        arrows=[_connection(line, block.radius, block.height) for line in lines],
        labels=[
            mark
            for link, line in zip(block.connections, lines, strict=True)
            for mark in _labels(link, line, block.height, style)
        ],
        units=[_unit(unit, block, style) for unit in block.units],
        biases=[
            _bias(bias, wire, block.height, style)
            for bias, wire in zip(block.biases, bias_wires(block), strict=True)
        ],
        columns=[ColumnLabel(point(x, -_FOOT), escape_latex(text)) for x, text in block.column_labels],
    )


@lru_cache(maxsize=1024)  # the pictures of a class differ in their numbers, not in their lines
def _connection(way: Wire, radius: float, height: float) -> Latex:
    return _arrow(drawn(way, radius), height)


def _arrow(wire: Wire, height: float) -> Latex:
    """Return an arrow: from its tail to the notch of its head, then the head's barb, tip and other barb."""
    (x, y), (near, high) = wire.end, wire.control
    far = math.hypot(x - near, y - high) or 1.0
    across, down = (x - near) / far, (y - high) / far

    def behind(back: float, side: float) -> Point:
        return x - back * across - side * down, y - back * down + side * across

    notch = behind(_NOTCH, 0)
    straight = math.isclose(
        (near - wire.start[0]) * (y - wire.start[1]),
        (high - wire.start[1]) * (x - wire.start[0]),
        abs_tol=1e-9,
    )
    places = (
        wire.start,
        *(() if straight else (wire.control,)),
        notch,
        behind(_LONG, _HALF),
        wire.end,
        behind(_LONG, -_HALF),
    )
    name = r"\netlink" if straight else r"\netbend"
    return Latex(name + "".join(_place(place, height) for place in places))


def _labels(link: Connection, way: Wire, height: float, style: MathStyle) -> Iterator[LabelMark]:
    """Yield the label on a line, or the one above it and the one below."""
    x, y = way.at(link.at)
    turn = length(-way.slope(link.at) if link.sloped else 0.0)
    apart = _APART if link.below is not None else 0.0
    for label, side in ((link.label, -apart), (link.below, apart)):
        if label is not None:
            turned = Latex("") if turn == "0" else turn
            yield LabelMark(_place((x, y + side), height), turned, _label(label, style))


def _unit(unit: Unit, block: Diagram, style: MathStyle) -> UnitMark:
    label = Latex(r"\vdots") if unit.role == "elided" else latex_math(unit.label, style, inline=True)
    return UnitMark(_place((unit.x, unit.y), block.height), length(2 * block.radius), unit.role, label)


def _bias(bias: BiasMark, wire: Wire, height: float, style: MathStyle) -> BiasMarkSource:
    (x, y), side, over = wire.start, "t" if bias.below else "b", _OVER if bias.below else -_OVER
    return BiasMarkSource(
        _arrow(wire, height), _place((x, y + over), height), side, _label(bias.label, style)
    )


def _label(label: Label, style: MathStyle) -> Latex:
    name = f"${latex_math(label.term, style, inline=True)}$"
    return Latex(name if label.value is None else f"{name}~${latex_math(label.value, style, inline=True)}$")


def _place(place: Point, height: float) -> Latex:
    """Return a point of a diagram, whose y grows downwards, as a point of the picture."""
    return Latex(f"({length(place[0])},{length(height - place[1])})")


def length(value: float) -> Latex:
    """Return a number for a picture, to three places at most."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return Latex("0" if text == "-0" else text)


def point(x: float, y: float) -> Latex:
    """Return a point in cm."""
    return Latex(f"({length(x)}, {length(y)})")


def comment(text: str) -> Latex:
    """Return text as comment lines of the source."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    lines = wrap(printable, 100, break_long_words=False, break_on_hyphens=False)
    return Latex("\n".join(f"% {line}" for line in lines or [""]))
