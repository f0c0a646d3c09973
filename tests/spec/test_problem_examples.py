"""The built-in examples and the starter file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symbackprop.notation.presets import notation_of
from symbackprop.numbers.rounding import Rounding
from symbackprop.spec import (
    example_names,
    example_path,
    example_summaries,
    load_problem,
    read_problem,
    starter_text,
)
from symbackprop.spec.problem import Loss


@pytest.mark.parametrize("name", example_names())
def test_each_example_loads_and_says_what_it_shows(name: str) -> None:
    problem = load_problem(name)
    assert problem.name == name
    assert 10 <= len(problem.title) <= 60
    assert 2 <= problem.introduction.count(". ") + 1 <= 4
    assert 20 <= len(example_summaries()[name]) <= 110
    notation_of(problem.notation)


@pytest.mark.parametrize("name", ["two-output-sigmoid", "shared-bias", "or-gate", "delta-rule", "xor"])
def test_the_articles_examples_print_every_name_as_the_article_does(name: str) -> None:
    problem = load_problem(name)
    names = problem.notation.names
    assert set(problem.inputs) | {p.name for p in problem.parameters} | {"loss"} <= set(names)
    assert {f"net.{unit}" for layer in problem.layers[1:] for unit in layer.units} <= set(names)


def test_every_example_file_is_listed() -> None:
    assert sorted(example_names()) == sorted(p.stem for p in Path(example_path("xor")).parent.glob("*.yaml"))
    with pytest.raises(KeyError):
        example_path("nothing")


def test_two_output_rounding() -> None:
    policy = load_problem("two-output-sigmoid").rounding
    assert policy.carry == "shown"
    assert policy.of("net.o2") == Rounding(9, "places", "truncate", 10, "drop", None, None)
    assert policy.of("new.b4") == Rounding(11, "places", "truncate", None, "drop", None, None)
    assert policy.of("grad.w2").exponent == -4
    assert policy.of("loss~4") == Rounding(4, "places", "half_even", None, "drop", None, None)
    assert set(policy.again) == {"loss~4", "loss@1~4"}


def test_shared_bias_rounding() -> None:
    problem = load_problem("shared-bias")
    assert problem.rounding.carry == "exact"
    assert problem.rounding.of("act.h1") == Rounding(5, "places", "truncate", None, "keep", None, None)
    assert problem.frozen == {"b1", "b2"}


def test_or_gate_rounding() -> None:
    problem = load_problem("or-gate")
    of = problem.rounding.of
    assert problem.rounding.carry == "shown"
    assert of("grad.w5") == Rounding(3, "places", "half_even", None, "keep", None, None)
    assert [of(key).digits for key in ("loss", "grad.w4", "grad.b1", "grad.b2", "grad.b3")] == [6, 5, 5, 5, 3]
    assert {unit: str(value) for unit, value in problem.given.items()} == {
        "h1": "0.69",
        "h2": "0.71",
        "o1": "0.512",
    }
    assert problem.notation.options["form"] == "delta"


def test_delta_rule_rounding() -> None:
    policy = load_problem("delta-rule").rounding
    assert policy.of("new.w11") == Rounding(6, "places", "half_even", None, "keep", None, None)
    digits = {"act.h1": 2, "act.h1~sub": 2, "residual.o1": 2, "delta.o1": 4, "delta.h2": 5, "net.o1": 3}
    assert {key: policy.of(key).digits for key in digits} == digits
    assert policy.of("net.h1").zeros == "drop"
    assert policy.carry == "shown"


def test_xor_training() -> None:
    problem = load_problem("xor")
    assert problem.loss == Loss("half_squared_error", "sum")
    assert problem.reported_loss == Loss("mean_squared_error", "mean")
    assert (problem.epochs, problem.report_every, len(problem.samples)) == (10000, 1000, 4)
    assert problem.rounding.default == Rounding(6, "significant")


def test_the_starter_file_loads_and_so_do_its_alternatives() -> None:
    problem = read_problem(starter_text(), "starter.yaml")
    assert problem.units == ("x1", "x2", "h1", "h2", "o1")
    assert [p.name for p in problem.parameters][:2] == ["w1_1_1", "w1_1_2"]
    text = starter_text()
    for field in ("epochs", "report_every", "frozen"):
        text = re.sub(rf"^# ({field}: )", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^  # (roles|names): ", r"  \1: ", text, flags=re.MULTILINE)
    changed = read_problem(text, "starter.yaml")
    assert (changed.epochs, changed.report_every) == (10, 2)
    assert changed.frozen == {"b1_1", "b1_2", "b2_1"}
    assert changed.rounding.of("act.h1").digits == 2
    assert str(changed.notation.names["w1_1_1"]) == "w_1,1"
