"""Layer sizes and activations that vary: the same problem built once for every choice of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ..errors import ProblemError
from .faults import Path, Written, field_path, shown
from .problem import Problem
from .suggest import listed
from .vary_forms import LayerVaryForm

#: Each choice of sizes and activations is a network of its own, derived once.
MOST_STRUCTURES = 64

HERE: Path = ("vary", "layers")
Layers = list[dict[str, Any]]


def structures_of(
    problem: Problem,
    forms: Mapping[str, LayerVaryForm],
    written: Written,
    build: Callable[[Written, str], Problem],
) -> tuple[Problem, ...]:
    """Return the problem with every choice of sizes and activations, () where nothing varies.

    New units take over the numbers of the old ones in turn, which say in what range theirs are drawn.

    Raises:
        ProblemError: the network is not compact, there is no such layer, a choice makes no problem.
    """
    if not forms:
        return ()
    data: Any = written.data
    layers = _compact_layers(data, written)
    numbers = {_number(word, problem, layers, written): word for word in forms}
    offset = len(layers) - len(problem.layers) + 1
    options: list[list[tuple[int, str | None, Any]]] = []
    for number in sorted(numbers):
        word = numbers[number]
        raw: Any = written.at((*HERE, word))
        index = number - 1 + offset
        _check_sizes(number, word, raw, layers[index], problem, written)
        units = _several(raw.get("units"))
        activations = _several(raw.get("activation"))
        options.append([(index, size, activation) for size in units for activation in activations])
    count = 1
    for choices in options:
        count *= len(choices)
    if count > MOST_STRUCTURES:
        raise written.error(
            HERE,
            f"{count} different networks",
            expected=f"at most {MOST_STRUCTURES}: fewer sizes or activations",
        )
    return tuple(_built(chosen, layers, data, written, problem.name, build) for chosen in product(*options))


def _compact_layers(data: Any, written: Written) -> Layers:
    network = data.get("network") if isinstance(data, dict) else None
    layers = network.get("layers") if isinstance(network, dict) else None
    if layers is None or any("type" in layer for layer in layers):
        raise written.error(
            HERE, "only layers of units can vary in size", expected="a network of dense layers"
        )
    for name in ("weights", "biases"):
        if network is not None and network.get(name) is not None:
            raise written.error(
                HERE,
                f"the {name} are named one by one, so that sizes and activations stay",
                expected="a matrix in each layer (the compact form)",
            )
    return list(layers)


def _number(word: str, problem: Problem, layers: Layers, written: Written) -> int:
    """Return a layer's number, from 1 for the first with weights, by its number or its name."""
    names = {layer.name: number for number, layer in enumerate(problem.layers) if number}
    if word in names:
        return names[word]
    if word.isdecimal() and 0 < int(word) < len(problem.layers):
        return int(word)
    known = [str(number) for number in range(1, len(problem.layers))]
    raise written.error(
        (*HERE, word), "no such layer", given=word, expected=f"one of {listed([*known, *names])}"
    )


def _check_sizes(
    number: int, word: str, raw: Any, layer: dict[str, Any], problem: Problem, written: Written
) -> None:
    if raw.get("units") is None:
        return
    path = (*HERE, word, "units")
    if number == len(problem.layers) - 1:
        raise written.error(
            path,
            "the outputs have targets, so that their number stays",
            expected="another layer, or activation",
        )
    if isinstance(layer.get("units"), list):
        raise written.error(
            path,
            "the units of this layer have names, so that their number stays",
            given=shown(layer["units"]),
            expected="a number of units in the layer",
        )


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _built(
    chosen: Sequence[tuple[int, str | None, Any]],
    layers: Layers,
    data: Mapping[str, Any],
    written: Written,
    name: str,
    build: Callable[[Written, str], Problem],
) -> Problem:
    """Return the problem with one choice for each layer."""
    network = data["network"]
    by_rows = network.get("layout", "rows") == "rows"
    made = [dict(layer) for layer in layers]
    for index, size, activation in chosen:
        if activation is not None:
            made[index]["activation"] = activation
        if size is not None:
            _resize(made, index, int(size), by_rows=by_rows)
    vary = {key: value for key, value in data["vary"].items() if key != "layers"}
    whole = {**data, "network": {**network, "layers": made}, "vary": vary}
    try:
        return build(Written(whole, written.file, written.lines), name)
    except ProblemError as error:
        words = "; ".join(_words(*choice, layers) for choice in chosen)
        raise written.error(
            HERE, f"with {words} this is no problem: {error.field or field_path(HERE)}: {error.message}",
            given=error.given, expected=error.expected, hint=error.hint,
        ) from None  # fmt: skip


def _resize(layers: Layers, index: int, size: int, *, by_rows: bool) -> None:
    """Give a layer another number of units: its rows, its biases, and the columns of the layer behind."""
    layer, behind = layers[index], layers[index + 1]
    layer["units"] = str(size)
    for changed, rows in ((layer, by_rows), (behind, not by_rows)):
        matrix = changed.get("weights")
        if matrix:
            changed["weights"] = _in_turn(matrix, size) if rows else [_in_turn(row, size) for row in matrix]
    if isinstance(layer.get("biases"), list):
        layer["biases"] = _in_turn(layer["biases"], size)


def _in_turn(values: Sequence[Any], count: int) -> list[Any]:
    return [values[index % len(values)] for index in range(count)]


def _words(index: int, size: str | None, activation: Any, layers: Layers) -> str:
    parts: Iterator[str] = filter(
        None,
        (
            f"{size} units" if size is not None else "",
            shown(activation) if activation is not None else "",
        ),
    )
    return f"{', '.join(parts)} in network.layers[{index + 1}]"
