"""Layers of named units, and the parameters that an author's matrices and lists stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..formulas.terms import Number
from .activations import read_activation
from .batch import by_sample, is_matrix
from .faults import Path, Written, shown
from .functions import ACTIVATIONS
from .model import LayerForm, NetworkForm
from .problem import Bias, Layer, Weight
from .tying import check_ties, weight_name

#: Bounds that keep a derivation computable.
MOST_LAYERS = 100
MOST_WEIGHTS = 250_000


@dataclass
class Structure:
    """Layers and parameters, with the place each was written at."""

    layers: list[Layer]
    weights: list[tuple[Weight, Path]] = field(default_factory=list)
    biases: list[tuple[Bias, Path]] = field(default_factory=list)
    ties: list[tuple[int, Weight, Path]] = field(default_factory=list)  # tied connections, by their place
    places: dict[str, Path] = field(default_factory=dict)  # of units

    @property
    def parameters(self) -> list[tuple[Weight | Bias, Path]]:
        """The weights, then the biases."""
        return [*self.weights, *self.biases]

    @property
    def connections(self) -> list[tuple[Weight, Path]]:
        """The weights, then the connections that are tied to one of them."""
        return [*self.weights, *((tie, path) for _, tie, path in self.ties)]

    @property
    def position(self) -> dict[str, int]:
        """The layer of each unit, the inputs' being 0."""
        return {unit: index for index, layer in enumerate(self.layers) for unit in layer.units}


def build_structure(network: NetworkForm, written: Written) -> Structure:
    """Return the layers and parameters of a network in either form.

    Raises:
        ProblemError: names are given twice, a matrix has the wrong shape, an activation is missing, ...
    """
    if network.samples is not None and not network.samples:
        raise written.error(
            ("network", "samples"), "no samples", given="an empty list", expected="at least one sample"
        )
    forms = network.layers
    here: Path = ("network", "layers")
    if not forms:
        raise written.error(here, "no layers", given="an empty list", expected="at least one layer")
    if len(forms) > MOST_LAYERS:
        raise written.error(here, "too many layers", given=str(len(forms)), expected=f"at most {MOST_LAYERS}")
    first_is_input = forms[0].activation is None and forms[0].weights is None and forms[0].biases is None
    structure = Structure([_input_layer(network, forms[0] if first_is_input else None, written)])
    paths: list[Path] = [(*here, 0) if first_is_input else ("network", "inputs")]
    computed = forms[1:] if first_is_input else forms
    if not computed:
        raise written.error(
            here,
            "no layer with an activation",
            given="one layer",
            expected="at least one layer with weights and an activation",
        )
    for number, form in enumerate(computed, start=1):
        path = (*here, number if first_is_input else number - 1)
        structure.layers.append(_layer(form, number, len(computed), path, written))
        paths.append(path)
    _check_units(structure, paths, written)
    for number, form in enumerate(computed, start=1):
        _add_matrices(structure, form, number, network, paths[number], written)
    _add_lists(structure, network, written)
    return structure


def _input_layer(network: NetworkForm, form: LayerForm | None, written: Written) -> Layer:
    names = form.units if form else _input_names(network, written)
    units = tuple(names) if isinstance(names, list) else tuple(f"x{n}" for n in range(1, names + 1))
    return Layer((form.name if form else None) or "input", units)


def _input_names(network: NetworkForm, written: Written) -> list[str] | int:
    """Return the names of the inputs, or how many there are."""
    values = network.inputs
    path: Path = ("network", "inputs")
    if values is not None and network.samples is not None:
        raise written.error(path, "inputs are given under samples too", expected="only one of the two")
    if values is None and network.samples:
        first = network.samples[0]
        if isinstance(first, dict):
            raise written.error(
                ("network", "samples", 0),
                "which of these are inputs is not known",
                expected="{inputs: ..., targets: ...}, or a first layer that lists the input units",
            )
        values, path = first.inputs, ("network", "samples", 0, "inputs")
    if not values:
        raise written.error(
            path,
            "missing",
            given=None if values is None else shown(values),
            expected="a number for each input",
        )
    if is_matrix(values):
        return len(by_sample(network, "inputs", written)[0])
    return list(values) if isinstance(values, dict) else len(values)


def _layer(form: LayerForm, number: int, layers: int, path: Path, written: Written) -> Layer:
    last = number == layers
    if isinstance(form.units, list):
        units = tuple(form.units)
        if not units:
            raise written.error(
                (*path, "units"), "no units", given="an empty list", expected="at least one name"
            )
    else:
        stem = "o" if last else "h" if layers == 2 else f"h{number}_"
        units = tuple(f"{stem}{n}" for n in range(1, form.units + 1))
    if form.activation is None:
        raise written.error(
            (*path, "activation"),
            "missing",
            expected=f"one of {', '.join(ACTIVATIONS)}",
            hint="For a layer without one write activation: identity.",
        )
    name = form.name or ("output" if last else "hidden" if layers == 2 else f"hidden{number}")
    return Layer(name, units, read_activation(form.activation, (*path, "activation"), written))


def _check_units(structure: Structure, paths: list[Path], written: Written) -> None:
    """Refuse units and layers that have the same name."""
    layer_places: dict[str, Path] = {}
    for layer, path in zip(structure.layers, paths, strict=True):
        if layer.name in layer_places:
            raise written.error(
                (*path, "name"),
                "two layers have this name",
                given=layer.name,
                expected="a name for each layer",
            )
        layer_places[layer.name] = path
        for index, unit in enumerate(layer.units):
            named = written.at((*path, "units"))
            place = written.existing((*path, "units", index) if named is not None else (*path, unit))
            if unit in structure.places:
                first = written.line(structure.places[unit])
                raise written.error(
                    place,
                    "two units have this name" + (f", the first in line {first}" if first else ""),
                    given=unit,
                    expected="a name for each unit",
                )
            structure.places[unit] = place


