"""The backward pass by the delta rule: error terms back through the layers, then all the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...formulas.terms import Negation, Partial, Symbol, Term
from ...keys import key, parse_key
from .. import wording
from ..blocks import Line
from ..layout.tables import in_columns
from ..sheet import Lines, Sheet, line
from .backward_pass import add_gradient_table
from .error_terms import sources
from .shown import Shown, say_omitted, say_other_samples, shown_at, shown_samples
from .slopes import add_slopes, function_letter
from .softmax import uses_short_form


def add_residuals(sheet: Sheet, passes: int = 0) -> None:
    """Add target minus output for every sample and output."""
    deltas = (key("delta", output, sample=sheet.graph.samples[0]) for output in sheet.problem.outputs)
    if not any("residual." in used for delta in deltas for used in sheet.ledger.uses(delta)):
        return
    lines = Lines(sheet)
    for sample in shown_samples(sheet):
        for output in sheet.problem.outputs:
            residual = key("residual", output, sample=sample, passes=passes)
            note = line("target minus output") if sheet.first_time("residual") else ()
            lines.derive(residual, note=note, symbols=sample in (None, 1) and not passes)
    lines.finish()


def add_delta_rule(sheet: Sheet) -> None:
    """Add the error terms, layer by layer from the output, and then every step."""
    problem = sheet.problem
    shown = {index: shown_at(sheet, index) for index in range(len(problem.layers) - 1, 0, -1)}
    samples = shown_samples(sheet)
    for index in shown:
        if sheet.selection.restricted and not any(shown[i].derived for i in range(index, 0, -1)):
            break  # no error term from here on is needed
        layer = problem.layers[index]
        assert layer.activation is not None
        sheet.section("Error terms: ", wording.layer_title(problem, index))
        add_slopes(sheet, [layer.activation])
        _add_definition(sheet, layer.units[0], index)
        derived, tabulated, omitted = sheet.selection.split_units(layer.units)
        for sample in samples:
            lines = Lines(sheet, *(() if sample is None else (f"Sample {sample}",)))
            for unit in derived:
                _add_delta(sheet, lines, unit, sample)
            lines.finish()
            if tabulated:
                _add_delta_table(sheet, (*derived, *tabulated), sample)
        say_other_samples(sheet, samples)
        say_omitted(sheet, omitted, "unit")
    if problem.learning_rate is None:
        sheet.text(
            "The gradient of a weight is minus the error term of the unit it leads to times what it carries; "
            "all of them follow in the table."
        )
        return
    if not problem.descent.plain:
        _add_gradients(sheet, shown)
        return
    for index, parts in shown.items():
        if not parts.listed:
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
        for parameter in parts.derived:
            lines = Lines(
                sheet, f"{wording.parameter_kind(parameter, sheet.problem)} ", sheet.term(parameter.name)
            )
            lines.derive(key("step", parameter.name))
            lines.derive(sheet.ledger.vocabulary.parameter(parameter.name, 1))
            lines.finish()
        _add_other_steps(sheet, parts)


def _add_gradients(sheet: Sheet, shown: Mapping[int, Shown]) -> None:
    """Add the gradients, where the step is more than a rate times error term times what comes in."""
    for index, parts in shown.items():
        if not parts.listed:
            continue
        sheet.section("Gradients: ", wording.layer_title(sheet.problem, index))
        for parameter in parts.derived:
            kind = wording.parameter_kind(parameter, sheet.problem)
            lines = Lines(sheet, f"{kind} ", sheet.term(parameter.name))
            for sample in sheet.graph.samples if None not in sheet.graph.samples else ():
                lines.derive(key("grad", parameter.name, sample=sample))
            lines.derive(key("grad", parameter.name))
            if sheet.problem.descent.inline:
                lines.derive(sheet.ledger.vocabulary.parameter(parameter.name, 1))
            lines.finish()
        if parts.tabulated:
            sheet.text("The other gradients of the layer in the same way:")
            add_gradient_table(sheet, parts.tabulated)


def _add_delta_table(sheet: Sheet, units: Sequence[str], sample: int | None) -> None:
    """Add a table of a layer's error terms."""
    sheet.text("The other error terms of the layer in the same way:")
    deltas = [key("delta", unit, sample=sample) for unit in units]
    pairs = [(line(sheet.term(delta)), line(sheet.value(delta))) for delta in deltas if sheet.known(delta)]
    sheet.add(in_columns(pairs, (line("Error term"), line("value"))))


