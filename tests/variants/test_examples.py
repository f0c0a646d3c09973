"""Every built-in example varies by itself, and every variant is the solved problem of its numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from symbackprop.derivation.solving import CERTIFIED_EPOCHS, derive
from symbackprop.formulas.terms import Number
from symbackprop.solution import Solution, solve
from symbackprop.spec import example_names, load_problem
from symbackprop.spec.choosing import exact
from symbackprop.spec.figures import figures
from symbackprop.variants import Variant, Variation, summary, variation_of
from symbackprop.variants.draws import Places, Single

from .solved import assert_same

STUDENTS = ("4711", "李", "Łukasz")

#: What stays in the examples, and why: conventions, structure, and whole truth tables.
STAYING = {
    "or-gate": ["target.o1"],  # bits change places, so that the gate stays what it is
    "or-gate-full": ["target.o1"],
    "tables": ["target.o1"],
    "xor": [
        *(f"{unit}#{sample}" for sample in range(1, 5) for unit in ("x1", "x2", "target.o1")),
        *("bh1", "bh2", "bh3", "bh4", "bo"),  # biases that all start at 0
    ],
    "two-maps": ["b1_1", "b1_2"],
    "dropout": [*(f"d1_mask_{unit}#{sample}" for sample in (1, 2) for unit in range(1, 5)), "b2"],
    # the tokens, and the matrix of halves and zeros that takes their mean
    "embedding": ["x1", "x2", "x3", *(f"w1_{row}_{column}" for row in (1, 2) for column in range(1, 7))],
    "elman-rnn": ["h0"],
    "char-rnn": ["h0_1", "h0_2"],
    "gru": ["h0_1", "h0_2"],
    "lstm": ["h0", "c0"],
}


@cache
def variation(name: str) -> Variation:
    return variation_of(load_problem(name))


@cache
def variant(name: str, student: str) -> Variant:
    return variation(name).draw(2026, student)


@pytest.mark.parametrize("name", example_names())
def test_what_varies_and_what_stays(name: str) -> None:
    problem = load_problem(name)
    (structure,) = variation(name).structures
    rates = {"learning_rate", "schedule.start"}
    expected = [f.key for f in figures(problem) if f.key not in {*STAYING.get(name, ()), *rates}]
    assert sorted(key for key in structure.plan.keys if not key.startswith("delta.")) == sorted(expected)
    for student in STUDENTS:
        drawn = variant(name, student)
        now = {figure.key: figure.number for figure in figures(drawn.problem)}
        for figure in figures(problem):
            if figure.key not in expected:
                assert now[figure.key] == figure.number
            else:
                assert now[figure.key] == drawn.numbers[figure.key]
                assert type(now[figure.key]) is Number
        assert drawn.problem.vary is None
        assert drawn.graph.problem.samples == drawn.problem.samples


@pytest.mark.parametrize("name", example_names())
def test_every_number_is_one_of_its_pool(name: str) -> None:
    (structure,) = variation(name).structures
    for student in STUDENTS:
        numbers = variant(name, student).numbers
        for draw in structure.plan.draws:
            if isinstance(draw, Single):
                assert all(draw.pool.holds(numbers[key]) for key in draw.places)
            if isinstance(draw, Places):
                for row in draw.rows:
                    was = sorted(str(draw.numbers[key]) for key in row)
                    assert sorted(str(numbers[key]) for key in row) == was


@pytest.mark.parametrize("name", example_names())
def test_a_variant_is_the_solved_problem_of_its_numbers(name: str) -> None:
    for student in STUDENTS:
        drawn = variant(name, student)
        graph, ledger = derive(drawn.problem)
        assert_same(drawn.ledger, ledger)
        assert graph.operations == drawn.graph.operations
    long = drawn.problem.epochs > CERTIFIED_EPOCHS  # then the ledger holds the first update alone
    problem = replace(drawn.problem, epochs=1) if long else drawn.problem
    sheet = Solution(problem, replace(drawn.graph, problem=problem), drawn.ledger)
    assert sheet.to_text() == solve(problem).to_text()
    assert sheet.to_json() == solve(problem).to_json()


@pytest.mark.parametrize("name", example_names())
def test_students_have_different_numbers(name: str) -> None:
    found = [variant(name, student) for student in STUDENTS]
    assert len({tuple(map(str, each.numbers.values())) for each in found}) == len(STUDENTS)
    counts = summary(found)
    assert (counts.variants, counts.repeated) == (len(STUDENTS), 0)
    assert counts.attempts == counts.variants + sum(counts.rejected.values())


@pytest.mark.parametrize("name", example_names())
def test_no_weight_equals_another_one_of_its_matrix_by_accident(name: str) -> None:
    """Where the grid has numbers enough, and not where they are equal in the example."""
    (structure,) = variation(name).structures
    groups: dict[str, list[Single]] = {}
    for draw in structure.plan.draws:
        if isinstance(draw, Single) and draw.group:
            groups.setdefault(draw.group, []).append(draw)
    for student in STUDENTS:
        numbers = variant(name, student).numbers
        for group in groups.values():
            for index, draw in enumerate(group):
                for other in group[:index]:
                    one, two = draw.places[0], other.places[0]
                    if exact(numbers[one]) == exact(numbers[two]):
                        own = structure.plan.figures
                        assert exact(own[one].number) == exact(own[two].number)


def test_the_examples_that_have_room_have_all_weights_different() -> None:
    for name in ("two-output-sigmoid", "shared-bias", "adam"):
        for student in STUDENTS:
            drawn = variant(name, student)
            weights = [exact(f.number) for f in figures(drawn.problem) if f.role == "weights"]
            assert len(set(weights)) == len(weights)
