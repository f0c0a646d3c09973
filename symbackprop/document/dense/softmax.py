"""Softmax on the page: its Jacobian, and what it and cross-entropy combine to, derived once per sheet."""

from __future__ import annotations

from ...derivation.joint import combined, targets_of
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
from ...keys import key
from ...network.operations import Activation
from ...rules import LossRule, is_layer_activation, layer_rule, loss_rule
from ...rules.loss import scaled
from ..sheet import Lines, Sheet, line, operator

_TOTAL = Symbol(Name("S"), "S")


def add_jacobian(sheet: Sheet, activation: Activation) -> None:
    """Add where the derivatives of an activation of a whole layer come from, in indices."""
    rule = layer_rule(activation)
    i, j = _index("i"), _index("j")
    net_i, net_j = _unit(sheet.notation.net, "i"), _unit(sheet.notation.net, "j")
    output = _activation_letter(sheet, activation)
    act_i, act_j = _unit(output, "i"), _unit(output, "j")
    lines = Lines(sheet, f"The derivatives of the {rule.title} function")
    lines.add(_TOTAL, ("=", Summation(Call("exp", (net_j,)), j)), note=line("the sum over the layer's units"))
    forward, diagonal, beside = jacobian_steps(activation.name, net_i, net_j, _TOTAL)
    lines.add(act_i, ("=", forward))
    acts = (act_i, act_j)
    lines.add(Partial(act_i, net_i), ("=", diagonal), ("=", rule.derivative(0, 0, acts)),
              note=line(rule.because[0]))  # fmt: skip
    lines.add(Partial(act_i, net_j), ("=", beside), ("=", rule.derivative(0, 1, acts)),
              note=line("for ", j, " other than ", i, ": ", rule.because[1]))  # fmt: skip
    lines.finish()


def jacobian_steps(name: str, own: Term, other: Term, total: Term) -> tuple[Term, Term, Term]:
    """Return a_i, its derivative by its own net input and by another one, over the sum of exponentials.

    A test puts the sum in its place and proves both equal to SymPy's derivatives.
    """
    power, another = Call("exp", (own,)), Call("exp", (other,))
    if name == "log_softmax":
        return (
            Sum((own, Negation(Call("ln", (total,))))),
            Sum((Number("1"), Negation(Fraction(power, total)))),
            Negation(Fraction(another, total)),
        )
    square = Power(total, Number("2"))
    return (
        Fraction(power, total),
        Fraction(Sum((Product((power, total)), Negation(Product((power, power))))), square),
        Negation(Fraction(Product((power, another)), square)),
    )


def add_combination(sheet: Sheet, activation: Activation) -> None:
    """Add how the loss's derivatives and the Jacobian combine to the short form, in indices."""
    problem = sheet.problem
    k = _index("k")
    loss = sheet.term("loss")
    net = _unit(sheet.notation.net, "i")
    act, every = _unit(sheet.notation.output, "i"), _unit(sheet.notation.output, "k")
    target, targets = _unit(sheet.notation.target, "i"), _unit(sheet.notation.target, "k")
    rule = loss_rule(problem.loss)
    assert isinstance(rule, LossRule)
    title = f"{layer_rule(activation).title} and {rule.title} together"
    lines = Lines(sheet, title[0].upper() + title[1:])
    slope = rule.derivative(targets, every, len(problem.outputs))
    lines.add(Partial(loss, every), ("=", slope), note=line(rule.because))
    chain = Summation(Product((Partial(loss, every), Partial(every, net)), "dot"), k)
    lines.add(
        Partial(loss, net),
        ("=", chain),
        note=line("every output depends on every net input"),
    )
    if activation.name == "log_softmax":
        share: Term = Call("exp", (act,))
        split = Sum((Negation(target), Summation(Product((targets, share)), k)))
        why = line("the entry on the diagonal is 1 more than all others")
    else:
        share = act
        first = Negation(Product((Fraction(target, act), act), "dot"))
        split = Sum((first, Summation(Product((Fraction(targets, every), every, act), "dot"), k)))
        why = line("the entry on the diagonal, ", Product((act, Sum((Number("1"), Negation(act))))), ", is ",
                   act, " more than the ", Negation(Product((every, act))), " of all others")  # fmt: skip
    constant = problem.loss.constant
    lines.add(None, ("=", scaled(split, constant)), note=why)
    general = Sum((Product((share, Summation(targets, k))), Negation(target)))
    lines.add(None, ("=", scaled(general, constant)))
    groups = {layer.units for layer in sheet.graph.joint.values() if layer.activation == activation}
    if all(
        targets_of(problem, sheet.ledger, sample, units).total == 1
        for sample in sheet.graph.samples
        for units in groups
        if set(units) <= set(problem.outputs)
    ):
        short = Sum((share, Negation(target)))
        lines.add(None, ("=", scaled(short, constant)), note=line("because the targets sum to 1"))
    lines.finish()


def add_loss_slope(sheet: Sheet) -> None:
    """Add the derivative of the loss by the first output of a softmax layer."""
    sample = sheet.graph.samples[0]
    quantity = key("dE_dact", sheet.problem.outputs[0], sample=sample)
    if quantity not in sheet.ledger:
        return
    partial = sheet.term(quantity)
    assert isinstance(partial, Partial)
    whole = sheet.formula(key("loss", "", sample=sample))
    lines = Lines(sheet, "The derivative of the loss by an output")
    lines.add(
        partial,
        ("=", operator(whole, partial.by)),
        ("=", sheet.formula(quantity)),
        note=line(loss_rule(sheet.problem.loss).because),
    )
    lines.finish()


def uses_short_form(sheet: Sheet) -> bool:
    """Return whether the sheet writes the error terms of its outputs in the short form."""
    short = sheet.notation.softmax == "short" and sheet.notation.form != "components"
    return (
        short
        and bool(sheet.graph.joint)
        and any(combined(sheet.graph, layer) for layer in sheet.graph.joint.values())
    )


def _activation_letter(sheet: Sheet, activation: Activation) -> str:
    hidden = any(
        is_layer_activation(layer.activation) and layer.activation == activation
        for layer in sheet.problem.layers[:-1]
    )
    return sheet.notation.hidden if hidden else sheet.notation.output


def _unit(letter: str, index: str) -> Symbol:
    return Symbol(Name.parse(letter).with_sub(index))


def _index(letter: str) -> Symbol:
    return Symbol(Name(letter))
