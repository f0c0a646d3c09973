"""The sweep: forward, backward, update. Each is one visible loop over the graph's operations.

Every step states its formula over the quantities it uses. A local derivative stands in the formula
as its value with its name written under it (`Underbrace`), so that the chain rule in symbols, the
simplified product and the substituted numbers are three readings of one statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch

from ..formulas.terms import Fraction, Number, Partial, Product, Sum, Term, Underbrace, keys
from ..keys import At, key, suffix
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
from ..rules import AFFINE, JointLossRule, LossRule, activation_rule, loss_rule
from ..rules.node import partial_derivatives
from ..spec.problem import Loss
from .joint import (
    activation_formula,
    combined_slope,
    jacobian_key,
    jacobian_row,
    joint_loss_formula,
    joint_loss_slopes,
)
from .ledger import Ledger
from .penalties import penalty_slope, whole_loss

ZERO, ONE = Number("0"), Number("1")

#: What reaches a parameter in one sample, by time step: grad.P|t2 is the share of step 2.
Steps = dict[tuple[str, int | None], dict[str, list[Term]]]


def forward(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add the forward pass after so many updates: net inputs, activations, errors, loss."""
    for operation in graph.operations:
        for quantity, formula in forward_formulas(operation, graph, ledger, passes):
            ledger.add(quantity, formula)


def backward(graph: Graph, ledger: Ledger, passes: int = 0, through: str = "") -> None:
    """Add the backward pass: every derivative of the loss, or of one output's error (`through`).

    The loop visits the operations in reverse. What reaches a variable from each operation that
    uses it is collected, and the variable's derivative is the sum over all of them.
    """
    arriving: dict[str, list[Term]] = defaultdict(list)
    by_sample: dict[str, dict[int | None, list[Term]]] = {name: {} for name in graph.receivers}
    by_step: Steps = defaultdict(dict)
    for operation in reversed(graph.operations):
        if through and isinstance(operation, OutputError) and operation.output != through:
            continue
        outer = outer_derivative(operation, arriving, graph, ledger, passes, through)
        if outer is None:
            continue
        for variable, contribution in contributions(operation, outer, graph, ledger, passes):
            parts = by_sample.get(variable)
            if parts is None:
                arriving[variable].append(contribution)
            else:
                parts.setdefault(operation.sample, []).append(contribution)
                if graph.parts and not through:
                    step = graph.parts.get(operation.key, "")
                    by_step[variable, operation.sample].setdefault(step, []).append(contribution)
    _gather_gradients(graph, by_sample, by_step, ledger, passes, through)
    for name in graph.problem.wrt:
        _, by_target, unit = name.rpartition("target.")
        kind = "dE_dtarget" if by_target else "dE_dact"
        for sample in graph.samples:
            variable = (
                key("target", unit, sample=sample)
                if by_target
                else ledger.vocabulary.activation(unit, sample, passes)
            )
            quantity = key(kind, unit, through=through, sample=sample, passes=passes)
            if arriving.get(variable):
                ledger.add(quantity, _in_order(arriving[variable]))
            elif graph.problem.architecture is not None and not through:
                ledger.add(quantity, ZERO)


# --- forward: the formula of each operation --------------------------------------------------


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
    target, output = _target_and_output(operation, ledger, passes)
    rule = _error_rule(graph.problem.loss)
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
    share = _mean(graph)
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


# --- backward: what each operation passes on --------------------------------------------------


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
    target, output = _target_and_output(operation, ledger, passes)
    rule = _error_rule(graph.problem.loss)
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


def outer_derivative(
    operation: Operation,
    arriving: dict[str, list[Term]],
    graph: Graph,
    ledger: Ledger,
    passes: int,
    through: str,
) -> Term | None:
    """Return dE/d(what the operation computes), adding its step; None where nothing arrives."""
    if isinstance(operation, NetInput | UnitActivation | LayerActivation | Node):
        at = At(sample=operation.sample, passes=passes)
        kind = operation.key.partition(".")[0]
        reached = arriving.get(key(kind, operation.unit, **at))
        if not reached:
            return None if through else _unreached(key(f"dE_d{kind}", operation.unit, **at), graph, ledger)
        part = "" if _comes_alone(operation.unit, kind, graph, through) else through
        quantity = key(f"dE_d{kind}", operation.unit, through=part, **at)
        if not ledger.known(quantity):
            short = None
            if isinstance(operation, NetInput) and not through:
                short = _combined(operation, graph, ledger, passes)
            ledger.add(quantity, _in_order(reached) if short is None else short)
        return ledger.term(quantity)
    return ONE


def _unreached(quantity: str, graph: Graph, ledger: Ledger) -> Term | None:
    """Return the derivative by what nothing later uses: what is given; in a network of any shape it is 0.

    So a map's value that no window of a pooling covers has a derivative, and passes nothing on.
    """
    if quantity in ledger:
        return ledger.term(quantity)
    if graph.problem.architecture is not None:
        ledger.add(quantity, ZERO)
    return None


