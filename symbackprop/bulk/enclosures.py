"""Matrices of doubles with rigorous bounds of their errors: midpoint and radius.

A product is computed as one ordinary matrix product, and its error is bounded beside it (Rump, "Fast and
parallel interval arithmetic", BIT 39, 1999): with n products summed in any order, fused or not,

    |fl(A D) - A D| <= gamma_n |A| |D|,   gamma_n = n u / (1 - n u),   u = 2^-53,

to which come the radii of the factors, and half the least double for each product that underflows. Bounds are
themselves computed in doubles and then inflated by far more than their own rounding can take away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..doubles.arrays import Array
from ..numbers.digits import Real

UNIT = 2.0**-53  # half the distance from 1 to the next double
LEAST = 2.0**-1074  # the least positive double
INFLATION = 1.0 + 1e-6  # more than a sum of ten million rounded terms can lose

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A matrix: each true entry lies within `radius` of `middle`, and is zero where `zero` is true."""

    middle: Array
    radius: Array
    zero: Mask

    def product(self, other: Enclosure) -> Enclosure:
        """Return an enclosure of the matrix product, entries inf where it is beyond the doubles."""
        count = self.middle.shape[1]
        if count == 0:
            shape = (self.middle.shape[0], other.middle.shape[1])
            return Enclosure(np.zeros(shape), np.zeros(shape), np.ones(shape, dtype=bool))
        gamma = count * UNIT / (1.0 - count * UNIT)
        with np.errstate(all="ignore"):
            size, other_size = np.abs(self.middle), np.abs(other.middle)
            middle = self.middle @ other.middle
            radius = size @ (gamma * other_size + other.radius) + self.radius @ (other_size + other.radius)
            radius = radius * INFLATION + 16.0 * count * LEAST
        nonzero = (~self.zero).astype(float) @ (~other.zero).astype(float)
        zero = nonzero == 0.0
        radius[~np.isfinite(middle) | np.isnan(radius)] = np.inf
        middle[zero], radius[zero] = 0.0, 0.0
        return Enclosure(middle, radius, zero)

    def transposed(self) -> Enclosure:
        """Return the transpose."""
        return Enclosure(self.middle.T, self.radius.T, self.zero.T)


def enclosure(rows: Iterable[Iterable[Real]]) -> Enclosure:
    """Return the enclosure of a matrix of rationals and balls."""
    triples = [[_entry(real) for real in row] for row in rows]
    array = np.array(triples, dtype=float).reshape(len(triples), -1, 3)
    return Enclosure(array[..., 0].copy(), array[..., 1].copy(), array[..., 2] != 0.0)


def _entry(real: Real) -> tuple[float, float, float]:
    """Return the nearest double or one close to it, how far the number can be from it, whether it is zero."""
    if not real:
        return 0.0, 0.0, 1.0
    ball = arb(real) if isinstance(real, fmpq) else real
    middle = float(ball)
    if not np.isfinite(middle):
        return 0.0, np.inf, 0.0
    away = float(abs(ball - arb(middle)).abs_upper().upper())
    return middle, float(np.nextafter(away, np.inf)) * (1.0 + 4.0 * UNIT), 0.0


def added(parts: Iterable[tuple[Any, Enclosure]], size: int) -> Enclosure:
    """Return, by index, the sums of the entries of matrices; `parts` are index matrices with their entries.

    An index may occur any number of times; those beyond the size are left out.
    """
    total, radius, weight = np.zeros(size + 1), np.zeros(size + 1), np.zeros(size + 1)
    count, nonzero = np.zeros(size + 1), np.zeros(size + 1)
    with np.errstate(all="ignore"):
        for index, entries in parts:
            flat = np.minimum(index.ravel(), size)
            np.add.at(total, flat, entries.middle.ravel())
            np.add.at(radius, flat, entries.radius.ravel())
            np.add.at(weight, flat, np.abs(entries.middle.ravel()))
            np.add.at(count, flat, 1.0)
            np.add.at(nonzero, flat, (~entries.zero).ravel().astype(float))
        rounding = np.where(nonzero > 1.0, count * UNIT / (1.0 - count * UNIT), 0.0) * weight
        radius = (radius + rounding) * INFLATION
    radius[~np.isfinite(total) | np.isnan(radius)] = np.inf
    return Enclosure(total[:-1], radius[:-1], (nonzero == 0.0)[:-1])


#: Powers of ten that are doubles to within half a unit; beyond them nothing is decided here.
_POWERS = np.array([float(f"1e{power}") for power in range(-290, 291)])


def decided(values: Enclosure, digits: int) -> Mask:
    """Return where every point of an enclosure rounds to the same decimal of so many significant digits.

    Halfway cases and powers of ten are left undecided, and so is what is near the ends of the doubles' range.
    """
    size = np.abs(values.middle)
    good = (size > 1e-270) & (size < 1e270) & (values.radius < size * 1e-3)
    size = np.where(good, size, 1.0)
    power = np.floor(np.log10(size)).astype(int)
    scale = _POWERS[digits - 1 - power + 290]
    scaled = size * scale
    room = values.radius * scale + scaled * (8.0 * UNIT)  # the scale and the product are rounded
    room = np.where(good, room * INFLATION, np.inf)
    distance = np.abs(scaled - np.floor(scaled) - 0.5)
    inside = (scaled - room > 10.0 ** (digits - 1) + 1.0) & (scaled + room < 10.0**digits - 1.0)
    found: Mask = values.zero | (good & inside & (distance > room + 4.0 * UNIT * scaled))
    return found
