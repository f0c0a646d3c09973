"""The few quantities of each unit, in balls: what it sends out and its error term, for every sample.

The sweep's own formulas, but for the net inputs: those, and what they pass back, are products of whole
matrices (Arb's, so rigorous at any precision), where the sweep writes out a sum with a term for each edge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb, arb_mat, ctx, fmpq

from ..derivation.backward import outer_derivative
from ..derivation.contributions import contributions
from ..derivation.forms import Rewriter
from ..derivation.forward import forward_formulas
from ..derivation.ledger import Ledger, given_value
from ..derivation.solving import give
from ..formulas.names import Name
from ..formulas.terms import Number, Symbol, Term
from ..keys import key
from ..network.graph import Graph
from ..network.operations import NetInput, Operation
from ..notation.presets import notation_of
from ..notation.vocabulary import Vocabulary
from ..numbers.digits import Real, number_value
from ..numbers.evaluate import evaluate_real, trimmed
from ..spec.problem import Problem

#: Relative accuracy, in bits, that every error term is to have; more than the doubles have.
ENOUGH_BITS = 60


class Unsuited(Exception):
    """A network whose gradients cannot be taken from products of matrices alone."""


@dataclass(frozen=True, slots=True)
class Block:
    """Net inputs of one layer that have the same sources: units by sources, one weight between each two."""

    sources: tuple[str, ...]
    units: tuple[str, ...]
    weights: tuple[tuple[str, ...], ...]  # a row per unit
    biases: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Units:
    """What each unit sends out and its error term: by sample, then by unit."""

    blocks: tuple[Block, ...]
    sent: dict[int | None, dict[str, Real]]
    errors: dict[int | None, dict[str, Real]]


class _Values(Ledger):
    """A ledger that computes what is added and keeps no formula."""

    def add(self, key: str, formula: Term) -> None:
        """Compute a quantity from the formula that the sweep states."""
        real = evaluate_real(formula, self._reals)
        self._reals[key] = trimmed(real) if isinstance(real, fmpq) else real

    def put(self, key: str, real: Real) -> None:
        """Enter a value."""
        self._reals[key] = real

    def get(self, key: str) -> Real:
        """Return a value."""
        return self._reals[key]

    def __contains__(self, key: str) -> bool:
        """Return whether a quantity has a value."""
        return key in self._reals


class _Pass:
    """One forward and one backward pass at a precision."""

    def __init__(self, graph: Graph, blocks: tuple[Block, ...], exact: Mapping[str, fmpq]) -> None:
        problem = graph.problem
        self.graph, self.blocks = graph, blocks
        notation = notation_of(problem.notation)
        self.values = _Values(
            Vocabulary(problem, notation),
            problem.rounding,
            Rewriter(notation.form, graph.receivers, graph.fan_out, graph.joint),
        )
        self.parameters: dict[str, Real] = {
            p.name: given_value(p.value)
            for p in problem.parameters
            if p.value is not None and p.name not in exact
        }
        self.parameters.update(exact)
        if problem.architecture is None:
            _give_data(graph, self.values)
        else:
            give(problem, graph, self.values)
        self.block_of = {unit: block for block in blocks for unit in block.units}
        self.matrices = {id(block): self._matrix(block) for block in blocks}
        self.feeding: dict[str, list[Block]] = defaultdict(list)
        for block in blocks:
            for source in block.sources:
                self.feeding[source].append(block)
        self.shares: dict[tuple[int, int | None], dict[str, arb]] = {}

    def _matrix(self, block: Block) -> arb_mat:
        entries = [arb(self.parameters[name]) for row in block.weights for name in row]
        return arb_mat(len(block.units), len(block.sources), entries)

    def forward(self) -> None:
        for operation in self.graph.operations:
            if isinstance(operation, NetInput):
                self._net_inputs(operation)
                continue
            for quantity, formula in forward_formulas(operation, self.graph, self.values, 0):
                self.values.add(quantity, formula)

    def _net_inputs(self, operation: NetInput) -> None:
        """Compute all net inputs of a block at its first one."""
        sample = operation.sample
        if operation.key in self.values:
            return
        block = self.block_of[operation.unit]
        vector = arb_mat(len(block.sources), 1, [arb(self.sent(source, sample)) for source in block.sources])
        nets = self.matrices[id(block)] * vector
        for index, (unit, bias) in enumerate(zip(block.units, block.biases, strict=True)):
            net = nets[index, 0]
            if bias is not None:
                own = self.parameters[bias]
                net = net - own if self.graph.problem.thresholds else net + own
            self.values.put(key("net", unit, sample=sample), net)

    def sent(self, unit: str, sample: int | None) -> Real:
        return self.values.get(self.values.vocabulary.activation(unit, sample))

    def backward(self) -> None:
        arriving: dict[str, list[Term]] = defaultdict(list)
        for operation in reversed(self.graph.operations):
            if not isinstance(operation, NetInput):
                self._fed_back(operation, arriving)
            outer = outer_derivative(operation, arriving, self.graph, self.values, 0, "")
            if outer is None or isinstance(operation, NetInput):
                continue
            for variable, contribution in contributions(operation, outer, self.graph, self.values, 0):
                if variable in self.graph.receivers:
                    raise Unsuited
                arriving[variable].append(contribution)

    def _fed_back(self, operation: Operation, arriving: dict[str, list[Term]]) -> None:
        """Let what the layers after a unit pass back arrive at what it sends out, as one number."""
        unit, sample = getattr(operation, "unit", ""), operation.sample
        act = key("act", unit, sample=sample)
        if operation.key != act:
            return
        total = arb(0)
        for block in self.feeding[unit]:
            total = total + self._share(block, sample)[unit]
        if self.feeding[unit]:
            self.values.put(f"fed.{act}", total)
            arriving[act].append(Symbol(Name("fed"), f"fed.{act}"))

    def _share(self, block: Block, sample: int | None) -> dict[str, arb]:
        """Return what a block passes back to its sources: its weights transposed times its error terms."""
        place = (id(block), sample)
        if place not in self.shares:
            errors = [arb(self.error(unit, sample)) for unit in block.units]
            column = self.matrices[id(block)].transpose() * arb_mat(len(errors), 1, errors)
            self.shares[place] = {source: column[index, 0] for index, source in enumerate(block.sources)}
        return self.shares[place]

    def error(self, unit: str, sample: int | None) -> Real:
        name = key("dE_dnet", unit, sample=sample)
        return self.values.get(name) if name in self.values else fmpq(0)


def _give_data(graph: Graph, values: _Values) -> None:
    """Enter inputs and targets; parameters are read by the matrices alone."""
    for sample, data in zip(graph.samples, graph.problem.samples, strict=True):
        for unit, number in data.inputs.items():
            values.give(key(unit, "", sample=sample), number)
        for unit, number in data.targets.items():
            values.give(key("target", unit, sample=sample), number)


def exact_parameters(problem: Problem) -> dict[str, fmpq]:
    """Return the values of the parameters that are rationals, whatever the precision: all but expressions."""
    values = ((parameter.name, parameter.value) for parameter in problem.parameters)
    return {name: number_value(value) for name, value in values if type(value) is Number}


def unit_values(graph: Graph, bits: int, exact: Mapping[str, fmpq]) -> Units:
    """Return what each unit sends out and its error term, in balls at a precision.

    exact: the parameters that are rationals, by name.

    Raises:
        Unsuited: a parameter enters elsewhere than in a net input.
        Undecided: a case distinction that this precision cannot decide.
        NoValue: a formula has no value.
    """
    before = ctx.prec
    ctx.prec = bits
    try:
        run = _Pass(graph, blocks_of(graph), exact)
        run.forward()
        run.backward()
        sent: dict[int | None, dict[str, Real]] = {}
        errors: dict[int | None, dict[str, Real]] = {}
        for sample in graph.samples:
            sent[sample] = {u: run.sent(u, sample) for block in run.blocks for u in block.sources}
            errors[sample] = {u: run.error(u, sample) for block in run.blocks for u in block.units}
        return Units(run.blocks, sent, errors)
    finally:
        ctx.prec = before


def accurate(units: Units) -> bool:
    """Return whether all values are as accurate as is enough."""
    tables = (*units.sent.values(), *units.errors.values())
    return all(
        isinstance(real, fmpq) or not real or real.rel_accuracy_bits() >= ENOUGH_BITS
        for table in tables
        for real in table.values()
    )


def blocks_of(graph: Graph) -> tuple[Block, ...]:
    """Return the net inputs of one sample in blocks: side by side, with the same sources.

    No unit is its own source, so units with the same sources do not wait for one another.
    """
    first = graph.samples[0]
    groups: dict[tuple[str, ...], list[NetInput]] = {}
    for operation in graph.operations:
        if isinstance(operation, NetInput) and operation.sample == first:
            groups.setdefault(tuple(source for source, _ in operation.edges), []).append(operation)
    return tuple(
        Block(
            sources,
            tuple(operation.unit for operation in group),
            tuple(tuple(weight for _, weight in operation.edges) for operation in group),
            tuple(operation.bias for operation in group),
        )
        for sources, group in groups.items()
    )
