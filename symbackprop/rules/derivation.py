"""Differentiation of a rule's forward formula by SymPy, and its substitution into a network."""

from __future__ import annotations

from collections.abc import Mapping

from ..formulas.names import Name
from ..formulas.terms import Symbol, Term, replace_keys


def slot(key: str) -> Symbol:
    """Return the placeholder of a rule's variable, such as z, a, t or o."""
    return Symbol(Name(key), key)


#: What SymPy has found in this process or in another: derivatives by formula and variable.
Derivatives = dict[tuple[Term, str], Term]

_found: Derivatives = {}

#: So many derivatives are kept.
_MOST_KEPT = 256


def differentiate(formula: Term, by: str) -> Term:
    """Return SymPy's derivative of a formula over slots, by one of them."""
    derivative = _found.get((formula, by))
    if derivative is None:
        derivative = _by_sympy(formula, by)
        if len(_found) >= _MOST_KEPT:
            _found.clear()
        _found[formula, by] = derivative
    return derivative


def found_derivatives() -> Derivatives:
    """Return the derivatives that are known in this process."""
    return dict(_found)


def add_derivatives(derivatives: Derivatives) -> None:
    """Take over the derivatives that another process has found."""
    _found.update(derivatives)


def _by_sympy(formula: Term, by: str) -> Term:
    import sympy  # a quarter of a second: only a derivation pays for it

    from ..formulas.symbolic import from_sympy, sympy_symbol, to_sympy

    expression = to_sympy(formula).replace(
        # the largest of several is one of them, and has its derivative: at a tie the first's
        lambda part: isinstance(part, sympy.Max | sympy.Min),
        lambda part: part.rewrite(sympy.Piecewise),
    )
    derivative = sympy.diff(expression, sympy_symbol(by))
    # a jump has no derivative: beside it there is none to speak of
    return from_sympy(derivative.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)), slot)


def fill(template: Term, arguments: Mapping[str, Term]) -> Term:
    """Return the template with its slots replaced by the network's own terms."""
    return replace_keys(template, lambda key, term: arguments.get(key, term))
