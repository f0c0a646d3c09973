"""PyTorch modules as problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import ProblemError
from ..spec import problem_from_mapping
from ..spec.problem import Problem
from .decimals import decimal_text
from .stack import Stack, listed, problem_mapping
from .torch_losses import loss_form
from .torch_optimizers import descent_fields

#: What puts a module into the stack: it gets the stack, the module, and the module's path for messages.
Converter = Callable[[Stack, Any, str], None]


def from_torch(
    module: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "half_squared_error",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    **fields: Any,
) -> Problem:
    """Return the problem of a PyTorch module: its network, with the numbers it has.

    Args:
        module: an `nn.Sequential`, nested as you like, of `nn.Linear`, activations and what does nothing
            when a model is evaluated (`nn.Dropout`, `nn.Flatten`, `nn.Identity`).
        inputs: tensors, arrays or lists; one sample, or one row for each of a batch.
        targets: likewise; those of a cross-entropy may be classes, counted from 0.
        loss: a loss of torch.nn (`nn.MSELoss()`), or one as in a problem file.
        learning_rate: a number, or an optimizer of torch.optim; None for gradients alone.
        exact: every binary digit of the numbers, instead of the shortest decimal that reads back the same.
        fields: any other field at the top of a problem file (title, rounding, notation, epochs, ...).

    Raises:
        ProblemError: a module, a loss or an optimizer has no counterpart; the text says which and where.
    """
    return problem_from_mapping(
        mapping_from_torch(module, inputs, targets, loss, learning_rate, exact=exact, **fields)
    )


def mapping_from_torch(
    module: Any,
    inputs: Any,
    targets: Any,
    loss: Any = "half_squared_error",
    learning_rate: Any = None,
    *,
    exact: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Return what `from_torch` reads, as the fields of a problem file.

    Raises:
        ProblemError: a module, a loss or an optimizer has no counterpart.
    """
    stack = Stack(exact)
    add_module(stack, module, type(module).__name__)
    form = loss_form(loss, stack.outputs)
    _last_activation(stack, form.last)
    rate = descent_fields(learning_rate)
    title = fields.pop("title", None) or "A network from PyTorch"
    width = len(stack.layers[0]["weights"][0])
    return problem_mapping(
        stack, _array(inputs), _array(targets), form, rate, width, {"title": title, **fields}
    )


def _last_activation(stack: Stack, last: Mapping[str, str]) -> None:
    if not last:
        return
    given = stack.layers[-1]["activation"]
    if given not in last:
        raise ProblemError(
            "this loss takes logarithms of probabilities",
            field="loss",
            given=f"outputs with {given}",
            expected=f"outputs with {listed(list(last))}",
        )
    stack.layers[-1]["activation"] = last[given]


def _array(numbers: Any) -> Any:
    """Return a tensor, or whatever holds numbers, as an array."""
    return numbers.detach().cpu().numpy() if hasattr(numbers, "detach") else np.asarray(numbers)


# --- modules -------------------------------------------------------------------------------------


def add_module(stack: Stack, module: Any, path: str) -> None:
    """Put a module into the stack.

    Raises:
        ProblemError: it has no counterpart; the text names its path, such as Sequential.2.
    """
    name = type(module).__name__
    converter = MODULES.get(name) if type(module).__module__.startswith("torch.nn.") else None
    if converter is None:
        raise ProblemError(
            "no such module here",
            field=path,
            given=name,
            expected=f"one of {listed(list(MODULES))}",
            hint="A module with a forward of its own cannot be read: give its layers as an nn.Sequential.",
        )
    converter(stack, module, path)


def _sequential(stack: Stack, module: Any, path: str) -> None:
    for name, child in module.named_children():
        add_module(stack, child, f"{path}.{name}")


def _linear(stack: Stack, module: Any, path: str) -> None:
    if stack.layers and len(module.weight[0]) != stack.outputs:
        raise ProblemError(
            "another number of inputs than the layer before has units",
            field=path,
            given=str(len(module.weight[0])),
            expected=str(stack.outputs),
        )
    bias = module.bias
    stack.add_dense(
        _array(module.weight),
        None if bias is None else _array(bias),
        trained=(module.weight.requires_grad, bias is not None and bias.requires_grad),
    )


def _nothing(stack: Stack, module: Any, path: str) -> None:
    """Pass a module that changes nothing, once a model is flat and in evaluation mode."""


def _dropout(stack: Stack, module: Any, path: str) -> None:
    if module.training and module.p > 0:
        raise ProblemError(
            "dropout draws other units at each run",
            field=path,
            given=f"p={module.p} in training mode",
            expected="the model in evaluation mode: call model.eval() first",
        )


def _named(name: str) -> Converter:
    return lambda stack, module, path: stack.activate(name, path)


def _with(name: str, settings: Mapping[str, str]) -> Converter:
    """Return what adds an activation with settings: the package's name of each by PyTorch's attribute."""

    def add(stack: Stack, module: Any, path: str) -> None:
        values = {own: decimal_text(float(getattr(module, theirs))) for theirs, own in settings.items()}
        stack.activate({"name": name, **values}, path)

    return add


def _gelu(stack: Stack, module: Any, path: str) -> None:
    stack.activate("gelu_tanh" if module.approximate == "tanh" else "gelu", path)


def _softplus(stack: Stack, module: Any, path: str) -> None:
    if module.beta != 1:
        raise ProblemError("softplus with a beta", field=path, given=f"beta={module.beta}", expected="beta=1")
    stack.activate("softplus", path)


def _over_units(name: str) -> Converter:
    def add(stack: Stack, module: Any, path: str) -> None:
        if module.dim not in (-1, 1, None):
            raise ProblemError(
                "not over the units of a layer", field=path, given=f"dim={module.dim}", expected="dim=-1"
            )
        stack.activate(name, path)

    return add


#: By the name of PyTorch's class. A layer type more is a line more.
MODULES: dict[str, Converter] = {
    "Sequential": _sequential,
    "Linear": _linear,
    "Identity": _nothing,
    "Flatten": _nothing,
    "Dropout": _dropout,
    "AlphaDropout": _dropout,
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
