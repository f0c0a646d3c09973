"""The opening of a sheet: what the network is, its picture, what is given, how numbers are rounded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ...derivation.ledger import as_written
from ...formulas.terms import Comparison, Number, Symbol, Term
from ...keys import key, parse_key
from ...notation.notation import own_name
from ...numbers.constants import Constant
from ...numbers.digits import number_value
from ...spec.problem import Problem
from .. import update_wording, wording
from ..blocks import Beside, Block, Label, Line, Paragraph, Table, Text
from ..conventions import add_conventions
from ..layout.tables import in_columns
from ..layout.width import width
from ..pictures.columns import BESIDE
from ..pictures.diagram import MOST_LABELS, network_diagram, shows_every_value
from ..sheet import Sheet, line
from ..whole_givens import WholeGivens, whole_inputs, whole_parameters, whole_samples
from .open_points import add_open_points

#: What parts the facts of the subtitle; a line does not begin with it.
BETWEEN = "\N{NO-BREAK SPACE}\N{MIDDLE DOT} "

#: From so many labelled connections between two layers on the picture takes the whole width, in cm.
CROWDED, WIDEST = 9, 15.5

#: The widest label, in em, that a unit's circle takes.
LABEL_WIDTH = 2.2

#: A quantity and the number that is given for it, if there is one.
Entry = tuple[Term, Number | None]

#: More inputs than these are not all listed; the first ones that are not zero are.
MANY_INPUTS = 24
FIRST_INPUTS = 12

#: Samples are listed in a table of so many columns and rows.
MANY_COLUMNS = 16
MANY_SAMPLES = 40

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
        parts.append(update_wording.samples(problem))
    text = BETWEEN.join(parts)
    if problem.learning_rate is None:
        return line(text + BETWEEN + "gradients only")
    rate = sheet.term("learning_rate")
    setting = Comparison(rate, "equal", as_written(problem.learning_rate))
    first = "" if problem.descent.schedule is None else " at the start"
    return line(f"{text}{BETWEEN}{update_wording.steps(problem)}, ", setting, first)


def introduce(sheet: Sheet) -> None:
    """Add the author's introduction, if there is one."""
    if sheet.problem.introduction:
        sheet.text(sheet.problem.introduction)


def open_sheet(
    sheet: Sheet, *, picture: str = "filled", compared: bool = True, whole: WholeGivens | None = None
) -> None:
    """Add diagram, givens and the rounding statement; the picture with its values, without them, or none.

    compared: given activations are held against what the parameters give, which shows computed values.
    whole: which givens are listed however many they are.
    """
    problem = sheet.problem
    if picture == "none":
        rounding = Paragraph((Text(wording.rounding_statement(problem.rounding)),), small=True)
        for block in (*_givens(sheet, whole), rounding):
            sheet.add(block)
        _add_many_data(sheet, whole)
        _add_parameters(sheet, whole)
        add_conventions(sheet)
        add_open_points(sheet, compared=compared)
        return
    crowded = _is_crowded(problem)
    diagram = network_diagram(
        problem,
        lambda unit: _unit_label(sheet, unit),
        lambda name: _label(sheet, name),
        show_values=picture == "filled",
        max_width=WIDEST if crowded else BESIDE,
    )
    givens: list[Block] = [*_givens(sheet, whole)]
    rounding = Paragraph((Text(wording.rounding_statement(problem.rounding)),), small=True)
    if crowded:  # its labels need the whole width
        sheet.add(diagram)
        sheet.add(Beside(tuple(givens), (rounding,), share=0.5))
    else:
        sheet.add(Beside((diagram,), (*givens, rounding), share=0.56))
    _add_many_data(sheet, whole)
    if not shows_every_value(diagram, problem):
        _add_parameters(sheet, whole)
    add_conventions(sheet)
    add_open_points(sheet, compared=compared)


def _is_crowded(problem: Problem) -> bool:
    """Return whether so many labelled connections cross between two layers that they need a wide picture."""
    gaps = [len(a.units) * len(b.units) for a, b in pairwise(problem.layers)]
    return max(gaps) >= CROWDED and min(max(gaps), MOST_LABELS) == max(gaps)


