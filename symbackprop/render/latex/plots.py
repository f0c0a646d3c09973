"""Plots as curves, ticks and labels for TikZ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...document.blocks import Math, MathStyle, Plot, Series, Text
from .diagrams import comment, length, point
from .escape import Latex, escape_latex
from .text import latex_line

_CLOSEST = 0.02  # cm, points nearer to each other are one


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
        alternative=comment(block.alternative),
        right=point(block.width, 0),
        top=point(0, block.height),
        x_label_at=point(block.width / 2, -0.55),
        y_label_at=point(0, block.height + 0.25),
        x_ticks=[
            Tick(point(xs(value), -0.1), point(xs(value), block.height), _tick(text))
            for value, text in block.x_ticks
        ],
        y_ticks=[
            Tick(point(-0.1, ys(value)), point(block.width, ys(value)), _tick(text))
            for value, text in block.y_ticks
        ],
        x_label=escape_latex(block.x_label),
        y_label=latex_line(block.y_label, style),
        curves=[
            Curve(
                _STYLES[index % len(_STYLES)],
                latex_line((_name(series),), style),
                _coordinates(series, xs, ys),
                _sample(block, index),
            )
            for index, series in enumerate(block.series)
        ],
        legend=labelled,
        caption=latex_line(block.caption, style),
    )


def _name(series: Series) -> Text | Math:
    return Text(series.label) if isinstance(series.label, str) else Math(series.label)


def _sample(block: Plot, index: int) -> tuple[Latex, Latex]:
    """Return the ends of a curve's sample in the legend, to the right of the plot, clear of every curve."""
    y = block.height - 0.35 - 0.5 * index
    return point(block.width + 0.4, y), point(block.width + 1.3, y)


class _Scale:
    """Maps values to lengths along an axis of this length."""

    def __init__(self, values: Iterable[float], extent: float) -> None:
        found = list(values) or [0.0]
        self.low, high = min(found), max(found)
        self.factor = extent / (high - self.low) if high > self.low else 0.0

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
    texts = [f"({length(x)},{length(y)})" for x, y in kept]
    return [Latex(" ".join(texts[i : i + per_line])) for i in range(0, len(texts), per_line)]
