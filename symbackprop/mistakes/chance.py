"""How likely a random wrong number finds an explanation: what decides whether one is confident."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log, log10

from .explanation import Wanted
from .hand import Written

#: An explanation is confident if a random wrong number has one as likely with at most this probability; the
#: second where the same hand has made the same mistake elsewhere.
CHANCE, CHANCE_IF_HABITUAL = 0.015, 0.05

#: The same where two mistakes were looked for together, or any quantity in the place of another.
CHANCE_IF_DEEP = 0.004

#: The likeliest mistakes explain a number of three digits or more: the chance of each is that of one number.
FIRST_RANKS, CHANCE_OF_ONE = 2, 0.0125

#: Numbers that are wrong by chance are as often off by one order of magnitude as by another, within so many.
ORDERS = 5

#: Doubles tell this many digits for certain.
_CERTAIN_DIGITS = 14


def double_unit(written: Written) -> tuple[int, int]:
    """Return the unit at which doubles are compared, and the number of such units."""
    surplus = len(str(abs(written.n))) - _CERTAIN_DIGITS
    if surplus <= 0:
        return written.unit, written.n
    return written.unit + surplus, round(Fraction(written.n, 10**surplus))


def chance_of_number(wanted: Wanted) -> float:
    """Return how likely a random wrong number is a given one, at its unit.

    Random numbers lie about the right one as far as it is from zero, or are of its order of magnitude, or of
    any within a factor of ten, or as near to it as you like; whichever makes the given one most likely
    counts.
    """
    n = abs(wanted.written.n)
    right = max(abs(wanted.size) / 10.0**wanted.written.unit, 1.0)
    if not n:
        return min(0.5, 1.0 / right)
    chance = 1.0 / (log(100.0) * n)
    if n <= 2.5 * right:
        chance = max(chance, 1.0 / right)
    decade = 10.0 ** floor(log10(right))
    if decade <= n < 10 * decade:
        chance = max(chance, 1.0 / (9 * decade))
    return min(chance, 0.5)


def chance_so_near(wanted: Wanted) -> float:
    """Return how likely a random number, off by any order of magnitude, is this one near the right one."""
    right = wanted.size / 10.0**wanted.written.unit
    off = abs(wanted.written.n - right)
    return 1.0 / (2.0 * log(10.0**ORDERS) * max(off, 1.0))
