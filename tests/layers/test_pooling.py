"""Max and average pooling against PyTorch's, ties, and their error texts."""

from __future__ import annotations

from typing import Any

import pytest

from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Call, Symbol
from symbackprop.render.plain import plain_math
from symbackprop.rules.node import partial_derivatives

from .errors import refusal
from .oracle import Leaf, Numbers, check, keeping, ledger_of, number, torch

SETTINGS: list[dict[str, Any]] = [
    {"size": 2},
    {"size": 2, "stride": 1},
    {"size": [2, 3], "stride": [1, 2]},
    {"size": 3, "padding": 1},
    {"size": [3, 2], "stride": 2, "padding": [1, 0]},
]


def torch_pool(kind: str, settings: dict[str, Any], axes: int, x: Any) -> Any:
    functional = torch().nn.functional
    options = {"kernel_size": settings["size"]}
    options |= {name: settings[name] for name in ("stride", "padding") if name in settings}
    if kind == "avg_pool":
        options["count_include_pad"] = settings.get("count_padding", True)
    return getattr(functional, f"{kind}{axes}d")(x, **options)


@pytest.mark.parametrize("settings", [*SETTINGS, {"size": 3, "padding": 1, "count_padding": False}], ids=str)
@pytest.mark.parametrize("kind", ["max_pool", "avg_pool"])
@pytest.mark.parametrize("channels", [1, 2])
def test_pooling_of_maps(settings: dict[str, Any], kind: str, channels: int) -> None:
    if kind == "max_pool" and "count_padding" in settings:
        pytest.skip("of average pooling only")
    draw = Numbers(5)
    kernel, image = draw(channels, 1, 2, 2), draw(1, 6, 7)
    functional = torch().nn.functional

    def run(tensors: Any, x: Any) -> Any:
        return torch_pool(kind, settings, 2, functional.conv2d(x, tensors["k"]))

    count = run({"k": torch().tensor(kernel)}, torch().tensor([image])).numel()
    layers = [{"type": "conv2d", "kernel": kernel}, {"type": kind, **settings}]
    kept = (0, 2, 3) if channels > 1 else (2, 3)
    network = {"inputs": image, "targets": draw(count), "layers": layers}
    ledger = check(network, {"k": Leaf(kernel, keeping("k1", *kept))}, run)
    assert ledger.known("dE_dact.p1_1_1" if channels == 1 else "dE_dact.p1_1_1_1")


@pytest.mark.parametrize("kind", ["max_pool", "avg_pool"])
def test_pooling_of_a_length_of_several_channels(kind: str) -> None:
    draw = Numbers(6)
    kernel, signal = draw(2, 1, 2), draw(1, 7)

    def run(tensors: Any, x: Any) -> Any:
        return torch_pool(kind, {"size": 2}, 1, torch().nn.functional.conv1d(x, tensors["k"]).tanh())

    layers = [
        {"type": "conv1d", "kernel": kernel},
        {"type": "activation", "activation": "tanh"},
        {"type": kind, "size": 2},
    ]
    network = {"inputs": signal, "targets": draw(6), "layers": layers}
    check(network, {"k": Leaf(kernel, keeping("k1", 0, 2))}, run)


def test_pooling_of_a_plain_length() -> None:
    layers = [{"type": "max_pool", "size": 2}]
    _, ledger = ledger_of({"inputs": [3, 1, 2, 5, 4], "targets": [0, 0], "layers": layers})
    assert [number(ledger, f"act.p1_{place}") for place in (1, 2)] == [3, 5]


def test_of_equal_values_the_first_has_the_derivative() -> None:
    layers = [{"type": "scale", "factor": 1, "name": "y"}, {"type": "max_pool", "size": 2}]
    _, ledger = ledger_of({"inputs": [[1, 7], [7, 7]], "targets": [0], "layers": layers})
    found = {place: number(ledger, f"dE_dact.y_{place}") for place in ("1_1", "1_2", "2_1", "2_2")}
    assert found == {"1_1": 0, "1_2": 7, "2_1": 0, "2_2": 0}


def test_global_average() -> None:
    layers = [{"type": "global_avg_pool"}]
    _, ledger = ledger_of(
        {"inputs": [[[1, 2], [3, 6]], [[0, 0], [1, 0]]], "targets": [0, 0], "layers": layers}
    )
    assert [number(ledger, f"act.g1_{channel}") for channel in (1, 2)] == [3, 0.25]


BASE = """\
title: Error
network:
  inputs: [[1, 2, 0], [0, 1, 3]]
  targets: [1, 0]
  layers:
    - {type: max_pool, LAYER}
"""


def test_data_of_the_wrong_shape() -> None:
    text = BASE.replace("[[1, 2, 0], [0, 1, 3]]", "[[[[1]]]]").replace("LAYER", "size: 1")
    assert str(refusal(text)) == (
        "p.yaml:6: network.layers[1]: data of 1 x 1 x 1 x 1 comes in; expected rows x columns, "
        "with or without channels"
    )


def test_equal_values_that_no_precision_tells_apart() -> None:
    # tanh of the same sum at every place: a plain background, with and without padding
    layers = [
        {
            "type": "conv2d",
            "kernel": [[0.3, 0.2], [0.1, 0.4]],
            "biases": 0.7,
            "activation": "tanh",
            "padding": 1,
        },
        {"type": "max_pool", "size": 2, "stride": 1},
    ]
    image = [[0, 0, 0], [0, 0, 0.5], [0, 0, 0]]
    network = {"inputs": image, "targets": [0] * 9, "layers": layers, "learning_rate": 0.1}
    _, ledger = ledger_of(network)
    assert ledger.significant("act.p1_1_1", 8) == "0.60436778"  # tanh(0.7)
    assert ledger.significant("act.p1_1_1@1", 8) == ledger.significant("act.c1_1_1@1", 8)
    assert number(ledger, "dE_dact.c1_1_1") == number(ledger, "dE_dact.p1_1_1")


def test_the_derivative_by_a_value_in_the_middle_of_a_window() -> None:
    a, b, c = (Symbol(Name(letter), letter) for letter in "abc")
    found = partial_derivatives(Call("max", (a, b, c)), ["a", "b", "c"])
    assert {key: plain_math(partial) for key, partial in found.items()} == {
        "a": "{1 if a ≥ max(b, c); 0 otherwise}",
        "b": "{0 if b ≤ a; 1 if b ≥ c; 0 otherwise}",
        "c": "{1 if c > max(a, b); 0 otherwise}",
    }
