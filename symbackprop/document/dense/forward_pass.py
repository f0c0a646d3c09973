"""The forward pass on the page: each unit's net input and activation, then the error."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...derivation.joint import targets_of
from ...derivation.penalties import data_loss
from ...formulas.terms import Term
from ...keys import At, key
from ...numbers.digits import number_value
from ...rules import is_layer_activation, layer_rule, loss_rule
from ...rules.activation import turning_points
from ...rules.losses import DISTRIBUTION
from .. import wording
from ..blocks import Line, Table
from ..penalty import add_loss, add_penalty
from ..sheet import Lines, Sheet, line
from .shown import say_other_samples, shown_samples

#: A title gives a sample's inputs and targets where there are not more than these.
FEW_NUMBERS = 12

#: Up to this many net inputs of a layer are one block.
FEW_TOGETHER = 2

#: A table of more units is set in two halves side by side.
MANY_ROWS = 24


def add_forward_pass(sheet: Sheet, passes: int = 0) -> None:
    """Add every unit's lines; after an update they go straight to the numbers."""
    problem = sheet.problem
    samples = shown_samples(sheet)
    for sample in samples:
        if sample is not None:
            sheet.part(*_sample_title(sheet, sample))
        for number, layer in enumerate(problem.layers[1:], start=1):
            derived, tabulated, omitted = sheet.selection.split_units(
                unit for unit in layer.units if unit not in problem.given
            )
            if is_layer_activation(layer.activation) and derived:
                _add_layer(sheet, derived, sample, passes)
            for unit in () if is_layer_activation(layer.activation) else derived:
                title = () if sample is not None else (wording.unit_title(problem, unit),)
                lines = Lines(sheet, *title)
                _add_unit(sheet, lines, unit, sample, passes)
                lines.finish()
            if tabulated:
                left_out = frozenset((*omitted, *derived))
                listed = tuple(unit for unit in layer.units if unit not in left_out)
                whole = "" if derived else wording.layer_title(problem, number)
                _add_table(sheet, listed, sample, passes, whole)
            if omitted and sheet.first_time("omitted units"):
                sheet.text(f"The other {wording.count(len(omitted), 'unit')} are left out here.", small=True)
    say_other_samples(sheet, samples)


def _sample_title(sheet: Sheet, sample: int) -> list[str | Term]:
    problem = sheet.problem
    data = problem.samples[sample - 1]
    if len(problem.inputs) + len(problem.outputs) > FEW_NUMBERS:
        return [f"Sample {sample}"]
    parts: list[str | Term] = [f"Sample {sample}: "]
    for unit in problem.inputs:
        parts += [sheet.term(key(unit, "", sample=sample)), " = ", data.inputs[unit], ", "]
    for unit in problem.outputs:
        parts += [sheet.term(key("target", unit, sample=sample)), " = ", data.targets[unit], ", "]
    return parts[:-1]


def _add_layer(sheet: Sheet, units: Sequence[str], sample: int | None, passes: int) -> None:
    """Add a layer with one activation for all units: every net input first, then the activations."""
    nets, acts = Lines(sheet, "Net inputs of the layer"), Lines(sheet, "Activations of the layer")
    for index, unit in enumerate(units):
        at = At(sample=sample, passes=passes)
        net, act = key("net", unit, **at), key("act", unit, **at)
        if index and len(units) > FEW_TOGETHER:
            nets.finish()  # one by one, so that a page may end between them
            nets = Lines(sheet)
        nets.derive(net, note=net_note(sheet, unit, passes))
        _add_activation(sheet, acts, net, act, unit)
    nets.finish()
    acts.finish()


def _add_unit(sheet: Sheet, lines: Lines, unit: str, sample: int | None, passes: int) -> None:
    at = At(sample=sample, passes=passes)
    net, act = key("net", unit, **at), key("act", unit, **at)
    lines.derive(net, note=net_note(sheet, unit, passes))
    _add_activation(sheet, lines, net, act, unit)


def net_note(sheet: Sheet, unit: str, passes: int) -> Line:
    """Return what a net input is made of, the first time that it is asked for."""
    if passes:
        return line("with the new values") if sheet.first_time("new values") else ()
    if not sheet.first_time("net input"):
        return ()
    biased = any(unit in bias.targets for bias in sheet.problem.biases)
    last = ", minus the threshold" if sheet.problem.thresholds else ", plus the bias"
    return line("net input: each input times its weight" + (last if biased else ""))


def _add_activation(sheet: Sheet, lines: Lines, net: str, act: str, unit: str) -> None:
    call = sheet.activation_call(act, sheet.term(net))
    chain: list[tuple[str, Term]] = [] if call is None else [("=", call)]
    chain.append(("=", sheet.formula(act)))
    note: Line = ()
    layer = next(layer for layer in sheet.problem.layers if unit in layer.units)
    assert layer.activation is not None
    if sheet.first_time(f"activation {layer.activation}"):
        note = line(f"activation: {wording.function_title(wording.activation_title(layer.activation))}")
        if is_layer_activation(layer.activation):
            note = (*note, *line(": " + layer_rule(layer.activation).definition))
    if sheet.known(act):
        chain += sheet.worked(act)
        lines.add(sheet.term(act), *chain, *sheet.again(act), result=act, note=sheet.case_note(act, note))
    else:
        lines.add(sheet.term(act), *chain, note=note)


