"""A model's data and its loss as a problem file has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_rows, decimal_text
from .flow import Flow, Value

# --- data ----------------------------------------------------------------------------------------


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
    logarithms of probabilities is the package's loss of the probabilities themselves. needs, instead: what
    is said where the outputs have another activation.
    """

    kind: str
    reduction: str = "mean"
    constant: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    targets: Targets = plain_targets
    last: Mapping[str, str] = field(default_factory=dict)
    needs: str = "this loss takes logarithms of probabilities"
    instead: str = ""

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
    flow: Flow,
    outputs: Value,
    inputs: Any,
    targets: Any,
    loss: LossForm,
    rate: Mapping[str, Any] | None,
    fields: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the problem file of a model as a mapping; inputs have a row for each sample."""
    layers, patterns = flow.network_fields()
    if flow.plain:
        inputs = np.reshape(inputs, (len(inputs), -1))
    rows = loss.targets(targets, len(inputs), outputs.order.size)
    sent = np.argsort(outputs.order, axis=None)  # targets stand as the last layer sends its outputs
    network: dict[str, Any] = {
        **data_fields(inputs, [[row[place] for place in sent] for row in rows], flow.exact),
        "layers": layers,
        "loss": loss.fields(),
    }
    if rate is not None:
        network |= rate
    frozen = {"frozen": patterns} if patterns else {}
    return {**fields, "network": network, **frozen}


def checked_outputs(flow: Flow, outputs: Value, loss: LossForm) -> None:
    """Give the outputs the activation that a loss needs.

    Raises:
        ProblemError: there is no layer, the last layer is not the output, or the loss does not take it.
    """
    if not flow.layers:
        raise ProblemError("the model has no layer with weights")
    if outputs.layer != len(flow.layers) - 1:
        path = flow.paths[-1]
        raise ProblemError("a layer of which nothing is used", field=path, expected="every layer in use")
    if not loss.last:
        return
    last = flow.layers[-1]
    inner = last.get("layer", last)
    given = inner.get("activation", "identity")
    if given not in loss.last:
        raise ProblemError(
            loss.needs,
            field="loss",
            given=f"outputs with {given if isinstance(given, str) else given['name']}",
            expected=f"outputs with {listed(list(loss.last))}{loss.instead}",
        )
    inner["activation"] = loss.last[given]
