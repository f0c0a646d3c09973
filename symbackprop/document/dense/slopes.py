"""The derivative of each activation function, derived once per sheet from what SymPy finds."""

from __future__ import annotations

from ...derivation.forms import simplified
from ...derivation.joint import combined
from ...formulas.names import Name
from ...formulas.terms import (
    Call,
    Comparison,
    Fraction,
    Negation,
    Number,
    Partial,
    Product,
    Sum,
    Symbol,
    Term,
    walk,
)
from ...keys import key
from ...network.operations import Activation, UnitActivation
from ...notation.notation import Notation
from ...rules import activation_rule, is_layer_activation
from ...rules.derivation import fill
from .. import wording
from ..sheet import Lines, Sheet, line, operator
from .softmax import add_combination, add_jacobian, add_loss_slope, uses_short_form

_Z = Symbol(Name("z"), "z")

#: A number of more digits than this in SymPy's derivative is a decimal of the formula made a fraction.
LONGEST_NUMBER = 3


def add_slopes(sheet: Sheet, activations: list[Activation]) -> None:
    """Add one short derivation for each activation function that has not been derived yet."""
    for activation in activations:
        if activation.name == "identity" or not sheet.first_time(f"slope {activation}"):
            continue
        if not is_layer_activation(activation):
            _add_slope(sheet, activation)
            continue
        add_jacobian(sheet, activation)
        if activation in (sheet.problem.layers[-1].activation, *_combined(sheet)):
            if uses_short_form(sheet):
                add_combination(sheet, activation)
            elif sheet.notation.form != "components":  # there it is a component of its own
                add_loss_slope(sheet)


def _combined(sheet: Sheet) -> list[Activation]:
    """Return the activations of outputs that combine with the loss, in networks of any shape."""
    layers = sheet.graph.joint.values()
    return [layer.activation for layer in layers if combined(sheet.graph, layer)]


def function_letter(notation: Notation, activation: Activation) -> Name:
    """Return the letter of an activation function: the author's, its own, or f."""
    own = None if is_layer_activation(activation) else activation_rule(activation).letter
    return notation.names.get("activation") or own or Name("f")


def _add_slope(sheet: Sheet, activation: Activation) -> None:
    rule, settings = activation_rule(activation), activation.settings
    variable = Symbol(_free_letter(sheet), "z")
    letter = sheet.notation.names.get("activation") or rule.letter
    forward = simplified(fill(rule.forward(settings), {"z": variable}))
    raw = simplified(fill(rule.raw_derivative(settings), {"z": variable}))
    lines = Lines(sheet, f"The derivative of {wording.function_title(rule.title)}")
    if letter is None:
        value: Term = Symbol(Name.parse(sheet.notation.hidden))
        lines.add(value, ("=", forward))
        left = Partial(value, variable, total=True)
    else:
        value = Call(letter.base, (variable,), letter)
        left = Partial(Symbol(letter), variable, total=True)
    sympys: list[tuple[str, Term]] = [] if rule.convention or _is_unreadable(raw) else [("=", raw)]
    if not rule.convention:
        lines.add(left, ("=", operator(forward, variable)), *sympys, note=line(_raw_note(activation.name)))
    if activation.name == "sigmoid":
        split = Product((forward, fill(_REST, {"z": variable})), "dot")
        lines.add(None, ("=", split), note=line("the second fraction is one minus the first"))
    course = simplified(fill(rule.course(settings), {"z": variable, "a": value})) if rule.course else None
    if course is not None and course != raw:
        note = () if activation.name == "sigmoid" else line(rule.because)
        lines.add(left if rule.convention else None, ("=", course), note=note)
    lines.finish()
    if rule.convention:
        sheet.text(_STEP, small=True)
    if rule.kink_convention:
        statement = with_letter(rule.kink_statement(settings), variable)
        sheet.text(*statement, *_on_kinks(sheet, activation), small=True)


_STEP = (
    "A step has slope 0 on both sides and none where it jumps, so gradient descent would never move. What "
    "stands for its slope here is a convention: with 1, the error passes through the step unchanged, which "
    "is the perceptron's learning rule."
)


def with_letter(statement: str, variable: Symbol) -> list[str | Term]:
    """Return the statement about a kink with the sheet's own letter for net inputs."""
    start = "At z = 0"
    if not statement.startswith(start):
        return [statement]
    return ["At ", Comparison(variable, "equal", Number("0")), statement.removeprefix(start)]


def _is_unreadable(raw: Term) -> bool:
    """Return whether SymPy has turned decimals of the formula into long fractions."""
    return any(isinstance(part, Number) and len(part.text) > LONGEST_NUMBER for part in walk(raw))


def _on_kinks(sheet: Sheet, activation: Activation) -> list[str | Term]:
    """Return which units of the sheet sit exactly on a kink, as a sentence."""
    rule = activation_rule(activation)
    units: list[Term] = []
    for operation in sheet.graph.operations:
        if isinstance(operation, UnitActivation) and operation.activation == activation:
            net = key("net", operation.unit, sample=operation.sample)
            kinks = rule.kinks(sheet.term(net), activation.settings)
            if sheet.known(net) and any(sheet.is_zero(kink) for kink in kinks):
                units.append(sheet.term(net))
    if not units:
        return []
    parts: list[str | Term] = [" That is the case here for "]
    for index, unit in enumerate(units):
        parts += [", " if index else "", unit]
    return [*parts, "."]


#: What is left of the sigmoid's derivative beside the sigmoid: e^-z over 1 + e^-z.
_REST: Term = Fraction(Call("exp", (Negation(_Z),)), Sum((Number("1"), Call("exp", (Negation(_Z),)))))


def _raw_note(name: str) -> str:
    return "the chain rule for one over a sum" if name == "sigmoid" else ""


def _free_letter(sheet: Sheet) -> Name:
    """Return the letter of net inputs, or z where that is a word."""
    base = sheet.notation.net
    return Name(base) if len(base) == 1 else Name("z")
