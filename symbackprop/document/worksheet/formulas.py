"""The formula sheet: the rules that a problem takes, in the course's notation, without any of its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...derivation.forms import simplified
from ...derivation.joint import combined
from ...formulas.names import Name
from ...formulas.terms import (
    Call,
    Fraction,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Summation,
    Symbol,
    Term,
)
from ...keys import key, parse_key
from ...network.operations import Activation, Node, Operation, UnitActivation
from ...rules import LossRule, activation_rule, is_layer_activation, loss_rule
from .. import update_wording, wording
from ..blocks import Block, Heading
from ..dense.general_form import add_general_lines, general_symbols, index
from ..dense.slopes import function_letter, with_letter
from ..dense.softmax import add_combination, add_jacobian, uses_short_form
from ..general.derivatives import family
from ..penalty import add_penalty_slope
from ..sheet import Lines, Sheet, line
from ..updates import add_rule_lines, add_schedule

#: So many formulas of a kind of layer stand on the sheet.
MOST_OF_A_KIND = 12


def formulas(sheets: Sequence[Sheet]) -> list[Block]:
    """Return the formulas of the problems of a sheet; what several need stands once."""
    blocks: list[Block] = []
    found: dict[tuple[Block, ...], str] = {}
    for sheet in sheets:
        own = Sheet(sheet.problem, sheet.graph, sheet.ledger)
        add_formulas(own)
        found.setdefault(tuple(own.blocks), sheet.problem.title)
    for own_blocks, title in found.items():
        if len(found) > 1:
            blocks.append(Heading(2, line(title)))
        blocks += own_blocks
    return blocks


def add_formulas(sheet: Sheet) -> None:
    """Add the formulas of one problem: forward, activation functions, loss, backward, batch, update."""
    if sheet.problem.architecture is None:
        _add_layer(sheet)
    else:
        _add_stages(sheet)
    for activation in _activations(sheet):
        _add_activation(sheet, activation)
    if sheet.problem.loss.kind != "node":
        _add_loss(sheet)
    if sheet.problem.architecture is None:
        _add_backward(sheet)
    else:
        _add_chain_rule(sheet)
    _add_batch(sheet)
    if sheet.problem.descent.penalty is not None:
        add_penalty_slope(sheet)
    _add_update(sheet)


# --- layers of dense units ----------------------------------------------------------------------------


def _add_layer(sheet: Sheet) -> None:
    of, problem = general_symbols(sheet), sheet.problem
    sheet.text(
        "Unit ", index("i"), " of the layer before feeds unit ", index("j"), " of layer ", index("l"),
        " through a weight; that unit feeds units ", index("k"), " of the layer after.",
    )  # fmt: skip
    lines = Lines(sheet, "Forward pass")
    pair = (of.weight, of.incoming) if sheet.notation.weight_first else (of.incoming, of.weight)
    net: Term = Summation(Product(pair), index("i"))
    if problem.biases:
        net = Sum((net, Negation(of.bias) if problem.thresholds else of.bias))
    said = "" if not problem.biases else ", minus the threshold" if problem.thresholds else ", plus the bias"
    lines.add(of.net, ("=", net), note=line(f"net input: each input times its weight{said}"))
    lines.add(of.activation, ("=", of.function), note=line("activation"))
    lines.finish()


def _add_backward(sheet: Sheet) -> None:
    lines = Lines(sheet, "Backward pass")
    outputs = sheet.problem.outputs
    last = sheet.problem.layers[-1].activation
    if not sheet.graph.joint and last is not None:
        net, output = _unit(sheet.notation.net, len(outputs)), _unit(sheet.notation.output, len(outputs))
        loss, letter = sheet.term("loss"), function_letter(sheet.notation, last).primed()
        slope = Call(letter.base, (net,), letter)
        chain = Product((Partial(loss, output), slope), "dot")
        left = Partial(loss, net)
        lines.add(
            left, ("=", chain), note=line("at an output: the slope of the loss times that of the activation")
        )
    add_general_lines(sheet, lines, update=sheet.problem.learning_rate is not None)
    lines.finish()


# --- networks of any shape ----------------------------------------------------------------------------


def _add_stages(sheet: Sheet) -> None:
    """Add for each kind of stage the formulas of the first quantity of each kind."""
    assert sheet.problem.architecture is not None
    sheet.text("One formula of each kind; the others have other indices.")
    alike: set[str] = set()
    for stage in sheet.problem.architecture.stages:
        kind = re.sub(r"\d+", "#", stage.title)
        if kind in alike:
            continue
        alike.add(kind)
        lines = Lines(sheet, stage.title)
        for operation in _first_of_each_kind(stage.operations, sheet)[:MOST_OF_A_KIND]:
            quantity = operation.key
            note = line(operation.because) if isinstance(operation, Node) and operation.because else ()
            lines.add(sheet.term(quantity), *(("=", term) for term in _readings(sheet, operation)), note=note)
        lines.finish()


def _first_of_each_kind(operations: Sequence[Operation], sheet: Sheet) -> list[Operation]:
    found: dict[str, Operation] = {}
    for operation in operations:
        if operation.key in sheet.ledger.formulas and sheet.ledger.uses(operation.key):
            found.setdefault(family(operation.key), operation)
    return list(found.values())


def _readings(sheet: Sheet, operation: Operation) -> Iterator[Term]:
    if isinstance(operation, UnitActivation):
        net = sheet.term(str(parse_key(operation.key)._replace(kind="net")))
        call = sheet.activation_call(operation.key, net)
        if call is not None:
            yield call
    yield sheet.formula(operation.key)


def _add_chain_rule(sheet: Sheet) -> None:
    lines = Lines(sheet, "Backward pass")
    loss, variable, user = sheet.term("loss"), index("v"), index("u")
    chain = Summation(Product((Partial(loss, user), Partial(user, variable)), "dot"), user)
    note = line("the sum is over every ", user, " that uses ", variable)
    lines.add(Partial(loss, variable), ("=", chain), note=note)
    lines.finish()


# --- activation functions -----------------------------------------------------------------------------


def _activations(sheet: Sheet) -> list[Activation]:
    """Return the activation functions that are used, each once."""
    layers = [layer.activation for layer in sheet.problem.layers[1:]]
    made = [getattr(operation, "activation", None) for operation in sheet.graph.operations]
    found: list[Activation] = []
    for activation in (*layers, *made):
        if activation is not None and activation not in found and activation.name != "identity":
            found.append(activation)
    return found


def _add_activation(sheet: Sheet, activation: Activation) -> None:
    if is_layer_activation(activation):
        add_jacobian(sheet, activation)
        joined = [layer.activation for layer in sheet.graph.joint.values() if combined(sheet.graph, layer)]
        if uses_short_form(sheet) and activation in joined:
            add_combination(sheet, activation)
        return
    rule, settings = activation_rule(activation), activation.settings
    variable = Symbol(Name(sheet.notation.net if len(sheet.notation.net) == 1 else "z"), "z")
    letter = function_letter(sheet.notation, activation)
    value = Call(letter.base, (variable,), letter)
    title = wording.function_title(rule.title)
    lines = Lines(sheet, title[0].upper() + title[1:])
    lines.add(value, ("=", simplified(rule.formula(variable, settings))))
    slope = Call(letter.base, (variable,), letter.primed())
    lines.add(slope, ("=", simplified(rule.derivative(variable, value, settings))), note=line(rule.because))
    lines.finish()
    if rule.kink_convention:
        sheet.text(*with_letter(rule.kink_statement(settings), variable), small=True)


# --- the loss -----------------------------------------------------------------------------------------


def _add_loss(sheet: Sheet) -> None:
    problem = sheet.problem
    rule = loss_rule(problem.loss)
    title = wording.loss(problem)
    lines = Lines(sheet, title[0].upper() + title[1:])
    if isinstance(rule, LossRule):
        outputs = len(problem.outputs)
        target, output = _unit(sheet.notation.target, outputs), _unit(sheet.notation.output, outputs)
        error = _unit(sheet.notation.error, outputs)
        lines.add(error, ("=", rule.formula(target, output, outputs)), note=line("of one output"))
        if outputs > 1:
            lines.add(
                sheet.term("loss"), ("=", Summation(error, index("k"))), note=line("the sum over the outputs")
            )
        slope = rule.derivative(target, output, outputs)
        lines.add(Partial(error, output), ("=", slope), note=line(rule.because))
    else:
        sample = sheet.graph.samples[0]
        whole, first = key("loss", "", sample=sample), key("dE_dact", problem.outputs[0], sample=sample)
        lines.add(sheet.term(whole), ("=", sheet.formula(whole)), note=line("over all outputs of a sample"))
        if first in sheet.ledger.formulas:
            lines.add(sheet.term(first), ("=", sheet.formula(first)), note=line(rule.because))
    lines.finish()


def _unit(letter: str, outputs: int) -> Symbol:
    name = Name.parse(letter)
    return Symbol(name.with_sub("k") if outputs > 1 else name)


def _add_batch(sheet: Sheet) -> None:
    """Add how samples are joined: the loss, and with it every gradient."""
    samples = len(sheet.graph.samples)
    if samples < 2:
        return
    loss, weight = sheet.term("loss"), general_weight(sheet)
    one = Symbol(Name.parse(sheet.notation.loss).with_sub("s"))
    mean = sheet.problem.loss.reduction == "mean"
    share: tuple[Term, ...] = (Fraction(Number("1"), index("N")),) if mean else ()
    lines = Lines(sheet, "Several samples")
    how = "the mean over the samples" if mean else "the sum over the samples"
    lines.add(loss, ("=", Product((*share, Summation(one, index("s"))))), note=line(how))
    gradients = Summation(Partial(one, weight), index("s"))
    lines.add(
        Partial(loss, weight), ("=", Product((*share, gradients))), note=line("and so is every gradient")
    )
    lines.finish()


def general_weight(sheet: Sheet) -> Symbol:
    """Return the letter of any weight."""
    return Symbol(Name.parse(sheet.notation.weight or "w"))


# --- the update ---------------------------------------------------------------------------------------


def _add_update(sheet: Sheet) -> None:
    problem = sheet.problem
    if problem.learning_rate is None:
        return
    if not problem.descent.plain:
        add_rule_lines(sheet)
        lines = Lines(sheet, "The learning rate")
        add_schedule(sheet, lines)
        if lines.started:
            lines.finish()
        if problem.descent.clip is not None and problem.descent.clip.kind == "norm":
            _add_clipping(sheet)
        said = update_wording.conventions(problem.descent)
        if said:
            sheet.text(" ".join(said), small=True)
    elif problem.architecture is not None:
        lines = Lines(sheet, "Update")
        weight, rate = general_weight(sheet), sheet.term("learning_rate")
        step = Product((rate, Partial(sheet.term("loss"), weight)))
        lines.add(
            weight, ("from", Sum((weight, Negation(step)))), note=line(update_wording.direction(problem))
        )
        lines.finish()


def _add_clipping(sheet: Sheet) -> None:
    """Add the norm of all gradients and the factor by which they are shortened."""
    lines = Lines(sheet, "Clipping")
    weight = general_weight(sheet)
    square = Summation(Power(Partial(sheet.term("loss"), weight), Number("2")), weight)
    lines.add(sheet.term("gradient_norm"), ("=", Call("sqrt", (square,))), note=line("over all parameters"))
    lines.add(sheet.term("clip_factor"), ("=", sheet.formula("clip_factor")))
    lines.finish()
