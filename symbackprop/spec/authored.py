"""Activations and losses that the author defines by an expression: read, derived and proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProblemError
from ..formulas.expressions import ExpressionError, Reference, parse_expression
from ..formulas.names import Name
from ..formulas.terms import Call, Number, Symbol, Term, keys
from ..network.operations import Activation
from ..rules.derivation import differentiate, fill, slot
from .faults import Path, Written
from .function_forms import OwnActivationForm, OwnLossForm

#: Derivatives of more operations than this are not tried to be proved.
MOST_OPERATIONS = 200

#: Numbers that a formula may name.
_CONSTANTS: Mapping[str, Term] = {"pi": Symbol(Name("pi"), "constant.pi"), "e": Call("exp", (Number("1"),))}


def own_activation(form: OwnActivationForm, path: Path, written: Written) -> Activation:
    """Return the activation that an author's expression over z defines.

    Raises:
        ProblemError: the expression cannot be read or derived, or the derivative given is not its own.
    """
    try:
        Name.parse(form.name)
    except ValueError:
        raise written.error(
            (*path, "name"), "not a name", given=form.name, expected="a short name such as f, g or swish"
        ) from None
    formula = _formula(form.expression, ("z",), (*path, "expression"), written)
    derivative = None
    if form.derivative is not None:
        place = (*path, "derivative")
        derivative = _formula(form.derivative, ("z", "a"), place, written)
        _prove(fill(derivative, {"a": formula}), formula, "z", form.derivative, place, written)
    return Activation(form.name, {}, formula, derivative)


def own_loss(form: OwnLossForm, path: Path, written: Written) -> tuple[Term, Term | None]:
    """Return one output's error over the slots t and o, and its derivative where the author gives it.

    Raises:
        ProblemError: the expression cannot be read or derived, or the derivative given is not its own.
    """
    formula = _formula(form.expression, ("t", "o"), (*path, "expression"), written)
    derivative = None
    if form.derivative is not None:
        place = (*path, "derivative")
        derivative = _formula(form.derivative, ("t", "o"), place, written)
        _prove(derivative, formula, "o", form.derivative, place, written)
    return formula, derivative


def _formula(text: str, names: tuple[str, ...], path: Path, written: Written) -> Term:
    from ..formulas.lowering import scalar_term  # NumPy and Arb: only who defines a function pays for them

    expected = f"an expression over {' and '.join(names)}"

    def resolve(reference: Reference) -> Term:
        if reference.name in names:
            return slot(reference.name)
        if reference.name in _CONSTANTS:
            return _CONSTANTS[reference.name]
        raise ExpressionError(f"unknown name {reference.name}", reference.column)

    try:
        formula = scalar_term(parse_expression(text), resolve)
    except ExpressionError as error:
        raise written.error(
            path, f"{error.message} (column {error.column})", given=text, expected=expected
        ) from None
    by = names[-1] if names != ("z", "a") else "z"
    if path[-1] == "expression":
        if by not in keys(formula):
            raise written.error(path, f"does not depend on {by}", given=text, expected=expected)
        try:
            differentiate(formula, by)
        except TypeError as error:
            raise written.error(
                path,
                f"SymPy finds no derivative that can be written ({error})",
                given=text,
                expected=expected,
            ) from None
    return formula


def _prove(derivative: Term, formula: Term, by: str, text: str, path: Path, written: Written) -> None:
    """Refuse a derivative that SymPy does not prove equal to its own."""
    from ..formulas.symbolic import to_sympy

    own = differentiate(formula, by)
    difference = to_sympy(derivative) - to_sympy(own)
    if int(difference.count_ops()) <= MOST_OPERATIONS and _is_zero(difference, by):
        return
    raise _refusal(difference, own, by, text, path, written)


def _is_zero(difference: Any, by: str) -> bool:
    """Return whether SymPy proves a difference to be zero, on both sides of zero where it has branches."""
    import sympy

    from ..formulas.symbolic import equal, sympy_symbol

    if equal(difference, 0):
        return True
    positive = sympy.Symbol(by, positive=True)
    sides = (difference.xreplace({sympy_symbol(by): side}) for side in (positive, -positive))
    return all(equal(side.doit(), 0) for side in sides)


def _refusal(difference: Any, own: Term, by: str, text: str, path: Path, written: Written) -> ProblemError:
    import sympy

    from ..formulas.symbolic import sympy_symbol, to_sympy
    from .text.sympy_text import sympy_text

    shown = sympy_text(to_sympy(own)).replace("**", "^")  # as the author could write it
    for point in (sympy.Rational(7, 10), sympy.Rational(-13, 10), sympy.Rational(5, 2)):
        values = dict.fromkeys(difference.free_symbols, point)
        values[sympy_symbol("t")] = sympy.Rational(1, 3)
        gap = difference.subs(values).evalf(30)
        if gap.is_number and abs(gap) > sympy.Float("1e-20"):
            message = (
                f"not the derivative of the expression: at {by} = {float(point):g} it is {float(gap):.6g} off"
            )
            return written.error(path, message, given=text, expected=shown)
    return written.error(
        path,
        "SymPy cannot prove this equal to its own derivative",
        given=text,
        expected=shown,
        hint="Leave it out: then SymPy's is used.",
    )
