"""The wall that users see: every oracle agrees on right numbers, and each one catches a wrong derivative."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from symbackprop import Dense, Problem, check, solve
from symbackprop.command_line import app
from symbackprop.formulas.terms import Number, Product
from symbackprop.numbers.functions import FUNCTIONS
from symbackprop.oracles import ORACLES, Report
from symbackprop.oracles.complex_step import FUNCTIONS as NUMPY_FUNCTIONS
from symbackprop.oracles.precise import FUNCTIONS as PRECISE_FUNCTIONS
from symbackprop.oracles.precise import MP
from symbackprop.oracles.program import forward_program
from symbackprop.rules import ACTIVATIONS, LOSSES

NEEDS = {"torch": "torch", "torch-layers": "torch", "jax": "jax"}
HERE = [
    oracle.name
    for oracle in ORACLES
    if oracle.name not in NEEDS or importlib.util.find_spec(NEEDS[oracle.name]) is not None
]


def network(activation: Any = "sigmoid", loss: Any = "half_squared_error", **fields: Any) -> Any:
    fields = {"inputs": [0.05, 0.10], "targets": [0.01, 0.99], "learning_rate": 0.5, **fields}
    return Problem(
        title="A network",
        layers=[
            Dense(2, activation, weights=[[0.15, 0.25], [0.20, 0.30]], biases=[0.40, 0.35]),
            Dense(2, "sigmoid", weights=[[0.40, 0.50], [0.45, 0.55]], biases=0.25),
        ],
        loss=loss,
        **fields,
    )


def asked(report: Report) -> list[str]:
    return [comparison.oracle for comparison in report.comparisons if comparison.verdict != "skipped"]


# --- agreement -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two-output-sigmoid", "shared-bias", "or-gate", "delta-rule", "xor"])
def test_examples_agree(name: str) -> None:
    report = check(name)
    assert report.agrees
    assert not [comparison for comparison in report.comparisons if comparison.verdict == "disagrees"]
    assert {"sympy", "differences", "numpy"} <= set(asked(report))


def test_everything_that_is_installed_is_asked() -> None:
    report = check(network())
    assert asked(report) == [*HERE, "updates"]
    assert report["sympy"].compared == 1 + 11
    assert report["differences"].compared == 1 + 11 + 4 + 4  # and by net inputs and activations
    assert report["updates"].compared == 11
    with pytest.raises(KeyError, match="no oracle 'r'; there are sympy, differences"):
        report["r"]


def test_later_passes_are_compared_too() -> None:
    """Ten epochs: the first two passes and the last that has gradients."""
    assert check("two-output-sigmoid")["sympy"].compared == 3 * (1 + 12)


def test_given_activations_let_derivatives_through() -> None:
    """The derivative by a weight before a given activation, from mpmath: a slope at the given value."""
    solution = solve("or-gate")
    program = forward_program(solution.graph, solution.ledger)
    from symbackprop.oracles.differences import ask_differences

    found = ask_differences(program)
    before = [name for name in found if name.startswith("grad.")]
    assert set(before) == {f"grad.{parameter.name}" for parameter in solution.problem.parameters}
    for name in before:
        assert abs(found[name] - MP.mpf(solution[name].digits(40))) < MP.mpf("1e-38")


# --- disagreement ----------------------------------------------------------------------------


def broken_sigmoid(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = ACTIVATIONS["sigmoid"]
    assert rule.course is not None
    right = rule.course

    def wrong(settings: Any) -> Any:
        return Product((Number("1.000000001"), right(settings)))

    monkeypatch.setitem(ACTIVATIONS, "sigmoid", replace(rule, course=wrong))  # type: ignore[index]


def test_every_oracle_catches_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    broken_sigmoid(monkeypatch)
    report = check(network())
    assert not report.agrees
    assert [report[name].verdict for name in HERE] == ["disagrees"] * len(HERE)
    for name in HERE:
        assert report[name].worst == pytest.approx(2e-9, rel=0.01)  # two layers of it
        assert report[name].quantity.startswith(("grad.", "dE_"))
    assert "DISAGREES: sympy, differences, numpy" in str(report)


def test_a_wrong_derivative_is_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["check", "or-gate-full"]).exit_code == 0
    broken_sigmoid(monkeypatch)
    result = CliRunner().invoke(app, ["check", "or-gate-full"])
    assert result.exit_code == 1
    assert "disagrees" in result.stdout


def test_a_wrong_loss_derivative_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = LOSSES["half_squared_error"]
    monkeypatch.setitem(
        LOSSES,  # type: ignore[arg-type]
        "half_squared_error",
        replace(rule, course=LOSSES["squared_error"].course),
    )
    report = check(network())
    assert [report[name].verdict for name in HERE] == ["disagrees"] * len(HERE)
    assert report["sympy"].worst == pytest.approx(0.5)  # half of the doubled one


def test_a_wrong_statement_is_seen_by_what_reads_the_problem_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consistently wrong: value and derivative fit each other, but it is not the function of that name."""
    if "torch-layers" not in HERE:
        pytest.skip("PyTorch is not installed")
    rule = ACTIVATIONS["tanh"]
    monkeypatch.setitem(
        ACTIVATIONS,  # type: ignore[arg-type]
        "tanh",
        replace(rule, forward=ACTIVATIONS["sigmoid"].forward, course=ACTIVATIONS["sigmoid"].course),
    )
    report = check(network("tanh"))
    verdicts = {name: report[name].verdict for name in HERE}
    assert verdicts.pop("torch-layers") == verdicts.pop("matrices") == "disagrees"
    assert set(verdicts.values()) == {"agrees"}


