"""From what is written to a problem, in one pass: form, structure, data, training, display."""

from __future__ import annotations

import re

from .connections import check_connections, layers_in_computing_order
from .data import build_given, build_samples
from .display import build_notation, build_rounding
from .faults import Written, field_path
from .knowledge import check_knowledge
from .problem import Problem, Source
from .structure import build_structure
from .training import (
    asked,
    build_epochs,
    build_frozen,
    build_losses,
    build_rate,
    check_loss,
    fill_start,
)
from .translate import check_form


def build_problem(written: Written, name: str = "") -> Problem:
    """Return the problem that is written.

    Args:
        written: the plain data and its lines.
        name: the stem of output files; made from the title if there is none.

    Raises:
        ProblemError: it cannot be used; the text says where and why.
    """
    form = check_form(written)
    network = form.network
    structure = build_structure(network, written)
    check_connections(structure, written)
    units = tuple(unit for layer in structure.layers for unit in layer.units)
    samples = build_samples(network, structure, written)
    given = build_given(form, structure, len(samples), written)
    loss, reported = build_losses(form, len(structure.layers[-1].units), written)
    check_loss(loss, structure.layers[-1], samples, ("network", "loss"), written)
    if reported is not None:
        place = asked(form, "reported_loss", written)[1]
        check_loss(reported, structure.layers[-1], samples, place, written)
    rate = build_rate(network, written)
    epochs, report_every = build_epochs(form, rate, bool(given), written)
    weights = fill_start([weight for weight, _ in structure.weights], network.initialisation)
    biases = tuple(bias for bias, _ in structure.biases)
    if not isinstance(network.initialisation, str):
        check_knowledge(structure, weights, biases, given, written)
    parameters = tuple(parameter.name for parameter, _ in structure.parameters)
    title = form.title or f"A {'-'.join(str(len(layer.units)) for layer in structure.layers)} network"
    return Problem(
        title=title,
        layers=layers_in_computing_order(structure),
        samples=samples,
        weights=weights,
        biases=biases,
        loss=loss,
        reported_loss=reported,
        learning_rate=rate,
        frozen=build_frozen(form, parameters, written),
        epochs=epochs,
        report_every=report_every,
        given=given,
        rounding=build_rounding(form.rounding, units, parameters, written),
        notation=build_notation(form.notation, units, parameters, written),
        introduction=form.introduction or "",
        name=file_stem(name) if name else file_stem(title).lower(),
        source=Source(written.file, {field_path(path): line for path, line in written.lines.items()}),
    )


def file_stem(text: str) -> str:
    """Return a name for output files: letters, digits, dots, underscores and hyphens only."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-._")[:60].rstrip("-._") or "problem"
