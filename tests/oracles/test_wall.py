"""The wall: random problems over the whole grammar, each against every oracle that is installed.

A generator draws the mapping of a problem file from a seed. `GENERATORS` is where further kinds of network
come in: one line each.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import check, problem_from_mapping
from symbackprop.errors import SymbackpropError, UndecidedDigits
from symbackprop.oracles import ORACLES
from symbackprop.rules import ACTIVATIONS, LOSSES
from symbackprop.rules.layer_activations import LAYER_ACTIVATIONS

from .networks import build_net, number, probability

#: SYMBACKPROP_WALL=2000 for a long run.
EXAMPLES = int(os.environ.get("SYMBACKPROP_WALL", "25"))

#: Outputs that a loss needs; any other takes whatever comes.
OUTPUTS = {
    "binary_cross_entropy": ("sigmoid",),
    "cross_entropy": ("softmax",),
    "kl_divergence": ("softmax",),
    "negative_log_likelihood": ("log_softmax",),
    "cross_entropy_with_logits": ("identity", "tanh", "relu"),
    "binary_cross_entropy_with_logits": ("identity", "softsign", "leaky_relu"),
}


def targets(kind: str, outputs: int, dice: random.Random) -> list[str]:
    """Targets that a loss takes, some of them at the ends of their range."""
    wanted = LOSSES[kind].targets
    if wanted.startswith("1 for the right class"):
        right = dice.randrange(outputs)
        return ["1" if index == right else "0" for index in range(outputs)]
    if wanted.startswith("1 or -1"):
        return [dice.choice(("1", "-1")) for _ in range(outputs)]
    if wanted:
        return [probability(dice) for _ in range(outputs)]
    return [number(dice) for _ in range(outputs)]


def dense_mapping(seed: int) -> dict[str, Any]:
    """A network of dense units: some connections or all, shared and absent biases, batches."""
    dice = random.Random(seed)
    kind = dice.choice(sorted(LOSSES))
    last = dice.choice(OUTPUTS.get(kind, (*sorted(set(ACTIVATIONS) - {"step"}), "softmax", "log_softmax")))
    whole = last in LAYER_ACTIVATIONS or dice.random() < 0.3
    depth = dice.randint(0, 2)
    most = 3 if depth < 2 else 2
    sizes = (dice.randint(1, most), *(dice.randint(1, most) for _ in range(depth)), dice.randint(1, most))
    hidden = tuple(dice.choice((*ACTIVATIONS, *LAYER_ACTIVATIONS)) for _ in range(depth))
    if not whole:  # units of a layer may feed one another then
        hidden = tuple(name if name in ACTIVATIONS else "tanh" for name in hidden)
    samples = dice.choice((1, 1, 2, 3))
    net = build_net(
        dice,
        sizes,
        (*hidden, last),
        "half_squared_error",
        samples,
        reduction=dice.choice(("mean", "sum")),
        form=dice.choice(("chain", "components", "delta", "delta_rule")),
        dense=whole,
        scale=dice.choice((0.5, 1.0, 2.0)),
    )
    mapping = net.mapping()
    network = mapping["network"]
    network["loss"] = {**network["loss"], "kind": kind}
    for data in network.get("samples", [network]):
        data["targets"] = targets(kind, sizes[-1], dice)
    return mapping


GENERATORS: dict[str, Callable[[int], dict[str, Any]]] = {"dense": dense_mapping}

#: JAX runs the same formulas as PyTorch, a hundred times slower: a few seeds are enough.
QUICK = tuple(oracle for oracle in ORACLES if oracle.name != "jax")


def assert_agrees(mapping: dict[str, Any], oracles: Any) -> None:
    try:
        report = check(problem_from_mapping(mapping), oracles)
    except (
        UndecidedDigits
    ):  # a net input that is exactly zero in irrational numbers: no precision decides ReLU
        return
    except SymbackpropError as error:  # ln 0 under a cross-entropy: an error of the numbers, said so
        assert "ln of" in str(error) or "division by zero" in str(error), error
        return
    assert not [c for c in report.comparisons if c.verdict == "disagrees"], f"{report}\n{mapping}"
    assert report["differences"].compared
    for comparison in report.comparisons:
        assert (
            comparison.verdict != "skipped"
            or "too large" in comparison.note
            or comparison.oracle in (*("torch", "torch-layers", "updates"),)
        ), comparison


@pytest.mark.parametrize("kind", sorted(GENERATORS))
@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_random_problems(kind: str, seed: int) -> None:
    assert_agrees(GENERATORS[kind](seed), QUICK)


@pytest.mark.parametrize("seed", range(3))
def test_every_oracle_on_a_few(seed: int) -> None:
    assert_agrees(dense_mapping(seed), ORACLES)


@pytest.mark.parametrize("activation", sorted({*ACTIVATIONS, *LAYER_ACTIVATIONS}))
def test_every_activation(activation: str) -> None:
    net = build_net(random.Random(3), (2, 3, 2), (activation, "tanh"), samples=2, dense=True)
    assert_agrees(net.mapping(), QUICK)


@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_every_loss(kind: str) -> None:
    dice = random.Random(4)
    last = OUTPUTS.get(kind, ("tanh",))[0]
    mapping = build_net(dice, (2, 2, 3), ("sigmoid", last), samples=2, dense=True).mapping()
    mapping["network"]["loss"] = {"kind": kind, "reduction": "mean"}
    for data in mapping["network"]["samples"]:
        data["targets"] = targets(kind, 3, dice)
    assert_agrees(mapping, QUICK)
