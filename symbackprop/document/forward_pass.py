"""The forward pass on the page: each unit's net input and activation, then the error."""

from __future__ import annotations

from ..keys import At, key
from ..rules import activation_rule
from ..terms import Number, Term
from . import wording
from .blocks import Line, Table
from .sheet import Lines, Sheet, line

#: Layers with more units than this are shown by their first units and a table of all.
MANY_UNITS = 8


def add_forward_pass(sheet: Sheet, passes: int = 0) -> None:
    """Add every unit's lines; after an update they go straight to the numbers."""
    problem = sheet.problem
    for sample in sheet.graph.samples:
        if sample is not None:
            sheet.part(*_sample_title(sheet, sample))
        for layer in problem.layers[1:]:
            units = [unit for unit in layer.units if unit not in problem.given]
            few = units if len(units) <= MANY_UNITS else units[:2]
            for unit in few:
                title = () if sample is not None else (wording.unit_title(problem, unit),)
                lines = Lines(sheet, *title)
                _add_unit(sheet, lines, unit, sample, passes)
                lines.finish()
            if len(few) < len(units):
                _add_table(sheet, layer.units, sample, passes)


def _sample_title(sheet: Sheet, sample: int) -> list[str | Term]:
    problem = sheet.problem
    data = problem.samples[sample - 1]
    parts: list[str | Term] = [f"Sample {sample}: "]
    for unit in problem.inputs:
        parts += [sheet.term(key(unit, "", sample=sample)), " = ", data.inputs[unit], ", "]
    for unit in problem.outputs:
        parts += [sheet.term(key("target", unit, sample=sample)), " = ", data.targets[unit], ", "]
    return parts[:-1]


def _add_unit(sheet: Sheet, lines: Lines, unit: str, sample: int | None, passes: int) -> None:
    at = At(sample=sample, passes=passes)
    net, act = key("net", unit, **at), key("act", unit, **at)
    lines.derive(net, note=_net_note(sheet, unit, passes))
    _add_activation(sheet, lines, net, act, unit)


def _net_note(sheet: Sheet, unit: str, passes: int) -> Line:
    if passes:
        return line("with the new values") if sheet.first_time("new values") else ()
    if not sheet.first_time("net input"):
        return ()
    biased = any(unit in bias.targets for bias in sheet.problem.biases)
    return line("net input: each input times its weight" + (", plus the bias" if biased else ""))


def _add_activation(sheet: Sheet, lines: Lines, net: str, act: str, unit: str) -> None:
    call = sheet.activation_call(act, sheet.term(net))
    chain: list[tuple[str, Term]] = [] if call is None else [("=", call)]
    chain.append(("=", sheet.formula(act)))
    note: Line = ()
    layer = next(layer for layer in sheet.problem.layers if unit in layer.units)
    assert layer.activation is not None
    if sheet.first_time(f"activation {layer.activation.name}"):
        note = line(f"activation: the {activation_rule(layer.activation.name).title} function")
    if sheet.known(act):
        numbers = sheet.numbers(act)
        if not isinstance(numbers, Number):
            chain.append(("=", numbers))
        chain.append(("=", sheet.result(act)))
        lines.add(sheet.term(act), *chain, *sheet.again(act), result=act, note=note)
    else:
        lines.add(sheet.term(act), *chain, note=note)


def _add_table(sheet: Sheet, units: tuple[str, ...], sample: int | None, passes: int) -> None:
    sheet.text("The other units of the layer in the same way:")
    rows = []
    for unit in units:
        at = At(sample=sample, passes=passes)
        net, act = key("net", unit, **at), key("act", unit, **at)
        if sheet.known(net) and sheet.known(act):
            rows.append(
                (line(sheet.term(net)), line(sheet.value(net)), line(sheet.term(act)), line(sheet.value(act)))
            )
    head = (line("Net input"), line("value"), line("Activation"), line("value"))
    sheet.add(Table(head, tuple(rows), ("left", "right", "left", "right"), breakable=True, small=True))


def add_error(sheet: Sheet, passes: int = 0) -> None:
    """Add the errors of the outputs and the loss."""
    problem = sheet.problem
    samples, outputs = sheet.graph.samples, problem.outputs
    whole = key("loss", "", passes=passes)
    lines = Lines(sheet)
    for sample in samples:
        at = At(sample=sample, passes=passes)
        errors = [key("error", output, **at) for output in outputs]
        named = [error for error in errors if error in sheet.ledger.uses(key("loss", "", **at))]
        for error in named:
            lines.derive(error, note=_error_note(sheet, passes))
        if sample is not None:
            lines.derive(key("loss", "", **at), symbols=sample == 1, note=_error_note(sheet, passes))
    if samples == (None,):
        lines.derive(whole, note=_total_note(sheet, passes))
        lines.finish()
        return
    how = "mean" if problem.loss.reduction == "mean" else "sum"
    lines.derive(whole, note=line(f"the {how} over the samples"))
    if problem.reported_loss is not None:
        reported = key("reported_loss", "", passes=passes)
        lines.derive(reported, note=line("mean squared error, only reported, not descended"))
    lines.finish()


def _error_note(sheet: Sheet, passes: int) -> Line:
    if passes or not sheet.first_time("error"):
        return ()
    return line(
        f"{wording.loss(sheet.problem)} of one {'sample' if len(sheet.graph.samples) > 1 else 'output'}"
    )


def _total_note(sheet: Sheet, passes: int) -> Line:
    outputs = len(sheet.problem.outputs)
    if passes:
        return line("the error after the update")
    if outputs == 1:
        return line(wording.loss(sheet.problem))
    return (
        line(f"{wording.loss(sheet.problem)}, summed over both outputs")
        if outputs == 2
        else line(f"{wording.loss(sheet.problem)}, summed over the {wording.count(outputs, 'output')}")
    )
