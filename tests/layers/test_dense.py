"""Dense layers in a network of any shape: tying, seeded starts, rearranging, and their error texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symbackprop.spec import read_problem

from .errors import refusal
from .oracle import Leaf, Numbers, check, leaf, ledger_of, number, read, torch


@pytest.mark.parametrize("shape", [(2, 3, 1), (3, 2, 2), (1, 4, 3)], ids=str)
@pytest.mark.parametrize("shared", [True, False])
def test_dense_layers_of_a_batch(shape: tuple[int, int, int], shared: bool) -> None:
    draw = Numbers(sum(shape))
    inputs, hidden, outputs = shape
    w1, w2 = draw(hidden, inputs), draw(outputs, hidden)
    b1, b2 = (0.25, -0.5) if shared else (draw(hidden), draw(outputs))

    def run(tensors: Any, x: Any) -> Any:
        h = torch().tanh(x @ tensors["w1"].T + tensors["b1"])
        return torch().sigmoid(h @ tensors["w2"].T + tensors["b2"])

    network = {
        "samples": [{"inputs": draw(inputs), "targets": draw(outputs)} for _ in range(3)],
        "layers": [
            {"type": "dense", "units": hidden, "weights": w1, "biases": b1, "activation": "tanh"},
            {"type": "dense", "weights": w2, "biases": b2, "activation": "sigmoid"},
        ],
    }
    leaves = {"w1": leaf("w1", w1), "w2": leaf("w2", w2)}
    for name, values in (("b1", b1), ("b2", b2)):
        leaves[name] = Leaf(values, lambda index, name=name: name) if shared else leaf(name, values)  # type: ignore[misc]
    check(network, leaves, run)


@pytest.mark.parametrize("tied", ["encoder", {"layer": "encoder", "transposed": True}], ids=str)
def test_tied_weights_have_one_gradient_summed_over_both_places(tied: Any) -> None:
    draw = Numbers(8)
    transposed = isinstance(tied, dict)
    w = draw(2, 3) if transposed else draw(3, 3)

    def run(tensors: Any, x: Any) -> Any:
        h = torch().sigmoid(x @ tensors["w"].T)
        return h @ (tensors["w"] if transposed else tensors["w"].T) + tensors["b"]

    network = {
        "samples": [{"inputs": draw(3), "targets": draw(3)} for _ in range(2)],
        "layers": [
            {"type": "dense", "name": "encoder", "weights": w, "activation": "sigmoid"},
            {"type": "dense", "tied": tied, "biases": 0.5},
        ],
    }
    check(network, {"w": leaf("w_encoder", w), "b": Leaf(0.5, lambda index: "b2")}, run)


def test_columns_are_the_transpose_of_rows() -> None:
    draw = Numbers(9)
    w = np.array(draw(2, 3))
    base = {"inputs": draw(3), "targets": draw(2)}
    rows = ledger_of({**base, "layers": [{"type": "dense", "weights": w.tolist()}]})[1]
    columns = ledger_of(
        {**base, "layout": "columns", "layers": [{"type": "dense", "weights": w.T.tolist()}]}
    )[1]
    for key in rows:
        assert number(rows, key) == number(columns, key)


def test_weights_are_drawn_in_the_order_of_the_layers() -> None:
    layers = [
        {"type": "dense", "units": 2, "biases": 0, "activation": "tanh"},
        {"type": "dense", "weights": [[None, 0.5]]},
    ]
    network = {"inputs": [1, 2], "targets": [0], "layers": layers, "initialisation": {"seed": 3}}
    problem = read(network)
    drawn = np.random.RandomState(3).standard_normal(5)
    weights = [p for p in problem.parameters if p.name.startswith("w")]
    assert [float(str(p.value)) for p in weights] == [*drawn.tolist(), 0.5]
    assert [getattr(p, "drawn", False) for p in weights] == [True] * 5 + [False]


def test_reshape_flatten_and_several_axes() -> None:
    draw = Numbers(10)
    w, k = draw(4, 2), draw(1, 1, 2, 2)

    def run(tensors: Any, x: Any) -> Any:
        z = (x.reshape(1, 2) @ tensors["w"].T).reshape(1, 1, 2, 2)
        return torch().nn.functional.conv2d(z, tensors["k"])

    layers = [
        {"type": "flatten"},
        {"type": "dense", "weights": w},
        {"type": "reshape", "shape": [1, 2, 2]},
        {"type": "conv2d", "kernel": k},
    ]
    network = {"inputs": [draw(2)], "targets": draw(1), "layers": layers}
    check(network, {"w": leaf("w1", w), "k": Leaf(k, lambda index: f"k1_{index[2] + 1}_{index[3] + 1}")}, run)


def test_activation_layers() -> None:
    draw = Numbers(12)
    w = draw(3, 2)

    def run(tensors: Any, x: Any) -> Any:
        z = torch().nn.functional.leaky_relu(x @ tensors["w"].T, 0.2)
        return torch().log_softmax(z, 1)

    layers = [
        {"type": "dense", "weights": w},
        {"type": "activation", "activation": {"name": "leaky_relu", "negative_slope": 0.2}},
        {"type": "activation", "activation": "log_softmax"},
    ]
    check({"inputs": draw(2), "targets": draw(3), "layers": layers}, {"w": leaf("w1", w)}, run)


BASE = """\
title: Error
network:
  inputs: [1, 2]
  targets: [1]
  layers:
    - {type: dense, name: first, weights: [[1, 2], [3, 4], [5, 6]]}
    - {LAYER}
"""


def test_a_name_that_another_layers_default_has() -> None:
    text = BASE.replace("LAYER", "type: dense, weights: [[1, 2, 3]]").replace("name: first", "name: x")
    assert str(refusal(text)).startswith(
        "p.yaml:6: network.layers[1].name: two layers have this name; given x"
    )
    assert read_problem(BASE.replace("LAYER", "type: dense, weights: [[1, 2, 3]]")).outputs == ("o1",)
