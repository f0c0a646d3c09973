"""From a problem to its ledger: all passes of the sweep, in order."""

from __future__ import annotations

from dataclasses import replace

from flint import ctx

from ..collector import collector_paused
from ..formulas.names import Name
from ..keys import key
from ..network.graph import Graph, batch_graph, build_graph, restricted_graph
from ..notation.notation import Notation
from ..notation.presets import notation_of
from ..notation.vocabulary import Vocabulary
from ..showing import selection_of
from ..spec.problem import Problem
from .backward import backward
from .batches import add_epoch_loss
from .delta import add_deltas, add_residuals, add_steps
from .forms import Rewriter
from .forward import forward
from .ledger import START_BITS, Ledger
from .updating.passes import prepare, update
from .updating.start import give_start

#: Up to this many updates are derived in balls, every digit certified; longer runs are trained in
#: double precision after the first update (`training.py`), and the sheet says so.
CERTIFIED_EPOCHS = 100

#: Forms that show a layer's gradients together.
WHOLE_LAYERS = frozenset({"tables", "matrix"})


def derive(problem: Problem, *, parts: bool | None = None) -> tuple[Graph, Ledger]:
    """Return the graph and the ledger of a problem: every epoch's passes and updates.

    parts: also the part of every gradient that comes through each single output (grad.P|O); by
    default where the notation presents gradients that way.
    """
    notation = notation_of(problem.notation)
    if problem.architecture is not None:
        own = {**_beside_outputs(problem, notation), **problem.architecture.names, **notation.names}
        notation = replace(notation, form="steps", names=own)
    # the precision is set here once; the ledger sets it anew only where it needs another
    with collector_paused(), ctx.workprec(START_BITS):
        vocabulary = Vocabulary(problem, notation, certified_epochs(problem))
        graph = graph_to_derive(problem)
        problem = graph.problem
        ledger = Ledger(
            vocabulary, problem.rounding, Rewriter(notation.form, graph.receivers, graph.fan_out, graph.joint)
        )
        give(problem, graph, ledger)
        if parts is None:
            parts = notation.form == "components"
        sweep_all(graph, ledger, parts=parts and len(problem.outputs) > 1)
    return graph, ledger


def _beside_outputs(problem: Problem, notation: Notation) -> dict[str, Name]:
    """Return the names of targets, errors and residuals of several outputs: with the marks of the outputs."""
    assert problem.architecture is not None
    letters = {"target": notation.target, "error": notation.error, "residual": notation.residual}
    bases = {kind: Name.parse(letter) for kind, letter in letters.items()}
    outputs = problem.outputs if len(problem.outputs) > 1 else ()
    own = {output: problem.architecture.names.get(key("act", output)) for output in outputs}
    return {
        key(kind, output): replace(base, sub=base.sub + name.sub, sup=base.sup + name.sup)
        for output, name in own.items()
        if name is not None and name.sub
        for kind, base in bases.items()
    }


def graph_to_derive(problem: Problem) -> Graph:
    """Return the graph of a problem, without the gradients that its sheet leaves out.

    Where an update of one parameter needs the gradients of all, or a layer is shown as a whole, all stay.
    """
    graph, selection = build_graph(problem), selection_of(problem)
    if notation_of(problem.notation).form in WHOLE_LAYERS:
        return graph
    clip = problem.descent.clip
    if not selection.restricted or problem.descent.looks_ahead or (clip is not None and clip.kind == "norm"):
        return graph
    return restricted_graph(graph, frozenset(selection.split(graph.receivers).derived))


def sweep_all(graph: Graph, ledger: Ledger, *, parts: bool) -> None:
    """Add every pass: forward, backward and update over its batch, and the forward pass after the last."""
    updates = certified_epochs(graph.problem)
    for passes in range(max(updates, 1)):
        here = batch_graph(graph, graph.problem.descent.batch(passes))
        prepare(graph, ledger, passes)
        forward(here, ledger, passes)
        add_epoch_loss(graph, here, ledger, passes)
        one_backward_pass(here, ledger, passes, parts=parts and passes == 0)
    if updates and not graph.restricted:
        forward(graph, ledger, updates)
        add_epoch_loss(graph, graph, ledger, updates)
        if ledger.adds_steps:
            add_residuals(graph, ledger, updates)


def one_backward_pass(graph: Graph, ledger: Ledger, passes: int, *, parts: bool) -> None:
    """Add one backward pass and, where there is a learning rate, its update."""
    if parts:
        for output in graph.errors:
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
    return problem.updates if problem.updates <= CERTIFIED_EPOCHS else 1


def complete(graph: Graph, ledger: Ledger) -> None:
    """Add, once, the quantities that the form itself does not show: deltas, residuals, steps, parts."""
    if not ledger.completed:
        with collector_paused(), ctx.workprec(ledger.bits):
            _complete(graph, ledger)
        ledger.completed = True


def _complete(graph: Graph, ledger: Ledger) -> None:
    epochs = max(certified_epochs(graph.problem), 1)
    for passes in range(epochs):
        here = batch_graph(graph, graph.problem.descent.batch(passes))
        if len(graph.errors) > 1 and passes == 0:
            for output in graph.errors:
                backward(here, ledger, passes, through=output)
        if not ledger.adds_steps:
            add_residuals(here, ledger, passes)
            add_deltas(here, ledger, passes)
            add_steps(here, ledger, passes)
    if not ledger.adds_steps and certified_epochs(graph.problem):
        add_residuals(graph, ledger, epochs)


def give(problem: Problem, graph: Graph, ledger: Ledger) -> None:
    """Enter what the problem gives: inputs, targets, parameters, learning rate."""
    for sample, data in zip(graph.samples, problem.samples, strict=True):
        for unit, number in data.inputs.items():
            ledger.give(key(unit, "", sample=sample), number)
        for unit, number in data.targets.items():
            ledger.give(key("target", unit, sample=sample), number)
    for parameter in problem.parameters:
        if parameter.value is not None:
            ledger.give(parameter.name, parameter.value, written=not getattr(parameter, "drawn", False))
    give_start(problem, ledger)
    for quantity, number in problem.stated.items():
        ledger.give(quantity, number)
