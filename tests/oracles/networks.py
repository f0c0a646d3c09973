"""Random networks over the whole grammar of problem files, as plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from symbackprop import problem_from_mapping
from symbackprop.spec import Problem

FORMS = ("chain", "components", "delta", "delta_rule", "tables")
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "identity")
KINKED = frozenset({"relu", "leaky_relu", "elu"})
RATIONAL = ("relu", "leaky_relu", "identity")
LOSSES = ("half_squared_error", "squared_error", "mean_squared_error", "binary_cross_entropy")


@dataclass(frozen=True)
class Net:
    """A network with its numbers as texts; layers list the inputs first."""

    layers: tuple[tuple[str, ...], ...]
    activations: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # one per computed layer
    weights: tuple[tuple[str, str, str, str], ...]  # name, from, to, value
    biases: tuple[tuple[str, tuple[str, ...], str], ...]  # name, units, value
    samples: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # inputs, targets
    loss: str = "half_squared_error"
    reduction: str = "mean"
    rate: str | None = "0.5"
    frozen: tuple[str, ...] = ()
    form: str = "chain"
    compact: bool = False
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.layers[0]

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.layers[-1]

    @property
    def parameters(self) -> dict[str, str]:
        return {name: value for name, *_, value in (*self.weights, *self.biases)}

    @property
    def marks(self) -> tuple[str, ...]:
        """What ends the keys of each sample: nothing where there is one."""
        return ("",) if len(self.samples) == 1 else tuple(f"#{s}" for s in range(1, len(self.samples) + 1))

    def activation(self, unit: str) -> tuple[str, dict[str, str]]:
        for layer, (name, settings) in zip(self.layers[1:], self.activations, strict=True):
            if unit in layer:
                return name, dict(settings)
        raise KeyError(unit)

    def in_order(self) -> list[str]:
        """The computed units, each after all that feed it."""
        order: list[str] = []
        for layer in self.layers[1:]:
            waiting = list(layer)
            while waiting:
                ready = next(
                    unit
                    for unit in waiting
                    if not any(target == unit and source in waiting for _, source, target, _ in self.weights)
                )
                order.append(ready)
                waiting.remove(ready)
        return order

    def mapping(self) -> dict[str, Any]:
        """The network as a problem file has it."""
        layers: list[dict[str, Any]] = [{"units": list(self.inputs)}]
        for number, (units, (name, settings)) in enumerate(
            zip(self.layers[1:], self.activations, strict=True), start=1
        ):
            activation: Any = {"name": name, **dict(settings)} if settings else name
            layer: dict[str, Any] = {"units": list(units), "activation": activation}
            if self.compact:
                layer["weights"] = self._matrix(number)
                biases = [value for name, to, value in self.biases if to[0] in units]
                shared = any(len(to) == len(units) > 1 for _, to, _ in self.biases if to[0] in units)
                if biases:
                    layer["biases"] = biases[0] if shared else biases
            layers.append(layer)
        network: dict[str, Any] = {
            "layers": layers,
            "loss": {"kind": self.loss, "reduction": self.reduction},
            "learning_rate": self.rate,
        }
        if not self.compact:
            network["weights"] = [
                {"name": name, "from": source, "to": target, "value": value}
                for name, source, target, value in self.weights
            ]
            network["biases"] = [{"name": n, "to": list(to), "value": value} for n, to, value in self.biases]
        if len(self.samples) == 1:
            network["inputs"], network["targets"] = map(list, self.samples[0])
        else:
            network["samples"] = [
                {"inputs": list(inputs), "targets": list(targets)} for inputs, targets in self.samples
            ]
        mapping = {
            "title": "A random network",
            "network": network,
            "notation": {"form": self.form, **dict(self.options)},
        }
        return mapping | ({"frozen": list(self.frozen)} if self.frozen else {})

    def _matrix(self, number: int) -> list[list[str]]:
        values = {(source, target): value for _, source, target, value in self.weights}
        return [[values[source, to] for source in self.layers[number - 1]] for to in self.layers[number]]

    def problem(self, **changes: Any) -> Problem:
        """The network as a problem of the package, with some of its fields replaced."""
        problem = problem_from_mapping(self.mapping())
        return replace(problem, **changes) if changes else problem


# --- drawing -----------------------------------------------------------------------------------


def number(random: random.Random, least: float = -2.0, most: float = 2.0) -> str:
    """A decimal of some places, now and then a fraction, a zero or a number in scientific form."""
    kind = random.random()
    if kind < 0.06:
        return "0"
    if kind < 0.12:
        return f"{random.randint(-5, 5)}/{random.choice((2, 3, 4, 7))}"
    if kind < 0.16:
        return f"{random.randint(-9, 9)}e-{random.randint(1, 3)}"
    places = random.choice((1, 2, 2, 3, 5))
    return f"{random.uniform(least, most):.{places}f}"


def probability(random: random.Random) -> str:
    return random.choice(("0", "1", "1/3", f"{random.random():.2f}"))


def settings_of(name: str, random: random.Random) -> tuple[tuple[str, str], ...]:
    if name == "leaky_relu":
        return (("negative_slope", random.choice(("0.01", "0.1", "1/4"))),)
    if name == "elu":
        return (("alpha", random.choice(("1", "0.5", "1.7"))),)
    return ()


def build_net(
    random: random.Random,
    sizes: tuple[int, ...],
    activations: tuple[str, ...],
    loss: str = "half_squared_error",
    samples: int = 1,
    *,
    reduction: str = "mean",
    form: str = "chain",
    dense: bool = False,
    scale: float = 2.0,
) -> Net:
    """Fill a shape with connections and numbers, in the compact form where it is dense."""
    names = ["x", *([f"h{n}_" for n in range(1, len(sizes) - 1)] if len(sizes) > 3 else ["h"]), "o"]
    if len(sizes) == 2:
        names = ["x", "o"]
    layers = tuple(
        tuple(f"{name}{n}" for n in range(1, size + 1)) for name, size in zip(names, sizes, strict=True)
    )
    edges = _dense_edges(layers) if dense else _some_edges(layers, random)
    weights = tuple((name, source, to, number(random, -scale, scale)) for name, source, to in edges)
    biases = _dense_biases(layers, random, scale) if dense else _some_biases(layers, random, scale)
    target = probability if loss == "binary_cross_entropy" else number
    data = tuple(
        (tuple(number(random) for _ in layers[0]), tuple(target(random) for _ in layers[-1]))
        for _ in range(samples)
    )
    parameters = [name for name, *_ in (*weights, *biases)]
    frozen = tuple(name for name in parameters if random.random() < 0.15)
    return Net(
        layers,
        tuple((name, settings_of(name, random)) for name in activations),
        weights,
        biases,
        data,
        loss,
        reduction,
        random.choice(("0.5", "1", "0.1", "1/3", "0.01")),
        frozen,
        form,
        dense,
        tuple((name, True) for name in ("bias_factor", "weight_first") if random.random() < 0.5),
    )


def _dense_edges(layers: tuple[tuple[str, ...], ...]) -> list[tuple[str, str, str]]:
    return [
        (f"w{number}_{row}_{column}", source, target)
        for number, (before, units) in enumerate(pairwise(layers), start=1)
        for row, target in enumerate(units, start=1)
        for column, source in enumerate(before, start=1)
    ]


def _some_edges(layers: tuple[tuple[str, ...], ...], random: random.Random) -> list[tuple[str, str, str]]:
    ends: dict[tuple[str, str], None] = {}
    for depth in range(1, len(layers)):
        own = list(layers[depth])
        random.shuffle(own)
        for place, unit in enumerate(own):
            before = [(source, 0.8) for source in layers[depth - 1]]
            before += [(source, 0.2) for layer in layers[: depth - 1] for source in layer]
            before += [(source, 0.2) for source in own[:place]]
            for source, chance in before:
                if random.random() < chance:
                    ends[source, unit] = None
            if not any(target == unit for _, target in ends):
                ends[random.choice(layers[depth - 1]), unit] = None
        for source in layers[depth - 1] if depth > 1 else ():
            if not any(sending == source for sending, _ in ends):
                ends[source, random.choice(own)] = None
    pairs = list(ends)
    random.shuffle(pairs)
    return [(f"w{n}", source, target) for n, (source, target) in enumerate(pairs, start=1)]


def _dense_biases(
    layers: tuple[tuple[str, ...], ...], random: random.Random, scale: float
) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    found: list[tuple[str, tuple[str, ...], str]] = []
    for depth, units in enumerate(layers[1:], start=1):
        kind = random.choice(("none", "shared", "own", "own"))
        if kind == "shared" and len(units) > 1:
            found.append((f"b{depth}", units, number(random, -scale, scale)))
        elif kind == "own":
            found += [
                (f"b{depth}_{n}", (unit,), number(random, -scale, scale)) for n, unit in enumerate(units, 1)
            ]
    return tuple(found)


def _some_biases(
    layers: tuple[tuple[str, ...], ...], random: random.Random, scale: float
) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    groups: dict[int, list[str]] = {}
    most = random.choice((0, 1, 2, 9))
    for unit in (unit for layer in layers[1:] for unit in layer):
        group = random.randint(0, most)
        if group:
            groups.setdefault(group, []).append(unit)
    return tuple(
        (f"b{n}", tuple(units), number(random, -scale, scale))
        for n, units in enumerate(groups.values(), start=1)
    )


@st.composite
def nets(draw: st.DrawFn, most_units: int = 3, most_hidden: int = 2, most_samples: int = 3) -> Net:
    """Networks of any shape; hypothesis draws the shape, a seeded generator the numbers."""
    sizes = draw(
        st.tuples(
            st.integers(1, 3),
            st.lists(st.integers(1, most_units), max_size=most_hidden),
            st.integers(1, 3),
        )
    )
    loss = draw(st.sampled_from(LOSSES))
    shape = (sizes[0], *sizes[1], sizes[2])
    names = draw(
        st.lists(st.sampled_from(ACTIVATIONS), min_size=len(shape) - 1, max_size=len(shape) - 1).map(tuple)
    )
    if loss == "binary_cross_entropy":
        names = (*names[:-1], "sigmoid")
    return build_net(
        random.Random(draw(st.integers(0, 10**6))),
        shape,
        names,
        loss,
        draw(st.integers(1, most_samples)),
        reduction=draw(st.sampled_from(("mean", "sum"))),
        form=draw(st.sampled_from(FORMS)),
        dense=draw(st.booleans()),
    )


def any_net(seed: int, activations: tuple[str, ...] = ACTIVATIONS) -> Net:
    """A small network from a seed alone."""
    source = random.Random(seed)
    sizes = (source.randint(1, 2), *source.choice(((), (1,), (2,), (2,), (3,), (2, 2))), source.randint(1, 2))
    names = tuple(source.choice(activations) for _ in sizes[1:])
    losses = LOSSES if names[-1] == "sigmoid" else LOSSES[:3]
    return build_net(
        source,
        sizes,
        names,
        source.choice(losses),
        source.choice((1, 1, 1, 2, 3)),
        reduction=source.choice(("mean", "sum")),
        form=source.choice(FORMS),
        dense=source.random() < 0.5,
    )
