"""The Python face: steps, formats, and how a solution shows itself."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from symbackprop import Dense, Problem, SymbackpropError, load_problem, solve
from symbackprop.render.plain import plain_math
from symbackprop.spec.problem import Problem as ProblemData


def test_a_step_is_one_statement_in_every_reading() -> None:
    """What a step displays, evaluates and gives to SymPy agree; values from two_output_sigmoid.yaml."""
    step = solve("two-output-sigmoid")["grad.w5"]
    assert plain_math(step.formula) == "(ŷ₁ − y₁) · ŷ₁(1 − ŷ₁) · a_z1"
    assert plain_math(step.chain) == "∂E_total/∂ŷ₁ · ∂ŷ₁/∂z₃ · ∂z₃/∂w₅"
    assert plain_math(step.substituted) == "(0.687987956 − 0.01) × 0.687987956(1 − 0.687987956) × 0.606470487"
    assert step.shown == "0.088264048"
    assert abs(step.value - Decimal("0.08826404863138108")) < Decimal("1e-17")
    assert float(step) == pytest.approx(0.08826404863138108, rel=1e-15)
    assert step.digits(30).startswith("0.0882640486313810")
    assert step.uses == ("act.o1", "target.o1", "act.h1")
    symbols = {str(symbol) for symbol in step.sympy.free_symbols}
    assert symbols == set(step.uses)
    composed = {str(symbol) for symbol in step.composed.free_symbols}
    assert composed == {"x1", "x2", "w1", "w2", "w3", "w4", "w5", "w7", "b1", "b2", "b3", "target.o1"}


def test_a_given_quantity_is_a_step_too() -> None:
    step = solve("two-output-sigmoid")["w5"]
    assert (step.shown, step.exact, step.uses) == ("0.40", Fraction(2, 5), ())
    assert str(step) == "w₅ = 0.40"


def test_an_unknown_quantity_names_near_ones() -> None:
    with pytest.raises(KeyError, match=r"no quantity 'grad.w55'; did you mean grad.w5"):
        solve("two-output-sigmoid")["grad.w55"]


def test_quantities_that_the_form_does_not_show_are_there() -> None:
    """delta = -dE/dz, step = new - old; supplement of two_output_sigmoid.yaml."""
    solution = solve("two-output-sigmoid")
    assert str(solution["delta.h1"].value).startswith("-0.0096672909510275")
    assert str(solution["grad.w1|o2"].value).startswith("-0.00021132561379436")
    assert "residual.o2" in solution.keys()  # noqa: SIM118 - a method of its own
    assert abs(solution["step.w5"].value - (solution["new.w5"].value - Decimal("0.40"))) < Decimal("1e-16")


def test_every_problem_is_a_problem() -> None:
    built = Problem(title="t", inputs=[1], targets=[1], layers=[Dense(1, "sigmoid", weights=[[0.5]])])
    assert isinstance(built, Problem) and isinstance(built, ProblemData)
    assert isinstance(Problem.load("xor"), Problem)
    assert not isinstance("xor", Problem)


def test_a_solution_shows_itself_in_a_notebook() -> None:
    solution = solve("delta-rule")
    pages = solution._repr_html_()
    assert pages.count("<svg") == pages.count("</svg>") >= 3
    first = pages[pages.index("<svg") : pages.index("</svg>") + len("</svg>")]
    ElementTree.fromstring(first)
    latex = solution["delta.o1"]._repr_latex_()
    assert latex.startswith("$") and latex.endswith("$") and "\\delta_5 = " in latex
    assert (
        repr(solution)
        == "<Solution 'Delta rule without biases': " + f"{len(solution.ledger.formulas)} steps>"
    )
    assert repr(solution["net.h1"]).startswith("<Step net.h1: a₁ = ")


def test_every_format_can_be_written(tmp_path: Path) -> None:
    solution = solve("or-gate")
    written = solution.write(
        tmp_path / "deep" / "sheet", ["tex", "typ", "pdf", "json", "txt"], engine="typst"
    )
    assert [path.suffix for path in written] == [".tex", ".typ", ".pdf", ".json", ".txt"]
    assert json.loads((tmp_path / "deep" / "sheet.json").read_text())["title"] == solution.problem.title
    with pytest.raises(
        SymbackpropError, match="no format 'docx'; expected some of tex, pdf, typ, json, txt, numpy, torch"
    ):
        solution.write(tmp_path / "sheet", ["docx"])


def test_given_activations_keep_the_affine_formula_and_imply_their_net_input() -> None:
    """implied.net_h1 of or_gate.yaml."""
    step = solve("or-gate")["net.h1"]
    assert str(step.value).startswith("0.8001193001121131")
    assert plain_math(step.formula) == "i₁w₁ + i₂w₃ + b₂"


def test_a_training_run_that_diverges_says_so() -> None:
    problem = Problem(
        title="Too fast", inputs=[3, 2], targets=[1], learning_rate=5, epochs=500,
        layers=[Dense(2, "identity", weights=[[1, 2], [3, 4]]), Dense(1, "identity", weights=[[1, 1]])],
    )  # fmt: skip
    solution = solve(problem)
    assert "not finite" in solution.to_text()
    assert json.loads(solution.to_json())["training"]["loss"][-1] is None
    short = Problem(
        title="Too fast", inputs=[3, 2], targets=[1], learning_rate=5, epochs=20,
        layers=[Dense(2, "identity", weights=[[1, 2], [3, 4]]), Dense(1, "identity", weights=[[1, 1]])],
    )  # fmt: skip
    with pytest.raises(SymbackpropError, match=r"error\.o1@\d+: its value is beyond ten to the 300000"):
        solve(short)


def test_a_seeded_start_is_shown_rounded_and_kept_in_full() -> None:
    """initial.w11 of xor.yaml."""
    solution = solve(load_problem("xor"))
    assert solution["w11"].shown == "1.76405"
    assert str(solution["w11"].value) == "1.764052345967664"


def test_the_first_new_value_goes_by_its_number_too() -> None:
    """new.P@k is the value after k updates, and new.P the first of them."""
    solution = solve(replace(load_problem("delta-rule"), epochs=2))
    assert solution["new.w11@1"].key == "new.w11"
    values = solution.to_data()["quantities"]
    assert values["new.w11@1"] == values["new.w11"] != values["new.w11@2"]
    assert "new.w11@1" not in solve("delta-rule").to_data()["quantities"]
