"""The error terms in matrices: from the outputs back through the layers."""

from __future__ import annotations

from ...formulas.terms import Call, Partial, Term
from ..blocks import Line
from ..layout.heights import FRACTION, height
from ..sheet import Sheet, line
from .matrix_algebra import Item, entrywise, lifted, product, total
from .matrix_lines import FEW_ROWS, MatrixLines, formulas_of
from .matrix_network import Layout, NetworkMatrices

#: Up to so many slopes are written out one by one; so many if they are as high as fractions.
FEW_ENTRIES, FEW_TALL = 12, 3


def add_output_terms(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add the error terms of the outputs."""
    act, net, target, delta = (
        matrices.act(index), matrices.net(index), matrices.target(), matrices.delta(index)
    )  # fmt: skip
    definition = Partial(sheet.term("loss"), net.term)
    whole = line("the error terms of the layer, the derivative by its net inputs")
    short = lifted(formulas_of(sheet, delta), [act, target], delta.turned)
    if short is not None:
        lines = MatrixLines(sheet, matrices, "Error terms of the outputs")
        reason = line("softmax and cross-entropy together: output minus target, as the Jacobian shows")
        lines.state(delta, short, note=reason if matrices.is_joint(index) else whole, equal_to=definition)
        lines.finish()
        return
    outward = matrices.outward(index)
    lines = MatrixLines(sheet, matrices, "The error by the outputs")
    formulas = formulas_of(sheet, outward)
    formula = lifted(formulas, [act, target], outward.turned)
    reason = line("each entry: the derivative of the loss by one output")
    if formula is None:
        lines.add(outward.term, ("=", formulas), note=reason)
        lines.result(outward, formulas)
    else:
        lines.state(outward, formula, note=reason)
    lines.finish()
    if matrices.is_joint(index):
        _add_joint(sheet, matrices, index, whole)
        return
    _add_slope(sheet, matrices, index)
    lines = MatrixLines(sheet, matrices, "Error terms of the outputs")
    formula = entrywise([outward, matrices.slope(index)], delta.turned)
    lines.state(delta, formula, note=whole, equal_to=definition, entries=False)
    lines.finish()


def _add_joint(sheet: Sheet, matrices: NetworkMatrices, index: int, note: Line) -> None:
    """Add the error terms of a softmax layer: the Jacobian, sample by sample, times what comes back."""
    for sample in matrices.samples:
        single = NetworkMatrices(sheet, matrices.layout, sample=sample)
        jacobian, outward, delta = single.jacobian(index), single.outward(index), single.delta(index)
        title = "The Jacobian of the layer" + (f", sample {sample}" if sample is not None else "")
        lines = MatrixLines(sheet, single, title)
        formulas = formulas_of(sheet, jacobian)
        lines.add(jacobian.term, ("=", jacobian.entries))
        lines.add(None, ("=", formulas), note=line("each output depends on every net input"))
        lines.result(jacobian, formulas)
        lines.finish()
        lines = MatrixLines(sheet, single)
        formula = product([jacobian, outward], delta.turned)
        lines.state(
            delta,
            formula,
            note=note,
            entries=False,
            equal_to=Partial(sheet.term("loss"), single.net(index).term),
        )
        lines.finish()


def _add_slope(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add f'(z) of a layer."""
    slope = matrices.slope(index)
    lines = MatrixLines(sheet, matrices, "The slopes ", slope.term)
    formulas = formulas_of(sheet, slope)
    entries = [entry for row in formulas.rows for entry in row]
    large = len(entries) > FEW_ENTRIES or (len(entries) > FEW_TALL and max(map(height, entries)) >= FRACTION)
    if large or sheet.substituted(formulas) == formulas:  # numbers already, as the identity's
        lines.result(slope, slope.entries, shown=True)
    else:
        lines.add(slope.term, ("=", formulas))
        lines.result(slope, formulas)
    lines.finish()


def _add_jacobians(sheet: Sheet, layout: Layout, index: int) -> None:
    """Add, once, the two Jacobians that lie between the error terms of two layers."""
    if not sheet.first_time("jacobians"):
        return
    single = NetworkMatrices(sheet, layout, sample=sheet.graph.samples[0])
    after = single.fed_by(index)
    if not after or single.is_joint(index):
        return
    weights, act = single.weights(after[0], index), single.act(index)
    below = single.net(after[0])
    lines = MatrixLines(sheet, single, "The Jacobian ", Partial(below.term, act.term))
    # the derivative of W a by a: meant with a row for each entry of a, the transpose of W
    turned = Item(weights.term, weights.entries, not weights.turned)
    facing = turned.facing(layout.numerator)
    written_out = single.readings.written_out(facing)
    lines.add(
        Partial(below.term, act.term), ("=", facing), ("=", written_out),
        ("=", sheet.substituted(written_out)),
        note=line("of the next net inputs by what this layer sends"),
    )  # fmt: skip
    lines.finish()
    jacobian, slope = single.jacobian(index), single.slope(index)
    symbols = [("=", jacobian.entries)] if len(jacobian.entries.rows) <= FEW_ROWS else []
    diagonal = Call("diag", (slope.term,))
    lines = MatrixLines(sheet, single, "The Jacobian ", jacobian.term)
    lines.add(
        jacobian.term, ("=", diagonal), *symbols, ("=", sheet.substituted(jacobian.entries)),
        note=line("diagonal: each unit depends on its own net input alone", *_of_sample(single)),
    )  # fmt: skip
    lines.finish()
    sheet.text(
        "Multiplying by a diagonal matrix is multiplying entry by entry: the product with ", diagonal,
        " is written as one with ", slope.term, " and \N{CIRCLED DOT OPERATOR}.",
    )  # fmt: skip


def _of_sample(single: NetworkMatrices) -> tuple[str, ...]:
    (sample,) = single.samples
    return () if sample is None else (f"; here for sample {sample}",)


def add_hidden_terms(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add the error terms of a hidden layer, from those of the layers that it feeds."""
    after = matrices.fed_by(index)
    outward, delta, slope = matrices.outward(index), matrices.delta(index), matrices.slope(index)
    backward = _backward(matrices, index, outward.turned)
    if not after or backward is None:
        return
    lines = MatrixLines(sheet, matrices, "What comes back from the next layer")
    note = line("each error term goes back by the weights that it came by")
    lines.state(outward, backward, note=note if sheet.first_time("matrix back") else ())
    lines.finish()
    if matrices.is_joint(index):
        _add_joint(sheet, matrices, index, ())
        return
    _add_slope(sheet, matrices, index)
    _add_jacobians(sheet, matrices.layout, index)
    lines = MatrixLines(sheet, matrices, "Error terms of the layer")
    inner = _backward(matrices, index, delta.turned)
    assert inner is not None
    whole = entrywise([inner, slope], delta.turned)
    lines.add(delta.term, ("=", Partial(sheet.term("loss"), matrices.net(index).term)), ("=", whole))
    formula = entrywise([outward, slope], delta.turned)
    lines.add(None, ("=", matrices.readings.shaped(formula)))
    lines.result(delta, matrices.readings.written_out(formula))
    lines.finish()


def _backward(matrices: NetworkMatrices, index: int, turned: bool) -> Term | None:
    """Return what reaches a layer from all the layers that it feeds."""
    terms = []
    for to in matrices.fed_by(index):
        weights = matrices.weights(to, index)
        back = Item(weights.term, weights.entries, not weights.turned)
        terms.append(product([back, matrices.delta(to)], turned))
    return total(terms) if terms else None
