"""Midpoint-radius matrices against exact fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import numpy as np
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.bulk.enclosures import Enclosure, added, decided, enclosure

rationals = st.fractions(-1000, 1000, max_denominator=10**6) | st.sampled_from(
    [Fraction(0), Fraction(1, 10**200), Fraction(10**200), Fraction(-1, 3 * 10**160)]
)


def _matrix(draw: st.DrawFn, rows: int, columns: int) -> list[list[Fraction]]:
    return [[draw(rationals) for _ in range(columns)] for _ in range(rows)]


@st.composite
def factors(draw: st.DrawFn) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    rows, inner, columns = (draw(st.integers(1, 4)) for _ in range(3))
    return _matrix(draw, rows, inner), _matrix(draw, inner, columns)


def _enclosed(matrix: list[list[Fraction]], *, balls: bool) -> Enclosure:
    entries = [[fmpq(x.numerator, x.denominator) for x in row] for row in matrix]
    return enclosure([[arb(x) if balls and x else x for x in row] for row in entries])


@settings(max_examples=200, deadline=None)
@given(factors(), st.booleans())
def test_products_enclose_the_exact_ones(
    pair: tuple[list[list[Fraction]], list[list[Fraction]]], balls: bool
) -> None:
    left, right = pair
    product = _enclosed(left, balls=balls).product(_enclosed(right, balls=balls))
    for i, row in enumerate(left):
        for j in range(len(right[0])):
            exact = sum((row[k] * right[k][j] for k in range(len(right))), Fraction(0))
            if product.zero[i, j]:
                assert exact == 0
            elif np.isfinite(product.radius[i, j]):
                middle, radius = Fraction(float(product.middle[i, j])), Fraction(float(product.radius[i, j]))
                assert abs(exact - middle) <= radius


def test_the_bound_is_not_met_by_cancellation_alone() -> None:
    product = _enclosed([[Fraction(10**16), Fraction(1), Fraction(-(10**16))]], balls=False).product(
        _enclosed([[Fraction(1)], [Fraction(1)], [Fraction(1)]], balls=False)
    )
    assert abs(Fraction(float(product.middle[0, 0])) - 1) <= Fraction(float(product.radius[0, 0]))
    assert product.radius[0, 0] > 1  # it is known not to be known
    assert not decided(product, 6)[0, 0]


def test_what_doubles_cannot_hold_is_not_known() -> None:
    large = _enclosed([[Fraction(10**200)]], balls=False)
    product = large.product(large)
    assert product.radius[0, 0] == np.inf
    assert not decided(product, 6)[0, 0]


@given(st.lists(st.tuples(st.integers(0, 3), rationals), min_size=1, max_size=12))
def test_sums_by_index_enclose_the_exact_ones(items: list[tuple[int, Fraction]]) -> None:
    index = np.array([[position for position, _ in items]])
    values = _enclosed([[value for _, value in items]], balls=False)
    total = added([(index, values)], 3)  # 3 is beyond the end
    for position in range(3):
        exact = sum((value for at, value in items if at == position), Fraction(0))
        if total.zero[position]:
            assert exact == 0
        else:
            middle, radius = Fraction(float(total.middle[position])), Fraction(float(total.radius[position]))
            assert abs(exact - middle) <= radius


@settings(max_examples=300)
@given(
    st.integers(1, 10**7 - 1) | st.sampled_from([1234565, 9999995, 1000000, 9999994, 1000005]),
    st.integers(-40, 40),
    st.floats(0.0, 1e-2),
    st.integers(1, 12),
)
def test_decided_digits_are_those_of_every_point(
    mantissa: int, power: int, relative: float, digits: int
) -> None:
    middle = float(f"{mantissa}e{power}")
    radius = middle * relative
    whole = Enclosure(np.array([middle]), np.array([radius]), np.array([False]))
    if decided(whole, digits)[0]:
        context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
        ends = (Decimal(middle) - Decimal(radius), Decimal(middle), Decimal(middle) + Decimal(radius))
        assert len({context.create_decimal(end) for end in ends}) == 1


def test_most_values_are_decided() -> None:
    values = np.random.default_rng(0).standard_normal(10_000)
    whole = Enclosure(values, np.abs(values) * 1e-15, np.zeros(10_000, dtype=bool))
    assert decided(whole, 6).mean() > 0.999
