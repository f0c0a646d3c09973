"""A PyTorch model's forward, followed operation by operation: what each makes of what flows."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ..errors import ProblemError
from .flow import Flow, Value, plain_order
from .torch_functions import FUNCTIONS, METHODS, REARRANGING, name_of_function
from .torch_items import Item, States
from .torch_modules import MODULES, SEQUENCES, Use, no_such_module, refuse
from .torch_sequences import attention, recurrent


def follow(
    module: Any, inputs: Any, batch: int | None, exact: bool, masks: Mapping[str, Any]
) -> tuple[Flow, Value, Item]:
    """Return a model's layers, what it sends out, and the tensor that it sends out.

    Raises:
        ProblemError: something has no counterpart; the text names its place.
    """
    torch = importlib.import_module("torch")
    fx = importlib.import_module("torch.fx")
    root = type(module).__name__
    module = deepcopy(module)  # batch normalisation changes its running statistics when it runs
    library = type(module).__module__.startswith("torch.nn.")
    model = torch.nn.Sequential(module) if library and root != "Sequential" else module
    try:
        graph = fx.Tracer().trace(model)
    except Exception as error:
        raise ProblemError(
            "the forward of this module cannot be followed",
            field=root,
            given=str(error).splitlines()[0],
            expected="a forward without conditions on the data",
            hint="torch.fx traces it; a loop over a fixed number of steps is fine.",
        ) from None
    runner = _Runner(torch, model, root, model is not module, Flow(exact), masks)
    with torch.no_grad():
        return runner.run(graph, inputs, batch)


class _Runner:
    """Runs a traced forward on the data, and lays a layer for every operation."""

    def __init__(
        self, torch: Any, model: Any, root: str, wrapped: bool, flow: Flow, masks: Mapping[str, Any]
    ) -> None:
        self.torch, self.model, self.root, self.wrapped = torch, model, root, wrapped
        self.flow, self.masks = flow, masks
        self.known: dict[Any, Any] = {}

    def run(self, graph: Any, inputs: Any, batch: int | None) -> tuple[Flow, Value, Item]:
        given = False
        for node in graph.nodes:
            if node.op == "placeholder":
                if given:
                    default = node.args[0] if node.args else None
                    if node.args and default is None:
                        self.known[node] = None
                        continue
                    raise ProblemError(
                        "a second input", field=f"{self.root}.{node.target}", expected="one input"
                    )
                given = True
                item = Item(inputs, Value(None, (), plain_order(())), batch)
                value = Value(None, item.shape, plain_order(item.shape))
                self.known[node] = Item(inputs, value, batch)
            elif node.op == "output":
                sent = self._output(self._read(node.args[0]))
                return self.flow, self.value(sent), sent
            else:
                self.known[node] = getattr(self, f"_{node.op}")(node)
        raise ProblemError("a forward that returns nothing", field=self.root)

    def _output(self, found: Any) -> Item:
        if isinstance(found, tuple) and len(found) == 1:
            found = found[0]
        if not isinstance(found, Item):
            raise ProblemError(
                "a forward that returns several things", field=self.root, expected="one tensor of outputs"
            )
        return found

    def value(self, item: Item) -> Value:
        """Return what flows; of a recurrent module's states, those of all steps."""
        if isinstance(item.value, States):
            return item.value.at(self.flow, item.value.what)
        return item.value

    # --- the operations of a trace ----------------------------------------------------------

    def _read(self, argument: Any) -> Any:
        """Return an argument with what is known in place of the trace's nodes."""
        if isinstance(argument, tuple | list):
            return type(argument)(self._read(item) for item in argument)
        if isinstance(argument, slice):
            return slice(*(self._read(part) for part in (argument.start, argument.stop, argument.step)))
        if isinstance(argument, Mapping):
            return {name: self._read(item) for name, item in argument.items()}
        return self.known.get(argument, argument)

    def path(self, target: str) -> str:
        """Return the place of a module in the model."""
        return self.root if self.wrapped else f"{self.root}.{target}"

    def _get_attr(self, node: Any) -> Any:
        found = self.model
        for part in node.target.split("."):
            found = getattr(found, part)
        return found

    def _call_module(self, node: Any) -> Any:
        module = self.model.get_submodule(node.target)
        name, path = type(module).__name__, self.path(node.target)
        arguments, settings = self._read(node.args), self._read(node.kwargs)
        first = arguments[0] if arguments else next(iter(settings.values()))
        if not isinstance(first, Item):
            raise refuse(path, "it takes no values of the model", name)
        known = name in MODULES or name in SEQUENCES
        if not known or not type(module).__module__.startswith("torch.nn."):
            raise no_such_module(path, name)
        _check_width(module, first, path)
        result = _run(module, arguments, settings, path)
        if name in ("RNN", "LSTM", "GRU"):
            return self._states(node, module, path, first, arguments, settings, result)
        if name == "MultiheadAttention":
            return self._attention(node, module, path, arguments, settings, result)
        if name in ("Flatten", "Unflatten"):
            return self.rearranged(first, result, path)
        use = self.use(node, first, path, result, arguments, settings)
        return Item(result, MODULES[name](use, module), first.batch)

    def use(
        self, node: Any, item: Item, path: str, result: Any, arguments: Any = (), settings: Any = None
    ) -> Use:
        """Return one use of a module or a function."""
        sizes = list(result.shape)
        if item.batch is not None:
            del sizes[item.batch]
        alone = all(len(source.users) == 1 for source in node.all_input_nodes[:1])
        return Use(
            self.flow, self.value(item), path, tuple(sizes), alone, tuple(arguments), settings, self.masks
        )

    def rearranged(self, item: Item, result: Any, path: str) -> Item:
        """Return the same values in the shape that a view, a reshaping or flattening has."""
        if item.batch is None:
            sizes = tuple(result.shape)
        elif item.batch == 0 and result.shape[:1] == item.tensor.shape[:1]:
            sizes = tuple(result.shape[1:])
        else:
            raise refuse(
                path, "samples are mixed", f"shape {tuple(result.shape)}", "the samples in the first axis"
            )
        value = self.value(item)
        return Item(result, value.viewed(value.order.reshape(sizes)), item.batch)

    def _states(
        self, node: Any, module: Any, path: str, item: Item, arguments: Any, settings: Any, result: Any
    ) -> Any:
        wanted = None if item.batch is None else 0 if module.batch_first else 1
        if item.batch != wanted:
            raise _other_axis(path, item, module, wanted)
        states = recurrent(self.use(node, item, path, result[0], arguments, settings), module)
        inner = None if item.batch is None else 1
        last = States(states.layers, "last", states.shape, path)
        found: Any = result[1]
        if isinstance(found, tuple):
            cell = States(states.layers, "cell", states.shape, path)
            return (
                Item(result[0], states, item.batch),
                (Item(found[0], last, inner), Item(found[1], cell, inner)),
            )
        return Item(result[0], states, item.batch), Item(found, last, inner)

    def _attention(
        self, node: Any, module: Any, path: str, arguments: Any, settings: Any, result: Any
    ) -> Any:
        given = dict(
            zip(
                ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask"),
                arguments,
                strict=False,
            )
        )
        given |= settings
        items = [given["query"], given["key"], given["value"]]
        if given.get("key_padding_mask") is not None:
            raise refuse(path, "a mask of keys for each sample", expected="attn_mask")
        wanted = None if items[0].batch is None else 0 if module.batch_first else 1
        if items[0].batch != wanted:
            raise _other_axis(path, items[0], module, wanted)
        mask = given.get("attn_mask")
        use = self.use(node, items[0], path, result[0])
        sources = (self.value(items[0]), self.value(items[1]), self.value(items[2]))
        value = attention(use, module, sources, mask)
        return Item(result[0], value, items[0].batch), None

    def _call_function(self, node: Any) -> Any:
        return self._called(node, name_of_function(node.target), FUNCTIONS, node.target)

    def _call_method(self, node: Any) -> Any:
        def method(tensor: Any, *arguments: Any, **settings: Any) -> Any:
            return getattr(tensor, node.target)(*arguments, **settings)

        return self._called(node, node.target, METHODS, method)

    def _called(self, node: Any, name: str, table: Mapping[str, Any], function: Any) -> Any:
        arguments, settings = self._read(node.args), self._read(node.kwargs)
        path = f"{self.root}.{node.name}"
        if name == "getitem" and isinstance(arguments[0], tuple):
            return arguments[0][arguments[1]]
        items = [item for item in _flat((arguments, settings)) if isinstance(item, Item)]
        result = _run(function, arguments, settings, path)
        if not items or name in ("size", "dim", "getattr") or not hasattr(result, "shape"):
            return result  # sizes and constants
        if name in REARRANGING:
            return REARRANGING[name](self, items[0], result, path, arguments, settings)
        if name not in table:
            raise refuse(
                path, "no such function here", name, f"one of {', '.join(sorted({*table, *REARRANGING}))}"
            )
        value = table[name](self, node, path, arguments, settings, result)
        return value if isinstance(value, Item) else Item(result, value, items[0].batch)


