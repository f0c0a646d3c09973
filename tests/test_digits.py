"""Certified digits, against mpmath and Decimal at 60 digits and by their properties."""

from __future__ import annotations

import decimal
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import flint
import mpmath  # type: ignore[import-untyped]
import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symbackprop.formulas.terms import Number
from symbackprop.numbers.digits import (
    Undecided,
    Value,
    exact_text,
    number_value,
    rational,
    show,
    significant_digits,
)
from symbackprop.numbers.rounding import Kind, Mode, Rounding, Zeros

MODES: tuple[Mode, ...] = ("half_even", "half_up", "truncate")
DECIMAL_MODES = {
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_up": decimal.ROUND_HALF_UP,
    "truncate": decimal.ROUND_DOWN,
}
WIDE = decimal.Context(prec=1500, Emin=-100_000, Emax=100_000)


def exact(text: str) -> Value:
    """Return the value of a decimal or fraction that is known exactly."""
    return Value.of_rational(rational(text))


def near(middle: str, radius: str | fmpq) -> Value:
    """Return a ball of which no more is known."""
    radius = rational(radius) if isinstance(radius, str) else radius
    return Value(arb(rational(middle)) + arb(0, arb(radius)))


def fraction(number: Number) -> Fraction:
    """Return the value of a printed number, by other means than `number_value`."""
    return Fraction(str(number))


def plain(**changes: object) -> Rounding:
    """Return the rounding to five places, no scientific form, zeros kept, with these changes."""
    settings: dict[str, object] = {"digits": 5, "kind": "places", "zeros": "keep", "scientific_below": None}
    return Rounding(**(settings | changes))  # type: ignore[arg-type]


# The reference: the same rules said with Decimal.


def reference(x: Decimal, known: bool, r: Rounding) -> str:
    """Return what is printed for x, which is the value itself (known) or 60 digits of it."""
    mode = DECIMAL_MODES[r.mode]

    def significant(x: Decimal, digits: int, mode: str = mode) -> Decimal:
        return decimal.Context(prec=digits, rounding=mode, Emin=-100_000, Emax=100_000).plus(x)

    def places(x: Decimal) -> Decimal:
        return x.quantize(Decimal(1).scaleb(-r.digits), rounding=mode, context=WIDE)

    def is_tiny(x: Decimal) -> bool:
        return r.scientific_below is not None and abs(x) < Decimal(1).scaleb(r.scientific_below)

    def text(y: Decimal, decimals: int, exponent: int | None) -> str:
        mantissa = f"{y if exponent is None else y.scaleb(-exponent, context=WIDE):.{max(decimals, 0)}f}"
        if not y:
            mantissa = mantissa.replace("-", "")
        if "." in mantissa and (r.zeros == "drop" or (r.zeros == "exact" and known and y == value)):
            while mantissa.endswith("0"):
                mantissa = mantissa[:-1]
            mantissa = mantissa.removesuffix(".")
        return mantissa if exponent is None or mantissa == "0" else f"{mantissa}e{exponent}"

    value = x
    if not x:
        return text(x, r.digits if r.kind == "places" else 0, r.exponent)
    if r.readout is not None:
        x = significant(x, r.readout, decimal.ROUND_HALF_UP)
    if r.kind == "significant":
        y = significant(x, r.digits)
        exponent = r.exponent
        if exponent is None and (is_tiny(y) or y.adjusted() >= r.digits):
            exponent = y.adjusted()
        return text(y, r.digits - 1 - y.adjusted() + (exponent or 0), exponent)
    if r.exponent is not None:
        return text(places(x.scaleb(-r.exponent)).scaleb(r.exponent), r.digits, r.exponent)
    if is_tiny(x):
        y = significant(x, r.digits + 1)
        if is_tiny(y):
            return text(y, r.digits, y.adjusted())
        x = y
    y = places(x)
    if abs(y) >= Decimal("1e15"):
        y = significant(x, r.digits + 1)
        return text(y, r.digits, y.adjusted())
    return text(y, r.digits, None)


# Ten thousand random values and policies.


