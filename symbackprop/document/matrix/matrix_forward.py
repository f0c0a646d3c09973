"""The forward pass in matrices: net inputs and activations, layer by layer."""

from __future__ import annotations

from ...formulas.names import Name
from ...formulas.terms import Call, Negation, Symbol, Term
from ...rules import activation_rule
from ...rules.derivation import fill
from .. import wording
from ..blocks import Line
from ..sheet import Sheet, line
from .matrix_algebra import Item, product, total
from .matrix_lines import MatrixLines, formulas_of
from .matrix_network import NetworkMatrices

#: Up to so many entries of a layer's function are written out one by one.
FEW_ENTRIES = 12


def add_matrix_forward(sheet: Sheet, matrices: NetworkMatrices, *, again: bool = False) -> None:
    """Add net inputs and activations, layer by layer; `again` goes straight to the numbers."""
    for index, layer in enumerate(sheet.problem.layers[1:], start=1):
        title = wording.layer_title(sheet.problem, index)
        act, net = matrices.act(index), matrices.net(index)
        lines = MatrixLines(sheet, matrices, title[0].upper() + title[1:])
        if all(unit in sheet.problem.given for unit in layer.units) and not again:
            lines.result(act, act.entries, shown=True, note=line("given"))
            lines.finish()
            continue
        terms = weighted(matrices, index, net.turned)
        bias = matrices.bias(index)
        if bias is not None:
            factors = [bias, _across(matrices)] if matrices.batch else [bias]
            shift = product(factors, net.turned)
            terms.append(Negation(shift) if sheet.problem.thresholds else shift)
        lines.state(net, total(terms), shapes=not again, entries=not again, note=_net_note(sheet, matrices))
        _add_activation(sheet, matrices, lines, index, again=again)
        lines.finish()


def weighted(matrices: NetworkMatrices, index: int, turned: bool) -> list[Term]:
    """Return the weighted sums of a layer: one product for each layer that feeds it."""
    return [
        product([matrices.weights(index, source), matrices.act(source)], turned)
        for source in matrices.blocks[index]
    ]


def _across(matrices: NetworkMatrices) -> Item:
    """Return the row of ones that repeats a vector for each sample."""
    ones = matrices.ones()
    return Item(ones.term, ones.entries, turned=True)


def _net_note(sheet: Sheet, matrices: NetworkMatrices) -> Line:
    if not sheet.first_time("matrix net input"):
        return ()
    if matrices.batch:
        return line("all samples at once; the ones repeat the biases for each sample")
    return line("net inputs of the whole layer; below each factor its shape")


def _add_activation(
    sheet: Sheet, matrices: NetworkMatrices, lines: MatrixLines, index: int, *, again: bool
) -> None:
    act, function = matrices.act(index), matrices.function(index)
    activation = sheet.problem.layers[index].activation
    assert activation is not None
    note: Line = ()
    first = sheet.first_time(f"activation {activation.name}")
    if matrices.is_joint(index):
        lines.add(act.term, ("=", function.term), note=line("over all units of the layer") if first else ())
        rows = act.entries.transposed if act.turned else act.entries
        if len(matrices.samples) == 1 and len(rows.rows) <= FEW_ENTRIES and not again:
            formulas = formulas_of(sheet, act)
            lines.add(None, ("=", formulas))
            lines.result(act, formulas)
            return
        lines.result(act, act.entries)
        return
    if first:
        rule, letter = activation_rule(activation), function.term
        assert isinstance(letter, Call)
        variable = Symbol(Name("z"), "z")
        single = Call(letter.function, (variable,), letter.name)
        note = line(f"the {rule.title} function of each entry: ", single, " = ",
                    fill(rule.forward(activation.settings), {"z": variable}))  # fmt: skip
    lines.state(act, function.term, shapes=False, entries=not again, note=note)
