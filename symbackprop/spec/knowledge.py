"""Checks that what is asked can be computed from what is given."""

from __future__ import annotations

from collections.abc import Sequence

from .faults import Written
from .problem import Bias, Weight
from .structure import Structure

_WAYS = "a value; or an activation under `given`, or a seeded start: initialisation: {seed: 0}"


def check_knowledge(
    structure: Structure, weights: Sequence[Weight], biases: Sequence[Bias], written: Written
) -> None:
    """Refuse parameters without a value where nothing is given in place of what depends on them.

    Where some quantity is given, parameters may be left open: what cannot be known stays symbolic.

    Raises:
        ProblemError: a value is missing; the text says what it is needed for.
    """
    values: list[Weight | Bias] = [*weights, *biases]
    open_ones = {
        parameter.name: path
        for parameter, (_, path) in zip(values, structure.parameters, strict=True)
        if parameter.value is None
    }
    if not open_ones:
        return
    for layer in structure.layers[1:]:
        for unit in layer.units:
            for parameter in values:
                units = (parameter.target,) if isinstance(parameter, Weight) else parameter.targets
                if parameter.name in open_ones and unit in units:
                    raise written.error(
                        written.existing((*open_ones[parameter.name], "value")),
                        f"{parameter.name} has no value, so the net input of {unit} cannot be computed",
                        given="null",
                        expected=_WAYS,
                    )
