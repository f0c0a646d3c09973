"""The new parameters of a large network: whole vectors and matrices instead of a long table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...formulas.terms import Negation, Partial, Product, Sum, Symbol
from ...keys import key
from ...network.architecture import Rows
from ...notation.naming import updated
from ..blocks import Derivation
from ..layout.matrices import matrix_of
from ..outcome import add_summary
from ..sheet import Lines, Sheet, line
from .array_values import add_side_by_side, add_values, are_array, array_name, elides, equation

#: More parameters than this stand as vectors and matrices, where a step is the gradient times the rate.
MANY_PARAMETERS = 24


def add_new_parameters(sheet: Sheet) -> None:
    """Add the new value of every parameter: a table, or of many their vectors and matrices."""
    arrays = _new_arrays(sheet) if _stands_in_arrays(sheet) else {}
    blocks = {name: _equation(sheet, name, rows) for name, rows in arrays.items()}
    if not blocks or any(map(elides, blocks.values())):  # here every value must be legible
        add_summary(sheet)
    else:
        _add_arrays(sheet, arrays, blocks)


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


def _new_arrays(sheet: Sheet) -> dict[str, Rows]:
    """Return the vectors and matrices that are made of parameters."""
    architecture = sheet.problem.architecture
    assert architecture is not None
    own = {parameter.name for parameter in sheet.problem.parameters}
    return {
        name: rows
        for name, rows in architecture.arrays.items()
        if own.issuperset(unit for row in rows for unit in row)
        and are_array(sheet, [key("new", unit) for row in rows for unit in row])
    }


def _equation(sheet: Sheet, name: str, rows: Rows) -> Derivation:
    values = matrix_of([[key("new", unit) for unit in row] for row in rows], sheet.value)
    return equation(_new_name(sheet, name), values, sheet.style)


def _new_name(sheet: Sheet, name: str) -> Symbol:
    return Symbol(replace(updated(array_name(sheet, name).name, sheet.notation), bold=True))


def _add_arrays(sheet: Sheet, arrays: Mapping[str, Rows], blocks: Mapping[str, Derivation]) -> None:
    sheet.section("New parameters")
    first = next(iter(arrays))
    _add_rule(sheet, array_name(sheet, first), _new_name(sheet, first))
    add_side_by_side(sheet, list(blocks.values()))
    inside = {unit for rows in arrays.values() for row in rows for unit in row}
    rest = [key("new", p.name) for p in sheet.problem.parameters if p.name not in inside]
    if rest:
        add_values(sheet, rest, "New parameter")


def _add_rule(sheet: Sheet, old: Symbol, new: Symbol) -> None:
    lines = Lines(sheet)
    step = Product((sheet.term("learning_rate"), Partial(sheet.term("loss"), old)))
    lines.add(new, ("=", Sum((old, Negation(step)))), note=line("and so for every parameter"))
    lines.finish()
