"""What is given instead of computed in networks of any shape, and classes and names that stand for many."""

from __future__ import annotations

import math
from typing import Any

import pytest

from symbackprop import check, problem_from_mapping, read_problem, solve
from symbackprop.errors import ProblemError
from symbackprop.solution import Solution

CONVOLUTION = [
    {"type": "conv2d", "kernel": [["0.5", "-0.2"], ["0.1", "0.3"]], "biases": "0.1", "activation": "relu"},
    {"type": "max_pool", "size": 2},
    {"type": "dense", "weights": [["0.4"], ["-0.3"]], "activation": "softmax"},
]
IMAGE = [[1, 0, 2], [0, 1, 1], [2, 1, 0]]


def convolution(**fields: Any) -> Solution:
    network = {"inputs": IMAGE, "layers": CONVOLUTION, "loss": "cross_entropy", "learning_rate": "0.1"}
    return solve(problem_from_mapping({"title": "T", "network": network, **fields}))


def test_error_terms_of_outputs_lead_back_through_pooling_and_convolution() -> None:
    """With dE/dz = (0.2, -0.2) the largest value, c_11, gets 0.2*0.4 + 0.2*0.3 = 0.14."""
    solution = convolution(given={"dE_dnet.o1": "0.2", "delta.o2": "0.2"})
    assert solution["dE_dnet.c1_1_1"].exact is not None
    wanted = {"dE_dnet.c1_1_1": 0.14, "dE_dnet.c1_2_2": 0, "grad.k1_1_1": 0.14, "grad.k1_2_2": 0.14}
    wanted |= {
        "grad.k1_1_2": 0,
        "grad.bk1": 0.14,
        "grad.w1_1_1": 0.18,
        "grad.w1_2_1": -0.18,
        "new.bk1": 0.086,
    }
    for key, number in wanted.items():
        assert float(solution[key]) == pytest.approx(number, abs=1e-15), key
    assert "given" in solution.to_text() and "Not given" in solution.to_text()  # the targets


def rnn(**fields: Any) -> Solution:
    layers = [
        {"type": "rnn", "W_xh": "0.5", "W_hh": "0.25", "b_h": fields.pop("bias", None)},
        {"type": "dense", "weights": [["0.7"]], "biases": ["0.1"]},
    ]
    network = {"inputs": [1, 2], "targets": ["0.5"], "layers": layers, "learning_rate": "0.1"}
    return solve(problem_from_mapping({"title": "T", "network": network, **fields}))


def test_given_states_of_a_recurrent_network() -> None:
    """The slope is that of the given state, 1 - h^2, and h1 reaches the loss through h2."""
    solution = rnn(given={"h1": "0.5", "act.h2": "0.25"})
    output = 0.7 * 0.25 + 0.1 - 0.5
    second = output * 0.7 * (1 - 0.25**2)
    first = second * 0.25 * (1 - 0.5**2)
    assert float(solution["dE_dnet.h2"]) == pytest.approx(second, rel=1e-15)
    assert float(solution["grad.W_hh"]) == pytest.approx(second * 0.5, rel=1e-15)
    assert float(solution["grad.W_xh"]) == pytest.approx(first + 2 * second, rel=1e-15)
    assert math.tanh(0.5) != 0.5 and "is not what the parameters give" in solution.to_text()
    assert check(solution.problem).agrees


def test_a_given_node_of_a_graph_passes_its_derivative_on() -> None:
    """E = z1^2 + z2^2 with z1 = 2 given, though b1 is not known: dE/dW11 = 2 * 2 * x1."""
    graph = {
        "inputs": {"x": [1, "0.5"]}, "parameters": {"W": [[1, 2], [3, 4]], "b": [None, 2]},
        "nodes": {"z": "W @ x + b", "E": "sum(z^2)"},
    }  # fmt: skip
    solution = solve(problem_from_mapping({"title": "T", "graph": graph, "given": {"z_1": 2}}))
    found = {key: float(solution[key]) for key in ("act.E", "grad.W_1_1", "grad.b_1", "dE_dact.x1")}
    assert found == {"act.E": 53, "grad.W_1_1": 4, "grad.b_1": 4, "dE_dact.x1": 2 * 2 * 1 + 2 * 7 * 3}
    assert check(solution.problem).agrees


def test_what_is_unknown_in_a_graph_is_said() -> None:
    graph = {"inputs": {"x": 2}, "parameters": {"w": None}, "nodes": {"E": "w*x"}}
    solution = solve(problem_from_mapping({"title": "T", "graph": graph}))
    assert float(solution["grad.w"]) == 2
    assert "Not given: w. What depends on it stays symbolic" in " ".join(solution.to_text().split())


