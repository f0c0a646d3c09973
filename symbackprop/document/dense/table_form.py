"""The table form of textbooks: unit by unit in tables, with the calculation in the cells."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.brackets import arrange
from ...formulas.terms import (
    Comparison,
    Continuation,
    Fraction,
    Negation,
    Number,
    Partial,
    Product,
    Sum,
    Symbol,
    Term,
)
from ...keys import At, key
from ...network.operations import Activation
from ...notation.naming import own_name
from .. import wording
from ..blocks import Inline, Line, Math, Table, Text
from ..layout.width import width
from ..sheet import Lines, Sheet, line
from .shown import shown_at
from .slopes import add_slopes

#: Room in em for a calculation: beside another in its row, and with one column to itself.
NARROW, WIDE = 21.0, 35.0

#: A table of more rows may run over pages.
LONG_TABLE = 24


def add_forward_tables(sheet: Sheet, passes: int = 0) -> None:
    """Add a table of net inputs and outputs for every sample."""
    problem = sheet.problem
    if not passes and sheet.first_time("tables"):
        sheet.text("Each row is a unit: its net input first, then what it sends out.")
    for sample in sheet.graph.samples:
        if sample is not None:
            data = problem.samples[sample - 1]
            sheet.part(f"Sample {sample}")
            given: list[str | Term] = []
            for unit in problem.inputs:
                given += [
                    sheet.term(key(unit, "", sample=sample)),
                    " = ",
                    sheet.value(key(unit, "", sample=sample)),
                    ", ",
                ]
            for unit in data.targets:
                target = key("target", unit, sample=sample)
                given += [sheet.term(target), " = ", sheet.value(target), ", "]
            sheet.text(*given[:-1], ".")
        rows: list[tuple[Line, ...]] = []
        for unit in (unit for layer in problem.layers[1:] for unit in layer.units):
            if unit in problem.given and not passes:
                continue
            at = At(sample=sample, passes=passes)
            net, act = key("net", unit, **at), key("act", unit, **at)
            cells = _calculation(sheet, net, NARROW), _calculation(sheet, act, NARROW)
            rows += _stacked([line(sheet.term(net))], cells[0], [line(sheet.term(act))], cells[1])
        head = (line("Net input"), line("calculation"), line("Output"), line("calculation"))
        sheet.add(_table(head, rows, "left", "left", "left", "left"))


def add_table_form(sheet: Sheet) -> None:
    """Add the error terms of all units and what becomes of all parameters, each in tables."""
    problem = sheet.problem
    sheet.section("Error terms")
    activations = [layer.activation for layer in problem.layers[1:] if layer.activation is not None]
    add_slopes(sheet, list(_distinct(activations)))
    for index in range(len(problem.layers) - 1, 0, -1):
        _add_pattern(sheet, problem.layers[index].units[0], index)
    for sample in sheet.graph.samples:
        if sample is not None:
            sheet.part(f"Sample {sample}")
        rows: list[tuple[Line, ...]] = []
        for layer in reversed(problem.layers[1:]):
            for unit in layer.units:
                error = _error_key(sheet, unit, sample)
                if error not in sheet.ledger:
                    continue
                cells = _calculation(sheet, error, WIDE)
                rows += _stacked([line(_plain_unit(sheet, unit))], [line(sheet.term(error))], cells)
        sheet.add(
            _table((line("Unit"), line("error term"), line("calculation")), rows, "left", "left", "left")
        )
    _add_parameters(sheet)


def _distinct(activations: Sequence[Activation]) -> list[Activation]:
    return list({activation.name: activation for activation in activations}.values())


def _error_key(sheet: Sheet, unit: str, sample: int | None) -> str:
    return key("delta" if sheet.ledger.adds_steps else "dE_dnet", unit, sample=sample)


def _plain_unit(sheet: Sheet, unit: str) -> Term:
    """Return what a unit is called by itself: its number where units are numbered, else its name."""
    if sheet.notation.units == "numbered":
        return Number(str(sheet.ledger.vocabulary.places.units[unit].number))
    return Symbol(own_name(unit))


def _add_pattern(sheet: Sheet, unit: str, index: int) -> None:
    """Add how the error terms of a layer come about: for its first unit, from definition to formula."""
    sample = sheet.graph.samples[0]
    error = _error_key(sheet, unit, sample)
    if error not in sheet.ledger.formulas:
        return
    whole = sheet.term("loss")
    net, act = sheet.term(key("net", unit, sample=sample)), sheet.term(key("act", unit, sample=sample))
    slope: Term = Partial(whole, net)
    chain: Term = Product((Partial(whole, act), Partial(act, net)), "dot")
    if sheet.ledger.adds_steps:
        slope, chain = Negation(slope), Negation(chain)
    fed = [weight.target for weight in sheet.problem.connections if weight.source == unit]
    title = wording.layer_title(sheet.problem, index)
    lines = Lines(sheet, f"In {title}" if title[-1].isdigit() else f"In the {title}")
    note = (
        "minus the derivative, so that a step is added"
        if sheet.ledger.adds_steps
        else "the derivative by the net input"
    )
    lines.add(
        sheet.term(error), ("=", slope), ("=", chain), note=line(note) if sheet.first_time("sign") else ()
    )
    reason = (
        f"the sum over the {wording.count(len(fed), 'unit')} that this one feeds" if len(fed) > 1
        else "through the one unit that this one feeds" if fed else ""
    )  # fmt: skip
    lines.add(None, ("=", sheet.formula(error)), note=line(reason) if reason else ())
    lines.finish()


def _add_parameters(sheet: Sheet) -> None:
    """Add a table of every trained parameter: gradient or step, then the new value."""
    problem = sheet.problem
    updated = problem.learning_rate is not None and problem.descent.inline
    steps = updated and sheet.ledger.adds_steps and problem.descent.plain
    sheet.section("New parameters" if updated else "Gradients")
    kind = "step" if steps else "grad"
    if steps:
        sheet.text(
            "A step is the learning rate times the error term of the unit that a weight leads to times what "
            "the weight carries."
        )
    else:
        sheet.text(
            "The derivative by a weight is the error term of the unit that it leads to times what it carries."
        )
    for index in range(len(problem.layers) - 1, 0, -1):
        rows: list[tuple[Line, ...]] = []
        for parameter in shown_at(sheet, index).listed:
            middle = key(kind, parameter.name)
            if middle not in sheet.ledger:
                continue
            own = [line(sheet.term(parameter.name))]
            if not updated:
                rows += _stacked(own, _calculation(sheet, middle, WIDE))
                continue
            new = sheet.ledger.vocabulary.parameter(parameter.name, 1)
            rows += _stacked(own, _calculation(sheet, middle, NARROW), _calculation(sheet, new, NARROW))
        if not rows:
            continue
        sheet.part(wording.layer_title(problem, index).capitalize())
        head = [line("Parameter"), line("step" if steps else "gradient")]
        if updated:
            head.append(line("new value"))
        sheet.add(_table(tuple(head), rows, *["left"] * len(head)))
    frozen = [parameter.name for parameter in problem.parameters if parameter.name in problem.frozen]
    if frozen and updated:
        words: list[str | Term] = ["Not updated: "]
        for position, name in enumerate(frozen):
            words += [", " if position else "", sheet.term(name)]
        sheet.text(*words, ".", small=True)


# --- cells ------------------------------------------------------------------------------------


def _calculation(sheet: Sheet, quantity: str, room: float) -> list[Line]:
    """Return the lines of a cell: the formula with its numbers, and what it comes to.

    A sum that is wider than the room is set on several lines, another calculation with its result on the
    second; one that is too wide even so is derived above the table, and its cell holds the result alone.
    """
    if quantity not in sheet.ledger.formulas:
        return [line(sheet.value(quantity), " (given)")]
    numbers = arrange(_in_line(sheet.numbers(quantity)), sheet.style.number_sign)
    if not sheet.known(quantity):
        return [line(numbers)]
    result = sheet.value(quantity)
    if isinstance(numbers, Number):
        return [line(result)]
    whole = Comparison(numbers, "equal", result)
    if width(whole, sheet.style) <= room:
        return [(Math(whole),)]
    parts = _torn(numbers, room, width(result, sheet.style) + 2, sheet)
    if parts is None and width(numbers, sheet.style) <= room:
        return [(Math(numbers),), (Text("= "), Math(result))]
    if parts is None:
        lines = Lines(sheet)
        lines.derive(quantity)
        lines.finish()
        return [line(result)]
    last: tuple[Inline, ...] = (Math(parts[-1]), Text(" = "), Math(result))
    return [*((Math(part),) for part in parts[:-1]), last]


def _in_line(term: Term) -> Term:
    """Return a term with its fractions set with a slash, legible in the line of a table."""
    if isinstance(term, Fraction):
        return Fraction(_in_line(term.numerator), _in_line(term.denominator), inline=True)
    return term.rebuilt(_in_line)


def _torn(numbers: Term, room: float, end: float, sheet: Sheet) -> list[Term] | None:
    """Return a sum in parts that fit the room, None where it is no sum or a term of it is too wide.

    After the last part there is room for the result, `end` em wide.
    """
    if not isinstance(numbers, Sum) or max(width(item, sheet.style) for item in numbers.terms) > room - end:
        return None
    parts: list[list[Term]] = [[]]
    for item in numbers.terms:
        if parts[-1] and width(Sum((*parts[-1], item)), sheet.style) > room:
            parts.append([])
        parts[-1].append(item)
    if width(Sum(tuple(parts[-1])), sheet.style) > room - end:
        parts.append([parts[-1].pop()])
    return [_part(tuple(part), first=position == 0) for position, part in enumerate(parts)]


def _part(items: tuple[Term, ...], *, first: bool) -> Term:
    lead = items[0].term if isinstance(items[0], Negation) and not first else items[0]
    term = lead if len(items) == 1 else Sum((lead, *items[1:]))
    if first:
        return term
    return Continuation("minus" if isinstance(items[0], Negation) else "plus", term)


def _stacked(*columns: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Return the rows of one entry whose cells have several lines each."""
    height = max(map(len, columns))
    return [tuple(column[row] if row < len(column) else () for column in columns) for row in range(height)]


def _table(head: tuple[Line, ...], rows: list[tuple[Line, ...]], *align: str) -> Table:
    return Table(head, tuple(rows), align, breakable=len(rows) > LONG_TABLE)
