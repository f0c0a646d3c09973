"""The networks of the published articles, as they stand in tests/articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.formulas.terms import Number
from symbackprop.spec import Problem, load_problem, problem_from_mapping
from symbackprop.spec.problem import Loss

ARTICLES = Path(__file__).resolve().parent.parent / "articles"
EXAMPLE_OF = {
    "two_output_sigmoid": "two-output-sigmoid",
    "shared_bias": "shared-bias",
    "or_gate": "or-gate",
    "delta_rule": "delta-rule",
    "xor": "xor",
}


def article(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ARTICLES / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


def article_problem(name: str) -> Problem:
    return problem_from_mapping({"network": article(name)["network"]})


@pytest.mark.parametrize("name", EXAMPLE_OF)
def test_each_network_loads_as_it_stands(name: str) -> None:
    network = article(name)["network"]
    problem = article_problem(name)
    assert [layer.name for layer in problem.layers] == ["input", "hidden", "output"]
    assert [list(layer.units) for layer in problem.layers] == [layer["units"] for layer in network["layers"]]
    assert [weight.name for weight in problem.weights] == [weight["name"] for weight in network["weights"]]
    for weight, given in zip(problem.weights, network["weights"], strict=True):
        assert (weight.source, weight.target) == (given["from"], given["to"])
        assert weight.value == (None if given["value"] is None else Number(given["value"]))
    assert [list(bias.targets) for bias in problem.biases] == [bias["to"] for bias in network["biases"]]
    rate = network["learning_rate"]
    assert problem.learning_rate == (None if rate is None else Number(rate))
    assert problem.loss.kind == "half_squared_error"


@pytest.mark.parametrize(("name", "example"), EXAMPLE_OF.items())
def test_each_example_is_its_article(name: str, example: str) -> None:
    theirs, ours = article_problem(name), load_problem(example)
    assert ours.layers == theirs.layers
    assert ours.samples == theirs.samples
    assert ours.biases == theirs.biases
    assert ours.loss == theirs.loss
    assert ours.reported_loss == theirs.reported_loss
    assert ours.learning_rate == theirs.learning_rate
    assert ours.frozen == theirs.frozen
    assert ours.given == theirs.given
    if name == "xor":
        initial = article(name)["reference_exact"]["initial"]
        assert {weight.name: str(weight.value) for weight in ours.weights} == initial
    else:
        assert ours.weights == theirs.weights


def test_frozen_is_what_the_update_leaves_out() -> None:
    assert article_problem("shared_bias").frozen == {"b1", "b2"}
    assert article_problem("two_output_sigmoid").frozen == frozenset()


def test_the_xor_losses_are_told_apart() -> None:
    problem = article_problem("xor")
    assert problem.loss == Loss("half_squared_error", "sum")
    assert problem.reported_loss == Loss("mean_squared_error", "mean")
    assert (problem.epochs, problem.report_every) == (10000, 4000)
    assert len(problem.samples) == 4
    assert all(weight.value is None for weight in problem.weights)


def test_the_full_or_gate_is_the_illustrative_completion() -> None:
    given = article("or_gate")["reconstruction"]["illustrative_completion"]["parameters"]
    problem = load_problem("or-gate-full")
    assert {parameter.name: str(parameter.value) for parameter in problem.parameters} == given
    assert problem.given == {}
    assert problem.learning_rate is None
