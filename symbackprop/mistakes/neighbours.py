"""What stands beside what in a network: units of a layer, parameters of a matrix, a unit one step before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ..keys import parse_key
from ..spec.problem import Problem

#: What a formula may read another of its kind for, at most: in a wide layer those next to it.
MOST_NEIGHBOURS = 12


def layers_of(problem: Problem) -> Mapping[str, tuple[str, ...]]:
    """Return by unit the units of its layer; in a network of any shape those of its array."""
    found: dict[str, tuple[str, ...]] = {}
    if problem.architecture is not None:
        for rows in problem.architecture.arrays.values():
            units = tuple(unit for row in rows for unit in row)
            found.update(dict.fromkeys(units, units))
    for layer in problem.layers:
        found.update({unit: layer.units for unit in layer.units if unit not in found})
    return found


def families_of(problem: Problem) -> Mapping[str, tuple[str, ...]]:
    """Return by parameter those between the same layers, all biases, or those of the same matrix."""
    families: dict[object, list[str]] = defaultdict(list)
    layer = {unit: number for number, found in enumerate(problem.layers) for unit in found.units}
    for weight in problem.weights:
        families["weight", layer.get(weight.source), layer.get(weight.target)].append(weight.name)
    for bias in problem.biases:
        families["bias"].append(bias.name)
    if problem.architecture is not None:
        for parameter in problem.architecture.parameters:
            families["own", parameter.family or parameter.name].append(parameter.name)
    return {name: tuple(family) for family in families.values() for name in family}


def mirrored_weights(problem: Problem) -> Mapping[str, str]:
    """Return by weight the one at the mirrored place of its matrix, where the matrix is square."""
    found: dict[str, str] = {}
    layers = problem.layers
    place = {unit: (n, i) for n, layer in enumerate(layers) for i, unit in enumerate(layer.units)}
    ends = {
        (*place[weight.source], *place[weight.target]): weight.name
        for weight in problem.weights
        if weight.source in place and weight.target in place
    }
    for (n, i, m, j), name in ends.items():
        other = ends.get((n, j, m, i))
        if other is not None and other != name:
            found[name] = other
    if problem.architecture is not None:
        for rows in problem.architecture.arrays.values():
            if len(rows) == len(rows[0]) > 1:
                for i, row in enumerate(rows):
                    for j, name in enumerate(row):
                        if i != j:
                            found.setdefault(name, rows[j][i])
    return found


def steps_before(problem: Problem) -> Mapping[str, str]:
    """Return by unit of a network unrolled in time the same unit one step before."""
    stages = problem.architecture.stages if problem.architecture is not None else ()
    found: dict[str, str] = {}
    before: dict[str, list[str]] = {}
    for stage in stages:
        kind = stage.title.rstrip("0123456789")
        units = list(dict.fromkeys(parse_key(operation.key).subject for operation in stage.operations))
        if stage.part and len(before.get(kind, ())) == len(units):
            found.update(zip(units, before[kind], strict=True))
        before[kind] = units
    return found


def nearest(names: Iterable[str], own: str) -> list[str]:
    """Return the other names, of many those that stand nearest to the own one."""
    listed = list(names)
    if own not in listed:
        return []
    place = listed.index(own)
    others = [name for name in listed if name != own]
    if len(others) <= MOST_NEIGHBOURS:
        return others
    near = sorted(others, key=lambda name: abs(listed.index(name) - place))[:MOST_NEIGHBOURS]
    return [name for name in others if name in near]
