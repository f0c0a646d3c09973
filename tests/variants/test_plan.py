"""What varies of a problem, and in which way: classes, shares, starts, given activations, expressions."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from symbackprop.spec import Problem, problem_from_mapping
from symbackprop.spec.choosing import exact
from symbackprop.variants import Quality, Variant, variation_of
from symbackprop.variants.draws import written
from symbackprop.variants.plan import Plan, plan_of
from symbackprop.variants.stream import Stream

ANY = Quality(
    saturation=None,
    digits=None,
    kink=None,
    living_and_dead=None,
    distinct_answers=False,
    effort=None,
)


def dense(
    samples: list[tuple[list[str], list[str]]],
    activation: str = "sigmoid",
    vary: dict[str, Any] | None = None,
    **network: Any,
) -> Problem:
    """One layer over samples of inputs and targets."""
    inputs, targets = samples[0]
    weights = [[f"0.{1 + row + column}" for column in range(len(inputs))] for row in range(len(targets))]
    data = [{"inputs": list(i), "targets": list(t)} for i, t in samples]
    layer = {"units": len(targets), "activation": activation, "weights": weights}
    return problem_from_mapping(
        {
            "network": {"samples": data, "layers": [layer], "learning_rate": "0.1", **network},
            **({} if vary is None else {"vary": vary}),
        }
    )


def variants(problem: Problem, count: int = 40) -> list[Variant]:
    variation = variation_of(problem, quality=ANY)
    return [variation.draw(1, str(student)) for student in range(count)]


def data(variant: Variant) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple(
        (tuple(map(str, s.inputs.values())), tuple(map(str, s.targets.values())))
        for s in variant.problem.samples
    )


# --- classes -----------------------------------------------------------------------------------------


def test_a_one_hot_target_gets_another_class() -> None:
    problem = dense([(["0.5", "0.3"], ["0", "1", "0"])], "softmax", loss="cross_entropy")
    found = Counter(data(variant)[0][1] for variant in variants(problem, 90))
    assert set(found) == {("1", "0", "0"), ("0", "1", "0"), ("0", "0", "1")}
    assert min(found.values()) > 15


def test_samples_of_different_classes_keep_different_classes() -> None:
    problem = dense([(["0.5", "0.3"], ["0", "1", "0"]), (["0.2", "0.1"], ["1", "0", "0"])])
    for variant in variants(problem):
        (_, first), (_, second) = data(variant)
        assert sorted(first) == sorted(second) == ["0", "0", "1"] and first != second


def test_a_class_of_two_is_turned_over_in_all_samples_or_in_none() -> None:
    problem = dense([(["0.5"], ["1"]), (["0.3"], ["0"]), (["0.2"], ["1"])])
    found = {tuple(target for _, (target,) in data(variant)) for variant in variants(problem)}
    assert found == {("1", "0", "1"), ("0", "1", "0")}


def test_signs_are_classes_too() -> None:
    problem = dense([(["0.5"], ["1"]), (["0.3"], ["-1"])], "identity", loss="hinge")
    found = {tuple(target for _, (target,) in data(variant)) for variant in variants(problem)}
    assert found == {("1", "-1"), ("-1", "1")}


def test_a_row_of_a_truth_table_keeps_its_target() -> None:
    """Bits change places, and the target of any symmetric gate is right as it is."""
    found = {data(variant) for variant in variants(dense([(["1", "0", "1"], ["1"])]))}
    assert found == {
        ((("1", "0", "1"), ("1",)),),
        ((("1", "1", "0"), ("1",)),),
        ((("0", "1", "1"), ("1",)),),
    }


def test_a_whole_truth_table_stays() -> None:
    table = [([a, b], [str(int(a) & 1 - int(b))]) for a in "01" for b in "01"]
    for variant in variants(dense(table), 10):
        assert data(variant) == tuple((tuple(i), tuple(t)) for i, t in table)


def test_one_hot_inputs_and_targets_of_a_sequence_are_renamed_alike() -> None:
    """a, b, b in and b, b, c out: whatever the letters are called, the second is the first's successor."""
    rows = {"a": ["1", "0", "0"], "b": ["0", "1", "0"], "c": ["0", "0", "1"]}
    problem = dense([(rows["a"], rows["b"]), (rows["b"], rows["b"]), (rows["b"], rows["c"])])
    found = set()
    for variant in variants(problem):
        (a, b), (b_again, b_then), (b_last, c) = data(variant)
        assert b == b_again == b_then == b_last and len({a, b, c}) == 3
        found.add((a, b, c))
    assert len(found) == 6


def test_an_input_that_is_one_in_all_samples_is_a_bias() -> None:
    problem = dense([(["1", "0.5"], ["0.3"]), (["1", "0.2"], ["0.6"])])
    for variant in variants(problem, 10):
        assert all(inputs[0] == "1" and inputs[1] != "1" for inputs, _ in data(variant))


