"""Keras's layers as those of a problem file: by the name of the class, what each becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .decimals import decimal_text
from .flow import Value
from .keras_maps import channels_first, channels_last, convolution, global_pooling, pooling
from .keras_sequences import attention, recurrent
from .keras_use import Converter, Use, activated, frozen_patterns, numbers_of, plain_settings, refuse

# --- activations -------------------------------------------------------------------------------


def _activation(use: Use, layer: Any) -> Value:
    return activated(use, use.value, layer.activation, alone=use.alone)


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
    plain_settings(use, layer, {"axis": -1})
    return use.flow.activate(use.value, "softmax", use.path, alone=use.alone)


# --- dense, embedding --------------------------------------------------------------------------


def _dense(use: Use, layer: Any) -> Value:
    kernel = numbers_of(layer.kernel).T  # Keras has a column for each unit
    bias = numbers_of(layer.bias) if layer.use_bias else None
    trained = (bool(layer.trainable), bool(layer.trainable))
    sent = use.flow.dense(use.value, use.path, kernel, bias, trained)
    return activated(use, sent, layer.activation)


def _time_distributed(use: Use, layer: Any) -> Value:
    if type(layer.layer).__name__ != "Dense":
        raise refuse(use, "another layer than Dense at every step", type(layer.layer).__name__, "Dense")
    return _dense(use, layer.layer)


def _embedding(use: Use, layer: Any) -> Value:
    plain_settings(use, layer, {"mask_zero": False})
    value = use.flow.laid(use.value, use.path)
    fields = {"type": "embedding", "table": use.flow.rows(numbers_of(layer.embeddings))}
    shape = (*value.shape, int(layer.output_dim))
    return use.flow.add(value, use.path, fields, shape, frozen=frozen_patterns(layer, "C{}_*"))


# --- arrangement -------------------------------------------------------------------------------


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
    value = use.flow.laid(use.value, use.path, channels_first(axes))
    affine = _affine(use, layer)
    fields = {"type": "batch_norm", **affine, "epsilon": decimal_text(float(layer.epsilon))}
    if not (use.training and layer.trainable):  # a frozen one keeps its running statistics
        fields["running"] = {
            "mean": use.flow.rows(numbers_of(layer.moving_mean)),
            "variance": use.flow.rows(numbers_of(layer.moving_variance)),
        }
    frozen = frozen_patterns(layer, *(f"{name}{{}}_*" for name in affine))
    return use.flow.add(value, use.path, fields, value.shape, channels_last(None, value.shape), frozen)


def _layer_norm(use: Use, layer: Any) -> Value:
    plain_settings(use, layer, {"rms_scaling": False})
    axis = layer.axis[0] if isinstance(layer.axis, Sequence) and len(layer.axis) == 1 else layer.axis
    if axis not in (-1, use.value.order.ndim):
        raise refuse(use, "over another axis than the last", f"axis={layer.axis}", "axis=-1")
    value = use.flow.laid(use.value, use.path)
    affine = _affine(use, layer)
    fields = {"type": "layer_norm", **affine, "epsilon": decimal_text(float(layer.epsilon))}
    frozen = frozen_patterns(layer, *(f"{name}{{}}_*" for name in affine))
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
    order = channels_first(axes - 1) if maps else None
    laid = [use.flow.laid(value, use.path, order) for value in values]
    fields: dict[str, Any] = {"type": "concat", "from": [use.flow.name_of(value) for value in laid]}
    shape = list(laid[0].shape)
    along = 0 if maps else -1
    shape[along] = sum(value.shape[along] for value in laid)
    if maps:
        fields["axis"] = "first"
    return use.flow.push(use.path, fields, shape, channels_last(None, shape) if maps else None)


def _is_plain(value: Value) -> bool:
    return np.array_equal(value.order.ravel(), np.arange(value.order.size))


#: By the name of Keras's class. A layer type more is a line more.
LAYERS: dict[str, Converter] = {
    "InputLayer": _nothing,
    "Dense": _dense,
    "TimeDistributed": _time_distributed,
    "Embedding": _embedding,
    **{f"Conv{axes}D": convolution(axes) for axes in (1, 2)},
    **{f"MaxPooling{axes}D": pooling("max_pool", axes) for axes in (1, 2)},
    **{f"AveragePooling{axes}D": pooling("avg_pool", axes) for axes in (1, 2)},
    **{f"GlobalAveragePooling{axes}D": global_pooling("avg_pool", axes) for axes in (1, 2)},
    **{f"GlobalMaxPooling{axes}D": global_pooling("max_pool", axes) for axes in (1, 2)},
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
    "SimpleRNN": recurrent("rnn"),
    "LSTM": recurrent("lstm"),
    "GRU": recurrent("gru"),
    "MultiHeadAttention": attention,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _with("leaky_relu", "negative_slope"),
    "ELU": _with("elu", "alpha"),
    "Softmax": _softmax,
}
