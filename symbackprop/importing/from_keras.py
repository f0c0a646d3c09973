"""Keras models as problems."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ProblemError
from ..spec import problem_from_mapping
from ..spec.problem import Problem
from .flow import Flow, Value, plain_order
from .keras_layers import LAYERS
from .keras_losses import loss_form
from .keras_optimizers import EVERY, descent_fields
from .keras_use import Use
from .stack import checked_outputs, listed, problem_mapping


def from_keras(
    model: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "mse",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    training: bool = False,
    masks: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Problem:
    """Return the problem of a Keras model: its network, with the numbers it has.

    Args:
        model: a `keras.Sequential` or a functional model, nested as you like, of the layers that the guide
            lists.
        inputs: arrays or lists; one sample, or one row for each of a batch.
        targets: likewise; those of a cross-entropy may be classes, counted from 0.
        loss: a loss of keras.losses, or its name; or one as in a problem file.
        learning_rate: a number, or an optimizer of keras.optimizers; None for gradients alone.
        exact: every binary digit of the numbers, instead of the shortest decimal that reads back the same.
        training: as in `model(x, training=True)`: batch normalisation by the batch, dropout by `masks`.
        masks: of dropout, what was kept (1) and dropped (0), by the layer's path.
        fields: any other field at the top of a problem file (title, rounding, notation, epochs, ...).

    Raises:
        ProblemError: a layer, a loss or an optimizer has no counterpart; the text says which and where.
    """
    return problem_from_mapping(
        mapping_from_keras(
            model,
            inputs,
            targets,
            loss,
            learning_rate,
            exact=exact,
            training=training,
            masks=masks,
            **fields,
        )
    )


def mapping_from_keras(
    model: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "mse",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    training: bool = False,
    masks: Mapping[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return what `from_keras` reads, as the fields of a problem file.

    Raises:
        ProblemError: a layer, a loss or an optimizer has no counterpart.
    """
    rows = _rows(model, inputs)
    channels_first = _takes_maps(model, rows.ndim - 2)
    if channels_first:
        rows = np.moveaxis(rows, -1, 1)
    shape = rows.shape[1:]
    order = plain_order(shape)
    given = Value(None, shape, order.transpose([*range(1, order.ndim), 0]) if channels_first else order)
    flow = Flow(exact)
    blank = Use(flow, (), "", training=training, masks=masks or {})
    outputs = _model(model, given, str(model.name), blank)
    form = loss_form(loss, outputs.order.size, sys.modules["keras"])
    checked_outputs(flow, outputs, form)
    title = fields.pop("title", None) or "A network from Keras"
    rate = descent_fields(learning_rate)
    every = (rate or {}).pop(EVERY, None)
    made = problem_mapping(flow, outputs, rows, targets, form, rate, {"title": title, **fields})
    if every:
        names = [parameter.name for parameter in problem_from_mapping(made).parameters]
        made["network"]["state"] = {f"{kind}.{p}": value for kind, value in every.items() for p in names}
    return made


def _rows(model: Any, inputs: Any) -> Any:
    """Return inputs with a row for each sample.

    Raises:
        ProblemError: they have another shape than the model takes.
    """
    array = np.asarray(inputs)
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, list):
        raise ProblemError("a model of several inputs", field=str(model.name), expected="one input")
    if shape is None:
        return array[None] if array.ndim < 2 else array
    if array.ndim == len(shape) - 1:
        array = array[None]
    fits = array.ndim == len(shape) and all(
        own in (None, found) for own, found in zip(shape[1:], array.shape[1:], strict=True)
    )
    if not fits:
        raise ProblemError(
            "another shape than the model takes",
            field="inputs",
            given=f"{tuple(array.shape[1:])} for each sample",
            expected=f"{tuple(shape[1:])}",
        )
    return array


def _takes_maps(model: Any, axes: int) -> bool:
    """Return whether the inputs are maps with their channels last, which a problem file has first."""
    if axes == 2:
        return any(mark in type(layer).__name__ for layer in _leaves(model) for mark in ("2D", "BatchNorm"))
    if axes != 1:
        return False
    first = [layer for layer in _leaves(model) if type(layer).__name__ != "InputLayer"]
    return bool(first) and "1D" in type(first[0]).__name__


def _leaves(model: Any) -> list[Any]:
    found: list[Any] = []
    for layer in model.layers:
        found += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return found


# --- the model's graph -------------------------------------------------------------------------


def _model(model: Any, value: Value, path: str, blank: Use, *, alone: bool = True) -> Value:
    """Return what a model sends out, its layers laid."""
    if any(kind.__name__ == "Sequential" for kind in type(model).__mro__):
        for layer in model.layers:
            value = _layer(layer, replace(blank, values=(value,), path=f"{path}.{layer.name}", alone=alone))
            alone = True
        return value
    if not hasattr(model, "_nodes_by_depth"):
        raise ProblemError(
            "a model with a call of its own",
            field=path,
            given=type(model).__name__,
            expected="a keras.Sequential or a functional model",
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ProblemError(
            "several inputs or outputs",
            field=path,
            given=f"{len(model.inputs)} and {len(model.outputs)}",
            expected="one of each",
        )
    known = {id(model.inputs[0]): value}
    depths = sorted(model._nodes_by_depth, reverse=True)
    nodes = [node for depth in depths for node in model._nodes_by_depth[depth]]
    uses = Counter(id(tensor) for node in nodes for tensor in node.input_tensors)
    users = Counter(id(node.operation) for node in nodes)
    for node in nodes:
        operation = node.operation
        if not node.input_tensors:
            continue
        here = f"{path}.{operation.name}"
        if users[id(operation)] > 1 and operation.weights:
            raise ProblemError(
                "a layer that is used more than once", field=here, expected="a layer of its own at each place"
            )
        values = tuple(known[id(tensor)] for tensor in node.input_tensors)
        single = all(uses[id(tensor)] == 1 for tensor in node.input_tensors)
        settings = node.arguments.kwargs
        use = replace(blank, values=values, path=here, alone=single, settings=settings)
        known[id(node.output_tensors[0])] = _layer(operation, use)
    return known[id(model.outputs[0])]


def _layer(layer: Any, use: Use) -> Value:
    """Return what a layer, or a model inside the model, sends out.

    Raises:
        ProblemError: it has no counterpart.
    """
    if hasattr(layer, "layers"):
        return _model(layer, _one(use), use.path, use, alone=use.alone)
    name = type(layer).__name__
    if name not in LAYERS:
        raise ProblemError(
            "no such layer here", field=use.path, given=name, expected=f"one of {listed(list(LAYERS))}"
        )
    return LAYERS[name](use, layer)


def _one(use: Use) -> Value:
    values: Sequence[Value] = use.values
    if len(values) != 1:
        raise ProblemError("a model with several inputs", field=use.path, expected="one input")
    return values[0]
