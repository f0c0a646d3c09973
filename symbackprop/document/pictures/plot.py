"""Plots of a quantity over the epochs: ticks, thinning, magnitudes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from ...formulas.terms import Number, Power, Term
from ..blocks import Line, Math, Plot, Series, Text

MOST_POINTS = 400
_STEPS = (1, 2, 5, 10)

Point = tuple[float, float]
Tick = tuple[float, str]


def loss_plot(
    points: Sequence[Point],
    *,
    x_label: str,
    y_label: Line,
    alternative: str,
    label: str = "",
    caption: Line = (),
    decimal: str = ".",
    width: float = 11.0,
    height: float = 5.5,
) -> Plot:
    """Return the plot of one series of points (epoch, loss), in the order of the epochs.

    Both axes have ticks at round numbers; the outermost enclose all points. A loss that comes near
    zero is shown from zero on. Values too small or too large for plain tick marks are marked in
    units of a power of ten, which the label then states.

    Raises:
        ValueError: there are no points, or a value is not finite.
    """
    return curves_plot(
        [(label, points)],
        x_label=x_label,
        y_label=y_label,
        alternative=alternative,
        caption=caption,
        decimal=decimal,
        width=width,
        height=height,
    )


def curves_plot(
    curves: Sequence[tuple[str | Term, Sequence[Point]]],
    *,
    x_label: str,
    y_label: Line,
    alternative: str,
    caption: Line = (),
    decimal: str = ".",
    width: float = 11.0,
    height: float = 5.5,
) -> Plot:
    """Return the plot of several labelled series of points over the same axes.

    Raises:
        ValueError: there are no points, or a value is not finite.
    """
    points = [point for _, series in curves for point in series]
    if not points or not all(series for _, series in curves):
        raise ValueError("a plot needs at least one point; none was given")
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError(f"a plot needs finite values; the point ({x}, {y}) is not")
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = min(ys), max(ys)
    if 0 < low < 0.4 * high:
        low = 0.0
    y_values = _round_values(low, high, max(2, round(height)))
    power = _power(y_values)
    if power:
        y_label = (*y_label, Text(" in units of "), Math(Power(Number("10"), Number(str(power)))))
    whole = all(x == int(x) for x in xs)
    x_values = _round_values(min(xs), max(xs), max(2, round(width / 1.6)), whole=whole)
    return Plot(
        series=tuple(Series(label, thin(series)) for label, series in curves),
        x_label=x_label,
        y_label=y_label,
        x_ticks=_ticks(x_values, 0, decimal),
        y_ticks=_ticks(y_values, power, decimal),
        alternative=alternative,
        caption=caption,
        width=width,
        height=height,
    )


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Return at most `most` of the points, among them the ends and the extremes of every stretch.

    The series is divided into stretches of equal length; of each its lowest and its highest point
    remain, so that a thinned curve has the outline of the whole.
    """
    if len(points) <= most:
        return tuple(points)
    inner = range(1, len(points) - 1)
    stretches = (most - 2) // 2
    kept = {0, len(points) - 1}
    for part in range(stretches):
        stretch = inner[part * len(inner) // stretches : (part + 1) * len(inner) // stretches]
        kept.add(min(stretch, key=lambda index: points[index][1]))
        kept.add(max(stretch, key=lambda index: points[index][1]))
    return tuple(points[index] for index in sorted(kept))


def _round_values(low: float, high: float, about: int, *, whole: bool = False) -> list[Decimal]:
    """Return evenly spaced round numbers, some `about` of them, the outermost enclosing low and high.

    The step is one, two or five times a power of ten, with `whole` at least one.
    """
    if low == high:
        low, high = _widened(low, whole)
    bottom, top = Decimal(repr(low)), Decimal(repr(high))
    exact = (top - bottom) / about
    unit = Decimal(1).scaleb(exact.adjusted())
    step = next(factor * unit for factor in _STEPS if factor * unit >= exact)
    if whole:
        step = max(step, Decimal(1))
    first = (bottom / step).to_integral_value("ROUND_FLOOR")
    last = (top / step).to_integral_value("ROUND_CEILING")
    return [(first + index) * step for index in range(int(last - first) + 1)]


def _widened(value: float, whole: bool) -> Point:
    """Return a range around a value that does not change."""
    if whole:
        return value - (1 if value >= 1 else 0), value + 1
    if value == 0:
        return 0.0, 1.0
    return (0.0, 2 * value) if value > 0 else (2 * value, 0.0)


def _power(values: Sequence[Decimal]) -> int:
    """Return the power of ten that tick marks are multiples of, 0 where plain numbers do."""
    largest = max(abs(value) for value in values).adjusted()
    return largest if largest < -3 or largest > 5 else 0


def _ticks(values: Sequence[Decimal], power: int, decimal: str) -> tuple[Tick, ...]:
    """Return the ticks, all with the same number of decimal places."""
    scaled = [value.scaleb(-power) for value in values]
    places = max(_places(value) for value in scaled)
    texts = (f"{abs(value) if value == 0 else value:.{places}f}" for value in scaled)
    return tuple(
        (float(value), text.replace(".", decimal)) for value, text in zip(values, texts, strict=True)
    )


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
