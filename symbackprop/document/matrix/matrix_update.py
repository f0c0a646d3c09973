"""The update as matrices: old values minus the rate times the gradient, layer by layer."""

from __future__ import annotations

from ...formulas.terms import Negation, Product, Sum, Term
from ..outcome import add_summary
from ..sheet import Lines, Sheet, line
from .matrix_algebra import Item, entrywise
from .matrix_lines import MatrixLines
from .matrix_network import ZERO, Layout, NetworkMatrices


def add_matrix_update(sheet: Sheet) -> None:
    """Add the new matrices; the table of all parameters where the update is another one."""
    problem = sheet.problem
    if problem.learning_rate is None:
        return
    if not problem.descent.plain or sheet.selection.restricted:
        add_summary(sheet)
        return
    matrices = NetworkMatrices(sheet, Layout.of(sheet))
    sheet.section("New parameters")
    for to, sources in matrices.blocks.items():
        for source in sources:
            trained, old = matrices.trained(to, source), matrices.weights(to, source)
            _add(sheet, matrices, matrices.weights_after(to, source), old,
                 matrices.weight_gradient(to, source), trained)  # fmt: skip
        bias, new = matrices.bias(to), matrices.bias_after(to)
        if bias is None or new is None:
            continue
        if matrices.shares_biases(to):
            _add_shared(sheet, to)
            continue
        _add(sheet, matrices, new, bias, matrices.bias_gradient(to), matrices.bias_mask(to, "F"))


def _add(
    sheet: Sheet, matrices: NetworkMatrices, new: Item, old: Item, gradient: Item, trained: Item | None
) -> None:
    """Add the update of one matrix; `trained` has a 0 for each entry that keeps its value."""
    if trained is not None and all(
        entry == ZERO or not getattr(old.entries.rows[row][column], "key", "")
        for row, entries in enumerate(trained.entries.rows)
        for column, entry in enumerate(entries)
    ):
        sheet.text("Not updated: ", old.term, ".", small=True)
        return
    lines = MatrixLines(sheet, matrices)
    slope = gradient.facing(old.turned)
    if trained is not None:
        lines.add(trained.term, ("=", trained.entries), note=line("0 for each weight that keeps its value"))
        slope = entrywise([slope, trained], old.turned)
    formula = Sum((old.term, Negation(_scaled(sheet.term("learning_rate"), slope))))
    note = line("one step against the gradient") if sheet.first_time("update") else ()
    lines.state(new, formula, shapes=False, entries=False, note=note)
    lines.finish()


def _scaled(rate: Term, slope: Term) -> Term:
    return Product((rate, slope))


def _add_shared(sheet: Sheet, layer: int) -> None:
    """Add the new values of biases that units share, one by one."""
    units = set(sheet.problem.layers[layer].units)
    lines = Lines(sheet)
    found = False
    for bias in sheet.problem.biases:
        new = sheet.ledger.vocabulary.parameter(bias.name, 1)
        if units & set(bias.targets) and new != bias.name and sheet.first_time(f"new {bias.name}"):
            lines.derive(new)
            found = True
    if found:
        lines.finish()
