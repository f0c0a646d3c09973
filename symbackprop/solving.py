"""From a problem to its ledger: all passes of the sweep, in order."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from flint import ctx

from .delta import add_deltas, add_residuals, add_steps
from .forms import Rewriter
from .graph import Graph, build_graph
from .keys import key
from .ledger import START_BITS, Ledger
from .notation import notation_of
from .spec.problem import Problem
from .sweep import backward, forward
from .updating import update
from .vocabulary import Vocabulary

#: Up to this many updates are derived in balls, every digit certified; longer runs are trained in
#: double precision after the first update (`training.py`), and the sheet says so.
CERTIFIED_EPOCHS = 100


def derive(problem: Problem, *, parts: bool | None = None) -> tuple[Graph, Ledger]:
    """Return the graph and the ledger of a problem: every epoch's passes and updates.

    parts: also the part of every gradient that comes through each single output (grad.P|O); by
    default where the notation presents gradients that way.
    """
    notation = notation_of(problem.notation)
    vocabulary = Vocabulary(problem, notation)
    # the precision is set here once; the ledger sets it anew only where it needs another
    with _collector_paused(), ctx.workprec(START_BITS):
        graph = build_graph(problem)
        fan_out = dict.fromkeys(problem.units, 0)
        for weight in problem.weights:
            fan_out[weight.source] += 1
        ledger = Ledger(vocabulary, problem.rounding, Rewriter(notation.form, graph.receivers, fan_out))
        _give(problem, graph, ledger)
        if parts is None:
            parts = notation.form == "components"
        sweep_all(graph, ledger, parts=parts and len(problem.outputs) > 1)
    return graph, ledger


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from running.

    A sweep makes terms by the hundred thousand, keeps them all and closes no cycle. The collector
    would look through all of them, and through SymPy, again and again: a third of the whole time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def sweep_all(graph: Graph, ledger: Ledger, *, parts: bool) -> None:
    """Add every pass: forward, backward and update per epoch, and the forward pass after the last."""
    epochs = certified_epochs(graph.problem)
    for passes in range(epochs):
        forward(graph, ledger, passes)
        one_backward_pass(graph, ledger, passes, parts=parts and passes == 0)
    if epochs:
        forward(graph, ledger, epochs)
        if ledger.adds_steps:
            add_residuals(graph, ledger, epochs)
    else:
        forward(graph, ledger)
        one_backward_pass(graph, ledger, 0, parts=parts)


def one_backward_pass(graph: Graph, ledger: Ledger, passes: int, *, parts: bool) -> None:
    """Add one backward pass and, where there is a learning rate, its update."""
    if parts:
        for output in graph.problem.outputs:
            backward(graph, ledger, passes, through=output)
    backward(graph, ledger, passes)
    if ledger.adds_steps:
        add_residuals(graph, ledger, passes)
        add_deltas(graph, ledger, passes)
        add_steps(graph, ledger, passes)
    update(graph, ledger, passes)


def certified_epochs(problem: Problem) -> int:
    """Return how many updates the ledger derives."""
    if problem.learning_rate is None:
        return 0
    return problem.epochs if problem.epochs <= CERTIFIED_EPOCHS else 1


def complete(graph: Graph, ledger: Ledger) -> None:
    """Add, once, the quantities that the form itself does not show: deltas, residuals, steps, parts."""
    if not ledger.completed:
        with _collector_paused(), ctx.workprec(ledger.bits):
            _complete(graph, ledger)
        ledger.completed = True


def _complete(graph: Graph, ledger: Ledger) -> None:
    epochs = max(certified_epochs(graph.problem), 1)
    for passes in range(epochs):
        if len(graph.problem.outputs) > 1 and passes == 0:
            for output in graph.problem.outputs:
                backward(graph, ledger, passes, through=output)
        if not ledger.adds_steps:
            add_residuals(graph, ledger, passes)
            add_deltas(graph, ledger, passes)
            add_steps(graph, ledger, passes)
    if not ledger.adds_steps and certified_epochs(graph.problem):
        add_residuals(graph, ledger, epochs)


def _give(problem: Problem, graph: Graph, ledger: Ledger) -> None:
    """Enter what the problem gives: inputs, targets, parameters, learning rate."""
    for sample, data in zip(graph.samples, problem.samples, strict=True):
        for unit, number in data.inputs.items():
            ledger.give(key(unit, "", sample=sample), number)
        for unit, number in data.targets.items():
            ledger.give(key("target", unit, sample=sample), number)
    for parameter in problem.parameters:
        if parameter.value is not None:
            ledger.give(parameter.name, parameter.value, written=not getattr(parameter, "drawn", False))
    if problem.learning_rate is not None:
        ledger.give("learning_rate", problem.learning_rate)
