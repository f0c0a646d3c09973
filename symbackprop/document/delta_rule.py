"""The backward pass by the delta rule: error terms back through the layers, then all the steps."""

from __future__ import annotations

from ..keys import key, parse_key
from ..terms import Negation, Partial, Symbol, Term
from . import wording
from .backward_pass import trained_at
from .blocks import Line
from .sheet import Lines, Sheet, line
from .slopes import add_slopes, function_letter


def add_residuals(sheet: Sheet, passes: int = 0) -> None:
    """Add target minus output for every sample and output."""
    deltas = (key("delta", output, sample=sheet.graph.samples[0]) for output in sheet.problem.outputs)
    if not any("residual." in used for delta in deltas for used in sheet.ledger.uses(delta)):
        return
    lines = Lines(sheet)
    for sample in sheet.graph.samples:
        for output in sheet.problem.outputs:
            residual = key("residual", output, sample=sample, passes=passes)
            note = line("target minus output") if sheet.first_time("residual") else ()
            lines.derive(residual, note=note, symbols=sample in (None, 1) and not passes)
    lines.finish()


def add_delta_rule(sheet: Sheet) -> None:
    """Add the error terms, layer by layer from the output, and then every step."""
    problem = sheet.problem
    for index in range(len(problem.layers) - 1, 0, -1):
        layer = problem.layers[index]
        assert layer.activation is not None
        sheet.section("Error terms: ", wording.layer_title(problem, index))
        add_slopes(sheet, [layer.activation])
        _add_definition(sheet, layer.units[0], index)
        for sample in sheet.graph.samples:
            lines = Lines(sheet, *(() if sample is None else (f"Sample {sample}",)))
            for unit in layer.units:
                _add_delta(sheet, lines, unit, sample)
            lines.finish()
    if problem.learning_rate is None:
        sheet.text(
            "The gradient of a weight is minus the error term of the unit it leads to times what it carries; "
            "all of them follow in the table."
        )
        return
    for index in range(len(problem.layers) - 1, 0, -1):
        parameters = trained_at(problem, index)
        if not parameters:
            continue
        sheet.section("Steps: ", wording.layer_title(problem, index))
        if sheet.first_time("step rule"):
            sheet.text(
                "A weight changes by the learning rate times the error term of the unit it leads to times "
                "what it carries; the error term already has the sign of the way down, so the step is added."
                + (
                    " Over a batch the contributions of all samples are summed."
                    if len(problem.samples) > 1
                    else ""
                )
            )
        for parameter in parameters:
            lines = Lines(sheet, f"{wording.parameter_kind(parameter)} ", sheet.term(parameter.name))
            lines.derive(key("step", parameter.name))
            lines.derive(sheet.ledger.vocabulary.parameter(parameter.name, 1))
            lines.finish()


def _add_definition(sheet: Sheet, unit: str, index: int) -> None:
    """Add where the error term comes from: minus the derivative of the error by the net input."""
    if not sheet.first_time(f"delta {index}"):
        return
    sample = sheet.graph.samples[0]
    delta = key("delta", unit, sample=sample)
    whole = sheet.term("loss")
    net, act = sheet.term(key("net", unit, sample=sample)), sheet.term(key("act", unit, sample=sample))
    lines = Lines(sheet, "Where the error term comes from")
    lines.add(
        sheet.term(delta),
        ("=", Negation(Partial(whole, net))),
        ("=", Negation(_product(Partial(whole, act), Partial(act, net)))),
        note=line("minus the derivative, because a step goes down"),
    )
    lines.add(None, ("=", sheet.formula(delta)), note=_source_note(sheet, unit))
    lines.finish()


def _source_note(sheet: Sheet, unit: str) -> Line:
    fed = [weight.target for weight in sheet.problem.weights if weight.source == unit]
    activation = next(layer.activation for layer in sheet.problem.layers if unit in layer.units)
    assert activation is not None
    letter = Symbol(function_letter(sheet.notation, activation))
    if not fed:
        return line("the slope of ", letter, " times target minus output")
    way = "the unit it feeds" if len(fed) == 1 else f"the {wording.count(len(fed), 'unit')} it feeds"
    return line("the slope of ", letter, f" times what comes back from {way}")


def _product(*factors: Term) -> Term:
    from ..terms import Product

    return Product(factors, "dot")


def _add_delta(sheet: Sheet, lines: Lines, unit: str, sample: int | None) -> None:
    delta = key("delta", unit, sample=sample)
    used = [u for u in sheet.ledger.uses(delta) if parse_key(u).kind in ("delta", "residual")]
    found = sheet.references(used)
    note: Line = ()
    if found and sheet.first_time(f"delta source {unit}"):
        note = line(
            "with ",
            *(part for _, reference in found[:1] for part in (sheet.term(used[0]), " from ", reference)),
        )
    lines.derive(delta, note=note, symbols=sample in (None, 1))


__all__ = ["add_delta_rule", "add_residuals"]
