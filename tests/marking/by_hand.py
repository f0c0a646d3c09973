"""A 2-2-1 sigmoid network worked by plain Python, answer by answer, as a student works."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import exp

from symbackprop import problem_from_mapping
from symbackprop.marking.paper import Paper, Question, solved
from symbackprop.spec.problem import Problem

X1, X2, T = 0.5, 0.8, 1.0
W = {"w1_1_1": 0.3, "w1_1_2": -0.6, "w1_2_1": 0.45, "w1_2_2": 0.71, "w2_1_1": 0.9, "w2_1_2": -0.35}
B = {"b1_1": 0.15, "b1_2": -0.2, "b2_1": 0.4}
RATE = 0.5

Values = Mapping[str, float]
#: Each quantity as a student computes it from the ones before, in the order of the sheet.
STEPS: dict[str, Callable[[Values], float]] = {
    "net.h1": lambda v: X1 * W["w1_1_1"] + X2 * W["w1_1_2"] + B["b1_1"],
    "act.h1": lambda v: sigmoid(v["net.h1"]),
    "net.h2": lambda v: X1 * W["w1_2_1"] + X2 * W["w1_2_2"] + B["b1_2"],
    "act.h2": lambda v: sigmoid(v["net.h2"]),
    "net.o1": lambda v: v["act.h1"] * W["w2_1_1"] + v["act.h2"] * W["w2_1_2"] + B["b2_1"],
    "act.o1": lambda v: sigmoid(v["net.o1"]),
    "loss": lambda v: (T - v["act.o1"]) ** 2 / 2,
    "dE_dnet.o1": lambda v: (v["act.o1"] - T) * v["act.o1"] * (1 - v["act.o1"]),
    "grad.w2_1_1": lambda v: v["dE_dnet.o1"] * v["act.h1"],
    "new.w2_1_1": lambda v: W["w2_1_1"] - RATE * v["grad.w2_1_1"],
    "dE_dnet.h1": lambda v: v["dE_dnet.o1"] * W["w2_1_1"] * v["act.h1"] * (1 - v["act.h1"]),
    "grad.w1_1_2": lambda v: v["dE_dnet.h1"] * X2,
    "new.w1_1_2": lambda v: W["w1_1_2"] - RATE * v["grad.w1_1_2"],
}
KEYS = tuple(STEPS)


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


def problem(digits: int = 4, kind: str = "places", **changes: object) -> Problem:
    return problem_from_mapping(
        {
            "title": "Two hidden units",
            "network": {
                "inputs": [X1, X2],
                "targets": [T],
                "layers": [
                    {
                        "units": 2,
                        "activation": "sigmoid",
                        "weights": [[W["w1_1_1"], W["w1_1_2"]], [W["w1_2_1"], W["w1_2_2"]]],
                        "biases": [B["b1_1"], B["b1_2"]],
                    },
                    {
                        "units": 1,
                        "activation": "sigmoid",
                        "weights": [[W["w2_1_1"], W["w2_1_2"]]],
                        "biases": [B["b2_1"]],
                    },
                ],
                "loss": "half_squared_error",
                "learning_rate": RATE,
            },
            "rounding": {
                "kind": kind,
                "digits": digits,
                "mode": "half_up",
                "zeros": "keep",
                "scientific_below": None,
                **changes,
            },
        }
    )


def paper(keys: Sequence[str] = KEYS, digits: int = 4, **changes: object) -> Paper:
    """Return a paper that asks for the quantities, numbered from 1, a point each."""
    questions = tuple(Question(str(number), key, Fraction(1)) for number, key in enumerate(keys, 1))
    return Paper("s1", "Ada", "K7Q2", (solved(problem(digits, **changes)),), questions)


def work(
    slips: Mapping[str, Callable[[float], float]] | None = None,
    *,
    rounding: int | None = None,
    steps: Mapping[str, Callable[[Values], float]] = STEPS,
) -> dict[str, float]:
    """Return what a student gets who makes slips and carries on with what comes out.

    rounding: how many places each result has that is carried on; None: carried unrounded.
    """
    values: dict[str, float] = {}
    for key, step in steps.items():
        value = step(values)
        if slips and key in slips:
            value = slips[key](value)
        values[key] = value if rounding is None else float(f"{value:.{rounding}f}")
    return values


def written(values: Values, digits: int = 4) -> dict[str, str]:
    return {key: f"{value:.{digits}f}" for key, value in values.items()}
