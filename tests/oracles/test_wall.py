"""The wall: random problems over the whole grammar, each against every oracle that is installed.

A generator draws the mapping of a problem file from a seed: dense networks here, layers of every type in
`stacks`, free graphs in `expression_graphs`, ways to update in `descents`. `GENERATORS` is where further
kinds come in: one line each.
"""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import check, problem_from_mapping
from symbackprop.errors import SymbackpropError, UndecidedDigits
from symbackprop.oracles import ORACLES, Oracle
from symbackprop.oracles.answer import Answer, NotComparable
from symbackprop.oracles.program import Program
from symbackprop.oracles.symbolic_loss import composed_size
from symbackprop.rules import ACTIVATIONS, LOSSES
from symbackprop.rules.layer_activations import LAYER_ACTIVATIONS
from tests.conftest import skip_or_fail

from . import stacks
from .descents import descent
from .expression_graphs import graphs
from .networks import build_net, number, probability

#: SYMBACKPROP_WALL=2000 for a long run.
EXAMPLES = int(os.environ.get("SYMBACKPROP_WALL", "20"))

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


def descending(make: Callable[[int], dict[str, Any]]) -> Callable[[int], dict[str, Any]]:
    """The same problems with random optimizers, batches, schedules, clipping and penalties."""

    def mapping(seed: int) -> dict[str, Any]:
        found = make(seed)
        body = found.get("network", found.get("graph"))
        body |= descent(random.Random(seed), len(body.get("samples", [1])))
        return found

    return mapping


#: What is drawn, and how many problems of it in the normal suite, of each hundred of a long run.
GENERATORS: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "dense": (dense_mapping, 100),
    "dense, any descent": (descending(dense_mapping), 60),
    "vectors": (stacks.vectors, 40),
    "maps": (stacks.maps, 40),
    "sequences": (stacks.sequences, 40),
    "tokens": (stacks.tokens, 30),
    "layers, any descent": (descending(stacks.vectors), 30),
    "sequences, any descent": (descending(stacks.sequences), 20),
    "graphs": (graphs, 60),
    "graphs, any descent": (descending(graphs), 30),
}

#: What a random problem may run into, said in an error: the numbers' fault, not a disagreement.
EXCUSES = ("ln of", "division by zero", "diverges", "no mini-batches")

#: SymPy takes seconds over a composed loss of a thousand nodes: in the normal suite it gets smaller ones.
LARGEST_FOR_SYMPY = 1_500 if EXAMPLES > 20 else 200


def small_for_sympy(oracle: Oracle) -> Oracle:
    def ask(program: Program) -> Answer:
        if composed_size(program) > LARGEST_FOR_SYMPY:
            raise NotComparable("too large for the normal suite")
        return oracle.ask(program)

    return replace(oracle, ask=ask) if oracle.name == "sympy" else oracle


#: JAX runs the same formulas as PyTorch, a hundred times slower: a few seeds are enough.
QUICK = tuple(small_for_sympy(oracle) for oracle in ORACLES if oracle.name != "jax")


def assert_agrees(mapping: dict[str, Any], oracles: Any) -> None:
    try:
        report = check(problem_from_mapping(mapping), oracles)
    except (
        UndecidedDigits
    ):  # a net input that is exactly zero in irrational numbers: no precision decides ReLU
        return
    except SymbackpropError as error:  # ln 0 under a cross-entropy: an error of the numbers, said so
        assert any(excuse in str(error) for excuse in EXCUSES), (error, mapping)
        return
    assert not [c for c in report.comparisons if c.verdict == "disagrees"], f"{report}\n{mapping}"
    assert report["differences"].compared
    for comparison in report.comparisons:
        assert (
            comparison.verdict != "skipped"
            or "too large" in comparison.note
            or comparison.oracle in ("torch", "torch-layers", "matrices", "updates")
            or "is not installed" in comparison.note  # `test_other_libraries_are_here` answers for that
        ), comparison


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_other_libraries_are_here(library: str) -> None:
    """Where they are required, a missing one is a failure and not a smaller wall."""
    if importlib.util.find_spec(library) is None:
        skip_or_fail(library, f"{library} is not installed")


@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_random_problems(kind: str) -> None:
    make, share = GENERATORS[kind]

    @settings(max_examples=max(EXAMPLES * share // 100, 1), deadline=None)
    @given(seed=st.integers(0, 2**32))
    def holds(seed: int) -> None:
        assert_agrees(make(seed), QUICK)

    holds()


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
