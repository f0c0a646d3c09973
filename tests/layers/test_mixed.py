"""Random stacks of layers of every type, run again by PyTorch from the same plain fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .oracle import Leaf, Numbers, check, element, torch

ACTIVATIONS = ("identity", "tanh", "sigmoid", "relu", "softplus")


class Stack:
    """Random layers, each with its name, one on top of another, and what PyTorch needs of each."""

    def __init__(self, seed: int, samples: int) -> None:
        self.draw = Numbers(seed)
        self.dice = self.draw.dice
        self.samples = samples
        self.layers: list[dict[str, Any]] = []
        self.leaves: dict[str, Leaf] = {}
        self.shape: tuple[int, ...] = self.dice.choice([(3,), (1, 4, 4), (2, 4, 3), (2, 5)])
        self.start = self.shape

    def add(self, kind: str, **fields: Any) -> str:
        name = f"n{len(self.layers)}"
        self.layers.append({"type": kind, "name": name, **fields})
        return name

    def parameter(self, key: str, family: str, values: Any, kept: tuple[int, ...] = ()) -> None:
        def name(index: Any) -> str:
            return element(family, [index[axis] for axis in kept] if kept else index)

        self.leaves[key] = Leaf(values, name)

    def convolution(self) -> None:
        axes, channels, maps = len(self.shape) - 1, self.shape[0], self.dice.choice([1, 2])
        kernel = self.draw(maps, channels, *[2] * axes)
        stride, padding = self.dice.choice([(1, 0), (1, 1), (2, 1)])
        name = self.add(
            f"conv{axes}d", kernel=kernel, biases=self.draw(maps), stride=stride, padding=padding,
            activation=self.dice.choice(ACTIVATIONS),
        )  # fmt: skip
        kept = (*([0] if maps > 1 else []), *([1] if channels > 1 else []), *range(2, 2 + axes))
        self.parameter(f"{name}.kernel", f"k_{name}", kernel, kept)
        biases = self.layers[-1]["biases"]
        self.leaves[f"{name}.biases"] = Leaf(biases, lambda i: element(f"bk_{name}", i if maps > 1 else ()))
        self.shape = (maps, *((length + 2 * padding - 2) // stride + 1 for length in self.shape[1:]))

    def pooling(self) -> None:
        kind = self.dice.choice(["max_pool", "avg_pool"])
        self.add(kind, size=2, stride=1, dimensions=len(self.shape) - 1)
        self.shape = (self.shape[0], *(length - 1 for length in self.shape[1:]))

    def normalisation(self) -> None:
        kinds = ["layer_norm", "rms_norm"] + (["batch_norm"] if self.samples > 1 else [])
        kind = self.dice.choice(kinds)
        shape = self.shape[:1] if kind == "batch_norm" else self.shape[-1:]
        gamma, beta = self.draw(*shape), self.draw(*shape)
        name = self.add(kind, gamma=gamma, beta=beta, epsilon="0.01")
        self.parameter(f"{name}.gamma", f"gamma_{name}", gamma)
        self.parameter(f"{name}.beta", f"beta_{name}", beta)

    def dropout(self) -> None:
        masks = [self._ones() for _ in range(self.samples)]
        self.add("dropout", masks=masks, rate=0.25)

    def _ones(self) -> Any:
        def ones(shape: tuple[int, ...]) -> Any:
            return [ones(shape[1:]) for _ in range(shape[0])] if shape else self.dice.choice([0, 1, 1])

        return ones(self.shape)

    def residual(self) -> None:
        inner = {"type": "activation", "name": f"n{len(self.layers)}i", "activation": "tanh"}
        self.add(
            "residual",
            layers=[inner, {"type": "scale", "factor": 0.5}],
            activation=self.dice.choice(["identity", "relu"]),
        )

    def dense(self, units: int) -> None:
        count = 1
        for length in self.shape:
            count *= length
        weights = self.draw(units, count)
        name = self.add(
            "dense", weights=weights, biases=self.draw(units), activation=self.dice.choice(ACTIVATIONS)
        )
        self.parameter(f"{name}.weights", f"w_{name}", weights)
        self.parameter(f"{name}.biases", f"b_{name}", self.layers[-1]["biases"])
        self.shape = (units,)

    def grow(self) -> None:
        steps: list[Callable[[], None]] = [
            self.normalisation,
            self.dropout,
            self.residual,
            lambda: self.dense(3),
        ]
        if len(self.shape) > 1 and min(self.shape[1:]) > 1:
            steps += [self.convolution, self.convolution, self.pooling]
        self.dice.choice(steps)()


def activate(name: str, z: Any) -> Any:
    functional = torch().nn.functional
    return {
        "identity": lambda: z,
        "tanh": lambda: z.tanh(),
        "sigmoid": lambda: z.sigmoid(),
        "relu": lambda: z.relu(),
        "softplus": lambda: functional.softplus(z, threshold=1000.0),
    }[name]()


def run_layer(layer: dict[str, Any], tensors: dict[str, Any], x: Any) -> Any:
    functional = torch().nn.functional

    def own(field: str) -> Any:
        return tensors[f"{layer['name']}.{field}"]

    axes = x.ndim - 2
    match layer["type"]:
        case "conv1d" | "conv2d":
            convolve = functional.conv1d if axes == 1 else functional.conv2d
            z = convolve(x, own("kernel"), own("biases"), layer["stride"], layer["padding"])
            return activate(layer["activation"], z)
        case "max_pool" | "avg_pool":
            return getattr(functional, f"{layer['type']}{axes}d")(x, 2, 1)
        case "batch_norm":
            return functional.batch_norm(x, None, None, own("gamma"), own("beta"), True, eps=0.01)
        case "layer_norm":
            return functional.layer_norm(x, x.shape[-1:], own("gamma"), own("beta"), 0.01)
        case "rms_norm":
            return functional.rms_norm(x, x.shape[-1:], own("gamma"), 0.01) + own("beta")
        case "dropout":
            return x * torch().tensor(layer["masks"], dtype=x.dtype) / 0.75
        case "residual":
            return activate(layer["activation"], x.tanh() * 0.5 + x)
        case "dense":
            return activate(layer["activation"], x.flatten(1) @ own("weights").T + own("biases"))
    raise AssertionError(layer["type"])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), samples=st.integers(1, 3), depth=st.integers(1, 4))
def test_random_stacks(seed: int, samples: int, depth: int) -> None:
    stack = Stack(seed, samples)
    for _ in range(depth):
        stack.grow()
    stack.dense(2)
    network = {
        "samples": [{"inputs": stack.draw(*stack.start), "targets": stack.draw(2)} for _ in range(samples)],
        "layers": stack.layers,
    }

    def run(tensors: Any, x: Any) -> Any:
        for layer in stack.layers:
            x = run_layer(layer, tensors, x)
        return x

    check(network, stack.leaves, run)