def test_an_unknown_input_of_a_graph_stays_symbolic() -> None:
    graph = {"inputs": {"x": None, "y": 3}, "nodes": {"E": "x*y"}}
    assert float(solve(problem_from_mapping({"title": "T", "graph": graph}))["dE_dact.x"]) == 3


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("linear", "Did you mean dense?"),
        ("relu", "Write {type: activation, activation: relu}"),
        ("LSTM", "lstm?"),
    ],
)
def test_what_other_programs_call_a_layer(kind: str, hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_mapping({"network": {"inputs": [1], "targets": [1], "layers": [{"type": kind}]}})
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"c1_9_9": 1}, "given.c1_9_9: unknown unit; given c1_9_9; expected one of c1_1_1, c1_1_2"),
        ({"x_1_1": 1}, "given.x_1_1: this unit is an input"),
        ({"dact_dnet.p1": 1}, 'given["dact_dnet.p1"]: unknown unit'),
        ({"c1_1_1": -1}, "given.c1_1_1: relu never has this value; given -1; expected a number not below 0"),
        ({"bk1": 1}, "given.bk1: this is a parameter"),
        ({"grad.k9": 1}, 'given["grad.k9"]: unknown parameter'),
    ],
)
def test_what_cannot_be_given(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        convolution(given=given)
    assert message in str(caught.value)


# --- classes, names of matrices, patterns -------------------------------------------------------


def many_to_many(targets: Any, **fields: Any) -> Solution:
    dense = {"weights": [["0.7", "0.1"], ["-0.2", "0.4"]], "activation": "softmax"}
    matrices = {"W_xh": [["0.5"], ["-0.3"]], "W_hh": [["0.1", "0.2"], ["0.3", "0.4"]]}
    network = {
        "inputs": [1, 2, -1],
        "targets": targets,
        "layers": [
            {"type": "rnn", **matrices, "returns": "all", "b_h": "0.2", "initial": "0.1"},
            {"type": "time_distributed", "layer": dense},
        ],
        "loss": "cross_entropy",
        "learning_rate": "0.1",
    }
    return solve(problem_from_mapping({"title": "T", "network": network, **fields}))


@pytest.mark.parametrize("targets", [{"class": [2, 1, 2]}, [{"class": 2}, {"class": 1}, {"class": 2}]])
def test_classes_of_time_steps(targets: Any) -> None:
    one_hot = many_to_many([[0, 1], [1, 0], [0, 1]])
    assert many_to_many(targets)["loss"].value == one_hot["loss"].value


def test_a_bias_that_all_units_share_and_a_state_of_one_number() -> None:
    """One parameter, whose gradient is the sum over units and time steps of dE/dz."""
    solution = many_to_many({"class": [2, 1, 2]})
    terms = sum(float(solution[f"dE_dnet.h{t}_{unit}"]) for t in (1, 2, 3) for unit in (1, 2))
    assert float(solution["grad.b_h"]) == pytest.approx(terms, rel=1e-14)
    assert [solution[f"h0_{unit}"].shown for unit in (1, 2)] == ["0.1", "0.1"]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"class": [2, 1]}, "not one class for each row of outputs; given a list; expected 3 classes"),
        ({"class": 2}, "not one class for each row of outputs"),
        ({"class": [2, 1, 3]}, "targets.class[3]: no class of this number: 3"),
        ([2, 1, 2], "The right class of each row is written {class: [2, 1, 2]}, counted from 1."),
    ],
)
def test_classes_that_do_not_fit(targets: Any, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        many_to_many(targets)
    assert message.split(";")[0] in str(caught.value)


def test_the_name_of_a_matrix_stands_for_its_elements() -> None:
    solution = many_to_many({"class": [2, 1, 2]}, frozen=["W_hh", "b_h"], wrt="x")
    assert solution.problem.frozen == {"W_hh_1_1", "W_hh_1_2", "W_hh_2_1", "W_hh_2_2", "b_h"}
    assert all(solution[f"dE_dact.x{step}"].value for step in (1, 2, 3))
    assert many_to_many({"class": [2, 1, 2]}, wrt=["h0_*"])["dE_dact.h0_1"].value is not None


def test_weights_at_every_step_are_named_as_they_are_written() -> None:
    """With a row for each sending unit W_hy_1_2 is the weight from 1 to 2, as W_xh_1_2 is."""
    layers = [
        {
            "type": "rnn",
            "W_xh": [["0.5", "-0.3"]],
            "W_hh": [["0.1", "0.3"], ["0.2", "0.4"]],
            "returns": "all",
        },
        {"type": "time_distributed", "layer": {"weights": [["0.7", "-0.2"], ["0.1", "0.4"]]}},
    ]
    network = {"layout": "columns", "inputs": [1], "targets": [[0, 0]], "layers": layers}
    solution = solve(problem_from_mapping({"title": "T", "network": network}))
    assert [solution[key].shown for key in ("W_xh_1_2", "W_hy_1_2", "W_hy_2_1")] == ["-0.3", "-0.2", "0.1"]
    share = float(solution["act.h1_1"]) * float(solution["dE_dnet.y1_2"])
    assert float(solution["grad.W_hy_1_2"]) == pytest.approx(share, rel=1e-14)


def test_what_no_window_covers_has_derivative_zero() -> None:
    layers = [{"type": "conv1d", "kernel": [2]}, {"type": "max_pool", "size": 2}]
    network = {"inputs": [1, 2, 3], "targets": [1], "layers": layers}
    solution = solve(problem_from_mapping({"title": "T", "network": network, "wrt": ["x3"]}))
    assert [solution[key].shown for key in ("dE_dact.c1_2", "dE_dact.c1_3", "dE_dact.x3")] == ["3", "0", "0"]


# --- expressions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "value", "slopes"),
    [
        ("prod(x)", -6, (-3, 6, -2)),
        ("max(x) + 2*min(x)", 1, (0, 2, 1)),
        ("trace(outer(x, x))", 14, (4, -2, 6)),
        ("sum(transpose(outer(x, x)) @ x)", 56, None),
        ("logsumexp(x)", math.log(math.exp(2) + math.exp(-1) + math.exp(3)), None),
        ("e^(x[1])", math.exp(2), (math.exp(2), 0, 0)),
        ("sign(x[2])*x[1]^2", -4, (-4, 0, 0)),
    ],
)
def test_functions_of_whole_vectors(expression: str, value: float, slopes: tuple[float, ...] | None) -> None:
    graph = {"inputs": {"x": [2, -1, 3]}, "nodes": {"E": expression}}
    solution = solve(problem_from_mapping({"title": "T", "graph": graph}))
    assert float(solution["act.E"]) == pytest.approx(value, rel=1e-15)
    if slopes is None:
        assert check(solution.problem).agrees
    else:
        assert [float(solution[f"dE_dact.x{n}"]) for n in (1, 2, 3)] == pytest.approx(slopes, rel=1e-15)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("sum(W, 0)", "an axis is a whole number from 1 to 2: 1 goes along the first"),
        ("sum(W, x)", "an axis is a whole number from 1 to 2"),
        ("sum(x, 1.5)", "there is only one axis, so none is named: sum(x)"),
        ("dot(W, x)", "dot cannot be applied to 2 x 2, 2"),
        ("x[0]", "index 0 is outside 1 to 2; indices count from 1"),
        ("x1 + 1", "unknown name; given x1; expected one of x, W, E. An element is written x[1]."),
        ("sum(W^T @ x)", "A transpose is written W.T."),
        ("||x||", "'|' has no meaning in an expression. Write norm(x) for a length"),
        ("2x[1]", "A product has its sign: 2*x, W @ x."),
        ("x[1] if x[2] else 0", "Cases are written where(x > 0, x, 0)."),
        ("maximum(x[1], 0)", "unknown function maximum. Did you mean max?"),
    ],
)
def test_other_spellings_are_told_the_right_one(expression: str, message: str) -> None:
    graph = {"inputs": {"x": [1, 2], "W": [[1, 2], [3, 4]]}, "nodes": {"E": expression}}
    with pytest.raises(ProblemError) as caught:
        problem_from_mapping({"title": "T", "graph": graph})
    assert message in str(caught.value)


