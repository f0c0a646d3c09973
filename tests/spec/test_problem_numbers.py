"""Numbers are taken digit for digit, and anything else is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.errors import ProblemError
from symbackprop.formulas.terms import Number
from symbackprop.spec import read_problem
from symbackprop.spec.data import number_value
from symbackprop.spec.faults import Fault
from symbackprop.spec.text.numerals import parse_number, parse_whole

FILE = """\
title: T
network:
  inputs: [{}]
  targets: [1]
  layers:
    - {{units: 1, activation: tanh, weights: [[1]]}}
"""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.1", Number("0.1")),
        ("0.40", Number("0.40")),
        ("-2", Number("-2")),
        ("+2", Number("2")),
        (".5", Number("0.5")),
        ("5.", Number("5")),
        ("-0.0", Number("0.0")),
        ("1/3", Number("1/3")),
        ("-1 / 3", Number("-1/3")),
        ("1e-3", Number("1", -3)),
        ("2.50E+4", Number("2.50", 4)),
        ("0e9", Number("0")),
    ],
)
def test_numbers_keep_their_digits(text: str, number: Number) -> None:
    assert parse_number(text) == number
    assert read_problem(FILE.format(text)).samples[0].inputs["x1"] == number
    assert read_problem(FILE.format(f"'{text}'")).samples[0].inputs["x1"] == number


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("abc", ""),
        ("'0,5'", "Write a decimal point: 0.5"),
        (".nan", ""),
        ("nan", ""),
        (".inf", ""),
        ("-.inf", ""),
        ("0x1F", ""),
        ("0o17", ""),
        ("017", "Write no leading zero: 17"),
        ("1_000", "Write no underscores: 1000"),
        ("1:30", ""),
        ("--1", ""),
        ("1e", ""),
        ("\u22120.5", "Write the minus sign as a plain hyphen: -"),
        ("\u0661", ""),
        ("{{ 1 }}", ""),
    ],
)
def test_what_is_not_a_number(text: str, hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(FILE.format(text if "{" not in text else f"'{text}'"), "p.yaml")
    expected = (
        f"p.yaml:3: network.inputs[1]: not a number; given {text.strip(chr(39))}; "
        "expected a number such as 0.40, -2, 1e-3 or 1/3" + (f". {hint}" if hint else "")
    )
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", "not a number; given true; expected a number such as 0.40, -2, 1e-3 or 1/3"),
        ("''", "not a number; given nothing; expected a number such as"),
        ("{a: 1}", "not a number; given a mapping (a); expected a number such as"),
        ("1e999999999", "exponent out of range; given 1e999999999; expected an exponent from -300 to 300"),
        ("1e-301", "exponent out of range; given 1e-301; expected an exponent from -300 to 300"),
        ("1/0", "division by zero; given 1/0; expected a number such as"),
        ("9" * 101, f"too long for a number; given {'9' * 60}...; expected at most 100 digits"),
        ("9" * 1000, f"too long for a number; given {'9' * 60}...; expected at most 100 digits"),
    ],
)
def test_what_is_no_usable_number(text: str, expected: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(FILE.format(text), "p.yaml")
    assert str(caught.value).startswith(f"p.yaml:3: network.inputs[1]: {expected}")


@given(
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{0,20})?", fullmatch=True),
    st.none() | st.integers(-300, 300),
)
def test_the_value_read_is_the_value_written(mantissa: str, exponent: int | None) -> None:
    text = mantissa if exponent is None else f"{mantissa}e{exponent}"
    number = parse_number(text)
    assert number_value(number) == Fraction(mantissa) * Fraction(10) ** (exponent or 0)
    assert parse_number(str(number)) == number


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**30))
def test_fractions_keep_their_value(top: int, bottom: int) -> None:
    assert number_value(parse_number(f"{top}/{bottom}")) == Fraction(top, bottom)


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_a_fault(text: str) -> None:
    try:
        number = parse_number(text)
    except Fault:
        return
    assert number_value(number) == number_value(parse_number(str(number)))


def test_whole_numbers() -> None:
    assert parse_whole("10000", lowest=1, highest=10**6) == 10000
    for bad in ("1e3", "1.0", "", "ten", "1_0", True, None, "0x1"):
        with pytest.raises(Fault, match="not a whole number"):
            parse_whole(bad, lowest=1, highest=9)
    for bad in ("0", "10", "-1", "9" * 400):
        with pytest.raises(Fault, match="out of range"):
            parse_whole(bad, lowest=1, highest=9)