def test_a_wrong_update_is_seen() -> None:
    solution = solve(network())
    solution.ledger.formulas["new.w1_1_1"] = Number("0.1")
    solution.ledger._reals["new.w1_1_1"] = solution.ledger._reals["w1_1_1"]
    report = check(solution)
    assert report["updates"].verdict == "disagrees"
    assert report["updates"].disagreements == ("new.w1_1_1",)
    assert not report.agrees


# --- where there is nothing to compare -----------------------------------------------------------


def test_a_kink_is_left_out_and_said() -> None:
    """z = 0.5 * 0.25 - 0.125 = 0 in the first unit: what lies before it has no derivative."""
    problem = Problem(
        title="A kink",
        inputs=[0.25],
        targets=[1],
        layers=[
            Dense(2, "relu", weights=[[0.5], [1]], biases=[-0.125, 0.25]),
            Dense(1, "identity", weights=[[2, 0.5]]),
        ],
    )
    report = check(problem)
    assert report.agrees
    assert report["sympy"].compared == 1 + 4  # the loss, and the parameters that do not pass the kink
    assert report["sympy"].note == "2 left out: a kink or a step, where only a convention holds"
    assert report["differences"].note.startswith("3 left out")  # and net.h1


def test_a_large_composed_loss_is_skipped_with_its_limit() -> None:
    layers = [Dense(4, "sigmoid", weights=[[0.1, 0.2, 0.3, 0.4]] * 4, biases=0.1) for _ in range(6)]
    report = check(Problem(title="Deep", inputs=[1, 2, 3, 4], targets=[0, 0, 1, 0], layers=layers))
    assert report["sympy"].verdict == "skipped"
    assert "too large: the composed loss has" in report["sympy"].note
    assert "the limit is 1500" in report["sympy"].note
    assert report.agrees


def test_saturated_units_do_not_cry_wolf() -> None:
    """1 - o at z = 30 has three digits left in a double: allowed for, and said; sixty digits still agree."""
    problem = Problem(
        title="Saturated",
        inputs=[30],
        targets=[0.5],
        layers=[Dense(1, "sigmoid", weights=[[1]])],
        loss="binary_cross_entropy",
    )
    report = check(problem)
    assert report.agrees
    assert report["differences"].worst < 1e-50
    assert report["numpy"].worst > 1e-12
    assert report["numpy"].note.endswith("within what double precision loses here")


# --- the report ------------------------------------------------------------------------------


def test_table() -> None:
    lines = check("or-gate").to_text().splitlines()
    assert lines[0] == "OR gate, backward from given activations"
    assert lines[2].split() == ["oracle", "compared", "worst", "difference", "at", "tolerance", "verdict"]
    assert lines[3].startswith("SymPy: derivative of the whole composed loss")
    assert lines[3].endswith("agrees")
    assert lines[-1].startswith("All ")


def test_json_and_exit_codes() -> None:
    result = CliRunner().invoke(app, ["check", "shared-bias", "--json"])
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["agrees"] is True
    assert [item["oracle"] for item in data["oracles"]] == [*(o.name for o in ORACLES), "updates"]
    assert data["oracles"][0]["verdict"] == "agrees"


