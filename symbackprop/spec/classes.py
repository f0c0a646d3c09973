"""Targets that name the right class instead of a number for each output: one, or one for each time step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..formulas.terms import Number
from ..layers import Numbers
from ..layers.layer import parse_numbers
from .data import number_value
from .faults import Fault

CLASS = "class"


def parse_targets(value: object) -> Numbers | Mapping[str, Numbers]:
    """Return a list of targets; a list of `{class: 2}`, one for each time step, as `{class: [2, ...]}`.

    Raises:
        Fault: it holds something that is neither a number nor a class.
    """
    rows = value if isinstance(value, list) else []
    if rows and all(isinstance(row, dict) and set(row) == {CLASS} for row in rows):
        return {CLASS: parse_numbers([row[CLASS] for row in rows])}
    return parse_numbers(value)


def one_hot(numbers: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Return 1 at each right class, counted from 1 along the last axis, and 0 for all others.

    `numbers` is one class, or one for each place of the axes before the last: of steps x outputs one a step.

    Raises:
        Fault: the number of classes does not fit, or one of them is no place of an output.
    """
    places, count = shape[:-1], shape[-1]
    if numbers.shape == (1,) * numbers.ndim and not places:
        numbers = numbers.reshape(())
    if numbers.shape != places:
        steps = " x ".join(map(str, places))
        raise Fault(
            "not one class for each row of outputs" if places else "several classes of one row of outputs",
            expected=f"{steps} classes, as in {{class: [1, 2, ...]}}" if places else "one class: {class: 2}",
        )
    result = np.full(shape, Number("0"), dtype=object)
    for place in np.ndindex(places):
        number: Any = numbers[place]
        right = None if number is None else number_value(number)
        if right is None or right.denominator != 1 or not 1 <= right <= count:
            raise Fault(
                f"no class of this number: {'null' if number is None else number}",
                expected=f"a whole number from 1 to {count}, the place of the right class among the outputs",
                inside=place,
            )
        result[(*place, int(right) - 1)] = Number("1")
    return result
