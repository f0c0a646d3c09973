"""What functions and methods of a PyTorch forward become: additions, activations, views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as Rational
from typing import Any

import numpy as np

from .decimals import decimal_text
from .torch_items import Item, States
from .torch_modules import array, dropped, over_units, refuse
from .torch_sequences import seen

#: A function gets the runner, the trace's node, the place in the model, arguments, settings and the result.
Function = Callable[[Any, Any, str, Any, Any, Any], Any]


def name_of_function(function: Any) -> str:
    """Return a function's plain name; one that adds in place is the plain one."""
    name = str(getattr(function, "__name__", function)).strip("_")
    return {"iadd": "add", "imul": "mul", "isub": "sub", "itruediv": "truediv"}.get(name, name)


def _is_item(argument: Any) -> bool:
    return isinstance(argument, Item)


# --- arithmetic --------------------------------------------------------------------------------


def _add(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    if settings.get("alpha", 1) != 1:
        raise refuse(path, "an addition with alpha", f"alpha={settings['alpha']}", "a + b")
    first, second = arguments[:2]
    if _is_item(first) and _is_item(second):
        return run.flow.combined("add", [run.value(first), run.value(second)], path)
    item, other = (first, second) if _is_item(first) else (second, first)
    values = array(other)
    value = run.value(item)
    squeezed = values.reshape(values.shape[-2:]) if values.ndim > 2 else values
    if squeezed.shape == value.order.shape and squeezed.ndim == 2:
        value = run.flow.laid(value, path)
        layer = {"type": "positional_encoding", "weights": run.flow.rows(squeezed)}
        frozen = [] if getattr(other, "requires_grad", False) else ["P{}_*"]
        return run.flow.add(value, path, layer, value.shape, frozen=frozen)
    raise refuse(
        path, "a constant is added", f"shape {values.shape}", "another layer's values, or places x features"
    )


def _sub(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    first, second = arguments[:2]
    if not (_is_item(first) and _is_item(second)):
        raise refuse(path, "a constant is subtracted", expected="another layer's values")
    taken = run.value(second)
    fields = {"type": "scale", "factor": "-1"}
    minus = run.flow.add(taken, f"{path}.minus", fields, taken.shape, taken.order)
    return run.flow.combined("add", [run.value(first), minus], path)


def _mul(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    first, second = arguments[:2]
    if _is_item(first) and _is_item(second):
        return run.flow.combined("multiply", [run.value(first), run.value(second)], path)
    item, other = (first, second) if _is_item(first) else (second, first)
    return _scaled(run, item, path, other, Rational(1))


def _div(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    if not _is_item(arguments[0]) or _is_item(arguments[1]):
        raise refuse(path, "a division by what flows", expected="a division by a number")
    return _scaled(run, arguments[0], path, arguments[1], Rational(-1))


def _scaled(run: Any, item: Any, path: str, other: Any, sign: Rational) -> Any:
    if np.size(array(other)) != 1 or getattr(other, "requires_grad", False):
        raise refuse(
            path, "more than one number, or a parameter, is multiplied", expected="one constant number"
        )
    factor = Rational(decimal_text(array(other).reshape(())[()]))
    text = str(factor if sign > 0 else 1 / factor)
    value = run.value(item)
    return run.flow.add(value, path, {"type": "scale", "factor": text}, value.shape, value.order)


def _neg(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    return _scaled(run, arguments[0], path, -1, Rational(1))


def _cat(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    items = arguments[0]
    dim = arguments[1] if len(arguments) > 1 else settings.get("dim", settings.get("axis", 0))
    if not all(_is_item(item) for item in items):
        raise refuse(path, "a constant is put beside", expected="values of layers")
    dim %= items[0].tensor.ndim
    batch = items[0].batch
    axis = dim if batch is None or dim < batch else dim - 1
    values = [run.flow.laid(run.value(item), path) for item in items]
    axes = len(values[0].shape)
    if dim == batch or axis not in (0, axes - 1):
        raise refuse(
            path, "side by side along this axis", f"dim={dim}", "the first axis of a sample or the last"
        )
    layer = {"type": "concat", "from": [run.flow.name_of(value) for value in values]}
    if axis != axes - 1:
        layer["axis"] = "first"
    sizes = list(values[0].shape)
    sizes[axis] = sum(value.shape[axis] for value in values)
    return Item(result, run.flow.push(path, layer, sizes), batch)


# --- activations -------------------------------------------------------------------------------


def _activation(name: str, settings_of: Mapping[str, tuple[str, int, Any]] | None = None) -> Function:
    """Return an activation; its settings by their own name: PyTorch's, the argument's place, the default."""

    def apply(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
        use = run.use(node, arguments[0], path, result)
        found = {}
        for own, (theirs, place, usual) in (settings_of or {}).items():
            given = arguments[place] if len(arguments) > place else settings.get(theirs, usual)
            found[own] = decimal_text(float(given))
        activation = {"name": name, **found} if found else name
        return run.flow.activate(use.value, activation, path, alone=use.alone)

    return apply


def _gelu(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    use = run.use(node, arguments[0], path, result)
    name = "gelu_tanh" if settings.get("approximate") == "tanh" else "gelu"
    return run.flow.activate(use.value, name, path, alone=use.alone)


def _softmax(name: str) -> Function:
    def apply(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
        dim = arguments[1] if len(arguments) > 1 else settings.get("dim")
        return over_units(run.use(node, arguments[0], path, result), name, dim)

    return apply


def _dropout(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    use = run.use(node, arguments[0], path, result)
    given = dict(zip(("input", "p", "training"), arguments, strict=False)) | settings
    return dropped(use, float(given.get("p", 0.5)), bool(given.get("training", True)))


def _attention(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    given = dict(
        zip(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"), arguments, strict=False)
    )
    given |= settings
    items = [given[name] for name in ("query", "key", "value")]
    if given.get("dropout_p") or given.get("scale") is not None:
        raise refuse(path, "attention with dropout or a scale of its own", expected="neither")
    values = [run.flow.laid(run.value(item), path) for item in items]
    if any(len(value.shape) != 2 for value in values):
        raise refuse(path, "heads that the forward splits itself", f"shape {values[0].shape}",
                     "tokens x features; nn.MultiheadAttention has several heads")  # fmt: skip
    names = [run.flow.name_of(value) for value in values]
    layer: dict[str, Any] = {"type": "attention", "queries": names[0], "keys": names[1], "values": names[2]}
    if given.get("is_causal"):
        layer["mask"] = "causal"
    elif given.get("attn_mask") is not None:
        mask = array(given["attn_mask"])
        layer["mask"] = mask.astype(int).tolist() if mask.dtype == bool else seen(mask, path)
    return run.flow.push(path, layer, (values[0].shape[0], values[2].shape[1]))


def _mean(run: Any, node: Any, path: str, arguments: Any, settings: Any, result: Any) -> Any:
    """Return the mean over all places of maps."""
    item = arguments[0]
    dims = arguments[1] if len(arguments) > 1 else settings.get("dim")
    value = run.flow.laid(run.value(item), path)
    axes = [dims] if isinstance(dims, int) else list(dims or ())
    first = 1 if item.batch == 0 else 0
    over = sorted(axis % item.tensor.ndim - first for axis in axes)
    if item.batch not in (None, 0) or len(value.shape) < 2 or over != list(range(1, len(value.shape))):
        raise refuse(path, "a mean over some axes", f"dim={dims}", "a mean over all places of each channel")
    size = list(value.shape[1:])
    layer = {"type": "avg_pool", "size": size, "dimensions": len(size)}
    pooled = run.flow.add(value, path, layer, (value.shape[0], *[1] * len(size)))
    kept = tuple(result.shape[first:])
    return Item(result, pooled.viewed(pooled.order.reshape(kept)), item.batch)


# --- arrangement -------------------------------------------------------------------------------


def _viewed(run: Any, item: Any, result: Any, path: str, arguments: Any, settings: Any) -> Any:
    return run.rearranged(item, result, path)


def _one_axis(run: Any, item: Any, result: Any, path: str, arguments: Any, settings: Any) -> Any:
    """Take away or put in an axis of one place."""
    more = result.ndim > item.tensor.ndim
    dim = arguments[1] if len(arguments) > 1 else settings.get("dim")
    if dim is None or not isinstance(dim, int):
        raise refuse(path, "squeeze without an axis", expected="squeeze(dim)")
    dim %= result.ndim if more else item.tensor.ndim
    batch = item.batch
    if isinstance(item.value, States):  # the last state: layers x samples x units
        if more or dim != 0:
            raise refuse(path, "another axis than that of the layers", f"dim={dim}", "squeeze(0)")
        return Item(result, item.value.at(run.flow, item.value.what), None if batch is None else batch - 1)
    if dim == batch and not more:
        raise refuse(path, "the axis of the samples is taken away", f"dim={dim}")
    if batch is not None and (dim < batch or (more and dim == batch)):
        batch += 1 if more else -1
    sizes = list(result.shape)
    if batch is not None:
        del sizes[batch]
    return Item(result, item.value.viewed(item.value.order.reshape(sizes)), batch)


def _permuted(run: Any, item: Any, result: Any, path: str, arguments: Any, settings: Any) -> Any:
    dims = list(arguments[1]) if isinstance(arguments[1], list | tuple) else list(arguments[1:])
    return _swapped(run, item, result, dims)


def _transposed(run: Any, item: Any, result: Any, path: str, arguments: Any, settings: Any) -> Any:
    count = item.tensor.ndim
    dims = list(range(count))
    one, two = arguments[1] % count, arguments[2] % count
    dims[one], dims[two] = two, one
    return _swapped(run, item, result, dims)


def _swapped(run: Any, item: Any, result: Any, dims: list[int]) -> Any:
    count = item.tensor.ndim
    dims = [dim % count for dim in dims]
    batch = None if item.batch is None else dims.index(item.batch)
    rest = [dim for dim in dims if dim != item.batch]
    own = [dim - (item.batch is not None and dim > item.batch) for dim in rest]
    value = run.value(item)
    return Item(result, value.viewed(value.order.transpose(own)), batch)


def _chosen(run: Any, item: Any, result: Any, path: str, arguments: Any, settings: Any) -> Any:
    """Choose the last step of a recurrent layer, or its last state."""
    states = item.value
    index = arguments[1] if isinstance(arguments[1], tuple) else (arguments[1],)
    whole = slice(None)
    if isinstance(states, States):
        if states.what != "all" and len(index) == 1 and isinstance(index[0], int):
            value = states.at(run.flow, states.what, index[0])
            return Item(result, value, None if item.batch is None else item.batch - 1)
        steps = 1 if item.batch == 0 else 0
        last = (-1, states.shape[0] - 1)
        places = [*index, *[whole] * (3 - len(index))]
        if places[steps] in last and all(
            p == whole or p is Ellipsis for i, p in enumerate(places) if i != steps
        ):
            return Item(result, states.at(run.flow, "last"), None if item.batch is None else 0)
    raise refuse(path, "values are picked out", f"[{', '.join(map(str, index))}]",
                 "the last step of a recurrent layer: out[:, -1]")  # fmt: skip


_SIMPLE = {
    **{name: _activation(name) for name in ("sigmoid", "tanh", "relu", "silu", "mish", "selu", "softsign")},
    "softplus": _activation("softplus"),
    "hardsigmoid": _activation("hard_sigmoid"),
    "leaky_relu": _activation("leaky_relu", {"negative_slope": ("negative_slope", 1, 0.01)}),
    "elu": _activation("elu", {"alpha": ("alpha", 1, 1.0)}),
    "celu": _activation("celu", {"alpha": ("alpha", 1, 1.0)}),
    "hardtanh": _activation("hardtanh", {"min_val": ("min_val", 1, -1.0), "max_val": ("max_val", 2, 1.0)}),
    "gelu": _gelu,
    "softmax": _softmax("softmax"),
    "log_softmax": _softmax("log_softmax"),
    **dict.fromkeys(("add", "add_"), _add),
    **dict.fromkeys(("sub", "subtract"), _sub),
    **dict.fromkeys(("mul", "multiply"), _mul),
    **dict.fromkeys(("div", "truediv", "divide"), _div),
    "neg": _neg,
    "mean": _mean,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d"), _dropout),
}

#: By plain name: functions of torch, torch.nn.functional and the operators, and methods of a tensor.
FUNCTIONS: Mapping[str, Function] = {
    **_SIMPLE,
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    "scaled_dot_product_attention": _attention,
}
METHODS: Mapping[str, Function] = {**_SIMPLE, "relu_": _SIMPLE["relu"], "mul_": _mul}

#: What computes nothing: by name, how the arrangement changes.
REARRANGING: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(("view", "reshape", "flatten", "unflatten", "ravel", "contiguous", "clone"), _viewed),
    **dict.fromkeys(("squeeze", "unsqueeze"), _one_axis),
    "permute": _permuted,
    **dict.fromkeys(("transpose", "swapaxes"), _transposed),
    "getitem": _chosen,
}