def _other_axis(path: str, item: Item, module: Any, wanted: int | None) -> ProblemError:
    return refuse(
        path,
        f"samples lie in axis {item.batch}",
        f"batch_first={module.batch_first}",
        f"samples in axis {wanted}",
        "batch_axis=... says in which axis of the inputs they lie.",
    )


def _run(function: Any, arguments: Any, settings: Any, path: str) -> Any:
    """Return what a module or a function makes of the tensors.

    Raises:
        ProblemError: it does not take them.
    """
    try:
        return function(*_tensors(arguments), **_tensors(settings))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        shapes = [tuple(item.tensor.shape) for item in _flat((arguments, settings)) if isinstance(item, Item)]
        raise refuse(
            path,
            f"PyTorch cannot run it: {str(error).splitlines()[0]}",
            f"shape {', '.join(map(str, shapes))}" if shapes else "",
            "inputs in the shape that the model takes",
        ) from None


def _check_width(module: Any, item: Item, path: str) -> None:
    """See that a dense layer takes as many values as come in.

    Raises:
        ProblemError: it does not.
    """
    wanted, found = getattr(module, "in_features", None), item.tensor.shape[-1] if item.tensor.ndim else 1
    if wanted is None or wanted == found:
        return
    if isinstance(item.value, Value) and item.value.layer is None:
        raise ProblemError(
            "another number of inputs than the first layer takes",
            field="inputs",
            given=f"{found} for each sample",
            expected=f"{wanted}",
        )
    raise refuse(path, "another number of inputs than the layer before has units", str(wanted), str(found))


def _tensors(argument: Any) -> Any:
    """Return arguments with tensors in place of items."""
    if isinstance(argument, Item):
        return argument.tensor
    if isinstance(argument, tuple | list):
        return type(argument)(_tensors(item) for item in argument)
    if isinstance(argument, Mapping):
        return {name: _tensors(item) for name, item in argument.items()}
    return argument


def _flat(argument: Any) -> list[Any]:
    if isinstance(argument, tuple | list):
        return [part for item in argument for part in _flat(item)]
    if isinstance(argument, Mapping):
        return _flat(list(argument.values()))
    return [argument]
