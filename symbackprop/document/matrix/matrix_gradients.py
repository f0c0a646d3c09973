"""The gradients in matrices: error terms times what the weights carry."""

from __future__ import annotations

from ...formulas.terms import Negation
from ...keys import key
from ..dense.shown import trained_at
from ..sheet import Lines, Sheet, line
from .matrix_algebra import Item, entrywise, product
from .matrix_lines import MatrixLines
from .matrix_network import NetworkMatrices


def add_gradients(sheet: Sheet, matrices: NetworkMatrices, index: int) -> None:
    """Add the gradients of the weights into a layer and of its biases."""
    delta = matrices.delta(index)
    for source in matrices.blocks[index]:
        gradient, act = matrices.weight_gradient(index, source), matrices.act(source)
        lines = MatrixLines(sheet, matrices, "Gradient of ", matrices.weights(index, source).term)
        carried = Item(act.term, act.entries, not act.turned)
        formula = product([delta, carried], gradient.turned)
        mask = matrices.mask(index, source)
        if mask is not None:
            formula = entrywise([formula, mask], gradient.turned)
        first = sheet.first_time("matrix gradient")
        note = line(
            "error term times what the weight carries"
            + (", summed over the samples" if matrices.batch else "")
        )
        lines.state(gradient, formula, note=note if first else (), entries=not matrices.batch)
        lines.finish()
    if matrices.bias(index) is None:
        return
    if matrices.shares_biases(index):
        _add_shared(sheet, index)
        return
    gradient = matrices.bias_gradient(index)
    bias = matrices.bias(index)
    assert bias is not None
    lines = MatrixLines(sheet, matrices, "Gradient of ", bias.term)
    formula = (
        product([delta, matrices.ones()], gradient.turned)
        if matrices.batch
        else delta.facing(gradient.turned)
    )
    mask = matrices.bias_mask(index, "M")
    if mask is not None:
        formula = entrywise([formula, mask], gradient.turned)
    formula = Negation(formula) if sheet.problem.thresholds else formula
    note = line(
        "the error terms of all samples added"
        if matrices.batch
        else "a bias carries 1: the error term itself"
    )
    lines.state(gradient, formula, note=note if sheet.first_time("matrix bias") else (), entries=False)
    lines.finish()


def _add_shared(sheet: Sheet, index: int) -> None:
    """Add the gradients of biases that units share, once, at the last layer that they enter."""
    names = [bias.name for bias in sheet.problem.biases]
    own = [parameter.name for parameter in trained_at(sheet.problem, index) if parameter.name in names]
    lines = Lines(sheet, "Gradient of the shared biases" if len(own) > 1 else "Gradient of the shared bias")
    for name in own:
        lines.derive(key("grad", name), note=line("the sum over the units that share it"))
    if own:
        lines.finish()
