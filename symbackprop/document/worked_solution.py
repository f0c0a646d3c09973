"""The worked solution: its sections, in the order of the form that the notation asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..derivation.ledger import Ledger
from ..network.graph import Graph, batch_graph
from ..spec.problem import Problem
from .blocks import Document, Line
from .dense.backward_pass import add_backward_pass
from .dense.by_data import add_data_derivatives
from .dense.components import add_components
from .dense.delta_rule import add_delta_rule, add_residuals
from .dense.forward_pass import add_error, add_forward_pass
from .dense.general_form import add_general_form
from .dense.opening import introduce, open_sheet, subtitle
from .dense.table_form import add_forward_tables, add_table_form
from .epochs import add_epochs
from .in_code import add_listing
from .outcome import add_second_pass, add_summary
from .sheet import Sheet
from .updates import add_updates, say_batches

if TYPE_CHECKING:
    from ..doubles.training import Training

_BACKWARD: Mapping[str, Callable[[Sheet], None]] = {
    "chain": add_backward_pass,
    "components": add_components,
    "delta": add_backward_pass,
    "delta_rule": add_delta_rule,
    "tables": add_table_form,
}


def worked_solution(
    problem: Problem, graph: Graph, ledger: Ledger, training: Training | None = None, paper: str = "a4"
) -> Document:
    """Return the document of a worked solution."""
    if problem.learning_rate is not None:
        graph = batch_graph(graph, problem.descent.batch(0))
    sheet = Sheet(problem, graph, ledger)
    if problem.architecture is not None:
        from .general.general_sheet import (  # and with it every type of layer
            add_general_sheet,
            general_subtitle,
        )

        add_general_sheet(sheet, training)
        return _document(sheet, general_subtitle(sheet), paper)
    introduce(sheet)
    open_sheet(sheet)
    say_batches(sheet)
    if sheet.notation.form == "matrix":
        from .matrix.matrix_form import add_matrix_form
        from .matrix.matrix_update import add_matrix_update

        add_matrix_form(sheet)
        add_data_derivatives(sheet)
        add_updates(sheet)
        add_matrix_update(sheet)
        add_second_pass(sheet)
        add_epochs(sheet, training)
        return _document(sheet, subtitle(sheet), paper)
    in_tables = sheet.notation.form == "tables"
    if any(unit not in problem.given for layer in problem.layers[1:] for unit in layer.units):
        sheet.section("Forward pass")
        (add_forward_tables if in_tables else add_forward_pass)(sheet)
    sheet.section("Error")
    if ledger.adds_steps:
        add_residuals(sheet)
    add_error(sheet)
    _BACKWARD[sheet.notation.form](sheet)
    add_data_derivatives(sheet)
    add_updates(sheet)
    if not in_tables or (problem.learning_rate is not None and not problem.descent.inline):
        add_summary(sheet)
    if sheet.notation.form == "delta":
        add_general_form(sheet)
    add_second_pass(sheet)
    add_epochs(sheet, training)
    return _document(sheet, subtitle(sheet), paper)


def _document(sheet: Sheet, subtitle: Line, paper: str) -> Document:
    add_listing(sheet)
    title = sheet.problem.title
    return Document(
        kind="Worked solution \N{MIDDLE DOT} Backpropagation",
        title=title,
        subtitle=subtitle,
        blocks=tuple(sheet.blocks),
        style=sheet.style,
        paper=paper,  # type: ignore[arg-type]
        running_head=f"{title} \N{EM DASH} worked solution",
        keywords=("backpropagation", "worked solution"),
    )