def _add_matrices(
    structure: Structure, form: LayerForm, number: int, network: NetworkForm, path: Path, written: Written
) -> None:
    before, layer = structure.layers[number - 1], structure.layers[number]
    by_rows = network.layout == "rows"
    size = len(before.units) * len(layer.units)
    listed = network.weights is not None
    seeded = not isinstance(network.initialisation, str | None)
    matrix = form.weights
    if matrix is None and seeded and not listed:
        if size + len(structure.weights) > MOST_WEIGHTS:
            raise written.error(
                path, "too many weights", given=str(size), expected=f"at most {MOST_WEIGHTS} in all"
            )
        shape = (layer, before) if by_rows else (before, layer)
        matrix = [[None] * len(shape[1].units) for _ in shape[0].units]
    if matrix is None and not listed:
        raise written.error(
            (*path, "weights"),
            "missing",
            expected=_shape_text(layer, before, network.layout),
            hint="Or name connections under network.weights, or ask for a start: initialisation: {seed: 0}.",
        )
    if matrix is not None:
        _check_shape(matrix, layer, before, network.layout, (*path, "weights"), written)
        here = (*path, "weights")
        for row, column, value in _entries(matrix):
            to, source = (row, column) if by_rows else (column, row)
            weight = Weight(f"w{number}_{to + 1}_{source + 1}", before.units[source], layer.units[to], value)
            structure.weights.append((weight, (*here, row, column)))
    if form.biases is not None:
        structure.biases.extend(_biases(form.biases, layer, number, (*path, "biases"), written))


def _entries(matrix: list[list[Number | None]]) -> Iterator[tuple[int, int, Number | None]]:
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            yield row, column, value


def _check_shape(
    matrix: list[list[Number | None]], layer: Layer, before: Layer, layout: str, path: Path, written: Written
) -> None:
    expected_rows, expected_columns = len(layer.units), len(before.units)
    if layout == "columns":
        expected_rows, expected_columns = expected_columns, expected_rows
    widths = {len(row) for row in matrix}
    expected = _shape_text(layer, before, layout)
    if len(widths) > 1:
        common = len(matrix[0])
        index = next(i for i, row in enumerate(matrix) if len(row) != common)
        wrong = 0 if common != expected_columns and len(matrix[index]) == expected_columns else index
        raise written.error(
            (*path, wrong),
            "rows of different lengths",
            given=f"a row of {len(matrix[wrong])}",
            expected=expected,
        )
    rows, columns = len(matrix), widths.pop() if widths else 0
    if (rows, columns) == (expected_rows, expected_columns):
        return
    hint = ""
    if (columns, rows) == (expected_rows, expected_columns):
        other = "columns" if layout == "rows" else "rows"
        hint = f"The transpose fits: with a row per {'sending' if other == 'columns' else 'receiving'} unit "
        hint += f"write layout: {other} under network."
    raise written.error(
        path,
        f"the weights of layer {layer.name} have the wrong shape",
        given=f"{rows} x {columns}",
        expected=expected,
        hint=hint,
    )


def _shape_text(layer: Layer, before: Layer, layout: str) -> str:
    receiving = (
        f"one row for each unit of layer {layer.name}, one column for each unit of layer {before.name}"
    )
    sending = f"one row for each unit of layer {before.name}, one column for each unit of layer {layer.name}"
    if layout == "rows":
        return f"{len(layer.units)} x {len(before.units)} ({receiving})"
    return f"{len(before.units)} x {len(layer.units)} ({sending})"


def _biases(
    values: Number | list[Number | None], layer: Layer, number: int, path: Path, written: Written
) -> Iterator[tuple[Bias, Path]]:
    if isinstance(values, Number):
        yield Bias(f"b{number}", layer.units, values), path
        return
    if len(values) != len(layer.units):
        raise written.error(
            path,
            f"the biases of layer {layer.name} have the wrong length",
            given=f"{len(values)}",
            expected=f"{len(layer.units)} (one for each unit), or one number that the layer shares",
        )
    for index, (unit, value) in enumerate(zip(layer.units, values, strict=True)):
        yield Bias(f"b{number}_{index + 1}", (unit,), value), (*path, index)


def _add_lists(structure: Structure, network: NetworkForm, written: Written) -> None:
    for index, form in enumerate(network.weights or ()):
        place: Path = ("network", "weights", index)
        weight = Weight(weight_name(form, place, written), form.source, form.target, form.value)
        if form.tied_to:
            structure.ties.append((len(structure.connections), weight, place))
        else:
            structure.weights.append((weight, place))
    check_ties(structure, written)
    for index, bias in enumerate(network.biases or ()):
        path: Path = ("network", "biases", index)
        targets = (bias.to,) if isinstance(bias.to, str) else tuple(bias.to)
        if not targets:
            raise written.error(
                (*path, "to"), "no units", given="an empty list", expected="at least one unit"
            )
        if bias.shared is not None and bias.shared != (len(targets) > 1):
            raise written.error(
                (*path, "shared"),
                f"bias {bias.name} has {len(targets)} unit{'s' if len(targets) > 1 else ''}",
                given="true" if bias.shared else "false",
                expected="false" if bias.shared else "true",
            )
        structure.biases.append((Bias(bias.name, targets, bias.value), path))
    if len(structure.weights) > MOST_WEIGHTS:
        raise written.error(
            ("network",),
            "too many weights",
            given=str(len(structure.weights)),
            expected=f"at most {MOST_WEIGHTS}",
        )
