"""Embeddings against PyTorch's, and their error texts."""

from __future__ import annotations

from typing import Any

import pytest

from .errors import refusal
from .oracle import Leaf, Numbers, check, element, leaf, ledger_of, number, torch


@pytest.mark.parametrize("first", [0, 1])
def test_rows_looked_up_by_a_batch(first: int) -> None:
    draw = Numbers(41)
    table, w = draw(4, 2), draw(2, 6)
    tokens = [[2, 0, 2], [3, 3, 2]]  # row 1 is never looked up: its gradient is zero

    def run(tensors: Any, x: Any) -> Any:
        rows = torch().nn.functional.embedding(x.long() - first, tensors["table"])
        return torch().tanh(rows.reshape(len(x), -1)) @ tensors["w"].T

    network = {
        "samples": [{"inputs": [t + first for t in row], "targets": draw(2)} for row in tokens],
        "layers": [
            {"type": "embedding", "table": table, "first": first},
            {"type": "activation", "activation": "tanh"},
            {"type": "dense", "weights": w},
        ],
    }
    rows = Leaf(table, lambda index: element("C1", [index[0] + first - 1, index[1]]))
    check(network, {"table": rows, "w": leaf("w1", w)}, run)


def test_a_row_used_twice_has_the_sum_of_both_uses() -> None:
    layers = [{"type": "embedding", "table": [[1, 2], [3, 4]]}]
    network = {"inputs": [1, 0, 1], "targets": [[3, 0], [0, 0], [0, 5]], "layers": layers}
    _, ledger = ledger_of(network)
    # by hand, dE/de = e - t: row 1 is used first (0, 4) and last (3, -1)
    assert [number(ledger, f"grad.C1_1_{column}") for column in (1, 2)] == [3, 3]
    assert [number(ledger, f"grad.C1_0_{column}") for column in (1, 2)] == [1, 2]
    assert not any(key.startswith("dE_dact.x") for key in ledger)


def test_the_table_as_weights_of_the_last_layer() -> None:
    draw = Numbers(42)
    table = draw(3, 2)

    def run(tensors: Any, x: Any) -> Any:
        rows = torch().nn.functional.embedding(x.long(), tensors["table"]).reshape(1, -1)
        return torch().softmax(rows @ tensors["table"].T, 1)

    layers = [
        {"type": "embedding", "name": "words", "table": table},
        {"type": "dense", "tied": "words", "activation": "softmax"},
    ]
    rows = Leaf(table, lambda index: element("C_words", [index[0] - 1, index[1]]))
    check({"inputs": [2], "targets": [0, 1, 0], "layers": layers}, {"table": rows}, run, loss="cross_entropy")


BASE = """\
title: Error
network:
  inputs: [1, 2]
  targets: [0, 0]
  layers:
    - {type: embedding, LAYER}
"""


def test_what_a_layer_computes_is_no_index() -> None:
    text = (
        BASE.replace("type: embedding, LAYER", "type: scale, factor: 1")
        + "    - {type: embedding, table: [[1]]}\n"
    )
    assert str(refusal(text)) == (
        "p.yaml:7: network.layers[2]: an embedding looks up given numbers; expected inputs, not what a layer "
        "computes. Take them with `from`: the name of the inputs is x."
    )
