"""Diagrams and plots in Typst: coordinates, order, what is left out."""

from __future__ import annotations

import math
import re

import pymupdf
import pytest
from typst_sample import N, document, network, s, t

from symbackprop.document.blocks import (
    Beside,
    BiasMark,
    Connection,
    Diagram,
    Label,
    Plot,
    Series,
    Unit,
)
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.terms import Words
from symbackprop.render.typst import render_typst
from symbackprop.render.typst.diagram import Wire
from symbackprop.render.typst.plot import _label_heights


def test_a_wire_is_cut_at_the_circles() -> None:
    wire = Wire((0.0, 0.0), (2.0, -2.0), (4.0, 0.0))
    t_leaving = wire.leaving((0.0, 0.0), 0.4)
    part = wire.between(t_leaving, 1 - wire.backwards().leaving((4.0, 0.0), 0.4))
    assert math.dist(part.start, (0.0, 0.0)) == pytest.approx(0.4)
    assert math.dist(part.end, (4.0, 0.0)) == pytest.approx(0.4)
    assert part.at(0.5) == pytest.approx((2.0, -1.0))
    assert wire.slope(0.5) == pytest.approx(0.0)
    assert wire.slope(0.0) == pytest.approx(-45.0)


def picture(**changes: object) -> Diagram:
    units = (
        Unit("a", 0.5, 1.0, s("x"), "input"),
        Unit("", 0.5, 2.0, Words("nothing"), "elided"),
        Unit("b", 4.5, 1.0, s("y"), "output"),
    )
    fields = {"units": units, "connections": (Connection("a", "b", None, 0.5),), "biases": ()}
    return Diagram(**(fields | {"width": 5.0, "height": 2.5, "alternative": "a picture"} | changes))  # type: ignore[arg-type]


def test_a_connection_runs_from_circle_to_circle() -> None:
    assert "((0.92, 1), (2.5, 1), (4.08, 1))," in render_typst(document(blocks=(picture(),)))


def test_labels_stand_where_the_connection_says() -> None:
    label = Label(s("w"), N("0.5"))
    for connection, place in (
        (Connection("a", "b", label, 0.25), "(1.5, 1), 0deg"),
        (Connection("a", "b", label, 0.5, bend=0.8), "(2.5, 0.2), 0deg"),
        (Connection("a", "b", label, 0.0, bend=0.5, sloped=True), "(0.5, 1), -26.5651deg"),
    ):
        source = render_typst(document(blocks=(picture(connections=(connection,)),)))
        assert f"({place}, [#formula(" in source


def test_biases_come_from_above_or_below() -> None:
    biases = (BiasMark("b", Label(s("c"))), BiasMark("b", Label(s("d")), below=True))
    source = render_typst(document(blocks=(picture(biases=biases),)))
    assert "((4.5, 0.3), (4.5, 0.58), [" in source
    assert "((4.5, 1.7), (4.5, 1.42), [" in source


def test_units_left_out_are_dots() -> None:
    source = render_typst(document(blocks=(picture(),)))
    assert "((0.5, 2), none)," in source and "nothing" not in source.split("#show: sheet")[1]


def test_a_diagram_fits_into_a_narrow_column() -> None:
    sheet = document(blocks=(Beside((), (network(),), share=0.6),))
    with pymupdf.open(stream=compile_typst(render_typst(sheet))) as pdf:
        right = max(word[2] for word in pdf[0].get_text("words"))
        assert right < pdf[0].rect.width - 18 * 72 / 25.4
        sizes = [
            span["size"]
            for block in pdf[0].get_text("dict")["blocks"]
            for line in block.get("lines", [])
            for span in line["spans"]
            if re.fullmatch(r"0\.\d\d", span["text"].strip())
        ]
    assert sizes and min(sizes) >= 5.9


def test_names_of_lines_keep_clear_of_each_other() -> None:
    heights = _label_heights([0.02, 0.0, 0.01, 0.9], 0.1)
    assert heights == pytest.approx([0.2, 0.0, 0.1, 0.9])
    assert _label_heights([1.0, 1.0], 0.1) == pytest.approx([1.0, 0.9])
    assert _label_heights([], 0.1) == []


def test_coordinates_of_a_plot_run_from_0_to_1() -> None:
    series = (Series("", ((0.0, 2.0), (5.0, 3.0))), Series("none", ()))
    plot = Plot(series, "x", t("y"), ((0.0, "0"), (10.0, "10")), ((2.0, "2"), (4.0, "4")), "a plot")
    source = render_typst(document(blocks=(plot,)))
    assert "([], 0.5, ((0, 0), (0.5, 0.5),))," in source
    assert "(1, [10])," in source and "none" not in source.split("#plot(\n")[1]
    assert compile_typst(source)


def test_a_plot_of_one_point_or_none() -> None:
    for points in (((1.0, 1.0),), ()):
        plot = Plot((Series("a", points),), "x", (), (), (), "a plot")
        assert compile_typst(render_typst(document(blocks=(plot,))))
