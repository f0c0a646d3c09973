"""Pools: which numbers are in them, how they are written, how likely they are."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from statistics import NormalDist

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.formulas.terms import Number
from symbackprop.numbers.digits import number_value
from symbackprop.spec.choices import Listed, Normal, Range
from symbackprop.spec.choosing import parse_choice
from symbackprop.variants.normal import NormalPool, normal
from symbackprop.variants.pools import GridPool, Pool, Style, listed, ranged
from symbackprop.variants.stream import WORD, Stream


def pool_of(text: object, *, nonzero: bool = False) -> Pool:
    choice = parse_choice(text)
    if isinstance(choice, Listed):
        return listed(choice)
    return ranged(choice, nonzero=nonzero) if isinstance(choice, Range) else normal(choice, nonzero=nonzero)


def texts(pool: Pool) -> list[str]:
    return [str(number) for number, _ in pool._all()]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("-0.1 to 0.15 by 0.05", "-0.10 -0.05 0.00 0.05 0.10 0.15"),
        ("0 to 1 by 0.25", "0.00 0.25 0.50 0.75 1.00"),
        ("0.1 to 0.3", "0.1 0.2 0.3"),
        ("-1 to 1", "-1 0 1"),
        ("10 to 30 by 10", "10 20 30"),
        ("1e-3 to 3e-3", "0.001 0.002 0.003"),
        ("1/3 to 1 by 1/3", "1/3 2/3 1"),
        (["0.10", "1/3", "-2"], "0.10 1/3 -2"),
        ("0.5", "0.5"),
        ({"from": "0.2", "to": "0.3", "by": "0.05"}, "0.20 0.25 0.30"),
        (
            {"distribution": "normal", "mean": "0.1", "sd": "0.02", "by": "0.05"},
            "0.00 0.05 0.10 0.15 0.20",
        ),
        (
            {"distribution": "normal", "mean": "0", "sd": "1", "by": "0.5", "from": "-0.7", "to": "1"},
            "-0.5 0.0 0.5 1.0",
        ),
    ],
)
def test_the_numbers_of_a_pool(choice: object, expected: str) -> None:
    pool = pool_of(choice)
    assert texts(pool) == expected.split()
    assert pool.size == len(texts(pool))
    for number, value in pool._all():
        assert value == number_value(number)
        assert pool.holds(number)


def test_zero_is_left_out_where_a_range_crosses_it() -> None:
    assert texts(pool_of("-0.1 to 0.1 by 0.05", nonzero=True)) == ["-0.10", "-0.05", "0.05", "0.10"]
    assert texts(pool_of("0 to 0.1 by 0.05", nonzero=True)) == ["0.00", "0.05", "0.10"]  # an end is meant
    bell = {"distribution": "normal", "mean": "0", "sd": "0.1", "by": "0.5", "from": "-0.5", "to": "0.5"}
    assert texts(pool_of(bell, nonzero=True)) == ["-0.5", "0.5"] or pool_of(bell).size == 1


def test_a_number_is_left_out_unless_it_is_the_only_one() -> None:
    half = Fraction(1, 2)
    assert texts(pool_of("0.4 to 0.6 by 0.1").without_value(half)) == ["0.4", "0.6"]
    assert texts(pool_of(["0.5", "0.1"]).without_value(half)) == ["0.1"]
    assert texts(pool_of(["0.5", "0.50"]).without_value(half)) == ["0.5", "0.50"]
    assert pool_of("0.1 to 0.3 by 0.1").without_value(half).size == 3


def test_the_share_of_negative_numbers() -> None:
    assert pool_of("-1 to 1 by 0.5").negative == 2 / 5
    assert pool_of("-1 to 1 by 0.5", nonzero=True).negative == 2 / 4
    assert pool_of("-0.5 to 1 by 0.75").negative == 1 / 3
    assert pool_of("0.1 to 0.5 by 0.1").negative == 0
    assert pool_of(["-1", "1", "2", "-3"]).negative == 1 / 2
    bell = {"distribution": "normal", "mean": "0.25", "sd": "1", "by": "0.5"}
    # below -0.25, where the interval of 0 begins
    assert pool_of(bell).negative == pytest.approx(NormalDist(0.25, 1).cdf(-0.25), abs=1e-6)


@pytest.mark.parametrize(("mean", "deviation", "step"), [("0", "1", "0.5"), ("0.3", "0.7", "0.25")])
def test_a_normal_distribution_has_the_shares_of_its_intervals(mean: str, deviation: str, step: str) -> None:
    pool = normal(Normal(Number(mean), Number(deviation), Number(step)))
    assert isinstance(pool, NormalPool)
    with mpmath.workdps(40):
        half = mpmath.mpf(step) / 2
        ends = [pool.low + index * pool.step for index in range(pool.count)]
        point = lambda end: mpmath.mpf(end.numerator) / end.denominator  # noqa: E731
        first = mpmath.ncdf((point(ends[0]) - half - mpmath.mpf(mean)) / mpmath.mpf(deviation))
        for end, made in zip(ends, pool._ends, strict=True):
            share = mpmath.ncdf((point(end) + half - mpmath.mpf(mean)) / mpmath.mpf(deviation)) - first
            assert abs(share * WORD - made) <= 1
    assert sum(n > m for m, n in zip(pool._ends, pool._ends[1:], strict=False)) == pool.count - 1


def test_a_normal_distribution_is_drawn_as_it_is_shared_out() -> None:
    """Chi squared over the 9 numbers within two deviations: below 26.1 with a probability of 99.9 %."""
    pool, stream = normal(Normal(Number("0"), Number("1"), Number("0.5"))), Stream("bell")
    draws = 20_000
    counts = Counter(str(pool.draw(stream)[0]) for _ in range(draws))
    bell = NormalDist()
    total = 0.0
    for index in range(-4, 5):
        expected = draws * (bell.cdf(index / 2 + 0.25) - bell.cdf(index / 2 - 0.25))
        total += (counts[f"{index / 2:.1f}"] - expected) ** 2 / expected
    assert total < 26.1


def test_taken_numbers_are_not_drawn_while_others_are_left() -> None:
    stream = Stream("taken")
    for pool in (pool_of("0.1 to 0.5 by 0.1"), pool_of(["1", "2", "3", "4", "5"])):
        taken: set[object] = set()
        for _ in range(5):
            taken.add(pool.draw(stream, taken)[1])
        assert len(taken) == 5
        assert pool.draw(stream, taken)[1] in taken


def test_the_last_number_of_a_large_grid_is_found() -> None:
    pool = GridPool(Fraction(0), Fraction(1), 50_000, Style(0))
    taken = {number_value(Number(str(index))) for index in range(50_000) if index != 31_415}
    assert pool.draw(Stream("last"), taken)[0] == Number("31415")


@given(
    st.integers(-400, 400), st.integers(1, 60), st.sampled_from(["0.05", "0.1", "1", "0.025", "1/3", "2e-4"])
)
def test_draws_lie_on_their_grid_and_in_their_range(start: int, count: int, step: str) -> None:
    by = Fraction(step)
    low = start * by
    plain = (lambda value: str(value)) if "/" in step else (lambda value: f"{float(value):.6f}")
    pool = ranged(Range(Number(plain(low)), Number(plain(low + count * by)), Number.parse(step)))
    stream = Stream("grid", str(start))
    for _ in range(20):
        number, value = pool.draw(stream)
        exact = Fraction(int(value.p), int(value.q))
        assert exact == Fraction(str(number))
        assert low <= exact <= low + count * by
        assert ((exact - low) / by).denominator == 1
        assert pool.holds(number)


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (Style(2, 2), Fraction(1, 10), "0.10"),
        (Style(2, 0), Fraction(1, 10), "0.1"),
        (Style(2, 0), Fraction(3), "3"),
        (Style(2, 1), Fraction(-3), "-3.0"),
        (Style(0), Fraction(-12), "-12"),
        (Style(1, 1, exponent=-9), Fraction(25, 10**10), "2.5e-9"),
        (Style(1, 1, exponent=-9), Fraction(0), "0.0"),
        (Style(0, fraction=True), Fraction(-2, 3), "-2/3"),
        (Style(0, fraction=True), Fraction(2), "2"),
    ],
)
def test_how_numbers_are_written(style: Style, value: Fraction, text: str) -> None:
    assert str(style.write(value)) == text