def random_rounding(rng: random.Random) -> Rounding:
    kind: Kind = rng.choice(("places", "significant"))
    zeros: Zeros = rng.choice(("keep", "drop", "exact"))
    return Rounding(
        digits=rng.randint(1 if kind == "significant" else 0, 12),
        kind=kind,
        mode=rng.choice(MODES),
        readout=rng.choice((None, None, None, 10, rng.randint(1, 14))),
        zeros=zeros,
        exponent=rng.choice((None, None, None, rng.randint(-6, 4))),
        scientific_below=rng.choice((None, -3, -3, rng.randint(-6, 3))),
    )


FUNCTIONS: tuple[tuple[Callable[[arb], arb], Callable[[mpmath.mpf], mpmath.mpf]], ...] = (
    (lambda x: x.exp(), mpmath.exp),
    (lambda x: (x * arb.pi()).sqrt(), lambda x: mpmath.sqrt(x * mpmath.pi)),
    (lambda x: x.tanh(), mpmath.tanh),
    (lambda x: -1 / (1 + (-x).exp()), lambda x: -1 / (1 + mpmath.exp(-x))),
    (lambda x: x.sin(), mpmath.sin),
    (lambda x: x.log(), mpmath.log),
)


def random_decimal(rng: random.Random, digits: int) -> str:
    """Return an integer of so many digits, often a tie, a power of ten or just beside one."""
    n = rng.randrange(10 ** (digits - 1), 10**digits)
    shape = rng.randrange(6)
    if shape == 0:
        n = n * 10 + 5
    elif shape == 1:
        n = 10**digits - rng.randint(0, 2)
    elif shape == 2:
        n = 10**digits + rng.randint(0, 2)
    elif shape == 3:
        n = 10**digits * 10 - 5
    elif shape == 4:
        n *= 10 ** rng.randint(1, 5)
    return str(rng.choice((n, -n)))


def random_value(rng: random.Random) -> tuple[Value, Decimal, bool]:
    """Return a value, the value or 60 digits of it as a Decimal, and which of the two that is."""
    power = rng.choice((rng.randint(-12, 6), rng.randint(-12, 6), rng.randint(-320, 320)))
    shape = rng.randrange(5)
    if shape == 0:  # a decimal, exactly
        digits = random_decimal(rng, rng.randint(1, 14))
        power -= rng.choice((0, len(digits)))
        return exact(f"{digits}e{power}"), Decimal(f"{digits}e{power}"), True
    if shape == 1:  # a fraction, exactly
        p, q = rng.randint(-(10**6), 10**6), rng.choice((3, 7, 400, 1024, 999_999, rng.randint(1, 10**6)))
        value = exact(f"{p}e{power}/{q}")
        digits60 = mpmath.nstr(mpmath.mpf(p) / q * mpmath.mpf(10) ** power, 60)
        whole = decimal.Context(prec=60, Emin=-9999, Emax=9999, traps=[decimal.Inexact])
        try:
            return value, whole.divide(Decimal(f"{p}e{power}"), Decimal(q)), True
        except decimal.Inexact:
            return value, Decimal(digits60), False
    if shape == 2:  # close to a decimal, on either side
        digits, sign = random_decimal(rng, rng.randint(1, 14)), rng.choice((1, -1))
        middle, small = f"{digits}e{power}", power - rng.randint(1, 20)
        ball = arb(rational(middle)) + sign * arb(2).sqrt() * arb(fmpq(10) ** small)
        close = mpmath.mpf(middle) + sign * mpmath.sqrt(2) * mpmath.mpf(10) ** small
        return Value(ball), Decimal(mpmath.nstr(close, 60)), False
    ours, theirs = rng.choice(FUNCTIONS)
    argument = f"{rng.randint(1, 10**6)}e{rng.randint(-7, -5)}"
    factor = 10**0 if shape == 3 else power
    ball = ours(arb(rational(argument))) * arb(fmpq(10) ** factor)
    result = theirs(mpmath.mpf(argument)) * mpmath.mpf(10) ** factor
    return Value(ball), Decimal(mpmath.nstr(result, 60)), False


def test_ten_thousand_random_values_and_policies() -> None:
    rng = random.Random(20)
    with flint.ctx.workprec(300), mpmath.workdps(70), decimal.localcontext(WIDE):
        for _ in range(10_000):
            value, x, known = random_value(rng)
            rounding = random_rounding(rng)
            if rounding.exponent is not None and abs(x.adjusted()) > 20:
                rounding = replace(rounding, exponent=x.adjusted() + rounding.exponent)
            assert str(show(value, rounding)) == reference(x, known, rounding), (value, x, rounding)
            digits = rng.randint(1, 30)
            text = significant_digits(value, digits)
            nearest = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_EVEN).plus(x)
            assert Decimal(text) == nearest, (value, x, digits)
            assert known or not x or len(Decimal(text).as_tuple().digits) == digits


