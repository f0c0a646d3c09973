"""Diagrams and plots as coordinates and labels for TikZ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from ...document.blocks import BiasMark, Connection, Diagram, Label, MathStyle, Plot, Series, Unit
from .escape import Latex, escape_latex
from .math import latex_math
from .text import latex_line

UNIT_SIZE = 9.0  # mm, the diameter of a unit's circle where there is room
_BIAS_ROOM = 8.5  # mm, the height of a bias's arrow with its label
_CLOSEST = 0.02  # cm, points of a plot nearer to each other are one


@dataclass(frozen=True, slots=True)
class UnitMark:
    """A circle: its name in the picture, where it stands, what is in it."""

    node: Latex
    at: Latex
    role: str
    label: Latex


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from node to node; the label stands at a fraction of the way between their centres."""

    source: Latex
    target: Latex
    label: Latex
    at: Latex
    source_center: Latex
    target_center: Latex


@dataclass(frozen=True, slots=True)
class BiasArrow:
    """A bias: the node it belongs to, whether it comes from above or below, and its label."""

    node: Latex
    start: Latex
    side: str
    label: Latex


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """Words under a column of units."""

    at: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class DiagramSource:
    """What the template of a diagram places."""

    alternative: Latex
    size: Latex | None  # None: as the style says
    units: list[UnitMark]
    arrows: list[Arrow]
    biases: list[BiasArrow]
    columns: list[ColumnLabel]


def diagram(block: Diagram, style: MathStyle) -> DiagramSource:
    """Return a diagram's marks, in cm from its lower left corner."""
    nodes = {unit.key: _node(unit.key, index) for index, unit in enumerate(block.units, 1)}
    below = {bias.target for bias in block.biases if _is_lowest(bias, block.units)}
    size = _unit_size(block.units, {bias.target for bias in block.biases} - below)
    foot = -1.8 if below else -1.0
    return DiagramSource(
        alternative=_comment(block.alternative),
        size=None if size == UNIT_SIZE else _cm(size),
        units=[
            UnitMark(
                _place(nodes[unit.key]),
                _point(unit.x, block.height - unit.y),
                unit.role,
                latex_math(unit.label, style, inline=True),
            )
            for unit in block.units
        ],
        arrows=[_arrow(link, nodes, style) for link in block.connections],
        biases=[_bias(bias, nodes[bias.target], bias.target in below, style) for bias in block.biases],
        columns=[ColumnLabel(_point(x, foot), escape_latex(text)) for x, text in block.column_labels],
    )


def _arrow(link: Connection, nodes: Mapping[str, str], style: MathStyle) -> Arrow:
    source, target = nodes[link.source], nodes[link.target]
    return Arrow(
        _place(source),
        _place(target),
        Latex("") if link.label is None else _label(link.label, style),
        _cm(link.at),
        _place(f"{source}.center"),
        _place(f"{target}.center"),
    )


def _bias(bias: BiasMark, node: str, below: bool, style: MathStyle) -> BiasArrow:
    side, anchor, shift = ("below", "south", "-5mm") if below else ("above", "north", "5mm")
    start = f"[yshift={shift}]{node}.{anchor}"
    return BiasArrow(_place(f"{node}.{anchor}"), _place(start), side, _label(bias.label, style))


def _place(text: str) -> Latex:
    return Latex(f"({text})")


def _point(x: float, y: float) -> Latex:
    return Latex(f"({_cm(x)}, {_cm(y)})")


def _node(key: str, index: int) -> str:
    return key if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", key) else f"unit-{index}"


def _cm(value: float) -> Latex:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return Latex("0" if text == "-0" else text)


def _comment(text: str) -> Latex:
    """Return text for a comment line of the source."""
    return Latex("".join(c if c.isprintable() else " " for c in text))


def _label(label: Label, style: MathStyle) -> Latex:
    name = f"${latex_math(label.term, style, inline=True)}$"
    return Latex(name if label.value is None else rf"{name}\,${latex_math(label.value, style, inline=True)}$")


def _is_lowest(bias: BiasMark, units: tuple[Unit, ...]) -> bool:
    """Whether a bias's unit is the lowest of several in its column."""
    unit = next(unit for unit in units if unit.key == bias.target)
    column = [other.y for other in units if abs(other.x - unit.x) < 0.01]
    return len(column) > 1 and unit.y >= max(column)


