"""The sweep: forward, backward, update. Each is one visible loop over the graph's operations.

Every step states its formula over the quantities it uses. A local derivative stands in the formula
as its value with its name written under it (`Underbrace`), so that the chain rule in symbols, the
simplified product and the substituted numbers are three readings of one statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import singledispatch

from .graph import Graph
from .keys import At, key, suffix
from .ledger import Ledger
from .operations import BatchLoss, NetInput, Operation, OutputError, SampleLoss, UnitActivation
from .rules import AFFINE, activation_rule, loss_rule
from .terms import Fraction, Number, Partial, Product, Sum, Term, Underbrace

ONE = Number("1")


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
    for operation in reversed(graph.operations):
        if through and isinstance(operation, OutputError) and operation.output != through:
            continue
        outer = _outer_derivative(operation, arriving, graph, ledger, passes, through)
        if outer is None:
            continue
        for variable, contribution in contributions(operation, outer, graph, ledger, passes):
            parts = by_sample.get(variable)
            if parts is None:
                arriving[variable].append(contribution)
            else:
                parts.setdefault(operation.sample, []).append(contribution)
    _gather_gradients(graph, by_sample, ledger, passes, through)


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
        AFFINE.formula(products, bias, bias_factor=notation.bias_factor),
    )


@forward_formulas.register
def _(operation: UnitActivation, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    net, act = key("net", operation.unit, **at), key("act", operation.unit, **at)
    rule, settings = activation_rule(operation.activation.name), operation.activation.settings
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
def _(operation: OutputError, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    target, output = _target_and_output(operation, ledger, passes)
    rule = loss_rule(graph.problem.loss.kind)
    yield (
        key("error", operation.output, sample=operation.sample, passes=passes),
        rule.formula(target, output, len(graph.problem.outputs)),
    )


@forward_formulas.register
def _(operation: SampleLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    errors = tuple(ledger.term(key("error", output, **at)) for output in operation.outputs)
    yield key("loss", "", **at), Sum(errors)
    reported = graph.problem.reported_loss
    if reported is not None and operation.sample is None:
        yield key("reported_loss", "", passes=passes), _reported(graph, ledger, passes)


@forward_formulas.register
def _(operation: BatchLoss, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    losses = Sum(
        tuple(ledger.term(key("loss", "", sample=sample, passes=passes)) for sample in operation.samples)
    )
    share = _share(graph)
    yield key("loss", "", passes=passes), losses if share is None else Product((share, losses))
    if graph.problem.reported_loss is not None:
        yield key("reported_loss", "", passes=passes), _reported(graph, ledger, passes)


def _reported(graph: Graph, ledger: Ledger, passes: int) -> Term:
    """Return the formula of the loss that is only reported."""
    reported = graph.problem.reported_loss
    assert reported is not None
    rule, outputs = loss_rule(reported.kind), graph.problem.outputs
    errors = []
    for sample in graph.samples:
        for output in outputs:
            at = At(sample=sample, passes=passes)
            target = ledger.term(key("target", output, sample=sample))
            errors.append(rule.formula(target, ledger.term(key("act", output, **at)), len(outputs)))
    total = Sum(tuple(errors))
    count = len(graph.samples)
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
        yield weight, Product((outer, Underbrace(AFFINE.partial_by_weight(x), Partial(net, w))), sign)
        if source not in inputs:
            act = words.activation(source, operation.sample, passes)
            yield act, Product((outer, Underbrace(AFFINE.partial_by_source(w), Partial(net, x))), sign)
    if operation.bias is not None:
        b = parameters[operation.bias]
        yield operation.bias, Product((outer, Underbrace(ONE, Partial(net, b))), sign)


@contributions.register
def _(
    operation: UnitActivation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    at = At(sample=operation.sample, passes=passes)
    local = ledger.term(key("dact_dnet", operation.unit, **at))
    yield key("net", operation.unit, **at), Product((outer, local), ledger.vocabulary.notation.factor_sign)


@contributions.register
def _(
    operation: OutputError, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    target, output = _target_and_output(operation, ledger, passes)
    rule = loss_rule(graph.problem.loss.kind)
    local = rule.derivative(target, output, len(graph.problem.outputs))
    share = _share(graph)
    yield (
        key("act", operation.output, sample=operation.sample, passes=passes),
        local if share is None else Product((share, local)),
    )


@contributions.register(SampleLoss)
@contributions.register(BatchLoss)
def _(
    operation: Operation, outer: Term, graph: Graph, ledger: Ledger, passes: int
) -> Iterator[tuple[str, Term]]:
    return iter(())  # sums pass the derivative on unchanged; the mean's 1/N stands at each error


def _outer_derivative(
    operation: Operation,
    arriving: dict[str, list[Term]],
    graph: Graph,
    ledger: Ledger,
    passes: int,
    through: str,
) -> Term | None:
    """Return dE/d(what the operation computes), adding its step; None where nothing arrives."""
    if isinstance(operation, NetInput | UnitActivation):
        at = At(sample=operation.sample, passes=passes)
        kind = "net" if isinstance(operation, NetInput) else "act"
        reached = arriving.get(key(kind, operation.unit, **at))
        if not reached:
            return None
        # what reaches an output that feeds no other unit comes through its own error alone
        part = "" if operation.unit == through and operation.unit in graph.ends else through
        quantity = key(f"dE_d{kind}", operation.unit, through=part, **at)
        if not ledger.known(quantity):
            ledger.add(quantity, _in_order(reached))
        return ledger.term(quantity)
    return ONE


def _gather_gradients(
    graph: Graph,
    by_sample: dict[str, dict[int | None, list[Term]]],
    ledger: Ledger,
    passes: int,
    through: str,
) -> None:
    """Add each parameter's gradient: the sum over its edges, per sample and then over samples."""
    adds_parts = ledger.vocabulary.notation.form == "components" and not through
    end = suffix(through, passes=passes)
    for name, parts in by_sample.items():
        if None in parts:  # there is one sample
            total = _in_order(parts[None])
        elif parts:
            shares = []
            for sample in reversed(parts):  # the loop ran backwards
                part = key("grad", name, through=through, sample=sample, passes=passes)
                ledger.add(part, _in_order(parts[sample]))
                shares.append(ledger.term(part))
            total = Sum(tuple(shares))
        else:
            continue
        summed = _shown_parts(graph, name, ledger, passes) if adds_parts else ()
        ledger.add(f"grad.{name}{end}", Sum(summed) if summed else total)


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


def _share(graph: Graph) -> Term | None:
    """Return the factor 1/N of a loss that is the mean over N samples."""
    count = len(graph.problem.samples)
    if count == 1 or graph.problem.loss.reduction == "sum":
        return None
    return Fraction(ONE, Number(str(count)))
