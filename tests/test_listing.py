"""Listings run and print the sheet's numbers."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import random
import sys
from decimal import Decimal
from typing import Any

import pytest

from symbackprop import Dense, Problem, Solution, solve
from symbackprop.errors import SymbackpropError
from symbackprop.formats import CODE_FORMATS, FORMATS
from symbackprop.listing import listing
from symbackprop.listing.dialects import DIALECTS
from symbackprop.rules import ACTIVATIONS, LOSSES

os.environ.setdefault("KERAS_BACKEND", "torch")
HERE = ["numpy"] + [library for library in ("torch", "jax") if importlib.util.find_spec(library) is not None]


def run(text: str) -> tuple[dict[str, Any], str]:
    """Run a listing: its variables, and what it printed."""
    space: dict[str, Any] = {"__name__": "listing"}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "listing.py", "exec"), space)
    finally:  # the precision that a program asks for is that of the whole process
        if "torch" in sys.modules:
            sys.modules["torch"].set_default_dtype(sys.modules["torch"].float32)
        if "keras" in sys.modules:
            sys.modules["keras"].config.set_floatx("float32")
            sys.modules["keras"].config.set_dtype_policy("float32")
    return space, printed.getvalue()


def assert_same(solution: Solution, library: str, relative: float = 1e-12, least: int = 3) -> str:
    """Assert that every number of a listing is the ledger's."""
    made = listing(solution, library)
    space, printed = run(made.text)
    known = [key for key in made.quantities if solution.ledger.known(key)]
    assert len(known) >= least
    expected = {key: float(solution[key].value) for key in known}
    floor = max(abs(number) for number in expected.values()) / 1000
    for key, number in expected.items():
        found = float(eval(made.quantities[key], space))
        assert abs(found - number) <= relative * max(abs(number), floor), (key, found, number)
    assert "loss =" in printed
    assert max(map(len, made.text.splitlines())) <= 100
    return made.text


def network(
    hidden: Any = "sigmoid", output: Any = "sigmoid", loss: Any = "half_squared_error", **fields: Any
) -> Problem:
    fields = {"inputs": ["0.05", "-0.10"], "targets": ["0.01", "0.99"], "learning_rate": "0.5", **fields}
    return Problem(
        title='A "network" \\ of two layers',
        layers=[
            Dense(
                3, hidden, weights=[["0.15", "1/4"], ["-0.20", "0.30"], ["3e-1", "0.7"]], biases=[1, 2, -1]
            ),
            Dense(
                2, output, weights=[["0.40", "0.50", "-0.6"], ["0.45", "0.55", "0.1"]], biases=["0.2", "0.3"]
            ),
        ],
        loss=loss,
        **fields,
    )


BATCH = {
    "inputs": None,
    "targets": None,
    "samples": [([1, 2], [0, 1]), ([-1, "0.5"], [1, 0]), (["0.3", 0], ["1/4", "3/4"])],
}


@pytest.mark.parametrize("library", HERE)
@pytest.mark.parametrize("name", ["two-output-sigmoid", "shared-bias", "or-gate-full", "delta-rule"])
def test_examples(name: str, library: str) -> None:
    assert_same(solve(name), library)


@pytest.mark.parametrize("library", HERE)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_batches_and_epochs(library: str, reduction: str) -> None:
    loss = {"kind": "squared_error", "reduction": reduction}
    problem = network("tanh", "identity", loss, epochs=3, frozen=["w1_1_2", "b2_*"], **BATCH)
    text = assert_same(solve(problem), library, least=10)
    assert "for epoch in range(1, 4):" in text


SPECIAL = {"step"}  # its slope is only agreed on: no library differentiates it so


@pytest.mark.parametrize("library", HERE)
@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - SPECIAL))
def test_every_activation(activation: str, library: str) -> None:
    assert_same(solve(network(activation, "identity", **BATCH)), library, least=20)


