"""Keras's layers as those of a problem file: by the name of the class, what each becomes.

Keras has channels last; a problem file has them first. So maps are sent out in another arrangement than
Keras's, and `Value.order` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_text
from .flow import Flow, Value, plain_order
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


def _plain(use: Use, layer: Any, wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        found = getattr(layer, name, value)
        if found != value:
            raise refuse(use, f"{type(layer).__name__} with {name}", f"{name}={found}", f"{name}={value}")


def _frozen(layer: Any, *patterns: str) -> list[str]:
    return [] if layer.trainable else list(patterns)


# --- activations -------------------------------------------------------------------------------

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


def _activated(use: Use, value: Value, function: Any, *, alone: bool = True) -> Value:
    return use.flow.activate(value, function_field(use, function), use.path, alone=alone)


def _activation(use: Use, layer: Any) -> Value:
    return _activated(use, use.value, layer.activation, alone=use.alone)


def _relu(use: Use, layer: Any) -> Value:
    config = layer.get_config()
    if config.get("max_value") is not None or config.get("threshold"):
        raise refuse(use, "a ReLU with a threshold or a largest value", expected="a plain ReLU")
    slope = float(config.get("negative_slope") or 0)
    activation = {"name": "leaky_relu", "negative_slope": decimal_text(slope)} if slope else "relu"
    return use.flow.activate(use.value, activation, use.path, alone=use.alone)


def _with(name: str, setting: str) -> Converter:
    def add(use: Use, layer: Any) -> Value:
        activation = {"name": name, setting: decimal_text(float(layer.get_config()[setting]))}
        return use.flow.activate(use.value, activation, use.path, alone=use.alone)

    return add


def _softmax(use: Use, layer: Any) -> Value:
    _plain(use, layer, {"axis": -1})
    return use.flow.activate(use.value, "softmax", use.path, alone=use.alone)


# --- dense, embedding --------------------------------------------------------------------------


def _dense(use: Use, layer: Any) -> Value:
    kernel = numbers_of(layer.kernel).T  # Keras has a column for each unit
    bias = numbers_of(layer.bias) if layer.use_bias else None
    trained = (bool(layer.trainable), bool(layer.trainable))
    sent = use.flow.dense(use.value, use.path, kernel, bias, trained)
    return _activated(use, sent, layer.activation)


def _time_distributed(use: Use, layer: Any) -> Value:
    if type(layer.layer).__name__ != "Dense":
        raise refuse(use, "another layer than Dense at every step", type(layer.layer).__name__, "Dense")
    return _dense(use, layer.layer)


def _embedding(use: Use, layer: Any) -> Value:
    _plain(use, layer, {"mask_zero": False})
    value = use.flow.laid(use.value, use.path)
    fields = {"type": "embedding", "table": use.flow.rows(numbers_of(layer.embeddings))}
    shape = (*value.shape, int(layer.output_dim))
    return use.flow.add(value, use.path, fields, shape, frozen=_frozen(layer, "C{}_*"))


# --- maps --------------------------------------------------------------------------------------


def _first(axes: int) -> list[int]:
    """Return the order of axes that puts channels first."""
    return [axes, *range(axes)]


def _maps(use: Use, layer: Any, axes: int) -> Value:
    """Return channels x places as the layer before sends them."""
    if use.value.order.ndim != axes + 1:
        raise refuse(
            use, "no maps come in", f"values of shape {use.value.order.shape}", f"{axes + 1} axes a sample"
        )
    last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return use.flow.laid(use.value, use.path, _first(axes) if last else None)


def _sent(layer: Any, shape: Sequence[int]) -> np.ndarray[Any, Any]:
    """Return maps of channels x places in Keras's arrangement."""
    order = plain_order(shape)
    last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return order.transpose([*range(1, len(shape)), 0]) if last else order


