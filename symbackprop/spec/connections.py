"""Checks of a network's connections: known units, one parameter a name, no cycle, nothing left hanging."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from ..errors import ProblemError
from .faults import Path, Written
from .problem import Layer, Weight
from .structure import Structure
from .suggest import did_you_mean, listed


def check_connections(structure: Structure, written: Written) -> None:
    """Check every connection.

    Raises:
        ProblemError: a connection is wrong; the text says which and why.
    """
    _check_names(structure, written)
    _check_weights(structure, written)
    _check_biases(structure, written)
    position = structure.position
    if any(position[weight.source] >= position[weight.target] for weight, _ in structure.connections):
        _refuse_cycle(structure, written)
        _refuse_backwards(structure, written)
    _refuse_hanging(structure, written)


def layers_in_computing_order(structure: Structure) -> tuple[Layer, ...]:
    """Return the layers, units that feed others of their own layer before those.

    Lists of inputs and targets go by the order as it is written, so the data is read before this.
    """
    return tuple(_sorted_layer(layer, structure) for layer in structure.layers)


def _check_names(structure: Structure, written: Written) -> None:
    places: dict[str, Path] = {}
    for parameter, path in structure.parameters:
        name = parameter.name
        if name in structure.places:
            line = written.line(structure.places[name])
            raise written.error(
                _name_place(path, written),
                "a unit has this name too" + (f", in line {line}" if line else ""),
                given=name,
                expected="a name of its own for each unit and parameter",
            )
        if name in places:
            line = written.line(places[name])
            raise written.error(
                _name_place(path, written),
                "two parameters have this name" + (f", the first in line {line}" if line else ""),
                given=name,
                expected="a name of its own for each parameter",
                hint=f"To share one weight write `tied_to: {name}`." if isinstance(parameter, Weight) else "",
            )
        places[name] = path


def _name_place(path: Path, written: Written) -> Path:
    """Return where a parameter's name stands; an entry of a matrix has none of its own."""
    place = (*path, "name")
    return path if written.at(place) is None else place


def _unknown_unit(unit: str, path: Path, structure: Structure, written: Written) -> ProblemError:
    return written.error(
        path,
        "unknown unit",
        given=unit,
        expected=f"one of {listed(structure.places)}",
        hint=did_you_mean(unit, structure.places),
    )


def _check_weights(structure: Structure, written: Written) -> None:
    units, inputs = structure.places, frozenset(structure.layers[0].units)
    seen: dict[str, dict[str, str]] = {unit: {} for unit in units}  # names, by target and then by source
    for weight, path in structure.connections:
        if weight.source not in units:
            raise _unknown_unit(weight.source, (*path, "from"), structure, written)
        if weight.target not in units:
            raise _unknown_unit(weight.target, (*path, "to"), structure, written)
        if weight.target in inputs:
            raise written.error(
                (*path, "to"),
                f"weight {weight.name} goes to an input",
                given=weight.target,
                expected="a unit that is computed",
            )
        into = seen[weight.target]
        if weight.source in into:
            raise written.error(
                path,
                f"{weight.name} connects the same units as {into[weight.source]}",
                given=f"{weight.source} to {weight.target}",
                expected="one weight between two units",
            )
        into[weight.source] = weight.name


def _check_biases(structure: Structure, written: Written) -> None:
    inputs = structure.layers[0].units
    seen: dict[str, str] = {}
    for bias, path in structure.biases:
        for index, unit in enumerate(bias.targets):
            place = written.existing((*path, "to", index))
            if unit not in structure.places:
                raise _unknown_unit(unit, place, structure, written)
            if unit in inputs:
                raise written.error(
                    place,
                    f"bias {bias.name} goes to an input",
                    given=unit,
                    expected="a unit that is computed",
                )
            if unit in seen:
                raise written.error(
                    place,
                    f"unit {unit} has a bias already, {seen[unit]}",
                    given=bias.name,
                    expected="one bias for a unit",
                )
            seen[unit] = bias.name


def _refuse_cycle(structure: Structure, written: Written) -> None:
    after: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    for weight, path in structure.connections:
        after[weight.source].append((weight.target, path))
    done: set[str] = set()
    for start in structure.places:
        trail: list[str] = [start]
        steps = [iter(after[start])] if start not in done else []
        on_trail = {start}
        while steps:
            step = next(steps[-1], None)
            if step is None:
                steps.pop()
                done.add(trail[-1])
                on_trail.discard(trail.pop())
                continue
            unit, path = step
            if unit in on_trail:
                cycle = [*trail[trail.index(unit) :], unit]
                if len(cycle) > 10:
                    cycle = [*cycle[:5], "...", *cycle[-4:]]
                raise written.error(
                    path,
                    "this connection closes a cycle",
                    given=" -> ".join(cycle),
                    expected="connections that lead from the inputs to the outputs only",
                )
            if unit not in done:
                trail.append(unit)
                on_trail.add(unit)
                steps.append(iter(after[unit]))


def _refuse_backwards(structure: Structure, written: Written) -> None:
    position = structure.position
    for weight, path in structure.connections:
        source, target = position[weight.source], position[weight.target]
        if source > target:
            names = structure.layers[source].name, structure.layers[target].name
            raise written.error(
                path,
                f"weight {weight.name} runs backwards, from layer {names[0]} to layer {names[1]}",
                given=f"{weight.source} to {weight.target}",
                expected="layers in the order of the forward pass",
            )


def _refuse_hanging(structure: Structure, written: Written) -> None:
    receiving = {weight.target for weight, _ in structure.connections}
    sending = {weight.source for weight, _ in structure.connections}
    last = len(structure.layers) - 1
    for index, layer in enumerate(structure.layers):
        for unit in layer.units:
            if index > 0 and unit not in receiving:
                raise written.error(
                    structure.places[unit],
                    f"no weight leads to unit {unit}",
                    expected="at least one incoming connection",
                )
            if 0 < index < last and unit not in sending:
                raise written.error(
                    structure.places[unit],
                    f"unit {unit} feeds no other unit",
                    expected="at least one outgoing connection, or a place in the last layer",
                )


def _sorted_layer(layer: Layer, structure: Structure) -> Layer:
    """Return the layer with units after those of the same layer that feed them, otherwise as written."""
    members = set(layer.units)
    before: dict[str, set[str]] = {unit: set() for unit in layer.units}
    for weight, _ in structure.connections:
        if weight.source in members and weight.target in members:
            before[weight.target].add(weight.source)
    if not any(before.values()):
        return layer
    order: list[str] = []
    while len(order) < len(layer.units):
        order.append(next(u for u in layer.units if u not in order and before[u] <= set(order)))
    return replace(layer, units=tuple(order))
