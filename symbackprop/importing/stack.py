"""What a model turns into: layers as a problem file has them, its data, its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_rows, decimal_text


@dataclass
class Stack:
    """The layers so far, in the compact form of a problem file.

    layers: `{units, activation, weights, biases}` or `{type: ..., ...}`. frozen: patterns of the
    parameters that are not trained. exact: numbers with every digit.
    """

    exact: bool = False
    layers: list[dict[str, Any]] = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)

    def add_dense(
        self, weights: Any, biases: Any | None, *, trained: tuple[bool, bool] = (True, True)
    ) -> None:
        """Add a layer of dense units: one row of weights for each."""
        rows = decimal_rows(weights, self.exact)
        layer: dict[str, Any] = {"units": len(rows), "activation": "identity", "weights": rows}
        if biases is not None:
            layer["biases"] = decimal_rows(biases, self.exact)
            if len(rows) == 1 or not trained[1]:
                layer["biases"] = list(layer["biases"])
        self.layers.append(layer)
        number = len(self.layers)
        self.frozen += [f"w{number}_*"] * (not trained[0])
        self.frozen += [f"b{number}_*"] * (biases is not None and not trained[1])

    def activate(self, activation: Any, path: str) -> None:
        """Give the last layer its activation.

        Raises:
            ProblemError: there is no layer before it, or it has an activation already.
        """
        if activation == "identity":
            return
        if not self.layers:
            raise ProblemError("an activation before the first layer", field=path)
        if self.layers[-1]["activation"] != "identity":
            raise ProblemError(
                "two activations, one after the other",
                field=path,
                given=f"{_name(activation)} after {_name(self.layers[-1]['activation'])}",
                expected="a layer with weights between them",
            )
        self.layers[-1]["activation"] = activation

    @property
    def outputs(self) -> int:
        """How many outputs the last layer has.

        Raises:
            ProblemError: there is no layer.
        """
        if not self.layers:
            raise ProblemError("the model has no layer with weights")
        return int(self.layers[-1]["units"])


def _name(activation: Any) -> str:
    return str(activation["name"] if isinstance(activation, Mapping) else activation)


# --- data ----------------------------------------------------------------------------------------


def samples(inputs: Any, width: int) -> np.ndarray[Any, Any]:
    """Return inputs as an array with one row per sample.

    Raises:
        ProblemError: a sample has another number of inputs than the first layer takes.
    """
    array = np.asarray(inputs)
    array = array.reshape(1, -1) if array.ndim < 2 else array.reshape(len(array), -1)
    if array.shape[1] != width:
        raise ProblemError(
            "another number of inputs than the first layer takes",
            field="inputs",
            given=f"{array.shape[1]} for each sample",
            expected=f"{width}",
        )
    return array


def data_fields(inputs: Any, targets: Any, exact: bool) -> dict[str, Any]:
    """Return the fields for one sample, or for a batch.

    Raises:
        ProblemError: there are not as many targets as samples.
    """
    if len(inputs) != len(targets):
        raise ProblemError(
            "inputs and targets are not of as many samples",
            given=f"{len(inputs)} and {len(targets)}",
            expected="one row of targets for each sample",
        )
    rows = [
        {
            "inputs": decimal_rows(x, exact),
            "targets": [t if isinstance(t, str) else decimal_text(t, exact) for t in y],
        }
        for x, y in zip(inputs, targets, strict=True)
    ]
    return rows[0] if len(rows) == 1 else {"samples": rows}


def plain_targets(targets: Any, count: int, outputs: int) -> list[list[Any]]:
    """Return targets as one row of numbers for each sample.

    Raises:
        ProblemError: there are not as many numbers as outputs.
    """
    array = np.asarray(targets)
    if array.size != count * outputs:
        raise ProblemError(
            "not as many targets as outputs",
            field="targets",
            given=f"shape {tuple(array.shape)}",
            expected=f"{outputs} for each of {count} samples" if count > 1 else f"{outputs}",
        )
    return [list(row) for row in array.reshape(count, outputs)]


def class_targets(targets: Any, count: int, outputs: int) -> list[list[Any]]:
    """Return targets that are classes, counted from 0, as rows of zeros and a one; others as they are.

    Raises:
        ProblemError: a class is not one of the outputs.
    """
    array = np.asarray(targets)
    if not np.issubdtype(array.dtype, np.integer) or (array.size == count * outputs and array.ndim == 2):
        return plain_targets(targets, count, outputs)
    classes = array.reshape(-1)
    if len(classes) != count or any(not 0 <= number < outputs for number in classes):
        raise ProblemError(
            "not one class for each sample",
            field="targets",
            given=str(classes.tolist()),
            expected=f"{count} whole numbers from 0 to {outputs - 1}",
        )
    return [["1" if column == number else "0" for column in range(outputs)] for number in classes]


Targets = Callable[[Any, int, int], list[list[Any]]]


@dataclass(frozen=True, slots=True)
class LossForm:
    """A loss as a problem file has it, and how its targets are read.

    last: by the activation that the outputs have, the one that they get instead: a loss that takes
    logarithms of probabilities is the package's loss of the probabilities themselves.
    """

    kind: str
    reduction: str = "mean"
    constant: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    targets: Targets = plain_targets
    last: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return the field `loss` of a problem file."""
        extra = {"constant": self.constant} if self.constant else {}
        return {"kind": self.kind, "reduction": self.reduction, **extra, **self.settings}


def share(outputs: int) -> str:
    """Return 1/K as text, nothing for one output."""
    return f"1/{outputs}" if outputs > 1 else ""


def listed(names: Sequence[str]) -> str:
    """Return names for a message."""
    return ", ".join(sorted(names))


def problem_mapping(
    stack: Stack, inputs: Any, targets: Any, loss: LossForm, rate: Any, width: int, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the problem file of a model as a mapping."""
    rows = samples(inputs, width)
    network: dict[str, Any] = {
        **data_fields(rows, loss.targets(targets, len(rows), stack.outputs), stack.exact),
        "layers": stack.layers,
        "loss": loss.fields(),
    }
    if rate is not None:
        network |= rate if isinstance(rate, Mapping) else {"learning_rate": str(rate)}
    frozen = {"frozen": stack.frozen} if stack.frozen else {}
    return {**fields, "network": network, **frozen}
