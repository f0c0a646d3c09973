"""The range and the grid that written numbers suggest: what a teacher would say of them."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.formulas.terms import Number
from symbackprop.spec.choosing import exact
from symbackprop.variants.suggestion import Bounds, suggested

UNIT = Bounds(Fraction(0), Fraction(1))  # what a sigmoid sends out


@pytest.mark.parametrize(
    ("written", "low", "high", "step"),
    [
        # hundredths that are multiples of 0.05 stay so; twelve numbers for eight that differ
        ("0.15 0.20 0.25 0.30 0.40 0.45 0.50 0.55", "0.10", "0.65", "1/20"),
        ("0.12 0.20", "0.08", "0.24", "1/100"),
        ("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8", "0.1", "1.2", "1/10"),
        # one number: about as wide as it is large, at least six numbers
        ("0.2", "0.1", "0.6", "1/10"),
        ("0.25", "0.15", "0.40", "1/20"),
        ("0.027", "0.014", "0.040", "1/1000"),
        ("1", "1", "6", "1"),
        # both signs: the range that is written
        ("0.3 -0.1 0.2 0.5", "-0.1", "0.5", "1/10"),
        ("0.13 -0.2", "-0.2", "0.13", "1/100"),
        ("-0.1", "-0.6", "-0.1", "1/10"),
        # halves only where three numbers say so
        ("1 0.5 -1 2", "-1", "2", "1/2"),
        ("0.5", "0.3", "0.8", "1/10"),
        ("100 250", "90", "260", "10"),
        # fractions, and numbers that no hand has written
        ("1/3 2/3", "1/3", "2", "1/3"),
        ("0.49671415301123 -0.13826430", "-0.13", "0.49", "1/100"),
        ("2.5e-9", "1.5e-9", "4.0e-9", "1/2000000000"),
    ],
)
def test_what_numbers_suggest(written: str, low: str, high: str, step: str) -> None:
    pool = suggested([Number.parse(text) for text in written.split()], Bounds(), zero=False)
    assert pool is not None
    ends = (str(pool.style.write(pool.low)), str(pool.style.write(pool.high)))
    assert (*ends, pool.step) == (low, high, Fraction(step))


def test_targets_of_sigmoids_stay_between_zero_and_one() -> None:
    for written, low, high in (("0.01 0.99", "0.01", "0.99"), ("0.9", "0.4", "0.9"), ("0.5", "0.3", "0.8")):
        pool = suggested([Number(text) for text in written.split()], UNIT, zero=False)
        assert pool is not None
        assert (str(pool.style.write(pool.low)), str(pool.style.write(pool.high))) == (low, high)


def test_numbers_that_repeat_themselves_fill_their_range() -> None:
    pixels = [
        Number(text)
        for text in ["1", "0", "2", "1", "0", "1", "1", "0", "2", "1", "0", "1", "1", "0", "1", "2"]
    ]
    pool = suggested(pixels, Bounds(), zero=True)
    assert pool is not None
    assert [str(number) for number, _ in pool._all()] == ["0", "1", "2"]


def test_zeros_stay_where_all_have_the_same_places() -> None:
    same = suggested([Number("0.10"), Number("0.25")], Bounds(), zero=False)
    mixed = suggested([Number("0.1"), Number("0.25")], Bounds(), zero=False)
    assert same is not None and mixed is not None
    assert "0.30" in [str(number) for number, _ in same._all()]
    assert "0.3" in [str(number) for number, _ in mixed._all()]


numbers = st.lists(
    st.builds(
        lambda n, places: f"{n / 10**places:.{places}f}" if n else "0",
        st.integers(-999, 999),
        st.integers(0, 3),
    ).map(Number),
    min_size=1,
    max_size=8,
)


@given(numbers, st.booleans())
def test_a_suggestion_has_room_and_keeps_the_signs(written: list[Number], zero: bool) -> None:
    pool = suggested(written, Bounds(), zero=zero)
    assert pool is not None and pool.size >= 2
    values = [exact(number) for number in written]
    if min(values) > 0:
        assert pool.low >= 0
    if max(values) < 0:
        assert pool.high <= 0
    for number, _ in islice(pool._all(), 100):
        assert (exact(number) / pool.step).denominator == 1
        assert zero or exact(number) != 0
    if zero:
        assert pool.low <= min(values) and pool.high >= max(values)
        assert all(pool.holds(number) for number in written)


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6))
def test_a_suggestion_keeps_within_bounds(hundredths: list[int]) -> None:
    pool = suggested([Number(f"0.{n:02d}") for n in hundredths], UNIT, zero=False)
    assert pool is not None
    assert 0 < pool.low < pool.high < 1
