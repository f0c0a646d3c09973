"""Steps over several units at once: softmax layers, losses over all outputs, and their combination."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as Rational

from ..formulas.terms import Call, Negation, Product, Sum, Term
from ..keys import At, key
from ..network.graph import Graph
from ..network.operations import Activation, JointLoss, LayerActivation, NetInput
from ..rules import is_layer_activation, layer_rule, loss_rule
from ..rules.activation import rational
from ..rules.loss import JointLossRule, Targets, scaled
from ..spec.problem import Loss, Problem
from .ledger import Ledger

#: The pairs of output activation and loss whose derivatives combine to (sum of targets) times the softmax,
#: less the target: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
COMBINING = frozenset(
    {
        ("softmax", "cross_entropy"),
        ("softmax", "kl_divergence"),
        ("log_softmax", "negative_log_likelihood"),
    }
)


# --- softmax layers --------------------------------------------------------------------------------


def activation_formula(operation: LayerActivation, ledger: Ledger, passes: int) -> Term:
    """Return act.U over the net inputs of the layer."""
    at = At(sample=operation.sample, passes=passes)
    nets = [ledger.term(key("net", unit, **at)) for unit in operation.units]
    return layer_rule(operation.activation).formula(operation.units.index(operation.unit), nets)


def jacobian_row(operation: LayerActivation, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    """Yield dact_dnet.U and dact_dnet.U|V: the derivatives of act.U by every net input of the layer."""
    at = At(sample=operation.sample, passes=passes)
    activations = [ledger.term(key("act", unit, **at)) for unit in operation.units]
    rule, of = layer_rule(operation.activation), operation.units.index(operation.unit)
    for by, unit in enumerate(operation.units):
        yield jacobian_key(operation, unit, passes), rule.derivative(of, by, activations)


def jacobian_key(operation: LayerActivation, by: str, passes: int) -> str:
    """Return dact_dnet.U on the diagonal, dact_dnet.U|V beside it."""
    through = "" if by == operation.unit else by
    return key("dact_dnet", operation.unit, through=through, sample=operation.sample, passes=passes)


# --- losses over all outputs -----------------------------------------------------------------------


def targets_of(
    problem: Problem, ledger: Ledger, sample: int | None, outputs: tuple[str, ...] = ()
) -> Targets:
    """Return a sample's targets, or those of some outputs: their names and their numbers."""
    data, outputs = problem.samples[(sample or 1) - 1], outputs or problem.outputs
    terms = tuple(ledger.term(key("target", output, sample=sample)) for output in outputs)
    known = all(output in data.targets for output in outputs)
    return Targets(terms, tuple(_exact(data.targets[output]) for output in outputs) if known else ())


def _exact(term: Term) -> Rational:
    value = rational(term)
    assert value is not None
    return value


def joint_loss_formula(loss: Loss, problem: Problem, ledger: Ledger, sample: int | None, passes: int) -> Term:
    """Return a sample's loss over all its outputs."""
    rule = loss_rule(loss)
    assert isinstance(rule, JointLossRule)
    return rule.formula(targets_of(problem, ledger, sample), _outputs(problem, ledger, sample, passes))


def joint_loss_slopes(
    operation: JointLoss, problem: Problem, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    """Yield the loss's derivative by each output, and by each target that is asked for, with its key."""
    rule = loss_rule(problem.loss)
    assert isinstance(rule, JointLossRule)
    targets = targets_of(problem, ledger, operation.sample)
    outputs = _outputs(problem, ledger, operation.sample, passes)
    for index, output in enumerate(operation.outputs):
        slope = rule.derivative(index, targets, outputs)
        yield key("act", output, sample=operation.sample, passes=passes), slope
        if key("target", output) in problem.wrt:
            by_target = rule.derivative_by_target(index, targets, outputs)
            yield key("target", output, sample=operation.sample), by_target


def _outputs(problem: Problem, ledger: Ledger, sample: int | None, passes: int) -> tuple[Term, ...]:
    return tuple(ledger.term(key("act", output, sample=sample, passes=passes)) for output in problem.outputs)


# --- softmax and cross-entropy together ------------------------------------------------------------


def combines(loss: Loss, activation: Activation | None) -> bool:
    """Return whether a loss and the activation of the outputs have a short common derivative."""
    return (
        is_layer_activation(activation)
        and activation is not None
        and loss.expression is None
        and (activation.name, loss.kind) in COMBINING
    )


def combined_slope(operation: NetInput, graph: Graph, ledger: Ledger, passes: int) -> Term | None:
    """Return dE/dz of a softmax output under cross-entropy in short form, o (sum of t) - t; else None.

    None where the notation asks for the Jacobian, and where the output feeds further units. A test proves
    the short form equal to the sum over the Jacobian.
    """
    problem = graph.problem
    layer = graph.joint.get(operation.unit)
    if ledger.vocabulary.notation.softmax != "short" or layer is None or not combined(graph, layer):
        return None
    targets = targets_of(problem, ledger, operation.sample, layer.units)
    index = layer.units.index(operation.unit)
    output = ledger.term(key("act", operation.unit, sample=operation.sample, passes=passes))
    slope = short_form(layer.activation, output, targets.terms[index], targets)
    return scaled(slope, problem.loss.constant)


def combined(graph: Graph, layer: LayerActivation) -> bool:
    """Return whether a layer of outputs and the loss have a short common derivative in this graph."""
    outputs = graph.problem.outputs
    ends = all(unit in outputs and not graph.fan_out.get(unit) for unit in layer.units)
    return ends and combines(graph.problem.loss, layer.activation)


def short_form(activation: Activation, output: Term, target: Term, targets: Targets) -> Sum:
    """Return o (sum of t) - t, o - t where the targets sum to 1."""
    share: Term = Call("exp", (output,)) if activation.name == "log_softmax" else output
    if targets.total != 1:
        share = Product((Sum(targets.terms) if len(targets.terms) > 1 else targets.terms[0], share))
    return Sum((share, Negation(target)))
