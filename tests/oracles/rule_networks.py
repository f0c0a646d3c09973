"""Small dense networks that together hold every activation, every loss and their settings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from symbackprop import problem_from_mapping
from symbackprop.rules import ACTIVATIONS, LAYER_ACTIVATIONS, LOSSES
from symbackprop.spec import Problem

HIDDEN = (*ACTIVATIONS, *LAYER_ACTIVATIONS)
#: Output activations by loss: those that give values the loss is defined for.
OUTPUTS = {
    "binary_cross_entropy": ("sigmoid", "softmax"),
    "cross_entropy": ("softmax", "sigmoid"),
    "kl_divergence": ("softmax", "softplus"),
    "negative_log_likelihood": ("log_softmax", "identity"),
}
ANY_OUTPUT = ("identity", "tanh", "softmax", "gelu", "log_softmax")
SETTINGS: dict[str, dict[str, str]] = {
    "leaky_relu": {"negative_slope": "0.2"},
    "elu": {"alpha": "0.7"},
    "celu": {"alpha": "1.3"},
    "hard_sigmoid": {"slope": "0.2", "offset": "0.5"},
    "hardtanh": {"min_val": "-0.4", "max_val": "0.9"},
}
LOSS_SETTINGS: dict[str, dict[str, str]] = {
    "huber": {"delta": "0.6"},
    "hinge": {"margin": "0.8"},
    "squared_hinge": {"margin": "1.5"},
    "multi_class_hinge": {"margin": "0.9"},
}
OWN_CONSTANT = ("half_squared_error", "mean_squared_error", "mean_absolute_error")


@dataclass(frozen=True)
class Case:
    """A network: activations with their settings by layer, the loss, and all numbers as texts."""

    sizes: tuple[int, ...]
    activations: tuple[tuple[str, dict[str, str]], ...]
    loss: str
    loss_settings: dict[str, str]
    constant: str | None
    reduction: str
    weights: tuple[tuple[tuple[str, ...], ...], ...]
    biases: tuple[tuple[str, ...], ...]
    samples: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def problem(self, **notation: Any) -> Problem:
        loss: dict[str, Any] = {"kind": self.loss, "reduction": self.reduction, **self.loss_settings}
        if self.constant is not None:
            loss["constant"] = self.constant
        layers = [
            {
                "units": size,
                "activation": {"name": name, **settings},
                "weights": [list(row) for row in weights],
                "biases": list(biases),
            }
            for size, (name, settings), weights, biases in zip(
                self.sizes[1:], self.activations, self.weights, self.biases, strict=True
            )
        ]
        samples = [{"inputs": list(inputs), "targets": list(targets)} for inputs, targets in self.samples]
        network = {"layers": layers, "loss": loss, "samples": samples, "learning_rate": "0.01"}
        return problem_from_mapping({"title": "Rules", "network": network, "notation": notation})


def number(random: random.Random, scale: float = 1.5) -> str:
    return f"{random.uniform(-scale, scale):.3f}"


def targets(loss: str, count: int, random: random.Random) -> tuple[str, ...]:
    if loss in ("hinge", "squared_hinge"):
        return tuple(random.choice(("1", "-1")) for _ in range(count))
    if loss == "multi_class_hinge" or (loss in OUTPUTS and random.random() < 0.4):
        right = random.randrange(count)
        return tuple("1" if index == right else "0" for index in range(count))
    if loss.startswith(("binary", "cross", "kl", "negative")):
        return tuple(f"{random.random():.2f}" for _ in range(count))
    return tuple(number(random) for _ in range(count))


def build(seed: int, hidden: str, loss: str) -> Case:
    source = random.Random(seed)
    depth = 1 + seed % 3
    count = source.choice((2, 3))
    sizes = (2, *(source.choice((2, 3)) for _ in range(depth)), count)
    between = [hidden, *(source.choice(("tanh", "sigmoid", hidden)) for _ in range(depth - 1))]
    end = source.choice(OUTPUTS.get(loss, ANY_OUTPUT))
    names = (*between, end)
    matrices = tuple(
        tuple(tuple(number(source) for _ in range(before)) for _ in range(size))
        for before, size in pairwise(sizes)
    )
    constant = source.choice((None, None, "1/2", "3")) if loss not in OWN_CONSTANT else None
    return Case(
        sizes,
        tuple((name, SETTINGS.get(name, {}) if source.random() < 0.6 else {}) for name in names),
        loss,
        LOSS_SETTINGS.get(loss, {}) if source.random() < 0.6 else {},
        "2" if loss == "squared_error" and constant == "1/2" else constant,
        source.choice(("mean", "sum")),
        matrices,
        tuple(tuple(number(source) for _ in range(size)) for size in sizes[1:]),
        tuple(
            (tuple(number(source) for _ in range(2)), targets(loss, count, source))
            for _ in range(source.choice((1, 3)))
        ),
    )


def cases() -> Iterator[Case]:
    """Every hidden activation with every loss, once."""
    pairs = ((hidden, loss) for hidden in HIDDEN for loss in LOSSES)
    for seed, (hidden, loss) in enumerate(pairs):
        yield build(seed, hidden, loss)
