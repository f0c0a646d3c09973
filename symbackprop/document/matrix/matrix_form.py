"""The vector and matrix form of a worked solution: forward, error, backward, each step for a whole layer."""

from __future__ import annotations

from .. import wording
from ..dense.forward_pass import add_error
from ..dense.slopes import add_slopes
from ..sheet import Sheet
from .matrix_errors import add_hidden_terms, add_output_terms
from .matrix_forward import add_matrix_forward
from .matrix_givens import add_conventions, add_given_matrices
from .matrix_gradients import add_gradients
from .matrix_network import Layout, NetworkMatrices


def add_matrix_form(sheet: Sheet) -> None:
    """Add the matrices that are given, the forward pass, the error and the backward pass."""
    layout = Layout.of(sheet)
    matrices = NetworkMatrices(sheet, layout)
    add_conventions(sheet, matrices)
    add_given_matrices(sheet, matrices)
    sheet.section("Forward pass")
    add_matrix_forward(sheet, matrices)
    sheet.section("Error")
    add_error(sheet)
    last = len(sheet.problem.layers) - 1
    for index in range(last, 0, -1):
        sheet.section("Backward pass: ", wording.layer_title(sheet.problem, index))
        activation = sheet.problem.layers[index].activation
        if activation is not None and not matrices.is_joint(index):
            add_slopes(sheet, [activation])
        if index == last:
            add_output_terms(sheet, matrices, index)
        else:
            add_hidden_terms(sheet, matrices, index)
        add_gradients(sheet, matrices, index)


def add_second_matrix_pass(sheet: Sheet) -> None:
    """Add the forward pass with the new parameters."""
    add_matrix_forward(sheet, NetworkMatrices(sheet, Layout.of(sheet), passes=1), again=True)
