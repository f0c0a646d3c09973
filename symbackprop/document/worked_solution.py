"""The worked solution: its sections, in the order of the form that the notation asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..graph import Graph
from ..ledger import Ledger
from ..spec.problem import Problem
from .backward_pass import add_backward_pass
from .blocks import Document
from .components import add_components
from .delta_rule import add_delta_rule, add_residuals
from .forward_pass import add_error, add_forward_pass
from .general_form import add_general_form
from .opening import open_sheet, subtitle
from .outcome import add_epochs, add_second_pass, add_summary
from .sheet import Sheet

if TYPE_CHECKING:
    from ..training import Training

_BACKWARD: Mapping[str, Callable[[Sheet], None]] = {
    "chain": add_backward_pass,
    "components": add_components,
    "delta": add_backward_pass,
    "delta_rule": add_delta_rule,
}


def worked_solution(
    problem: Problem, graph: Graph, ledger: Ledger, training: Training | None = None, paper: str = "a4"
) -> Document:
    """Return the document of a worked solution."""
    sheet = Sheet(problem, graph, ledger)
    open_sheet(sheet)
    if any(unit not in problem.given for layer in problem.layers[1:] for unit in layer.units):
        sheet.section("Forward pass")
        add_forward_pass(sheet)
    sheet.section("Error")
    if ledger.adds_steps:
        add_residuals(sheet)
    add_error(sheet)
    _BACKWARD[sheet.notation.form](sheet)
    add_summary(sheet)
    if sheet.notation.form == "delta":
        add_general_form(sheet)
    add_second_pass(sheet)
    add_epochs(sheet, training)
    return Document(
        kind="Worked solution \N{MIDDLE DOT} Backpropagation",
        title=problem.title,
        subtitle=subtitle(sheet),
        blocks=tuple(sheet.blocks),
        style=sheet.style,
        paper=paper,  # type: ignore[arg-type]
        running_head=f"{problem.title} \N{EM DASH} worked solution",
        keywords=("backpropagation", "worked solution"),
    )