def _comes_alone(unit: str, kind: str, graph: Graph, through: str) -> bool:
    """Return whether what reaches an output comes through its own error alone: it feeds no other unit."""
    return unit == through and not graph.fan_out.get(unit) and not (kind == "net" and unit in graph.joint)


def _combined(operation: NetInput, graph: Graph, ledger: Ledger, passes: int) -> Term | None:
    """Return the short form of dE/dz where softmax and cross-entropy have one."""
    slope = combined_slope(operation, graph, ledger, passes)
    share = sample_share(graph, operation.sample)
    return slope if slope is None or share is None else Product((share, slope))


def _error_rule(loss: Loss) -> LossRule:
    rule = loss_rule(loss)
    assert isinstance(rule, LossRule)
    return rule


def _gather_gradients(
    graph: Graph,
    by_sample: dict[str, dict[int | None, list[Term]]],
    by_step: Steps,
    ledger: Ledger,
    passes: int,
    through: str,
) -> None:
    """Add each parameter's gradient: the sum over its edges, per sample and then over samples."""
    adds_parts = ledger.vocabulary.notation.form == "components" and not through
    end = suffix(through, passes=passes)
    for name, parts in by_sample.items():
        if parts.keys() == {None}:  # there is one sample
            total = _over_steps(name, None, parts[None], by_step, ledger, passes)
        elif parts:
            shares = []
            for sample in reversed(parts):  # the loop ran backwards
                if sample is None:  # what all samples have in common
                    shares += parts[sample][::-1]
                    continue
                part = key("grad", name, through=through, sample=sample, passes=passes)
                ledger.add(part, _over_steps(name, sample, parts[sample], by_step, ledger, passes))
                shares.append(ledger.term(part))
            total = shares[0] if len(shares) == 1 else Sum(tuple(shares))
        elif graph.problem.architecture is not None and not through:
            total = ZERO  # nothing uses it in this pass: a row of a table that is not looked up
        else:
            continue
        summed = _shown_parts(graph, name, ledger, passes) if adds_parts else ()
        if summed:
            total = Sum(summed)
        slope = () if through else penalty_slope(graph, name, ledger, passes)
        if slope:
            total = Sum((*(total.terms if isinstance(total, Sum) else (total,)), *slope))
        ledger.add(f"grad.{name}{end}", total)


def _over_steps(
    name: str, sample: int | None, terms: list[Term], by_step: Steps, ledger: Ledger, passes: int
) -> Term:
    """Return one sample's gradient; used in several time steps, it is the sum of their shares grad.P|t<k>."""
    steps = by_step.get((name, sample), {})
    if len(steps) < 2:
        return _in_order(terms)
    shares: list[Term] = []
    for step in reversed(steps):  # the loop ran backwards
        if not step:  # what comes from no time step has no name of its own
            shares += steps[step][::-1]
            continue
        share = key("grad", name, through=step, sample=sample, passes=passes)
        ledger.add(share, _in_order(steps[step]))
        shares.append(ledger.term(share))
    return Sum(tuple(shares))


def _in_order(terms: list[Term]) -> Term:
    """Return the sum of what the loop collected backwards, written forwards."""
    return terms[0] if len(terms) == 1 else Sum(tuple(terms[::-1]))


def _shown_parts(graph: Graph, name: str, ledger: Ledger, passes: int) -> tuple[Term, ...]:
    """Return a gradient's parts, one per output error, where there are several."""
    parts = (key("grad", name, through=output, passes=passes) for output in graph.problem.outputs)
    found = tuple(ledger.term(part) for part in parts if part in ledger)
    return found if len(found) > 1 else ()


def _target_and_output(operation: OutputError, ledger: Ledger, passes: int) -> tuple[Term, Term]:
    return (
        ledger.term(key("target", operation.output, sample=operation.sample)),
        ledger.term(key("act", operation.output, sample=operation.sample, passes=passes)),
    )


def _mean(graph: Graph) -> Term | None:
    """Return the factor 1/N of a loss that is the mean over the N samples of a pass."""
    count = len(graph.drawn)
    if count == 1 or graph.problem.loss.reduction == "sum":
        return None
    return Fraction(ONE, Number(str(count)))


def sample_share(graph: Graph, sample: int | None) -> Term | None:
    """Return the factor of one sample's loss in the whole: 1/N under a mean, n/N if it is drawn n times."""
    times = graph.drawn.count(sample)
    if times == 1:
        return _mean(graph)
    drawn = Number(str(times))
    return drawn if graph.problem.loss.reduction == "sum" else Fraction(drawn, Number(str(len(graph.drawn))))