def _add_table(
    sheet: Sheet, units: tuple[str, ...], sample: int | None, passes: int, whole: str = ""
) -> None:
    """Add a table of a layer's units: of the others, or of the `whole` layer of that name."""
    what = whole.capitalize() if whole else "The other units of the layer"
    sheet.text(f"{what} in the same way:")
    rows: list[tuple[Line, ...]] = []
    for unit in units:
        at = At(sample=sample, passes=passes)
        net, act = key("net", unit, **at), key("act", unit, **at)
        if sheet.known(net) and sheet.known(act):
            rows.append(
                (line(sheet.term(net)), line(sheet.value(net)), line(sheet.term(act)), line(sheet.value(act)))
            )
    head: tuple[Line, ...] = (line("Net input"), line("value"), line("Activation"), line("value"))
    align: tuple[str, ...] = ("left", "right", "left", "right")
    if len(rows) > MANY_ROWS:  # two halves side by side
        half = (len(rows) + 1) // 2
        rows.append(((), (), (), ()))
        rows = [(*rows[index], *rows[index + half]) for index in range(half)]
        head, align = (*head, *head), (*align, *align)
    sheet.add(Table(head, tuple(rows), align, breakable=True, small=True))


def add_error(sheet: Sheet, passes: int = 0) -> None:
    """Add the errors of the outputs and the loss."""
    problem = sheet.problem
    samples, outputs = sheet.graph.samples, problem.outputs
    lines = Lines(sheet)
    listed = shown_samples(sheet)
    for sample in listed:
        at = At(sample=sample, passes=passes)
        errors = [key("error", output, **at) for output in outputs]
        named = [error for error in errors if error in sheet.ledger.uses(data_loss(sheet.graph, **at))]
        for error in named:
            lines.derive(error, note=error_note(sheet, passes))
        if sample is not None:
            lines.derive(key("loss", "", **at), symbols=sample == listed[0], note=error_note(sheet, passes))
    if samples == (None,):
        add_loss(sheet, lines, passes, total_note(sheet, passes))
        lines.finish()
        _add_conventions(sheet)
        add_penalty(sheet)
        return
    how = "mean" if problem.loss.reduction == "mean" else "sum"
    batch = " of this batch" if sheet.graph.batch else ""
    several = len(samples) > 1
    whole_note = f"the {how} over the samples{batch}" if several else "that of the only sample of this batch"
    add_loss(sheet, lines, passes, line(whole_note))
    if problem.reported_loss is not None:
        reported = key("reported_loss", "", passes=passes)
        title = wording.loss_title(problem.reported_loss)
        lines.derive(reported, note=line(f"{title}, only reported, not descended"))
    lines.finish()
    _add_conventions(sheet)
    add_penalty(sheet)


def _target_totals(sheet: Sheet, sample: int | None) -> list[Fraction]:
    """Return what a sample's targets sum to; of outputs at several time steps, those of each step."""
    data = sheet.problem.samples[(sample or 1) - 1]
    if not all(output in data.targets for output in sheet.problem.outputs):
        return []  # not given
    targets, steps = targets_of(sheet.problem, sheet.ledger, sample), dict[str, Fraction]()
    if not targets.values:
        return [targets.total]
    for output, number in zip(sheet.problem.outputs, targets.values, strict=True):
        step = sheet.graph.parts.get(key("act", output, sample=sample), "")
        steps[step] = steps.get(step, Fraction(0)) + number
    return list(steps.values())


def _add_conventions(sheet: Sheet) -> None:
    """State, once, what is taken for granted about the loss: its targets, and its derivative at a kink."""
    problem, rule = sheet.problem, loss_rule(sheet.problem.loss)
    if not sheet.first_time("loss conventions"):
        return
    if rule.targets == DISTRIBUTION:
        totals = [total for sample in sheet.graph.samples for total in _target_totals(sheet, sample)]
        if any(total != 1 for total in totals):
            which = "do not sum to 1" if len(totals) == 1 else "of some samples do not sum to 1"
            sheet.text(
                f"The targets {which}: they are taken as they are, as weights of the outputs.", small=True
            )
    if rule.name in ("cross_entropy", "kl_divergence", "binary_cross_entropy") and any(
        number_value(target) in (0, 1) for sample in problem.samples for target in sample.targets.values()
    ):
        sheet.text("A target of 0 takes its logarithm out of the sum: 0 times ln counts as 0.", small=True)
    if rule.kink_convention and any(_on_kink(sheet, sample) for sample in sheet.graph.samples):
        sheet.text(rule.kink_convention, small=True)


def _on_kink(sheet: Sheet, sample: int | None) -> bool:
    """Return whether one sample's loss sits exactly on a kink."""
    formulas = [sheet.ledger.formulas.get(key("loss", "", sample=sample))]
    formulas += [
        sheet.ledger.formulas.get(key("error", output, sample=sample)) for output in sheet.problem.outputs
    ]
    terms = [term for formula in formulas if formula is not None for term in turning_points(formula)]
    return any(sheet.is_zero(term) for term in terms)


def error_note(sheet: Sheet, passes: int) -> Line:
    """Return what the error of one output, or of one sample, is, the first time that it is asked for."""
    if passes or not sheet.first_time("error"):
        return ()
    several = len(sheet.graph.samples) > 1 or loss_rule(sheet.problem.loss).joint
    return line(f"{wording.loss(sheet.problem)} of one {'sample' if several else 'output'}")


def total_note(sheet: Sheet, passes: int) -> Line:
    """Return how the loss is put together."""
    outputs = len(sheet.problem.outputs)
    if passes:
        return line("the error after the update")
    if outputs == 1 and "error" in sheet.explained:
        return line("that of the only output")
    if outputs == 1 or loss_rule(sheet.problem.loss).joint:
        return line(wording.loss(sheet.problem))
    return (
        line(f"{wording.loss(sheet.problem)}, summed over both outputs")
        if outputs == 2
        else line(f"{wording.loss(sheet.problem)}, summed over the {wording.count(outputs, 'output')}")
    )
