"""The delta rule beside the gradients: delta = -dE/dz, residual = target - output, step = new - old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..formulas.terms import Negation, Product, Sum, Term
from ..keys import At, key
from ..network.graph import Graph
from ..network.operations import NetInput
from ..spec.problem import Weight
from .joint import combined_slope
from .ledger import Ledger
from .shares import sample_share


def add_residuals(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add residual.O = target - output for every output and sample."""
    for sample in graph.samples:
        for output in graph.problem.outputs:
            at = At(sample=sample, passes=passes)
            target = ledger.term(key("target", output, sample=sample))
            activation = ledger.term(key("act", output, **at))
            ledger.add(key("residual", output, **at), Sum((target, Negation(activation))))


def add_deltas(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add delta.U for every unit: by the delta rule's own formulas where that is the form.

    Output: delta = f'(z) (t - o), the residual standing for -dE/do where the loss makes it so.
    Hidden: delta = f'(z) (sum of w delta over the units it feeds).
    """
    outgoing: dict[str, list[Weight]] = defaultdict(list)
    for weight in graph.problem.connections:
        outgoing[weight.source].append(weight)
    for operation in reversed(graph.operations):
        if not isinstance(operation, NetInput):
            continue
        at = At(sample=operation.sample, passes=passes)
        net_derivative = key("dE_dnet", operation.unit, **at)
        if net_derivative not in ledger:
            continue
        formula: Term = Negation(ledger.term(net_derivative))
        if ledger.adds_steps:
            if operation.unit in graph.joint:
                formula = _joint_delta(graph, ledger, operation, passes)
            else:
                slope = ledger.term(key("dact_dnet", operation.unit, **at))
                formula = Product(
                    (slope, _arriving(graph, ledger, operation, outgoing[operation.unit], passes))
                )
        ledger.add(key("delta", operation.unit, **at), formula)
    if ledger.adds_steps:
        _add_input_derivatives(graph, ledger, outgoing, passes)


def _add_input_derivatives(
    graph: Graph, ledger: Ledger, outgoing: Mapping[str, Sequence[Weight]], passes: int
) -> None:
    """Add dE/dx = -(sum of w delta) of the inputs that are asked for, over the deltas the form shows."""
    for unit in graph.problem.wrt:
        for sample in graph.samples:
            quantity = key("dE_dact", unit, sample=sample, passes=passes)
            if quantity in ledger and unit in graph.problem.inputs:
                parts = tuple(
                    Product(
                        (
                            ledger.term(ledger.vocabulary.parameter(weight.name, passes)),
                            ledger.term(key("delta", weight.target, sample=sample, passes=passes)),
                        ),
                        _sign(ledger),
                    )
                    for weight in outgoing[unit]
                )
                ledger.add(quantity, Negation(parts[0] if len(parts) == 1 else Sum(parts)))


def _joint_delta(graph: Graph, ledger: Ledger, operation: NetInput, passes: int) -> Term:
    """Return delta of a unit of a softmax layer: the residual where it combines to that, else a sum."""
    unit, at = operation.unit, At(sample=operation.sample, passes=passes)
    short = combined_slope(operation, graph, ledger, passes)
    share = sample_share(graph, operation.sample)
    activation = ledger.term(key("act", unit, **at))
    target = ledger.term(key("target", unit, sample=operation.sample)) if short is not None else None
    if target is not None and short == Sum((activation, Negation(target))) and share is None:
        return ledger.term(key("residual", unit, **at))
    if short is not None:
        return Negation(short if share is None else Product((share, short)))
    layer = next(layer for layer in graph.problem.layers if unit in layer.units)
    products: list[Term] = []
    for other in layer.units:
        through = "" if other == unit else unit
        slope = ledger.term(key("dact_dnet", other, through=through, **at))
        products.append(Product((ledger.term(key("dE_dact", other, **at)), slope), _sign(ledger)))
    return Negation(Sum(tuple(products)) if len(products) > 1 else products[0])


def _arriving(
    graph: Graph, ledger: Ledger, operation: NetInput, outgoing: Sequence[Weight], passes: int
) -> Term:
    """Return -dE/da of a unit: the residual of an output, the weighted deltas behind a hidden unit."""
    unit, at = operation.unit, At(sample=operation.sample, passes=passes)
    parts: list[Term] = []
    if unit in graph.problem.outputs:
        half = graph.problem.loss.kind == "half_squared_error"
        residual = half and sample_share(graph, operation.sample) is None
        if not residual:  # the derivative by the output, which already counts what the output feeds
            return Negation(ledger.term(key("dE_dact", unit, **at)))
        parts.append(ledger.term(key("residual", unit, **at)))
    for weight in outgoing:
        value = ledger.term(ledger.vocabulary.entering(weight.name, passes))
        parts.append(Product((value, ledger.term(key("delta", weight.target, **at))), _sign(ledger)))
    return parts[0] if len(parts) == 1 else Sum(tuple(parts))


def add_steps(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add step.P = new - old: eta times delta times what comes in, or minus eta times the gradient."""
    problem = graph.problem
    if problem.learning_rate is None or not problem.descent.plain:  # the update itself adds them
        return
    rate, words = ledger.term("learning_rate"), ledger.vocabulary
    incoming = _edges(graph) if ledger.adds_steps else {}
    for parameter in problem.parameters:
        if parameter.name in problem.frozen:
            continue
        name = parameter.name
        stated = ledger.given(key("grad", name, passes=passes)) is not None
        if ledger.adds_steps and not stated:
            parts: list[Term] = []
            for unit, source, sample in incoming[name]:
                delta = ledger.term(key("delta", unit, sample=sample, passes=passes))
                if source is None:
                    parts.append(Negation(delta) if problem.thresholds else delta)
                else:
                    sent = ledger.term(words.activation(source, sample, passes))
                    parts.append(Product((delta, sent), _sign(ledger)))
            total = parts[0] if len(parts) == 1 else Sum(tuple(parts))
            inner = total.term if isinstance(total, Negation) else total
            factors = (rate, *inner.factors) if isinstance(inner, Product) else (rate, inner)
            formula: Term = Product(factors, _sign(ledger))
            if inner is not total:
                formula = Negation(formula)
        else:
            gradient = ledger.term(key("grad", name, passes=passes))
            formula = Negation(Product((rate, gradient), _sign(ledger)))
        ledger.add(key("step", name, passes=passes), formula)


def _edges(graph: Graph) -> dict[str, list[tuple[str, str | None, int | None]]]:
    """Return, for each parameter, the units it enters, what it multiplies, and the sample."""
    edges: dict[str, list[tuple[str, str | None, int | None]]] = {name: [] for name in graph.receivers}
    for operation in graph.operations:
        if isinstance(operation, NetInput):
            for source, weight in operation.edges:
                if weight in edges:
                    edges[weight].append((operation.unit, source, operation.sample))
            if operation.bias is not None and operation.bias in edges:
                edges[operation.bias].append((operation.unit, None, operation.sample))
    return edges


def _sign(ledger: Ledger) -> str:
    return ledger.vocabulary.notation.factor_sign
