"""Bar charts in each format: the same bars, in the same order, with their words escaped."""

from __future__ import annotations

import re

import pytest

from symbackprop.document.blocks import Bar, BarChart, Document, Text
from symbackprop.document.layout.pages import block_height
from symbackprop.engines.typst import compile_typst
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst


def sheet(*shares: float) -> Document:
    bars = tuple(Bar((Text(f"50 % & #{n}"),), share, str(n)) for n, share in enumerate(shares))
    return Document("Results", "Homework", (), (BarChart(bars, "Bars.", (Text("How many"),)),))


def test_plain_text() -> None:
    lines = [line for line in render_plain(sheet(1.0, 0.5, 0.0)).splitlines() if "│" in line]
    assert [line.count("█") for line in lines] == [40, 20, 0]
    assert [line.split("│")[0].strip() for line in lines] == ["50 % & #0", "50 % & #1", "50 % & #2"]
    assert lines[2].endswith("│ 2")


def test_latex() -> None:
    source = render_latex(sheet(1.0, 0.25))
    ends = re.findall(r"rectangle \(([\d.]+),", source)
    assert list(map(float, ends)) == [8.0, 2.0]  # cm
    assert r"50 \% \& \#0" in source and r"\remark{How many}" in source


def test_typst() -> None:
    source = render_typst(sheet(1.0, 0.25))
    found = re.findall(r'\(\[#"50 % & #(\d)";\], ([\d.]+), \[(\d)\]\),', source)
    assert found == [("0", "1", "0"), ("1", "0.25", "1")]
    assert compile_typst(source) and compile_typst(render_typst(sheet()))


def test_a_longer_chart_is_taller() -> None:
    style = sheet().style
    heights = [block_height(sheet(*[1.0] * count).blocks[0], style) for count in (1, 5, 10)]
    assert (heights[2] - heights[1]) / 5 == pytest.approx((heights[1] - heights[0]) / 4)
    assert heights[0] < heights[1]