# Cases by hand.

SCIENTIFIC = Rounding(5, "places", zeros="keep")
SIX = Rounding(6, zeros="keep")
TWO_OUTPUT = Rounding(9, "places", "truncate", readout=10, zeros="drop")

BY_HAND = [
    # nearest and truncated, ties exact
    ("0.26939295", plain(), "0.26939"),
    ("0.26939295", plain(digits=7, mode="half_even"), "0.2693930"),
    ("0.26939295", plain(digits=7, mode="truncate"), "0.2693929"),
    ("0.125", plain(digits=2), "0.12"),
    ("0.125", plain(digits=2, mode="half_up"), "0.13"),
    ("-0.125", plain(digits=2, mode="half_up"), "-0.13"),
    ("-0.125", plain(digits=2, mode="truncate"), "-0.12"),
    ("0.375", plain(digits=2), "0.38"),
    ("1/8", plain(digits=2), "0.12"),
    ("2/3", plain(), "0.66667"),
    ("2.5", plain(digits=0), "2"),
    ("3.5", plain(digits=0), "4"),
    ("0.0027793", plain(digits=4), "0.0028"),
    ("0.0027793", plain(digits=4, mode="truncate"), "0.0027"),
    ("0.0027793", Rounding(3), "0.00278"),
    # rolling over
    ("9.9995", plain(digits=3, mode="half_up"), "10.000"),
    ("9.9995", Rounding(4, mode="half_up", zeros="keep"), "10.00"),
    ("9.9995", Rounding(4, mode="truncate", zeros="keep"), "9.999"),
    ("0.99996", Rounding(4, zeros="keep"), "1.000"),
    ("999.6", Rounding(3, zeros="keep"), "1.00e3"),
    ("-999.6", Rounding(3, zeros="drop"), "-1e3"),
    # tiny: scientific, and the threshold that is reached by rounding
    ("0.000483364", SIX, "4.83364e-4"),
    ("0.000483364", SCIENTIFIC, "4.83364e-4"),
    ("9.9999996e-4", SIX, "0.00100000"),
    ("9.9999996e-4", SCIENTIFIC, "0.00100"),
    ("0.001", SIX, "0.00100000"),
    ("0.001", SCIENTIFIC, "0.00100"),
    ("9.99999e-4", SIX, "9.99999e-4"),
    ("9.9999996e-4", replace(SIX, mode="truncate"), "9.99999e-4"),
    ("9.9999996e-5", SIX, "1.00000e-4"),
    ("99.96", Rounding(2, "places", zeros="keep", scientific_below=2), "100.00"),
    ("99.94", Rounding(2, "places", zeros="keep", scientific_below=2), "9.99e1"),
    ("-9.9999996e-5", SCIENTIFIC, "-1.00000e-4"),
    ("1e-300", SIX, "1.00000e-300"),
    ("1e-300", Rounding(6), "1e-300"),
    ("1e-300", plain(), "0.00000"),
    ("-1e-300", plain(), "0.00000"),
    ("-1e-300", plain(zeros="exact"), "0.00000"),
    ("-1e-300", plain(zeros="drop"), "0"),
    # large
    ("123456.7", Rounding(3), "1.23e5"),
    ("123456.7", Rounding(6), "123457"),
    ("100", Rounding(3), "100"),
    ("1e300", SIX, "1.00000e300"),
    ("1e15", SCIENTIFIC, "1.00000e15"),
    ("999999999999999", SCIENTIFIC, "999999999999999.00000"),
    ("999999999999999.999999", SCIENTIFIC, "1.00000e15"),
    ("-1234567890123456", plain(digits=2), "-1.23e15"),
    # zeros
    ("0.5", Rounding(6), "0.5"),
    ("0.5", SIX, "0.500000"),
    ("2", Rounding(3), "2"),
    ("2", plain(digits=3, zeros="drop"), "2"),
    ("20", plain(digits=3, zeros="drop"), "20"),
    ("20", plain(digits=0, zeros="drop"), "20"),
    ("0.50000000001", Rounding(6), "0.500000"),
    ("0.50000000001", Rounding(6, zeros="drop"), "0.5"),
    ("1/3", Rounding(6), "0.333333"),
    ("0", plain(), "0.00000"),
    ("0", plain(zeros="drop"), "0"),
    ("0", plain(zeros="exact"), "0"),
    ("0", SIX, "0"),
    ("0", replace(SIX, exponent=-4), "0"),
    ("0", plain(exponent=-4), "0.00000e-4"),
    ("0", plain(exponent=-4, zeros="exact"), "0"),
    ("0.1", plain(exponent=1, digits=1), "0.0e1"),
    ("0.1", plain(exponent=1, digits=1, zeros="exact"), "0.0e1"),
    ("0.1", plain(exponent=1, digits=1, zeros="drop"), "0"),
    # a ten-digit read-out, then chopped
    ("1.2008672036", replace(TWO_OUTPUT, zeros="keep"), "1.200867204"),
    ("1.2008672036", TWO_OUTPUT, "1.200867204"),
    ("0.0004833645465438789", replace(TWO_OUTPUT, exponent=-3), "0.483364546e-3"),
    ("0.0006153559668136674", replace(TWO_OUTPUT, exponent=-4), "6.153559668e-4"),
    ("0.001230711933627335", replace(TWO_OUTPUT, exponent=-4), "12.30711934e-4"),
    ("0.009667290930877578", TWO_OUTPUT, "0.00966729"),
    ("0.009667290930877578", replace(TWO_OUTPUT, zeros="keep"), "0.009667290"),
    ("0.99999999999", TWO_OUTPUT, "1"),
    ("0.449", plain(digits=1, readout=2), "0.4"),
    ("0.449", plain(digits=0, readout=1), "0"),
    ("0.95", plain(digits=0, readout=1), "1"),
    # a fixed exponent
    ("-0.000483", plain(digits=2, exponent=-4), "-4.83e-4"),
    ("12345.6", Rounding(3, exponent=-1), "123000e-1"),
    ("0.0123456", Rounding(3, exponent=-2), "1.23e-2"),
    ("1e-30", plain(exponent=-3), "0.00000e-3"),
]


