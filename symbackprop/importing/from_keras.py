"""Keras models as problems."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import ProblemError
from ..spec import problem_from_mapping
from ..spec.problem import Problem
from .decimals import decimal_text
from .keras_losses import loss_form
from .stack import Stack, listed, problem_mapping

Converter = Callable[[Stack, Any, str], None]


def from_keras(
    model: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "mse",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    **fields: Any,
) -> Problem:
    """Return the problem of a Keras model: its network, with the numbers it has.

    Args:
        model: a `keras.Sequential`, or a functional model whose layers follow one another, of `Dense`,
            activations and what does nothing when a model is evaluated (`Dropout`, `Flatten`).
        inputs: arrays or lists; one sample, or one row for each of a batch.
        targets: likewise; those of a cross-entropy may be classes, counted from 0.
        loss: a loss of keras.losses, or its name; or one as in a problem file.
        learning_rate: a number, or a plain `keras.optimizers.SGD`; None for gradients alone.
        exact: every binary digit of the numbers, instead of the shortest decimal that reads back the same.
        fields: any other field at the top of a problem file (title, rounding, notation, epochs, ...).

    Raises:
        ProblemError: a layer, a loss or an optimizer has no counterpart; the text says which and where.
    """
    return problem_from_mapping(
        mapping_from_keras(model, inputs, targets, loss, learning_rate, exact=exact, **fields)
    )


def mapping_from_keras(
    model: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "mse",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Return what `from_keras` reads, as the fields of a problem file.

    Raises:
        ProblemError: a layer, a loss or an optimizer has no counterpart.
    """
    stack = Stack(exact)
    for layer, path in _layers(model, str(model.name)):
        name = type(layer).__name__
        if name not in LAYERS:
            raise ProblemError(
                "no such layer here", field=path, given=name, expected=f"one of {listed(list(LAYERS))}"
            )
        LAYERS[name](stack, layer, path)
    form = loss_form(loss, stack.outputs, sys.modules["keras"])
    given = stack.layers[-1]["activation"]
    if form.last and given not in form.last:
        raise ProblemError(
            "this loss takes probabilities",
            field="loss",
            given=f"outputs with {given}",
            expected=f"outputs with {listed(list(form.last))}, or a loss with from_logits=True",
        )
    title = fields.pop("title", None) or "A network from Keras"
    width = len(stack.layers[0]["weights"][0])
    rate = _rate(learning_rate)
    return problem_mapping(stack, inputs, targets, form, rate, width, {"title": title, **fields})


def _rate(learning_rate: Any) -> Mapping[str, Any] | None:
    if learning_rate is None:
        return None
    if not hasattr(learning_rate, "apply_gradients") and not hasattr(learning_rate, "apply"):
        text = learning_rate if isinstance(learning_rate, str) else decimal_text(learning_rate)
        return {"learning_rate": text}
    config = learning_rate.get_config()
    asked = [
        name
        for name in ("momentum", "nesterov", "weight_decay", "clipnorm", "global_clipnorm", "clipvalue")
        if config.get(name)
    ]
    name = type(learning_rate).__name__
    if name != "SGD" or asked:
        raise ProblemError(
            "no such optimizer here",
            field="learning_rate",
            given=f"{name} with {', '.join(asked)}" if asked else name,
            expected="a plain keras.optimizers.SGD",
        )
    return {"learning_rate": decimal_text(np.float32(config["learning_rate"]))}


def _layers(model: Any, path: str) -> Iterator[tuple[Any, str]]:
    """Yield the layers in order, those of models inside the model too, each with its path.

    Raises:
        ProblemError: the layers do not follow one another in one line.
    """
    for layer in model.layers:
        here = f"{path}.{layer.name}"
        nodes = getattr(layer, "_inbound_nodes", ())
        if len(nodes) > 1 and not _is_model(model, "Sequential"):
            raise ProblemError(
                "a layer that is used more than once", field=here, expected="layers in one line"
            )
        if any(len(node.parent_nodes) > 1 for node in nodes):
            raise ProblemError("a layer with several inputs", field=here, expected="layers in one line")
        if hasattr(layer, "layers"):
            yield from _layers(layer, here)
        else:
            yield layer, here


def _is_model(model: Any, name: str) -> bool:
    return any(kind.__name__ == name for kind in type(model).__mro__)


# --- layers ----------------------------------------------------------------------------------------


def _dense(stack: Stack, layer: Any, path: str) -> None:
    kernel = np.asarray(_numbers(layer.kernel)).T  # Keras has a column for each unit
    bias = _numbers(layer.bias) if layer.use_bias else None
    stack.add_dense(kernel, bias, trained=(layer.trainable, layer.trainable))
    _function(stack, layer.activation, path)


def _numbers(variable: Any) -> Any:
    return variable.detach().cpu().numpy() if hasattr(variable, "detach") else np.array(variable.numpy())


#: Keras's activation functions by name; numbers that they do not let be set are set here.
FUNCTIONS: Mapping[str, Any] = {
    "linear": "identity",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "softplus": "softplus",
    "softsign": "softsign",
    "elu": "elu",
    "selu": "selu",
    "celu": "celu",
    "silu": "silu",
    "swish": "silu",
    "mish": "mish",
    "gelu": "gelu",
    "hard_sigmoid": "hard_sigmoid",
    "hard_tanh": "hardtanh",
    "leaky_relu": {"name": "leaky_relu", "negative_slope": "0.2"},
}


def _function(stack: Stack, function: Any, path: str) -> None:
    name = getattr(function, "__name__", type(function).__name__)
    if not getattr(function, "__module__", "").startswith("keras."):
        name = f"{name}, a function of your own"
    if name not in FUNCTIONS:
        raise ProblemError(
            "no such activation here", field=path, given=name, expected=f"one of {listed(list(FUNCTIONS))}"
        )
    stack.activate(FUNCTIONS[name], path)


def _nothing(stack: Stack, layer: Any, path: str) -> None:
    """Pass a layer that changes nothing, once a model is flat and evaluated."""


def _relu(stack: Stack, layer: Any, path: str) -> None:
    config = layer.get_config()
    if config.get("max_value") is not None or config.get("threshold"):
        raise ProblemError("a ReLU with a threshold or a largest value", field=path, expected="a plain ReLU")
    slope = float(config.get("negative_slope") or 0)
    stack.activate({"name": "leaky_relu", "negative_slope": decimal_text(slope)} if slope else "relu", path)


def _with(name: str, setting: str) -> Converter:
    def add(stack: Stack, layer: Any, path: str) -> None:
        value = decimal_text(float(layer.get_config()[setting]))
        stack.activate({"name": name, setting: value}, path)

    return add


#: By the name of Keras's class. A layer type more is a line more.
LAYERS: dict[str, Converter] = {
    "InputLayer": _nothing,
    "Dense": _dense,
    "Activation": lambda stack, layer, path: _function(stack, layer.activation, path),
    "Flatten": _nothing,
    "Dropout": _nothing,
    "Identity": _nothing,
    "ReLU": _relu,
    "LeakyReLU": _with("leaky_relu", "negative_slope"),
    "ELU": _with("elu", "alpha"),
    "Softmax": lambda stack, layer, path: stack.activate("softmax", path),
}
