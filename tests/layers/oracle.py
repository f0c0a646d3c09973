"""One network here and in PyTorch: the outputs, the loss and every gradient must be the same."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.solving import derive
from symbackprop.formulas.terms import Symbol
from symbackprop.spec import Problem, read_problem

Nested = Any
REQUIRED = "torch" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")
RELATIVE = 1e-12


def torch() -> Any:
    """Return PyTorch, or skip the test where it is not installed."""
    try:
        import torch
    except ImportError:
        if REQUIRED:
            raise
        pytest.skip("PyTorch is not installed; with SYMBACKPROP_REQUIRE=torch this is an error")
    return torch


class Numbers:
    """Random decimals with two places, from a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def __call__(self, *shape: int) -> Nested:
        if not shape:
            return self.dice.randrange(-99, 100) / 100
        return [self(*shape[1:]) for _ in range(shape[0])]


def element(family: str, index: Sequence[int]) -> str:
    """Return the default name of a parameter: all places, counted from 1."""
    return "_".join([family, *(str(at + 1) for at in index)])


def keeping(family: str, *kept: int) -> Callable[[Sequence[int]], str]:
    """Return names over some of the places only."""
    return lambda index: element(family, [index[axis] for axis in kept])


@dataclass(frozen=True)
class Leaf:
    """A parameter's numbers, and the name that each has in the problem."""

    values: Nested
    name: Callable[[Sequence[int]], str]


def leaf(family: str, values: Nested) -> Leaf:
    """Return a parameter whose names have all places."""
    return Leaf(values, lambda index: element(family, index))


def read(network: Mapping[str, Any], **fields: Any) -> Problem:
    """Return the problem of a network of plain data."""
    return read_problem(json.dumps({"title": "Oracle", "network": network, **fields}), "p.json")


def ledger_of(network: Mapping[str, Any]) -> tuple[Problem, Ledger]:
    """Return the problem and everything that is derived from it."""
    problem = read(network)
    return problem, derive(problem)[1]


def number(ledger: Ledger, key: str) -> float:
    """Return a quantity's value."""
    return float(ledger.significant(key, 18))


def printed_name(ledger: Ledger, key: str) -> str:
    """Return how a quantity is printed, in the plain form of names."""
    term = ledger.term(key)
    assert isinstance(term, Symbol)
    return str(term.name)


def check(
    network: Mapping[str, Any],
    leaves: Mapping[str, Leaf],
    run: Callable[[Mapping[str, Any], Any], Any],
    *,
    loss: str = "half_squared_error",
) -> Ledger:
    """Hold outputs, loss and gradients against PyTorch's.

    run: takes the leaves' tensors by name and the inputs of all samples, and returns the outputs of all
    samples, one row for each.
    """
    problem, ledger = ledger_of({**network, "loss": loss})
    library = torch()
    tensors = {
        name: library.tensor(item.values, dtype=library.float64, requires_grad=True)
        for name, item in leaves.items()
    }
    samples = network.get("samples") or [{"inputs": network["inputs"], "targets": network["targets"]}]
    inputs = library.tensor([sample["inputs"] for sample in samples], dtype=library.float64)
    targets = library.tensor([sample["targets"] for sample in samples], dtype=library.float64)
    outputs = run(tensors, inputs).reshape(len(samples), -1)
    total = _loss(loss, outputs, targets.reshape(outputs.shape), library)
    total.backward()
    for row, values in enumerate(outputs.tolist(), start=1):
        mark = f"#{row}" if len(samples) > 1 else ""
        found = [number(ledger, f"act.{unit}{mark}") for unit in problem.outputs]
        np.testing.assert_allclose(found, values, rtol=RELATIVE, atol=RELATIVE)
    np.testing.assert_allclose(number(ledger, "loss"), total.item(), rtol=RELATIVE, atol=RELATIVE)
    ours, theirs, names = [], [], []
    for name, item in leaves.items():
        gradient = tensors[name].grad
        slopes = np.zeros(np.shape(item.values)) if gradient is None else gradient.numpy()
        for place in np.ndindex(slopes.shape):
            names.append(item.name(place))
            theirs.append(slopes[place])
            ours.append(number(ledger, f"grad.{names[-1]}"))
    assert {parameter.name for parameter in problem.parameters} == set(names)
    scale = max(1.0, *map(abs, theirs)) if theirs else 1.0
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=RELATIVE * scale, err_msg=" ".join(names))
    return ledger


def _loss(kind: str, outputs: Any, targets: Any, library: Any) -> Any:
    if kind == "cross_entropy":
        return -(targets * library.log(outputs)).sum(1).mean()
    assert kind == "half_squared_error"
    return ((outputs - targets) ** 2 / 2).sum(1).mean()