@pytest.mark.parametrize(("text", "rounding", "shown"), BY_HAND)
def test_shown_by_hand(text: str, rounding: Rounding, shown: str) -> None:
    assert show(exact(text), rounding) == Number.parse(shown)


@pytest.mark.parametrize(("text", "rounding", "shown"), BY_HAND)
def test_a_tight_ball_is_shown_as_its_middle(text: str, rounding: Rounding, shown: str) -> None:
    """A ball prints as the number it was made from, or nothing: never anything else."""
    value = exact(text)
    rounding = replace(rounding, zeros="keep")
    with flint.ctx.workprec(200):
        try:
            assert show(near(text, abs(rational(text)) / 10**40), rounding) == show(value, rounding)
        except Undecided:
            assert any(_is_step(text, digits, rounding) for digits in (rounding.digits, rounding.readout))


def _is_step(text: str, digits: int | None, rounding: Rounding) -> bool:
    """Whether numbers on the two sides of this one are rounded differently, or it is zero."""
    if digits is None:
        return False
    x = fraction(Number(text))
    below, above = (exact(str(x + side * abs(x) / 10**30)) for side in (-1, 1))
    return not x or show(below, rounding) != show(above, rounding)


def test_a_ball_at_a_step_is_undecided() -> None:
    with flint.ctx.workprec(100):
        for middle, rounding in (
            ("0.125", plain(digits=2)),
            ("0.125", plain(digits=2, mode="half_up")),
            ("0.12", plain(digits=2, mode="truncate")),
            ("9.9995", Rounding(4)),
            ("0.001", replace(SIX, mode="truncate")),
            ("0.00125", Rounding(2)),
            ("0.12345678945", plain(digits=9, readout=10)),
        ):
            with pytest.raises(Undecided):
                show(near(middle, "1e-25"), rounding)
            beside = str(fraction(Number(middle)) + Fraction(1, 10**20))
            assert show(near(beside, "1e-25"), rounding).text


