"""The new parameters of a large network: whole vectors and matrices instead of a long table."""

from __future__ import annotations

from dataclasses import replace

from ..keys import key
from ..naming import updated
from ..terms import Negation, Partial, Product, Sum, Symbol
from .array_values import add_side_by_side, add_values, are_array, array_name, equation
from .blocks import Derivation
from .matrices import matrix_of
from .outcome import add_summary
from .sheet import Lines, Sheet, line

#: More parameters than this stand as vectors and matrices, where a step is the gradient times the rate.
MANY_PARAMETERS = 24


def add_new_parameters(sheet: Sheet) -> None:
    """Add the new value of every parameter: a table, or of many their vectors and matrices."""
    if _stands_in_arrays(sheet):
        _add_arrays(sheet)
    else:
        add_summary(sheet)


def _stands_in_arrays(sheet: Sheet) -> bool:
    problem = sheet.problem
    return (
        problem.learning_rate is not None
        and problem.descent.plain
        and not problem.frozen
        and not sheet.selection.is_short
        and not sheet.ledger.adds_steps
        and len(problem.parameters) > MANY_PARAMETERS
        and all(sheet.known(key("new", parameter.name)) for parameter in problem.parameters)
    )


def _add_arrays(sheet: Sheet) -> None:
    architecture = sheet.problem.architecture
    assert architecture is not None
    sheet.section("New parameters")
    own = {parameter.name for parameter in sheet.problem.parameters}
    arrays = {
        name: rows
        for name, rows in architecture.arrays.items()
        if are_array(sheet, [key("new", unit) for row in rows for unit in row]) and own.issuperset(rows[0])
    }
    inside = {unit for rows in arrays.values() for row in rows for unit in row}
    blocks: list[Derivation] = []
    for name, rows in arrays.items():
        bold = array_name(sheet, name)
        new = Symbol(replace(updated(bold.name, sheet.notation), bold=True))
        if not blocks:
            _add_rule(sheet, bold, new)
        values = matrix_of([[key("new", unit) for unit in row] for row in rows], sheet.value)
        blocks.append(equation(new, values, sheet.style))
    add_side_by_side(sheet, blocks)
    rest = [key("new", name) for name in own if name not in inside]
    if rest:
        order = [key("new", parameter.name) for parameter in sheet.problem.parameters]
        add_values(sheet, [quantity for quantity in order if quantity in rest], "New parameter")


def _add_rule(sheet: Sheet, old: Symbol, new: Symbol) -> None:
    lines = Lines(sheet)
    step = Product((sheet.term("learning_rate"), Partial(sheet.term("loss"), old)))
    lines.add(new, ("=", Sum((old, Negation(step)))), note=line("and so for every parameter"))
    lines.finish()
