"""The graph: a flat, ordered list of operations on named variables, one operation per variable.

A parameter is ONE variable however many edges it has: a shared bias, a tied weight, a batch. Its
gradient is the sum over all of them, which is the sum that worked examples forget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch

from ..errors import SymbackpropError
from ..formulas.terms import keys
from ..keys import key, parse_key
from ..rules import is_layer_activation, loss_rule
from ..spec.problem import Problem
from .operations import (
    BatchLoss,
    JointLoss,
    LayerActivation,
    NetInput,
    Node,
    Operation,
    OutputError,
    SampleLoss,
    ScalarLoss,
    UnitActivation,
)


@dataclass(frozen=True, slots=True)
class Graph:
    """All operations of one forward pass, in an order in which each can be computed."""

    problem: Problem
    operations: tuple[Operation, ...]
    receivers: Mapping[str, tuple[str, ...]]  # parameter -> units whose net input it enters
    fan_out: Mapping[str, int]  # unit -> how many others use what it sends out
    differentiated: frozenset[str]  # keys of the first pass by which the loss is differentiated
    restricted: bool = False  # to the gradients of some parameters, without what follows from their update
    batch: tuple[int, ...] = ()  # the samples of this pass where it takes only some, repetitions included
    parts: Mapping[str, str] = field(default_factory=dict)  # time step (`t2`) of an operation, by its key
    joint: Mapping[str, LayerActivation] = field(default_factory=dict)  # by unit, of the first sample

    @property
    def samples(self) -> tuple[int | None, ...]:
        """The samples of this pass, each once: (None,) where there is only one."""
        return tuple(dict.fromkeys(self.batch)) if self.batch else _samples(self.problem)

    @property
    def drawn(self) -> tuple[int | None, ...]:
        """The samples of this pass as often as they are drawn: what a mean is taken over."""
        return self.batch or _samples(self.problem)

    @property
    def ends(self) -> frozenset[str]:
        """The units that feed no other."""
        return frozenset(unit for unit in self.problem.units if not self.fan_out.get(unit))

    @property
    def errors(self) -> tuple[str, ...]:
        """The outputs that have an error of their own: none where the loss is over all of them together."""
        own = (operation.output for operation in self.operations if isinstance(operation, OutputError))
        return tuple(dict.fromkeys(own))


def build_graph(problem: Problem) -> Graph:
    """Return the graph of a problem: for each sample forward layer by layer, then the losses."""
    if problem.architecture is None:
        operations = [*_dense_operations(problem), *_loss_operations(problem)]
    else:
        stages = problem.architecture.stages
        operations = [operation for stage in stages for operation in stage.operations]
        operations += _loss_operations(problem)
    parameters = {parameter.name: None for parameter in problem.parameters}
    receivers: dict[str, dict[str, None]] = {name: {} for name in parameters}
    fan_out: dict[str, int] = defaultdict(int, dict.fromkeys(problem.units, 0))
    first = _samples(problem)[0]
    for operation in operations:
        own = parse_key(operation.key).subject
        if isinstance(operation, NetInput):  # the most numerous operands: no key is put together for them
            _enter(operation, receivers, fan_out if operation.sample == first else {})
            continue
        for used in operands(operation):
            if used in receivers:
                receivers[used].setdefault(own)
            elif operation.sample == first and not isinstance(operation, OutputError | UnitActivation):
                fan_out[parse_key(used).subject] += 1
    inputs = {
        key(unit, "", sample=sample)
        for unit in problem.wrt
        if unit in problem.inputs
        for sample in _samples(problem)
    }
    computed = {operation.key for operation in operations if operation.key.startswith(("net.", "act."))}
    entered = {name: tuple(units) for name, units in receivers.items()}
    return Graph(
        problem, tuple(operations), entered, fan_out, frozenset(computed | inputs | parameters.keys()),
        parts=_parts(problem),
        joint={o.unit: o for o in operations if isinstance(o, LayerActivation) and o.sample == first},
    )  # fmt: skip


def _parts(problem: Problem) -> Mapping[str, str]:
    """Return the time step of each operation that belongs to one."""
    stages = problem.architecture.stages if problem.architecture else ()
    return {operation.key: stage.part for stage in stages if stage.part for operation in stage.operations}


def _enter(operation: NetInput, receivers: Mapping[str, dict[str, None]], fan_out: dict[str, int]) -> None:
    """Note which parameters enter a net input, and that what its sources send out is used once more."""
    unit = operation.unit
    for source, weight in operation.edges:
        receivers[weight].setdefault(unit)
        fan_out[source] = fan_out.get(source, 0) + 1
    if operation.bias is not None:
        receivers[operation.bias].setdefault(unit)


def restricted_graph(graph: Graph, parameters: frozenset[str]) -> Graph:
    """Return the graph with these parameters alone to be differentiated by and updated, once."""
    left_out = graph.receivers.keys() - parameters
    return replace(
        graph,
        problem=replace(graph.problem, epochs=1, frozen=graph.problem.frozen | left_out),
        receivers={name: units for name, units in graph.receivers.items() if name in parameters},
        differentiated=graph.differentiated - left_out,
        restricted=True,
    )


def batch_graph(graph: Graph, batch: tuple[int, ...]) -> Graph:
    """Return the operations of a pass over some samples; the graph itself where the batch is ().

    Raises:
        SymbackpropError: an operation takes all samples together, as batch normalisation does.
    """
    if not batch or batch == graph.samples:
        return graph
    chosen: list[Operation] = []
    for operation in graph.operations:
        if isinstance(operation, BatchLoss):
            chosen.append(replace(operation, samples=batch))
        elif operation.sample is None:
            raise SymbackpropError(
                f"{operation.key} is computed from all samples together, so there can be no mini-batches; "
                "leave out `batches` and `batch_size`"
            )
        elif operation.sample in batch:
            chosen.append(operation)
    return replace(graph, operations=tuple(chosen), batch=batch)


@singledispatch
def operands(operation: Operation) -> Iterable[str]:
    """Return the keys, at the first pass, of the parameters and of what units send out that it uses."""
    return ()


@operands.register
def _(operation: NetInput) -> Iterable[str]:
    for source, weight in operation.edges:
        yield weight
        yield key("act", source, sample=operation.sample)
    if operation.bias is not None:
        yield operation.bias


@operands.register
def _(operation: Node) -> Iterable[str]:
    return keys(operation.formula)


def _samples(problem: Problem) -> tuple[int | None, ...]:
    count = len(problem.samples)
    return (None,) if count == 1 else tuple(range(1, count + 1))


def _dense_operations(problem: Problem) -> Iterable[Operation]:
    incoming: dict[str, list[tuple[str, str]]] = {unit: [] for unit in problem.units}
    for weight in problem.connections:
        incoming[weight.target].append((weight.source, weight.name))
    biases = {unit: bias.name for bias in problem.biases for unit in bias.targets}
    for sample in _samples(problem):
        for layer in problem.layers[1:]:
            assert layer.activation is not None
            together = is_layer_activation(layer.activation)
            for unit in layer.units:
                yield NetInput(sample, unit, tuple(incoming[unit]), biases.get(unit))
                if not together:
                    yield UnitActivation(sample, unit, layer.activation, unit in problem.given)
            for unit in layer.units if together else ():
                yield LayerActivation(sample, unit, layer.units, layer.activation, unit in problem.given)


def _loss_operations(problem: Problem) -> Iterable[Operation]:
    samples = _samples(problem)
    for sample in samples:
        if problem.loss.kind == "node":
            yield ScalarLoss(sample, problem.outputs[0])
            continue
        if loss_rule(problem.loss).joint:
            yield JointLoss(sample, problem.outputs)
            continue
        yield from (OutputError(sample, output) for output in problem.outputs)
        yield SampleLoss(sample, problem.outputs)
    if len(samples) > 1:
        numbered = tuple(range(1, len(samples) + 1))
        yield BatchLoss(None, numbered, mean=problem.loss.reduction == "mean")
