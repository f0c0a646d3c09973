"""A solution held against PyTorch in float64: outputs, loss and the gradients of all parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.derivation.solving import derive
from symbackprop.solution import Solution
from symbackprop.spec import problem_from_mapping

REQUIRED = "torch" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")


def need_torch() -> Any:
    """Return PyTorch, or skip the whole module."""
    try:
        import torch
    except ImportError:
        if REQUIRED:
            raise
        pytest.skip(
            "PyTorch is not installed; with SYMBACKPROP_REQUIRE=torch this is an error",
            allow_module_level=True,
        )
    return torch


def read_texts(kind: str) -> list[dict[str, str]]:
    """Return the wrong fields of one kind of layer, each with what its author is told."""
    path = Path(__file__).with_name("sequence_texts.yaml")
    found: list[dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
    return found


def solution_of(network: Mapping[str, Any], **fields: Any) -> Solution:
    problem = problem_from_mapping({"title": "Test", "network": network, **fields})
    return Solution(problem, *derive(problem))


def numbers(random: Any, *shape: int) -> Any:
    """Return nested lists of numbers of two decimals, as a person writes them."""
    if not shape:
        return round(random.uniform(-1, 1), 2)
    return [numbers(random, *shape[1:]) for _ in range(shape[0])]


def close(found: float, expected: float, scale: float = 0.0) -> bool:
    """Return whether two values agree to 1e-12 of themselves or of the largest of their kind."""
    return abs(found - expected) <= 1e-12 * max(abs(expected), scale) + 1e-300


def assert_array(
    solution: Solution, stem: str, expected: Any, kind: str = "grad", scale: float = 0.0
) -> None:
    """Hold a family of quantities (`grad.W_xh_1_2`) against a tensor."""
    scale = max(scale, float(expected.detach().abs().max()))
    shape = tuple(expected.shape)
    for place in product(*map(range, shape)):
        key = "_".join([f"{kind}.{stem}", *(str(axis + 1) for axis in place)])
        found, wanted = float(solution[key]), float(expected[place])
        assert close(found, wanted, scale), f"{key}: {found} is not {wanted}"


def assert_gradients(solution: Solution, expected: Mapping[str, Any]) -> None:
    """Hold every gradient against autograd's, and see that none is missing."""
    for family, tensor in expected.items():
        assert_array(solution, family, tensor)
    count = sum(tensor.numel() for tensor in expected.values())
    assert count == len(solution.problem.parameters)


def batch(inputs: Sequence[Any], targets: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"inputs": x, "targets": t} for x, t in zip(inputs, targets, strict=True)]
