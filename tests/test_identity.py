"""Values that are a rational number whatever their exponentials are, proved at random places of a field."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx

from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.solving import derive
from symbackprop.numbers.evaluate import NoValue
from symbackprop.proofs.composition import _decided, _order, simplest_inside
from symbackprop.proofs.identity import holds_identically
from symbackprop.solution import Solution, solve
from symbackprop.spec import problem_from_mapping

ALWAYS = [
    ("exp(x)/(exp(x) + exp(y)) + exp(y)/(exp(x) + exp(y))", 1),
    ("exp(x)*exp(-x)", 1),
    ("tanh(x - y) + tanh(y - x)", 0),
    ("(exp(x) + 1)^3 - exp(x)^3 - 3*exp(x)^2 - 3*exp(x) - 1", 0),
    ("sqrt(x)/(2*sqrt(x)) + 1/4", Fraction(3, 4)),
    ("exp(x) - exp(0.25 + 0.25)", 0),  # x is 1/2
    ("max(x, y)*tanh(x) - x*tanh(x)", 0),  # the larger one is x
    ("exp(x - ln(exp(x) + exp(y))) + exp(y - ln(exp(x) + exp(y)))", 1),  # the slopes of a log-softmax
    ("x - ln(exp(x))", 0),
    ("ln(exp(tanh(x))) - tanh(x)", 0),
    ("exp(tanh(x) + 1)*(exp(x) - exp(x)) + 1/3", Fraction(1, 3)),
]
NOT_ALWAYS = [
    ("exp(x) - exp(y)", 0),
    ("exp(x)/(exp(x) + exp(y))", Fraction(1, 2)),
    ("tanh(x) - tanh(y)", 0),
    ("exp(x) + tanh(x)", 1),
    ("exp(x - ln(exp(x) + exp(y)))", 1),
    ("ln(exp(x) + exp(y)) - x - y", 0),
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


def solved(
    layers: list[dict[str, object]], targets: list[object], loss: str = "half_squared_error"
) -> Solution:
    network = {
        "inputs": ["0.5", "0.5"],
        "targets": targets,
        "layers": layers,
        "loss": loss,
        "learning_rate": "0.5",
    }
    return solve(problem_from_mapping({"title": "Test", "network": network}))


def test_a_shared_bias_under_a_log_softmax_has_the_gradient_zero() -> None:
    """It moves all net inputs alike; so it is in each sample, after an update too."""
    layers = [
        {
            "units": 2,
            "activation": "gelu_tanh",
            "weights": [["-0.7", "-0.542"], ["-0.963", "0.56"]],
            "biases": "-1.4",
        },
        {
            "units": 3,
            "activation": "log_softmax",
            "weights": [["-1", "0.2"], ["0.8", "-1.3"], ["0.3", "-0.9"]],
            "biases": "0.5",
        },
    ]
    samples = [
        {"inputs": ["-0.4", "-0.77"], "targets": ["-1.353", "1.2", "1.275"]},
        {"inputs": ["1.6", "-1.65"], "targets": ["-0.3", "-0.608", "0.184"]},
    ]
    network = {"samples": samples, "layers": layers, "learning_rate": "0.25"}
    data = solve(problem_from_mapping({"title": "Test", "network": network, "epochs": 2})).to_data()
    values = data["quantities"]
    for key in ("grad.b2", "grad.b2#1", "grad.b2#2", "grad.b2@1", "grad.b2#1@1", "step.b2", "step.b2@1"):
        assert values[key]["exact"] == "0", key
    assert values["grad.b1"]["exact"] is None


def test_a_kink_at_a_zero_that_irrational_numbers_make() -> None:
    """tanh 0.5 - tanh 0.5 is 0, and the relu of it lies on its kink."""
    solution = solved(
        [
            {"units": 3, "activation": "tanh", "weights": [[1, 0], [0, 1], [-1, -1]]},
            {"units": 2, "activation": "relu", "weights": [[1, -1, 0], [1, 1, "0.3"]]},
            {"units": 1, "activation": "identity", "weights": [[1, 1]]},
        ],
        [1],
    )
    assert solution["net.h2_1"].exact == 0
    assert solution["dact_dnet.h2_1"].exact == 0
    assert "kink" in solution.to_text()


def test_a_kink_at_one_less_the_sum_of_a_softmax() -> None:
    solution = solved(
        [
            {"units": 3, "activation": "softmax", "weights": [[1, 0], [0, 1], [-1, -1]]},
            {"units": 1, "activation": "relu", "weights": [[1, 1, 1]], "biases": [-1]},
        ],
        [1],
    )
    assert solution["act.o1"].exact == 0


def test_a_logarithm_of_an_irrational_zero_says_so() -> None:
    """A softmax over one unit is 1, whatever its net input."""
    with pytest.raises(NoValue, match=r"error\.o1: act\.o1 is 1: ln of 0"):
        solved(
            [{"units": 1, "activation": "softmax", "weights": [["0.3", "0.7"]]}],
            ["0.4"],
            "binary_cross_entropy",
        )


def test_a_parameter_that_an_update_does_not_move_has_the_step_zero() -> None:
    """A relu that is off sends nothing back: the step is 0, though the weight is irrational by then."""
    layers = [
        {"units": 2, "activation": "relu", "weights": [["0.3", "0.4"], ["0.1", "-0.7"]]},
        {"units": 1, "activation": "sigmoid", "weights": [["0.5", "2"]]},
    ]
    samples = [{"inputs": [1, 1], "targets": [0]}, {"inputs": [-1, "0.1"], "targets": [1]}]
    network = {"samples": samples, "layers": layers, "learning_rate": "0.5"}
    solution = solve(problem_from_mapping({"title": "Test", "network": network, "batches": "online"}))
    assert solution["new.w1_1_1"].exact is None
    assert solution["step.w1_1_1@1"].exact == 0


@pytest.mark.parametrize("bits", [256, 32768])
def test_an_irrational_number_is_near_no_simple_rational_at_any_precision(bits: int) -> None:
    """The search ends long before the recursion of Python would."""
    with ctx.workprec(bits):
        assert simplest_inside(arb(2).sqrt()) is None
        assert simplest_inside(-arb.pi()) is None
        assert simplest_inside(arb(-2) / 7) == Fraction(-2, 7)
