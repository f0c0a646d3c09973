"""A batch given as matrices: which rows or columns are its samples."""

from __future__ import annotations

from ..formulas.terms import Number
from .faults import Path, Written
from .model import NetworkForm

Matrix = list[list[Number | None]]


def is_matrix(values: object) -> bool:
    """Return whether inputs or targets are written as a matrix, for a whole batch."""
    return isinstance(values, list) and bool(values) and isinstance(values[0], list)


def by_sample(network: NetworkForm, key: str, written: Written) -> Matrix:
    """Return a matrix of inputs or targets with one row per sample.

    `sample_layout: rows` has one row per sample, `columns` one column per sample.

    Raises:
        ProblemError: its rows have different lengths, or one of them is empty.
    """
    matrix: Matrix = getattr(network, key)
    path: Path = ("network", key)
    width = len(matrix[0])
    for index, row in enumerate(matrix):
        if not isinstance(row, list) or len(row) != width or not row:
            raise written.error(
                (*path, index),
                "rows of different lengths" if width else "an empty row",
                given=f"a row of {len(row)}" if isinstance(row, list) else "a number",
                expected=f"{width} numbers, as in the first row" if width else "at least one number",
            )
    return [list(row) for row in zip(*matrix, strict=True)] if network.sample_layout == "columns" else matrix


def samples_of(
    network: NetworkForm, outputs: int, written: Written
) -> list[tuple[list[Number | None], list[Number | None]]]:
    """Return the inputs and targets of every sample of a batch that is given as matrices.

    With one output the targets may be a plain list, one for each sample.

    Raises:
        ProblemError: inputs and targets are not for the same number of samples.
    """
    inputs = by_sample(network, "inputs", written)
    plain = isinstance(network.targets, list) and not is_matrix(network.targets)
    if plain and outputs == 1:
        targets: Matrix = [[number] for number in network.targets or ()]  # type: ignore[list-item]
    elif is_matrix(network.targets):
        targets = by_sample(network, "targets", written)
    else:
        raise written.error(
            ("network", "targets"),
            "the inputs are a matrix, the targets are not",
            expected=f"a matrix with one {network.sample_layout[:-1]} for each sample",
        )
    if len(inputs) != len(targets):
        other = "columns" if network.sample_layout == "rows" else "rows"
        turned = len(network.inputs or ()) if other == "rows" else len(inputs[0])
        raise written.error(
            ("network", "targets"),
            "inputs and targets are for different numbers of samples",
            given=f"{len(inputs)} samples of inputs, {len(targets)} of targets",
            expected=f"one {network.sample_layout[:-1]} for each sample in both",
            hint=(
                f"If each sample is a {other[:-1]}, write sample_layout: {other} under network."
                if turned == len(targets) or not plain
                else ""
            ),
        )
    return list(zip(inputs, targets, strict=True))