def _unit_size(units: tuple[Unit, ...], biased: set[str]) -> float:
    """Return the diameter of the circles in mm: smaller where units stand close together.

    A bias between two units of a column takes room for its arrow and label.
    """
    sizes = [UNIT_SIZE]
    for upper, lower in pairwise(sorted(units, key=lambda unit: (unit.x, unit.y))):
        gap = 10.0 * (lower.y - upper.y)
        if abs(upper.x - lower.x) < 0.01 and gap > 0:
            sizes.append(max(gap - _BIAS_ROOM, 6.0) if lower.key in biased else 0.8 * gap)
    return min(sizes)


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of an axis: from where to where, and the text beside it."""

    start: Latex
    end: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class Curve:
    """A series: lines of coordinates, its style, its label and the label's place in the legend."""

    style: str
    label: Latex
    lines: list[Latex]
    sample: tuple[Latex, Latex]


@dataclass(frozen=True, slots=True)
class PlotSource:
    """What the template of a plot places."""

    alternative: Latex
    right: Latex
    top: Latex
    x_label_at: Latex
    y_label_at: Latex
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    x_label: Latex
    y_label: Latex
    curves: list[Curve]
    legend: bool
    caption: Latex


_STYLES = ("first", "second", "third", "fourth", "fifth", "sixth")


def plot(block: Plot, style: MathStyle) -> PlotSource:
    """Return a plot's curves and ticks, in cm from the corner of its axes."""
    xs = _Scale([x for x, _ in block.x_ticks] + [x for s in block.series for x, _ in s.points], block.width)
    ys = _Scale([y for y, _ in block.y_ticks] + [y for s in block.series for _, y in s.points], block.height)
    labelled = len(block.series) > 1
    return PlotSource(
        alternative=_comment(block.alternative),
        right=_point(block.width, 0),
        top=_point(0, block.height),
        x_label_at=_point(block.width / 2, -0.55),
        y_label_at=_point(0, block.height + 0.25),
        x_ticks=[
            Tick(_point(xs(value), -0.1), _point(xs(value), block.height), _tick(text))
            for value, text in block.x_ticks
        ],
        y_ticks=[
            Tick(_point(-0.1, ys(value)), _point(block.width, ys(value)), _tick(text))
            for value, text in block.y_ticks
        ],
        x_label=escape_latex(block.x_label),
        y_label=latex_line(block.y_label, style),
        curves=[
            Curve(
                _STYLES[index % len(_STYLES)],
                escape_latex(series.label),
                _coordinates(series, xs, ys),
                _sample(block, index),
            )
            for index, series in enumerate(block.series)
        ],
        legend=labelled,
        caption=latex_line(block.caption, style),
    )


def _sample(block: Plot, index: int) -> tuple[Latex, Latex]:
    """Return the ends of a curve's sample in the legend, in the upper right corner."""
    y = block.height - 0.35 - 0.5 * index
    return _point(block.width - 3.2, y), _point(block.width - 2.3, y)


class _Scale:
    """Maps values to lengths along an axis of this length."""

    def __init__(self, values: Iterable[float], length: float) -> None:
        found = list(values) or [0.0]
        self.low, high = min(found), max(found)
        self.factor = length / (high - self.low) if high > self.low else 0.0

    def __call__(self, value: float) -> float:
        return (value - self.low) * self.factor


def _tick(text: str) -> Latex:
    return Latex(f"$-${escape_latex(text[1:])}") if text[:1] in ("-", "−") else escape_latex(text)


def _coordinates(series: Series, xs: _Scale, ys: _Scale, per_line: int = 6) -> list[Latex]:
    """Return the points of a series as lines of coordinates, without those that coincide on paper."""
    kept: list[tuple[float, float]] = []
    placed = [(xs(x), ys(y)) for x, y in series.points]
    for index, (x, y) in enumerate(placed):
        near = kept and abs(x - kept[-1][0]) < _CLOSEST and abs(y - kept[-1][1]) < _CLOSEST
        if not near or index == len(placed) - 1:
            kept.append((x, y))
    texts = [f"({_cm(x)},{_cm(y)})" for x, y in kept]
    return [Latex(" ".join(texts[i : i + per_line])) for i in range(0, len(texts), per_line)]
