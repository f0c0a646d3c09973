"""Numbers as people print them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.audit.printed import NotANumber, Printed, read_printed
from symbackprop.numbers.digits import number_value


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0.186047383", "0.186047383", -9),
        ("0.0883", "0.0883", -4),
        ("0,0883", "0.0883", -4),
        (".0883", "0.0883", -4),
        ("8.83e-2", "0.0883", -4),
        ("8,83·10^-2", "0.0883", -4),
        ("8.83 x 10^-2", "0.0883", -4),
        ("4.83 × 10⁻⁴", "0.000483", -6),
        ("4.83 * 10^{-4}", "0.000483", -6),
        (r"$4.83 \times 10^{-4}$", "0.000483", -6),
        (r"-2.6 \cdot 10^{-4}", "-0.00026", -5),
        ("0.694690157e-3", "0.000694690157", -12),
        ("−0.01", "-0.01", -2),
        ("–0.01", "-0.01", -2),
        ("+0.5", "0.5", -1),
        ("- 0.5", "-0.5", -1),
        ("= 0.5", "0.5", -1),
        ("≈ 0.2543", "0.2543", -4),
        ("~0.2543", "0.2543", -4),
        ("0", "0", 0),
        ("0.00", "0", -2),
        ("12", "12", 0),
        ("1,234.5", "1234.5", -1),
        ("1.234,5", "1234.5", -1),
        ("1,234,567", "1234567", 0),
        ("1 234.5", "1234.5", -1),
        ("1.2e3", "1200", 2),
        ("10^-4", "0.0001", -4),
        ("-10^-4", "-0.0001", -4),
        ("12 %", "0.12", -2),
        ("12.5%", "0.125", -3),
        ("5E+2", "500", 2),
    ],
)
def test_a_printed_number(text: str, value: str, unit: int) -> None:
    found = read_printed(text)
    assert found.value == Fraction(value)
    assert found.written.unit == unit
    assert found.written.value == found.value
    number = number_value(found.number)
    assert Fraction(int(number.p), int(number.q)) == found.value


@pytest.mark.parametrize(
    ("text", "value"), [("1/3", Fraction(1, 3)), ("-2/7", Fraction(-2, 7)), ("4 / 2", Fraction(2))]
)
def test_a_printed_fraction(text: str, value: Fraction) -> None:
    found = read_printed(text)
    assert found.fraction
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "n/a",
        "1/0",
        "0.1.2",
        "1,2,3",
        "--1",
        "1e",
        "e5",
        "1e9999",
        "0x10",
        "1 + 1",
        "10^",
        "nan",
        "∞",
        "1_000",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(NotANumber):
        read_printed(text)


def test_a_number_that_can_be_read_in_two_ways() -> None:
    with pytest.raises(NotANumber, match=r"'1,234' may be 1.234 or 1234; write it with a point"):
        read_printed("1,234")


@given(st.text(max_size=40))
def test_no_text_does_harm(text: str) -> None:
    try:
        found = read_printed(text)
    except NotANumber as error:
        assert str(error)
    else:
        assert isinstance(found, Printed)


@given(st.integers(-(10**12), 10**12), st.integers(-20, 5))
def test_digits_and_unit_are_kept(n: int, unit: int) -> None:
    found = read_printed(f"{n}e{unit}")
    assert found.written == (n, unit)
    assert read_printed(f"{n} x 10^{unit}").written == (n, unit)