def _add_other_steps(sheet: Sheet, shown: Shown) -> None:
    """Add a table of the steps of a layer where not all are derived, and say what it leaves out."""
    if shown.tabulated:
        sheet.text("The other steps of the layer in the same way:")
        steps = [(parameter.name, key("step", parameter.name)) for parameter in shown.tabulated]
        pairs = [(line(sheet.term(name)), line(sheet.value(s))) for name, s in steps if sheet.known(s)]
        sheet.add(in_columns(pairs, (line("Parameter"), line("step"))))
    say_omitted(sheet, shown.omitted, "parameter")


def _add_definition(sheet: Sheet, unit: str, index: int) -> None:
    """Add where the error term comes from: minus the derivative of the error by the net input."""
    sample = sheet.graph.samples[0]
    delta = key("delta", unit, sample=sample)
    if delta not in sheet.ledger.formulas or not sheet.first_time(f"delta {index}"):
        return
    whole = sheet.term("loss")
    net, act = sheet.term(key("net", unit, sample=sample)), sheet.term(key("act", unit, sample=sample))
    lines = Lines(sheet, "Where the error term comes from")
    if unit in sheet.graph.joint:
        lines.add(
            sheet.term(delta),
            ("=", Negation(Partial(whole, net))),
            note=line("minus the derivative, because a step goes down"),
        )
        short = uses_short_form(sheet) and unit in sheet.problem.outputs
        why = "as derived above" if short else "every output of the layer depends on this net input"
        lines.add(None, ("=", sheet.formula(delta)), note=line(why))
        lines.finish()
        return
    lines.add(
        sheet.term(delta),
        ("=", Negation(Partial(whole, net))),
        ("=", Negation(_product(Partial(whole, act), Partial(act, net)))),
        note=line("minus the derivative, because a step goes down"),
    )
    lines.add(None, ("=", sheet.formula(delta)), note=source_note(sheet, unit))
    lines.finish()


def source_note(sheet: Sheet, unit: str) -> Line:
    fed = [weight.target for weight in sheet.problem.connections if weight.source == unit]
    activation = next(layer.activation for layer in sheet.problem.layers if unit in layer.units)
    assert activation is not None
    letter = Symbol(function_letter(sheet.notation, activation))
    if not fed and sheet.problem.loss.kind == "half_squared_error" and sheet.problem.loss.constant is None:
        return line("the slope of ", letter, " times target minus output")
    if not fed:
        return line("minus the loss's own derivative, times the slope of ", letter)
    way = "the unit it feeds" if len(fed) == 1 else f"the {wording.count(len(fed), 'unit')} it feeds"
    return line("the slope of ", letter, f" times what comes back from {way}")


def _product(*factors: Term) -> Term:
    from ...formulas.terms import Product

    return Product(factors, "dot")


def _add_delta(sheet: Sheet, lines: Lines, unit: str, sample: int | None) -> None:
    delta = key("delta", unit, sample=sample)
    used = [u for u in sheet.ledger.uses(delta) if parse_key(u).kind in ("delta", "residual")]
    found = sheet.references(used)
    note: Line = ()
    if found and sheet.first_time(f"delta source {unit}"):
        note = sources(sheet, found)
    lines.derive(delta, note=note, symbols=sample in (None, 1))


__all__ = ["add_delta_rule", "add_residuals"]
