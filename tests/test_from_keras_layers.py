"""Problems from Keras models of every kind: loss and gradients as the backend's autograd finds them.

The models are in double precision, but Keras has constants and the PyTorch backend matrix products in single
precision, so agreement is to that.
"""

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
    from keras import layers as k
except ImportError:
    keras = k = None


@pytest.fixture(autouse=True)
def _keras() -> Any:
    if keras is None:
        skip_or_fail("keras", "Keras is not installed")
    if keras.backend.backend() != "torch":
        pytest.skip("the gradients are taken with PyTorch")
    keras.utils.set_random_seed(0)


def data(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def filled(model: Any) -> Any:
    """The model with numbers from a seed, also in what starts as ones and zeros."""
    dice = np.random.default_rng(1)
    for variable in model.weights:
        spread = dice.normal(size=variable.shape) / 2
        variable.assign(np.abs(spread) + 0.5 if "moving_variance" in variable.path else spread)
    return model


def assert_same(model: Any, x: Any, training: bool = False, **fields: Any) -> Any:
    """Assert that the loss and all gradients are those that Keras's backend finds."""
    filled(model)
    before = [np.array(v.value.detach()) for v in model.weights]
    targets = data(*model(x).shape, seed=7)
    solution = solve(from_keras(model, x, targets, "mse", training=training, **fields))
    assert all(np.array_equal(a, v.value.detach()) for a, v in zip(before, model.weights, strict=True))
    model.zero_grad()
    loss = keras.losses.MeanSquaredError()(targets, model(x, training=training))
    loss.backward()
    assert float(solution["loss"].value) == pytest.approx(float(loss.detach()), rel=1e-5)
    expected = sorted(
        float(slope) for v in model.trainable_variables for slope in v.value.grad.numpy().ravel()
    )
    frozen = solution.problem.frozen
    found = sorted(
        float(solution[f"grad.{p.name}"].value) for p in solution.problem.parameters if p.name not in frozen
    )
    assert len(found) == len(expected)
    largest = max(map(abs, expected))
    assert np.allclose(found, expected, rtol=0, atol=2e-5 * largest)
    return solution


def sequential(shape: tuple[int, ...], *layers: Any) -> Any:
    return keras.Sequential([keras.Input(shape), *layers])


def stacks() -> list[Any]:
    if keras is None:
        return []
    return [
        ((4, 4, 2), lambda: [k.Conv2D(3, 2, activation="tanh"), k.MaxPooling2D(2, 1), k.Flatten(), k.Dense(2)]),
        ((5, 4, 1), lambda: [k.Conv2D(2, 3, padding="same"), k.AveragePooling2D(2), k.Flatten(), k.Dense(1)]),
        ((4, 4, 1), lambda: [k.Conv2D(2, 2, padding="same"), k.GlobalAveragePooling2D(), k.Dense(1)]),
        ((5, 5, 2), lambda: [k.Conv2D(4, 2, strides=2, groups=2), k.ReLU(), k.GlobalMaxPooling2D()]),
        ((4, 4, 2), lambda: [k.Flatten(), k.Dense(2)]),
        ((4, 4, 2), lambda: [k.Conv2D(1, (2, 3), dilation_rate=(2, 1), use_bias=False)]),
        ((6, 2), lambda: [k.Conv1D(3, 2, strides=2), k.MaxPooling1D(2, 1), k.Flatten(), k.Dense(1)]),
        ((6, 1), lambda: [k.Conv1D(2, 3, padding="same"), k.GlobalAveragePooling1D(), k.Dense(1)]),
        ((4, 4, 1), lambda: [k.Conv2D(2, 2), k.BatchNormalization(), k.Activation("sigmoid")]),
        ((3,), lambda: [k.Dense(3), k.BatchNormalization(scale=False), k.ReLU(), k.Dense(1)]),
        ((3,), lambda: [k.Dense(3), k.LayerNormalization(), k.Softmax(), k.Dense(1)]),
        ((3, 2), lambda: [k.LayerNormalization(epsilon=0.01), k.Dense(2, "softmax"), k.Dense(1)]),
        ((3, 2), lambda: [k.SimpleRNN(2), k.Dense(2)]),
        ((3, 2), lambda: [k.SimpleRNN(2, return_sequences=True, activation="relu", use_bias=False), k.Dense(1)]),
        ((3, 2), lambda: [k.GRU(2, return_sequences=True), k.GRU(1, reset_after=False)]),
        ((3, 1), lambda: [k.GRU(2, use_bias=False), k.Dense(1)]),
        ((3, 2), lambda: [k.LSTM(2, return_sequences=True), k.TimeDistributed(k.Dense(2, "tanh"))]),
        ((3, 2), lambda: [k.LSTM(1), k.Dropout(0.5), k.Dense(1)]),
        ((4,), lambda: [k.Reshape((2, 2)), k.LSTM(1), k.Rescaling(0.5), k.Dense(1)]),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(19))
def test_stacks(number: int) -> None:
    shape, make = stacks()[number]
    assert_same(sequential(shape, *make()), data(2, *shape))


def test_names_and_the_arrangement_of_channels() -> None:
    """Channels come first in a problem file, and weights after flattening are named in its order."""
    model = sequential((3, 3, 2), k.Conv2D(2, 2), k.Flatten(), k.Dense(1))
    solution = assert_same(model, data(1, 3, 3, 2))
    kernel, weights = model.layers[0].kernel.value, model.layers[2].kernel.value
    found = float(solution["grad.k1_2_1_1_2"].value)  # map 2 of channel 1, row 1, column 2
    assert found == pytest.approx(float(kernel.grad[0, 1, 0, 1]), rel=1e-4)
    place = 1 * 4 + 2 * 1 + 0  # channel 2, row 2, column 1 here; Keras counts channels last
    found = float(solution[f"grad.w1_1_{place + 1}"].value)
    assert found == pytest.approx(float(weights.grad[(2 * 1 + 0) * 2 + 1, 0]), rel=1e-4)


def test_training_uses_the_statistics_of_the_batch() -> None:
    model = sequential((3,), k.Dense(2), k.BatchNormalization(), k.Dense(1))
    filled(model)
    x = data(4, 3)
    targets = data(4, 1, seed=7)
    solution = solve(from_keras(model, x, targets, "mse", training=True))
    loss = keras.losses.MeanSquaredError()(targets, model(x, training=True))
    assert float(solution["loss"].value) == pytest.approx(float(loss.detach()), rel=1e-5)


def test_embedding_and_attention_with_residuals() -> None:
    for causal in (False, True):
        tokens = keras.Input((3,), dtype="int32")
        x = k.Embedding(4, 2)(tokens)
        mixed = k.MultiHeadAttention(2, 2)(x, x, use_causal_mask=causal)
        x = k.LayerNormalization()(k.Add()([x, mixed]))
        model = keras.Model(tokens, k.Dense(1)(k.Flatten()(x)))
        assert_same(model, np.array([[0, 3, 1], [2, 2, 0]]))


def test_functional_models_with_branches() -> None:
    first = keras.Input((3,))
    left, right = k.Dense(2, "tanh")(first), k.Dense(2)(first)
    joined = k.Concatenate()([k.Multiply()([left, right]), k.Average()([left, right]), first])
    out = k.Subtract()([k.Dense(1)(joined), k.Dense(1)(left)])
    assert_same(keras.Model(first, k.ReLU(negative_slope=0.1)(out)), data(2, 3))


def test_a_convolutional_residual_block() -> None:
    first = keras.Input((3, 3, 2))
    inner = k.BatchNormalization()(k.Conv2D(2, 3, padding="same", activation="relu")(first))
    both = k.Concatenate()([k.Add()([inner, first]), first])
    assert_same(keras.Model(first, k.Dense(1)(k.Flatten()(both))), data(2, 3, 3, 2))


def test_frozen_layers() -> None:
    model = sequential((3, 2), k.LSTM(2), k.Dense(1))
    model.layers[0].trainable = False
    solution = assert_same(model, data(1, 3, 2))
    assert len(solution.problem.frozen) == 4 * 2 * 2 * 2 + 8


def optimizers() -> list[Any]:
    if keras is None:
        return []
    o = keras.optimizers
    return [
        o.SGD(0.1, momentum=0.5),
        o.SGD(0.1, momentum=0.5, nesterov=True),
        o.Adagrad(0.1),
        o.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True),
        o.RMSprop(0.01),
        o.Adam(0.01, epsilon=0.0),
        o.AdamW(0.01, epsilon=0.0, weight_decay=0.1),
        o.SGD(0.1, clipvalue=0.01),
    ]


