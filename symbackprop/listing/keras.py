"""Networks of whole layers in Keras: a model, its weights set, one fit of the whole batch per epoch."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import SymbackpropError
from ..keys import key
from ..rules import is_layer_activation
from ..spec.problem import Problem
from .dialects import Dialect
from .layers import Matrices
from .text import Listing, program
from .vectorised import Vectorised

#: Keras's own names of activations; others are written out as functions.
_NAMES: Mapping[str, str] = {
    **{name: name for name in ("sigmoid", "tanh", "relu", "softplus", "softsign", "silu", "selu", "mish")},
    **{name: name for name in ("gelu", "softmax", "log_softmax")},
    "identity": "linear",
}


def keras_listing(problem: Problem, layers: tuple[Matrices, ...], dialect: Dialect) -> Listing:
    """Return a program for Keras with any of its backends.

    Raises:
        SymbackpropError: some parameters of a matrix are frozen and others not, or a layer shares a bias,
            which Keras's Dense has not.
    """
    w = Vectorised(problem, layers, dialect)
    _refuse(w)
    lines = [*w.data(), "", *w.parameters(), ""]
    functions: list[str] = []
    model = ["model = keras.Sequential(", "    ["]
    for number, layer in enumerate(layers, start=1):
        activation = _NAMES.get(layer.activation.name)
        if layer.activation.settings or activation is None or layer.activation.expression is not None:
            if is_layer_activation(layer.activation):
                raise SymbackpropError(f"no Keras listing for the activation {layer.activation.name}")
            functions += ["", "", f"def activation{number}(z):", f"    return {w.activation(layer, 'z')}"]
            shown = f"activation{number}"
        else:
            shown = f'"{activation}"'
        bias = "" if layer.biases else ", use_bias=False"
        model.append(f"        keras.layers.Dense({len(layer.units)}, activation={shown}{bias}),")
    model += ["    ]", ")", f"model.build((None, {len(problem.inputs)}))"]
    for number, layer in enumerate(layers, start=1):
        arrays = f"W{number}.T, b{number}" if layer.biases else f"W{number}.T"
        model.append(f"model.layers[{number - 1}].set_weights([{arrays}])")
    masks = w.masks()
    for number, _ in enumerate(layers, start=1):
        for array, attribute in ((f"W{number}", "kernel"), (f"b{number}", "bias")):
            if array in masks:
                model.append(f"model.layers[{number - 1}].{attribute}.trainable = False")
    rate = "learning_rate" if w.trains else "1.0"
    trained = [name for name in w.names() if name not in masks]
    loss = w.loss()
    loss[0] = "def loss(T, O):"
    tail = [
        f"model.compile(optimizer=keras.optimizers.SGD({rate}), loss=loss)",
        "before = [np.array(array) for array in model.get_weights()]",
        "E = float(loss(ops.convert_to_tensor(T), model(X)))",
        "model.fit(X, T, batch_size=len(X), epochs=1, shuffle=False, verbose=0)",
        "after = model.get_weights()",
        'print("loss =", E)',
        "",
        "# the gradients: what the update took away, over its rate",
    ]
    quantities: dict[str, str] = {key("loss", ""): "E"}
    for index, name in enumerate(w.names()):
        transposed = ".T" if name.startswith("W") else ""
        tail.append(f"new_{name} = after[{index}]{transposed}")
        if name in trained:
            tail.append(f"d{name} = (before[{index}] - after[{index}]){transposed} / {rate}")
    tail += [f'print("d{name} =", d{name})' for name in trained]
    if w.trains:
        tail += [f'print("new {name} =", new_{name})' for name in w.names()]
    for name, place in w.quantities(1).items():
        array = place.partition("[")[0]
        if name.startswith("grad.") and array[1:] in trained:
            quantities[name] = place
        elif name.startswith("new.") and w.trains:
            quantities[name] = f"new_{place}"
    body = [*lines, *functions, *["", ""], *loss, *["", ""], *model, *tail]
    return Listing(program(problem.title, "one step with Keras", dialect, body), quantities)


def _refuse(w: Vectorised) -> None:
    if any(layer.shares for layer in w.layers):
        raise SymbackpropError("no Keras listing: a bias is shared by a layer, which Keras's Dense has not")
    if any(mask != "0" for mask in w.masks().values()):
        raise SymbackpropError("no Keras listing: Keras freezes whole arrays, and here only a part is frozen")
