"""The backward pass: one visible loop over the operations in reverse, and the sums of what it collects."""

from __future__ import annotations

from collections import defaultdict

from ..formulas.terms import Number, Product, Sum, Term
from ..keys import At, key, suffix
from ..network.graph import Graph
from ..network.operations import (
    LayerActivation,
    NetInput,
    Node,
    Operation,
    OutputError,
    UnitActivation,
)
from .contributions import contributions
from .joint import (
    combined_slope,
)
from .ledger import Ledger
from .penalties import penalty_slope
from .shares import sample_share

ZERO, ONE = Number("0"), Number("1")

#: What reaches a parameter in one sample, by time step: grad.P|t2 is the share of step 2.
Steps = dict[tuple[str, int | None], dict[str, list[Term]]]


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
