"""Problems from Keras models: the same loss and gradients as PyTorch finds under the same numbers."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from symbackprop import ProblemError, from_keras, solve
from tests.conftest import skip_or_fail

os.environ.setdefault("KERAS_BACKEND", "torch")
try:
    import keras
except ImportError:
    keras = None


@pytest.fixture(autouse=True)
def _keras() -> Any:
    if keras is None:
        skip_or_fail("keras", "Keras is not installed")
    keras.utils.set_random_seed(0)


def model(*layers: Any, inputs: int = 3) -> Any:
    return keras.Sequential([keras.Input((inputs,)), *layers])


def loss_of(network: Any, x: Any, t: Any, loss: Any) -> float:
    return float(loss(keras.ops.convert_to_tensor(t), network(x)).detach())


def assert_same(network: Any, x: Any, t: Any, loss: Any) -> None:
    """Assert that loss and gradients agree, to single precision, with Keras's and its backend's."""
    solution = solve(from_keras(network, x, t, loss))
    value = loss(keras.ops.convert_to_tensor(t), network(np.asarray(x, dtype="float32")))
    assert float(solution["loss"].value) == pytest.approx(float(value.detach()), rel=2e-6)
    if keras.backend.backend() != "torch":
        return
    network.zero_grad()
    value.backward()
    numbers: dict[str, float] = {}
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    for number, layer in enumerate(dense, start=1):
        slopes = layer.kernel.value.grad.numpy().T
        numbers |= {
            f"w{number}_{row + 1}_{column + 1}": float(slopes[row, column])
            for row, column in np.ndindex(slopes.shape)
        }
        if layer.use_bias:
            numbers |= {
                f"b{number}_{row + 1}": float(s) for row, s in enumerate(layer.bias.value.grad.numpy())
            }
    assert {p.name for p in solution.problem.parameters} == set(numbers)
    largest = max(map(abs, numbers.values()))
    for name, expected in numbers.items():
        assert abs(float(solution[f"grad.{name}"].value) - expected) <= 5e-6 * largest, name


X = np.array([[0.5, -1.0, 0.25], [1.5, 0.75, -0.5]], dtype="float32")
T = np.array([[0.25, 0.75], [1.0, 0.0]], dtype="float32")


@pytest.mark.parametrize(
    "activation",
    [
        *("linear", "sigmoid", "tanh", "relu", "softplus", "softsign", "elu", "selu", "celu", "silu"),
        *("mish", "gelu", "hard_sigmoid", "hard_tanh", "leaky_relu", "softmax", "log_softmax"),
    ],
)
def test_activations(activation: str) -> None:
    network = model(keras.layers.Dense(4, activation), keras.layers.Dense(2, use_bias=False))
    assert_same(network, X, T, keras.losses.MeanSquaredError())


def test_layers() -> None:
    network = model(
        keras.layers.Flatten(),
        keras.layers.Dense(3),
        keras.layers.LeakyReLU(negative_slope=0.25),
        keras.layers.Dropout(0.5),
        keras.Sequential([keras.layers.Dense(3), keras.layers.ELU(0.5)]),
        keras.layers.Dense(3),
        keras.layers.ReLU(negative_slope=0.125),
        keras.layers.Dense(2),
        keras.layers.Activation("tanh"),
    )
    solution = solve(from_keras(network, X, T))
    expected = loss_of(network, X, T, keras.losses.MeanSquaredError())
    assert float(solution["loss"].value) == pytest.approx(expected, rel=2e-6)
    kinds = [layer.activation.name for layer in solution.problem.layers[1:] if layer.activation]
    assert kinds == ["leaky_relu", "elu", "leaky_relu", "tanh"]


def losses() -> list[tuple[Any, str]]:
    if keras is None:
        return []
    k = keras.losses
    return [
        (k.MeanSquaredError(), "tanh"),
        (k.MeanSquaredError(reduction="sum"), "tanh"),
        (k.MeanAbsoluteError(), "tanh"),
        (k.Huber(delta=0.5), "linear"),
        (k.LogCosh(), "linear"),
        (k.BinaryCrossentropy(), "sigmoid"),
        (k.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), "linear"),
        (k.CategoricalCrossentropy(), "softmax"),
        (k.CategoricalCrossentropy(from_logits=True), "linear"),
        (k.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction="sum"), "linear"),
        (k.Hinge(), "tanh"),
        (k.SquaredHinge(), "tanh"),
    ]


@pytest.mark.parametrize(("loss", "last"), losses())
def test_losses(loss: Any, last: str) -> None:
    targets = np.array([[0, 1], [1, 0]], dtype="float32") if "inge" in type(loss).__name__ else T
    network = model(keras.layers.Dense(3, "sigmoid"), keras.layers.Dense(2, last))
    assert_same(network, X, targets, loss)


def test_classes() -> None:
    network = model(keras.layers.Dense(3))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    solution = solve(from_keras(network, X, np.array([2, 0]), loss))
    assert float(solution["loss"].value) == pytest.approx(
        loss_of(network, X, np.array([2, 0]), loss), rel=2e-6
    )


def test_optimizer_and_frozen() -> None:
    network = model(keras.layers.Dense(2, "tanh"), keras.layers.Dense(2))
    network.layers[0].trainable = False
    problem = from_keras(network, X, T, "mse", keras.optimizers.SGD(0.1), title="From Keras")
    assert (str(problem.learning_rate), problem.title) == ("0.1", "From Keras")
    assert {name[:2] for name in problem.frozen} == {"w1", "b1"}


def test_a_functional_model_in_one_line() -> None:
    first = keras.Input((3,))
    network = keras.Model(first, keras.layers.Dense(2, "tanh")(keras.layers.Dense(2, "relu")(first)))
    assert_same(network, X, T, keras.losses.MeanSquaredError())


def test_errors_name_the_place() -> None:
    dense = keras.layers.Dense
    with pytest.raises(ProblemError, match=r"\.c: no such layer here; given PReLU; expected one of Activ"):
        from_keras(model(dense(2), keras.layers.PReLU(name="c")), X, T)
    with pytest.raises(ProblemError, match=r"\.d: no such activation here; given relu6"):
        from_keras(model(dense(2, "relu6", name="d")), X, T)
    with pytest.raises(ProblemError, match="given f, a function of your own"):

        def f(x: Any) -> Any:
            return x

        from_keras(model(dense(2, f)), X, T)
    with pytest.raises(
        ProblemError, match="loss: this loss takes probabilities; given outputs with identity"
    ):
        from_keras(model(dense(2)), X, T, "categorical_crossentropy")
    with pytest.raises(ProblemError, match="loss: no such loss here; given Poisson"):
        from_keras(model(dense(2)), X, T, keras.losses.Poisson())
    with pytest.raises(ProblemError, match="learning_rate: no such optimizer here; given Ftrl; expected one"):
        from_keras(model(dense(2)), X, T, "mse", keras.optimizers.Ftrl())
    with pytest.raises(
        ProblemError, match="inputs: another shape than the model takes; given \\(3,\\) for each"
    ):
        from_keras(model(dense(2), inputs=4), X, T)
    first = keras.Input((3,))
    shared = dense(3, name="twice")
    with pytest.raises(ProblemError, match=r"\.twice: a layer that is used more than once"):
        from_keras(keras.Model(first, dense(2)(shared(shared(first)))), X, T)
