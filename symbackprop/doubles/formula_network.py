"""Networks of any shape in double precision: the ledger's own formulas of one pass, over doubles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from flint import ctx

from ..derivation.backward import backward
from ..derivation.forms import Rewriter
from ..derivation.forward import forward
from ..derivation.ledger import START_BITS, Ledger
from ..derivation.solving import give
from ..formulas.terms import Term
from ..keys import key
from ..network.graph import Graph, batch_graph, build_graph
from ..notation.presets import notation_of
from ..notation.vocabulary import Vocabulary
from ..numbers.digits import double_value
from ..spec.problem import Loss, Problem
from .arrays import Array, array_value

Values = dict[str, Any]


class FormulaNetwork:
    """A network whose passes are evaluated formula by formula.

    The formulas of a pass are derived once for each batch and evaluated again for every update: slower
    than matrices, and for any operation that the sweep knows.
    """

    def __init__(self, problem: Problem) -> None:
        """Take the problem; its formulas are derived when a batch is first met.

        Raises:
            ValueError: a parameter has no value.
        """
        if any(parameter.value is None for parameter in problem.parameters):
            raise ValueError("training needs a value for every parameter")
        self._problem = replace(problem, learning_rate=None, descent=replace(problem.descent, penalty=None))
        self._names = [parameter.name for parameter in problem.parameters]
        self.start = np.array([double_value(p.value) for p in problem.parameters if p.value is not None])
        self._graph = build_graph(self._problem)
        self._programs: dict[tuple[int, ...], tuple[Values, list[tuple[str, Term]]]] = {}

    def forward(self, parameters: Array, rows: Any = slice(None)) -> tuple[Values, list[Any]]:
        """Return every value of a pass, forward and backward, of some samples or all."""
        batch = () if isinstance(rows, slice) else tuple(int(row) + 1 for row in rows)
        given, formulas = self._program(batch)
        values = {**given, **dict(zip(self._names, parameters.tolist(), strict=True))}
        for quantity, formula in formulas:
            values[quantity] = float(array_value(formula, values))
        return values, []

    def gradient(self, parameters: Array, values: Values, nets: list[Any], rows: Any = None) -> Array:
        """Return dE/dp for every parameter, 0 where the loss does not depend on it."""
        return np.array([values.get(key("grad", name), 0.0) for name in self._names])

    def loss(self, values: Values, nets: list[Any], loss: Loss, rows: Any = None) -> float:
        """Return a loss over the samples of a pass."""
        return float(values["loss" if loss == self._problem.loss else "reported_loss"])

    def outputs(self, values: Values) -> Array:
        """Return the outputs, samples by units."""
        return np.array(
            [
                [values[key("act", unit, sample=sample)] for unit in self._problem.outputs]
                for sample in self._graph.samples
            ]
        )

    def _program(self, batch: tuple[int, ...]) -> tuple[Values, list[tuple[str, Term]]]:
        found = self._programs.get(batch)
        if found is None:
            found = self._programs[batch] = _derive(self._problem, self._graph, batch)
        return found


def _derive(problem: Problem, graph: Graph, batch: tuple[int, ...]) -> tuple[Values, list[tuple[str, Term]]]:
    """Return what is given and the formulas of one pass, in order."""
    notation = replace(notation_of(problem.notation), form="steps")
    here = batch_graph(graph, batch)
    with ctx.workprec(START_BITS):
        rewriter = Rewriter(notation.form, graph.receivers, graph.fan_out, graph.joint)
        ledger = Ledger(Vocabulary(problem, notation), problem.rounding, rewriter)
        give(problem, graph, ledger)
        forward(here, ledger)
        backward(here, ledger)
    given: Values = {"constant.pi": np.pi}
    for quantity in ledger.all_keys():
        number = ledger.given(quantity)
        if number is not None:
            given[quantity] = double_value(number)
    return given, [
        (quantity, formula) for quantity, formula in ledger.formulas.items() if quantity not in given
    ]
