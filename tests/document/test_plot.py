"""Plots: round ticks without noise, thinning that keeps the outline, odd series."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.document.blocks import Plot, Text
from symbackprop.document.pictures.plot import MOST_POINTS, loss_plot, thin
from symbackprop.formulas.terms import Number, Power


def plot(points: list[tuple[float, float]], **options: str) -> Plot:
    return loss_plot(points, x_label="epoch", y_label=(Text("E"),), alternative="a curve", **options)  # type: ignore[arg-type]


def texts(ticks: tuple[tuple[float, str], ...]) -> list[str]:
    return [text for _, text in ticks]


def test_a_training_curve_has_round_ticks() -> None:
    found = plot([(epoch, 0.5 * math.exp(-0.4 * epoch)) for epoch in range(11)])
    assert texts(found.x_ticks) == ["0", "2", "4", "6", "8", "10"]
    assert texts(found.y_ticks) == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]


def test_a_slow_curve_is_not_shown_from_zero() -> None:
    found = plot([(0, 0.298371), (10, 0.291)])
    assert texts(found.y_ticks)[0] != "0.0"
    assert found.y_ticks[0][0] <= 0.291
    assert found.y_ticks[-1][0] >= 0.298371


def test_epochs_are_whole_numbers() -> None:
    assert texts(plot([(0, 0.5), (1, 0.4)]).x_ticks) == ["0", "1"]
    assert texts(plot([(0, 0.5), (2, 0.4)]).x_ticks) == ["0", "1", "2"]
    assert texts(plot([(0, 0.5), (10000, 0.4)]).x_ticks) == ["0", "2000", "4000", "6000", "8000", "10000"]


def test_a_constant_series_and_a_single_point_have_axes() -> None:
    constant = plot([(epoch, 0.25) for epoch in range(5)])
    assert constant.y_ticks[0][0] < 0.25 < constant.y_ticks[-1][0]
    single = plot([(0, 0.25)])
    assert texts(single.x_ticks) == ["0", "1"]
    assert texts(plot([(7, 0.0)]).x_ticks) == ["6", "7", "8"]
    assert texts(plot([(0, 0.0), (1, 0.0)]).y_ticks)[0] == "0.0"


@pytest.mark.parametrize(
    ("value", "power"), [(1.2e-7, "-7"), (3.4e17, "17"), (2e-300, "-300"), (1e300, "300")]
)
def test_magnitudes_go_to_the_label(value: float, power: str) -> None:
    found = plot([(1, value), (2, value / 3)])
    assert found.y_label[-1].term == Power(Number("10"), Number(power))  # type: ignore[union-attr]
    assert all(len(text) <= 4 for text in texts(found.y_ticks))
    assert found.y_ticks[-1][0] >= value


def test_ordinary_magnitudes_do_not() -> None:
    assert plot([(1, 0.001), (2, 0.0007)]).y_label == (Text("E"),)
    assert plot([(1, 45000.0), (2, 12.0)]).y_label == (Text("E"),)


def test_the_decimal_mark_is_that_of_the_sheet() -> None:
    assert texts(plot([(0, 0.5), (1, 0.1)], decimal=",").y_ticks)[1] == "0,1"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"the point \(2, .*\) is not"):
        plot([(1, 0.5), (2, bad)])


def test_no_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        plot([])


finite = st.floats(-1e300, 1e300, allow_nan=False, allow_subnormal=False)


@given(st.lists(st.tuples(st.integers(0, 10**6).map(float), finite), min_size=1, max_size=30))
def test_ticks_are_round_even_and_enclose_the_points(points: list[tuple[float, float]]) -> None:
    points.sort()
    found = plot(points)
    for ticks, values in ((found.x_ticks, [x for x, _ in points]), (found.y_ticks, [y for _, y in points])):
        assert 2 <= len(ticks) <= 14
        assert ticks[0][0] <= min(values)
        assert ticks[-1][0] >= max(values)
        assert all(re.fullmatch(r"-?\d+(\.\d+)?", text) for _, text in ticks)
        assert len({text for _, text in ticks}) == len(ticks)
        shown = [Decimal(text) for _, text in ticks]
        steps = {later - earlier for earlier, later in pairwise(shown)}
        assert len(steps) == 1
        assert steps.pop().normalize().as_tuple().digits in {(1,), (2,), (5,)}
    assert all("." not in text for text in texts(found.x_ticks))


@given(st.integers(1, 3000), st.integers(10, 400))
def test_thinning_keeps_ends_and_extremes(count: int, most: int) -> None:
    points = [(float(x), math.sin(x * 0.37) * (x % 17)) for x in range(count)]
    kept = thin(points, most)
    assert len(kept) <= max(most, 1)
    assert set(kept) <= set(points)
    assert list(kept) == sorted(kept)
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    heights = [y for _, y in kept]
    assert min(heights) == min(y for _, y in points)
    assert max(heights) == max(y for _, y in points)


def test_a_long_training_is_thinned() -> None:
    points = [(float(epoch), 1 / (1 + epoch)) for epoch in range(10001)]
    assert len(plot(points).series[0].points) <= MOST_POINTS
