"""Free computation graphs: values and derivatives against SymPy, and the texts of their errors."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import ProblemError, problem_from_mapping, solve

_operators = st.sampled_from(["{} + {}", "{} - {}", "{}*{}", "({} + 2)*{}", "{}/({}^2 + 1)"])
_functions = st.sampled_from(["{}", "exp({}/4)", "tanh({})", "sin({})", "sigmoid({})", "({})^2"])


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, str]:
    """Nodes n1, n2, ... each over two earlier ones or leaves."""
    names = ["a", "b", "w"]
    nodes = {}
    for number in range(1, draw(st.integers(1, 6)) + 1):
        left, right = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        nodes[f"n{number}"] = draw(_functions).format(draw(_operators).format(left, right))
        names.append(f"n{number}")
    return nodes


def _composed(nodes: dict[str, str]) -> sympy.Expr:
    known: dict[str, Any] = {name: sympy.Symbol(name) for name in "abw"}
    known["sigmoid"] = lambda z: 1 / (1 + sympy.exp(-z))
    for name, text in nodes.items():
        known[name] = sympy.sympify(text.replace("^", "**"), locals=known)
    return known[list(nodes)[-1]]


@settings(max_examples=40)
@given(graphs())
def test_derivatives_equal_sympys_of_the_composed_expression(nodes: dict[str, str]) -> None:
    """Forward value and the derivative by every leaf, to 15 digits."""
    leaves = {"a": "0.7", "b": "-1.3", "w": "0.45"}
    graph = {"inputs": {"a": "0.7", "b": "-1.3"}, "parameters": {"w": "0.45"}, "nodes": nodes}
    solution = solve(problem_from_mapping({"graph": graph}))
    composed = _composed(nodes)
    at = {sympy.Symbol(name): sympy.Rational(value) for name, value in leaves.items()}
    assert abs(sympy.N(composed.subs(at), 30) - sympy.Float(str(solution["loss"].value), 30)) < 1e-14
    for name in leaves:
        key = "grad.w" if name == "w" else f"dE_dact.{name}"
        expected = sympy.N(sympy.diff(composed, sympy.Symbol(name)).subs(at), 30)
        found = sympy.Float(str(solution[key].value), 30) if key in solution.ledger else sympy.Float(0)
        assert abs(found - expected) <= 1e-14 * max(1, abs(expected))


ERRORS = [
    ({"nodes": {"c": "a + "}, "inputs": {"a": 1}},
     "graph.nodes.c: at column 4: it ends here; expected a number, a name or a bracket; given a +"),
    ({"nodes": {"c": "a + d"}, "inputs": {"a": 1}}, "graph.nodes.c: unknown name; given d; expected one of a, c"),
    ({"nodes": {"c": "d", "d": "c"}, "inputs": {"a": 1}},
     "graph.nodes.c: these nodes form a cycle; given c -> d -> c; expected nodes that lead from the leaves to the loss"),
    ({"nodes": {"c": "sigmod(a)"}, "inputs": {"a": 1}},
     "graph.nodes.c: at column 1: unknown function sigmod. Did you mean sigmoid?"),
    ({"nodes": {"c": "W @ a"}, "inputs": {"a": [1, 2]}, "parameters": {"W": [[1, 2, 3]]}},
     "graph.nodes.c: at column 1: shapes 1 x 3 and 2 do not fit together for @"),
    ({"nodes": {"c": "a*2"}, "inputs": {"a": [1, 2]}},
     "graph.nodes.c: the loss is not one number; given 2. Name another node under loss, or take a sum or mean."),
    ({"nodes": {"c": "a"}, "inputs": {"a": 1}, "loss": "d"}, "graph.loss: no such node; given d; expected one of c"),
    ({"nodes": {"a": "2*a"}, "inputs": {"a": 1}}, "graph.nodes.a: two things have this name; given a"),
    ({"nodes": {"c": "a"}, "inputs": {"a": 1}, "layout": "rows"},
     "graph.layout: not used in a graph. Put leaves under inputs, constants or parameters, and everything else under"),
    ({"nodes": {"c": "a[3]"}, "inputs": {"a": [1, 2]}}, "graph.nodes.c: at column 3: index 3 is outside 1 to 2"),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "text"), ERRORS, ids=range(len(ERRORS)))
def test_errors_name_the_node_and_what_is_wrong(graph: dict[str, Any], text: str) -> None:
    """One line that says where, what is given and what is expected."""
    with pytest.raises(ProblemError) as caught:
        problem_from_mapping({"graph": graph})
    assert str(caught.value).startswith(text)


def test_a_batch_joins_its_samples() -> None:
    """loss is the mean of the samples' losses; the gradient the sum of the samples' shares."""
    graph = {
        "parameters": {"w": 2},
        "samples": [{"x": 1}, {"x": 3}],
        "nodes": {"E": "(w*x - 1)^2"},
        "learning_rate": "0.1",
    }
    solution = solve(problem_from_mapping({"graph": graph}))
    assert (solution["loss"].exact, solution["grad.w#1"].exact, solution["grad.w"].exact) == (13, 1, 16)
    assert solution["new.w"].shown == "0.4"


def test_nodes_may_be_sympy_expressions() -> None:
    """Choices, cases and functions that the grammar calls otherwise, against SymPy's own values."""
    a, b = sympy.symbols("a b", real=True)
    nodes = {
        "c": sympy.Abs(a - b) ** 2 + sympy.Max(a, b, 1),
        "d": sympy.Piecewise((a * b, a > b), (sympy.exp(b), True)) + sympy.pi / 2,
        "e": sympy.Symbol("c") * sympy.Symbol("d") + sympy.sqrt(2),
    }
    solution = solve(problem_from_mapping({"graph": {"inputs": {"a": 2, "b": "0.5"}, "nodes": nodes}}))
    whole = nodes["e"].subs({"c": nodes["c"], "d": nodes["d"]})
    at = {a: 2, b: sympy.Rational(1, 2)}
    assert abs(sympy.N(whole.subs(at), 30) - sympy.Float(str(solution["loss"].value), 30)) < 1e-14
    by_a = sympy.N(sympy.diff(whole, a).subs(at), 30)
    assert abs(by_a - sympy.Float(str(solution["dE_dact.a"].value), 30)) < 1e-14
