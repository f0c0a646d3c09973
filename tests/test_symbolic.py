"""Formulas as SymPy expressions and back; quantities composed back to what is given."""

from __future__ import annotations

import fractions
from dataclasses import replace

import mpmath  # type: ignore[import-untyped]
import pytest
import sympy
from oracles.networks import FORMS, any_net
from oracles.random_terms import symbol

from symbackprop import solve
from symbackprop.formulas.names import Name
from symbackprop.formulas.symbolic import from_sympy, sympy_symbol, to_sympy
from symbackprop.formulas.terms import (
    Call,
    Cases,
    Comparison,
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
    Words,
)
from symbackprop.proofs.composition import composed, is_exactly
from symbackprop.rules.derivation import slot

X, Y = sympy_symbol("x"), sympy_symbol("y")
RELU = Cases(
    (symbol("x"), Number("0")), (Comparison(symbol("x"), "greater", Number("0")), Words("otherwise"))
)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Number("0.1"), sympy.Rational(1, 10)),
        (Number("-4.83", -4), sympy.Rational(-483, 10**6)),
        (Number("2", 3), sympy.Integer(2000)),
        (Number("1/3"), sympy.Rational(1, 3)),
        (RELU, sympy.Piecewise((X, X > 0), (0, True))),
        (Call("ln", (symbol("x"),)), sympy.log(X)),
    ],
)
def test_to_sympy(term: Term, expected: object) -> None:
    assert to_sympy(term) == expected


@pytest.mark.parametrize(
    "term",
    [
        Words("as before"),
        Summation(symbol("x")),
        Symbol(Name("x")),
        Partial(Symbol(Name("E")), Symbol(Name("w"))),
    ],
)
def test_what_has_no_meaning_in_algebra(term: Term) -> None:
    with pytest.raises(TypeError):
        to_sympy(term)


@pytest.mark.parametrize(
    ("expression", "term"),
    [
        (1 - X, Sum((Number("1"), Negation(slot("x"))))),
        (-X * Y, Negation(Product((slot("x"), slot("y"))))),
        (X / 2, Fraction(slot("x"), Number("2"))),
        (sympy.Rational(-2, 3), Negation(Fraction(Number("2"), Number("3")))),
        (X**-2, Fraction(Number("1"), Power(slot("x"), Number("2")))),
        (sympy.sqrt(X), Call("sqrt", (slot("x"),))),
        (sympy.exp(-X), Call("exp", (Negation(slot("x")),))),
        (sympy.E, Call("exp", (Number("1"),))),
    ],
)
def test_from_sympy(expression: object, term: Term) -> None:
    assert from_sympy(expression, slot) == term


@pytest.mark.parametrize("expression", [sympy.gamma(X), sympy.I, sympy.Integral(X, X)])
def test_what_no_formula_says(expression: object) -> None:
    with pytest.raises(TypeError, match="no formula"):
        from_sympy(expression, slot)


@pytest.mark.parametrize("form", FORMS)
def test_composed_goes_back_to_the_givens(form: str) -> None:
    solution = solve(replace(any_net(3), form=form).problem())
    givens = {key for key in solution.keys() if solution.ledger.given(key) is not None}  # noqa: SIM118
    for step in solution:
        expression = composed(solution.ledger, step.key)
        assert {symbol.name for symbol in expression.free_symbols} <= givens, step.key


@pytest.mark.parametrize("seed", [0, 4, 9])
def test_composed_with_numbers_is_the_value(seed: int) -> None:
    solution = solve(any_net(seed, ("sigmoid", "tanh", "identity")).problem())
    for step in solution:
        if "@" in step.key:  # SymPy is slow with numbers in numbers
            continue
        expression = composed(solution.ledger, step.key, numbers=True)
        assert not expression.free_symbols
        with mpmath.workdps(60):
            found = sympy.lambdify([], expression, "mpmath")()
            value = mpmath.mpf(step.digits(40))
            assert abs(found - value) <= mpmath.mpf("1e-38") * abs(value), step.key


@pytest.mark.parametrize("seed", range(8))
def test_nothing_else_is_proved_to_be_zero(seed: int) -> None:
    solution = solve(any_net(seed).problem())
    for step in solution:
        if is_exactly(solution.ledger, step.key, fractions.Fraction(0)):
            assert step.value == 0, step.key
        else:
            assert step.value != 0, step.key
