"""The opening of a sheet: what the network is, its picture, what is given, how numbers are rounded."""

from __future__ import annotations

from collections.abc import Sequence

from ..architecture import Parameter
from ..keys import key
from ..ledger import as_written
from ..notation import own_name
from ..spec.problem import Bias, Weight
from ..terms import Comparison, Number, Symbol, Term
from . import wording
from .blocks import Beside, Block, Label, Line, Paragraph, Table, Text
from .diagram import network_diagram, shows_every_value
from .sheet import Sheet, line
from .tables import in_columns
from .width import width

#: The widest label, in em, that a unit's circle takes.
LABEL_WIDTH = 2.2

#: More parameters than this are not listed on the sheet.
MANY_PARAMETERS = 60


def subtitle(sheet: Sheet) -> Line:
    """Return one line that says which network, loss and rate this is."""
    problem = sheet.problem
    parts = [
        wording.shape(problem),
        wording.biases(problem),
        wording.activations(problem),
        wording.loss(problem),
    ]
    if len(problem.samples) > 1:
        parts.append(f"{wording.count(len(problem.samples), 'sample')} in a batch")
    text = " \N{MIDDLE DOT} ".join(parts)
    if problem.learning_rate is None:
        return line(text + " \N{MIDDLE DOT} gradients only")
    steps = "one step" if problem.epochs == 1 else f"{problem.epochs:,} steps".replace(",", "\N{THIN SPACE}")
    rate = sheet.term("learning_rate")
    setting = Comparison(rate, "equal", as_written(problem.learning_rate))
    return line(f"{text} \N{MIDDLE DOT} {steps} of gradient descent, ", setting)


def open_sheet(sheet: Sheet) -> None:
    """Add introduction, diagram, givens and the rounding statement."""
    problem = sheet.problem
    if problem.introduction:
        sheet.text(problem.introduction)
    diagram = network_diagram(
        problem, lambda unit: _unit_label(sheet, unit), lambda name: _label(sheet, name)
    )
    side: list[Block] = [*_givens(sheet)]
    side.append(Paragraph((Text(wording.rounding_statement(problem.rounding)),), small=True))
    sheet.add(Beside((diagram,), tuple(side), share=0.56))
    if not shows_every_value(diagram, problem):
        _add_parameters(sheet)
    missing = [p for p in problem.parameters if p.value is None]
    if missing:
        sheet.text(*_missing(sheet, missing))


def _add_parameters(sheet: Sheet) -> None:
    """Add the parameters' values, where the picture has no room for them."""
    given = [parameter for parameter in sheet.problem.parameters if parameter.value is not None]
    if not given:
        return
    drawn = any(parameter.drawn for parameter in sheet.problem.weights)
    start = "The start, drawn at random from a seed" if drawn else "The parameters at the start"
    if len(given) > MANY_PARAMETERS:
        sheet.text(f"{start}: {len(given)} numbers, as in the problem file.", small=True)
        return
    pairs = [
        (line(sheet.term(parameter.name)), line(as_written(parameter.value)))
        for parameter in given
        if parameter.value is not None
    ]
    sheet.add(in_columns(pairs, (line("Parameter"), line("value")), caption=line(f"{start}.")))


def _unit_label(sheet: Sheet, unit: str) -> Term:
    """Return what stands in a unit's circle: what it sends out, or its own name where that is long."""
    sent = sheet.term(sheet.ledger.vocabulary.activation(unit))
    return sent if width(sent, sheet.style) <= LABEL_WIDTH else Symbol(own_name(unit))


def _label(sheet: Sheet, name: str) -> Label:
    parameter = next(p for p in sheet.problem.parameters if p.name == name)
    return Label(sheet.term(name), parameter.value)


def _missing(sheet: Sheet, missing: Sequence[Weight | Bias | Parameter]) -> list[str | Term]:
    parts: list[str | Term] = ["Not given, and not needed for what follows: "]
    for index, parameter in enumerate(missing):
        if index:
            parts.append(" and " if index == len(missing) - 1 else ", ")
        parts.append(sheet.term(parameter.name))
    return [*parts, "."]


def _givens(sheet: Sheet) -> list[Table]:
    problem = sheet.problem
    if len(problem.samples) > 1:
        return [_samples(sheet)]
    (sample,) = problem.samples
    left: list[tuple[Term, Number]] = [(sheet.term(unit), sample.inputs[unit]) for unit in problem.inputs]
    right: list[tuple[Term, Number]] = [
        (sheet.term(key("target", unit)), sample.targets[unit]) for unit in problem.outputs
    ]
    tables = [_two_columns("Input", left, "Target", right)]
    given = [(sheet.term(key("act", unit)), number) for unit, number in problem.given.items()]
    if given:
        half = (len(given) + 1) // 2
        tables.append(_two_columns("Given activation", given[:half], "", given[half:]))
    return tables


def _two_columns(
    left_head: str, left: list[tuple[Term, Number]], right_head: str, right: list[tuple[Term, Number]]
) -> Table:
    rows = []
    for index in range(max(len(left), len(right))):
        row: list[Line] = []
        for entries in (left, right):
            if index < len(entries):
                term, number = entries[index]
                row += [line(term), line(as_written(number))]
            else:
                row += [(), ()]
        rows.append(tuple(row))
    value = line("value")
    head = (line(left_head), value, line(right_head), value if right else ())
    return Table(head, tuple(rows), ("left", "right", "left", "right"))


def _samples(sheet: Sheet) -> Table:
    problem = sheet.problem
    head = [line("Sample")]
    head += [line(sheet.term(unit)) for unit in problem.inputs]
    head += [line(sheet.term(key("target", unit))) for unit in problem.outputs]
    rows = []
    for index, sample in enumerate(problem.samples, start=1):
        row = [line(Number(str(index)))]
        row += [line(as_written(sample.inputs[unit])) for unit in problem.inputs]
        row += [line(as_written(sample.targets[unit])) for unit in problem.outputs]
        rows.append(tuple(row))
    return Table(tuple(head), tuple(rows), ("center",) * len(head))
