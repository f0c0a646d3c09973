"""What each operation passes back: the derivative by itself times its derivative by each variable it uses.

A local derivative stands in the formula as its value with its name written under it (`Underbrace`), so that
the chain rule in symbols, the simplified product and the substituted numbers are three readings of one
statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from ..formulas.terms import Number, Partial, Product, Term, Underbrace, keys
from ..keys import At, key
from ..network.graph import Graph
from ..network.operations import (
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
from ..rules import AFFINE
from ..rules.node import partial_derivatives
from .joint import (
    jacobian_key,
    joint_loss_slopes,
)
from .ledger import Ledger
from .shares import error_rule, sample_share, target_and_output

ONE = Number("1")


@singledispatch
def contributions(
    operation: Operation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    """Yield what reaches each variable that an operation uses: `outer` times the local derivative."""
    raise NotImplementedError(type(operation).__name__)


@contributions.register
def _(
    operation: NetInput, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    words = ledger.vocabulary
    net = ledger.term(key("net", operation.unit, sample=operation.sample, passes=passes))
    sent, parameters = words.sent(operation.sample, passes), words.parameters(passes)
    inputs, sign = words.inputs, words.notation.factor_sign
    for source, weight in operation.edges:
        x, w = sent[source], parameters[weight]
        if weight in graph.receivers:
            yield weight, Product((outer, Underbrace(AFFINE.partial_by_weight(x), Partial(net, w))), sign)
        if source not in inputs or source in graph.problem.wrt:
            act = words.activation(source, operation.sample, passes)
            yield act, Product((outer, Underbrace(AFFINE.partial_by_source(w), Partial(net, x))), sign)
    if operation.bias is not None and operation.bias in graph.receivers:
        b = parameters[operation.bias]
        partial = AFFINE.partial_by_bias(threshold=graph.problem.thresholds)
        yield operation.bias, Product((outer, Underbrace(partial, Partial(net, b))), sign)


@contributions.register
def _(
    operation: UnitActivation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    local = ledger.term(key("dact_dnet", operation.unit, **at))
    yield key("net", operation.unit, **at), Product((outer, local), ledger.vocabulary.notation.factor_sign)


@contributions.register
def _(
    operation: LayerActivation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    sign = ledger.vocabulary.notation.factor_sign
    for unit in operation.units:
        local = ledger.term(jacobian_key(operation, unit, passes))
        net = key("net", unit, sample=operation.sample, passes=passes)
        yield net, Product((outer, local), sign)


@contributions.register
def _(
    operation: JointLoss, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    share = sample_share(graph, operation.sample)
    for output, slope in joint_loss_slopes(operation, graph.problem, ledger, passes):
        yield output, slope if share is None else Product((share, slope))


@contributions.register
def _(operation: Node, outer: Term, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    words, sign = ledger.vocabulary, ledger.vocabulary.notation.factor_sign
    own = ledger.term(words.shifted(operation.key, passes))
    operands = [operand for operand in keys(operation.formula) if operand in graph.differentiated]
    derived = partial_derivatives(
        operation.formula, [name for name in operands if name not in operation.partials]
    )
    for operand in operands:
        partial = words.at(operation.partials.get(operand, derived.get(operand, ONE)), passes)
        shifted = operand if operand in graph.receivers else words.shifted(operand, passes)
        label = Partial(own, words.terms[words.shifted(operand, passes)])
        yield shifted, Product((outer, Underbrace(partial, label)), sign)


@contributions.register
def _(
    operation: ScalarLoss, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    share = sample_share(graph, operation.sample)
    yield key("act", operation.unit, sample=operation.sample, passes=passes), ONE if share is None else share


@contributions.register
def _(
    operation: OutputError, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    target, output = target_and_output(operation, ledger, passes)
    rule = error_rule(graph.problem.loss)
    local = rule.derivative(target, output, len(graph.problem.outputs))
    share = sample_share(graph, operation.sample)
    yield (
        key("act", operation.output, sample=operation.sample, passes=passes),
        local if share is None else Product((share, local)),
    )
    if key("target", operation.output) in graph.problem.wrt:
        local = rule.derivative_by_target(target, output, len(graph.problem.outputs))
        yield (
            key("target", operation.output, sample=operation.sample),
            local if share is None else Product((share, local)),
        )


@contributions.register(SampleLoss)
@contributions.register(BatchLoss)
def _(
    operation: Operation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    return iter(())  # sums pass the derivative on unchanged; the mean's 1/N stands at each error