TARGETS = {"hinge": ([1, -1], [-1, 1]), "squared_hinge": ([1, -1], [-1, -1])}
OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "kl_divergence": "softmax",
    "negative_log_likelihood": "log_softmax",
}


@pytest.mark.parametrize("library", HERE)
@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_every_loss(kind: str, library: str) -> None:
    first, second = TARGETS.get(kind, ([0, 1], [1, 0]))
    samples = [([1, 2], first), ([-1, "0.5"], second)]
    data = {"inputs": None, "targets": None, "samples": samples}
    output = OUTPUTS.get(kind, "tanh")
    assert_same(solve(network("sigmoid", output, {"kind": kind}, **data)), library, least=20)


@pytest.mark.parametrize("library", HERE)
def test_shared_weights_of_a_network_that_is_no_stack(library: str) -> None:
    """A skip connection: one line for each quantity."""
    from tests.oracles.networks import build_net

    for seed in range(3):
        net = build_net(
            random.Random(seed), (2, 2, 2), ("tanh", "sigmoid"), "half_squared_error", 1 + seed, dense=False
        )
        assert_same(solve(net.problem()), library)


def test_given_activations() -> None:
    """From given activations no library can differentiate; written out, every line is the sheet's."""
    assert_same(solve("or-gate"), "numpy")
    with pytest.raises(SymbackpropError, match="activations are given instead of computed"):
        listing(solve("or-gate"), "torch")


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "elu", "gelu"])
def test_keras(activation: str) -> None:
    """To single precision: Keras's matrix products are that on the PyTorch backend, whatever the floatx."""
    assert_same(solve(network(activation, "sigmoid", **BATCH)), "keras", 1e-5, least=20)
    assert_same(solve(network(activation, "identity", frozen=["w1_*"])), "keras", 1e-5)
    assert_same(solve(network(activation, learning_rate=None)), "keras", 1e-5)


def test_keras_refusals() -> None:
    with pytest.raises(SymbackpropError, match="a bias is shared by a layer"):
        listing(solve("shared-bias"), "keras")
    with pytest.raises(SymbackpropError, match="freezes whole arrays"):
        listing(solve(network(frozen=["w1_1_1"])), "keras")
    with pytest.raises(SymbackpropError, match="each connected to the whole one before"):
        listing(solve("or-gate"), "keras")


def test_numbers_stay_as_written() -> None:
    text = listing(solve(network()), "numpy").text
    assert "W1 = np.array([[0.15, 1 / 4]," in text
    assert "[3e-1, 0.7]" in text or "[0.3, 0.7]" in text
    assert "b1 = np.array([1.0, 2.0, -1.0])" in text
    assert text.startswith('"""A network / of two layers: forward pass, backward pass and update with')


def test_written_and_refused() -> None:
    solution = solve(network())
    assert solution.to_code("numpy") == listing(solution, "numpy").text
    with pytest.raises(SymbackpropError, match="no listing for 'cobol'; expected one of numpy, torch"):
        solution.to_code("cobol")


def test_hand_written_numbers() -> None:
    """h = 0.5 * 2 = 1, o = 3 * 1 = 3, E = (1 - 3)^2 / 2 = 2, dE/dw2 = 2 * 1, dE/dw1 = 2 * 3 * 2 = 12."""
    problem = Problem(
        title="By hand",
        inputs=[2],
        targets=[1],
        layers=[Dense(1, "identity", weights=[["0.5"]]), Dense(1, "identity", weights=[[3]])],
        learning_rate="0.1",
    )
    for library in HERE:
        space, _ = run(listing(solve(problem), library).text)
        assert (float(space["E"]), float(space["dW2"][0, 0]), float(space["dW1"][0, 0])) == (2, 2, 12)
        assert float(space["W1"][0, 0]) == pytest.approx(float(Decimal("-0.7")), rel=1e-15)


