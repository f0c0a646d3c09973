"""Batch, layer and root-mean-square normalisation against PyTorch's, and their error texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .errors import refusal
from .oracle import Leaf, Numbers, check, keeping, leaf, ledger_of, number, printed_name, torch

EPSILON = 1e-5


def names(ledger: Any, *keys: str) -> list[str]:
    return [printed_name(ledger, key) for key in keys]


@pytest.mark.parametrize("samples", [2, 3, 4])
@pytest.mark.parametrize("epsilon", ["1e-5", "0.001"])
def test_batch_norm_of_features(samples: int, epsilon: str) -> None:
    draw = Numbers(samples)
    w, gamma, beta, v = draw(3, 2), draw(3), draw(3), draw(1, 3)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        z = functional.batch_norm(
            x @ tensors["w"].T, None, None, tensors["gamma"], tensors["beta"], True, eps=float(epsilon)
        )
        return torch().relu(z) @ tensors["v"].T

    network = {
        "samples": [{"inputs": draw(2), "targets": draw(1)} for _ in range(samples)],
        "layers": [
            {"type": "dense", "weights": w},
            {"type": "batch_norm", "gamma": gamma, "beta": beta, "epsilon": epsilon},
            {"type": "activation", "activation": "relu"},
            {"type": "dense", "weights": v},
        ],
    }
    leaves = {
        "w": leaf("w1", w),
        "gamma": leaf("gamma1", gamma),
        "beta": leaf("beta1", beta),
        "v": leaf("w2", v),
    }
    ledger = check(network, leaves, run)
    assert ledger.known("dE_dact.bn1_var_2") and ledger.known("dE_dact.bn1_mean_3")
    assert names(ledger, "act.bn1_mean_1", "act.bn1_var_1", "act.bn1_hat_1#1", "act.bn1_1#1", "gamma1_1") == [
        "mu_1", "v_1", "hat x_1^[1]", "y_1^[1]", "gamma_1",
    ]  # fmt: skip


def test_batch_norm_of_channels() -> None:
    draw = Numbers(21)
    kernel, gamma, beta = draw(2, 1, 2, 2), draw(2), draw(2)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        z = functional.conv2d(x, tensors["k"])
        return functional.batch_norm(z, None, None, tensors["gamma"], tensors["beta"], True, eps=EPSILON)

    network = {
        "samples": [{"inputs": draw(1, 3, 3), "targets": draw(8)} for _ in range(3)],
        "layers": [
            {"type": "conv2d", "kernel": kernel},
            {"type": "batch_norm", "gamma": gamma, "beta": beta},
        ],
    }
    leaves = {
        "k": Leaf(kernel, keeping("k1", 0, 2, 3)),
        "gamma": leaf("gamma1", gamma),
        "beta": leaf("beta1", beta),
    }
    ledger = check(network, leaves, run)
    assert names(ledger, "act.bn1_hat_2_1_2#1", "act.bn1_2_1_2#1") == ["hat x_12^(2),[1]", "y_12^(2),[1]"]


def test_batch_norm_with_given_statistics_takes_one_sample() -> None:
    draw = Numbers(22)
    w, gamma, mean, variance = draw(3, 2), draw(3), draw(3), [0.25, 2.5, 1]
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        given = [torch().tensor(values, dtype=torch().float64) for values in (mean, variance)]
        return functional.batch_norm(x @ tensors["w"].T, *given, tensors["gamma"], None, False, eps=0.001)

    running = {"mean": mean, "variance": variance}
    network = {
        "inputs": draw(2),
        "targets": draw(3),
        "layers": [
            {"type": "dense", "weights": w},
            {"type": "batch_norm", "running": running, "gamma": gamma, "epsilon": "0.001"},
        ],
    }
    check(network, {"w": leaf("w1", w), "gamma": leaf("gamma1", gamma)}, run)


@pytest.mark.parametrize("kind", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize("over", ["last", "all"])
@pytest.mark.parametrize("affine", [True, False])
def test_norms_within_a_sample(kind: str, over: str, affine: bool) -> None:
    draw = Numbers(23)
    kernel = draw(2, 1, 2)
    shape = (3,) if over == "last" else (2, 3)
    gamma, beta = draw(*shape), draw(*shape)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        z = functional.conv1d(x, tensors["k"])
        if kind == "rms_norm":
            z = functional.rms_norm(z, shape, tensors.get("gamma"), EPSILON)
            return z + tensors["beta"] if affine else z
        return functional.layer_norm(z, shape, tensors.get("gamma"), tensors.get("beta"), EPSILON)

    parameters = {"gamma": gamma, "beta": beta} if affine else {}
    network = {
        "samples": [{"inputs": draw(1, 4), "targets": draw(6)} for _ in range(2)],
        "layers": [{"type": "conv1d", "kernel": kernel}, {"type": kind, "over": over, **parameters}],
    }
    leaves = {name: leaf(f"{name}1", values) for name, values in parameters.items()}
    check(network, {"k": Leaf(kernel, keeping("k1", 0, 2)), **leaves}, run)


def test_two_norms_of_one_sample_with_shared_scales() -> None:
    draw = Numbers(24)
    w = draw(3, 2)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        z = functional.layer_norm(x @ tensors["w"].T, (3,), None, None, EPSILON) * tensors["g"]
        return functional.layer_norm(torch().tanh(z), (3,), None, None, EPSILON) + tensors["b"]

    network = {
        "inputs": draw(2),
        "targets": draw(3),
        "layers": [
            {"type": "dense", "weights": w},
            {"type": "layer_norm", "gamma": 1.5},
            {"type": "activation", "activation": "tanh"},
            {"type": "layer_norm", "name": "second", "beta": 0.5},
        ],
    }
    leaves = {
        "w": leaf("w1", w),
        "g": Leaf(1.5, lambda index: "gamma1"),
        "b": Leaf(0.5, lambda index: "beta_second"),
    }
    check(network, leaves, run)


def test_batch_norm_by_hand() -> None:
    # the values 1, 3, 8 have mean 4 and biased variance (9 + 1 + 16)/3
    network = {
        "samples": [{"inputs": [value], "targets": [0]} for value in (1, 3, 8)],
        "layers": [{"type": "batch_norm", "epsilon": 0}],
    }
    _, ledger = ledger_of(network)
    assert number(ledger, "act.bn1_mean_1") == 4
    assert str(ledger.exact("act.bn1_var_1")) == "26/3"
    expected = (np.array([1, 3, 8]) - 4) / np.sqrt(26 / 3)
    found = [number(ledger, f"act.bn1_1#{sample}") for sample in (1, 2, 3)]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_one_sample_has_no_batch() -> None:
    text = "title: One\nnetwork:\n  inputs: [1, 2]\n  targets: [0, 0]\n  layers:\n    - {type: batch_norm}\n"
    assert str(refusal(text)) == (
        "p.yaml:6: network.layers[1]: a single value has no variance; expected several samples. "
        "With given statistics: `running: {mean: [...], variance: [...]}`."
    )