def test_an_input_that_is_the_same_in_all_samples_stays_so() -> None:
    problem = dense([(["0.4", "0.5"], ["0.3"]), (["0.4", "0.2"], ["0.6"])])
    found = {tuple(inputs[0] for inputs, _ in data(variant)) for variant in variants(problem)}
    assert all(first == second for first, second in found) and len(found) > 3


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus"])
def test_targets_are_what_outputs_can_be(activation: str) -> None:
    problem = dense([(["0.5"], ["0.9"]), (["0.3"], ["0.8"])], activation)
    targets = {exact(t) for v in variants(problem) for s in v.problem.samples for t in s.targets.values()}
    assert min(targets) > 0
    assert (max(targets) < 1) is (activation != "softplus")


def test_shares_of_one_stay_shares_of_one() -> None:
    problem = dense([(["0.5"], ["0.2", "0.3", "0.5"])], "softmax", loss="cross_entropy")
    found = set()
    for variant in variants(problem, 200):
        ((_, targets),) = data(variant)
        values = [Fraction(text) for text in targets]
        assert sum(values) == 1 and min(values) > 0
        assert all((value * 10).denominator == 1 for value in values)
        found.add(targets)
    assert len(found) == 36  # all ways to share ten tenths among three


def test_shares_may_be_zero_where_one_is() -> None:
    problem = dense([(["0.5"], ["0.5", "0.5", "0"])], "softmax", loss="cross_entropy")
    found = {data(variant)[0][1] for variant in variants(problem, 200)}
    assert {targets.count("0") for targets in found} >= {0, 1}
    assert all(sum(map(Fraction, targets)) == 1 for targets in found)
    assert len(found) > 30  # of 66


# --- starts and what is given --------------------------------------------------------------------------


def test_a_seeded_start_is_drawn_anew() -> None:
    problem = problem_from_mapping(
        {
            "network": {
                "inputs": ["0.5", "0.2"],
                "targets": ["0.7"],
                "layers": [{"units": 1, "activation": "tanh"}],
                "initialisation": {"seed": 3},
                "learning_rate": "0.1",
            }
        }
    )
    values = [float(str(w.value)) for variant in variants(problem, 300) for w in variant.problem.weights]
    assert not any(weight.drawn for weight in variants(problem, 1)[0].problem.weights)
    assert all(round(value, 2) == value and value for value in values)
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    assert abs(mean) < 3.3 / 600**0.5 and abs(variance - 1) < 3.3 * (2 / 600) ** 0.5


def test_numbers_that_are_expressions_stay() -> None:
    problem = dense([(["sin(1)", "0.2"], ["0.7"])])
    assert all(data(variant)[0][0][0].startswith("0.84147") for variant in variants(problem, 5))


GIVEN = {
    "network": {
        "layers": [
            {"units": ["x1"]},
            {"units": ["h1"], "activation": "sigmoid"},
            {"units": ["o1"], "activation": "sigmoid"},
        ],
        "inputs": {"x1": "0.5"},
        "targets": {"o1": "0.9"},
        "weights": [
            {"name": "w1", "from": "x1", "to": "h1", "value": "0.3"},
            {"name": "w2", "from": "h1", "to": "o1", "value": "0.4"},
        ],
        "biases": [{"name": "b1", "to": "h1", "value": "0.1"}],
        "learning_rate": "0.5",
    },
    "given": {"h1": "0.56"},
}


def test_a_given_activation_that_can_be_computed_follows_from_the_numbers() -> None:
    """It is the activation of the net input, rounded as it is in the problem."""
    for variant in variants(problem_from_mapping(GIVEN), 20):
        ledger = variant.ledger
        net = float(ledger.significant("net.h1"))
        assert str(variant.problem.given["h1"]) == f"{1 / (1 + math.exp(-net)):.2f}"
    chosen = problem_from_mapping({**GIVEN, "vary": {"h1": ["0.2", "0.3"]}})
    assert {str(v.problem.given["h1"]) for v in variants(chosen)} == {"0.2", "0.3"}


def test_a_given_activation_that_cannot_be_computed_is_drawn_where_it_can_be() -> None:
    network = {**GIVEN["network"], "biases": [{"name": "b1", "to": "h1", "value": None}]}  # type: ignore[dict-item]
    problem = problem_from_mapping({**GIVEN, "network": network})
    values = {exact(variant.problem.given["h1"]) for variant in variants(problem)}
    assert len(values) > 15 and min(values) > 0 and max(values) < 1
    assert all(value * 100 == int(value * 100) for value in values)


def test_error_terms_that_are_given_keep_both_their_names() -> None:
    network = {key: value for key, value in GIVEN["network"].items() if key != "targets"}  # type: ignore[attr-defined]
    problem = problem_from_mapping({"network": network, "given": {"delta.o1": "-0.13"}})
    found = set()
    for variant in variants(problem, 20):
        stated = variant.problem.stated
        assert exact(stated["delta.o1"]) == -exact(stated["dE_dnet.o1"])
        assert variant.ledger.given("dE_dnet.o1") == stated["dE_dnet.o1"]
        found.add(str(stated["delta.o1"]))
    assert len(found) > 5 and all(text.startswith("-0.") for text in found)


