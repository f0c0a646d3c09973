"""Activations and losses as authors write them: settings, names, constants, classes, and Python's own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy

from symbackprop import CustomLoss, Dense, Function, Problem, solve
from symbackprop.errors import ProblemError, SymbackpropError


def built(
    activation: Any = "identity", loss: Any = "squared_error", targets: Any = ("1", "0"), **rest: Any
) -> Any:
    layers = [Dense(2, activation, weights=[["0.5"], ["-0.25"]])]
    return Problem(title="Functions", inputs=["2"], targets=targets, layers=layers, loss=loss, **rest)


@pytest.mark.parametrize(
    ("constant", "loss"),
    [
        ("1", "1/2"),
        ("1/2", "1/4"),
        ("1/K", "1/4"),
        ("3", "3/2"),
        ("1/(2K)", "1/8"),
        ("0.7", "0.35"),
        ("1/N", "1/2"),
    ],
)
def test_constants_before_a_loss(constant: str, loss: str) -> None:
    """With outputs 1 and -1/2, targets 3/2 and 0: squares of 1/2 and 1/2, so 1/2 in all."""
    solution = solve(built(loss={"kind": "squared_error", "constant": constant}, targets=["3/2", "0"]))
    assert solution["loss"].exact == Fraction(loss)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [("mae", "mean_absolute_error"), ("nll", "negative_log_likelihood"), ("kl", "kl_divergence")],
)
def test_other_names_of_losses(name: str, canonical: str) -> None:
    assert built(loss=name).loss.kind == canonical


def test_gelu_has_two_forms() -> None:
    names = [
        built({"name": "gelu", "approximate": how}).layers[1].activation.name for how in ("none", "tanh")
    ]
    assert names == ["gelu", "gelu_tanh"]


def test_a_class_as_target() -> None:
    problem = built(loss="cross_entropy_with_logits", targets={"class": 2})
    assert {unit: str(number) for unit, number in problem.samples[0].targets.items()} == {
        "o1": "0",
        "o2": "1",
    }
    for wrong in ("0", "3", "1.5"):
        with pytest.raises(
            ProblemError, match=r"no class of this number.*expected a whole number from 1 to 2"
        ):
            built(targets={"class": wrong})


def test_functions_of_ones_own_from_sympy() -> None:
    z, t, o = sympy.symbols("z t o")
    function = Function("f", sympy.Piecewise((sympy.log(1 + z), z > 0), (-sympy.Abs(z) / 2, True)))
    loss = CustomLoss(sympy.Max(0, 1 - t * o) + (t - o) ** 2 / 4, name="mixed error", constant="1/2")
    solution = solve(built(function, loss))
    assert abs(float(solution["act.o1"]) - 0.6931471805599453) < 1e-15
    assert solution["act.o2"].exact == Fraction(-1, 4)
    assert solution["dact_dnet.o1"].exact == Fraction(1, 2)
    assert solution["dE_dact.o2"].exact == Fraction(1, 2) * Fraction(
        -1, 8
    )  # (o - t)/2 of -1/4; no hinge at t = 0
    assert "mixed error" in solution.to_text()


def test_functions_of_ones_own_with_the_courses_derivative() -> None:
    shown = solve(built(Function("f", "1/(1 + exp(-z))", "a*(1 - a)")))["dact_dnet.o1"]
    assert "a" not in shown.uses and shown.uses == ("act.o1",)
    with pytest.raises(ProblemError, match="not the derivative of the expression"):
        built(Function("f", "1/(1 + exp(-z))", "a*(1 - 2*a)"))


@pytest.mark.parametrize(
    ("loss", "targets", "text"),
    [
        ("cross_entropy", ["1", "0"], r"^error\.o1: act\.o1 is 0: ln of 0, which is not above zero"),
        ("kl_divergence", ["1", "0"], r"^error\.o1: act\.o1 is 0: division by zero"),
        ("binary_cross_entropy", ["1", "0"], r"^error\.o1: act\.o1 is 0: ln of 0, which is not above zero"),
    ],
)
def test_logarithms_of_zero_name_unit_and_value(loss: str, targets: list[str], text: str) -> None:
    problem = Problem(
        title="Zero",
        inputs=["-1"],
        targets=targets,
        layers=[Dense(2, "relu", weights=[["1"], ["1"]])],
        loss=loss,
    )
    with pytest.raises(SymbackpropError, match=text):
        solve(problem)


def test_kinks_are_said_where_a_unit_sits_on_one() -> None:
    for weight, expected in (("0", True), ("1", False)):
        problem = Problem(
            title="Kink",
            inputs=["1"],
            targets=["1"],
            layers=[
                Dense(1, {"name": "relu", "kink": "1/2"}, weights=[[weight]]),
                Dense(1, "identity", weights=[["2"]]),
            ],
        )
        text = solve(problem).to_text()
        assert "the one from the left plus 1/2 times the difference" in " ".join(text.split())
        assert ("That is the case here for" in " ".join(text.split())) == expected
