"""What comes of it: the table of new parameters, the second forward pass, the epochs, the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derivation.ledger import as_written
from ..formulas.terms import Term
from ..keys import key
from . import wording
from .blocks import Line, Reference, Table
from .dense.forward_pass import add_error, add_forward_pass
from .sheet import Sheet, line

if TYPE_CHECKING:
    pass

#: Up to this many parameters a short sheet lists the new values of those too whose gradients it tabulates.
FEW_PARAMETERS = 40


def add_summary(sheet: Sheet) -> None:
    """Add the table of every parameter: old value, gradient or step, new value."""
    problem = sheet.problem
    updated = problem.learning_rate is not None
    short, left_out = sheet.selection.is_short, frozenset(sheet.selection.omitted)
    split = sheet.selection.split(p.name for p in problem.parameters)
    few = len(split.derived) + len(split.tabulated) <= FEW_PARAMETERS
    listed = frozenset((*split.derived, *(split.tabulated if few else ())))
    descent = problem.descent
    steps = updated and sheet.ledger.adds_steps and descent.plain
    both = updated and not descent.inline
    sheet.section("New parameters" if updated else "All gradients")
    rows: list[tuple[Line, ...]] = []
    for parameter in problem.parameters:
        name = parameter.name
        middle = key("step" if steps else "grad", name)
        if name in left_out or middle not in sheet.ledger or (short and name not in listed):
            continue
        if name in problem.frozen and not sheet.selection.restricted:
            continue
        written = sheet.ledger.given(name)
        old = as_written(written) if written is not None else None
        if old is not None and short:  # one that is drawn by lot as the others are shown
            old = sheet.value(name)
        row = [line(sheet.term(name)), line("not given" if old is None else old)]
        known = sheet.known(middle)
        row += [line(sheet.value(middle)) if known else line("not known"), _where(sheet, middle)]
        if both:
            step = key("step", name)
            row.append(line(sheet.value(step)) if sheet.known(step) else line("not known"))
        if updated:
            new = sheet.ledger.vocabulary.parameter(name, 1)
            row.append(line(sheet.value(new)) if sheet.known(new) else line("not known"))
        rows.append(tuple(row))
    head = [
        line("Parameter"),
        line("old value" if updated else "value"),
        line("step" if steps else "gradient"),
        (),
    ]
    align = ["left", "right", "right", "left"]
    if both:
        head.append(line("step"))
        align.append("right")
    if updated:
        head.append(line("new value"))
        align.append("right")
    sheet.add(Table(tuple(head), tuple(rows), tuple(align), breakable=len(rows) > 24))
    frozen = [parameter.name for parameter in problem.parameters if parameter.name in problem.frozen]
    say_left_out(sheet, left_out)
    if frozen and updated and not sheet.selection.restricted:
        words: list[str | Term | Reference] = ["Not updated: "]
        for index, name in enumerate(frozen):
            words += [", " if index else "", sheet.term(name)]
        sheet.text(*words, ".", small=True)


def say_left_out(sheet: Sheet, left_out: frozenset[str]) -> None:
    """Say how many parameters the sheet says nothing of, and where their values are."""
    if not left_out:
        return
    number = len(left_out)
    verb = "is" if number == 1 else "are"
    text = f"The other {wording.count(number, 'parameter')} {verb} left out here"
    if sheet.selection.restricted and sheet.problem.learning_rate is not None:
        text += ", and so is what follows once all are updated"
    sheet.text(text + "; the values of all are in the JSON output.", small=True)


def _where(sheet: Sheet, quantity: str) -> Line:
    found = sheet.references([quantity])
    return line(found[0][1]) if found else ()


def add_second_pass(sheet: Sheet) -> None:
    """Add the forward pass with the new parameters and what has become of the error."""
    if len(sheet.problem.samples) > 1 or sheet.selection.restricted or not sheet.known("loss@1"):
        return
    if (
        sheet.problem.descent.looks_ahead and sheet.problem.updates > 1
    ):  # the next pass is not at the new values
        return
    sheet.section("Forward pass with the new parameters")
    if sheet.notation.form == "matrix":
        from .matrix.matrix_form import add_second_matrix_pass

        add_second_matrix_pass(sheet)
    elif sheet.notation.form == "tables":
        from .dense.table_form import add_forward_tables

        add_forward_tables(sheet, passes=1)
    else:
        add_forward_pass(sheet, passes=1)
    sheet.part("The new error")
    if sheet.ledger.adds_steps:
        from .dense.delta_rule import add_residuals

        add_residuals(sheet, passes=1)
    add_error(sheet, passes=1)
    before, after = sheet.ledger.values["loss"], sheet.ledger.values["loss@1"]
    change = "fallen" if after.ball < before.ball else "risen" if after.ball > before.ball else "stayed"
    if change == "stayed":
        sheet.text("The error has not changed.")
        return
    sheet.text(f"The error has {change} from ", _short(sheet, "loss"), " to ", _short(sheet, "loss@1"), ".")


def _short(sheet: Sheet, quantity: str) -> Term:
    again = sheet.again(quantity)
    return again[0][1] if again else sheet.value(quantity)
