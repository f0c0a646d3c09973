"""Random ways to update: optimizers with their settings, batches, schedules, clipping, penalties."""

from __future__ import annotations

import random
from typing import Any

INSIDE_OR_OUTSIDE = ("inside", "outside")

#: By name, sets of settings with the values that they may have.
OPTIMIZERS: dict[str, tuple[dict[str, tuple[Any, ...]], ...]] = {
    "sgd": ({"weight_decay": ("0.01",)},),
    "momentum": (
        {
            "rate": INSIDE_OR_OUTSIDE,
            "dampening": ("0.1",),
            "weight_decay": ("0.02",),
            "momentum": ("0.5",),
        },
        {"first": ("gradient", "dampened"), "dampening": ("0.5",)},
    ),
    "nesterov": (
        {"rate": INSIDE_OR_OUTSIDE, "form": ("pytorch", "lookahead")},
        {"weight_decay": ("0.02",)},
    ),
    "adagrad": ({"epsilon": ("0.001",), "epsilon_place": INSIDE_OR_OUTSIDE, "weight_decay": ("0.01",)},),
    "rmsprop": (
        {
            "rho": ("0.5",),
            "centered": (True, False),
            "momentum": ("0.8",),
            "rate": INSIDE_OR_OUTSIDE,
            "epsilon": ("0.001",),
            "epsilon_place": INSIDE_OR_OUTSIDE,
        },
    ),
    "adam": (
        {
            "beta1": ("0.5",),
            "bias_correction": (True, False),
            "epsilon_place": INSIDE_OR_OUTSIDE,
            "epsilon": ("0.001",),
            "weight_decay": ("0.01",),
        },
    ),
    "adamw": ({"weight_decay": ("0.1", "0"), "bias_correction": (True, False), "beta2": ("0.9",)},),
    "adadelta": ({"rho": ("0.8",), "epsilon": ("0.01",)},),
}


def descent(dice: random.Random, samples: int) -> dict[str, Any]:
    """Return fields of `network` (or of `graph`) that say how the parameters are updated."""
    name = dice.choice(sorted(OPTIMIZERS))
    settings = dice.choice(OPTIMIZERS[name])
    chosen = {field: dice.choice(options) for field, options in settings.items() if dice.random() < 0.5}
    if "momentum" not in chosen and name == "rmsprop":
        chosen.pop("rate", None)
    found: dict[str, Any] = {"optimizer": {"name": name, **chosen}, "updates": dice.randint(1, 3)}
    if samples > 1 and dice.random() < 0.5:
        order = list(range(1, samples + 1))
        dice.shuffle(order)
        cut = dice.randint(1, samples - 1)
        found["batches"] = [order[:cut], order[cut:]]
    if dice.random() < 0.4:
        found["learning_rate"] = dice.choice(
            (
                {"start": "0.5", "schedule": "step", "gamma": "1/2", "every": 1},
                {"start": "0.5", "schedule": "exponential", "gamma": "0.9"},
                {"start": "0.5", "schedule": "inverse_time", "decay": "0.5"},
                {"start": "0.5", "schedule": "cosine", "over": 3, "end": "0.1"},
                {"start": "0.5", "schedule": "linear", "over": 2, "end": "0.1"},
                {"schedule": "list", "rates": ["0.5", "0.1", "0.3"]},
            )
        )
    if dice.random() < 0.25:
        found["clip"] = dice.choice(({"norm": "0.1"}, {"norm": "0.1", "epsilon": "1e-6"}, {"value": "0.05"}))
    if dice.random() < 0.25:
        found["regularisation"] = dice.choice(
            (
                {"l2": "0.1"},
                {"l1": "0.01", "l2": "0.05"},
                {"l2": "0.1", "constant": "1", "divided_by": "samples"},
            )
        )
    elif dice.random() < 0.15:  # a penalty cannot be climbed
        found["ascent"] = True
    return found