def test_cases_in_the_condition_of_cases() -> None:
    """SymPy joins the two to a condition that no formula can show: then each case has its own derivative."""
    nodes = {"y": "where(hardtanh(x) > 0.3, hardtanh(x)^2, hardtanh(x)/2) + x", "E": "sum(y)"}
    graph = {"inputs": {"x": [2, "-0.5", "0.5"]}, "nodes": nodes}
    solution = solve(problem_from_mapping({"title": "T", "graph": graph}))
    assert [float(solution[f"dE_dact.x{n}"]) for n in (1, 2, 3)] == [1, 1.5, 2]


def test_a_comma_in_braces_is_told_from_one_in_an_expression() -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem("graph:\n  inputs: {x: 1}\n  nodes: {f: x^2, g: max(f, 1)}\n")
    assert 'put an expression that has one in quotes, "max(a, b)"' in str(caught.value)


def test_the_number_of_time_steps_is_written_out() -> None:
    with pytest.raises(ProblemError) as caught:
        problem_from_mapping({"network": {"inputs": [1], "targets": [1], "layers": [{"type": "flatten"}],
                                          "loss": {"kind": "cross_entropy", "constant": "1/T"}}})  # fmt: skip
    assert "Write the number of time steps itself: 1/4." in str(caught.value)
