"""One use of a Keras layer: what comes in, and what is read of the layer itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ProblemError
from .flow import Flow, Value
from .stack import listed


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a layer: what comes in, where it stands, whether its input goes nowhere else.

    training: whether the model is trained, so that statistics are those of the batch. settings: what the
    layer is called with besides its inputs.
    """

    flow: Flow
    values: Sequence[Value]
    path: str
    alone: bool = True
    training: bool = False
    masks: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Value:
        """What comes in, of a layer that takes one thing."""
        return self.values[0]


Converter = Callable[[Use, Any], Value]


def numbers_of(variable: Any) -> Any:
    """Return a variable as an array."""
    return np.asarray(
        variable.detach().cpu().numpy() if hasattr(variable, "detach") else np.array(variable.numpy())
    )


def refuse(use: Use, message: str, given: str = "", expected: str = "", hint: str = "") -> ProblemError:
    """Return an error that names a layer's place in the model."""
    return ProblemError(message, field=use.path, given=given or None, expected=expected, hint=hint)


def plain_settings(use: Use, layer: Any, wanted: Mapping[str, Any]) -> None:
    """See that settings without counterpart are at what changes nothing.

    Raises:
        ProblemError: one is not; the text names it.
    """
    for name, value in wanted.items():
        found = getattr(layer, name, value)
        if found != value:
            raise refuse(use, f"{type(layer).__name__} with {name}", f"{name}={found}", f"{name}={value}")


def frozen_patterns(layer: Any, *patterns: str) -> list[str]:
    """Return the patterns of its parameters, of a layer that is not trained."""
    return [] if layer.trainable else list(patterns)


#: Keras's activation functions by name; numbers that they do not let be set are set here.
FUNCTIONS: Mapping[str, Any] = {
    "linear": "identity",
    **{name: name for name in ("sigmoid", "tanh", "relu", "softmax", "log_softmax", "softplus", "softsign")},
    **{name: name for name in ("elu", "selu", "celu", "silu", "mish", "gelu", "hard_sigmoid")},
    "swish": "silu",
    "hard_tanh": "hardtanh",
    "leaky_relu": {"name": "leaky_relu", "negative_slope": "0.2"},
}


def function_field(use: Use, function: Any) -> Any:
    """Return an activation function as a problem file has it.

    Raises:
        ProblemError: it has no counterpart.
    """
    name = getattr(function, "__name__", type(function).__name__)
    if not getattr(function, "__module__", "").startswith("keras."):
        name = f"{name}, a function of your own"
    if name not in FUNCTIONS:
        raise refuse(use, "no such activation here", name, f"one of {listed(list(FUNCTIONS))}")
    return FUNCTIONS[name]


def activated(use: Use, value: Value, function: Any, *, alone: bool = True) -> Value:
    """Return a value under an activation function of Keras."""
    return use.flow.activate(value, function_field(use, function), use.path, alone=alone)
