"""Attention: a published example's numbers, names of quantities, zero gradients, and error texts."""

from __future__ import annotations

from typing import Any

import pytest
import sympy

from symbackprop import ProblemError, read_problem
from symbackprop.derivation.solving import derive
from symbackprop.solution import Solution
from symbackprop.spec import catalogue, load_problem

from .autograd import read_texts, solution_of

#: Raimi Karim, "Illustrated: Self-Attention" (2019): three tokens of four numbers, scores not scaled.
KARIM = {
    "inputs": [[1, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]],
    "W_K": [[0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 0]],
    "W_Q": [[1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]],
    "W_V": [[0, 2, 0], [0, 3, 0], [1, 0, 3], [1, 1, 0]],
}
SCORES = [[2, 4, 4], [4, 16, 12], [4, 12, 10]]
OUTPUTS = [[1.9366, 6.6831, 1.5951], [2.0000, 7.9640, 0.0540], [1.9997, 7.7599, 0.3584]]


def karim(**fields: Any) -> Solution:
    layer = {
        "type": "attention",
        "scale": "none",
        **{name: KARIM[name] for name in ("W_Q", "W_K", "W_V")},
        **fields,
    }
    network = {"layout": "columns", "inputs": KARIM["inputs"], "targets": [[0, 0, 0]] * 3, "layers": [layer]}
    return solution_of({**network, "loss": "squared_error"})


def test_published_self_attention() -> None:
    solution = karim()
    for row in range(3):
        for column in range(3):
            assert solution[f"act.s_{row + 1}_{column + 1}"].exact == SCORES[row][column]
            assert abs(float(solution[f"act.c_{row + 1}_{column + 1}"]) - OUTPUTS[row][column]) < 6e-5


def test_lines_of_a_step() -> None:
    solution = karim(scale="sqrt")
    assert str(solution["act.q_2_1"]).startswith("q₂₁ = x₂₁W₁₁^Q + x₂₂W₂₁^Q + x₂₃W₃₁^Q + x₂₄W₄₁^Q = ")
    assert str(solution["act.s_1_2"]).startswith("s₁₂ = q₁₁k₂₁ + q₁₂k₂₂ + q₁₃k₂₃ = ")
    assert str(solution["act.e_1_2"]).startswith("e₁₂ = s₁₂/sqrt(3) = ")
    assert str(solution["act.a_1_2"]).startswith("a₁₂ = e^e₁₂/(e^e₁₁ + e^e₁₂ + e^e₁₃) = ")
    assert str(solution["act.c_1_1"]).startswith("c₁₁ = a₁₁v₁₁ + a₁₂v₂₁ + a₁₃v₃₁ = ")
    jacobian = "∂E/∂e₁₂ = ∂E/∂a₁₁ · (−a₁₁a₁₂) + ∂E/∂a₁₂ · a₁₂(1 − a₁₂) + ∂E/∂a₁₃ · (−a₁₃a₁₂) = "
    assert str(solution["dE_dact.e_1_2"]).startswith(jacobian)


def test_scale_is_exact() -> None:
    """e is s over the square root of 3 itself, to fifty digits."""
    solution = karim(scale="sqrt")
    assert solution["act.e_1_2"].digits(50) == str(sympy.N(4 / sympy.sqrt(3), 50))


def test_causal_mask() -> None:
    solution = karim(mask="causal")
    assert solution["act.a_1_1"].exact == 1
    assert "act.a_1_2" not in solution.ledger
    assert str(solution["act.a_2_1"]).startswith("a₂₁ = e^s₂₁/(e^s₂₁ + e^s₂₂) = ")
    assert [str(solution[f"act.c_1_{entry}"].exact) for entry in (1, 2, 3)] == [
        "1",
        "2",
        "3",
    ]  # its own value


def test_a_bias_of_the_keys_changes_nothing() -> None:
    """Added to every key it adds the same to all scores of a row: its gradient is proved to be zero."""
    solution = karim(b_K=[0.3, -0.1, 0.2], b_Q=[0.1, 0.2, 0.3], scale="sqrt")
    for entry in (1, 2, 3):
        assert solution[f"grad.b_K_{entry}"].shown == "0"
        assert solution[f"grad.b_K_{entry}"].exact == 0
        assert solution[f"grad.b_Q_{entry}"].exact is None


def test_two_heads_name_theirs() -> None:
    solution = karim(heads=3)
    assert str(solution["act.s2_1_3"]).startswith("s₁₃⁽²⁾ = q₁₁⁽²⁾k₃₁⁽²⁾ = ")


BASE = """\
network:
  inputs: [[1, 0], [0.5, -1]]
  targets: [[1, 0], [0, 1]]
  layers:
    - {type: LAYER}
"""
TEXTS = [(case["layer"], case["error"]) for case in read_texts("attention")]


@pytest.mark.parametrize(("layer", "expected"), TEXTS)
def test_error_texts(layer: str, expected: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(BASE.replace("LAYER", layer), "p.yaml")
    assert str(caught.value) == f"p.yaml:5: {expected}"


@pytest.mark.parametrize("name", ["attention", "attention-two-heads"])
def test_examples(name: str) -> None:
    """The files of the examples are read and solved, and the first step lowers the loss."""
    problem = load_problem(catalogue._FOLDER / f"{name}.yaml")
    solution = Solution(problem, *derive(problem))
    assert solution["loss@1"].value < solution["loss"].value
