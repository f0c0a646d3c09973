"""PyTorch modules as problems."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from ..errors import ProblemError
from ..spec import problem_from_mapping
from ..spec.problem import Problem
from .stack import checked_outputs, problem_mapping
from .torch_losses import loss_form
from .torch_modules import array
from .torch_optimizers import descent_fields
from .torch_trace import follow

Axis = int | None | Literal["auto"]


def from_torch(
    module: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "half_squared_error",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    batch_axis: Axis = "auto",
    masks: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Problem:
    """Return the problem of a PyTorch module: its network, with the numbers it has.

    Args:
        module: any `nn.Module` whose forward torch.fx can trace, of layers, activations, additions,
            products, concatenation and views that the guide lists.
        inputs: tensors, arrays or lists; one sample, or several along the axis where the model has them.
        targets: likewise, a row for each sample; those of a cross-entropy may be classes, counted from 0.
        loss: a loss of torch.nn (`nn.MSELoss()`), or one as in a problem file.
        learning_rate: a number, or an optimizer of torch.optim; None for gradients alone.
        exact: every binary digit of the numbers, instead of the shortest decimal that reads back the same.
        batch_axis: the axis of the inputs along which samples lie, None for one sample without one; "auto":
            by the first module and the number of axes.
        masks: of dropout in training mode, what was kept (1) and dropped (0), by the module's path.
        fields: any other field at the top of a problem file (title, rounding, notation, epochs, ...).

    Raises:
        ProblemError: a module, a loss or an optimizer has no counterpart; the text says which and where.
    """
    return problem_from_mapping(
        mapping_from_torch(
            module,
            inputs,
            targets,
            loss,
            learning_rate,
            exact=exact,
            batch_axis=batch_axis,
            masks=masks,
            **fields,
        )
    )


def mapping_from_torch(
    module: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "half_squared_error",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    batch_axis: Axis = "auto",
    masks: Mapping[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return what `from_torch` reads, as the fields of a problem file.

    Raises:
        ProblemError: a module, a loss or an optimizer has no counterpart.
    """
    given = array(inputs)
    axis = _batch_axis(module, given) if batch_axis == "auto" else batch_axis
    flow, outputs, sent = follow(module, _tensor(module, given), axis, exact, masks or {})
    form = loss_form(loss, outputs.order.size)
    checked_outputs(flow, outputs, form)
    wanted = array(targets)
    if sent.batch == 1 and wanted.shape == tuple(sent.tensor.shape):
        wanted = np.moveaxis(wanted, 1, 0)  # steps x samples x features, as the model's outputs are
    rows = given[None] if axis is None else np.moveaxis(given, axis, 0)
    title = fields.pop("title", None) or "A network from PyTorch"
    rate = descent_fields(learning_rate)
    return problem_mapping(flow, outputs, rows, wanted, form, rate, {"title": title, **fields})


def _tensor(module: Any, given: Any) -> Any:
    """Return the inputs as the module takes them: of its own precision, or row numbers."""
    torch = importlib.import_module("torch")
    first = next((p for p in module.parameters() if p.is_floating_point()), None)
    tensor = torch.as_tensor(given)
    if _first(module) == "Embedding":
        return tensor.long()
    return tensor.to(torch.float64 if first is None else first.dtype)


def _first(module: Any) -> str:
    """Return the kind of the first module that is used as it is."""
    leaves = [m for m in module.modules() if not any(True for _ in m.children())]
    return type(leaves[0]).__name__ if leaves else ""


#: How many axes one sample has, by the kind of the first module; of others one.
_AXES = {
    "Conv2d": 3,
    "MaxPool2d": 3,
    "AvgPool2d": 3,
    "Conv1d": 2,
    "MaxPool1d": 2,
    "AvgPool1d": 2,
} | dict.fromkeys(("RNN", "LSTM", "GRU", "MultiheadAttention", "NonDynamicallyQuantizableLinear"), 2)


def _batch_axis(module: Any, given: Any) -> int | None:
    """Return the axis of the samples, None where there is one sample without.

    Raises:
        ProblemError: the inputs have fewer axes than a sample.
    """
    first = _first(module)
    if given.ndim < _AXES.get(first, 1):
        raise ProblemError(
            "too few axes",
            field="inputs",
            given=f"shape {given.shape}",
            expected=f"{_AXES[first]} for one sample, or one more for several",
        )
    if given.ndim == _AXES.get(first, 1):
        return None
    orders = {m.batch_first for m in module.modules() if isinstance(getattr(m, "batch_first", None), bool)}
    recurrent = first in ("RNN", "LSTM", "GRU", "Embedding") or (
        _AXES.get(first) == 2 and "Conv" not in first
    )
    return 1 if recurrent and orders == {False} else 0
