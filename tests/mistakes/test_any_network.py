"""Mistakes on networks of any shape: random dense ones against matrices, and every built-in example."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import isfinite

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop import Dense, Problem, example_names, solve
from symbackprop.mistakes import MISTAKES, distinguishable, sweep_of, wrong_values
from symbackprop.mistakes.throughout import whole_runs

# --- random dense networks, everything by hand ---------------------------------------------------


class ByHand:
    """Backpropagation in a sigmoid network with half squared error, with one mistake or none."""

    def __init__(self, sizes: list[int], seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.x = draw.uniform(-1, 1, sizes[0]).round(2)
        self.t = draw.uniform(0.1, 0.9, sizes[-1]).round(2)
        self.weights = [draw.uniform(-1, 1, (b, a)).round(2) for a, b in pairwise(sizes)]
        self.biases = [draw.uniform(-1, 1, b).round(2) for b in sizes[1:]]

    def problem(self) -> Problem:
        return Problem(
            title="By hand",
            inputs=self.x.tolist(),
            targets=self.t.tolist(),
            layers=[
                Dense(len(b), "sigmoid", weights=w.tolist(), biases=b.tolist())
                for w, b in zip(self.weights, self.biases, strict=True)
            ],
            loss="half_squared_error",
            learning_rate=0.5,
        )

    def gradients(self, mistake: str = "") -> list[np.ndarray]:
        a, nets, sent = self.x, [], [self.x]
        for w, b in zip(self.weights, self.biases, strict=True):
            nets.append(w @ a + (0 if mistake == "bias_left_out" else b))
            a = 1 / (1 + np.exp(-nets[-1]))
            sent.append(a)
        passed = a - self.t
        if mistake == "error_sign":
            passed = -passed
        found: list[np.ndarray] = []
        for layer in range(len(self.weights) - 1, -1, -1):
            o = sent[layer + 1]
            slope = {
                "activation_derivative_omitted": np.ones_like(o),
                "tanh_derivative_for_sigmoid": 1 - o**2,
                "derivative_at_net_input": nets[layer] * (1 - nets[layer]),
            }.get(mistake, o * (1 - o))
            delta = passed * slope
            gradient = np.outer(delta, sent[layer])
            found.insert(0, gradient)
            weights = self.weights[layer]
            if mistake == "updated_weight_used":
                weights = weights - 0.5 * gradient
            passed = weights.T @ delta
        return found


#: Mistakes that change the backward pass of the network above as a whole.
THROUGHOUT = (
    "activation_derivative_omitted",
    "tanh_derivative_for_sigmoid",
    "derivative_at_net_input",
    "error_sign",
    "bias_left_out",
    "updated_weight_used",
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sizes=st.lists(st.integers(1, 3), min_size=3, max_size=4),
    seed=st.integers(0, 10_000),
    mistake=st.sampled_from(THROUGHOUT),
)
def test_a_mistake_made_throughout(sizes: list[int], seed: int, mistake: str) -> None:
    """Of the whole runs with this mistake one gives what the matrices give, for every first weight."""
    by_hand = ByHand(sizes, seed)
    solution = solve(by_hand.problem())
    sweep = sweep_of(solution.ledger, solution.graph, solution.problem)
    expected = by_hand.gradients(mistake)[0]
    keys = [f"grad.w1_{to + 1}_{source + 1}" for to in range(sizes[1]) for source in range(sizes[0])]
    runs = [run for run in whole_runs(sweep) if run.mistake == mistake]
    made = [np.array([run.values.number(key) for key in keys], dtype=float) for run in runs]
    assert any(np.allclose(values, expected.ravel(), rtol=1e-9, atol=1e-14) for values in made)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(sizes=st.lists(st.integers(1, 3), min_size=3, max_size=4), seed=st.integers(0, 10_000))
def test_the_certified_value_is_the_one_in_doubles(sizes: list[int], seed: int) -> None:
    solution = solve(ByHand(sizes, seed).problem())
    key = "grad.w1_1_1"
    right = float(solution[key])
    found = list(wrong_values(solution.ledger, solution.graph, solution.problem, key))
    assert found
    for made in found:
        assert made.mistake in MISTAKES
        assert 0 < made.likelihood < 1
        value = float(made.value.ball)
        assert isfinite(value)
        if made.written is None and made.mistake != "truncated":
            assert value == pytest.approx(made.double, rel=1e-9, abs=1e-14)
            assert value != pytest.approx(right, rel=1e-12, abs=0)
        if made.value.exact is not None:
            assert int(made.value.exact.p) / int(made.value.exact.q) == pytest.approx(value, rel=1e-14)
    likelihoods = [made.likelihood for made in found if made.written is None and made.mistake != "truncated"]
    assert likelihoods == sorted(likelihoods, reverse=True)


# --- own earlier answers -------------------------------------------------------------------------


def test_own_answers_are_read() -> None:
    """With an own value for dE/dz of an output, one path is that value times weight, slope and input."""
    from fractions import Fraction

    solution = solve("two-output-sigmoid")
    own = {"dE_dnet.o1": Fraction("0.2")}
    found = wrong_values(
        solution.ledger, solution.graph, solution.problem, "grad.w1", mistakes=["one_path_only"], given=own
    )
    a = float(solution["act.h1"])
    values = [float(made.value.ball) for made in found]
    assert any(value == pytest.approx(0.2 * 0.40 * a * (1 - a) * 0.05, rel=1e-8) for value in values)


def test_only_values_within_an_interval() -> None:
    solution = solve("two-output-sigmoid")
    ledger, graph, problem = solution.ledger, solution.graph, solution.problem
    whole = [made.shown for made in wrong_values(ledger, graph, problem, "grad.w1")]
    low, high = 6.9e-4, 7.0e-4
    some = [made.shown for made in wrong_values(ledger, graph, problem, "grad.w1", within=(low, high))]
    assert some
    assert len(some) < len(whole) / 5
    assert "0.694690157e-3" in some  # one path only
    assert set(some) <= set(whole)


# --- every example -------------------------------------------------------------------------------


def _asked(keys: list[str]) -> list[str]:
    """Return a few quantities of an example: the first and last of the kinds that are usually asked."""
    kinds: list[Callable[[str], bool]] = [
        lambda key: key.startswith("net."),
        lambda key: key == "loss" or key.startswith("loss@"),
        lambda key: key.startswith("grad."),
        lambda key: key.startswith("new."),
    ]
    found = [[key for key in keys if fits(key)] for fits in kinds]
    return [key for kind in found if kind for key in dict.fromkeys((kind[0], kind[-1]))][:6]


@pytest.mark.parametrize("name", [name for name in example_names() if name != "xor"])
def test_every_example_has_wrong_answers(name: str) -> None:
    from dataclasses import replace

    from symbackprop import load_problem

    solution = solve(replace(load_problem(name), epochs=1, show=()))
    ledger, graph, problem = solution.ledger, solution.graph, solution.problem
    keys = [key for key in ledger.formulas if ledger.known(key) and ledger.given(key) is None]
    for key in _asked(keys):
        found = [made for made, _ in zip(wrong_values(ledger, graph, problem, key), range(12), strict=False)]
        if ledger.exact(key) != "0":
            assert found, key
        for made in found:
            assert made.shown
            assert made.shows


@pytest.mark.parametrize("name", ["two-output-sigmoid", "softmax-classes", "elman-rnn", "batch-norm", "adam"])
def test_mistakes_are_made_in_networks_of_every_kind(name: str) -> None:
    """At least a dozen different mistakes reach the gradient of the first parameter."""
    solution = solve(name)
    key = f"grad.{solution.problem.parameters[0].name}"
    assert len(distinguishable(solution, key).answers) >= 8
    names = {made.mistake for made in wrong_values(solution.ledger, solution.graph, solution.problem, key)}
    assert len(names) >= 12
