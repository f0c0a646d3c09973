"""A problem's network as whole layers, where it is one: matrices, bias vectors, activations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..formulas.terms import Number
from ..network.operations import Activation
from ..spec.problem import Problem

#: The value of a parameter by its name.
Named = tuple[str, Number]


@dataclass(frozen=True, slots=True)
class Matrices:
    """One layer: a row of named weights for each unit.

    biases: one for each unit; a single one where the layer `shares` it; none.
    """

    units: tuple[str, ...]
    weights: tuple[tuple[Named, ...], ...]
    biases: tuple[Named, ...]
    shares: bool
    activation: Activation


def as_layers(problem: Problem) -> tuple[Matrices, ...] | None:
    """Return the layers of a network in which each is connected to the whole one before, else None.

    None, too, where a parameter stands in several places or has no value, or an activation is given.
    """
    if problem.architecture is not None or problem.given or _repeated(problem):
        return None
    ends = {(weight.source, weight.target): weight for weight in problem.connections}
    biases = {unit: bias for bias in problem.biases for unit in bias.targets}
    found = []
    used = 0
    for before, layer in pairwise(problem.layers):
        rows = []
        for unit in layer.units:
            row = [ends.get((source, unit)) for source in before.units]
            named = tuple((w.name, w.value) for w in row if w is not None and w.value is not None)
            if len(named) != len(before.units):
                return None
            rows.append(named)
            used += len(named)
        own = [biases[unit] for unit in layer.units if unit in biases]
        shares = len(own) == len(layer.units) and len({bias.name for bias in own}) == 1 and len(own) > 1
        if own and not shares and (len(own) < len(layer.units) or any(len(b.targets) > 1 for b in own)):
            return None
        if shares and len(own[0].targets) != len(layer.units):
            return None
        values = tuple((b.name, b.value) for b in (own[:1] if shares else own) if b.value is not None)
        if len(values) != len(own[:1] if shares else own) or layer.activation is None:
            return None
        found.append(Matrices(layer.units, tuple(rows), values, shares, layer.activation))
    return tuple(found) if used == len(problem.connections) else None


def _repeated(problem: Problem) -> bool:
    names = [weight.name for weight in problem.connections]
    return len(set(names)) < len(names)
