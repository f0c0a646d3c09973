"""Problems built in Python, layer by layer, through the same checks as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .custom import CustomLoss, Function
from .load import problem_from_mapping
from .problem import Problem

#: Fields of `dense_problem` that stand at the top of a problem file; all others stand under `network`.
_TOP = (
    "summary",
    "introduction",
    "rounding",
    "notation",
    "epochs",
    "report_every",
    "reported_loss",
    "frozen",
    "given",
    "show",
    "listing",
    "vary",
)


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer that is connected to every unit of the layer before it.

    units: how many, or their names. activation: a name, a mapping with its settings, or a `Function`.
    weights: one row per unit of this layer. biases: one per unit, or one number that the layer shares, or
    None.
    """

    units: int | Sequence[str]
    activation: str | Mapping[str, Any] | Function
    weights: Any = None
    biases: Any = None
    name: str | None = None


def dense_problem(
    *,
    title: str,
    inputs: Any = None,
    targets: Any = None,
    layers: Sequence[Dense],
    loss: str | Mapping[str, Any] | CustomLoss = "half_squared_error",
    learning_rate: Any = None,
    samples: Sequence[Any] | None = None,
    name: str = "",
    **rest: Any,
) -> Problem:
    """Return the problem of a network of dense layers.

    Args:
        title: the title of the sheet.
        inputs: a number for each input, or a mapping from name to number.
        targets: a number for each output.
        layers: the layers after the inputs.
        loss: a loss's name, a mapping with kind and reduction, or a `CustomLoss`.
        learning_rate: None for gradients without an update.
        samples: a batch instead of inputs and targets: mappings, or pairs (inputs, targets).
        name: the stem of output files; made from the title if there is none.
        rest: any other field of a problem file (frozen, epochs, rounding, notation, layout, ...).

    Raises:
        ProblemError: the problem cannot be used.
    """
    network: dict[str, Any] = {
        "inputs": inputs,
        "targets": targets,
        "samples": None if samples is None else [_sample(sample) for sample in samples],
        "layers": [_layer(layer) for layer in layers],
        "loss": loss,
        "learning_rate": learning_rate,
        **{key: value for key, value in rest.items() if key not in _TOP},
    }
    top = {key: value for key, value in rest.items() if key in _TOP}
    return problem_from_mapping(
        {
            "title": title,
            **top,
            "network": {key: value for key, value in network.items() if value is not None},
        },
        name,
    )


def _layer(layer: Any) -> Any:
    if not isinstance(layer, Dense):
        return layer
    fields = {
        "name": layer.name,
        "units": layer.units,
        "activation": layer.activation,
        "weights": layer.weights,
        "biases": layer.biases,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _sample(sample: Any) -> Any:
    if isinstance(sample, tuple) and len(sample) == 2:
        return {"inputs": sample[0], "targets": sample[1]}
    return sample
