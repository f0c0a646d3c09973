"""Long sequences: an LSTM of many time steps and attention over many tokens, as fields of a problem file."""

from __future__ import annotations

from random import Random
from typing import Any


def lstm(steps: int = 30, features: int = 2, hidden: int = 2, seed: int = 0) -> dict[str, Any]:
    """Return an LSTM layer unrolled over so many time steps and an output after the last one."""
    random = Random(seed)
    gates = {
        name: _numbers(random, *shape)
        for letter in "ifgo"
        for name, shape in (
            (f"W_x{letter}", (hidden, features)),
            (f"W_h{letter}", (hidden, hidden)),
            (f"b_{letter}", (hidden,)),
        )
    }
    output = {
        "type": "dense",
        "weights": _numbers(random, 1, hidden),
        "biases": [0.1],
        "activation": "sigmoid",
    }
    return {
        "title": f"An LSTM of {steps} time steps",
        "network": {
            "inputs": _numbers(random, steps, features),
            "targets": [1],
            "layers": [{"type": "lstm", **gates}, output],
            "loss": "half_squared_error",
            "learning_rate": 0.1,
        },
    }


def attention(tokens: int = 16, features: int = 4, width: int = 3, seed: int = 0) -> dict[str, Any]:
    """Return one head of self-attention over so many tokens, with an output projection."""
    random = Random(seed)
    layer = {
        "type": "attention",
        **{f"W_{letter}": _numbers(random, width, features) for letter in "QKV"},
        "W_O": _numbers(random, 2, width),
    }
    return {
        "title": f"Attention over {tokens} tokens",
        "network": {
            "inputs": _numbers(random, tokens, features),
            "targets": _numbers(random, tokens, 2),
            "layers": [layer],
            "loss": "half_squared_error",
            "learning_rate": 0.1,
        },
    }


def _numbers(random: Random, *shape: int) -> Any:
    """Return nested lists of numbers of two decimals."""
    if not shape:
        return round(random.uniform(-1, 1), 2)
    return [_numbers(random, *shape[1:]) for _ in range(shape[0])]
