"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.marking.characters import plain_characters
from symbackprop.marking.reading import (
    Ambiguous,
    Blank,
    Unreadable,
    Written,
    decimal_mark,
    read_answers,
    read_number,
)

READ = [
    # text, value, power of ten of the last digit, digits from the first that is not zero on
    ("0.0883", "0.0883", -4, 3),
    ("0,0883", "0.0883", -4, 3),
    (".0883", "0.0883", -4, 3),
    (",0883", "0.0883", -4, 3),
    ("8.83e-2", "0.0883", -4, 3),
    ("8,83E-02", "0.0883", -4, 3),
    ("8.83 e −2", "0.0883", -4, 3),
    ("8,83·10^-2", "0.0883", -4, 3),
    ("8.83 x 10^-2", "0.0883", -4, 3),
    ("8.83X10^(-2)", "0.0883", -4, 3),
    ("8.83*10**-2", "0.0883", -4, 3),
    ("8.83×10⁻²", "0.0883", -4, 3),
    ("8.83 ⋅ 10⁻²", "0.0883", -4, 3),
    (r"8.83\cdot 10^{-2}", "0.0883", -4, 3),
    ("$8,83$", "8.83", -2, 3),
    ("8.83×10-2", "0.0883", -4, 3),
    ("10^-3", "0.001", -3, 1),
    ("-10⁻³", "-0.001", -3, 1),
    ("−0.01", "-0.01", -2, 1),
    ("–0,01", "-0.01", -2, 1),
    ("- 0.01", "-0.01", -2, 1),
    ("+0.5", "0.5", -1, 1),
    ("\u00a00.5\u202f", "0.5", -1, 1),
    ("0.50", "0.5", -2, 2),
    ("5.", "5", 0, 1),
    ("12", "12", 0, 2),
    ("0", "0", 0, 0),
    ("0.00", "0", -2, 0),
    ("1.234.567,8", "1234567.8", -1, 8),
    ("1,234,567.8", "1234567.8", -1, 8),
    ("1.234.567", "1234567", 0, 7),
    ("1 234,5", "1234.5", -1, 5),
    ("1\u202f234\u202f567", "1234567", 0, 7),
    ("1'234.5", "1234.5", -1, 5),
    ("1’234’567", "1234567", 0, 7),
    ("0.088 264 05", "0.08826405", -8, 7),
    ("1234,567", "1234.567", -3, 7),
    ("0,123", "0.123", -3, 3),
    ("1,2345", "1.2345", -4, 5),
    ("1,234e-2", "0.01234", -5, 4),
    ("1,234 × 10^-2", "0.01234", -5, 4),
    ("=0.5", "0.5", -1, 1),
    ("≈ 0,5", "0.5", -1, 1),
    ("~0.5", "0.5", -1, 1),
    ("w5 = 0.3588", "0.3588", -4, 4),
    ("∂E/∂w₅ = 0.0883", "0.0883", -4, 3),
    ("w5: 0.3588", "0.3588", -4, 4),
    ("0.4 - 0.5 · 0.0824 = 0.3588", "0.3588", -4, 4),
    ("0.35882 ≈ 0.3588", "0.3588", -4, 4),
    ("35.88 %", "0.3588", -4, 4),
    ("0.0883.", "0.0883", -4, 3),
    ("0.333…", "0.333", -3, 3),
    ("0.333...", "0.333", -3, 3),
    ("٠٫٠٨٨٣", "0.0883", -4, 3),
    ("١٬٢٣٤٫٥", "1234.5", -1, 5),
    ("०.०८८३", "0.0883", -4, 3),
    ("０．０８８３", "0.0883", -4, 3),
    ("\u2212０，５", "-0.5", -1, 1),
    ("𝟎.𝟓", "0.5", -1, 1),
    ("\ufeff0.5\u200b", "0.5", -1, 1),
    ("'0.5", "0.5", -1, 1),
    ('"0.5"', "0.5", -1, 1),
    ("(-0.5)", "-0.5", -1, 1),
    ("1/3", "1/3", None, 0),
    ("−1 / 3", "-1/3", None, 0),
    ("1⁄3", "1/3", None, 0),
    ("½", "1/2", None, 0),
    ("1½", "3/2", None, 0),
    ("-1 1/2", "-3/2", None, 0),
]


@pytest.mark.parametrize(("text", "value", "unit", "figures"), READ)
def test_numbers(text: str, value: str, unit: int | None, figures: int) -> None:
    assert read_number(text) == Written(text, Fraction(value), unit, figures)
    assert read_number(text, decimal_hint=".") == Written(text, Fraction(value), unit, figures)
    assert read_number(text, decimal_hint=",") == Written(text, Fraction(value), unit, figures)


BLANKS = [
    "",
    "   ",
    "\u00a0",
    "-",
    "--",
    "–",
    "—",
    "?",
    "??",
    "…",
    "n/a",
    "N/A",
    "NA",
    "n.a.",
    "#N/A",
    "none",
    "NaN",
]


