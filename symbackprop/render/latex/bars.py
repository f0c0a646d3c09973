"""Bar charts as rectangles and labels for TikZ."""

from __future__ import annotations

from dataclasses import dataclass

from ...document.blocks import BarChart, MathStyle
from .diagrams import comment, point
from .escape import Latex, escape_latex
from .text import latex_line

PITCH, THICK = 0.5, 0.32  # cm, from bar to bar and of a bar


@dataclass(frozen=True, slots=True)
class BarMark:
    """A bar: its corners, and the words before and behind it."""

    low: Latex
    high: Latex
    label_at: Latex
    label: Latex
    text_at: Latex
    text: Latex


@dataclass(frozen=True, slots=True)
class BarsSource:
    """What the template of a bar chart places."""

    alternative: Latex
    bars: list[BarMark]
    top: Latex
    foot: Latex
    caption: Latex


def bar_chart(block: BarChart, style: MathStyle) -> BarsSource:
    """Return a chart's bars, in cm from the top of the line that they begin at."""
    marks = []
    for index, bar in enumerate(block.bars):
        y, end = -PITCH * (index + 0.5), block.length * bar.share
        marks.append(
            BarMark(
                point(0, y - THICK / 2),
                point(end, y + THICK / 2),
                point(-0.05, y),
                latex_line(bar.label, style),
                point(end + 0.05, y),
                escape_latex(bar.text),
            )
        )
    foot = point(0, -PITCH * len(block.bars))
    return BarsSource(comment(block.alternative), marks, point(0, 0), foot, latex_line(block.caption, style))
