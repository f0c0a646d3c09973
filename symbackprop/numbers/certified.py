"""Rounding of fractions and balls to decimals, certified.

A fraction is rounded in integers. A ball (Johansson, "Arb: efficient arbitrary-precision midpoint-radius
interval arithmetic", IEEE Transactions on Computers 66, 2017) is rounded only where every point of it gives
the same decimal; otherwise `Undecided` is raised. What the roundings mean: `rounding.py`; the printed
number: `digits.py`.
"""

from __future__ import annotations

from math import floor, isfinite, log, log10
from typing import NamedTuple

from flint import arb, fmpz

from .rounding import Mode, Rounding

PLAIN_PLACES_LIMIT = 15  # kind "places" prints magnitudes from ten to this power in scientific form

_HALF = arb(0.5)
_LOG_TEN = log(10)
_TENS = [10**k for k in range(64)]
_SPANS = [(ten // 10, ten) for ten in _TENS]  # by number of digits: the least such number, the least too long
_BALL_TENS = [fmpz(10) ** k for k in range(400)]  # exact whatever the precision
_WHOLE_FLOATS = 2.0**53  # below this every whole number is a double
_ENDPOINT_BITS = 500_000  # balls with a larger binary exponent are not turned into fractions


class Undecided(Exception):
    """A digit that this ball does not decide; a ball computed at a higher precision may."""


class Rounded(NamedTuple):
    """A rounded number, n times ten to the `unit`, and the exponent its mantissa is printed with.

    Numbers printed alike have equal fields: kind "places" fixes the unit, kind "significant" the digits of n.
    """

    n: int
    unit: int
    exponent: int | None


def ten(exponent: int) -> int:
    """Return ten to an exponent that is not negative."""
    return _TENS[exponent] if exponent < 64 else int(10**exponent)


# Fractions: everything in integers.


def round_fraction(p: int, q: int, rounding: Rounding) -> Rounded:
    """Round p/q, q positive, and choose the form it is printed in."""
    if p and rounding.readout is not None:
        p, q = _fraction(*_to_significant(p, q, rounding.readout, "half_up"))
    return _place(p, q, rounding)


def _place(p: int, q: int, rounding: Rounding) -> Rounded:
    """Do the rounding itself, after any read-out."""
    digits, mode, exponent = rounding.digits, rounding.mode, rounding.exponent
    if _is_significant(rounding):
        if not p:
            return Rounded(0, 0, None)
        return _significant_form(*_to_significant(p, q, digits, mode), rounding)
    if exponent is not None:
        return Rounded(_to_unit(p, q, exponent - digits, mode), exponent - digits, exponent)
    below = rounding.scientific_below
    if p and below is not None and _is_below(abs(p), q, below):
        n, unit = _to_significant(p, q, digits + 1, mode)
        if unit + digits < below:
            return Rounded(n, unit, unit + digits)
        p, q = _fraction(n, unit)  # rounded up to the threshold: printed as the threshold is
    n = _to_unit(p, q, -digits, mode)
    if abs(n) >= ten(PLAIN_PLACES_LIMIT + digits):
        n, unit = _to_significant(p, q, digits + 1, mode)
        return Rounded(n, unit, unit + digits)
    return Rounded(n, -digits, None)


def _is_significant(rounding: Rounding) -> bool:
    """Tell the kinds apart and refuse a number of digits that has no meaning."""
    significant = rounding.kind == "significant"
    if rounding.digits < (1 if significant else 0):
        raise ValueError(f"{rounding.digits} digits of kind {rounding.kind!r}")
    return significant


def _is_below(p: int, q: int, power: int) -> bool:
    """Whether p/q, both positive, is less than ten to the power."""
    return p < q * ten(power) if power >= 0 else p * ten(-power) < q


def _fraction(n: int, unit: int) -> tuple[int, int]:
    """Return n times ten to the unit as numerator and denominator."""
    return (n * ten(unit), 1) if unit >= 0 else (n, ten(-unit))


def _significant_form(n: int, unit: int, rounding: Rounding) -> Rounded:
    """Choose the form of a number rounded to significant digits; n has all of them."""
    if rounding.exponent is not None:
        return Rounded(n, unit, rounding.exponent)
    power = unit + rounding.digits - 1
    below = rounding.scientific_below
    if unit > 0 or (below is not None and power < below):
        return Rounded(n, unit, power)
    return Rounded(n, unit, None)


def _to_unit(p: int, q: int, unit: int, mode: Mode) -> int:
    """Round p/q to a whole number of units, a unit being a power of ten."""
    if unit <= 0:
        p *= ten(-unit)
    else:
        q *= ten(unit)
    n, rest = divmod(abs(p), q)
    n = _settle(n, rest, q, mode)
    return -n if p < 0 else n


def _to_significant(p: int, q: int, digits: int, mode: Mode) -> tuple[int, int]:
    """Round p/q, not zero, to n times ten to the unit, where n has exactly that many digits."""
    a = abs(p)
    unit = floor(log10(a) - log10(q)) - digits + 1  # may be out by one where logarithms are not exact
    least, limit = ten(digits - 1), ten(digits)
    while True:
        over, under = (a, q * ten(unit)) if unit > 0 else (a * ten(-unit), q)
        n, rest = divmod(over, under)
        if n < least:
            unit -= 1
        elif n >= limit:
            unit += 1
        else:
            break
    n = _settle(n, rest, under, mode)
    if n == limit:
        n, unit = least, unit + 1
    return (-n if p < 0 else n), unit


def _settle(n: int, rest: int, whole: int, mode: Mode) -> int:
    """Round n + rest/whole, not negative, to an integer."""
    if mode == "truncate" or not rest:
        return n
    twice = 2 * rest
    if twice > whole or (twice == whole and (mode == "half_up" or n % 2)):
        return n + 1
    return n


# Balls: a quick way for the common case, the two ends of the ball for all others.


def round_ball(ball: arb, rounding: Rounding) -> Rounded:
    """Round a ball and choose the form it is printed in; raise `Undecided` unless all its points agree."""
    if rounding.kind == "significant" and rounding.readout is None and rounding.digits > 0:
        found = _ball_to_significant(ball, rounding.digits, rounding.mode)
        return _from_ends(ball, rounding) if found is None else _significant_form(*found, rounding)
    return _from_middle(ball, rounding) or _from_ends(ball, rounding)


def _from_middle(ball: arb, rounding: Rounding) -> Rounded | None:
    """Round a ball, to places or after a read-out, whose middle suggests its power of ten, or return None."""
    digits, mode, exponent = rounding.digits, rounding.mode, rounding.exponent
    if rounding.readout is not None:
        found = _ball_to_significant(ball, rounding.readout, "half_up")
        return None if found is None else _place(*_fraction(*found), rounding)
    if exponent is not None:
        n = _ball_to_unit(ball, exponent - digits, mode)
        return None if n is None else Rounded(n, exponent - digits, exponent)
    below = rounding.scientific_below
    n = _ball_to_unit(ball, -digits, mode)
    if n is not None:
        # What is more than a unit above the threshold after rounding was above it before.
        least = -1 if below is None else ten(max(below + digits, 0)) + 1
        if least < abs(n) < ten(PLAIN_PLACES_LIMIT + digits):
            return Rounded(n, -digits, None)
    found = _ball_to_significant(ball, digits + 1, mode)
    if found is not None:
        power = found[1] + digits
        if power >= PLAIN_PLACES_LIMIT or (below is not None and power < below):
            return Rounded(*found, power)
    return None


def _ball_to_unit(ball: arb, unit: int, mode: Mode) -> int | None:
    """Round a ball to a whole number of units, or return None where this does not decide."""
    scaled = ball * _BALL_TENS[-unit] if -400 < unit <= 0 else _scaled(ball, unit)
    if mode != "truncate":
        scaled = scaled + _HALF
    middle = float(scaled)
    if -_WHOLE_FLOATS < middle < _WHOLE_FLOATS:
        # a guess that the ball then proves: quicker than the ball's own floor
        n = floor(middle)
        if n < scaled < n + 1:
            return n + 1 if n < 0 and mode == "truncate" else n
    if scaled.contains_integer():  # a tie or a step within the ball, if only at its edge
        return None
    whole = scaled.floor().unique_fmpz()
    if whole is None:
        return None
    n = int(whole)
    return n + 1 if n < 0 and mode == "truncate" else n


def _scaled(ball: arb, unit: int) -> arb:
    """Return a ball in units of a power of ten that is not small and negative."""
    if 0 < unit < 400:
        return ball / _BALL_TENS[unit]
    return ball * arb(10) ** -unit


def _ball_to_significant(ball: arb, digits: int, mode: Mode) -> tuple[int, int] | None:
    """Round a ball to n with exactly that many digits and its unit, or return None.

    The power of ten is guessed from the middle. It is right for every point of the ball if the rounded n lies
    strictly between the smallest number of that many digits and the smallest of one more.
    """
    middle = abs(float(ball))
    if 0 < middle < 1e308:
        power = floor(log10(middle))
    else:
        logarithm = float(abs(ball).log()) / _LOG_TEN
        if not isfinite(logarithm):
            return None
        power = floor(logarithm)
    unit = power - digits + 1
    n = _ball_to_unit(ball, unit, mode)
    least, limit = _SPANS[digits] if digits < 64 else (ten(digits - 1), ten(digits))
    return None if n is None or not least < abs(n) < limit else (n, unit)


def _from_ends(ball: arb, rounding: Rounding) -> Rounded:
    """Round both ends of a ball; rounding is monotone, so equal ends decide every point between.

    Not so for a ball about zero if its points can be printed with ever smaller powers of ten.
    """
    low, high, q = _ends(ball)
    rounded = round_fraction(low, q, rounding)
    if low == high:
        return rounded
    if low <= 0 <= high:
        fixed = rounding.exponent is not None or rounding.scientific_below is None
        if _is_significant(rounding) or not fixed:
            raise Undecided("the ball contains zero")
    if rounded != round_fraction(high, q, rounding):
        raise Undecided("the ends of the ball are printed differently")
    return rounded


def _ends(ball: arb) -> tuple[int, int, int]:
    """Return the exact ends of a ball as two numerators over one denominator."""
    if not ball.is_finite():
        raise Undecided("the ball is not finite")
    middle, middle_exponent = (int(x) for x in ball.mid().man_exp())
    radius, radius_exponent = (int(x) for x in ball.rad().man_exp())
    if max(abs(middle_exponent), abs(radius_exponent)) > _ENDPOINT_BITS:
        raise Undecided("the exponent of the ball is out of range")
    least = min(middle_exponent, radius_exponent, 0)
    middle <<= middle_exponent - least
    radius <<= radius_exponent - least
    return middle - radius, middle + radius, 1 << -least
