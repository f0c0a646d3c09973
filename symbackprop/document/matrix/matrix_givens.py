"""The opening of the matrix form: the conventions in words, the matrices that are given."""

from __future__ import annotations

from ...formulas.terms import Term
from ..sheet import Sheet, line
from .matrix_algebra import total
from .matrix_forward import weighted
from .matrix_lines import FEW_ROWS, MatrixLines
from .matrix_network import NetworkMatrices


def add_conventions(sheet: Sheet, matrices: NetworkMatrices) -> None:
    """Say how the matrices are laid out, and what stands where there is no number."""
    sheet.section("The network in matrices")
    _say_layout(sheet, matrices)
    _say_derivatives(sheet, matrices)
    function = matrices.function(1).term
    taken = " takes the whole vector." if matrices.is_joint(1) else " is taken entry by entry."
    sheet.text("The sign \N{CIRCLED DOT OPERATOR} multiplies entry by entry, and ", function, taken)
    layers, blocks = range(1, len(sheet.problem.layers)), matrices.blocks
    pairs = [(to, source) for to, sources in blocks.items() for source in sources]
    if any(len(layer.units) > FEW_ROWS for layer in sheet.problem.layers):
        sheet.text(
            "Of what is too large for the page the first rows and columns and the last are shown; the dots "
            "stand for the others, which are in the JSON output."
        )
    if any(source != to - 1 for to, source in pairs):
        sheet.text("Connections past a layer have a matrix of their own, with the layer that they come from.")
    if any(matrices.mask(to, source) for to, source in pairs):
        sheet.text("Where there is no connection, a weight matrix has a 0, and so has its gradient.")
    if any(matrices.bias_mask(layer, "M") for layer in layers):
        sheet.text("Where a unit has no bias, the vector has a 0.")
    if any(matrices.shares_biases(layer) for layer in layers):
        sheet.text("A bias that units share stands in the vector once for each of them; it is one number.")


def _say_layout(sheet: Sheet, matrices: NetworkMatrices) -> None:
    layout, net, bias = matrices.layout, matrices.net(1), matrices.bias(1)
    receiving, sending = ("column", "row") if layout.from_to else ("row", "column")
    vectors = "row" if layout.rows else "column"
    each = f"one {vectors} for each sample" if matrices.batch else f"vectors are {vectors}s"
    sheet.text(
        matrices.weights(1, matrices.blocks[1][0]).term,
        f" has a {receiving} for each unit that receives and a {sending} for each unit that sends; {each}. "
        "So the weighted sums of a layer are ",
        net.term,
        " = ",
        total(weighted(matrices, 1, net.turned)),
        *((".",) if bias is None else _plus_biases(bias.term, less=sheet.problem.thresholds)),
    )


def _plus_biases(bias: Term, *, less: bool) -> tuple[str | Term, ...]:
    return (", less the thresholds " if less else " plus the biases ", bias, ".")


def _say_derivatives(sheet: Sheet, matrices: NetworkMatrices) -> None:
    act, weights = matrices.act(0).term, matrices.weights(1, matrices.blocks[1][0]).term
    of, by = "entry of what is derived", "entry of what it is derived by"
    if matrices.layout.numerator:
        name, shape, row, column = "numerator", "the shape of its transpose", of, by
    else:
        name, shape, row, column = "denominator", "the same shape", by, of
    sheet.text(
        f"Derivatives are in {name} layout: the derivative of the number ",
        sheet.term("loss"),
        " by ",
        act,
        " or ",
        weights,
        f" has {shape}, and a Jacobian has a row for each {row} and a column for each {column}.",
    )


def add_given_matrices(sheet: Sheet, matrices: NetworkMatrices) -> None:
    """Add inputs, targets and parameters as vectors and matrices, in symbols and in numbers."""
    lines = MatrixLines(sheet, matrices)
    for item in (matrices.act(0), matrices.target()):
        lines.add(item.term, ("=", item.entries), ("=", sheet.substituted(item.entries)))
    lines.finish()
    for to, sources in matrices.blocks.items():
        lines = MatrixLines(sheet, matrices)
        items = [matrices.weights(to, source) for source in sources]
        bias = matrices.bias(to)
        for item in (*items, *([bias] if bias is not None else [])):
            lines.add(item.term, ("=", item.entries), ("=", sheet.substituted(item.entries)))
        for source in sources:
            mask = matrices.mask(to, source)
            if mask is not None:
                lines.add(mask.term, ("=", mask.entries), note=line("1 for each connection"))
        lines.finish()
