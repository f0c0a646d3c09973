"""Keras's layers over maps.

Keras has channels last; a problem file has them first. So maps are sent out in another arrangement than
Keras's, and `Value.order` says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .flow import Value, plain_order
from .keras_use import Converter, Use, activated, frozen_patterns, numbers_of, refuse


def channels_first(axes: int) -> list[int]:
    """Return the order of axes that puts channels first."""
    return [axes, *range(axes)]


def _maps(use: Use, layer: Any, axes: int) -> Value:
    """Return channels x places as the layer before sends them."""
    if use.value.order.ndim != axes + 1:
        raise refuse(
            use, "no maps come in", f"values of shape {use.value.order.shape}", f"{axes + 1} axes a sample"
        )
    last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return use.flow.laid(use.value, use.path, channels_first(axes) if last else None)


def channels_last(layer: Any, shape: Sequence[int]) -> np.ndarray[Any, Any]:
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


def convolution(axes: int) -> Converter:
    """Return what adds a convolution along so many axes."""

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
        frozen = frozen_patterns(layer, *(alone if layer.use_bias else alone[:1]))
        sent = use.flow.add(value, use.path, fields, shape, channels_last(layer, shape), frozen)
        return activated(use, sent, layer.activation)

    return add


def _outgoing(layer: Any, value: Value, axes: int) -> tuple[int, ...]:
    """Return what goes out as channels x places."""
    found = layer.compute_output_shape((None, *value.order.shape))[1:]
    last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return (found[-1], *found[:-1]) if last else tuple(found)


def pooling(kind: str, axes: int) -> Converter:
    """Return what adds pooling, "max_pool" or "avg_pool", along so many axes."""

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
        return use.flow.add(value, use.path, fields, shape, channels_last(layer, shape))

    return add


def global_pooling(kind: str, axes: int) -> Converter:
    """Return what adds pooling over all places of a map."""

    def add(use: Use, layer: Any) -> Value:
        value = _maps(use, layer, axes)
        fields = {"type": kind, "size": list(value.shape[1:]), "dimensions": axes}
        shape = (value.shape[0], *[1] * axes)
        kept = tuple(layer.compute_output_shape((None, *use.value.order.shape))[1:])
        return use.flow.add(value, use.path, fields, shape, plain_order((value.shape[0],)).reshape(kept))

    return add
