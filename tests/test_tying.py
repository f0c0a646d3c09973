"""Connections that share a weight: one parameter, its gradient the sum over all of them."""

from __future__ import annotations

from math import exp, tanh

import pytest

from symbackprop import solve
from symbackprop.bulk import gradients
from symbackprop.doubles.training import DenseNetwork
from symbackprop.spec import read_problem

PROBLEM = """\
title: Tied
network:
  layers:
    - {name: input, units: [x1, x2]}
    - {name: hidden, units: [h1, h2], activation: sigmoid}
    - {name: output, units: [o1], activation: tanh}
  inputs: {x1: 0.5, x2: -0.25}
  targets: {o1: 0.9}
  weights:
    - {name: w1, from: x1, to: h1, value: 0.15}
    - {name: w2, from: x2, to: h1, value: 0.20}
    - {tied_to: w1, from: x1, to: h2}
    - {name: w3, from: x2, to: h2, value: 0.30}
    - {tied_to: w1, from: h1, to: o1}
    - {name: w4, from: h2, to: o1, value: -0.4}
  learning_rate: 0.1
"""


def by_hand(w1: float) -> tuple[float, float]:
    """Return loss and dE/dw1, the sum over the three connections."""
    x1, x2 = 0.5, -0.25
    h1 = 1 / (1 + exp(-(x1 * w1 + x2 * 0.20)))
    h2 = 1 / (1 + exp(-(x1 * w1 + x2 * 0.30)))
    o = tanh(h1 * w1 + h2 * -0.4)
    by_z = (o - 0.9) * (1 - o**2)
    direct = by_z * h1
    through = by_z * (w1 * h1 * (1 - h1) * x1 + -0.4 * h2 * (1 - h2) * x1)
    return (0.9 - o) ** 2 / 2, direct + through


def test_the_gradient_is_the_sum_over_the_connections() -> None:
    solution = solve(read_problem(PROBLEM))
    loss, gradient = by_hand(0.15)
    assert float(solution["loss"]) == pytest.approx(loss, rel=1e-14)
    assert float(solution["grad.w1"]) == pytest.approx(gradient, rel=1e-14)
    assert float(solution["new.w1"]) == pytest.approx(0.15 - 0.1 * gradient, rel=1e-14)
    assert [parameter.name for parameter in solution.problem.parameters] == ["w1", "w2", "w3", "w4"]


def test_the_connections_keep_the_authors_order() -> None:
    problem = read_problem(PROBLEM)
    ends = [(weight.name, weight.source, weight.target) for weight in problem.connections]
    assert ends == [
        ("w1", "x1", "h1"), ("w2", "x2", "h1"), ("w1", "x1", "h2"),
        ("w3", "x2", "h2"), ("w1", "h1", "o1"), ("w4", "h2", "o1"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["chain", "components", "delta", "delta_rule", "tables"])
def test_every_form_has_a_sheet(form: str) -> None:
    solution = solve(read_problem(PROBLEM + f"notation: {{form: {form}}}\n"))
    assert float(solution["grad.w1"]) == pytest.approx(by_hand(0.15)[1], rel=1e-13)
    assert "w_1" in solution.to_latex()


def test_a_drawn_weight_is_the_same_in_all_its_places() -> None:
    text = PROBLEM.replace("value: 0.15", "value: null").replace(
        "  learning", "  initialisation: {seed: 4}\n  learning"
    )
    problem = read_problem(text)
    assert {str(weight.value) for weight in problem.connections if weight.name == "w1"} == {
        str(problem.weights[0].value)
    }
    assert [weight.drawn for weight in problem.weights] == [True, False, False, False]


def test_thirty_epochs_update_it_once_each() -> None:
    solution = solve(read_problem(PROBLEM + "epochs: 30\nreport_every: 10\n"))
    weights = {"w1": 0.15, "w2": 0.2, "w3": 0.3, "w4": -0.4}
    for _ in range(30):
        slopes = _central(weights)
        weights = {name: value - 0.1 * slopes[name] for name, value in weights.items()}
    assert float(solution["loss@30"]) == pytest.approx(_loss(weights), rel=1e-6)


def test_the_gradient_in_double_precision() -> None:
    network = DenseNetwork(read_problem(PROBLEM))
    found = network.gradient(network.start, *network.forward(network.start))
    assert found[0] == pytest.approx(by_hand(0.15)[1], rel=1e-13)


def test_all_gradients_at_once() -> None:
    assert float(gradients(read_problem(PROBLEM))["w1"]) == pytest.approx(by_hand(0.15)[1], rel=1e-5)


def _loss(w: dict[str, float]) -> float:
    h1 = 1 / (1 + exp(-(0.5 * w["w1"] - 0.25 * w["w2"])))
    h2 = 1 / (1 + exp(-(0.5 * w["w1"] - 0.25 * w["w3"])))
    return (0.9 - tanh(h1 * w["w1"] + h2 * w["w4"])) ** 2 / 2


def _central(w: dict[str, float]) -> dict[str, float]:
    step = 1e-5
    return {
        name: (_loss({**w, name: w[name] + step}) - _loss({**w, name: w[name] - step})) / (2 * step)
        for name in w
    }
