"""A ledger that is given other numbers is the ledger of the problem with these numbers, key by key."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.solving import complete, derive
from symbackprop.formulas.terms import Number
from symbackprop.spec import Problem, example_names, load_problem, problem_from_mapping
from symbackprop.spec.figures import figures
from symbackprop.variants.substitution import with_numbers

from .solved import assert_same


def scaled(problem: Problem, factor: str) -> dict[str, Number]:
    """Every parameter and every input that is no whole number, times a factor."""
    changed = {}
    for figure in figures(problem):
        value = Decimal(str(figure.number)) if "/" not in figure.number.text else Decimal(1)
        if figure.role in ("weights", "biases", "inputs") and not figure.wired and value % 1:
            changed[figure.key] = Number(format(value * Decimal(factor), "f"))
    return changed


def both(problem: Problem, numbers: dict[str, Number]) -> tuple[Any, Ledger, Any, Ledger]:
    graph, ledger = derive(problem)
    changed = with_numbers(problem, numbers)
    fresh_graph, fresh = derive(changed)
    return replace(graph, problem=fresh_graph.problem), ledger.revalued(numbers), fresh_graph, fresh


@pytest.mark.parametrize("carry", ["exact", "shown"])
@pytest.mark.parametrize("name", example_names())
def test_every_example_with_other_numbers(name: str, carry: str) -> None:
    problem = load_problem(name)
    problem = replace(problem, rounding=replace(problem.rounding, carry=carry))  # type: ignore[arg-type]
    graph, found, fresh_graph, fresh = both(problem, scaled(problem, "0.9"))
    assert_same(found, fresh)
    complete(graph, found)
    complete(fresh_graph, fresh)
    assert_same(found, fresh)


@pytest.mark.parametrize("form", ["chain", "components", "delta", "delta_rule", "tables", "matrix"])
@pytest.mark.parametrize("carry", ["exact", "shown"])
def test_every_form(form: str, carry: str) -> None:
    """Also with a derivative by an input, which the delta rule states anew over deltas added since."""
    problem = problem_from_mapping(
        {
            "network": {
                "inputs": ["0.5", "-0.3"],
                "targets": ["0.1", "0.8"],
                "layers": [
                    {
                        "units": 2,
                        "activation": "sigmoid",
                        "weights": [["0.1", "0.2"], ["0.3", "0.4"]],
                        "biases": "0.2",
                    },
                    {"units": 2, "activation": "tanh", "weights": [["0.5", "-0.6"], ["0.7", "0.8"]]},
                ],
                "learning_rate": "0.5",
                "wrt": [] if form == "matrix" else ["x1"],
            },
            "epochs": 2,
            "notation": {"form": form},
            "rounding": {"digits": 4, "kind": "places", "carry": carry},
        }
    )
    graph, found, fresh_graph, fresh = both(problem, scaled(problem, "0.7"))
    assert_same(found, fresh)
    complete(graph, found)
    complete(fresh_graph, fresh)
    assert_same(found, fresh)
    again = found.revalued({})  # and once more from what is complete
    assert_same(again, fresh)


def one_unit(weight: str, activation: str = "relu") -> Problem:
    return problem_from_mapping(
        {
            "network": {
                "inputs": ["1", "1"],
                "targets": ["0.5"],
                "layers": [
                    {"units": 2, "activation": "sigmoid", "weights": [["0.3", "0.4"], ["0.4", weight]]},
                    {"units": 1, "activation": activation, "weights": [["1", "-1"]]},
                ],
                "learning_rate": "0.1",
            },
        }
    )


def test_what_was_proved_of_a_value_is_not_carried_over() -> None:
    """The hidden units are equal, so that the output's net input is 0: SymPy proves it, for these numbers."""
    _, ledger = derive(one_unit("0.3"))
    assert ledger.exact("net.o1") == "0"
    assert ledger.bits > 128
    found = ledger.revalued({"w1_2_2": Number("0.2")})
    assert found.exact("net.o1") is None
    assert found.bits == 128
    assert_same(found, derive(one_unit("0.2"))[1])
    assert_same(ledger.revalued({}), ledger)
    assert_same(found.revalued({"w1_2_2": Number("0.3")}), ledger)


def test_the_ledger_that_is_revalued_stays_as_it_is() -> None:
    problem = load_problem("shared-bias")
    graph, ledger = derive(problem)
    before = {key: str(ledger.shown(key)) for key in ledger}
    other = ledger.revalued({"w1": Number("0.9")})
    complete(replace(graph, problem=with_numbers(problem, {"w1": Number("0.9")})), other)
    assert {key: str(ledger.shown(key)) for key in ledger} == before
    assert "delta.h1" in other and "delta.h1" not in ledger
    assert not ledger.completed


def test_drawn_numbers_are_shown_as_they_are_written_once_they_are_given() -> None:
    _, ledger = derive(load_problem("xor"))
    assert str(ledger.shown("w11")) == "1.76405"  # of 1.764052345967664, drawn from a seed
    assert str(ledger.revalued({"w11": Number("0.25")}).shown("w11")) == "0.25"
    assert str(ledger.revalued({"w12": Number("0.25")}).shown("w11")) == "1.76405"
