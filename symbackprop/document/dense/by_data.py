"""Derivatives of the loss by inputs and targets, where the problem asks for them."""

from __future__ import annotations

from ...keys import key, parse_key
from ..blocks import Line
from ..sheet import Lines, Sheet, line
from .error_terms import add_error_terms, add_value


def add_data_derivatives(sheet: Sheet) -> None:
    """Add a section with the derivative by every input and target that is asked for, sample by sample."""
    asked = [quantity for name in sheet.problem.wrt for quantity in _quantities(sheet, name)]
    if not asked:
        return
    sheet.section("Derivatives by the data")
    add_error_terms(sheet, asked)
    for quantity in asked:
        target = parse_key(quantity).kind == "dE_dtarget"
        note = _note(sheet, target=target)
        lines = Lines(sheet, "Target " if target else "Input ", sheet.ledger.vocabulary.denominator(quantity))
        chain = sheet.chain(quantity)
        if chain == sheet.formula(quantity):
            lines.derive(quantity, note=note)
        else:
            lines.add(sheet.term(quantity), ("=", chain), note=note)
            add_value(sheet, lines, quantity)
        lines.finish()


def _quantities(sheet: Sheet, name: str) -> list[str]:
    _, target, unit = name.rpartition("target.")
    kind = "dE_dtarget" if target else "dE_dact"
    keys = (key(kind, unit, sample=sample) for sample in sheet.graph.samples)
    return [quantity for quantity in keys if quantity in sheet.ledger]


def _note(sheet: Sheet, *, target: bool) -> Line:
    if not sheet.first_time(f"by data {target}"):
        return ()
    if target:
        return line("the target stands in the error alone")
    return line("the sum over all units that the input feeds")
