"""What rounding on the way leaves open: how far a right figure may be off where displayed values are carried.

Nobody can tell from a page whether its author went on with a number as it is displayed, as it was before
rounding, or with something in between that the page does not show. Each of these lies within half a unit of
the last digit that is displayed; what a figure may come to from all of them is an interval. A figure inside
it cannot be called wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from math import floor, log10

import numpy as np

from ..mistakes.reading import Reading
from ..numbers.digits import as_double
from ..numbers.rounding import Mode
from .audit_file import Figure
from .convention import Digits, family
from .page import Print
from .ways import Ways

#: Doubles are so exact, as a share of the value; and so are ends of an interval, as a share of a unit.
_EXACT, _EDGE = 1e-13, 1e-6


def within_leeway(ways: Ways, figure: Figure, wrong: Collection[int], digits: Digits, mode: Mode) -> bool:
    """Return whether a figure is what rounding on the way may make of the right numbers.

    Args:
        ways: the ways to the figure.
        figure: the figure.
        wrong: the places of the wrong figures of the page; the right numbers count in their stead.
        digits: to how many digits what is not printed may have been rounded.
        mode: how numbers are rounded.
    """
    if figure.printed.fraction:
        return False
    sweep, name = ways.sweep, ways.name
    reading = Reading(sweep, name, {read: sweep.real(read) for read in ways.latest})
    right = sweep.values[name]
    low = high = 0.0
    for used in dict.fromkeys((*reading.reads({}), *reading.steps)):
        if used == name:
            continue
        exact, made = sweep.values[used], ways.latest.get(used)
        unit = _unit(exact, family(sweep.parts(used)), digits, made)
        middle = exact if made is None or made.place in wrong else as_double(made.real)
        ends = _around(exact, middle, unit, mode)
        with np.errstate(all="ignore"):
            outcomes = np.asarray(reading.outcome(used, np.array(ends)), dtype=np.float64) - right
        if not np.isfinite(outcomes).all():
            return False
        low, high = low + min(0.0, *outcomes), high + max(0.0, *outcomes)
    unit = 10.0**figure.printed.written.unit
    reach = (1 if mode == "truncate" else 0.5) * unit + _EDGE * unit + _EXACT * abs(right)
    return bool(right + low - reach <= float(figure.printed.value) <= right + high + reach)


def _unit(exact: float, kind: str, digits: Digits, made: Print | None) -> float:
    """Return the unit of the last digit of what was read.

    What the page does not show, and what is shown without the zeros at its end, has as many digits as others.
    """
    usual = 10.0 ** -digits.places.get(kind, digits.usual_places)
    if exact:
        significant = 10.0 ** (floor(log10(abs(exact))) + 1 - digits.usual_significant)
        usual = significant if usual > abs(exact) else max(usual, significant)
    if made is None or made.number is None:
        return usual
    printed = 10.0 ** ((made.number.exponent or 0) - len(made.number.text.partition(".")[2]))
    return printed if made.number.exponent is not None else min(printed, usual)


def _around(exact: float, middle: float, unit: float, mode: Mode) -> tuple[float, float]:
    """Return between which numbers lies what was read for a number that is displayed with this unit."""
    if middle == exact and abs(round(exact / unit) * unit - exact) <= _EXACT * abs(exact):
        return exact, exact  # it has no more digits
    reach = unit if mode == "truncate" else unit / 2
    return min(exact, middle - reach), max(exact, middle + reach)
