"""Which numbers are accepted for a quantity: what an answer key prints and the marking goes by.

A rounding maps a whole interval to one printed number. Its ends have one digit more than the printed
number, so every right rounding of the value to more digits lies in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import fmpq

from ..derivation.ledger import Ledger
from ..formulas.terms import Number
from ..numbers.certified import Rounded, round_fraction
from ..numbers.digits import decimal_number, number_value, show
from ..numbers.rounding import Rounding

#: How much finer than a printed number's own the places of the next smaller number may be, in digits.
_FINER = 400


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`; an end that is not included is said so."""

    low: Number
    high: Number
    includes_low: bool = True
    includes_high: bool = True

    def __contains__(self, value: Fraction) -> bool:
        """Return whether a number lies in the interval."""
        exact, low, high = as_rational(value), number_value(self.low), number_value(self.high)
        return (low < exact or (self.includes_low and low == exact)) and (
            exact < high or (self.includes_high and exact == high)
        )


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far from the printed answer a number may lie: by `absolute`, or by `relative` times the answer.

    Where both are set the larger one counts. Both are decimals, so that the ends can be printed.
    """

    absolute: Number | None = None
    relative: Number | None = None

    def of(self, answer: Number) -> fmpq:
        """Return the greatest distance from an answer."""
        absolute = fmpq(0) if self.absolute is None else number_value(self.absolute)
        relative = fmpq(0) if self.relative is None else number_value(self.relative)
        return max(absolute, relative * abs(number_value(answer)))


def as_fraction(number: Number) -> Fraction:
    """Return the exact value of a printed number."""
    value = number_value(number)
    return Fraction(int(value.p), int(value.q))


def as_rational(value: Fraction) -> fmpq:
    """Return an exact number as the ledger has it."""
    return fmpq(value.numerator, value.denominator)


def accepted_interval(ledger: Ledger, key: str, *, rounding: Rounding | None = None) -> Interval:
    """Return the lowest and the highest number that are accepted for a quantity, as exact decimals.

    They are the ends of what the rounding (by default the sheet's own for this quantity) prints as it prints
    the right answer: 0.08825 and 0.08835 for 0.0883 to four places.

    Raises:
        UndecidedDigits: no precision decides the digits of the answer.
        KeyError: the quantity has no value.
    """
    chosen = ledger.policy.of(key) if rounding is None else rounding
    return rounding_interval(printed(ledger, key, rounding=chosen), chosen)


def printed(ledger: Ledger, key: str, *, rounding: Rounding) -> Number:
    """Return a quantity under a rounding, from rounded values where the ledger carries those.

    Raises:
        UndecidedDigits: no precision decides its digits.
        KeyError: it has no value.
    """
    base = key.partition("~")[0]
    if not ledger.known(base):
        raise KeyError(f"{base} has no value")
    if ledger.given(base) is None:
        if ledger.policy.carry == "shown":
            return show(number_value(ledger.shown(base)), rounding)
        if rounding == ledger.policy.of(base):
            return ledger.shown(base)  # which is found already
    return ledger.rounded(base, rounding)


@lru_cache(maxsize=4096)  # several comparisons come to the same number
def rounding_interval(answer: Number, rounding: Rounding) -> Interval:
    """Return the numbers that a rounding prints as it prints `answer`, a number so rounded.

    To nearest both ends are included, for a tie may be meant either way. Under truncation the end away from
    zero is not: it is printed as itself. A calculator's read-out is not counted in; a number with more digits
    is to be rounded to it first.
    """
    value = number_value(answer)
    bare = rounding.bare
    rounded = round_fraction(int(value.p), int(value.q), bare)
    negative, size = rounded.n < 0, rounded._replace(n=abs(rounded.n))
    if not size.n and rounding.kind == "significant":  # no other number has zeros for its digits
        return Interval(answer, answer)
    if rounding.mode == "truncate":
        near = size if size.n else size._replace(n=-1)
        low, high, whole = near, size._replace(n=size.n + 1), bool(size.n)
        ends = _with_sign(low, high, negative)
        return Interval(*ends, includes_low=whole and not negative, includes_high=whole and negative)
    if not size.n:
        half = Rounded(5, size.unit - 1, size.exponent)
        return Interval(*_with_sign(half._replace(n=-half.n), half, False))
    high = Rounded(10 * size.n + 5, size.unit - 1, size.exponent)
    return Interval(*_with_sign(_lower_end(size, bare), high, negative))


def _lower_end(size: Rounded, rounding: Rounding) -> Rounded:
    """Return the end towards zero of what is rounded to a number above zero.

    Below a power of ten the printed numbers may lie closer together than above it: 0.9999 comes before
    1.000, and where tiny numbers have a form of their own, 9.9999e-4 before 0.0010.
    """
    if str(size.n).strip("0") != "1":
        return Rounded(10 * size.n - 5, size.unit - 1, size.exponent)
    for finer in range(_FINER):
        unit = size.unit - 1 - finer
        end = Rounded(size.n * 10 ** (finer + 1) - 5, unit, size.exponent)
        inside = (end.n * 10 + 1, unit - 1)
        if round_fraction(*_over(*inside), rounding)[:2] == size[:2]:
            return end
    raise ValueError(f"no end of what is printed as {decimal_number(size)}")


def _over(n: int, unit: int) -> tuple[int, int]:
    """Return n times ten to the unit as numerator and denominator."""
    return (n * 10**unit, 1) if unit >= 0 else (n, 10**-unit)


def _with_sign(near: Rounded, far: Rounded, negative: bool) -> tuple[Number, Number]:
    """Return the two ends in order, as printed numbers."""
    if negative:
        near, far = far._replace(n=-far.n), near._replace(n=-near.n)
    return decimal_number(near), decimal_number(far)


def tolerance_interval(answer: Number, tolerance: Tolerance) -> Interval:
    """Return the numbers within a tolerance of a printed answer, both ends included."""
    value, distance = number_value(answer), tolerance.of(answer)
    return Interval(
        _exact_decimal(value - distance, answer.exponent), _exact_decimal(value + distance, answer.exponent)
    )


def _exact_decimal(value: fmpq, exponent: int | None) -> Number:
    """Return a terminating decimal with the digits that it has, in the scientific form asked for.

    Raises:
        ValueError: it does not terminate.
    """
    rest, places = int(value.q), 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest != 1:
        factor = 2 if rest % 2 == 0 else 5
        if rest % factor:
            raise ValueError(f"{value} is no decimal that ends")
        rest, places = rest // factor, places + 1
    n = value * fmpq(10) ** places
    return decimal_number(Rounded(int(n.p), -places, exponent))
