"""The worked solution of a network of any shape: leaves, stages forward and backward, gradients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...derivation.ledger import as_written
from ...formulas.terms import Comparison, Term
from ...keys import key, parse_key
from ...network.architecture import Stage
from .. import update_wording, wording
from ..blocks import Line, Paragraph, Text
from ..dense.forward_pass import add_error
from ..dense.open_points import add_open_points
from ..dense.opening import introduce
from ..epochs import add_epochs
from ..penalty import add_loss, add_penalty
from ..pictures.graph_picture import end_of, graph_picture
from ..sheet import Lines, Sheet, line
from ..updates import add_updates, say_batches
from ..whole_givens import WholeGivens, whole_inputs, whole_parameters, whole_samples
from .array_values import add_values
from .derivatives import add_derivative
from .family_gradients import add_gradients, families
from .new_arrays import add_new_parameters
from .stages import add_stages_backward, add_stages_forward

if TYPE_CHECKING:
    from ...doubles.training import Training

#: More leaves than this are not listed on the sheet.
MANY_LEAVES = 150

#: Derivatives by so many inputs are derived, those by the others listed.
MANY_INPUTS = 12


def add_general_sheet(sheet: Sheet, training: Training | None) -> None:
    """Add everything that a network of any shape needs."""
    architecture = sheet.problem.architecture
    assert architecture is not None
    introduce(sheet)
    open_general(sheet)
    say_batches(sheet)
    sheet.section("Forward pass")
    stages = _stages(sheet)
    add_stages_forward(sheet, stages)
    if sheet.problem.loss.kind != "node":
        sheet.section("Error")
        add_error(sheet)
    elif len(sheet.problem.samples) > 1 or sheet.problem.descent.penalty is not None:
        lines = Lines(sheet)
        how = f"the {sheet.problem.loss.reduction} over the samples"
        add_loss(sheet, lines, 0, line(how) if len(sheet.graph.samples) > 1 else ())
        lines.finish()
        add_penalty(sheet)
    sheet.section("Backward pass")
    if sheet.first_time("backward"):
        sheet.text(
            "From the end to the beginning: the derivative by a variable is the sum, over everything that "
            "uses it, of the derivative by the user times the user's derivative by the variable."
        )
    add_stages_backward(sheet, stages)
    _add_inputs(sheet)
    if families(sheet):
        sheet.section("Gradients of the parameters")
        add_gradients(sheet)
        add_updates(sheet)
        add_new_parameters(sheet)
    add_epochs(sheet, training)


def _stages(sheet: Sheet) -> tuple[Stage, ...]:
    """Return the stages of the network, of the samples that the first update takes."""
    architecture, samples = sheet.problem.architecture, sheet.graph.samples
    assert architecture is not None
    return tuple(
        replace(
            stage, operations=tuple(o for o in stage.operations if o.sample is None or o.sample in samples)
        )
        for stage in architecture.stages
    )


def general_subtitle(sheet: Sheet) -> Line:
    """Return one line that says which network, loss and rate this is."""
    problem = sheet.problem
    assert problem.architecture is not None
    nodes = sum(len(stage.operations) for stage in problem.architecture.stages)
    parts = [wording.counted(nodes, "computed value")]
    if problem.parameters:
        parts.append(wording.counted(len(problem.parameters), "parameter"))
    if problem.loss.kind != "node":
        parts.append(wording.loss(problem))
    if len(problem.samples) > 1:
        parts.append(update_wording.samples(problem))
    text = " \N{MIDDLE DOT} ".join(parts)
    if problem.learning_rate is None:
        return line(text + " \N{MIDDLE DOT} derivatives only")
    setting = Comparison(sheet.term("learning_rate"), "equal", as_written(problem.learning_rate))
    first = "" if problem.descent.schedule is None else " at the start"
    return line(f"{text} \N{MIDDLE DOT} {update_wording.steps(problem)}, ", setting, first)


def open_general(sheet: Sheet) -> None:
    """Add the picture, which shows values and derivatives, the givens and the rounding statement."""
    drawn = graph_picture(sheet)
    if drawn is not None:
        sheet.add(drawn)
        sheet.text(*_caption(sheet), small=True)
    add_givens(sheet)


def add_givens(sheet: Sheet, *, compared: bool = True, whole: WholeGivens | None = None) -> None:
    """Add the givens and the rounding statement.

    compared: given activations are held against what the parameters give, which shows computed values.
    whole: which givens are listed however many they are.
    """
    problem = sheet.problem
    _add_leaves(sheet, compared, whole)
    sheet.add(Paragraph((Text(wording.rounding_statement(problem.rounding)),), small=True))


def _caption(sheet: Sheet) -> list[str | Term]:
    """Return what stands at the lines of the picture, and what of the end, from which no line leaves."""
    words: list[str | Term] = [
        "Above each line stands the value that it carries, below it the derivative by that value."
    ]
    end = end_of(sheet)
    if end is not None and sheet.known(end):
        words += [" At the end ", Comparison(sheet.term(end), "equal", sheet.value(end))]
        slope = str(parse_key(end)._replace(kind="dE_dact"))
        if sheet.known(slope):
            words += [", and the derivative is ", sheet.value(slope)]
        words.append(".")
    return words


def _add_leaves(sheet: Sheet, compared: bool, whole: WholeGivens | None) -> None:
    """Add what is given: inputs, targets, parameters; vectors and matrices as such."""
    problem = sheet.problem
    inputs = problem.inputs
    single = len(problem.samples) == 1
    if len(inputs) > MANY_LEAVES and whole is None:
        sheet.text(f"{len(inputs)} inputs, as in the problem file.", small=True)
    elif single:
        targets = [key("target", unit) for unit in problem.samples[0].targets]
        many = len(inputs) > MANY_LEAVES
        for block in whole_inputs(sheet, whole) if whole is not None and many else ():
            sheet.add(block)
        given = [name for name in (*(() if many else inputs), *targets) if sheet.known(name)]
        add_values(sheet, given, "Given", whole)
    elif inputs:
        for table in whole_samples(sheet):
            sheet.add(table)
    known = [parameter.name for parameter in problem.parameters if parameter.value is not None]
    if len(known) > MANY_LEAVES and whole is None:
        sheet.text(f"{len(known)} parameters, as in the problem file.", small=True)
    elif len(known) > MANY_LEAVES and whole is not None:
        for block in whole_parameters(sheet, known, whole, "The parameters at the start"):
            sheet.add(block)
    else:
        add_values(sheet, known, "Parameter", whole)
    stated = [quantity for quantity in problem.stated if parse_key(quantity).kind != "delta"]
    add_values(sheet, [*(key("act", unit) for unit in problem.given), *stated], "Also given", whole)
    add_open_points(sheet, compared=compared)


def _add_inputs(sheet: Sheet) -> None:
    """Add the derivatives by the leaves that are not parameters."""
    found = [
        quantity
        for unit in sheet.problem.wrt
        for sample in sheet.graph.samples
        if (quantity := key("dE_dact", unit, sample=sample)) in sheet.ledger
    ]
    if not found:
        return
    sheet.part("Derivatives by the inputs")
    for quantity in found[:MANY_INPUTS]:
        lines = Lines(sheet)
        add_derivative(sheet, lines, quantity)
        lines.finish()
    if len(found) > MANY_INPUTS:
        add_values(sheet, found[MANY_INPUTS:], "Derivative")
