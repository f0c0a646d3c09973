"""Long runs in double precision against runs in many digits."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from oracles.independent import Field, Reference
from oracles.networks import ACTIVATIONS, Net, any_net, build_net

from symbackprop import load_problem, solve
from symbackprop.derivation.solving import CERTIFIED_EPOCHS
from symbackprop.doubles.training import DenseNetwork, Training, train
from symbackprop.spec.problem import Loss, Problem


def reference_run(net: Net, epochs: int) -> list[Reference]:
    runs = [Reference(net, Field(120))]
    for _ in range(epochs):
        runs.append(runs[-1].updated())
    return runs


def assert_agrees(net: Net, training: Training, problem: Problem, epochs: int, relative: float) -> None:
    runs = reference_run(net, epochs)
    assert len(training.losses) == epochs + 1
    assert training.losses == pytest.approx([float(run.loss) for run in runs], rel=relative, abs=1e-14)
    names = [parameter.name for parameter in problem.parameters]
    for passes, values in training.parameters.items():
        expected = [float(runs[passes].parameters[name]) for name in names]
        assert values == pytest.approx(expected, rel=relative, abs=1e-14)
    outputs = [[float(runs[-1].values[f"act.{o}{mark}"]) for o in problem.outputs] for mark in net.marks]
    assert np.ravel(training.outputs) == pytest.approx(np.ravel(outputs), rel=relative, abs=1e-14)


@pytest.mark.parametrize("seed", range(25))
def test_thirty_updates_of_random_networks(seed: int) -> None:
    net = replace(any_net(seed), rate="0.01")
    problem = net.problem(epochs=30)
    training = train(problem, frozenset({0, 1, 7, 30}))
    assert set(training.parameters) == {0, 1, 7, 30}
    assert_agrees(net, training, problem, 30, 1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_two_hundred_updates(activation: str) -> None:
    net = build_net(random.Random(4), (2, 3, 2), (activation, "identity"), samples=3, dense=True, scale=0.8)
    net = replace(net, rate="0.02")
    problem = net.problem(epochs=200)
    training = solve(problem).training
    assert training is not None
    assert_agrees(net, training, problem, 200, 1e-9)


@pytest.mark.parametrize(
    ("activation", "weight", "loss", "target"),
    [
        ("softplus", "1000", "half_squared_error", "1"),
        ("softplus", "-1000", "half_squared_error", "1"),
        ("silu", "1000", "half_squared_error", "1"),
        ("silu", "-800", "half_squared_error", "1"),
        ("sigmoid", "1000", "half_squared_error", "1"),
        ("sigmoid", "-1000", "half_squared_error", "1"),
        ("tanh", "-1000", "half_squared_error", "1"),
        ("elu", "1000", "half_squared_error", "1"),
        ("elu", "-1000", "half_squared_error", "1"),
        ("sigmoid", "100", "binary_cross_entropy", "0"),
        ("sigmoid", "100", "binary_cross_entropy", "1"),
        ("sigmoid", "-100", "binary_cross_entropy", "0.5"),
        ("sigmoid", "-100", "binary_cross_entropy", "1"),
    ],
)
def test_saturated_units_neither_overflow_nor_vanish(
    activation: str, weight: str, loss: str, target: str
) -> None:
    """Where double precision cannot hold an exponential, the run still follows the exact one."""
    settings = (("alpha", "1"),) if activation == "elu" else ()
    net = Net(
        layers=(("x1",), ("o1",)),
        activations=((activation, settings),),
        weights=(("w1", "x1", "o1", weight),),
        biases=(("b1", ("o1",), "0.25"),),
        samples=((("1",), (target,)),),
        loss=loss,
        rate="0.125",
    )
    problem = net.problem(epochs=120)
    with np.errstate(all="raise", under="ignore"):
        training = solve(problem).training
    assert training is not None
    assert_agrees(net, training, problem, 120, 1e-9)


def test_outputs_that_feed_other_outputs() -> None:
    net = Net(
        layers=(("x1",), ("h1", "h2"), ("o1", "o2")),
        activations=(("tanh", ()), ("sigmoid", ())),
        weights=(
            ("w1", "x1", "h2", "0.5"), ("w2", "h2", "h1", "-0.7"), ("w3", "h1", "o2", "0.3"),
            ("w4", "o2", "o1", "1.5"), ("w5", "x1", "o1", "0.2"),
        ),
        biases=(("b1", ("h1", "o1"), "0.1"),),
        samples=((("0.4",), ("1", "0")), (("-1",), ("0.5", "1"))),
        loss="binary_cross_entropy",
        rate="0.5",
    )  # fmt: skip
    problem = net.problem(epochs=150)
    training = train(problem, frozenset({0, 75}))
    runs = reference_run(net, 150)
    # the package may put the units of a layer in another order; samples and parameters go by name
    assert training.losses == pytest.approx([float(run.loss) for run in runs], rel=1e-10)
    names = [parameter.name for parameter in problem.parameters]
    expected = [float(runs[150].parameters[name]) for name in names]
    assert training.parameters[150] == pytest.approx(expected, rel=1e-10)


def test_the_certified_run_and_the_quick_one_agree() -> None:
    problem = replace(load_problem("shared-bias"), epochs=CERTIFIED_EPOCHS, frozen=frozenset({"b1"}))
    solved, training = solve(problem), train(problem)
    assert solved.training is None
    for parameter, value in zip(problem.parameters, training.parameters[CERTIFIED_EPOCHS], strict=True):
        key = parameter.name if parameter.name == "b1" else f"new.{parameter.name}@{CERTIFIED_EPOCHS}"
        assert value == pytest.approx(float(solved[key]), rel=1e-12)
    assert training.losses[-1] == pytest.approx(float(solved[f"loss@{CERTIFIED_EPOCHS}"]), rel=1e-12)
    assert solve(replace(problem, epochs=CERTIFIED_EPOCHS + 1)).training is not None


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", ["squared_error", "mean_squared_error", "binary_cross_entropy"])
def test_reported_loss(kind: str, reduction: str) -> None:
    net = build_net(random.Random(9), (2, 2, 2), ("tanh", "sigmoid"), samples=3, dense=True)
    targets = (("0", "1"), ("1/3", "1"), ("0.5", "0"))
    samples = tuple((inputs, t) for (inputs, _), t in zip(net.samples, targets, strict=True))
    net = replace(net, samples=samples)
    problem = replace(net.problem(epochs=3), reported_loss=Loss(kind, reduction))
    training = train(problem)
    other = replace(net, loss=kind, reduction=reduction)
    for passes, run in enumerate(reference_run(net, 3)):
        expected = Reference(other, Field(120), run.parameters).loss
        assert training.reported[passes] == pytest.approx(float(expected), rel=1e-12)
        assert training.losses[passes] == pytest.approx(float(run.loss), rel=1e-12)
    solved = solve(problem)
    for passes in range(4):
        key = "reported_loss" + (f"@{passes}" if passes else "")
        assert float(solved[key]) == pytest.approx(float(training.reported[passes]), rel=1e-12)


def test_a_run_that_diverges_says_so_without_warnings(recwarn: Any) -> None:
    net = build_net(random.Random(2), (1, 2, 1), ("identity", "identity"), dense=True)
    net = replace(net, rate="1000", frozen=(), samples=((("3",), ("1",)),))
    training = train(net.problem(epochs=300))
    assert not np.isfinite(training.losses[-1])
    assert not recwarn.list


def test_what_cannot_be_trained() -> None:
    with pytest.raises(ValueError, match="needs a value for every parameter"):
        DenseNetwork(load_problem("or-gate"))
