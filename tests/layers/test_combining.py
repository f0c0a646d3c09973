"""Residual and other connections against PyTorch, and their error texts."""

from __future__ import annotations

from typing import Any

import pytest

from .oracle import Leaf, Numbers, check, keeping, leaf, ledger_of, number, torch


@pytest.mark.parametrize("activation", ["identity", "relu", "tanh"])
@pytest.mark.parametrize("projected", [True, False])
def test_residual_block(activation: str, projected: bool) -> None:
    draw = Numbers(51)
    width = 4 if projected else 3
    w1, w2, w3, p = draw(3, 2), draw(4, 3), draw(width, 4), draw(4, 3)
    apply = {"identity": lambda z: z, "relu": torch().relu, "tanh": torch().tanh}[activation]

    def run(tensors: Any, x: Any) -> Any:
        x = torch().tanh(x @ tensors["w1"].T)
        inner = torch().sigmoid(x @ tensors["w2"].T) @ tensors["w3"].T
        return apply(inner + (x @ tensors["p"].T if projected else x))

    block: dict[str, Any] = {
        "type": "residual",
        "activation": activation,
        "layers": [
            {"type": "dense", "weights": w2, "activation": "sigmoid"},
            {"type": "dense", "weights": w3},
        ],
    }
    leaves = {"w1": leaf("w1", w1), "w2": leaf("w2", w2), "w3": leaf("w3", w3)}
    if projected:
        block["shortcut"] = [{"type": "dense", "weights": p}]
        leaves["p"] = leaf("w4", p)
    network = {
        "samples": [{"inputs": draw(2), "targets": draw(width)} for _ in range(2)],
        "layers": [{"type": "dense", "weights": w1, "activation": "tanh"}, block],
    }
    check(network, leaves, run)


def test_residual_of_maps_inside_a_residual() -> None:
    draw = Numbers(52)
    k1, k2 = draw(2, 2, 3, 3), draw(2, 2, 1, 1)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        x = functional.conv2d(x, tensors["k1"], padding=1) + x * 1
        return x + x + functional.conv2d(x, tensors["k2"])

    block = {"type": "residual", "layers": [{"type": "conv2d", "kernel": k1, "padding": "same"}]}
    inner = {"type": "residual", "layers": [{"type": "conv2d", "kernel": k2}]}
    outer = {"type": "residual", "layers": [inner]}
    network = {"inputs": draw(2, 3, 3), "targets": draw(18), "layers": [block, outer]}
    check(network, {"k1": leaf("k1", k1), "k2": leaf("k2", k2)}, run)


@pytest.mark.parametrize("kind", ["add", "multiply", "concat"])
def test_earlier_layers_brought_together(kind: str) -> None:
    draw = Numbers(53)
    a, b, w = draw(3, 2), draw(3, 2), draw(1, 8 if kind == "concat" else 3)

    def run(tensors: Any, x: Any) -> Any:
        left, right = torch().tanh(x @ tensors["a"].T), torch().sigmoid(x @ tensors["b"].T)
        joined = {
            "add": lambda: left + right,
            "multiply": lambda: left * right,
            "concat": lambda: torch().cat([right, left, x], 1),
        }[kind]()
        return -2.5 * (joined @ tensors["w"].T)

    network = {
        "samples": [{"inputs": draw(2), "targets": draw(1)} for _ in range(2)],
        "layers": [
            {"type": "dense", "name": "left", "weights": a, "activation": "tanh"},
            {"type": "dense", "name": "right", "from": "x", "weights": b, "activation": "sigmoid"},
            {"type": kind, "from": ["right", "left", "x"] if kind == "concat" else ["left", "right"]},
            {"type": "dense", "weights": w},
            {"type": "scale", "factor": -2.5},
        ],
    }
    check(network, {"a": leaf("w_left", a), "b": leaf("w_right", b), "w": leaf("w3", w)}, run)


def test_concat_of_channels_is_pooled_as_maps() -> None:
    draw = Numbers(54)
    k = draw(1, 1, 1, 1)

    def run(tensors: Any, x: Any) -> Any:
        joined = torch().cat([torch().nn.functional.conv2d(x, tensors["k"]), x], 1)
        return torch().nn.functional.avg_pool2d(joined, 2)

    layers = [
        {"type": "conv2d", "name": "c", "kernel": k},
        {"type": "concat", "from": ["c", "x"], "axis": "first"},
        {"type": "avg_pool", "size": 2},
    ]
    network = {"inputs": draw(1, 2, 2), "targets": draw(2), "layers": layers}
    check(network, {"k": Leaf(k, keeping("k_c", 2, 3))}, run)


def test_a_value_added_to_itself_counts_twice() -> None:
    layers: list[dict[str, Any]] = [
        {"type": "scale", "factor": 3, "name": "y"},
        {"type": "add", "from": ["y", "y"], "name": "twice"},
        {"type": "multiply", "from": ["y", "y"]},
        {"type": "add", "from": ["twice", "m"]},
    ]
    layers[2]["name"] = "m"
    _, ledger = ledger_of({"inputs": [2], "targets": [0], "layers": layers})
    # y = 6, s = 2 y + y^2 = 48, E = s^2 / 2, dE/dy = s (2 + 2 y)
    assert number(ledger, "dE_dact.y_1") == 48 * 14
