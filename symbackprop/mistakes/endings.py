"""Slips with the result of a computation: a sign that is dropped, a decimal point that is off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .hypothesis import Family, Ground, Hypothesis
from .pairs import SECOND

#: What is multiplied by where the decimal point is off by so many places.
POWERS = {1: 10.0, -1: 0.1, 2: 100.0, -2: 0.01, 3: 1000.0, -3: 0.001}


def ended(families: Sequence[Family], ground: Ground) -> list[Family]:
    """Return families whose results suffer a slip of the hand in the end as well."""
    found: list[Family] = []
    for family in families:
        if ground.wants("sign_dropped"):
            cost = ground.habits.cost("sign_dropped", 1) + SECOND
            found.append(
                Family(
                    -family.values,
                    family.costs + cost,
                    lambda place, made=family.make: _with_end(made(place), "sign_dropped", sign=-1),  # type: ignore[misc]
                )
            )
        if ground.wants("decimal_point_shifted"):
            for shift in (1, -1):
                cost = ground.habits.cost("decimal_point_shifted", 2) + SECOND
                found.append(
                    Family(
                        family.values * POWERS[shift],
                        family.costs + cost,
                        lambda place, made=family.make, shift=shift: _with_end(  # type: ignore[misc]
                            made(place), "decimal_point_shifted", shift=shift
                        ),
                    )
                )
    return found


def _with_end(hypothesis: Hypothesis, name: str, sign: int = 1, shift: int = 0) -> Hypothesis:
    return Hypothesis(
        (*hypothesis.mistakes, name),
        hypothesis.changes,
        hypothesis.reading,
        hypothesis.sign * sign,
        hypothesis.shift + shift,
        hypothesis.about,
    )


def ends_of_right(ground: Ground) -> list[Family]:
    """Return the right result with its sign turned or its point shifted."""
    reading = ground.reading
    value = float(np.asarray(reading.doubles[reading.key]))
    kinds: list[tuple[str, int, int]] = []
    if ground.wants("sign_dropped"):
        kinds.append(("sign_dropped", -1, 0))
    if ground.wants("decimal_point_shifted"):
        kinds += [("decimal_point_shifted", 1, shift) for shift in POWERS]  # a place or two more, each rarer
        kinds += [("both", -1, shift) for shift in (1, -1) if ground.wants("sign_dropped")]
    values = [sign * value * POWERS.get(shift, 1.0) for _, sign, shift in kinds]
    costs = []
    for name, _, shift in kinds:
        if name == "both":
            cost = (
                ground.habits.cost("sign_dropped", 1)
                + ground.habits.cost("decimal_point_shifted", 2)
                + SECOND
            )
        else:
            cost = ground.habits.cost(name, 2 if shift else 1)
        costs.append(cost + ground.cost + (1.5 * (abs(shift) - 1) if shift else 0.0))

    def make(place: int) -> Hypothesis:
        name, sign, shift = kinds[place]
        names = ("decimal_point_shifted", "sign_dropped") if name == "both" else (name,)
        return Hypothesis(names, {}, reading, sign, shift)

    return [Family(np.array(values), np.array(costs), make)] if kinds else []
