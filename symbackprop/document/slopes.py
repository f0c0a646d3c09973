"""The derivative of each activation function, derived once per sheet from what SymPy finds."""

from __future__ import annotations

from ..forms import simplified
from ..names import Name
from ..notation import Notation
from ..operations import Activation
from ..rules import activation_rule
from ..rules.derivation import fill
from ..terms import Call, Fraction, Negation, Number, Partial, Product, Sum, Symbol, Term
from .sheet import Lines, Sheet, line, operator

_Z = Symbol(Name("z"), "z")


def add_slopes(sheet: Sheet, activations: list[Activation]) -> None:
    """Add one short derivation for each activation function that has not been derived yet."""
    for activation in activations:
        if activation.name != "identity" and sheet.first_time(f"slope {activation.name}"):
            _add_slope(sheet, activation)


def function_letter(notation: Notation, activation: Activation) -> Name:
    """Return the letter of an activation function: the author's, its own, or f."""
    return notation.names.get("activation") or activation_rule(activation.name).letter or Name("f")


def _add_slope(sheet: Sheet, activation: Activation) -> None:
    rule, settings = activation_rule(activation.name), activation.settings
    variable = Symbol(_free_letter(sheet), "z")
    letter = sheet.notation.names.get("activation") or rule.letter
    forward = simplified(fill(rule.forward(settings), {"z": variable}))
    raw = simplified(fill(rule.raw_derivative(settings), {"z": variable}))
    lines = Lines(sheet, f"The derivative of the {rule.title} function")
    if letter is None:
        value: Term = Symbol(Name.parse(sheet.notation.hidden))
        lines.add(value, ("=", forward))
        left = Partial(value, variable, total=True)
    else:
        value = Call(letter.base, (variable,), letter)
        left = Partial(Symbol(letter), variable, total=True)
    lines.add(left, ("=", operator(forward, variable)), ("=", raw), note=line(_raw_note(activation.name)))
    if activation.name == "sigmoid":
        split = Product((forward, fill(_REST, {"z": variable})), "dot")
        lines.add(None, ("=", split), note=line("the second fraction is one minus the first"))
    course = simplified(fill(rule.course(settings), {"z": variable, "a": value})) if rule.course else None
    if course is not None and course != raw:
        note = () if activation.name == "sigmoid" else line(rule.because)
        lines.add(None, ("=", course), note=note)
    lines.finish()
    if rule.kink_convention:
        sheet.text(rule.kink_convention, small=True)


#: What is left of the sigmoid's derivative beside the sigmoid: e^-z over 1 + e^-z.
_REST: Term = Fraction(Call("exp", (Negation(_Z),)), Sum((Number("1"), Call("exp", (Negation(_Z),)))))


def _raw_note(name: str) -> str:
    return "the chain rule for one over a sum" if name == "sigmoid" else ""


def _free_letter(sheet: Sheet) -> Name:
    """Return the letter of net inputs, or z where that is a word."""
    base = sheet.notation.net
    return Name(base) if len(base) == 1 else Name("z")
