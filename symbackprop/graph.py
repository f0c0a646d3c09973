"""The graph: a flat, ordered list of operations on named variables, one operation per variable.

A parameter is ONE variable however many edges it has: a shared bias, a tied weight, a batch. Its
gradient is the sum over all of them, which is the sum that worked examples forget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .operations import BatchLoss, NetInput, Operation, OutputError, SampleLoss, UnitActivation
from .spec.problem import Problem


@dataclass(frozen=True, slots=True)
class Graph:
    """All operations of one forward pass, in an order in which each can be computed."""

    problem: Problem
    operations: tuple[Operation, ...]
    receivers: Mapping[str, tuple[str, ...]]  # parameter -> units whose net input it enters
    ends: frozenset[str]  # units that feed no other

    @property
    def samples(self) -> tuple[int | None, ...]:
        """The samples: (None,) where there is only one."""
        count = len(self.problem.samples)
        return (None,) if count == 1 else tuple(range(1, count + 1))


def build_graph(problem: Problem) -> Graph:
    """Return the graph of a problem: for each sample forward layer by layer, then the losses."""
    incoming: dict[str, list[tuple[str, str]]] = {unit: [] for unit in problem.units}
    receivers: dict[str, list[str]] = {parameter.name: [] for parameter in problem.parameters}
    for weight in problem.weights:
        incoming[weight.target].append((weight.source, weight.name))
        receivers[weight.name].append(weight.target)
    biases: dict[str, str] = {}
    for bias in problem.biases:
        for unit in bias.targets:
            biases[unit] = bias.name
            receivers[bias.name].append(unit)

    count = len(problem.samples)
    samples: tuple[int | None, ...] = (None,) if count == 1 else tuple(range(1, count + 1))
    operations: list[Operation] = []
    for sample in samples:
        for layer in problem.layers[1:]:
            assert layer.activation is not None
            for unit in layer.units:
                operations.append(NetInput(sample, unit, tuple(incoming[unit]), biases.get(unit)))
                operations.append(UnitActivation(sample, unit, layer.activation, unit in problem.given))
        operations += [OutputError(sample, output) for output in problem.outputs]
        operations.append(SampleLoss(sample, problem.outputs))
    if count > 1:
        operations.append(BatchLoss(None, tuple(range(1, count + 1)), mean=problem.loss.reduction == "mean"))
    ends = frozenset(problem.units) - {weight.source for weight in problem.weights}
    entered = {name: tuple(units) for name, units in receivers.items()}
    return Graph(problem, tuple(operations), entered, ends)