@pytest.mark.parametrize("rule", optimizers(), ids=lambda rule: rule.name)
def test_optimizers_make_the_same_three_updates(rule: Any) -> None:
    model = filled(sequential((2,), k.Dense(2, "tanh"), k.Dense(1)))
    x, t = data(2, 2), data(2, 1, seed=3)
    solution = solve(from_keras(model, x, t, "mse", rule, epochs=3))
    model.compile(optimizer=rule, loss="mse")
    model.fit(x, t, batch_size=2, epochs=3, shuffle=False, verbose=0)
    for number, layer in ((1, model.layers[0]), (2, model.layers[1])):
        for row, column in np.ndindex(layer.kernel.shape):
            found = float(solution[f"new.w{number}_{column + 1}_{row + 1}@3"].value)
            assert found == pytest.approx(float(layer.kernel[row, column]), rel=2e-5, abs=1e-6)


def test_errors_name_the_place() -> None:
    cases = [
        (sequential((4, 1), k.Conv1D(2, 2, padding="causal", name="c")), r"\.c: a padding on one side; given padd"),
        (sequential((5, 4, 1), k.Conv2D(2, 2, padding="same", strides=2, name="c")), r"\.c: more padding on one side"),
        (sequential((3, 2), k.Bidirectional(k.LSTM(1), name="c")), r"\.c: no such layer here; given Bidirectional"),
        (sequential((3, 2), k.LSTM(1, activation="relu", name="c")), r"\.c: another activation; given activation=r"),
        (sequential((4, 1), k.Conv1D(2, 2), k.LSTM(1, name="c")), r"\.c: axes were swapped before it"),
        (sequential((4, 4, 2), k.Dense(2, name="c")), r"\.c: a dense layer on more than steps x features"),
    ]  # fmt: skip
    for model, text in cases:
        with pytest.raises(ProblemError, match=text):
            from_keras(model, data(*model.input_shape[1:]), [0.0])
    with pytest.raises(
        ProblemError, match="epsilon of Keras's adam; given epsilon=1e-07; expected epsilon=0"
    ):
        from_keras(sequential((2,), k.Dense(1)), [1.0, 2.0], [1.0], "mse", keras.optimizers.Adam())
    dropout = sequential((2,), k.Dense(2), k.Dropout(0.5, name="d"))
    with pytest.raises(
        ProblemError, match=r"\.d: dropout draws other units at each run; given rate=0\.5 with"
    ):
        from_keras(dropout, [1.0, 2.0], [1.0, 0.0], training=True)
    path = f"{dropout.name}.d"
    problem = from_keras(dropout, [1.0, 2.0], [1.0, 0.0], training=True, masks={path: [1, 0]})
    assert solve(problem)["act.d1_2"].shown == "0"
