"""Whether a problem can be shown in vectors and matrices; where not, why, and which form shows it."""

from __future__ import annotations

from collections import Counter

from ..notation.presets import notation_of
from .faults import Path, Written
from .problem import Problem

_OTHERS = "another form, such as delta or chain"


def check_matrix_form(problem: Problem, written: Written) -> Problem:
    """Return the problem if its notation does not ask for the matrix form or its network has one.

    Raises:
        ProblemError: the network, its weights or its updates have no matrix form; the text says why.
    """
    notation = notation_of(problem.notation)
    if notation.form != "matrix":
        return problem
    chosen = "form" in problem.notation.options
    path: Path = ("notation", "form" if chosen else "preset")
    reason = _reason(problem, descends=problem.notation.options.get("delta_sign") == "descent")
    if reason:
        raise written.error(
            path,
            f"no matrix form: {reason}",
            given="matrix" if chosen else problem.notation.preset,
            expected=_OTHERS,
        )
    return problem


def _reason(problem: Problem, *, descends: bool) -> str:
    """Return why there is no matrix form, "" where there is one."""
    if problem.architecture is not None:
        return "it is for layers of dense units, and this network is derived step by step"
    if descends:
        return "its error terms are dE/dz, and the notation wants minus that (delta_sign: descent)"
    if problem.descent.batches:
        return "it shows all samples at once, and the updates take mini-batches"
    if problem.descent.penalty is not None:
        return "its gradients are products of matrices, and the penalty adds to them"
    uses = Counter(weight.name for weight in problem.connections)
    tied = next((name for name, count in uses.items() if count > 1), "")
    if tied:
        return f"{tied} is the weight of several connections, so that its gradient is no entry of one matrix"
    layer = {unit: index for index, members in enumerate(problem.layers) for unit in members.units}
    for weight in problem.weights:
        if layer[weight.source] >= layer[weight.target]:
            return f"{weight.name} leads from {weight.source} to {weight.target} within one layer"
    return ""
