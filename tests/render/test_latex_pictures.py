"""Networks as LaTeX draws them: arrows lead from circle to circle."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

import pymupdf
import pytest

from symbackprop.engines.tex import compile_tex
from symbackprop.render.latex import render_latex
from symbackprop.worksheets import make_sheet

Point = tuple[float, float]


def circles_and_lines(pdf: bytes) -> tuple[list[tuple[Point, float]], list[tuple[Point, Point]]]:
    """Return the circles of the first page, each with its radius, and its straight lines."""
    circles, lines = [], []
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        for drawing in document[0].get_drawings():
            kinds = {item[0] for item in drawing["items"]}
            box = drawing["rect"]
            if kinds == {"c"} and abs(box.width - box.height) < 0.5 and box.width > 15:
                circles.append((((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), box.width / 2))
            for item in drawing["items"]:
                if item[0] == "l" and hypot(item[1].x - item[2].x, item[1].y - item[2].y) > 15:
                    lines.append(((item[1].x, item[1].y), (item[2].x, item[2].y)))
    return circles, lines


@pytest.mark.parametrize("name", ["two-output-sigmoid", "xor", "deep-network"])
def test_arrows_lead_from_circle_to_circle(name: str, need_tex: Callable[[str], str]) -> None:
    source = render_latex(make_sheet(name).document("sheet"))
    circles, lines = circles_and_lines(compile_tex(source, need_tex("pdflatex")))
    assert len(circles) >= 6
    # rules of tables and boxes are filled rectangles; what is stroked across is an arrow
    arrows = [line for line in lines if any(_near(line[0], circle, 8) for circle in circles)]
    assert len(arrows) >= 8
    for start, end in arrows:
        for centre, radius in circles:
            for point in (start, end):
                assert hypot(point[0] - centre[0], point[1] - centre[1]) > radius - 0.7


def _near(point: Point, circle: tuple[Point, float], distance: float) -> bool:
    (x, y), radius = circle
    return abs(hypot(point[0] - x, point[1] - y) - radius) < distance