def test_a_power_of_ten_does_not_make_a_ball_undecided() -> None:
    with flint.ctx.workprec(100):
        for text, shown in (
            ("1", "1.00000"),
            ("0.001", "0.00100000"),
            ("1e-7", "1.00000e-7"),
            ("1e6", "1.00000e6"),
        ):
            assert show(near(text, rational(text) / 10**20), SIX) == (Number.parse(shown))


def test_balls_about_zero() -> None:
    around = near("0", "1e-30")
    for mode in MODES:
        assert show(around, plain(mode=mode)) == Number("0.00000")
        assert show(around, plain(mode=mode, zeros="exact", readout=10)) == Number("0.00000")
        assert show(around, plain(mode=mode, exponent=-4, scientific_below=-3)) == Number("0.00000", -4)
    assert show(near("0", "0.9"), plain(mode="truncate", digits=0)) == Number("0")
    assert show(near("-0.5", "0.4"), plain(mode="truncate", digits=0)) == Number("0")
    for rounding in (SIX, SCIENTIFIC, Rounding(6, exponent=-3), plain(digits=30)):
        with pytest.raises(Undecided):
            show(around, rounding)
    with pytest.raises(Undecided):  # its ends are both 0.00, but there are points such as 5.00e-4 between
        show(near("0", "0.002"), Rounding(2, "places"))
    with pytest.raises(Undecided):
        significant_digits(around)
    assert show(Value(arb(0)), SIX) == Number("0")


def test_balls_that_touch_a_step_from_inside() -> None:
    """Half a unit, and a little more: rounded up everywhere but at its end, where ties to even go down."""
    with flint.ctx.workprec(100):
        small = arb(0, 1e-6)
        above = small + small.rad()  # from zero to 2e-6, its lower end exact
        assert above.lower() == 0
        half_up, half_even, truncate = (
            plain(digits=0, mode=mode) for mode in ("half_up", "half_even", "truncate")
        )
        assert show(Value(2.5 + above), half_up) == Number("3")
        assert show(Value(-2.5 - above), half_up) == Number("-3")
        assert show(Value(2.5 - above), half_even) == Number("2")
        assert show(Value(3.5 + above), half_even) == Number("4")
        for value, rounding in ((2.5 + above, half_even), (3.5 - above, half_up), (2 - above, truncate)):
            with pytest.raises(Undecided):
                show(Value(value), rounding)
        assert show(Value(2 + above), truncate) == Number("2")
        assert show(Value(-2 - above), truncate) == Number("-2")


def test_an_exact_ball_meets_ties_exactly() -> None:
    assert show(Value(arb(0.125)), plain(digits=2)) == Number("0.12")
    assert show(Value(arb(0.125)), plain(digits=2, mode="half_up")) == Number("0.13")
    assert show(Value(arb(0.5)), Rounding(6)) == Number("0.500000")  # not known to be a half
    assert show(Value(arb(0.5)), Rounding(6, zeros="drop")) == Number("0.5")


@pytest.mark.parametrize("ball", [arb("nan"), arb("inf"), arb("-inf"), arb(0, arb("inf")), 1 / arb(0, 1)])
def test_balls_that_are_not_finite_are_undecided(ball: arb) -> None:
    for rounding in (SIX, plain(), SCIENTIFIC, TWO_OUTPUT):
        with pytest.raises(Undecided):
            show(Value(ball), rounding)
    with pytest.raises(Undecided):
        significant_digits(Value(ball))


def test_numbers_beyond_every_float() -> None:
    with flint.ctx.workprec(200):
        tiny, huge = Value(arb(-(10**6)).exp()), Value(arb(10**6).exp())
    with flint.ctx.workprec(200), mpmath.workdps(60):
        assert significant_digits(tiny, 25) == mpmath.nstr(mpmath.exp(-(10**6)), 25)
        assert significant_digits(huge, 25) == mpmath.nstr(mpmath.exp(10**6), 25).replace("+", "")
    assert show(tiny, SIX) == Number("3.29683", -434295)
    assert show(tiny, plain()) == Number("0.00000")
    assert show(Value(-tiny.ball), plain(mode="truncate")) == Number("0.00000")
    with pytest.raises(Undecided):  # the ball is too wide for its 434,000 digits
        show(huge, plain(exponent=0))