# --- what the author says ------------------------------------------------------------------------------


def plan(vary: dict[str, Any]) -> Plan:
    return plan_of(dense([(["0.5", "0.3"], ["0.7"]), (["0.2", "0.1"], ["0.4"])], vary=vary), Quality())


def test_names_come_before_patterns_and_patterns_before_parts() -> None:
    numbers = (
        plan(
            {
                "weights": [1],
                "w1_1_1": [2],
                "w*": [3],
                "inputs": [4],
                "x1": [5],
                "x1#2": [6],
                "target.o1#1": "fixed",
                "targets": [7],
            }
        )
        .draw(Stream("x"))
        .numbers
    )
    assert {key: str(number) for key, (number, _) in numbers.items()} == {
        **{"w1_1_1": "2", "w1_1_2": "3"},
        **{"x1#1": "5", "x1#2": "6", "x2#1": "4", "x2#2": "4"},
        "target.o1#2": "7",
    }


def test_expressions() -> None:
    vary = {
        "w1_1_1": "w1_1_2 + 0.1",
        "w1_1_2": "0.20 to 0.40 by 0.05",
        "x2": "2*x1",
        "target.o1": "max(x1, 0.3)",
        "learning_rate": "w1_1_1/4",
    }
    problem = dense([(["0.5", "0.3"], ["0.7"]), (["0.2", "0.1"], ["0.4"])], vary=vary)
    assert list(plan_of(problem, Quality()).keys)[-6:] == [
        *("x2#1", "target.o1#1", "x2#2", "target.o1#2", "w1_1_1", "learning_rate")
    ]
    for variant in variants(problem, 20):
        one, two = (weight.value for weight in variant.problem.weights)
        assert one is not None and two is not None
        assert exact(one) == exact(two) + Fraction(1, 10)
        assert len(str(one)) == len(str(two)) == 4  # 0.30 keeps its zero
        for sample in variant.problem.samples:
            x1, x2 = (exact(number) for number in sample.inputs.values())
            assert x2 == 2 * x1
            assert exact(sample.targets["o1"]) == max(x1, Fraction(3, 10))
        assert exact(variant.problem.learning_rate or one) == exact(one) / 4


def test_a_number_that_stays_may_be_named_in_an_expression() -> None:
    problem = dense([(["0.5", "0.3"], ["0.7"])], vary={"w1_1_1": "w1_1_2 - 0.05", "w1_1_2": "fixed"})
    assert {str(variant.problem.weights[0].value) for variant in variants(problem, 5)} == {"0.15"}


@pytest.mark.parametrize(
    ("value", "least", "text"),
    [
        (Fraction(1, 2), 0, "0.5"),
        (Fraction(1, 2), 2, "0.50"),
        (Fraction(-3, 8), 1, "-0.375"),
        (Fraction(7), 0, "7"),
        (Fraction(1, 3), 2, "1/3"),
        (Fraction(0), 1, "0.0"),
    ],
)
def test_how_the_result_of_an_expression_is_written(value: Fraction, least: int, text: str) -> None:
    assert str(written(value, least)) == text


def test_tied_weights_are_one_number() -> None:
    problem = problem_from_mapping(
        {
            "network": {
                "layers": [
                    {"units": ["x1", "x2"]},
                    {"units": ["h1", "h2"], "activation": "tanh"},
                    {"units": ["o1"], "activation": "identity"},
                ],
                "inputs": {"x1": "0.5", "x2": "0.2"},
                "targets": {"o1": "0.7"},
                "weights": [
                    {"name": "w1", "from": "x1", "to": "h1", "value": "0.3"},
                    {"tied_to": "w1", "from": "x2", "to": "h2"},
                    {"name": "w2", "from": "h1", "to": "o1", "value": "0.4"},
                    {"name": "w3", "from": "h2", "to": "o1", "value": "-0.6"},
                ],
                "biases": [{"name": "b1", "to": ["h1", "h2"], "value": "0.1"}],
                "learning_rate": "0.5",
            }
        }
    )
    found = variants(problem, 10)
    assert len({str(variant.numbers["w1"]) for variant in found}) > 3
    for variant in found:
        assert variant.problem.ties[0][1].value == variant.numbers["w1"] == variant.problem.weights[0].value
        assert [bias.value for bias in variant.problem.biases] == [variant.numbers["b1"]]


def test_leaves_of_a_graph_vary_also_where_they_are_constants() -> None:
    problem = problem_from_mapping(
        {
            "graph": {
                "inputs": {"x": "0.5"},
                "constants": {"t": "0.8"},
                "parameters": {"w": ["0.3", "-0.2"]},
                "nodes": {"y": "w[1]*x + w[2]", "e": "(t - y)^2"},
                "learning_rate": "0.1",
            }
        }
    )
    assert sorted(plan_of(problem, Quality()).keys) == ["t", "w_1", "w_2", "x"]
    assert len({tuple(map(str, variant.numbers.values())) for variant in variants(problem, 20)}) > 15
