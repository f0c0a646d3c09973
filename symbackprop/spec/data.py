"""A problem's data: inputs, targets, samples and given activations, each number at its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..formulas.terms import Number
from ..network.operations import Activation
from .batch import is_matrix, samples_of
from .faults import Path, Written
from .functions import ACTIVATIONS
from .model import NetworkForm
from .problem import Layer, Sample
from .structure import Structure
from .suggest import did_you_mean, listed

Values = list[Number | None] | dict[str, Number | None]


def build_samples(
    network: NetworkForm, structure: Structure, written: Written, *, partly: bool = False
) -> tuple[Sample, ...]:
    """Return the samples, each with a number for every input and output.

    partly: numbers may be missing, because other quantities are given in their place.

    Raises:
        ProblemError: numbers are missing, too many, or for units that are not inputs or outputs.
    """
    here: Path = ("network",)
    if network.samples is None and is_matrix(network.inputs):
        pairs = samples_of(network, len(structure.layers[-1].units), written)
        return tuple(_sample(inputs, targets, here, structure, written) for inputs, targets in pairs)
    if network.samples is None:
        if is_matrix(network.targets):
            raise written.error(
                (*here, "targets"),
                "the targets are a matrix, the inputs are not",
                expected="a matrix of inputs too, or a list of targets",
            )
        inputs: Any = network.inputs
        targets: Any = network.targets
        return (_sample(inputs, targets, here, structure, written, partly=partly),)
    for key in ("inputs", "targets"):
        if getattr(network, key) is not None:
            raise written.error(
                (*here, key), f"{key} are given under samples too", expected="only one of the two"
            )
    samples = []
    for index, form in enumerate(network.samples):
        path = (*here, "samples", index)
        if isinstance(form, dict):
            samples.append(_flat_sample(form, path, structure, written))
        else:
            samples.append(_sample(form.inputs, form.targets, path, structure, written))
    return tuple(samples)


def number_value(number: Number) -> Fraction:
    """Return the exact value of a number."""
    value = Fraction(number.text)
    return value if number.exponent is None else value * Fraction(10) ** number.exponent


def check_range(number: Number, layer: Layer, path: Path, written: Written) -> None:
    """Refuse a given activation that the unit's function never has.

    Raises:
        ProblemError: the value is outside the function's range.
    """
    if layer.activation is None:
        return
    low, high, closed = values_of(layer.activation)
    value = number_value(number)
    inside = (low is None or value > low or (closed and value == low)) and (
        high is None or value < high or (closed and value == high)
    )
    if inside:
        return
    if low is not None and high is not None:
        bounds = f"from {float(low):g} to {float(high):g}" if closed else f"between {low} and {high}"
    elif low is not None:
        bounds = f"not below {float(low):g}" if closed else f"above {float(low):g}"
    else:
        bounds = f"below {high}"
    raise written.error(
        path,
        f"{layer.activation.name} never has this value",
        given=str(number),
        expected=f"a number {bounds}",
    )


def values_of(activation: Activation) -> tuple[Fraction | None, Fraction | None, bool]:
    """Return between which numbers an activation's values lie, and whether they reach these themselves."""
    if activation.expression is not None:
        return None, None, False
    kind = ACTIVATIONS[activation.name]
    low, high = (_bound(bound, activation) for bound in (kind.low, kind.high))
    return low, high, kind.closed


def _bound(bound: Fraction | str | None, activation: Activation) -> Fraction | None:
    """Return a bound of an activation's values: a number, or what one of its settings says."""
    if not isinstance(bound, str):
        return bound
    value = number_value(activation.settings[bound.lstrip("-")])
    return -abs(value) if bound.startswith("-") else value


def _flat_sample(
    values: Mapping[str, Number | None], path: Path, structure: Structure, written: Written
) -> Sample:
    inputs, outputs = structure.layers[0], structure.layers[-1]
    known = [*inputs.units, *outputs.units]
    for unit in values:
        if unit not in known:
            raise written.error(
                (*path, unit),
                "neither an input nor an output",
                given=unit,
                expected=f"one of {listed(known)}",
                hint=did_you_mean(unit, known),
            )
    return Sample(
        _by_unit({u: v for u, v in values.items() if u in inputs.units}, inputs, "input", path, written),
        _by_unit({u: v for u, v in values.items() if u in outputs.units}, outputs, "output", path, written),
    )


def _sample(
    inputs: Values | None,
    targets: Values | None,
    path: Path,
    structure: Structure,
    written: Written,
    *,
    partly: bool = False,
) -> Sample:
    return Sample(
        _by_unit(inputs, structure.layers[0], "input", (*path, "inputs"), written, partly),
        _by_unit(targets, structure.layers[-1], "output", (*path, "targets"), written, partly),
    )


def _by_unit(
    values: Values | None, layer: Layer, what: str, path: Path, written: Written, partly: bool = False
) -> dict[str, Number]:
    units = layer.units
    noun = "target" if what == "output" else "input"
    if values is None and partly:
        return {}
    if values is None:
        raise written.error(
            path, "missing", expected=f"a {noun} for each {what}: {listed(units)}" if noun == "target" else ""
        )
    if isinstance(values, list):
        if len(values) != len(units):
            raise written.error(
                path,
                f"{'too few' if len(values) < len(units) else 'too many'} {noun}s",
                given=str(len(values)),
                expected=f"{len(units)}, one for each {what} ({listed(units)})",
            )
        pairs = dict(zip(units, values, strict=True))
        places = {unit: (*path, index) for index, unit in enumerate(units)}
    elif what == "output" and set(values) == {"class"} and "class" not in units:
        pairs = _one_hot(values["class"], units, (*path, "class"), written)
        places = {}
    else:
        for unit in values:
            if unit not in units:
                raise written.error(
                    (*path, unit),
                    f"{unit} is not an {what}",
                    given=unit,
                    expected=f"one of {listed(units)}",
                    hint=did_you_mean(unit, units),
                )
        pairs = values
        places = {unit: (*path, unit) for unit in units}
    found: dict[str, Number] = {}
    for unit in units:
        number = pairs.get(unit)
        if number is None and partly:
            continue
        if number is None:
            given = "null" if unit in pairs else None
            raise written.error(
                places[unit], f"the {noun} of {unit} is missing", given=given, expected="a number"
            )
        found[unit] = number
    return found


def _one_hot(
    number: Number | None, units: Sequence[str], path: Path, written: Written
) -> dict[str, Number | None]:
    """Return 1 for the right class, counted from 1, and 0 for all others."""
    right = None if number is None else number_value(number)
    if right is None or right.denominator != 1 or not 1 <= right <= len(units):
        raise written.error(
            path,
            "no class of this number",
            given="null" if number is None else str(number),
            expected=f"a whole number from 1 to {len(units)}, the place of the right class among the outputs",
        )
    return {unit: Number("1" if place == right else "0") for place, unit in enumerate(units, start=1)}
