"""From what is written to a problem, in one pass: form, structure, data, training, display."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .activations import check_together
from .batch import is_matrix
from .connections import check_connections, layers_in_computing_order
from .data import build_samples
from .display import build_notation, build_rounding
from .faults import Written
from .given import build_general_given, build_given, build_wrt, given_fields
from .knowledge import check_knowledge
from .lines import FieldLines
from .losses import build_losses, check_loss
from .matrix_form import check_matrix_form
from .model import ProblemForm
from .problem import Layer, Loss, Problem, Sample, Source
from .show import with_show
from .structure import build_structure
from .training import asked, fill_start
from .translate import check_form, is_sheet, root_form
from .tying import tied
from .updates import build_run


def build_problem(written: Written, name: str = "") -> Problem:
    """Return the problem that is written.

    Args:
        written: the plain data and its lines.
        name: the stem of output files; made from the title if there is none.

    Raises:
        ProblemError: it cannot be used; the text says where and why.
    """
    if is_sheet(written.data):
        raise written.error(
            ("problems",), "this is a sheet of problems", expected="a problem with a network",
            hint="`symbackprop worksheet` and `symbackprop class` take sheets.",
        )  # fmt: skip
    form = check_form(written)
    dense = root_form(written.data) is ProblemForm
    problem = _dense_network(form, written) if dense else _general_network(form, written)
    problem = _with_work(problem, form, written, name)
    if form.vary is None:
        return problem
    from .vary import with_vary

    return with_vary(problem, form.vary, written, build_problem)


def _dense_network(form: ProblemForm, written: Written) -> Problem:
    """Return the network, data and loss of a problem of layers of units."""
    network = form.network
    structure = build_structure(network, written)
    check_connections(structure, written)
    check_together(structure.layers, structure.connections, written)
    partly = any((form.given, network.given, network.given_activations))
    samples = build_samples(network, structure, written, partly=partly)
    given = build_given(form, structure, len(samples), written)
    weights = fill_start([weight for weight, _ in structure.weights], network.initialisation)
    biases = tuple(bias for bias, _ in structure.biases)
    if not given and not isinstance(network.initialisation, str):
        check_knowledge(structure, weights, biases, written)
    loss, reported = _losses(form, len(structure.layers[-1].units), samples, written)
    return Problem(
        title=form.title or f"A {'-'.join(str(len(layer.units)) for layer in structure.layers)} network",
        layers=layers_in_computing_order(structure),
        samples=samples,
        weights=weights,
        ties=tied(structure, weights),
        biases=biases,
        loss=loss,
        reported_loss=reported,
        given=given.activations,
        stated=given.stated,
        wrt=build_wrt(form, structure.layers, written),
        thresholds=network.thresholds,
        sample_layout=network.sample_layout if is_matrix(network.inputs) else "",
        weight_layout=network.layout if "layout" in network.model_fields_set else "",
    )


def _general_network(form: ProblemForm, written: Written) -> Problem:
    """Return the network, data and loss of a problem of layers of any type, or of a computation graph."""
    from .general import build_layers, build_nodes
    from .general_forms import GeneralNetworkForm, GraphForm

    network = form.network
    loss, reported = Loss("node"), None
    if isinstance(network, GraphForm):
        general = build_nodes(network, written)
        loss = Loss("node", network.reduction)
    else:
        assert isinstance(network, GeneralNetworkForm)
        general = build_layers(network, written, partly=bool(given_fields(form)))
        loss, reported = _losses(form, len(general.layers[-1].units), general.samples, written)
    # a graph has no targets: what stands for them are constants
    asked_by = (general.layers[0], Layer("output", ())) if isinstance(network, GraphForm) else general.layers
    given, architecture = build_general_given(
        form, general.architecture, general.layers, len(general.samples), written
    )
    return Problem(
        title=form.title or ("A computation graph" if isinstance(network, GraphForm) else "A network"),
        layers=general.layers,
        samples=general.samples,
        weights=(),
        loss=loss,
        reported_loss=reported,
        given=given.activations,
        stated=given.stated,
        wrt=tuple(dict.fromkeys((*general.wrt, *build_wrt(form, asked_by, written)))),
        architecture=architecture,
    )


def _losses(
    form: ProblemForm, outputs: int, samples: Sequence[Sample], written: Written
) -> tuple[Loss, Loss | None]:
    loss, reported = build_losses(form, outputs, written, len(samples))
    check_loss(loss, samples, ("network", "loss"), written)
    if reported is not None:
        check_loss(reported, samples, asked(form, "reported_loss", written)[1], written)
    return loss, reported


def _with_work(problem: Problem, form: ProblemForm, written: Written, name: str) -> Problem:
    """Return the problem with what is asked of it: updates, rounding, notation, what is shown."""
    parameters = tuple(parameter.name for parameter in problem.parameters)
    units = (*problem.units, *(() if problem.architecture is None else problem.architecture.units))
    partly = bool(problem.given or problem.stated)
    run = build_run(form, parameters, problem.bias_names, len(problem.samples), partly, written)
    problem = replace(
        problem,
        learning_rate=run.learning_rate,
        frozen=run.frozen,
        epochs=run.epochs,
        report_every=run.report_every,
        descent=run.descent,
        rounding=build_rounding(form.rounding, units, parameters, written),
        notation=build_notation(form.notation, units, parameters, written),
        introduction=form.introduction or "",
        listing=form.listing or "",
        name=file_stem(name) if name else file_stem(problem.title).lower(),
        source=Source(written.file, FieldLines(written.lines)),
    )
    return with_show(check_matrix_form(problem, written), form.show, written)


def file_stem(text: str) -> str:
    """Return a name for output files: letters, digits, dots, underscores and hyphens only."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-._")[:60].rstrip("-._") or "problem"
