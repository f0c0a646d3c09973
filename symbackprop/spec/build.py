"""From what is written to a problem, in one pass: form, structure, data, training, display."""

from __future__ import annotations

import re

from .batch import is_matrix
from .connections import check_connections, layers_in_computing_order
from .data import build_samples
from .display import build_notation, build_rounding
from .faults import Written, field_path
from .given import build_given, build_wrt
from .knowledge import check_knowledge
from .losses import build_losses, check_loss
from .matrix_form import check_matrix_form
from .model import ProblemForm
from .problem import Loss, Problem, Source
from .show import with_show
from .structure import build_structure
from .training import (
    asked,
    fill_start,
)
from .translate import check_form, root_form
from .updates import build_run


def build_problem(written: Written, name: str = "") -> Problem:
    """Return the problem that is written.

    Args:
        written: the plain data and its lines.
        name: the stem of output files; made from the title if there is none.

    Raises:
        ProblemError: it cannot be used; the text says where and why.
    """
    form = check_form(written)
    if root_form(written.data) is not ProblemForm:
        return build_general_problem(form, written, name)
    network = form.network
    structure = build_structure(network, written)
    check_connections(structure, written)
    units = tuple(unit for layer in structure.layers for unit in layer.units)
    partly = any((form.given, network.given, network.given_activations))
    samples = build_samples(network, structure, written, partly=partly)
    given = build_given(form, structure, len(samples), written)
    loss, reported = build_losses(form, len(structure.layers[-1].units), written, len(samples))
    check_loss(loss, samples, ("network", "loss"), written)
    if reported is not None:
        place = asked(form, "reported_loss", written)[1]
        check_loss(reported, samples, place, written)
    weights = fill_start([weight for weight, _ in structure.weights], network.initialisation)
    biases = tuple(bias for bias, _ in structure.biases)
    if not given and not isinstance(network.initialisation, str):
        check_knowledge(structure, weights, biases, written)
    parameters = tuple(parameter.name for parameter, _ in structure.parameters)
    own = {bias.name for bias in biases}
    run = build_run(form, parameters, own, len(samples), bool(given), written)
    title = form.title or f"A {'-'.join(str(len(layer.units)) for layer in structure.layers)} network"
    problem = Problem(
        title=title,
        layers=layers_in_computing_order(structure),
        samples=samples,
        weights=weights,
        biases=biases,
        loss=loss,
        reported_loss=reported,
        learning_rate=run.learning_rate,
        frozen=run.frozen,
        epochs=run.epochs,
        report_every=run.report_every,
        descent=run.descent,
        given=given.activations,
        stated=given.stated,
        wrt=build_wrt(form, structure.layers, written),
        thresholds=network.thresholds,
        sample_layout=network.sample_layout if is_matrix(network.inputs) else "",
        weight_layout=network.layout if "layout" in network.model_fields_set else "",
        rounding=build_rounding(form.rounding, units, parameters, written),
        notation=build_notation(form.notation, units, parameters, written),
        introduction=form.introduction or "",
        listing=form.listing or "",
        name=file_stem(name) if name else file_stem(title).lower(),
        source=Source(written.file, {field_path(path): line for path, line in written.lines.items()}),
    )
    return with_show(check_matrix_form(problem, written), form.show, written)


def build_general_problem(form: ProblemForm, written: Written, name: str = "") -> Problem:
    """Return the problem of a network of any shape.

    Raises:
        ProblemError: it cannot be used.
    """
    from .general import build_layers, build_nodes
    from .general_forms import GraphForm

    network = form.network
    if isinstance(network, GraphForm):
        general, loss, reported = build_nodes(network, written), Loss("node", network.reduction), None
    else:
        general = build_layers(network, written)  # type: ignore[arg-type]
        loss, reported = build_losses(form, len(general.layers[-1].units), written, len(general.samples))
        check_loss(loss, general.samples, ("network", "loss"), written)
    parameters = tuple(parameter.name for parameter in general.architecture.parameters)
    own = {name for name in parameters if name.startswith("b")}  # as every layer type names its biases
    run = build_run(form, parameters, own, len(general.samples), False, written)
    units = (*general.layers[0].units, *general.units)
    title = form.title or "A computation graph"
    problem = Problem(
        title=title,
        layers=general.layers,
        samples=general.samples,
        weights=(),
        loss=loss,
        reported_loss=reported,
        learning_rate=run.learning_rate,
        frozen=run.frozen,
        epochs=run.epochs,
        report_every=run.report_every,
        descent=run.descent,
        rounding=build_rounding(form.rounding, units, parameters, written),
        notation=build_notation(form.notation, units, parameters, written),
        introduction=form.introduction or "",
        listing=form.listing or "",
        name=file_stem(name) if name else file_stem(title).lower(),
        source=Source(written.file, {field_path(path): line for path, line in written.lines.items()}),
        wrt=general.wrt or build_wrt(form, general.layers, written),
        architecture=general.architecture,
    )
    return check_matrix_form(problem, written)


def file_stem(text: str) -> str:
    """Return a name for output files: letters, digits, dots, underscores and hyphens only."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-._")[:60].rstrip("-._") or "problem"