def test_a_low_precision_in_force_does_not_hurt_a_narrow_ball() -> None:
    with flint.ctx.workprec(400):
        root = Value(arb(2).sqrt())
    with flint.ctx.workprec(20):
        assert show(root, plain(digits=30)) == Number("1.414213562373095048801688724210")
        assert significant_digits(root, 25) == "1.414213562373095048801689"


def test_rising_precision_decides() -> None:
    """exp(pi sqrt(163)) has twelve nines after its point."""

    def value(precision: int) -> Value:
        with flint.ctx.workprec(precision):
            return Value((arb.pi() * arb(163).sqrt()).exp())

    rounding = plain(digits=0, mode="truncate", scientific_below=None)
    with pytest.raises(Undecided):
        show(value(64), Rounding(18, mode="truncate"))
    assert show(value(256), Rounding(18, mode="truncate")) == Number("262537412640768743")
    assert show(value(256), rounding) == Number("2", 17)


@pytest.mark.parametrize("rounding", [Rounding(0), Rounding(-1, "places"), Rounding(-3)])
def test_digits_without_a_meaning_are_refused(rounding: Rounding) -> None:
    for value in (exact("1/3"), exact("0"), Value(arb(2).sqrt())):
        with pytest.raises(ValueError, match="digits of kind"):
            show(value, rounding)


# Texts.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.40", "2/5"),
        ("-4.83e-4", "-483/1000000"),
        ("1/3", "1/3"),
        ("-1/3", "-1/3"),
        ("0.5/1.5", "1/3"),
        ("+2", "2"),
        (".5", "1/2"),
        ("5.", "5"),
        ("1E3", "1000"),
        (" 7 / 2 ", "7/2"),
        ("-0", "0"),
        ("0.1", "1/10"),
    ],
)
def test_rational_texts(text: str, value: str) -> None:
    assert str(rational(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1/",
        "/2",
        "1/0",
        "1/2/3",
        "nan",
        "inf",
        "0x10",
        "1e",
        "1_0",
        "\u0663",
        "1e999999",
        "1,5",
    ],
)
def test_texts_that_are_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a decimal or a fraction|zero denominator|exponent"):
        rational(text)


def test_numbers_too_long_for_an_int() -> None:
    text = "-" + "7" * 5000
    assert show(exact(text), plain(digits=2, exponent=0)) == Number(f"{text}.00", 0)
    assert number_value(show(exact(text), plain(digits=2, exponent=0))) == rational(text)
    tiny = Value.of_rational(rational("1e-90000") ** 2)
    assert show(tiny, Rounding(6)) == Number("1", -180000)
    assert significant_digits(tiny) == "1e-180000"
    for text in ("1" * 100_001, "1e-100001"):
        with pytest.raises(ValueError, match=r"digits|exponent"):
            rational(text)


def test_values_of_numbers() -> None:
    assert number_value(Number("-4.83", -4)) == rational("-4.83e-4")
    assert number_value(Number("1/3", 2)) == fmpq(100, 3)
    value = Value.of_number(Number("0.40"))
    assert value.exact == fmpq(2, 5)
    assert value.ball.contains(fmpq(2, 5))


def test_significant_digits_by_hand() -> None:
    assert significant_digits(exact("173/400")) == "0.4325"
    assert significant_digits(exact("0")) == "0"
    assert significant_digits(exact("-2")) == "-2"
    assert significant_digits(exact("1/3")) == "0.33333333333333333"
    assert significant_digits(exact("1e-5")) == "0.00001"
    assert significant_digits(exact("-1.25e-310")) == "-1.25e-310"
    assert significant_digits(exact("1e16")) == "10000000000000000"
    assert significant_digits(exact("1e17")) == "1e17"
    assert significant_digits(exact("0.1234567890123456789")) == "0.12345678901234568"
    assert significant_digits(Value(arb(0.5))) == "0.50000000000000000"


def test_exact_texts() -> None:
    assert exact_text(exact("0.4325")) == "173/400"
    assert exact_text(exact("2.000")) == "2"
    assert exact_text(exact("-1/3")) == "-1/3"
    assert exact_text(exact("0")) == "0"
    assert exact_text(Value(arb(1))) is None
    assert exact_text(exact("9" * 60)) == "9" * 60
    assert exact_text(exact("1" + "0" * 60)) is None
    assert exact_text(exact("1e-60")) is None


