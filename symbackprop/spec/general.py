"""From the form of a network of any shape to its architecture and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..formulas.terms import Number
from ..layers import Assembly, Numbers, Units
from ..layers.laying import lay_all
from ..layers.naming import element, printed
from ..network.architecture import Architecture
from .classes import CLASS, one_hot
from .faults import Fault, Path, Written
from .general_forms import NOT_IN_GRAPHS, GeneralNetworkForm, GraphForm
from .model import StartForm
from .nodes import lay_nodes
from .problem import Layer, Sample
from .suggest import listed
from .training import fill_start

HERE: Path = ("network",)


@dataclass(frozen=True)
class General:
    """What a network of any shape contributes to a problem."""

    architecture: Architecture
    layers: tuple[Layer, ...]
    samples: tuple[Sample, ...]
    wrt: tuple[str, ...]


def build_layers(network: GeneralNetworkForm, written: Written, *, partly: bool = False) -> General:
    """Return the architecture and data of a network of typed layers.

    partly: quantities are given in place of others, so that inputs and targets may be null.

    Raises:
        ProblemError: the layers do not fit together or do not fit the data; the text says where.
    """
    rows = _sample_forms(network, written)
    leaves = [_leaves(inputs, path, written) for inputs, _, path in rows]
    _check_same(leaves, [path for _, _, path in rows], written)
    names = {name: _unit_names(name, values) for name, values in leaves[0].items()}
    units = [str(unit) for array in names.values() for unit in array.ravel()]
    assembly = Assembly(_numbered(len(rows)), units, written)
    _print_leaves(names, assembly)
    assembly.outputs.update(names)
    flat = [
        _flat(names, values, path, written, partly) for (_, _, path), values in zip(rows, leaves, strict=True)
    ]
    assembly.data = {unit: tuple(values[unit] for values in flat) for unit in units if unit in flat[0]}
    assembly.draws = isinstance(network.initialisation, StartForm)
    assembly.partly = partly
    assembly.columns = network.layout == "columns"
    assembly.last, assembly.place = True, HERE
    incoming = lay_all(network.layers, "layers", _joined(names), assembly)
    outputs = tuple(str(unit) for unit in incoming.ravel())
    samples = []
    for number, (_, targets, path) in enumerate(rows):
        given = {**flat[number], **{name: values[number] for name, values in assembly.constants.items()}}
        samples.append(Sample(given, _targets(targets, incoming, path, written, partly)))
    architecture = assembly.finish()
    parameters = fill_start(architecture.parameters, network.initialisation)
    return General(
        replace(architecture, parameters=parameters),
        (Layer("input", (*units, *assembly.constants)), Layer("output", outputs)),
        tuple(samples),
        (),
    )


def build_nodes(graph: GraphForm, written: Written) -> General:
    """Return the architecture and data of a free computation graph.

    A leaf may be null: what depends on it stays symbolic.

    Raises:
        ProblemError: an expression cannot be used, a name is unknown or given twice, nodes form a cycle.
    """
    for name in NOT_IN_GRAPHS:
        if name in graph.model_fields_set:
            hint = "Put leaves under inputs, constants or parameters, and everything else under nodes."
            raise written.error((*HERE, name), "not used in a graph", hint=hint)
    shared = {**graph.inputs, **graph.constants}
    _check_names(graph, written)
    rows = graph.samples if graph.samples is not None else [{}]
    if not rows:
        raise written.error((*HERE, "samples"), "no samples", expected="at least one sample")
    paths: list[Path] = [(*HERE, "samples", index) for index in range(len(rows))]
    leaves = [{**shared, **row} for row in rows]
    _check_same(leaves, paths, written)
    names = {name: _unit_names(name, values) for name, values in leaves[0].items()}
    units = [str(unit) for array in names.values() for unit in array.ravel()]
    assembly = Assembly(_numbered(len(rows)), units, written)
    _print_leaves(names, assembly)
    parameters = {name: assembly.parameter_array(name, values) for name, values in graph.parameters.items()}
    outputs = lay_nodes(graph, names, parameters, assembly, written)
    samples = tuple(
        Sample(_flat(names, values, path, written, partly=True), {})
        for values, path in zip(leaves, paths, strict=True)
    )
    constant = {str(unit) for name in graph.constants for unit in names[name].ravel()}
    return General(
        assembly.finish(),
        (Layer("input", tuple(units)), Layer("output", outputs)),
        samples,
        tuple(unit for unit in units if unit not in constant),
    )


def _check_names(graph: GraphForm, written: Written) -> None:
    seen: dict[str, str] = {}
    for section in ("inputs", "constants", "parameters", "nodes"):
        for name in getattr(graph, section):
            if name in seen:
                raise written.error(
                    (*HERE, section, name),
                    "two things have this name",
                    given=name,
                    expected="a name of its own for each leaf and node",
                    hint=f"It stands under {seen[name]} too.",
                )
            seen[name] = section


def _numbered(count: int) -> Sequence[int | None]:
    return (None,) if count == 1 else range(1, count + 1)


def _sample_forms(network: GeneralNetworkForm, written: Written) -> list[tuple[Any, Any, Path]]:
    if network.samples is None:
        if network.inputs is None:
            raise written.error((*HERE, "inputs"), "missing", expected="numbers in the shape of the data")
        return [(network.inputs, network.targets, HERE)]
    if not network.samples:
        raise written.error((*HERE, "samples"), "no samples", expected="at least one sample")
    return [
        (form.inputs, form.targets, (*HERE, "samples", index)) for index, form in enumerate(network.samples)
    ]


def _leaves(inputs: Numbers | Mapping[str, Numbers], path: Path, written: Written) -> dict[str, Numbers]:
    """Return the arrays of inputs by name; a mapping of single numbers names the units of one vector."""
    if isinstance(inputs, Mapping):
        return dict(inputs)
    if not inputs.shape:
        raise written.error((*path, "inputs"), "one number", expected="a list of numbers")
    return {"x": inputs}


def _check_same(leaves: Sequence[Mapping[str, Numbers]], paths: Sequence[Path], written: Written) -> None:
    first = {name: values.shape for name, values in leaves[0].items()}
    for row, path in zip(leaves, paths, strict=True):
        shapes = {name: values.shape for name, values in row.items()}
        if shapes != first:
            raise written.error(path, "this sample has another shape than the first",
                                expected="the same names and shapes in every sample")  # fmt: skip


def _unit_names(name: str, values: Numbers) -> Units:
    names = np.empty(values.shape, dtype=object)
    for place in np.ndindex(values.shape):
        index = tuple(number + 1 for number in place)
        names[place] = f"{name}{index[0]}" if len(index) == 1 and name == "x" else element(name, index)
    return names


def _print_leaves(names: Mapping[str, Units], assembly: Assembly) -> None:
    for name, array in names.items():
        assembly.array(name, array)
        if array.ndim == 3:  # channel by channel, each a matrix
            for number, channel in enumerate(array, start=1):
                assembly.array(f"{name}map{number}", channel)
                assembly.names[f"{name}map{number}"] = printed(name, (number,))
        for place in np.ndindex(array.shape):
            assembly.names[str(array[place])] = printed(name, tuple(number + 1 for number in place))


def _joined(names: Mapping[str, Units]) -> Units:
    """Return what the first layer takes: the one array, or the single numbers as a vector."""
    arrays = list(names.values())
    if all(not array.shape for array in arrays):
        return np.array([array[()] for array in arrays], dtype=object)
    return arrays[0]


def _flat(
    names: Mapping[str, Units],
    values: Mapping[str, Numbers],
    path: Path,
    written: Written,
    partly: bool = False,
) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for name, array in names.items():
        for place in np.ndindex(array.shape):
            number: Any = values[name][place]
            if number is None and partly:
                continue
            if number is None:
                raise written.error(
                    (*path, "inputs"), "a number is missing", given="null", expected="a number"
                )
            found[str(array[place])] = number
    return found


def _targets(
    targets: Numbers | Mapping[str, Numbers] | None,
    units: Units,
    path: Path,
    written: Written,
    partly: bool = False,
) -> dict[str, Number]:
    """Return a number for each output: as written, or 1 for the right class and 0 for the others."""
    place, outputs = (*path, "targets"), [str(unit) for unit in units.ravel()]
    count = f"{len(outputs)} numbers, for {listed(outputs)}"
    if targets is None:
        if partly:
            return {}
        raise written.error(place, "missing", expected=count)
    if isinstance(targets, Mapping) and set(targets) == {CLASS} and CLASS not in outputs:
        try:
            targets = one_hot(targets[CLASS], units.shape)
        except Fault as fault:
            here = written.existing((*place, CLASS, *fault.inside))
            raise written.error(here, fault.message, expected=fault.expected) from None
    flat: list[Any]
    if isinstance(targets, Mapping):
        unknown = [name for name in targets if name not in outputs]
        if unknown:
            raise written.error((*place, unknown[0]), "not an output", given=unknown[0],
                                expected=f"one of {listed(outputs)}")  # fmt: skip
        flat = [targets[name][()] if name in targets else None for name in outputs]
    else:
        flat = list(targets.ravel())
    if len(flat) != len(outputs) or (not partly and any(number is None for number in flat)):
        classes = units.ndim > 1 and len(flat) == units.size // units.shape[-1]
        numbers = ", ".join(map(str, flat[:6]))
        hint = f"The right class of each row is written {{class: [{numbers}]}}, counted from 1."
        raise written.error(
            place, "not a number for each output", given=f"{len(flat)}", expected=count,
            hint=hint if classes else "",
        )  # fmt: skip
    return {output: number for output, number in zip(outputs, flat, strict=True) if number is not None}