def test_every_format_of_code_has_a_dialect() -> None:
    assert set(DIALECTS) == set(CODE_FORMATS)
    assert {name: FORMATS[name] for name in CODE_FORMATS}["torch"] == "torch.py"


# --- any descent, written line by line ---------------------------------------------------------


SKIP = {
    "inputs": None,
    "targets": None,
    "samples": [([1, 2], [0]), ([-1, "0.5"], [1]), (["0.3", 0], ["1/4"])],
    "learning_rate": None,
}


def typed(**fields: Any) -> Any:
    """A network of typed layers, which is written line by line."""
    from symbackprop import problem_from_mapping

    layers = [
        {"type": "dense", "name": "first", "weights": [[0.3, -0.1], [0.2, 0.4]], "activation": "tanh"},
        {"type": "add", "from": ["first", "x"]},
        {"type": "layer_norm", "gamma": [1, 0.5], "epsilon": 0.01},
        {"type": "dense", "weights": [[0.7, -0.5]], "biases": [0.1]},
    ]
    samples = [{"inputs": list(x), "targets": list(t)} for x, t in SKIP["samples"]]
    network = {"samples": samples, "layers": layers, "learning_rate": 0.1, **fields}
    return solve(problem_from_mapping({"title": "Layers", "network": network}))


DESCENTS = [
    {"optimizer": name, "updates": 3}
    for name in ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adadelta")
] + [
    {"optimizer": {"name": "momentum", "rate": "inside", "dampening": 0.1, "first": "gradient"}, "epochs": 3},
    {"optimizer": {"name": "rmsprop", "centered": True, "momentum": 0.5, "weight_decay": 0.1}, "epochs": 2},
    {"optimizer": "adam", "batches": [[1, 3], [2]], "epochs": 2},
    {"batches": "online", "learning_rate": {"start": 0.5, "schedule": "cosine", "over": 4}},
    {"clip": {"norm": 0.1, "epsilon": "1e-6"}, "updates": 2},
    {"clip": {"value": 0.05}, "updates": 2, "frozen": ["w_first_*"]},
    {"regularisation": {"l2": 0.1, "l1": 0.01}, "updates": 2, "batches": [[2], [1, 3]]},
    {"ascent": True, "optimizer": {"name": "adam", "weight_decay": 0.1}, "updates": 2},
    {"state": {"velocity.w_first_1_1": 0.5, "step": 3}, "optimizer": "momentum", "updates": 2},
]


#: JAX compiles every line: of the optimizers' own lines, which are PyTorch's too, a few are enough.
RUNS = [(fields, library) for library in HERE for fields in DESCENTS[:: 3 if library == "jax" else 1]]


@pytest.mark.parametrize(("fields", "library"), RUNS, ids=str)
def test_any_descent_on_typed_layers(fields: dict[str, Any], library: str) -> None:
    fields = dict(fields)
    frozen = fields.pop("frozen", None)
    solution = typed(**fields, **({"frozen": frozen} if frozen else {}))
    text = assert_same(solution, library, least=8)
    if library != "numpy":
        last = solution.problem.updates
        made = listing(solution, library)
        assert f"loss@{last}" in made.quantities
        assert f"new.b2_1@{last}".removesuffix("@1") in made.quantities
        assert f"range(1, {last + 1})" in text


def test_descents_that_are_not_written() -> None:
    ahead = typed(optimizer={"name": "nesterov", "form": "lookahead"})
    with pytest.raises(SymbackpropError, match="gradients are taken ahead; --format numpy writes every line"):
        listing(ahead, "torch")
    with pytest.raises(SymbackpropError, match="parameters have learning rates of their own; --format numpy"):
        listing(typed(learning_rates={"b*": 0.01}), "jax")
    with pytest.raises(SymbackpropError, match="mini-batches are written for runs of up to 100 updates"):
        listing(typed(batches=[[1], [2, 3]], epochs=60), "torch")
