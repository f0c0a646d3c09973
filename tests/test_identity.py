"""Values that are a rational number whatever their exponentials are, proved at random places of a field."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.composition import _decided, _order
from symbackprop.identity import holds_identically
from symbackprop.ledger import Ledger
from symbackprop.solution import Solution
from symbackprop.solving import derive
from symbackprop.spec import problem_from_mapping

ALWAYS = [
    ("exp(x)/(exp(x) + exp(y)) + exp(y)/(exp(x) + exp(y))", 1),
    ("exp(x)*exp(-x)", 1),
    ("tanh(x - y) + tanh(y - x)", 0),
    ("(exp(x) + 1)^3 - exp(x)^3 - 3*exp(x)^2 - 3*exp(x) - 1", 0),
    ("sqrt(x)/(2*sqrt(x)) + 1/4", Fraction(3, 4)),
    ("exp(x) - exp(0.25 + 0.25)", 0),  # x is 1/2
    ("max(x, y)*tanh(x) - x*tanh(x)", 0),  # the larger one is x
    ("exp(tanh(x) + 1)*(exp(x) - exp(x)) + 1/3", Fraction(1, 3)),
]
NOT_ALWAYS = [
    ("exp(x) - exp(y)", 0),
    ("exp(x)/(exp(x) + exp(y))", Fraction(1, 2)),
    ("tanh(x) - tanh(y)", 0),
    ("exp(x) + tanh(x)", 1),
    ("(exp(x) + 1)^3 - exp(x)^3 - 3*exp(x)^2 - 3*exp(x)", 0),  # it is 1
]


def ledger_of(expression: str) -> Ledger:
    graph = {"inputs": {"x": "1/2", "y": "1/3"}, "nodes": {"E": expression}}
    return derive(problem_from_mapping({"title": "Test", "graph": graph}))[1]


def holds(expression: str, value: Fraction | int) -> bool:
    ledger = ledger_of(expression)
    order = _order(ledger, "act.E")
    return holds_identically(
        ledger, order, "act.E", Fraction(value), lambda formula: _decided(formula, ledger)
    )


@pytest.mark.parametrize(("expression", "value"), ALWAYS)
def test_proved(expression: str, value: Fraction | int) -> None:
    assert holds(expression, value)
    assert not holds(expression, Fraction(value) + Fraction(1, 10**9))


@pytest.mark.parametrize(("expression", "value"), NOT_ALWAYS)
def test_not_proved(expression: str, value: Fraction | int) -> None:
    assert not holds(expression, value)


def test_pi_and_powers_of_an_exponential() -> None:
    """What the wall found: pi under a GELU is a variable too, and exp(2x) is exp(x)^2."""
    assert holds("gelu(x) - gelu(x)", 0)
    assert holds("exp(2*x) - exp(x)^2", 0)
    assert not holds("exp(2*x) - exp(x)^3", 0)
    graph = {"inputs": {"u": [1, 2]}, "nodes": {"n": "softmax(u)", "E": "sum(n)"}}
    problem = problem_from_mapping({"title": "Test", "graph": graph})
    assert Solution(problem, *derive(problem))["dE_dact.u_1"].shown == "0"


def test_many_formulas() -> None:
    """A sum of sixteen softmax shares, ten times over: no expression is multiplied out."""
    nodes: dict[str, str] = {}
    for row in range(10):
        total = " + ".join(f"exp({row + column}/7)" for column in range(16))
        shares = [f"exp({row + column}/7)/({total})" for column in range(16)]
        nodes[f"s{row}"] = " + ".join(shares) + " - 1"
    nodes["E"] = " + ".join(f"s{row}*exp({row})" for row in range(10))
    problem = problem_from_mapping({"title": "Test", "graph": {"inputs": {"x": 1}, "nodes": nodes}})
    solution = Solution(problem, *derive(problem))
    assert solution["act.E"].shown == "0"
