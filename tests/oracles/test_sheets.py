"""Sheets of random problems: every format can be made, and prints the ledger's numbers and no others."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from symbackprop import Solution, read_problem, solve
from symbackprop.formulas.terms import Number
from symbackprop.notation.notation import NotationChoice
from symbackprop.notation.presets import PRESETS
from symbackprop.spec import example_names, example_path, load_problem

from .networks import FORMS, Net, any_net

LONG_NUMBER = re.compile(r"(?<![\d.])\d+\.\d{3,}(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")


def printed(number: Number) -> str:
    """Return the magnitude of a number as plain text prints it."""
    text = number.magnitude.text
    if number.exponent is None:
        return text
    return f"{text} × 10" + str(number.exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def assert_numbers_of_the_ledger(solved: Solution) -> int:
    """Assert that each long number of the sheet is one that the ledger shows; return how many there are."""
    text = solved.to_text()
    known = {printed(step.ledger.shown(step.key)) for step in map(solved.__getitem__, _known(solved))}
    known |= {printed(solved.ledger.shown_again(key)) for key in solved.problem.rounding.again}
    found = LONG_NUMBER.findall(text)
    for number in found:
        assert number in known, number
    return len(found)


def _known(solved: Solution) -> list[str]:
    return [key for key in solved.keys() if solved.ledger.known(key)]  # noqa: SIM118


@pytest.mark.parametrize("name", [name for name in example_names() if name != "xor"])
def test_numbers_of_the_examples(name: str) -> None:
    short = name == "computation-graph"  # whose numbers are short
    assert short or assert_numbers_of_the_ledger(solve(name)) > 10


@pytest.mark.parametrize("ten", range(6))
def test_sheets_of_random_networks(ten: int) -> None:
    for seed in range(10 * ten, 10 * ten + 10):
        solved = solve(any_net(seed).problem())
        assert_numbers_of_the_ledger(solved)
        assert solved.to_latex().startswith("\\documentclass") or "\\documentclass" in solved.to_latex()
        assert solved.to_typst()


@pytest.mark.parametrize("form", FORMS)
def test_units_that_feed_units_of_their_own_layer(form: str) -> None:
    net = Net(
        layers=(("x1",), ("h1", "h2"), ("o1", "o2")),
        activations=(("tanh", ()), ("sigmoid", ())),
        weights=(
            ("w1", "x1", "h2", "0.5"), ("w2", "h2", "h1", "-0.7"), ("w3", "h1", "o2", "0.3"),
            ("w4", "o2", "o1", "1.5"), ("w5", "x1", "o1", "0.2"),
        ),
        biases=(),
        samples=((("0.4",), ("1", "0")),),
        form=form,
    )  # fmt: skip
    assert assert_numbers_of_the_ledger(solve(net.problem())) > 10


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", ["or-gate", "or-gate-full", "shared-bias"])
def test_examples_in_every_notation(name: str, preset: str) -> None:
    """Also where there is no learning rate, and so no step."""
    solved = solve(replace(load_problem(name), notation=NotationChoice(preset)))
    assert assert_numbers_of_the_ledger(solved) > 10


def test_unknown_parameters_and_a_learning_rate() -> None:
    """Steps of parameters whose own value is not given are known, their new values are not."""
    text = example_path("or-gate").read_text(encoding="utf-8")
    assert text.count("learning_rate: null") == 1
    solved = solve(read_problem(text.replace("learning_rate: null", "learning_rate: 0.5")))
    assert solved["step.w1"].shown == "0.000"
    assert not solved.ledger.known("new.w1")
    assert solved["new.w5"].shown == "0.052"
    assert assert_numbers_of_the_ledger(solved) > 10
