"""Keras's recurrent layers and attention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .flow import Value
from .keras_use import Converter, Use, frozen_patterns, function_field, numbers_of, plain_settings, refuse


def recurrent(kind: str) -> Converter:
    """Return what adds a recurrent layer: "rnn", "lstm" or "gru"."""

    def add(use: Use, layer: Any) -> Value:
        plain_settings(use, layer, {"return_state": False, "go_backwards": False, "stateful": False})
        if use.training:
            plain_settings(use, layer, {"dropout": 0.0, "recurrent_dropout": 0.0})
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
        return use.flow.add(value, use.path, fields, shape, frozen=frozen_patterns(layer, *patterns))

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


def attention(use: Use, layer: Any) -> Value:
    """Add keras.layers.MultiHeadAttention; Keras gives query, value, key in this order."""
    query, given_value, *rest = use.values
    key = rest[0] if rest else given_value
    if use.training:
        plain_settings(use, layer, {"_dropout": 0.0})
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
    sent = use.flow.add(queries, use.path, fields, shape, frozen=frozen_patterns(layer, *patterns))
    use.flow.name_of(sent)  # scores of two heads are called as an embedding's units are
    return sent
