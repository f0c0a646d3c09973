"""The rules of sums, products and powers agree with SymPy's derivative of the same formula."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.formulas.expressions import parse_expression
from symbackprop.formulas.lowering import scalar_term
from symbackprop.formulas.names import Name
from symbackprop.formulas.symbolic import sympy_symbol, to_sympy
from symbackprop.formulas.terms import Symbol, Term, keys
from symbackprop.render.plain import plain_math
from symbackprop.rules.node import partial_derivatives

_names = st.sampled_from(["a", "b", "c", "2", "3"])
_texts = st.recursive(
    _names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*"]), inner).map(lambda p: f"({''.join(p)})"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"({text})^2"),
        inner.map(lambda text: f"({text})/4"),
        inner.map(lambda text: f"exp({text})"),
        inner.map(lambda text: f"tanh({text})"),
    ),
    max_leaves=8,
)


def _term(text: str) -> Term:
    return scalar_term(parse_expression(text), lambda name: Symbol(Name(name.name), name.name))


@given(_texts)
def test_derivatives_equal_sympys(text: str) -> None:
    """By every operand, up to simplification, at five points."""
    formula = _term(text)
    operands = keys(formula)
    for operand, partial in partial_derivatives(formula, operands).items():
        expected = sympy.diff(to_sympy(formula), sympy_symbol(operand))
        difference = to_sympy(partial) - expected
        for point in range(1, 6):
            at = {sympy_symbol(k): sympy.Rational(point * (i + 2), 37) for i, k in enumerate(("a", "b", "c"))}
            assert abs(sympy.N(difference.subs(at), 30)) < 1e-20


@pytest.mark.parametrize(
    ("text", "operand", "printed"),
    [
        ("a*b + c", "a", "b"),
        ("(t - y)^2/2", "y", "−(t − y)"),
        ("3*a^2", "a", "6 a"),
        ("a*b*c", "b", "a c"),
        ("max(a, b)", "b", "{1 if b > a; 0 otherwise}"),
        ("2*max(a, b)", "a", "2({1 if a ≥ b; 0 otherwise})"),
    ],
)
def test_derivatives_keep_the_authors_order(text: str, operand: str, printed: str) -> None:
    """As a lecturer would write them."""
    formula = _term(text)
    assert plain_math(partial_derivatives(formula, [operand])[operand]) == printed
