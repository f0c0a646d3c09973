"""A problem's data: inputs, targets, samples and given activations, each number at its unit."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..terms import Number
from .faults import Path, Written
from .functions import ACTIVATIONS
from .model import NetworkForm, ProblemForm
from .problem import Layer, Sample
from .structure import Structure
from .suggest import did_you_mean, listed

Values = list[Number | None] | dict[str, Number | None]


def build_samples(network: NetworkForm, structure: Structure, written: Written) -> tuple[Sample, ...]:
    """Return the samples, each with a number for every input and output.

    Raises:
        ProblemError: numbers are missing, too many, or for units that are not inputs or outputs.
    """
    here: Path = ("network",)
    if network.samples is None:
        return (_sample(network.inputs, network.targets, here, structure, written),)
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


def build_given(form: ProblemForm, structure: Structure, samples: int, written: Written) -> dict[str, Number]:
    """Return the activations that are given, by unit.

    Raises:
        ProblemError: a unit is unknown or an input, or no activation function has the value.
    """
    given: dict[str, Number] = {}
    layer_of = {unit: layer for layer in structure.layers for unit in layer.units}
    places: list[tuple[Mapping[str, Number] | None, Path]] = [
        (form.given, ("given",)),
        (form.network.given, ("network", "given")),
        (form.network.given_activations, ("network", "given_activations")),
    ]
    written_places = [(values, path) for values, path in places if values]
    if len(written_places) > 1:
        raise written.error(
            written_places[1][1], "given activations stand in two places", expected="one place"
        )
    for values, path in written_places:
        if samples > 1:
            raise written.error(
                path, "activations cannot be given for several samples", expected="one sample"
            )
        for unit, number in (values or {}).items():
            place = (*path, unit)
            computed = [name for layer in structure.layers[1:] for name in layer.units]
            if unit not in computed:
                known = "this unit is an input" if unit in layer_of else "unknown unit"
                raise written.error(
                    place,
                    known,
                    given=unit,
                    expected=f"one of {listed(computed)}",
                    hint=did_you_mean(unit, computed),
                )
            _check_range(number, layer_of[unit], place, written)
            given[unit] = number
    return given


def _check_range(number: Number, layer: Layer, path: Path, written: Written) -> None:
    if layer.activation is None:
        return
    kind = ACTIVATIONS[layer.activation.name]
    low, high = kind.low, kind.high
    if layer.activation.name == "elu":
        low = -abs(number_value(layer.activation.settings["alpha"]))
    value = number_value(number)
    inside = (low is None or value > low or (kind.closed and value == low)) and (high is None or value < high)
    if inside:
        return
    bounds = f"between {low} and {high}" if high is not None else f"above {float(low or 0):g}"
    if kind.closed:
        bounds = f"not below {float(low or 0):g}"
    raise written.error(
        path,
        f"{layer.activation.name} never has this value",
        given=str(number),
        expected=f"a number {bounds}",
    )


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
    inputs: Values | None, targets: Values | None, path: Path, structure: Structure, written: Written
) -> Sample:
    return Sample(
        _by_unit(inputs, structure.layers[0], "input", (*path, "inputs"), written),
        _by_unit(targets, structure.layers[-1], "output", (*path, "targets"), written),
    )


def _by_unit(
    values: Values | None, layer: Layer, what: str, path: Path, written: Written
) -> dict[str, Number]:
    units = layer.units
    noun = "target" if what == "output" else "input"
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
        if number is None:
            given = "null" if unit in pairs else None
            raise written.error(
                places[unit], f"the {noun} of {unit} is missing", given=given, expected="a number"
            )
        found[unit] = number
    return found