def _add_many_data(sheet: Sheet, whole: WholeGivens | None) -> None:
    """Add inputs or samples that are too many to stand beside the picture, where all are to be listed."""
    if whole is None:
        return
    if len(sheet.problem.samples) > 1:
        many = _samples_are_many(sheet.problem)
        for table in whole_samples(sheet) if many else ():
            sheet.add(table)
    elif len(sheet.problem.inputs) > MANY_INPUTS:
        for block in whole_inputs(sheet, whole):
            sheet.add(block)


def _add_parameters(sheet: Sheet, whole: WholeGivens | None = None) -> None:
    """Add the parameters' values, where the picture has no room for them."""
    given = [parameter for parameter in sheet.problem.parameters if parameter.value is not None]
    if not given:
        return
    drawn = any(parameter.drawn for parameter in sheet.problem.weights)
    start = "The start, drawn at random from a seed" if drawn else "The parameters at the start"
    if len(given) > MANY_PARAMETERS and whole is not None:
        for block in whole_parameters(sheet, [parameter.name for parameter in given], whole, start):
            sheet.add(block)
        return
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
    value = parameter.value
    return Label(sheet.term(name), sheet.ledger.shown(name) if isinstance(value, Constant) else value)


def _givens(sheet: Sheet, whole: WholeGivens | None) -> list[Block]:
    """Return what is given beside the parameters; with `whole`, too many data come later."""
    problem = sheet.problem
    if len(problem.samples) > 1:
        if whole is not None and _samples_are_many(problem):
            return []
        return _many_samples(sheet) if _samples_are_many(problem) else [_samples(sheet)]
    (sample,) = problem.samples
    left = [(sheet.term(unit), sample.inputs.get(unit)) for unit in problem.inputs]
    right = [(sheet.term(key("target", unit)), sample.targets.get(unit)) for unit in problem.outputs]
    tables: list[Block] = []
    if len(left) > MANY_INPUTS:
        tables += [] if whole is not None else _many_inputs(sheet)
        tables.append(_two_columns("Target", right, "", ()))
    else:
        tables.append(_two_columns("Input", left, "Target", right))
    given: list[Entry] = [(sheet.term(key("act", unit)), number) for unit, number in problem.given.items()]
    if given:
        half = (len(given) + 1) // 2
        tables.append(_two_columns("Given activation", given[:half], "", given[half:]))
    stated: list[Entry] = [
        (sheet.term(quantity), number)
        for quantity, number in problem.stated.items()
        if parse_key(quantity).kind != ("dE_dnet" if sheet.ledger.adds_steps else "delta")
    ]
    if stated:
        half = (len(stated) + 1) // 2
        tables.append(_two_columns("Given", stated[:half], "", stated[half:]))
    return tables


def _many_inputs(sheet: Sheet) -> list[Block]:
    """Return in words and a short table what the inputs are where they are too many to list."""
    sample = sheet.problem.samples[0]
    nonzero = [(unit, n) for unit, n in sample.inputs.items() if n is not None and number_value(n)]
    first: list[Entry] = [(sheet.term(unit), number) for unit, number in nonzero[:FIRST_INPUTS]]
    zeros = len(sample.inputs) - len(nonzero)
    text = f"{len(sample.inputs)} inputs, as in the problem file"
    text += f"; {zeros} of them are zero. The first others:" if zeros else ". The first of them:"
    half = (len(first) + 1) // 2
    return [Paragraph(line(text), small=True), _two_columns("Input", first[:half], "", first[half:])]


def _samples_are_many(problem: Problem) -> bool:
    columns = len(problem.inputs) + len(problem.outputs)
    return columns > MANY_COLUMNS or len(problem.samples) > MANY_SAMPLES


def _many_samples(sheet: Sheet) -> list[Block]:
    """Return in words what the samples are where they are too many, or too wide, to list."""
    problem = sheet.problem
    inputs, outputs = (
        wording.count(len(problem.inputs), "input"),
        wording.count(len(problem.outputs), "output"),
    )
    text = f"{len(problem.samples)} samples of {inputs} and {outputs}, as in the problem file."
    return [Paragraph(line(text), small=True)]


def _two_columns(left_head: str, left: Sequence[Entry], right_head: str, right: Sequence[Entry]) -> Table:
    rows = []
    for index in range(max(len(left), len(right))):
        row: list[Line] = []
        for entries in (left, right):
            if index < len(entries):
                term, number = entries[index]
                row += [line(term), line("not given") if number is None else line(as_written(number))]
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
