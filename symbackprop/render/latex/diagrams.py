"""Network diagrams as coordinates and labels for TikZ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap

from ...document.blocks import BiasMark, Connection, Diagram, Label, MathStyle, Unit
from .escape import Latex, escape_latex
from .math import latex_math

# What the styles of the macros say; a picture that differs says so itself.
_UNIT = Latex("minimum size=8.4mm, font=\\fontsize{9}{11}\\selectfont")
_LABEL = Latex("font=\\fontsize{7.5}{9}\\selectfont")
_APART = 1.75  # mm, from a line to the middle of a label above or below it
_FOOT = -0.4  # cm, the base of the labels below a picture


@dataclass(frozen=True, slots=True)
class UnitMark:
    """A circle: its name in the picture, where it stands, what is in it."""

    node: Latex
    at: Latex
    role: str
    label: Latex


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from circle to circle and the line from centre to centre that its label stands on."""

    kind: str
    line: Latex
    label: Latex
    style: Latex
    start: Latex
    end: Latex
    below: Latex = Latex("")
    below_style: Latex = Latex("")


@dataclass(frozen=True, slots=True)
class BiasArrow:
    """A bias: the tail and the head of its arrow, its label, and the label's side."""

    start: Latex
    end: Latex
    side: str
    label: Latex


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """Words under a column of units."""

    at: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class DiagramSource:
    """What the template of a diagram places; `options` are changes to the styles of the macros."""

    alternative: Latex
    options: Latex
    extent: Latex
    units: list[UnitMark]
    arrows: list[Arrow]
    biases: list[BiasArrow]
    columns: list[ColumnLabel]


def diagram(block: Diagram, style: MathStyle) -> DiagramSource:
    """Return a diagram's marks, in cm from its lower left corner."""
    nodes = {unit.key: _node(unit.key, index) for index, unit in enumerate(block.units, 1)}
    centres = {unit.key: (unit.x, block.height - unit.y) for unit in block.units}
    return DiagramSource(
        alternative=comment(block.alternative),
        options=_options(block),
        extent=point(block.width, block.height),
        units=[_unit(unit, nodes[unit.key], centres[unit.key], style) for unit in block.units],
        arrows=[_arrow(link, nodes, centres, style) for link in block.connections],
        biases=[_bias(bias, nodes[bias.target], block.bias_arrow, style) for bias in block.biases],
        columns=[ColumnLabel(point(x, _FOOT), escape_latex(text)) for x, text in block.column_labels],
    )


def _options(block: Diagram) -> Latex:
    """Return the sizes in which a picture differs from the usual."""
    unit = Latex(f"minimum size={length(20 * block.radius)}mm, {_font(block.unit_size)}")
    label = _font(block.label_size)
    changes = [f"unit/.append style={{{unit}}}"] * (unit != _UNIT)
    changes += [f"weight/.append style={{{label}}}"] * (label != _LABEL)
    return Latex(", ".join(changes))


def _font(size: float) -> Latex:
    return Latex(rf"font=\fontsize{{{size:g}}}{{{1.2 * size + 0.04:.0f}}}\selectfont")


def _node(key: str, index: int) -> str:
    return key if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", key) else f"unit-{index}"


def _unit(unit: Unit, node: str, centre: tuple[float, float], style: MathStyle) -> UnitMark:
    label = Latex(r"\vdots") if unit.role == "elided" else latex_math(unit.label, style, inline=True)
    return UnitMark(_place(node), point(*centre), unit.role, label)


def _arrow(
    link: Connection, nodes: Mapping[str, str], centres: Mapping[str, tuple[float, float]], style: MathStyle
) -> Arrow:
    source, target = nodes[link.source], nodes[link.target]
    way = _way(centres[link.source], centres[link.target], link.bend)
    return Arrow(
        kind="bent link" if link.bend else "link",
        line=Latex(f"({source}) {way} ({target})"),
        label=Latex("") if link.label is None else _label(link.label, style),
        style=_label_style(link, _APART),
        start=Latex(f"({source}.center) {way}"),
        end=_place(f"{target}.center"),
        below=Latex("") if link.below is None else _label(link.below, style),
        below_style=_label_style(link, -_APART),
    )


def _label_style(link: Connection, shift: float) -> Latex:
    """Return where a label stands: on the line or, where there are two, beside it."""
    apart = f", yshift={length(shift)}mm" if link.below is not None else ""
    return Latex(f"weight{', sloped' * link.sloped}, pos={length(link.at)}{apart}")


def _way(start: tuple[float, float], end: tuple[float, float], bend: float) -> str:
    """Return the operation that leads a path from point to point, over a control point if bent."""
    if not bend:
        return "--"
    control = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 2 * bend)
    first, second = (
        point(near[0] + (control[0] - near[0]) * 2 / 3, near[1] + (control[1] - near[1]) * 2 / 3)
        for near in (start, end)
    )
    return f".. controls {first} and {second} .."


def _bias(bias: BiasMark, node: str, arrow: float, style: MathStyle) -> BiasArrow:
    side, anchor, sign = ("below", "south", "-") if bias.below else ("above", "north", "")
    end = f"{node}.{anchor}"
    start = f"[yshift={sign}{length(10 * arrow)}mm]{end}"
    return BiasArrow(_place(start), _place(end), side, _label(bias.label, style))


def _label(label: Label, style: MathStyle) -> Latex:
    name = f"${latex_math(label.term, style, inline=True)}$"
    return Latex(name if label.value is None else f"{name}~${latex_math(label.value, style, inline=True)}$")


def _place(text: str) -> Latex:
    return Latex(f"({text})")


def length(value: float) -> Latex:
    """Return a number for TikZ, to three places at most."""
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
