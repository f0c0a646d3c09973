"""PyTorch's recurrent layers and attention: modules that send out several things."""

from __future__ import annotations

from typing import Any

import numpy as np

from .flow import Value
from .torch_items import States
from .torch_modules import Use, array, frozen_patterns, plain_settings, refuse

_FIELDS = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}


def recurrent(use: Use, module: Any) -> States:
    """Add a recurrent module: one layer for each of its layers.

    Raises:
        ProblemError: it runs both ways, projects its states or drops some.
    """
    plain_settings(use, module, {"bidirectional": False, "proj_size": 0})
    if module.dropout and module.training and module.num_layers > 1:
        raise refuse(
            use.path, "dropout between layers", f"dropout={module.dropout}", "call model.eval() first"
        )
    if (len(use.arguments) > 1 and use.arguments[1] is not None) or (use.settings or {}).get(
        "hx"
    ) is not None:
        raise refuse(use.path, "a state before the first step", expected="none, which is zeros")
    value = use.flow.laid(use.value, use.path)
    if len(value.shape) != 2:
        raise refuse(use.path, "no sequence comes in", f"values of shape {value.shape}", "steps x features")
    positions = []
    for number in range(module.num_layers):
        layer = _recurrent_layer(use, module, number)
        shape = (value.shape[0], int(module.hidden_size))
        if number < module.num_layers - 1:
            layer["returns"] = "all"
        families = {f"{kind}_l{number}": ("W{}_*",) if kind[0] == "w" else ("b{}_*",) for kind in _KINDS}
        frozen = frozen_patterns(use, module, families)
        if frozen and len(frozen) < len(
            [k for k in _KINDS if getattr(module, f"{k}_l{number}", None) is not None]
        ):
            raise refuse(use.path, "a part of its parameters is frozen", expected="all of them or none")
        value = use.flow.add(value, f"{use.path}.l{number}", layer, shape, frozen=sorted(set(frozen)))
        positions.append(len(use.flow.layers) - 1)
    return States(tuple(positions), "all", value.shape, use.path)


_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _recurrent_layer(use: Use, module: Any, number: int) -> dict[str, Any]:
    kind = _FIELDS[type(module).__name__]
    given = {name: getattr(module, f"{name}_l{number}", None) for name in _KINDS}
    rows = {name: use.flow.rows(array(values)) for name, values in given.items() if values is not None}
    layer: dict[str, Any] = {"type": kind}
    if kind == "rnn":
        if module.nonlinearity != "tanh":
            layer["activation"] = module.nonlinearity
        names = {"weight_ih": "W_xh", "weight_hh": "W_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}
        return layer | {names[name]: values for name, values in rows.items()}
    return layer | rows


def attention(use: Use, module: Any, sources: tuple[Value, Value, Value], mask: Any) -> Value:
    """Add nn.MultiheadAttention of queries, keys and values.

    Raises:
        ProblemError: a setting has no counterpart.
    """
    plain_settings(use, module, {"bias_k": None, "bias_v": None, "add_zero_attn": False})
    if module.dropout and module.training:
        raise refuse(use.path, "dropout of attention", f"dropout={module.dropout}", "call model.eval() first")
    flow, width = use.flow, int(module.embed_dim)
    queries, keys, values = (flow.laid(source, use.path) for source in sources)
    if module.in_proj_weight is not None:
        matrices = np.split(array(module.in_proj_weight), 3)
    else:
        matrices = [array(getattr(module, f"{letter}_proj_weight")) for letter in "qkv"]
    layer: dict[str, Any] = {"type": "attention", "heads": int(module.num_heads)}
    if keys.layer != queries.layer:
        layer["keys"] = flow.name_of(keys)
    if values.layer != keys.layer:
        layer["values"] = flow.name_of(values)
    layer |= {f"W_{letter}": flow.rows(matrix) for letter, matrix in zip("QKV", matrices, strict=True)}
    layer["W_O"] = flow.rows(array(module.out_proj.weight))
    if module.in_proj_bias is not None:
        biases = np.split(array(module.in_proj_bias), 3)
        layer |= {f"b_{letter}": flow.rows(bias) for letter, bias in zip("QKV", biases, strict=True)}
        layer["b_O"] = flow.rows(array(module.out_proj.bias))
    if mask is not None:
        layer["mask"] = seen(mask, use.path)
    trained = {bool(parameter.requires_grad) for parameter in module.parameters()}
    if len(trained) > 1:
        raise refuse(use.path, "a part of its parameters is frozen", expected="all of them or none")
    frozen = [] if trained == {True} else ["W{}_*", "b{}_*"]
    result = flow.add(queries, use.path, layer, (queries.shape[0], width), frozen=frozen)
    flow.name_of(result)  # scores of two heads are called as an embedding's units are
    return result


def seen(mask: Any, path: str) -> Any:
    """Return a mask of PyTorch as ones (seen) and noughts (hidden).

    Raises:
        ProblemError: it is no matrix of True and False, or of 0 and minus infinity.
    """
    values = array(mask)
    if values.ndim != 2:
        raise refuse(path, "a mask for each head or sample", f"shape {values.shape}", "queries x keys")
    hidden = values if values.dtype == bool else np.isneginf(values)
    if values.dtype != bool and np.any(values[~hidden]):
        raise refuse(
            path, "a mask that is added to scores", expected="0 and minus infinity, or True and False"
        )
    if np.array_equal(hidden, np.triu(np.ones_like(hidden), 1)):
        return "causal"
    return (~hidden).astype(int).tolist()
