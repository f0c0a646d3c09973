"""The forward pass: one visible loop over the operations, each stating its formula over what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch

from ..formulas.terms import Fraction, Number, Product, Sum, Term
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
from ..rules import AFFINE, JointLossRule, activation_rule, loss_rule
from .joint import (
    activation_formula,
    jacobian_row,
    joint_loss_formula,
)
from .ledger import Ledger
from .penalties import whole_loss
from .shares import error_rule, mean_share, target_and_output

ONE = Number("1")


def forward(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add the forward pass after so many updates: net inputs, activations, errors, loss."""
    for operation in graph.operations:
        for quantity, formula in forward_formulas(operation, graph, ledger, passes):
            ledger.add(quantity, formula)


@singledispatch
def forward_formulas(
    operation: Operation, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    """Yield the quantities that an operation computes, each with its formula."""
    raise NotImplementedError(type(operation).__name__)


@forward_formulas.register
def _(operation: NetInput, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    words = ledger.vocabulary
    notation = words.notation
    sent, parameters = words.sent(operation.sample, passes), words.parameters(passes)
    products = [
        AFFINE.pair(sent[source], parameters[weight], notation.weight_first, notation.input_sign)
        for source, weight in operation.edges
    ]
    bias = None if operation.bias is None else parameters[operation.bias]
    yield (
        key("net", operation.unit, sample=operation.sample, passes=passes),
        AFFINE.formula(products, bias, bias_factor=notation.bias_factor, threshold=graph.problem.thresholds),
    )


@forward_formulas.register
def _(operation: UnitActivation, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    net, act = key("net", operation.unit, **at), key("act", operation.unit, **at)
    rule, settings = activation_rule(operation.activation), operation.activation.settings
    if operation.given and not passes:  # after an update nothing is given any more
        ledger.give(act, graph.problem.given[operation.unit])
        if not ledger.known(net) and rule.inverse is not None:
            ledger.imply(net, rule.inverse_formula(ledger.term(act)))
    else:
        ledger.add(act, rule.formula(ledger.term(net), settings))
    yield (
        key("dact_dnet", operation.unit, **at),
        rule.derivative(ledger.term(net), ledger.term(act), settings),
    )


@forward_formulas.register
def _(operation: LayerActivation, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    act = key("act", operation.unit, sample=operation.sample, passes=passes)
    if operation.given and not passes:
        ledger.give(act, graph.problem.given[operation.unit])
    else:
        ledger.add(act, activation_formula(operation, ledger, passes))
    if operation.unit == operation.units[-1]:  # the Jacobian, over all activations of the layer
        for unit in operation.units:
            yield from jacobian_row(replace(operation, unit=unit), ledger, passes)


@forward_formulas.register
def _(operation: JointLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    formula = joint_loss_formula(graph.problem.loss, graph.problem, ledger, operation.sample, passes)
    yield from _sample_loss(formula, operation.sample, graph, ledger, passes)


@forward_formulas.register
def _(operation: Node, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    words = ledger.vocabulary
    yield words.shifted(operation.key, passes), words.at(operation.formula, passes)


@forward_formulas.register
def _(operation: ScalarLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    sent = ledger.term(key("act", operation.unit, **at))
    if operation.sample is None:
        yield from whole_loss(sent, graph, ledger, passes)
    else:
        yield key("loss", "", **at), sent


@forward_formulas.register
def _(operation: OutputError, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    target, output = target_and_output(operation, ledger, passes)
    rule = error_rule(graph.problem.loss)
    yield (
        key("error", operation.output, sample=operation.sample, passes=passes),
        rule.formula(target, output, len(graph.problem.outputs)),
    )


@forward_formulas.register
def _(operation: SampleLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    errors = tuple(ledger.term(key("error", output, **at)) for output in operation.outputs)
    yield from _sample_loss(Sum(errors), operation.sample, graph, ledger, passes)


def _sample_loss(
    formula: Term, sample: int | None, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    """Yield one sample's loss; where it is the only one, the whole loss and the reported one too."""
    if sample is not None:
        yield key("loss", "", sample=sample, passes=passes), formula
        return
    yield from whole_loss(formula, graph, ledger, passes)
    if graph.problem.reported_loss is not None:
        yield key("reported_loss", "", passes=passes), _reported(graph, ledger, passes)


@forward_formulas.register
def _(operation: BatchLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    yield from whole_loss(batch_loss(graph, ledger, passes), graph, ledger, passes)
    if graph.problem.reported_loss is not None:
        yield key("reported_loss", "", passes=passes), _reported(graph, ledger, passes)


def batch_loss(graph: Graph, ledger: Ledger, passes: int) -> Term:
    """Return the sum or mean of the losses of a pass's samples."""
    losses = [ledger.term(key("loss", "", sample=sample, passes=passes)) for sample in graph.drawn]
    share = mean_share(graph)
    if len(losses) == 1:
        return losses[0]
    return Sum(tuple(losses)) if share is None else Product((share, Sum(tuple(losses))))


def _reported(graph: Graph, ledger: Ledger, passes: int) -> Term:
    """Return the formula of the loss that is only reported."""
    reported = graph.problem.reported_loss
    assert reported is not None
    rule, outputs = loss_rule(reported), graph.problem.outputs
    errors = []
    for sample in graph.drawn:
        if isinstance(rule, JointLossRule):
            errors.append(joint_loss_formula(reported, graph.problem, ledger, sample, passes))
            continue
        for output in outputs:
            at = At(sample=sample, passes=passes)
            target = ledger.term(key("target", output, sample=sample))
            errors.append(rule.formula(target, ledger.term(key("act", output, **at)), len(outputs)))
    total = Sum(tuple(errors))
    count = len(graph.drawn)
    if reported.reduction == "sum" or count == 1:
        return total
    return Product((Fraction(ONE, Number(str(count))), total))