# Properties.

ROUNDINGS = st.builds(
    Rounding,
    digits=st.integers(1, 12),
    kind=st.sampled_from(("places", "significant")),
    mode=st.sampled_from(MODES),
    readout=st.none() | st.integers(1, 14),
    zeros=st.sampled_from(("keep", "drop", "exact")),
    exponent=st.none() | st.integers(-6, 4),
    scientific_below=st.none() | st.integers(-6, 3),
)
FRACTIONS = st.builds(
    lambda p, q, power: rational(f"{p}e{power}/{q}"),
    st.integers(-(10**9), 10**9),
    st.sampled_from((1, 1, 2, 8, 3, 7, 10**7)),
    st.integers(-16, 10),
)
thorough = settings(max_examples=400, deadline=None, derandomize=True)


@thorough
@given(FRACTIONS, ROUNDINGS)
def test_shown_is_within_half_a_unit(x: fmpq, rounding: Rounding) -> None:
    rounding = replace(rounding, readout=None, zeros="keep")
    assume(x != 0)
    shown = show(Value.of_rational(x), rounding)
    filled = rounding.kind == "significant" and "." not in shown.text
    decimals = len(shown.text.partition(".")[2])
    unit = Fraction(10) ** ((shown.exponent or 0) - decimals)
    if filled:  # a fixed exponent may leave zeros that stand in for digits
        unit *= 10 ** max(len(shown.magnitude.text) - rounding.digits, 0)
    if rounding.kind == "places" and rounding.scientific_below is not None:
        # At the threshold itself the mantissa's unit counts.
        unit = max(unit, Fraction(10) ** (rounding.scientific_below - 1 - rounding.digits))
    error = Fraction(str(x)) - fraction(shown)
    if rounding.mode == "truncate":
        assert 0 <= error * (1 if x > 0 else -1) < unit
    else:
        assert abs(error) <= unit / 2


@thorough
@given(FRACTIONS, ROUNDINGS)
def test_showing_the_shown_number_changes_nothing(x: fmpq, rounding: Rounding) -> None:
    shown = show(Value.of_rational(x), rounding)
    again = show(Value.of_number(shown), rounding)
    assert number_value(again) == number_value(shown)
    if rounding.zeros == "exact":
        shown = show(Value.of_number(shown), rounding)
    assert show(Value.of_number(shown), rounding) == shown


@thorough
@given(FRACTIONS, ROUNDINGS)
def test_no_negative_zero_and_no_ragged_text(x: fmpq, rounding: Rounding) -> None:
    shown = show(Value.of_rational(x), rounding)
    assert not (shown.negative and number_value(shown) == 0)
    assert shown.text != "0" or shown.exponent is None
    assert not shown.text.endswith(".")
    whole = shown.magnitude.text.partition(".")[0]
    assert whole == "0" or not whole.startswith("0")
    if rounding.zeros == "drop" and "." in shown.text:
        assert not shown.text.endswith("0")


@thorough
@given(
    FRACTIONS, ROUNDINGS, st.integers(1, 25), st.lists(st.integers(-1000, 1000), max_size=6), st.booleans()
)
def test_a_ball_decides_just_what_all_its_points_share(
    x: fmpq, rounding: Rounding, tightness: int, inner: list[int], low_precision: bool
) -> None:
    assume(x != 0)
    rounding = replace(rounding, zeros="keep" if rounding.zeros == "exact" else rounding.zeros)
    with flint.ctx.workprec(300):
        ball = arb(x) + arb(0, arb(abs(x) / fmpq(10) ** tightness))
    middle, radius = _exactly(ball.mid()), _exactly(ball.rad())
    low, high = middle - radius, middle + radius
    with flint.ctx.workprec(30 if low_precision else 300):
        points = [low + (high - low) * fmpq(1000 + i, 2000) for i in inner]
        shown = {show(Value.of_rational(point), rounding) for point in (low, *points, high)}
        try:
            assert {show(Value(ball), rounding)} == shown
        except Undecided:
            ends = {show(Value.of_rational(end), rounding) for end in (low, high)}
            assert len(ends) == 2 or (low <= 0 <= high)


def _exactly(point: arb) -> fmpq:
    mantissa, exponent = point.man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)
