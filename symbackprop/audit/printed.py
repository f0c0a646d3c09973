"""Numbers as people print them: 0.0883, 0,0883, 8.83e-2, 8.83 x 10^-2, −0.01, 1/3, 12 %."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from ..formulas.terms import Number
from ..mistakes.hand import Written

#: The most digits, and the largest power of ten, that a printed number may have.
MOST_DIGITS, LARGEST_POWER = 200, 400

#: Where an exact fraction is compared: at so many decimal places.
_FRACTION_PLACES = 40

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SIGNS = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "＋": "+"})
_TIMES = re.compile(r"\\times|\\cdot|[×·⋅∙*✕]|(?<=[\d\s])[xX](?=\s*10)")
_POWER = re.compile(r"(?P<mantissa>[+-]?[\d.,]*)\*10\^?(?P<power>[+-]?\d+)", re.ASCII)
_BARE_POWER = re.compile(r"(?P<mantissa>[+-]?)10\^(?P<power>[+-]?\d+)", re.ASCII)
_SCIENTIFIC = re.compile(r"(?P<mantissa>[+-]?[\d.,]+)[eE](?P<power>[+-]?\d+)", re.ASCII)
_PLAIN = re.compile(r"[+-]?[\d.,]+", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})+", re.ASCII)


class NotANumber(ValueError):
    """A text that is no number, or one that could be read in two ways."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it is printed: its text, its digits with their unit, and its exact value."""

    text: str
    written: Written
    value: Fraction
    fraction: bool = False

    @property
    def real(self) -> fmpq:
        """The exact value."""
        return fmpq(self.value.numerator, self.value.denominator)

    @property
    def number(self) -> Number:
        """The number for display: a mantissa and a power of ten where it is printed so."""
        if self.fraction:
            return Number(f"{self.value.numerator}/{self.value.denominator}")
        mantissa, mark, power = self.text.partition("e")
        return Number(mantissa, int(power) if mark else None)


def read_printed(text: str) -> Printed:
    """Return a printed number.

    Raises:
        NotANumber: the text is none, or its comma may be a decimal mark or part thousands.
    """
    plain = _normal(text)
    if "/" in plain:
        return _fraction(plain, text)
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    match = _POWER.fullmatch(plain) or _BARE_POWER.fullmatch(plain) or _SCIENTIFIC.fullmatch(plain)
    power = 0
    if match is not None:
        plain, power = match["mantissa"], int(match["power"])
        if plain in ("", "+", "-"):
            plain += "1"
    if not _PLAIN.fullmatch(plain) or not any(c.isdigit() for c in plain):
        raise NotANumber(f"{text!r} is not a number")
    mantissa = _decimal(plain, text)
    whole, _, places = mantissa.lstrip("+-").partition(".")
    if len(whole) + len(places) > MOST_DIGITS or abs(power) > LARGEST_POWER:
        raise NotANumber(f"{text!r} has too many digits, or too large a power of ten")
    n = int((whole + places) or "0")
    n = -n if mantissa.startswith("-") else n
    unit = power - len(places) - (2 if percent else 0)
    shown = f"{'-' if mantissa.startswith('-') else ''}{whole or '0'}" + (f".{places}" if places else "")
    power -= 2 if percent else 0
    if match is not None or percent:
        shown += f"e{power}"
    return Printed(shown, Written(n, unit), Fraction(n) * Fraction(10) ** unit)


def _normal(text: str) -> str:
    """Return a text with plain signs, without spaces, its multiplication sign a star."""
    plain = text.strip().strip("$").translate(_SIGNS)
    plain = re.sub(
        r"[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+", lambda m: "^" + m[0].translate(_SUPERSCRIPTS), plain
    )
    plain = plain.lstrip("=≈~ ")
    plain = _TIMES.sub("*", plain)
    return re.sub(r"[\s{}'\u2009\u202f\u00a0\\]", "", plain)


def _decimal(plain: str, text: str) -> str:
    """Return a number with a point as its decimal mark and no separators of thousands."""
    points, commas = plain.count("."), plain.count(",")
    if points and commas:
        mark = "." if plain.rindex(".") > plain.rindex(",") else ","
        separator = "," if mark == "." else "."
        head, _, tail = plain.rpartition(mark)
        if mark in head or (separator in head and not _GROUPED.fullmatch(head)):
            raise NotANumber(f"{text!r} is not a number")
        return f"{head.replace(separator, '')}.{tail}"
    if points + commas <= 1:
        if commas and _GROUPED.fullmatch(plain) and not plain.lstrip("+-").startswith("0"):
            raise NotANumber(
                f"{text!r} may be {plain.replace(',', '.')} or {plain.replace(',', '')}; write it with "
                f"a point"
            )
        return plain.replace(",", ".")
    if _GROUPED.fullmatch(plain):
        return plain.replace(".", "").replace(",", "")
    raise NotANumber(f"{text!r} is not a number")


def _fraction(plain: str, text: str) -> Printed:
    over, _, under = plain.partition("/")
    if not re.fullmatch(r"[+-]?\d{1,40}", over, re.ASCII) or not re.fullmatch(r"\d{1,40}", under, re.ASCII):
        raise NotANumber(f"{text!r} is not a number")
    if not int(under):
        raise NotANumber(f"{text!r} divides by zero")
    value = Fraction(int(over), int(under))
    n = round(value * 10**_FRACTION_PLACES)
    return Printed(f"{int(over)}/{int(under)}", Written(n, -_FRACTION_PLACES), value, True)
