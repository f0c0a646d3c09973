"""Random stacks of typed layers, as plain data: maps, sequences, tokens, and what stands between them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

ACTIVATIONS = ("identity", "tanh", "sigmoid", "relu", "softplus", "leaky_relu", "gelu", "elu", "softsign")
SMOOTH = ("tanh", "sigmoid", "softplus", "silu")


class Stack:
    """Layers laid one on another: `shape` is what the last one sends out, without the samples.

    kind: what the axes are: "vector" (features), "sequence" (steps x features), "maps" (channels x space).
    """

    def __init__(self, seed: int, kind: str, *, samples: int | None = None) -> None:
        self.dice = random.Random(seed)
        self.samples = self.dice.choice((1, 1, 2, 3)) if samples is None else samples
        self.layers: list[dict[str, Any]] = []
        self.kind = kind
        self.shape = self.dice.choice(_STARTS[kind])
        self.start = self.shape
        self.named: list[tuple[str, tuple[int, ...], str]] = []
        self.rows = 0  # how many rows a table has whose row numbers are the inputs

    # --- numbers ----------------------------------------------------------------------------

    def number(self) -> str:
        return str(self.dice.randrange(-99, 100) / 100)

    def numbers(self, *shape: int) -> Any:
        return [self.numbers(*shape[1:]) for _ in range(shape[0])] if shape else self.number()

    def choose(self, *options: Any) -> Any:
        return self.dice.choice(options)

    def maybe(self, chance: float = 0.5) -> bool:
        return self.dice.random() < chance

    def add(self, kind: str, *, named: bool | None = None, **fields: Any) -> dict[str, Any]:
        layer = {"type": kind, **fields}
        if self.maybe(0.3) if named is None else named:
            layer["name"] = f"n{len(self.layers)}{self.dice.choice('abc')}"
        self.layers.append(layer)
        return layer

    # --- layers of any kind of data -----------------------------------------------------------

    def activation(self) -> None:
        self.add("activation", activation=self.choose(*ACTIVATIONS))

    def scale(self) -> None:
        self.add("scale", factor=self.number())

    def dropout(self) -> None:
        mask = {"masks": [self._ones(self.shape) for _ in range(self.samples)]}
        if self.maybe():
            mask = {"mask": self._ones(self.shape)}
        self.add("dropout", rate=self.choose("0.5", "0.25"), **mask, **self.choose({}, {"scale": "none"}))

    def _ones(self, shape: tuple[int, ...]) -> Any:
        return [self._ones(shape[1:]) for _ in range(shape[0])] if shape else self.choose(0, 1, 1)

    def layer_norm(self) -> None:
        kind = self.choose("layer_norm", "rms_norm")
        width = self.shape[-1]
        own: dict[str, Any] = {}
        for field in ("gamma", "beta"):
            if self.maybe(0.7):
                own[field] = self.numbers(width) if self.maybe(0.7) else self.number()
        self.add(kind, epsilon=self.choose("0.01", "1e-5"), **own)

    def batch_norm(self) -> None:
        features = self.shape[0]
        own: dict[str, Any] = {
            field: self.numbers(features) for field in ("gamma", "beta") if self.maybe(0.7)
        }
        if self.samples * _size(self.shape[1:]) < 2 or self.maybe(0.3):
            variance = [str(self.dice.randrange(10, 150) / 100) for _ in range(features)]
            own["running"] = {"mean": self.numbers(features), "variance": variance}
        self.add("batch_norm", epsilon="0.01", **own)

    def residual(self) -> None:
        before, shape, kind = self.layers, self.shape, self.kind
        self.layers = []
        for _ in range(self.dice.randint(1, 2)):
            self.choose(*self._keeping())()
        inner = self.layers
        for layer in inner:
            layer.pop("name", None)
        self.layers, self.shape, self.kind = before, shape, kind
        self.add("residual", layers=inner, activation=self.choose("identity", "relu", "tanh"))

    def _keeping(self) -> list[Callable[[], None]]:
        """The layers that send out the shape that comes in."""
        found: list[Callable[[], None]] = [self.activation, self.scale, self.dropout, self.layer_norm]
        if self.kind == "vector":
            found.append(lambda: self.dense(self.shape[0]))
        if self.kind == "sequence":
            found.append(lambda: self.time_distributed(self.shape[1]))
            found.append(lambda: self.attention(self.shape[1]))
        if self.kind == "maps" and len(self.shape) == 3:
            found.append(lambda: self.convolution(same=True))
        return found

    def combine(self) -> None:
        """Two earlier flows of equal shape, or side by side."""
        same = [name for name, shape, kind in self.named if (shape, kind) == (self.shape, self.kind)]
        layer = self.layers[-1] if self.layers else {}
        if not same or "name" not in layer:
            self.remember()
            return
        # "x" and named layers stand before the last one, whose own name is the other end
        kind = self.choose("add", "multiply", "concat")
        self.add(kind, **{"from": [self.choose(*same), layer["name"]]})
        if kind == "concat":
            self.shape = (*self.shape[:-1], 2 * self.shape[-1])

    def remember(self) -> None:
        """Give the last layer a name, and lay another one with a name on it."""
        if not self.layers:
            self.named.append(("x", self.shape, self.kind))
        else:
            self.layers[-1].setdefault("name", f"m{len(self.layers)}r")
            self.named.append((self.layers[-1]["name"], self.shape, self.kind))
        self.choose(*self._keeping())()
        self.layers[-1].setdefault("name", f"m{len(self.layers)}s")
        self.combine()

    # --- vectors ------------------------------------------------------------------------------

    def dense(self, units: int, activation: str | None = None, **fields: Any) -> None:
        biases = self.choose({}, {"biases": self.numbers(units)}, {"biases": self.number()})
        weights = self.numbers(units, _size(self.shape))
        chosen = activation or self.choose(*ACTIVATIONS, "softmax")
        self.add("dense", weights=weights, activation=chosen, **biases, **fields)
        self.shape, self.kind = (units,), "vector"

    # --- maps ---------------------------------------------------------------------------------

    def convolution(self, same: bool = False) -> None:
        channels, *lengths = self.shape
        axes = len(lengths)
        groups = channels if channels > 1 and self.maybe(0.25) else 1
        maps = channels if same else self.choose(1, 2) * groups
        size = 3 if same else self.dice.randint(1, 2)
        dilation = 1 if same or size == 1 else self.choose(1, 1, 2)
        padding = 1 if same else self.choose(0, 1) if size > 1 else 0
        stride = 1 if same else self.choose(1, 1, 2)
        reach = dilation * (size - 1) + 1
        if any(length + 2 * padding < reach for length in lengths):
            return
        kernel = self.numbers(maps, channels // groups, *[size] * axes)
        own = self.choose({}, {"biases": self.numbers(maps)}, {"biases": self.number()})
        if maps == 1 and isinstance(own.get("biases"), list):
            own = {"biases": own["biases"][0]}
        self.add(
            f"conv{axes}d", kernel=kernel, stride=stride, padding=padding, dilation=dilation, groups=groups,
            activation=self.choose(*ACTIVATIONS), **self.choose({}, {}, {"flip": True}), **own,
        )  # fmt: skip
        self.shape = (maps, *((length + 2 * padding - reach) // stride + 1 for length in lengths))

    def pooling(self) -> None:
        channels, *lengths = self.shape
        stride, padding = self.choose(1, 2), self.choose(0, 0, 1)
        kind = self.choose("max_pool", "avg_pool")
        if any(length + 2 * padding < 2 for length in lengths):
            return
        own = {"count_padding": False} if kind == "avg_pool" and self.maybe(0.3) else {}
        self.add(kind, size=2, stride=stride, padding=padding, dimensions=len(lengths), **own)
        self.shape = (channels, *((length + 2 * padding - 2) // stride + 1 for length in lengths))

    def global_pool(self) -> None:
        if self.shape[0] > 1 and len(self.layers) and self.layers[-1]["type"].startswith("conv"):
            self.add("global_avg_pool")
            self.shape, self.kind = self.shape[:1], "vector"

    def flatten(self) -> None:
        self.add("flatten")
        self.shape, self.kind = (_size(self.shape),), "vector"

    # --- sequences ----------------------------------------------------------------------------

    def recurrent(self) -> None:
        kind = self.choose("rnn", "lstm", "gru")
        steps, features = self.shape
        units, returns = self.dice.randint(1, 2), self.choose("last", "all", "all")
        fields: dict[str, Any] = {"returns": returns}
        if kind == "rnn":
            fields |= {"W_xh": self.numbers(units, features), "W_hh": self.numbers(units, units)}
            fields |= {"activation": self.choose("tanh", "sigmoid", "relu")}
            biases: tuple[str, ...] = self.choose((), ("b_h",), ("b_ih", "b_hh"))
            fields |= {name: self.numbers(units) for name in biases}
        elif self.maybe():
            gates = 4 if kind == "lstm" else 3
            fields |= {
                "weight_ih": self.numbers(gates * units, features),
                "weight_hh": self.numbers(gates * units, units),
                "bias_ih": self.numbers(gates * units),
                "bias_hh": self.numbers(gates * units),
            }
        else:
            for gate in "ifgo" if kind == "lstm" else "rzn":
                fields[f"W_x{gate}"] = self.numbers(units, features)
                fields[f"W_h{gate}"] = self.numbers(units, units)
                fields[f"b_{gate}"] = self.numbers(units)
        if kind == "lstm" and self.maybe(0.3):
            fields |= {name: self.numbers(units) for name in ("w_ci", "w_cf", "w_co") if self.maybe(0.7)}
        if kind == "gru":
            fields |= {"reset_after": self.maybe(), "update": self.choose("keeps", "renews")}
            if "bias_hh" in fields and not fields["reset_after"] and self.maybe():
                del fields["bias_hh"]
        if self.maybe(0.3):
            fields |= {"initial": self.numbers(units), "train_initial": self.maybe()}
        self.add(kind, **fields)
        self.shape, self.kind = ((steps, units), "sequence") if returns == "all" else ((units,), "vector")

    def time_distributed(self, units: int) -> None:
        own = {"biases": self.numbers(units)} if self.maybe() else {}
        weights = self.numbers(units, self.shape[1])
        layer = {"weights": weights, "activation": self.choose(*SMOOTH, "softmax", "relu"), **own}
        self.add("time_distributed", layer=layer)
        self.shape = (self.shape[0], units)

    def attention(self, values: int | None = None) -> None:
        steps, features = self.shape
        heads = self.choose(1, 1, 2)
        width = heads * self.dice.randint(1, 2)
        out = values or heads * self.dice.randint(1, 2)
        fields: dict[str, Any] = {"W_Q": self.numbers(width, features), "W_K": self.numbers(width, features)}
        inner = heads * self.dice.randint(1, 2)
        project = values is not None or self.maybe()
        fields["W_V"] = self.numbers(inner if project else out, features)
        if project:
            fields["W_O"] = self.numbers(out, inner)
        for name, matrix in (("b_Q", "W_Q"), ("b_K", "W_K"), ("b_V", "W_V"), ("b_O", "W_O")):
            if matrix in fields and self.maybe(0.3):
                fields[name] = self.numbers(len(fields[matrix]))
        seen = [[1 if i == j or self.maybe() else 0 for i in range(steps)] for j in range(steps)]
        mask = self.choose("none", "causal", seen)
        # with a name, since scores of two heads are called as an embedding's or a sum's units are
        self.add(
            "attention",
            named=heads > 1 or None,
            heads=heads,
            scale=self.choose("sqrt", "none"),
            mask=mask,
            **fields,
        )
        self.shape = (steps, out)

    def positional(self) -> None:
        self.add(
            "positional_encoding", **self.choose({}, {"base": 100}, {"weights": self.numbers(*self.shape)})
        )

    # --- whole networks -----------------------------------------------------------------------

    def grow(self) -> None:
        steps = [*self._keeping(), self.residual, self.combine, self.batch_norm]
        if self.kind == "sequence":
            steps = [*self._keeping(), *[self.recurrent] * 4, self.positional, self.residual, self.combine]
            steps += [lambda: self.time_distributed(2), self.attention, self.attention]
        if self.kind == "maps":
            steps += [*[self.convolution] * 4, self.pooling, self.pooling, self.global_pool, self.flatten]
        if self.kind == "vector":
            steps.append(lambda: self.dense(self.dice.randint(1, 3)))
        self.dice.choice(steps)()

    def network(self, depth: int) -> dict[str, Any]:
        """The network as a problem file has it: some layers, and one that makes few outputs."""
        for _ in range(depth):
            if _size(self.shape) <= 24:
                self.grow()
        outputs = self.dice.randint(1, 2)
        loss = self.choose("half_squared_error", "squared_error", "cross_entropy", "binary_cross_entropy")
        if loss == "cross_entropy":
            self.dense(outputs + 1, "softmax", named=False)
        elif loss == "binary_cross_entropy":
            self.dense(outputs, "sigmoid", named=False)
        elif self.maybe() or _size(self.shape) > 4 or not self.layers:
            self.dense(outputs, self.choose("identity", "tanh"), named=False)
        count = _size(self.shape)
        data = [
            {"inputs": self._inputs(), "targets": self._targets(loss, count)} for _ in range(self.samples)
        ]
        own = data[0] if len(data) == 1 else {"samples": data}
        reduction = self.choose("mean", "sum")
        return {
            **own,
            "layers": self.layers,
            "loss": {"kind": loss, "reduction": reduction},
            "learning_rate": "0.1",
        }

    def _inputs(self) -> Any:
        if self.rows:
            return [self.dice.randrange(self.rows) for _ in range(self.start[0])]
        return self.numbers(*self.start)

    def _targets(self, loss: str, count: int) -> list[str]:
        if loss == "cross_entropy":
            right = self.dice.randrange(count)
            return ["1" if index == right else "0" for index in range(count)]
        if loss == "binary_cross_entropy":
            return [self.choose("0", "1", "0.3") for _ in range(count)]
        return self.numbers(count)


_STARTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "vector": ((2,), (3,)),
    "sequence": ((2, 2), (3, 1), (3, 2)),
    "maps": ((1, 4, 4), (2, 3, 3), (1, 3, 4), (2, 5)),
}


def _size(shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def _mapping(stack: Stack, depth: int) -> dict[str, Any]:
    return {"title": "Random layers", "network": stack.network(depth)}


def vectors(seed: int) -> dict[str, Any]:
    """Dense layers with normalisation, dropout, skip connections and residual blocks between them."""
    stack = Stack(seed, "vector")
    return _mapping(stack, stack.dice.randint(1, 3))


def maps(seed: int) -> dict[str, Any]:
    """Convolution and pooling in one and two dimensions, with everything that may stand between."""
    stack = Stack(seed, "maps")
    stack.convolution()
    return _mapping(stack, stack.dice.randint(1, 3))


def sequences(seed: int) -> dict[str, Any]:
    """Recurrent layers, attention, dense layers at every step."""
    stack = Stack(seed, "sequence")
    return _mapping(stack, stack.dice.randint(1, 3))


def tokens(seed: int) -> dict[str, Any]:
    """Row numbers that an embedding looks up, and what a sequence goes through after it."""
    stack = Stack(seed, "sequence")
    rows, width = stack.dice.randint(2, 4), stack.shape[1]
    stack.rows = rows
    stack.start = (stack.shape[0],)
    stack.add("embedding", table=stack.numbers(rows, width))
    return _mapping(stack, stack.dice.randint(0, 2))
