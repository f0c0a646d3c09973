"""Line plots: coordinates along the axes, for the drawing functions of `pictures.typ.j2`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...document.blocks import Line, Math, Plot, Series, Text
from .calls import call, number, point
from .source import Typst, escape_typst, typst_string

#: How far the names of two lines are apart, in cm.
APART = 0.46

Scale = Callable[[float], float]


def plot(block: Plot, line: Callable[[Line], Typst]) -> str:
    """Return the call that draws a plot, with coordinates from 0 to 1 along both axes."""
    across = _scale([x for x, _ in block.x_ticks], [x for one in block.series for x, _ in one.points])
    up = _scale([y for y, _ in block.y_ticks], [y for one in block.series for _, y in one.points])
    named = [f"size: {point(block.width, block.height)}"]
    if block.caption:
        named.append(f"caption: [{line(block.caption)}]")
    series = [one for one in block.series if one.points]
    heights = _label_heights([up(one.points[-1][1]) for one in series], APART / block.height)
    return call(
        "plot",
        typst_string(block.alternative),
        *named,
        f"x-label: [{escape_typst(block.x_label)}]",
        f"y-label: [{line(block.y_label)}]",
        x_ticks=[f"({number(across(x))}, [{escape_typst(text)}])" for x, text in block.x_ticks],
        y_ticks=[f"({number(up(y))}, [{escape_typst(text)}])" for y, text in block.y_ticks],
        series=[_series(one, at, across, up, line) for one, at in zip(series, heights, strict=True)],
    )


def _series(series: Series, at: float, across: Scale, up: Scale, line: Callable[[Line], Typst]) -> str:
    points = ", ".join(point(across(x), up(y)) for x, y in series.points)
    name = Text(series.label) if isinstance(series.label, str) else Math(series.label)
    return f"([{line((name,))}], {number(at)}, ({points},))"


def _scale(ticks: Sequence[float], values: Sequence[float]) -> Scale:
    """Return the map of an axis to 0..1, wide enough for its ticks and its points."""
    low, high = min([*ticks, *values], default=0.0), max([*ticks, *values], default=1.0)
    span = (high - low) or 1.0
    return lambda value: (value - low) / span


def _label_heights(ends: Sequence[float], apart: float) -> list[float]:
    """Return where the names of the lines stand: beside their ends, but clear of each other."""
    order = sorted(range(len(ends)), key=lambda index: (ends[index], -index))
    heights = list(ends)
    floor = -1.0
    for index in order:
        heights[index] = floor = max(ends[index], floor + apart)
    ceiling = 1.0 + apart
    for index in reversed(order):
        heights[index] = ceiling = min(heights[index], ceiling - apart)
    return heights
