"""PyTorch's modules as layers: by the name of the class, what each becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ProblemError
from .decimals import decimal_text
from .flow import Flow, Value
from .stack import listed


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a module or a function: what comes in, where it stands in the model, who takes its result.

    result: the library's own result as an array of one sample, for its shape. alone: whether its input
    goes nowhere else. masks: of dropout in training mode, by path.
    """

    flow: Flow
    value: Value
    path: str
    result: tuple[int, ...]
    alone: bool = True
    arguments: tuple[Any, ...] = ()
    settings: Mapping[str, Any] | None = None
    masks: Mapping[str, Any] | None = None


Converter = Callable[[Use, Any], Any]


def array(numbers: Any) -> Any:
    """Return a tensor, or whatever holds numbers, as an array."""
    return numbers.detach().cpu().numpy() if hasattr(numbers, "detach") else np.asarray(numbers)


def refuse(path: str, message: str, given: str = "", expected: str = "", hint: str = "") -> ProblemError:
    """Return an error that names a module's place in the model."""
    return ProblemError(message, field=path, given=given or None, expected=expected, hint=hint)


def plain_settings(use: Use, module: Any, wanted: Mapping[str, Any]) -> None:
    """See that settings which have no counterpart are at what changes nothing.

    Raises:
        ProblemError: one is not; the text names it.
    """
    for name, value in wanted.items():
        if getattr(module, name, value) != value:
            raise refuse(
                use.path,
                f"{type(module).__name__} with {name}",
                f"{name}={getattr(module, name)}",
                f"{name}={value}",
            )


def numbers(value: Any, axes: int) -> list[int]:
    """Return a setting for each axis."""
    return list(value) if isinstance(value, Sequence) else [int(value)] * axes


def _trained(parameter: Any) -> bool:
    return parameter is None or bool(parameter.requires_grad)


