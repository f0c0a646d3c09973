"""Certified digits: a value as it is printed, every digit decided.

A value is enclosed by a ball (Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic", IEEE Transactions on Computers 66, 2017), with the exact rational beside it when there is
one. What is printed holds for every point of the ball; where it does not, `Undecided` tells the caller to
compute the value again at a higher precision. The rounding policy itself is stated in `rounding.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from typing import NamedTuple

from flint import arb, fmpq, fmpz

from ..formulas.terms import Number
from .certified import Rounded, Undecided, round_ball, round_fraction
from .rounding import Rounding

__all__ = [
    "Real",
    "Undecided",
    "Value",
    "as_double",
    "decimal_number",
    "double_value",
    "exact_text",
    "number_value",
    "rational",
    "show",
    "significant_digits",
]

TEXT_LIMIT = 100_000  # the most digits, and the largest decimal exponent, that are read from a text

_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?", re.ASCII)
_SHORT = 40
_TENS = tuple(10**places for places in range(_SHORT))
_FORMS = "a decimal or a fraction such as 0.40, -4.83e-4 or 1/3"


#: A real number as one object: itself where it is a known rational, otherwise a ball that encloses it.
Real = fmpq | arb


class Value(NamedTuple):
    """A real number: a ball that encloses it, and the number itself where it is a known rational."""

    ball: arb
    exact: fmpq | None = None

    @property
    def real(self) -> Real:
        """The rational where it is known, otherwise the ball."""
        return self.ball if self.exact is None else self.exact

    @classmethod
    def of_real(cls, real: Real) -> Value:
        """Return the value of a rational, its ball at the current precision, or of a ball."""
        return cls(arb(real), real) if isinstance(real, fmpq) else cls(real)

    @classmethod
    def of_number(cls, number: Number) -> Value:
        """Return the value of a printed number, its ball at the current precision."""
        return cls.of_rational(number_value(number))

    @classmethod
    def of_rational(cls, exact: fmpq) -> Value:
        """Return the value of a rational, its ball at the current precision."""
        return cls(arb(exact), exact)


@lru_cache(maxsize=4096)
def rational(text: str) -> fmpq:
    """Read "0.40", "-4.83e-4" or "1/3" as the exact rational that is written."""
    above, bar, below = text.partition("/")
    value = _decimal(above, text)
    if bar:
        divisor = _decimal(below, text)
        if divisor == 0:
            raise ValueError(f"zero denominator in {text!r}")
        value = value / divisor
    return value


def number_value(number: Number) -> fmpq:
    """Return the exact value of a printed number."""
    value = rational(number.text)
    return value if number.exponent is None else value * _power(_checked(number.exponent))


def as_double(real: Real) -> float:
    """Return the nearest double of a number, of a ball that of its middle; infinity beyond all doubles."""
    if not isinstance(real, fmpq):
        return float(real)
    try:
        return int(real.p) / int(real.q)
    except OverflowError:
        return inf if real > 0 else -inf


def double_value(number: Number) -> float:
    """Return the nearest double of a printed number."""
    return as_double(number_value(number))


def show(value: Value | Real, rounding: Rounding) -> Number:
    """Return a value as it is printed under a rounding, every digit certified.

    A known rational is rounded in integers, so that ties are met exactly. A ball is rounded only if all
    its points print alike; otherwise `Undecided` is raised.

    The form follows from the rounded number, so equal numbers are printed in the same form: 9.9999996e-4 at
    six significant digits is 0.00100000 exactly as 0.001 is, although it lies below a scientific_below of
    -3. Kind "significant" turns to scientific form where the integer part has more digits than are asked
    for, kind "places" from 1e15. A fixed exponent overrides both rules; a mantissa with more integer digits
    than are significant is filled with zeros. A shown zero has no sign, and a bare "0" no exponent.
    """
    real = value.real if isinstance(value, Value) else value
    rounded = _rounded(real, rounding)
    text = _mantissa(rounded)
    if text[-1] == "0" and "." in text:
        zeros = rounding.zeros
        if zeros == "drop" or (zeros == "exact" and _is_exactly(real, rounded)):
            text = text.rstrip("0").rstrip(".")
    return Number(text, None if text == "0" else rounded.exponent)


def decimal_number(rounded: Rounded) -> Number:
    """Return a rounded number as it is printed, with all its digits."""
    text = _mantissa(rounded)
    return Number(text, None if text == "0" else rounded.exponent)


def significant_digits(value: Value | Real, digits: int = 17) -> str:
    """Return the value to that many certified significant digits, rounded to nearest.

    The text is one that `float` and `Decimal` read: plain from 1e-5 up to as many integer digits as are
    asked for, otherwise with an exponent ("1.2345e-310"). A shorter terminating decimal is given in full
    ("0.4325"), an exact zero as "0".
    """
    real = value.real if isinstance(value, Value) else value
    rounded = _rounded(real, _full(digits))
    text = _mantissa(rounded)
    if "." in text and _is_exactly(real, rounded):
        text = text.rstrip("0").rstrip(".")
    return text if rounded.exponent is None else f"{text}e{rounded.exponent}"


def exact_text(value: Value | Real, limit: int = 60) -> str | None:
    """Return a rational value as "173/400" or "2".

    None stands for a value that is not a known rational, or one whose numerator or denominator has more
    digits than the limit.
    """
    exact = value.exact if isinstance(value, Value) else value
    if not isinstance(exact, fmpq):
        return None
    longest = 10**limit
    if abs(exact.numer()) >= longest or exact.denom() >= longest:
        return None
    return str(exact)


@lru_cache(maxsize=64)
def _full(digits: int) -> Rounding:
    """Return the rounding of a number that is meant to be read by a program."""
    return Rounding(digits, "significant", "half_even", scientific_below=-5)


def _rounded(real: Real, rounding: Rounding) -> Rounded:
    """Round a rational in integers, a ball by all its points."""
    if isinstance(real, fmpq):
        return round_fraction(int(real.p), int(real.q), rounding)
    return round_ball(real, rounding)


def _mantissa(rounded: Rounded) -> str:
    """Write a rounded number without its exponent."""
    n, unit, exponent = rounded
    if exponent is not None:
        unit -= exponent
    sign, size = ("-", -n) if n < 0 else ("", n)
    try:
        text = str(size)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        text = str(fmpz(size))
    if unit >= 0:
        return f"{sign}{text}{'0' * unit}" if n else "0"
    text = text.zfill(1 - unit)
    return f"{sign}{text[:unit]}.{text[unit:]}"


def _is_exactly(real: Real, rounded: Rounded) -> bool:
    """Whether the rounded number is known to be the value itself."""
    return isinstance(real, fmpq) and real == rounded.n * _power(rounded.unit)


def _decimal(text: str, whole: str) -> fmpq:
    """Read one decimal of a text; `whole` is for the message."""
    plain, _, places = text.partition(".")
    digits = plain.removeprefix("-") + places
    if len(digits) < _SHORT and digits.isascii() and digits.isdecimal():  # nearly all; the rest is slower
        return fmpq(int(plain + places), _TENS[len(places)])
    match = _DECIMAL.fullmatch(text.strip())
    if match is None or not (match[2] or match[3]):
        raise ValueError(f"{whole!r} is not {_FORMS}")
    sign, before, after, exponent = match.group(1, 2, 3, 4)
    after = after or ""
    if len(before) + len(after) > TEXT_LIMIT:
        raise ValueError(f"a number of more than {TEXT_LIMIT} digits")
    n = fmpz(before + after)  # int() stops at 4,300 digits
    return fmpq(-n if sign == "-" else n) * _power(_checked(int(exponent or 0)) - len(after))


def _checked(exponent: int) -> int:
    """Refuse an exponent that would fill the memory."""
    if abs(exponent) > TEXT_LIMIT:
        raise ValueError(f"the exponent {exponent} is beyond {TEXT_LIMIT}")
    return exponent


@lru_cache(maxsize=256)
def _power(exponent: int) -> fmpq:
    """Return ten to an exponent."""
    return fmpq(10) ** exponent