def _margins(use: Use, layer: Any, places: Sequence[int], taps: Sequence[int], reach: Sequence[int]) -> Any:
    """Return the padding: as many zeros on both sides as Keras has.

    Raises:
        ProblemError: Keras has one more on one side, at a stride.
    """
    if layer.padding == "valid":
        return [0] * len(places)
    if layer.padding != "same":
        raise refuse(use, "a padding on one side", f"padding={layer.padding}", "valid or same")
    steps = list(layer.strides)
    outs = [-(-place // step) for place, step in zip(places, steps, strict=True)]
    whole = [
        max((out - 1) * step + span - place, 0)
        for out, step, span, place in zip(outs, steps, reach, places, strict=True)
    ]
    if all(total % 2 == 0 for total in whole):
        return [total // 2 for total in whole]
    if all(step == 1 for step in steps):
        return "same"
    raise refuse(
        use, "more padding on one side than on the other", f"strides={steps}", "an odd kernel, or valid"
    )


def _convolution(axes: int) -> Converter:
    def add(use: Use, layer: Any) -> Value:
        value = _maps(use, layer, axes)
        kernel = numbers_of(layer.kernel)
        kernel = kernel.transpose([axes + 1, axes, *range(axes)])
        taps, spread = kernel.shape[2:], list(layer.dilation_rate)
        reach = [step * (tap - 1) + 1 for tap, step in zip(taps, spread, strict=True)]
        padding = _margins(use, layer, value.shape[1:], taps, reach)
        fields: dict[str, Any] = {
            "type": f"conv{axes}d",
            "kernel": use.flow.rows(kernel),
            "stride": list(layer.strides),
            "padding": padding,
            "dilation": spread,
            "groups": int(layer.groups),
            "activation": "identity",
        }
        if layer.use_bias:
            fields["biases"] = use.flow.rows(numbers_of(layer.bias))
        usual = {"stride": [1] * axes, "padding": [0] * axes, "dilation": [1] * axes, "groups": 1}
        fields = {name: item for name, item in fields.items() if usual.get(name) != item}
        shape = _outgoing(layer, use.value, axes)
        alone = ("k{}_*", "bk{}") if len(kernel) == 1 else ("k{}_*", "bk{}_*")
        frozen = _frozen(layer, *(alone if layer.use_bias else alone[:1]))
        sent = use.flow.add(value, use.path, fields, shape, _sent(layer, shape), frozen)
        return _activated(use, sent, layer.activation)

    return add


def _outgoing(layer: Any, value: Value, axes: int) -> tuple[int, ...]:
    """Return what goes out as channels x places."""
    found = layer.compute_output_shape((None, *value.order.shape))[1:]
    last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return (found[-1], *found[:-1]) if last else tuple(found)


def _pooling(kind: str, axes: int) -> Converter:
    def add(use: Use, layer: Any) -> Value:
        value = _maps(use, layer, axes)
        size = [int(n) for n in np.atleast_1d(layer.pool_size)]
        stride = [int(n) for n in np.atleast_1d(layer.strides)]
        fields = {"type": kind, "size": size, "stride": stride, "dimensions": axes}
        shape = _outgoing(layer, use.value, axes)
        if layer.padding != "valid":
            covered = [
                (out - 1) * step + span for out, step, span in zip(shape[1:], stride, size, strict=True)
            ]
            if list(value.shape[1:]) != covered:
                raise refuse(use, "a padding of windows", f"padding={layer.padding}", "padding=valid")
        return use.flow.add(value, use.path, fields, shape, _sent(layer, shape))

    return add


def _global(kind: str, axes: int) -> Converter:
    def add(use: Use, layer: Any) -> Value:
        value = _maps(use, layer, axes)
        fields = {"type": kind, "size": list(value.shape[1:]), "dimensions": axes}
        shape = (value.shape[0], *[1] * axes)
        kept = tuple(layer.compute_output_shape((None, *use.value.order.shape))[1:])
        return use.flow.add(value, use.path, fields, shape, plain_order((value.shape[0],)).reshape(kept))

    return add


def _flatten(use: Use, layer: Any) -> Value:
    return use.value.viewed(use.value.order.ravel())


def _reshape(use: Use, layer: Any) -> Value:
    return use.value.viewed(use.value.order.reshape(layer.target_shape))


def _permute(use: Use, layer: Any) -> Value:
    return use.value.viewed(use.value.order.transpose([axis - 1 for axis in layer.dims]))


# --- normalisation and dropout -----------------------------------------------------------------


def _affine(use: Use, layer: Any) -> dict[str, Any]:
    given = {"gamma": getattr(layer, "gamma", None), "beta": getattr(layer, "beta", None)}
    return {name: use.flow.rows(numbers_of(v)) for name, v in given.items() if v is not None}


def _batch_norm(use: Use, layer: Any) -> Value:
    axes = use.value.order.ndim - 1
    if layer.axis not in (-1, axes + 1):
        raise refuse(use, "over another axis", f"axis={layer.axis}", "axis=-1")
    value = use.flow.laid(use.value, use.path, _first(axes))
    affine = _affine(use, layer)
    fields = {"type": "batch_norm", **affine, "epsilon": decimal_text(float(layer.epsilon))}
    if not (use.training and layer.trainable):  # a frozen one keeps its running statistics
        fields["running"] = {
            "mean": use.flow.rows(numbers_of(layer.moving_mean)),
            "variance": use.flow.rows(numbers_of(layer.moving_variance)),
        }
    frozen = _frozen(layer, *(f"{name}{{}}_*" for name in affine))
    return use.flow.add(value, use.path, fields, value.shape, _sent(None, value.shape), frozen)


def _layer_norm(use: Use, layer: Any) -> Value:
    _plain(use, layer, {"rms_scaling": False})
    axis = layer.axis[0] if isinstance(layer.axis, Sequence) and len(layer.axis) == 1 else layer.axis
    if axis not in (-1, use.value.order.ndim):
        raise refuse(use, "over another axis than the last", f"axis={layer.axis}", "axis=-1")
    value = use.flow.laid(use.value, use.path)
    affine = _affine(use, layer)
    fields = {"type": "layer_norm", **affine, "epsilon": decimal_text(float(layer.epsilon))}
    frozen = _frozen(layer, *(f"{name}{{}}_*" for name in affine))
    return use.flow.add(value, use.path, fields, value.shape, frozen=frozen)


def _dropout(use: Use, layer: Any) -> Value:
    if not use.training or not layer.rate:
        return use.value
    mask = use.masks.get(use.path)
    if mask is None:
        raise refuse(
            use,
            "dropout draws other units at each run",
            f"rate={layer.rate} with training=True",
            f'the mask that was drawn: masks={{"{use.path}": [1, 0, ...]}}',
        )
    value = use.flow.laid(use.value, use.path)
    kept = np.asarray(mask).astype(int)
    field_name = "mask" if kept.ndim == len(value.shape) else "masks"
    fields = {"type": "dropout", field_name: kept.tolist(), "rate": decimal_text(float(layer.rate))}
    return use.flow.add(value, use.path, fields, value.shape)


def _nothing(use: Use, layer: Any) -> Value:
    """Pass on a layer that changes nothing."""
    return use.value


def _scaling(use: Use, layer: Any) -> Value:
    if np.size(layer.scale) != 1 or np.any(layer.offset):
        raise refuse(use, "a rescaling with an offset", f"offset={layer.offset}", "offset=0")
    fields = {"type": "scale", "factor": decimal_text(float(layer.scale))}
    return use.flow.add(use.value, use.path, fields, use.value.shape, use.value.order)


# --- flows that come together --------------------------------------------------------------------


def _combined(kind: str) -> Converter:
    return lambda use, layer: use.flow.combined(kind, _several(use), use.path)


def _several(use: Use) -> list[Value]:
    if len(use.values) < 2:
        raise refuse(use, "a constant beside what flows", expected="values of two layers")
    return list(use.values)


def _average(use: Use, layer: Any) -> Value:
    total = use.flow.combined("add", _several(use), f"{use.path}.sum")
    fields = {"type": "scale", "factor": f"1/{len(use.values)}"}
    return use.flow.add(total, use.path, fields, total.shape, total.order)


def _subtract(use: Use, layer: Any) -> Value:
    first, second = _several(use)
    fields = {"type": "scale", "factor": "-1"}
    minus = use.flow.add(second, f"{use.path}.minus", fields, second.shape, second.order)
    return use.flow.combined("add", [first, minus], use.path)


def _concatenate(use: Use, layer: Any) -> Value:
    values, axes = _several(use), use.value.order.ndim
    axis = getattr(layer, "axis", -1)
    if axis not in (-1, axes):
        raise refuse(use, "side by side along this axis", f"axis={axis}", "axis=-1")
    maps = axes > 1 and any(not _is_plain(value) for value in values)
    order = _first(axes - 1) if maps else None
    laid = [use.flow.laid(value, use.path, order) for value in values]
    fields: dict[str, Any] = {"type": "concat", "from": [use.flow.name_of(value) for value in laid]}
    shape = list(laid[0].shape)
    along = 0 if maps else -1
    shape[along] = sum(value.shape[along] for value in laid)
    if maps:
        fields["axis"] = "first"
    return use.flow.push(use.path, fields, shape, _sent(None, shape) if maps else None)


def _is_plain(value: Value) -> bool:
    return np.array_equal(value.order.ravel(), np.arange(value.order.size))


# --- sequences ---------------------------------------------------------------------------------


def _recurrent(kind: str) -> Converter:
    def add(use: Use, layer: Any) -> Value:
        _plain(use, layer, {"return_state": False, "go_backwards": False, "stateful": False})
        if use.training:
            _plain(use, layer, {"dropout": 0.0, "recurrent_dropout": 0.0})
        if len(use.values) > 1:
            raise refuse(use, "a state before the first step", expected="none, which is zeros")
        value = use.flow.laid(use.value, use.path)
        cell = layer.cell
        fields: dict[str, Any] = {"type": kind, **_RECURRENT[kind](use, cell)}
        shape: tuple[int, ...] = (int(layer.units),)
        if layer.return_sequences:
            fields["returns"] = "all"
            shape = (value.shape[0], *shape)
        patterns = ("W{}_*", "b{}_*") if cell.use_bias else ("W{}_*",)
        return use.flow.add(value, use.path, fields, shape, frozen=_frozen(layer, *patterns))

    return add


def _simple(use: Use, cell: Any) -> dict[str, Any]:
    fields = {
        "W_xh": use.flow.rows(numbers_of(cell.kernel).T),
        "W_hh": use.flow.rows(numbers_of(cell.recurrent_kernel).T),
    }
    activation = function_field(use, cell.activation)
    if activation != "tanh":
        fields["activation"] = activation
    return fields | ({"b_h": use.flow.rows(numbers_of(cell.bias))} if cell.use_bias else {})


def _gates(use: Use, cell: Any) -> dict[str, Any]:
    for name, wanted in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        found = getattr(getattr(cell, name), "__name__", "")
        if found != wanted:
            raise refuse(use, f"another {name}", f"{name}={found}", wanted)
    return {
        "weight_ih": use.flow.rows(numbers_of(cell.kernel).T),
        "weight_hh": use.flow.rows(numbers_of(cell.recurrent_kernel).T),
    }


def _lstm(use: Use, cell: Any) -> dict[str, Any]:
    own = {"bias_ih": use.flow.rows(numbers_of(cell.bias))} if cell.use_bias else {}
    return _gates(use, cell) | own


def _gru(use: Use, cell: Any) -> dict[str, Any]:
    fields = _gates(use, cell) | {"gate_order": "zrn", "reset_after": bool(cell.reset_after)}
    if cell.use_bias:
        biases = numbers_of(cell.bias)
        names = ("bias_ih", "bias_hh") if cell.reset_after else ("bias_ih",)
        rows = biases if cell.reset_after else biases.reshape(1, -1)
        fields |= {name: use.flow.rows(row) for name, row in zip(names, rows, strict=True)}
    return fields


_RECURRENT: Mapping[str, Callable[[Use, Any], dict[str, Any]]] = {"rnn": _simple, "lstm": _lstm, "gru": _gru}


def _attention(use: Use, layer: Any) -> Value:
    """Add keras.layers.MultiHeadAttention; Keras gives query, value, key in this order."""
    query, given_value, *rest = use.values
    key = rest[0] if rest else given_value
    if use.training:
        _plain(use, layer, {"_dropout": 0.0})
    queries, keys, values = (use.flow.laid(item, use.path) for item in (query, key, given_value))
    fields: dict[str, Any] = {"type": "attention", "heads": int(layer.num_heads)}
    if keys.layer != queries.layer:
        fields["keys"] = use.flow.name_of(keys)
    if values.layer != keys.layer:
        fields["values"] = use.flow.name_of(values)
    for letter, dense in (("Q", layer.query_dense), ("K", layer.key_dense), ("V", layer.value_dense)):
        kernel = numbers_of(dense.kernel)
        fields[f"W_{letter}"] = use.flow.rows(kernel.reshape(len(kernel), -1).T)
        if dense.bias is not None:
            fields[f"b_{letter}"] = use.flow.rows(numbers_of(dense.bias).ravel())
    kernel = numbers_of(layer.output_dense.kernel)
    fields["W_O"] = use.flow.rows(kernel.reshape(-1, kernel.shape[-1]).T)
    if layer.output_dense.bias is not None:
        fields["b_O"] = use.flow.rows(numbers_of(layer.output_dense.bias))
    if use.settings.get("attention_mask") is not None:
        raise refuse(use, "a mask of its own", expected="use_causal_mask, or none")
    if use.settings.get("use_causal_mask"):
        fields["mask"] = "causal"
    shape = (queries.shape[0], kernel.shape[-1])
    patterns = ("W{}_*", "b{}_*") if layer.output_dense.bias is not None else ("W{}_*",)
    sent = use.flow.add(queries, use.path, fields, shape, frozen=_frozen(layer, *patterns))
    use.flow.name_of(sent)  # scores of two heads are called as an embedding's units are
    return sent


#: By the name of Keras's class. A layer type more is a line more.
LAYERS: dict[str, Converter] = {
    "InputLayer": _nothing,
    "Dense": _dense,
    "TimeDistributed": _time_distributed,
    "Embedding": _embedding,
    **{f"Conv{axes}D": _convolution(axes) for axes in (1, 2)},
    **{f"MaxPooling{axes}D": _pooling("max_pool", axes) for axes in (1, 2)},
    **{f"AveragePooling{axes}D": _pooling("avg_pool", axes) for axes in (1, 2)},
    **{f"GlobalAveragePooling{axes}D": _global("avg_pool", axes) for axes in (1, 2)},
    **{f"GlobalMaxPooling{axes}D": _global("max_pool", axes) for axes in (1, 2)},
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Dropout": _dropout,
    "Identity": _nothing,
    "Rescaling": _scaling,
    "Add": _combined("add"),
    "Multiply": _combined("multiply"),
    "Subtract": _subtract,
    "Average": _average,
    "Concatenate": _concatenate,
    "SimpleRNN": _recurrent("rnn"),
    "LSTM": _recurrent("lstm"),
    "GRU": _recurrent("gru"),
    "MultiHeadAttention": _attention,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _with("leaky_relu", "negative_slope"),
    "ELU": _with("elu", "alpha"),
    "Softmax": _softmax,
}
