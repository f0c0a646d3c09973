"""Dropout with given masks against the same product in PyTorch, and its error texts."""

from __future__ import annotations

from typing import Any

import pytest

from .errors import refusal
from .oracle import Numbers, check, leaf, ledger_of, number, torch


@pytest.mark.parametrize(("rate", "scale"), [(0.5, "inverted"), (0.2, "inverted"), (0.5, "none"), (None, "none"), (0, "inverted")])
@pytest.mark.parametrize("each", [True, False])
def test_dropout_of_hidden_units(rate: float | None, scale: str, each: bool) -> None:
    draw = Numbers(31)
    w, v = draw(4, 2), draw(2, 4)
    masks = [[1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]] if each else [[1, 0, 0, 1]] * 3

    def run(tensors: Any, x: Any) -> Any:
        h = torch().sigmoid(x @ tensors["w"].T) * torch().tensor(masks, dtype=torch().float64)
        if scale == "inverted":
            assert rate is not None
            h = h / (1 - rate)
        return h @ tensors["v"].T

    dropout: dict[str, Any] = {"type": "dropout", "scale": scale}
    dropout |= {"masks": masks} if each else {"mask": masks[0]}
    dropout |= {} if rate is None else {"rate": rate}
    network = {
        "samples": [{"inputs": draw(2), "targets": draw(2)} for _ in range(3)],
        "layers": [
            {"type": "dense", "weights": w, "activation": "sigmoid"},
            dropout,
            {"type": "dense", "weights": v},
        ],
    }
    check(network, {"w": leaf("w1", w), "v": leaf("w2", v)}, run)


def test_no_gradient_passes_a_dropped_value() -> None:
    # by hand: kept 3 becomes 3 / (1 - 0.25) = 4, so dE/dy = 4 / 0.75 for the target 0
    layers = [{"type": "scale", "factor": 1, "name": "y"}, {"type": "dropout", "mask": [1, 0], "rate": 0.25}]
    _, ledger = ledger_of({"inputs": [3, 5], "targets": [0, 0], "layers": layers})
    assert [number(ledger, f"act.d1_{place}") for place in (1, 2)] == [4, 0]
    assert str(ledger.exact("dE_dact.y_1")) == "16/3"
    assert number(ledger, "dE_dact.y_2") == 0
    assert str(ledger.term("act.d1_1").name) == "tilde y_1"  # type: ignore[attr-defined]


BASE = """\
title: Error
network:
  inputs: [1, 2]
  targets: [0, 0]
  layers:
    - {type: dropout, LAYER}
"""


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ("rate: 0.5", ": dropout needs a mask; expected either mask or masks. As in `mask: [1, 0, 1]`: 1 for a value that is kept."),
        ("mask: [1, 0], masks: [[1, 0]]", ": dropout needs a mask; expected either mask or masks. As in `mask: [1, 0, 1]`: 1 for a value that is kept."),
        ("mask: [1, 0]", ": missing: the rate; expected a rate from 0 to below 1. `scale: none` leaves kept values as they are."),
        ("mask: [1, 0, 1], rate: 0.5", ".mask: the mask has the wrong shape; given 3; expected 2, as what comes in"),
        ("mask: [1, 0.5], rate: 0.5", ".mask[2]: a mask is of ones and zeros; given 0.5; expected 0 or 1"),
        ("masks: [[1, 0], [0, 1]], rate: 0.5", ".masks: not a mask for each sample; given 2 x 2; expected 1"),
        ("masks: [[1, 2]], rate: 0.5", ".masks[1][2]: a mask is of ones and zeros; given 2; expected 0 or 1"),
        ("mask: [1, 0], rate: 1", ".rate: not a rate; given 1; expected a number from 0 to below 1"),
        ("mask: [1, 0], rate: half", ".rate: not a number; given half; expected a number such as 0.40, -2, 1e-3 or 1/3"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_error_texts(layer: str, text: str) -> None:
    assert str(refusal(BASE.replace("LAYER", layer))) == f"p.yaml:6: network.layers[1]{text}"
