"""Checks that what is asked can be computed from what is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..terms import Number
from .faults import Path, Written
from .problem import Bias, Weight
from .structure import Structure

_WAYS = "a value; or an activation under `given`, or a seeded start: initialisation: {seed: 0}"


def check_knowledge(
    structure: Structure,
    weights: Sequence[Weight],
    biases: Sequence[Bias],
    given: Mapping[str, Number],
    written: Written,
) -> None:
    """Refuse parameters without a value where the forward or backward pass needs them.

    A unit whose activation is given needs nothing before it; an error term is passed back through a
    weight only where some parameter before it is to get a gradient, and there its value is needed.

    Raises:
        ProblemError: a value is missing; the text says what it is needed for.
    """
    incoming: dict[str, list[tuple[Weight | Bias, Path]]] = defaultdict(list)
    values: list[Weight | Bias] = [*weights, *biases]
    for parameter, (_, path) in zip(values, structure.parameters, strict=True):
        for unit in (parameter.target,) if isinstance(parameter, Weight) else parameter.targets:
            incoming[unit].append((parameter, path))
    inputs = set(structure.layers[0].units)
    for layer in structure.layers[1:]:
        for unit in layer.units:
            for parameter, path in incoming[unit]:
                if parameter.value is not None:
                    continue
                place = written.existing((*path, "value"))
                if unit not in given:
                    raise written.error(
                        place,
                        f"{parameter.name} has no value, so the net input of {unit} cannot be computed",
                        given="null",
                        expected=_WAYS,
                    )
                if isinstance(parameter, Weight) and parameter.source not in inputs:
                    raise written.error(
                        place,
                        f"{parameter.name} has no value, so no error reaches {parameter.source}",
                        given="null",
                        expected="a value",
                    )
