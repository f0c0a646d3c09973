"""What a model turns into: layers as a problem file has them, and what flows from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_rows


@dataclass(frozen=True, slots=True)
class Value:
    """What flows between two layers, of one sample.

    layer: the position of the layer that sends it out, None for the inputs. shape: in which it does.
    order: in the shape that the model's library has it, which of those values (in row-major order) stands at
    each place; so views, flattening and swapped axes compute nothing.
    """

    layer: int | None
    shape: tuple[int, ...]
    order: np.ndarray[Any, Any]

    def viewed(self, order: np.ndarray[Any, Any]) -> Value:
        """Return the same values in another arrangement."""
        return Value(self.layer, self.shape, order)


def plain_order(shape: Sequence[int]) -> np.ndarray[Any, Any]:
    """Return the arrangement in which values are sent out."""
    return np.arange(int(np.prod(shape, dtype=int))).reshape(tuple(shape))


@dataclass
class Flow:
    """The layers so far, as `network.layers` has them, each with a `type`.

    frozen: by position of a layer, patterns of its parameters that are not trained, with {} for what marks
    the layer in their names. exact: numbers with every digit.
    """

    exact: bool = False
    layers: list[dict[str, Any]] = field(default_factory=list)
    frozen: dict[int, list[str]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    def rows(self, array: Any) -> Any:
        """Return numbers as nested lists of decimals."""
        return decimal_rows(array, self.exact)

    def add(
        self,
        value: Value,
        path: str,
        fields: Mapping[str, Any],
        shape: Sequence[int],
        order: np.ndarray[Any, Any] | None = None,
        frozen: Sequence[str] = (),
    ) -> Value:
        """Add a layer that takes a value, and return what it sends out in a shape."""
        layer = dict(fields)
        position = len(self.layers)
        if value.layer != (position - 1 if position else None):
            layer["from"] = self.name_of(value)
        return self.push(path, layer, shape, order, frozen)

    def push(
        self,
        path: str,
        layer: dict[str, Any],
        shape: Sequence[int],
        order: np.ndarray[Any, Any] | None = None,
        frozen: Sequence[str] = (),
    ) -> Value:
        """Add a layer that says itself what it takes."""
        self.layers.append(layer)
        self.paths.append(path)
        if frozen:
            self.frozen[len(self.layers) - 1] = list(frozen)
        return Value(len(self.layers) - 1, tuple(shape), plain_order(shape) if order is None else order)

    def name_of(self, value: Value) -> str:
        """Return the name by which later layers take a value; its layer is given one if it has none."""
        if value.layer is None:
            return "x"
        layer = self.layers[value.layer]
        if "name" not in layer:
            layer["name"] = self.free_name(self.paths[value.layer])
        return str(layer["name"])

    def free_name(self, path: str) -> str:
        """Return a name for a layer after its place in the model."""
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in path.partition(".")[2] or path)
        plain = plain.strip("_")
        stem = (
            plain if plain[:1].isalpha() and plain != "x" and len(plain) > 1 else f"layer_{plain}".rstrip("_")
        )
        taken = {layer.get("name") for layer in self.layers}
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        return name

    def laid(self, value: Value, path: str, axes: Sequence[int] | None = None) -> Value:
        """Return a value whose layer sends it out as it is arranged, its axes in another order.

        Raises:
            ProblemError: axes were swapped on the way, which no layer does.
        """
        order = value.order if axes is None else value.order.transpose(axes)
        if not np.array_equal(order.ravel(), np.arange(order.size)):
            raise ProblemError(
                "axes were swapped before it, which no layer of a problem file does",
                field=path,
                given=f"values of shape {value.order.shape}",
                expected="channels and places, or steps and features, as the layer before sends them",
            )
        if order.shape == value.shape:
            return Value(value.layer, value.shape, order)
        return self.add(
            value, f"{path}.reshape", {"type": "reshape", "shape": list(order.shape)}, order.shape
        )

    def dense(
        self, value: Value, path: str, weights: Any, biases: Any | None, trained: tuple[bool, bool]
    ) -> Value:
        """Add a dense layer, or one at every step where there are steps.

        Args:
            value: a vector, or steps x features.
            path: the layer's place in the model.
            weights: a row for each unit, a column for each incoming value in the library's arrangement.
            biases: one for each unit, or None.
            trained: whether weights and biases are.

        Raises:
            ProblemError: there are more axes, or another number of values comes in.
        """
        weights = np.asarray(weights)
        if weights.shape[1] != value.order.shape[-1]:
            raise ProblemError(
                "another number of inputs than the layer before has units",
                field=path,
                given=str(weights.shape[1]),
                expected=str(value.order.shape[-1]),
            )
        if value.order.ndim > 2:
            raise ProblemError(
                "a dense layer on more than steps x features",
                field=path,
                given=f"values of shape {value.order.shape}",
                expected="a vector (flatten before it), or steps x features",
            )
        frozen = ["w{}_*"] * (not trained[0]) + ["b{}_*"] * (biases is not None and not trained[1])
        fields: dict[str, Any] = {"activation": "identity"}
        if value.order.ndim == 2:
            value = self.laid(value, path)
            inner = fields | {"weights": self.rows(weights)}
            inner |= {} if biases is None else {"biases": self.rows(biases)}
            steps = {"type": "time_distributed", "layer": inner}
            return self.add(value, path, steps, (len(value.order), len(weights)), frozen=frozen)
        turned = np.empty_like(weights)
        turned[:, value.order] = weights  # a column for each value in the order in which it is sent
        layer: dict[str, Any] = {
            "type": "dense",
            "units": len(weights),
            **fields,
            "weights": self.rows(turned),
        }
        if biases is not None:
            layer["biases"] = list(self.rows(biases))
        return self.add(value, path, layer, (len(weights),), frozen=frozen)

    def activate(self, value: Value, activation: Any, path: str, *, alone: bool) -> Value:
        """Apply an activation: as that of the layer before where that has none and nothing else takes it.

        Raises:
            ProblemError: softmax of more than a vector or steps x features.
        """
        if activation == "identity":
            return value
        whole = activation in ("softmax", "log_softmax")
        if value.layer is not None and alone and value.layer == len(self.layers) - 1:
            layer = self.layers[value.layer]
            inner = layer["layer"] if layer["type"] == "time_distributed" else layer
            fuses = layer["type"] in ("dense", "time_distributed") or (
                layer["type"] in ("conv1d", "conv2d") and not whole
            )
            if fuses and inner["activation"] == "identity":
                inner["activation"] = activation
                return value
        if whole:
            value = self.laid(value, path)
        fields = {"type": "activation", "activation": activation}
        return self.add(value, path, fields, value.shape, value.order)

    def combined(self, kind: str, values: Sequence[Value], path: str) -> Value:
        """Add the sum or the product of values of equal shape.

        Raises:
            ProblemError: they are arranged in different ways.
        """
        values = self.alike(values, path)
        first = values[0]
        layer = {"type": kind, "from": [self.name_of(value) for value in values]}
        return self.push(path, layer, first.shape, first.order)

    def alike(self, values: Sequence[Value], path: str) -> list[Value]:
        """Return values as layers that send them out in one arrangement.

        Raises:
            ProblemError: the shapes differ.
        """
        first = values[0]
        for value in values:
            if value.order.shape != first.order.shape:
                raise ProblemError(
                    "values of different shapes",
                    field=path,
                    given=f"{first.order.shape} and {value.order.shape}",
                    expected="equal shapes; one number for all places is no layer here",
                )
        if all(v.shape == first.shape and np.array_equal(v.order, first.order) for v in values):
            return list(values)
        return [self.laid(value, path) for value in values]

    @property
    def plain(self) -> bool:
        """Whether all layers are dense, each on the one before: the compact form of a problem file."""
        return all(set(layer) <= _DENSE and layer["type"] == "dense" for layer in self.layers)

    def network_fields(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the layers as a problem file has them, and the patterns of frozen parameters."""
        if self.plain:
            layers = [{name: item for name, item in layer.items() if name != "type"} for layer in self.layers]
            marks = [str(number + 1) for number in self.frozen]
        else:
            layers = self.layers
            marks = [f"_{self.name_of(Value(at, (), plain_order(())))}" for at in self.frozen]
        patterns = [
            pattern.format(mark)
            for mark, own in zip(marks, self.frozen.values(), strict=True)
            for pattern in own
        ]
        return layers, patterns


_DENSE = frozenset({"type", "units", "activation", "weights", "biases"})
