"""Diagrams and plots: their coordinates, for the drawing functions of `pictures.typ.j2`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...document.blocks import Diagram, Label, Line, Plot, Series
from ...terms import Term
from .source import Typst, escape_typst, typst_string

#: What a circle and a bias mark above it take, in cm; `pictures.typ.j2` draws them in these sizes.
RADIUS, MARK = 0.42, 0.72
#: How far the names of two lines of a plot are apart, in cm.
LABEL = 0.38


def diagram(block: Diagram, formula: Callable[[Term], Typst]) -> str:
    """Return the call that draws a network: connections, units, biases, column labels."""
    units = {unit.key: unit for unit in block.units}
    wires, tags = [], []
    for connection in block.connections:
        source, target = units[connection.source], units[connection.target]
        wires.append(f"({_at(source.x, source.y)}, {_at(target.x, target.y)})")
        if connection.label is not None:
            x = source.x + (target.x - source.x) * connection.at
            y = source.y + (target.y - source.y) * connection.at
            tags.append(f"({_at(x, y)}, [{_label(connection.label, formula)}])")
    circles = [
        f"({_at(unit.x, unit.y)}, [{formula(unit.label)}], {typst_string(unit.role)})" for unit in block.units
    ]
    marks = [
        f"({_at(units[bias.target].x, units[bias.target].y)}, [{_label(bias.label, formula)}])"
        for bias in block.biases
    ]
    above = max([RADIUS, *(MARK - units[bias.target].y + RADIUS for bias in block.biases)])
    return _call(
        "diagram",
        typst_string(block.alternative),
        f"size: {_at(block.width, block.height)}",
        f"above: {_cm(above)}",
        wires=wires,
        labels=tags,
        units=circles,
        biases=marks,
        columns=[f"({_cm(x)}, [{escape_typst(text)}])" for x, text in block.column_labels],
    )


def _label(label: Label, formula: Callable[[Term], Typst]) -> str:
    """Return a label: the name, and its value where it is known."""
    if label.value is None:
        return formula(label.term)
    return f"{formula(label.term)}#h(0.3em);{formula(label.value)}"


def plot(block: Plot, line: Callable[[Line], Typst]) -> str:
    """Return the call that draws a plot, with coordinates from 0 to 1 along both axes."""
    across = _scale([x for x, _ in block.x_ticks], [x for one in block.series for x, _ in one.points])
    up = _scale([y for y, _ in block.y_ticks], [y for one in block.series for _, y in one.points])
    named = [f"size: {_at(block.width, block.height)}"]
    if block.caption:
        named.append(f"caption: [{line(block.caption)}]")
    return _call(
        "plot",
        typst_string(block.alternative),
        *named,
        f"x-label: [{escape_typst(block.x_label)}]",
        f"y-label: [{line(block.y_label)}]",
        x_ticks=[f"({_cm(across(x))}, [{escape_typst(text)}])" for x, text in block.x_ticks],
        y_ticks=[f"({_cm(up(y))}, [{escape_typst(text)}])" for y, text in block.y_ticks],
        series=[
            _series(one, at, across, up)
            for one, at in zip(block.series, _label_heights(block, up), strict=True)
            if one.points
        ],
    )


def _series(series: Series, at: float, across: Callable[[float], float], up: Callable[[float], float]) -> str:
    points = ", ".join(_at(across(x), up(y)) for x, y in series.points)
    return f"([{escape_typst(series.label)}], {_cm(at)}, ({points},))"


def _label_heights(block: Plot, up: Callable[[float], float]) -> list[float]:
    """Return where the names of the lines stand, beside their ends but clear of each other."""
    ends = [up(one.points[-1][1]) if one.points else 0.0 for one in block.series]
    order = sorted(range(len(ends)), key=lambda index: (ends[index], -index))
    apart = LABEL / block.height
    heights = list(ends)
    floor = -1.0
    for index in order:
        heights[index] = floor = max(ends[index], floor + apart)
    ceiling = 1.0 + apart
    for index in reversed(order):
        heights[index] = ceiling = min(heights[index], ceiling - apart)
    return heights


def _scale(ticks: Sequence[float], values: Sequence[float]) -> Callable[[float], float]:
    """Return the map of an axis to 0..1, wide enough for its ticks and its points."""
    low, high = min([*ticks, *values], default=0.0), max([*ticks, *values], default=1.0)
    span = (high - low) or 1.0
    return lambda value: (value - low) / span


def _cm(value: float) -> str:
    """Return a coordinate, rounded to what print can show."""
    return f"{round(value, 4) + 0.0:g}" if abs(value) >= 1e-4 else "0"


def _at(x: float, y: float) -> str:
    return f"({_cm(x)}, {_cm(y)})"


def _call(function: str, *arguments: str, **lists: Sequence[str]) -> str:
    """Return a call over several lines; lists have one item a line."""
    lines = [f"#{function}("]
    lines += [f"  {argument}," for argument in arguments]
    for name, items in lists.items():
        if items:
            lines += [f"  {name.replace('_', '-')}: (", *(f"    {item}," for item in items), "  ),"]
    return "\n".join([*lines, ")"])