def test_unusable_input_is_exit_2() -> None:
    import subprocess
    import sys

    result = subprocess.run(
        [sys.executable, "-m", "symbackprop", "check", "no-such-problem"], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "neither a file nor a built-in example" in result.stderr
    assert result.stdout == ""


def test_every_function_of_formulas_is_in_every_oracles_numbers() -> None:
    names = {*FUNCTIONS, "max", "min"}
    assert names <= set(PRECISE_FUNCTIONS)
    assert names <= set(NUMPY_FUNCTIONS)


# --- the matrices and the updates ------------------------------------------------------------


BATCH = {"samples": [([1, 2], [0, 1]), ([-1, "0.5"], [1, 0]), (["0.3", 0], ["1/4", "3/4"])]}


def test_each_samples_share_of_a_gradient_is_compared() -> None:
    """11 gradients, 3 shares of each, and by 4 net inputs and 4 activations of 3 samples, of 2 passes."""
    problem = network(inputs=None, targets=None, batches=[[1, 2], [3]], **BATCH)
    report = check(problem)
    assert report["matrices"].verdict == "agrees"
    assert report["matrices"].compared == 2 * (1 + 11) + 3 * 11 + 3 * 8
    whole = check(network(inputs=None, targets=None, learning_rate=None, **BATCH))
    assert whole["matrices"].compared == 1 + 11 + 3 * 11 + 3 * 8


def test_matrices_by_hand() -> None:
    """h = tanh(0.5 * 2), o = 3 h, E = (1 - o)^2 / 2: dE/dw1 = (o - 1) 3 (1 - h^2) 2."""
    from math import tanh

    from symbackprop.oracles.matrix_sweep import ask_matrices

    problem = Problem(
        title="By hand",
        inputs=[2],
        targets=[1],
        layers=[Dense(1, "tanh", weights=[["0.5"]]), Dense(1, "identity", weights=[[3]])],
    )
    solution = solve(problem)
    program = forward_program(solution.graph, solution.ledger)
    assert program is not None
    found, h = ask_matrices(program), tanh(1)
    assert found["grad.w1_1_1"] == pytest.approx((3 * h - 1) * 3 * (1 - h * h) * 2, rel=1e-14)
    assert found["grad.w2_1_1"] == pytest.approx((3 * h - 1) * h, rel=1e-14)


@pytest.mark.parametrize(
    "optimizer",
    [
        *("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adadelta"),
        {"name": "nesterov", "form": "lookahead", "rate": "inside"},
    ],
    ids=str,
)
def test_every_optimizer_is_recomputed_and_a_wrong_one_caught(
    optimizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symbackprop.rules import optimizers

    def fields() -> Any:
        rate = {"start": "0.5", "schedule": "exponential", "gamma": "0.9"}
        return network(optimizer=optimizer, epochs=3, clip={"norm": "0.01"}, learning_rate=rate)

    right = check(fields(), [])["updates"]
    assert (right.verdict, right.compared >= 3 * 11) == ("agrees", True)
    name = optimizer if isinstance(optimizer, str) else optimizer["name"]
    rule = optimizers._RULES[name]

    def wrong(settings: Any, at: Any) -> Any:
        made = rule(settings, at)
        return replace(made, step=(*made.step, Product((Number("1e-9"), at.term("gradient")))))

    monkeypatch.setitem(optimizers._RULES, name, wrong)  # type: ignore[index]
    broken = check(fields(), [])["updates"]
    assert broken.verdict == "disagrees"
    assert broken.disagreements[0].startswith("new.")


def test_a_kink_that_leads_to_another_kink_is_left_out() -> None:
    """Two ReLUs in a row at zero: by the first one's value, too, only a convention holds."""
    from symbackprop import problem_from_mapping

    layers = [
        {"type": "dense", "weights": [[0]], "activation": "relu"},
        {"type": "activation", "activation": "relu"},
        {"type": "dense", "weights": [[2]]},
    ]
    network = {"inputs": [1], "targets": [3], "layers": layers, "loss": "half_squared_error"}
    report = check(problem_from_mapping({"title": "At zero", "network": network}))
    assert report.agrees
    assert "3 left out: a kink" in report["differences"].note  # by w1, net.h1 and act.h1
