"""Printed numbers by Python's decimal module, from the meaning of a rounding policy alone."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from symbackprop.numbers.rounding import Rounding, RoundingPolicy


def context(digits: int) -> decimal.Context:
    """Return a context that keeps so many digits of numbers of any size."""
    return decimal.Context(prec=digits, Emin=-999_999, Emax=999_999)


MODES = {
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_up": decimal.ROUND_HALF_UP,
    "truncate": decimal.ROUND_DOWN,
}
LARGEST_PLAIN = 15  # from 1e15 on, numbers rounded to places are printed in scientific form


def rounding_of(policy: RoundingPolicy, key: str) -> dict[str, Any]:
    """Return the fields of a quantity's rounding: the sheet's, changed by every role that fits, in order."""
    fields = {name: getattr(policy.default, name) for name in Rounding.__slots__}
    for pattern, change in policy.roles.items():
        if fnmatchcase(key, pattern):
            fields |= change
    return fields


def significant(x: Decimal, digits: int, mode: str) -> Decimal:
    return decimal.Context(prec=digits, rounding=MODES[mode], Emin=-999_999, Emax=999_999).plus(x)


def to_places(x: Decimal, places: int, mode: str) -> Decimal:
    return x.quantize(Decimal(1).scaleb(-places), MODES[mode])


def printed(
    x: Decimal,
    *,
    exact: bool = False,
    digits: int = 6,
    kind: str = "significant",
    mode: str = "half_even",
    readout: int | None = None,
    zeros: str = "exact",
    exponent: int | None = None,
    scientific_below: int | None = -3,
) -> str:
    """Return x as it is printed; `exact` when x is the value itself and not its first digits.

    Python's current decimal context has to keep all digits of x.
    """
    value = x
    if readout is not None and x:
        x = significant(x, readout, "half_up")

    def scientific(y: Decimal, power: int, places: int) -> str:
        return text(y, places, power)

    def text(y: Decimal, places: int, power: int | None) -> str:
        mantissa = y if power is None else y.scaleb(-power)
        shown = f"{to_places(mantissa, max(places, 0), 'half_even'):f}"
        if not y:
            shown = shown.lstrip("-")
        droppable = zeros == "drop" or (zeros == "exact" and exact and y == value)
        if "." in shown and droppable:
            shown = shown.rstrip("0").rstrip(".")
        return shown if power is None or shown == "0" else f"{shown}e{power}"

    if kind == "significant":
        if not x:
            return "0"
        y = significant(x, digits, mode)
        power = y.adjusted()
        if exponent is not None:
            return text(y, digits - 1 - power + exponent, exponent)
        if power >= digits or (scientific_below is not None and power < scientific_below):
            return scientific(y, power, digits - 1)
        return text(y, digits - 1 - power, None)
    if exponent is not None:
        return text(to_places(x, digits - exponent, mode), digits, exponent)
    if x and scientific_below is not None and abs(x) < Decimal(1).scaleb(scientific_below):
        y = significant(x, digits + 1, mode)
        if y.adjusted() < scientific_below:
            return scientific(y, y.adjusted(), digits)
        x = y
    y = to_places(x, digits, mode)
    if abs(y) >= Decimal(10) ** LARGEST_PLAIN:
        y = significant(x, digits + 1, mode)
        return scientific(y, y.adjusted(), digits)
    return text(y, digits, None)
