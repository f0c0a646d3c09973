"""Dropout with given masks against the same product in PyTorch, and its error texts."""

from __future__ import annotations

from typing import Any

import pytest

from .oracle import Numbers, check, leaf, ledger_of, number, printed_name, torch


@pytest.mark.parametrize(
    ("rate", "scale"), [(0.5, "inverted"), (0.2, "inverted"), (0.5, "none"), (None, "none"), (0, "inverted")]
)
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
    assert printed_name(ledger, "act.d1_1") == "tilde y_1"