def frozen_patterns(use: Use, module: Any, families: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the patterns of the parameters that are not trained, by the module's attributes."""
    return [
        pattern
        for attribute, patterns in families.items()
        if not _trained(getattr(module, attribute, None))
        for pattern in patterns
    ]


# --- dense, embedding --------------------------------------------------------------------------


def _linear(use: Use, module: Any) -> Value:
    bias = module.bias
    trained = (bool(module.weight.requires_grad), _trained(bias))
    return use.flow.dense(
        use.value, use.path, array(module.weight), None if bias is None else array(bias), trained
    )


def _embedding(use: Use, module: Any) -> Value:
    plain_settings(use, module, {"padding_idx": None, "max_norm": None, "scale_grad_by_freq": False})
    value = use.flow.laid(use.value, use.path)
    layer = {"type": "embedding", "table": use.flow.rows(array(module.weight))}
    shape = (*value.shape, int(module.embedding_dim))
    frozen = frozen_patterns(use, module, {"weight": ("C{}_*",)})
    return use.flow.add(value, use.path, layer, shape, frozen=frozen)


# --- maps --------------------------------------------------------------------------------------


def _convolution(axes: int) -> Converter:
    def add(use: Use, module: Any) -> Value:
        plain_settings(use, module, {"padding_mode": "zeros"})
        value = _maps(use, axes)
        padding = module.padding if isinstance(module.padding, str) else numbers(module.padding, axes)
        layer: dict[str, Any] = {
            "type": f"conv{axes}d",
            "kernel": use.flow.rows(array(module.weight)),
            "stride": numbers(module.stride, axes),
            "padding": padding,
            "dilation": numbers(module.dilation, axes),
            "groups": int(module.groups),
            "activation": "identity",
        }
        if module.bias is not None:
            layer["biases"] = use.flow.rows(array(module.bias))
        alone = int(module.out_channels) == 1
        families = {"weight": ("k{}_*",), "bias": ("bk{}",) if alone else ("bk{}_*",)}
        frozen = frozen_patterns(use, module, families)
        return use.flow.add(value, use.path, _short(layer, axes), use.result, frozen=frozen)

    return add


def _short(layer: dict[str, Any], axes: int) -> dict[str, Any]:
    """Leave out what is so if nothing is said."""
    usual = {"stride": [1] * axes, "padding": [0] * axes, "dilation": [1] * axes, "groups": 1}
    return {name: item for name, item in layer.items() if usual.get(name) != item}


def _maps(use: Use, axes: int) -> Value:
    if use.value.order.ndim != axes + 1:
        expected = "channels x " + " x ".join(["length"] if axes == 1 else ["rows", "columns"])
        raise refuse(use.path, "no maps come in", f"values of shape {use.value.order.shape}", expected)
    return use.flow.laid(use.value, use.path)


def _pooling(kind: str, axes: int) -> Converter:
    def add(use: Use, module: Any) -> Value:
        usual = {"dilation": 1, "ceil_mode": False, "return_indices": False, "divisor_override": None}
        plain_settings(use, module, usual)
        stride = module.kernel_size if module.stride is None else module.stride
        layer: dict[str, Any] = {
            "type": kind,
            "size": numbers(module.kernel_size, axes),
            "stride": numbers(stride, axes),
            "padding": numbers(module.padding, axes),
            "dimensions": axes,
        }
        if kind == "avg_pool" and not module.count_include_pad and any(layer["padding"]):
            layer["count_padding"] = False
        value = _maps(use, axes)
        return use.flow.add(value, use.path, _short_pooling(layer, axes), use.result)

    return add


def _short_pooling(layer: dict[str, Any], axes: int) -> dict[str, Any]:
    usual = {"stride": layer["size"], "padding": [0] * axes}
    return {name: item for name, item in layer.items() if name not in usual or usual[name] != item}


def _adaptive(kind: str, axes: int) -> Converter:
    def add(use: Use, module: Any) -> Value:
        value = _maps(use, axes)
        places, out = value.shape[1:], use.result[1:]
        if any(length % count for length, count in zip(places, out, strict=True)):
            raise refuse(use.path, "windows of unequal size", f"{places} places into {out}", "a divisor")
        size = [length // count for length, count in zip(places, out, strict=True)]
        layer = {"type": kind, "size": size, "dimensions": axes}
        return use.flow.add(value, use.path, layer, use.result)

    return add


# --- normalisation -----------------------------------------------------------------------------


def _affine(use: Use, module: Any) -> tuple[dict[str, Any], list[str]]:
    fields: dict[str, Any] = {}
    for name, attribute in (("gamma", "weight"), ("beta", "bias")):
        values = getattr(module, attribute, None)
        if values is not None:
            fields[name] = use.flow.rows(array(values))
    return fields, frozen_patterns(use, module, {"weight": ("gamma{}_*",), "bias": ("beta{}_*",)})


def _batch_norm(use: Use, module: Any) -> Value:
    value = use.flow.laid(use.value, use.path)
    affine, frozen = _affine(use, module)
    layer: dict[str, Any] = {"type": "batch_norm", **affine, "epsilon": decimal_text(float(module.eps))}
    if not module.training and module.running_mean is not None:
        layer["running"] = {
            "mean": use.flow.rows(array(module.running_mean)),
            "variance": use.flow.rows(array(module.running_var)),
        }
    return use.flow.add(value, use.path, layer, value.shape, frozen=frozen)


def _layer_norm(kind: str) -> Converter:
    def add(use: Use, module: Any) -> Value:
        value = use.flow.laid(use.value, use.path)
        over = tuple(module.normalized_shape)
        if over not in (value.shape, value.shape[-1:]):
            raise refuse(
                use.path, "over some axes", f"normalized_shape={over}", "over the last axis or everything"
            )
        affine, frozen = _affine(use, module)
        epsilon = module.eps
        if epsilon is None:  # of RMSNorm: the last place of its numbers
            epsilon = float(np.finfo(array(module.weight).dtype if module.weight is not None else "f8").eps)
        layer = {"type": kind, **affine, "epsilon": decimal_text(float(epsilon))}
        if over == value.shape and len(over) > 1:
            layer["over"] = "all"
        return use.flow.add(value, use.path, layer, value.shape, frozen=frozen)

    return add


# --- dropout and activations -------------------------------------------------------------------


def _nothing(use: Use, module: Any) -> Value:
    """Pass on a module that changes nothing in evaluation."""
    return use.value


def _dropout(use: Use, module: Any) -> Value:
    if type(module).__name__ == "AlphaDropout" and module.training and module.p > 0:
        raise refuse(use.path, "alpha dropout in training mode", expected="call model.eval() first")
    return dropped(use, float(module.p), bool(module.training))


def dropped(use: Use, rate: float, training: bool) -> Value:
    """Return what dropout sends out: everything in evaluation, else what the given mask keeps.

    Raises:
        ProblemError: there is no mask.
    """
    if not training or rate == 0:
        return use.value
    mask = (use.masks or {}).get(use.path)
    if mask is None:
        raise refuse(
            use.path,
            "dropout draws other units at each run",
            f"p={rate} in training mode",
            "the model in evaluation mode: call model.eval() first, "
            f'or the mask that was drawn: masks={{"{use.path}": [1, 0, ...]}}',
        )
    value = use.flow.laid(use.value, use.path)
    kept = np.asarray(array(mask)).astype(int)
    field = "mask" if kept.ndim == len(value.shape) else "masks"
    layer = {"type": "dropout", field: kept.tolist(), "rate": decimal_text(rate)}
    return use.flow.add(value, use.path, layer, value.shape)


def _named(name: str) -> Converter:
    return lambda use, module: use.flow.activate(use.value, name, use.path, alone=use.alone)


def _with(name: str, settings: Mapping[str, str]) -> Converter:
    """Return what adds an activation with settings: the package's name of each by PyTorch's attribute."""

    def add(use: Use, module: Any) -> Value:
        values = {own: decimal_text(float(getattr(module, theirs))) for theirs, own in settings.items()}
        return use.flow.activate(use.value, {"name": name, **values}, use.path, alone=use.alone)

    return add


def _gelu(use: Use, module: Any) -> Value:
    name = "gelu_tanh" if module.approximate == "tanh" else "gelu"
    return use.flow.activate(use.value, name, use.path, alone=use.alone)


def _softplus(use: Use, module: Any) -> Value:
    if module.beta != 1:
        raise refuse(use.path, "softplus with a beta", f"beta={module.beta}", "beta=1")
    return use.flow.activate(use.value, "softplus", use.path, alone=use.alone)


def _over_units(name: str) -> Converter:
    return lambda use, module: over_units(use, name, module.dim)


def over_units(use: Use, name: str, dim: int | None) -> Value:
    """Return what softmax sends out, which goes over the last axis.

    Raises:
        ProblemError: it goes over another axis.
    """
    if dim not in (-1, use.value.order.ndim, None) and not (dim == 0 and use.value.order.ndim == 1):
        raise refuse(use.path, "not over the units of a layer", f"dim={dim}", "dim=-1")
    return use.flow.activate(use.value, name, use.path, alone=use.alone)


#: By the name of PyTorch's class. A layer type more is a line more.
MODULES: dict[str, Converter] = {
    "Linear": _linear,
    "Embedding": _embedding,
    **{f"Conv{axes}d": _convolution(axes) for axes in (1, 2)},
    **{f"MaxPool{axes}d": _pooling("max_pool", axes) for axes in (1, 2)},
    **{f"AvgPool{axes}d": _pooling("avg_pool", axes) for axes in (1, 2)},
    **{f"AdaptiveAvgPool{axes}d": _adaptive("avg_pool", axes) for axes in (1, 2)},
    **{f"AdaptiveMaxPool{axes}d": _adaptive("max_pool", axes) for axes in (1, 2)},
    **{f"BatchNorm{axes}d": _batch_norm for axes in (1, 2)},
    "LayerNorm": _layer_norm("layer_norm"),
    "RMSNorm": _layer_norm("rms_norm"),
    "Identity": _nothing,
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "AlphaDropout"), _dropout),
    "Sigmoid": _named("sigmoid"),
    "Tanh": _named("tanh"),
    "ReLU": _named("relu"),
    "SiLU": _named("silu"),
    "Mish": _named("mish"),
    "SELU": _named("selu"),
    "Softsign": _named("softsign"),
    "Hardsigmoid": _named("hard_sigmoid"),
    "GELU": _gelu,
    "Softplus": _softplus,
    "LeakyReLU": _with("leaky_relu", {"negative_slope": "negative_slope"}),
    "ELU": _with("elu", {"alpha": "alpha"}),
    "CELU": _with("celu", {"alpha": "alpha"}),
    "Hardtanh": _with("hardtanh", {"min_val": "min_val", "max_val": "max_val"}),
    "Softmax": _over_units("softmax"),
    "LogSoftmax": _over_units("log_softmax"),
}

#: Modules that the trace itself understands, besides.
SEQUENCES = ("Flatten", "Unflatten", "RNN", "LSTM", "GRU", "MultiheadAttention", "Sequential")


def no_such_module(path: str, name: str) -> ProblemError:
    """Return the error for a module without counterpart."""
    return refuse(
        path,
        "no such module here",
        name,
        f"one of {listed([*MODULES, *SEQUENCES])}",
        "A module of your own is read by its forward, if that is made of these and of the functions that "
        "the guide from-code lists.",
    )
