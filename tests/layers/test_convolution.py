"""Convolutions against PyTorch's, against numbers done by hand, and their error texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .errors import refusal
from .oracle import Leaf, Numbers, check, keeping, leaf, ledger_of, number, printed_name, torch

SETTINGS: list[dict[str, Any]] = [
    {},
    {"stride": 2},
    {"stride": [2, 1], "padding": [1, 0]},
    {"padding": 1, "activation": "tanh"},
    {"padding": "same"},
    {"padding": "valid", "flip": True},
    {"dilation": 2, "padding": 2},
    {"dilation": [1, 2], "padding": [0, 1], "flip": True},
    {"groups": 2, "activation": "sigmoid"},
    {"groups": 2, "stride": 2, "padding": 1},
]


def kernel_name(family: str, outs: int, ins: int, axes: int) -> Any:
    kept = ([0] if outs > 1 else []) + ([1] if ins > 1 else []) + [2 + axis for axis in range(axes)]
    return keeping(family, *kept)


def torch_convolution(settings: dict[str, Any], axes: int, kernel: Any, bias: Any, x: Any) -> Any:
    library = torch()
    functional = library.nn.functional
    if settings.get("flip"):
        kernel = kernel.flip(*range(2, 2 + axes))
    names = ("stride", "padding", "dilation", "groups")
    options = {name: settings[name] for name in names if name in settings}
    z = (functional.conv1d if axes == 1 else functional.conv2d)(x, kernel, bias, **options)
    activation = settings.get("activation", "identity")
    return {"identity": lambda z: z, "tanh": library.tanh, "sigmoid": library.sigmoid}[activation](z)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(("channels", "maps"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_conv2d(settings: dict[str, Any], channels: int, maps: int) -> None:
    groups = settings.get("groups", 1)
    if channels % groups or maps % groups:
        pytest.skip("the channels are not that many groups")
    draw = Numbers(channels * 10 + maps)
    image, kernel, bias = draw(channels, 4, 5), draw(maps, channels // groups, 2, 2), draw(maps)
    if settings.get("padding") == "same":
        kernel = draw(maps, channels // groups, 3, 3)

    def run(tensors: Any, x: Any) -> Any:
        return torch_convolution(settings, 2, tensors["kernel"], tensors["bias"], x)

    library = torch()
    sizes = {"kernel": library.tensor(kernel), "bias": library.tensor(bias)}
    count = run(sizes, library.tensor([image])).numel()
    network = {
        "inputs": image,
        "targets": draw(count),
        "layers": [{"type": "conv2d", "kernel": kernel, "biases": bias, **settings}],
    }
    leaves = {
        "kernel": Leaf(kernel, kernel_name("k1", maps, channels // groups, 2)),
        "bias": Leaf(bias, keeping("bk1", *([0] if maps > 1 else []))),
    }
    check(network, leaves, run)


@pytest.mark.parametrize(
    "settings", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}, {"padding": "same"}], ids=str
)
@pytest.mark.parametrize(("channels", "maps"), [(1, 1), (2, 3)])
def test_conv1d_of_a_batch(settings: dict[str, Any], channels: int, maps: int) -> None:
    draw = Numbers(7)
    signals, kernel = [draw(channels, 6) for _ in range(3)], draw(maps, channels, 3)
    library = torch()

    def run(tensors: Any, x: Any) -> Any:
        return torch_convolution(settings, 1, tensors["kernel"], None, x)

    count = run({"kernel": library.tensor(kernel)}, library.tensor(signals[:1])).numel()
    network = {
        "samples": [{"inputs": signal, "targets": draw(count)} for signal in signals],
        "layers": [{"type": "conv1d", "kernel": kernel, **settings}],
    }
    check(network, {"kernel": Leaf(kernel, kernel_name("k1", maps, channels, 1))}, run)


def test_two_convolutions_pooling_and_softmax() -> None:
    draw = Numbers(3)
    k1, b1, k2, w, b = draw(2, 1, 3, 3), draw(2), draw(3, 2, 2, 2), draw(2, 3), draw(2)
    images = [draw(1, 8, 8) for _ in range(2)]
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        x = functional.max_pool2d(functional.relu(functional.conv2d(x, tensors["k1"], tensors["b1"])), 2)
        x = torch().tanh(functional.conv2d(x, tensors["k2"])).mean((2, 3))
        return torch().softmax(x @ tensors["w"].T + tensors["b"], 1)

    network = {
        "samples": [
            {"inputs": image, "targets": target}
            for image, target in zip(images, ([1, 0], [0, 1]), strict=True)
        ],
        "layers": [
            {"type": "conv2d", "kernel": k1, "biases": b1, "activation": "relu"},
            {"type": "max_pool", "size": 2},
            {"type": "conv2d", "kernel": k2, "activation": "tanh"},
            {"type": "global_avg_pool"},
            {"type": "dense", "weights": w, "biases": b, "activation": "softmax"},
        ],
    }
    leaves = {
        "k1": Leaf(k1, keeping("k1", 0, 2, 3)), "b1": leaf("bk1", b1), "k2": leaf("k2", k2),
        "w": leaf("w1", w), "b": leaf("b1", b),
    }  # fmt: skip
    check(network, leaves, run, loss="cross_entropy")


IMAGE = [[1, 2, 0], [0, 1, 3], [2, 1, 0]]


def test_the_kernel_gradient_is_the_sum_over_its_places() -> None:
    # by hand: the kernel [[1, 0], [0, -1]] gives 0, -1, -1, 1; each output's target is 0, so dE/dz = z
    network = {
        "inputs": IMAGE,
        "targets": [0] * 4,
        "layers": [{"type": "conv2d", "kernel": [[1, 0], [0, -1]]}],
    }
    problem, ledger = ledger_of(network)
    z = [[0, -1], [-1, 1]]
    assert [[number(ledger, f"net.c1_{i}_{j}") for j in (1, 2)] for i in (1, 2)] == z
    x = np.array(IMAGE)
    for row in (0, 1):
        for column in (0, 1):
            by_hand = float((x[row : row + 2, column : column + 2] * np.array(z)).sum())
            assert number(ledger, f"grad.k1_{row + 1}_{column + 1}") == by_hand
    formula = ledger.formulas["grad.k1_1_2"]
    assert len(formula.parts()) == 4, "one part for every place of the kernel"
    assert problem.outputs == ("c1_1_1", "c1_1_2", "c1_2_1", "c1_2_2")


def test_flip_turns_the_kernel_round() -> None:
    base = {"inputs": IMAGE, "targets": [0] * 4}
    turned = {"type": "conv2d", "kernel": [[4, 3], [2, 1]]}
    true = {"type": "conv2d", "kernel": [[1, 2], [3, 4]], "flip": True}
    first, second = (ledger_of({**base, "layers": [layer]})[1] for layer in (turned, true))
    for unit in ("c1_1_1", "c1_1_2", "c1_2_1", "c1_2_2"):
        assert number(first, f"net.{unit}") == number(second, f"net.{unit}")
    assert number(first, "grad.k1_1_1") == number(second, "grad.k1_2_2")


def test_a_window_in_the_padding_alone_is_its_bias() -> None:
    layer = {"type": "conv1d", "kernel": [1, 2], "dilation": 3, "padding": 3, "biases": 0.25}
    _, ledger = ledger_of({"inputs": [5], "targets": [0] * 4, "layers": [layer]})
    assert [number(ledger, f"net.c1_{place}") for place in (1, 2, 3, 4)] == [10.25, 0.25, 0.25, 5.25]


def test_one_bias_shared_by_all_maps_and_tied_kernels() -> None:
    draw = Numbers(11)
    kernel, image = draw(2, 2, 2, 2), draw(2, 4, 4)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        x = functional.conv2d(x, tensors["k"], tensors["b"].expand(2))
        return functional.conv2d(x, tensors["k"])

    network = {
        "inputs": image,
        "targets": draw(8),
        "layers": [
            {"type": "conv2d", "name": "edges", "kernel": kernel, "biases": 0.5},
            {"type": "conv2d", "tied": "edges"},
        ],
    }
    leaves = {"k": leaf("k_edges", kernel), "b": Leaf(0.5, lambda index: "bk_edges")}
    check(network, leaves, run)


def test_names_as_they_are_printed() -> None:
    kernel = Numbers(1)(2, 2, 2)
    layers = [{"type": "conv2d", "kernel": kernel}, {"type": "conv2d", "kernel": [Numbers(2)(2, 1, 1)]}]
    problem, ledger = ledger_of({"inputs": IMAGE, "targets": [0] * 4, "layers": layers})
    printed = {
        key: printed_name(ledger, key)
        for key in ("net.c1_2_1_2", "act.c1_2_1_2", "k1_2_1_1", "net.c2_1_1", "k2_2_1_1")
    }
    assert printed == {
        "net.c1_2_1_2": "z_12^(2)",
        "act.c1_2_1_2": "c_12^(2)",
        "k1_2_1_1": "k_11^(2)",
        "net.c2_1_1": "z_11^(2,1)",
        "k2_2_1_1": "k_11^(2,1,2)",
    }
    assert problem.architecture is not None
    assert len(set(problem.architecture.names.values())) == len(problem.architecture.names)


BASE = """\
title: Error
network:
  inputs: [[1, 2, 0], [0, 1, 3], [2, 1, 0]]
  targets: [1, 0, 0, 1]
  layers:
    - {type: conv2d, LAYER}
"""


def test_data_of_the_wrong_shape() -> None:
    text = BASE.replace("[[1, 2, 0], [0, 1, 3], [2, 1, 0]]", "[1, 2]").replace("LAYER", "kernel: [[1]]")
    assert str(refusal(text)) == (
        "p.yaml:6: network.layers[1]: data of 2 comes in; expected rows x columns, or channels x rows x "
        "columns. A layer `{type: reshape, shape: [...]}` before it gives data its axes."
    )


def test_a_dense_layer_beside_maps_is_printed_differently() -> None:
    dense = [{"type": "dense", "weights": Numbers(1)(2, 4)}, {"type": "dense", "weights": [[1, 1]]}]
    layers = [{"type": "conv1d", "kernel": [[1, 2], [3, 4]]}, *dense]
    problem, ledger = ledger_of({"inputs": [1, 2, 3], "targets": [0], "layers": layers})
    assert [printed_name(ledger, key) for key in ("net.c1_1_2", "net.h1_2")] == ["z_2^(1)", "z_h2^(1)"]
    assert problem.architecture is not None
    assert len(set(problem.architecture.names.values())) == len(problem.architecture.names)