@pytest.mark.parametrize("text", BLANKS)
def test_blanks(text: str) -> None:
    assert read_number(text) == Blank(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", "no number"),
        ("w5 =", "nothing after the equals sign"),
        ("∞", "no number"),
        ("0.0883 or 0.0884", "not a number"),
        ("0.08 83", "not a number"),
        ("1, 5", "not a number"),
        ("0.0883a", "not a number"),
        ("1,23,456", "not a number"),
        ("0,123,456", "not a number"),
        ("0d5", "not a number"),
        ("--1", "not a number"),
        ("+-1", "not a number"),
        ("<0.1", "not a number"),
        ("0.1±0.01", "not a number"),
        ("1:3", "not a number"),
        ("0.4 - 0.5*0.0883", "a calculation, not its result"),
        ("0.5²", "a calculation, not its result"),
        ("1/0", "a calculation, not its result"),
        ("8.83x102", "a calculation, not its result"),
        ("3-Jan", "a date; a spreadsheet makes one of a fraction such as 1/3"),
        ("01.03.2026", "a date; a spreadsheet makes one of a fraction such as 1/3"),
        ("2026-01-03 00:00:00", "a date; a spreadsheet makes one of a fraction such as 1/3"),
        ("#DIV/0!", "an error of a spreadsheet"),
        ("1e999999999", "an exponent beyond 400"),
        ("1e-401", "an exponent beyond 400"),
        ("10^" + "9" * 150, "an exponent beyond 400"),
        ("0." + "1" * 60, "more than 60 digits"),
        ("\x00", "no number"),
    ],
)
def test_what_is_no_number_says_why(text: str, reason: str) -> None:
    assert read_number(text) == Unreadable(text, reason)


def test_a_long_text_is_not_read() -> None:
    assert read_number("9" * 10**6) == Unreadable("9" * 40 + "...", "longer than 200 characters")


@pytest.mark.parametrize(
    ("text", "hint", "values"),
    [
        ("1,234", None, ["1.234", "1234"]),
        ("1.234", None, ["1.234", "1234"]),
        ("1,234", ".", ["1.234", "1234"]),
        ("1.234", ",", ["1.234", "1234"]),
        ("-12,345", None, ["-12.345", "-12345"]),
        ("1,234", ",", ["1.234"]),
        ("1.234", ".", ["1.234"]),
        ("(0.01)", ".", ["0.01", "-0.01"]),
    ],
)
def test_what_may_mean_two_things_is_asked(text: str, hint: str | None, values: list[str]) -> None:
    reading = read_number(text, decimal_hint=hint)  # type: ignore[arg-type]
    found = reading.readings if isinstance(reading, Ambiguous) else (reading,)
    assert [one.value for one in found if isinstance(one, Written)] == [Fraction(value) for value in values]
    if isinstance(reading, Ambiguous):
        assert reading.reason in ("a comma before three digits", "a point before three digits",
                                  "brackets may mean minus, as in accounts")  # fmt: skip


def mark_of(*texts: str) -> str | None:
    return decimal_mark(read_number(text) for text in texts)


def test_the_mark_that_a_writer_uses() -> None:
    assert mark_of("0,0883", "1,234", "n/a") == ","
    assert mark_of("0.0883", "12") == "."
    assert mark_of("1.234.567,8") == ","
    assert mark_of("0.5", "0,5") is None
    assert mark_of("1,234", "1.234", "1,234,567", "", "x") is None


def test_clear_numbers_tell_how_to_read_the_others() -> None:
    found = read_answers({"1": "0,5", "2": "1,234", "3": "1.234"}, ".")
    assert found["2"] == Written("1,234", Fraction("1.234"), -3, 4)
    assert isinstance(found["3"], Ambiguous)
    assert read_answers({"2": "1.234"}, ".")["2"] == Written("1.234", Fraction("1.234"), -3, 4)
    assert isinstance(read_answers({"2": "1,234"}, ".")["2"], Ambiguous)


@settings(max_examples=500)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert isinstance(read_number(text), Written | Blank | Unreadable | Ambiguous)


NEAR = st.text("0123456789.,'-+eE^*x×·10 /%=()⁻²\u00a0\u2212\u066b\u066c½१abd", max_size=14)


@settings(max_examples=1500)
@given(NEAR, st.sampled_from((None, ".", ",")))
def test_near_numbers(text: str, hint: str | None) -> None:
    reading = read_number(text, decimal_hint=hint)  # type: ignore[arg-type]
    assert isinstance(reading, Written | Blank | Unreadable | Ambiguous)
    if isinstance(reading, Written) and "=" not in text and "/" not in text and "½" not in text:
        assert any(c.isdigit() for c in plain_characters(text))
        assert reading.value.denominator == 1 or reading.unit is not None


@given(st.decimals(-1000, 1000, places=5), st.sampled_from((".", ",")), st.sampled_from("-−–"))
def test_a_decimal_is_read_back_in_every_spelling(number: Decimal, mark: str, minus: str) -> None:
    text = str(number.quantize(Decimal("0.00001"))).replace(".", mark).replace("-", minus)
    expected = Fraction(number.quantize(Decimal("0.00001")))
    reading = read_number(text)
    assert isinstance(reading, Written)
    assert (reading.value, reading.unit) == (expected, -5)
    digits, exponent = f"{number:e}".lower().split("e")
    spelled = f"{digits.replace('.', mark).replace('-', minus)}×10^{exponent}".replace("^+", "^")
    scientific = read_number(spelled)
    assert isinstance(scientific, Written)
    assert scientific.value == Fraction(number)
