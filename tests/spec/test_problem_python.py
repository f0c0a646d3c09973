"""Problems built in Python: the same checks, the same texts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symbackprop.errors import ProblemError
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Number
from symbackprop.spec import Dense, Problem, dense_problem, problem_from_mapping, read_problem

LAYERS = [
    Dense(2, "sigmoid", weights=[[0.15, 0.25], [0.20, 0.30]], biases=[0.40, 0.35]),
    Dense(2, "sigmoid", weights=[[0.40, 0.50], [0.45, 0.55]], biases=[0.25, 0.60]),
]
FILE = """\
title: Two outputs
network:
  inputs: [0.05, 0.1]
  targets: [0.01, 0.99]
  layers:
    - {units: 2, activation: sigmoid, weights: [[0.15, 0.25], [0.2, 0.3]], biases: [0.4, 0.35]}
    - {units: 2, activation: sigmoid, weights: [[0.4, 0.5], [0.45, 0.55]], biases: [0.25, 0.6]}
  loss: half_squared_error
  learning_rate: 0.01
"""


def build(**changes: Any) -> Problem:
    fields: dict[str, Any] = {
        "title": "Two outputs", "inputs": [0.05, 0.10], "targets": [0.01, 0.99], "layers": LAYERS,
        "loss": "half_squared_error", "learning_rate": 0.01,
    }  # fmt: skip
    return dense_problem(**{**fields, **changes})


def test_the_same_problem_as_from_a_file() -> None:
    from dataclasses import replace

    file = read_problem(FILE)
    assert build() == replace(file, source=build().source)
    assert build().name == "two-outputs"
    assert [p.name for p in build().parameters] == [
        "w1_1_1", "w1_1_2", "w1_2_1", "w1_2_2", "w2_1_1", "w2_1_2", "w2_2_1", "w2_2_2",
        "b1_1", "b1_2", "b2_1", "b2_2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.1, "0.1"),
        (1e-5, "1e-5"),
        (3, "3"),
        ("0.40", "0.40"),
        (Decimal("0.40"), "0.40"),
        (Decimal("1E+2"), "1e2"),
        (Fraction(1, 3), "1/3"),
        (Fraction(2), "2"),
        (np.float64(0.1), "0.1"),
        (np.float32(0.1), "0.1"),
        (np.int64(-4), "-4"),
        (Number("0.50"), "0.50"),
    ],
)
def test_numbers_of_every_kind(value: Any, number: str) -> None:
    assert str(build(inputs=[value, 1]).samples[0].inputs["x1"]) == number


def test_arrays() -> None:
    weights = np.array([[0.4, 0.5], [0.45, 0.55]], dtype=np.float32)
    problem = build(layers=[LAYERS[0], Dense(np.int64(2), "sigmoid", weights, np.zeros(2))])  # type: ignore[arg-type]
    assert [str(w.value) for w in problem.weights[4:]] == ["0.4", "0.5", "0.45", "0.55"]
    assert [str(b.value) for b in problem.biases[2:]] == ["0.0", "0.0"]


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (True, "true"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (np.float32("nan"), "nan"),
        (np.True_, "true"),
    ],
)
def test_what_is_not_a_number(value: Any, given: str) -> None:
    with pytest.raises(ProblemError) as caught:
        build(inputs=[0.05, value])
    assert str(caught.value) == (
        f"network.inputs[2]: not a number; given {given}; expected a number such as 0.40, -2, 1e-3 or 1/3. "
        "(Items are counted from 1.)"
    )


@pytest.mark.parametrize("value", [1j, np.complex128(1j), object(), {1}, b"1", lambda: 1])
def test_objects_that_no_problem_can_hold(value: Any) -> None:
    with pytest.raises(ProblemError, match="a Python object that no problem can hold; given "):
        build(inputs=[0.05, value])


def test_a_wrong_shape_has_the_same_text_as_in_a_file() -> None:
    with pytest.raises(ProblemError) as caught:
        build(layers=[LAYERS[0], Dense(2, "sigmoid", weights=[[1, 2]])])
    assert str(caught.value) == (
        "network.layers[2].weights: the weights of layer output have the wrong shape; given 1 x 2; "
        "expected 2 x 2 "
        "(one row for each unit of layer output, one column for each unit of layer hidden). "
        "(Items are counted from 1.)"
    )


def test_a_misspelt_argument() -> None:
    with pytest.raises(ProblemError, match=r"^network\.epohcs: unknown field; .* Did you mean epochs\?$"):
        build(epohcs=3)


def test_the_other_fields() -> None:
    problem = build(
        epochs=3,
        frozen=["b*"],
        rounding={"digits": 3, "kind": "places"},
        notation={"names": {"loss": Name("E", ("total",)), "w1_1_1": "w_1"}},
        name="mine",
    )
    assert problem.epochs == 3
    assert problem.frozen == {"b1_1", "b1_2", "b2_1", "b2_2"}
    assert problem.rounding.default.digits == 3
    assert problem.notation.names == {"loss": Name("E", ("total",)), "w1_1_1": Name("w", ("1",))}
    assert problem.name == "mine"


def test_a_batch_of_pairs() -> None:
    problem = build(
        inputs=None, targets=None, samples=[([0, 1], [1, 0]), {"x1": 1, "x2": 0, "o1": 0, "o2": 1}][:1]
    )
    assert problem.samples[0].targets == {"o1": Number("1"), "o2": Number("0")}


def test_endless_and_huge_things() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ProblemError, match="nested too deeply"):
        build(inputs=endless)
    with pytest.raises(ProblemError, match="too large a number"):
        build(inputs=[10**5000, 1])
    with pytest.raises(ProblemError, match=r"^a field name is not a text; given 1; expected text$"):
        problem_from_mapping({1: 2})  # type: ignore[dict-item]
    with pytest.raises(
        ProblemError, match=r"^not a mapping; given list; expected the fields of a problem file$"
    ):
        problem_from_mapping([])  # type: ignore[arg-type]
