"""Layer sizes and activations that vary, and formulas that depend on the targets."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from symbackprop.derivation.solving import derive
from symbackprop.numbers.rounding import RoundingPolicy
from symbackprop.spec import Problem, problem_from_mapping
from symbackprop.variants import Variant, variation_of

from .solved import assert_same


def compact(vary: dict[str, Any], **network: Any) -> Problem:
    return problem_from_mapping(
        {
            "network": {
                "inputs": ["0.5", "-0.2"],
                "targets": ["0.9", "0.3"],
                "layers": [
                    {
                        "units": 2,
                        "activation": "tanh",
                        "weights": [["0.1", "0.4"], ["-0.3", "0.2"]],
                        "biases": ["0.1", "-0.1"],
                    },
                    {"units": 2, "activation": "sigmoid", "weights": [["0.7", "-0.5"], ["0.6", "0.2"]]},
                ],
                "learning_rate": "0.1",
                **network,
            },
            "vary": vary,
        }
    )


def shape(variant: Variant) -> tuple[Any, ...]:
    layers = variant.problem.layers[1:]
    return tuple((len(layer.units), layer.activation.name) for layer in layers if layer.activation)


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_sizes_and_activations(layout: str) -> None:
    layers = {
        "1": {"units": [2, 3, 4], "activation": ["sigmoid", "tanh"]},
        "output": {"activation": "identity"},
    }
    problem = compact({"layers": layers}, layout=layout)
    variation = variation_of(problem)
    assert len(variation.structures) == 6
    found = [variation.draw(2026, str(student)) for student in range(40)]
    counts = Counter(map(shape, found))
    assert set(counts) == {((n, name), (2, "identity")) for n in (2, 3, 4) for name in ("sigmoid", "tanh")}
    for variant in found[:12]:
        assert_same(variant.ledger, derive(variant.problem)[1])
        assert len(variant.problem.weights) == 4 * shape(variant)[0][0]
        values = [str(weight.value) for weight in variant.problem.weights]
        assert all(-0.5 <= float(value) <= 0.7 for value in values)
        assert variant.problem.title == f"A 2-{shape(variant)[0][0]}-2 network"


def test_each_structure_is_derived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import symbackprop.variants.structure as structure

    derived: list[tuple[int, ...]] = []

    def counting(problem: Problem) -> Any:
        derived.append(tuple(len(layer.units) for layer in problem.layers))
        return derive(problem)

    monkeypatch.setattr(structure, "derive", counting)
    variation = variation_of(compact({"layers": {"hidden": {"units": [2, 3]}}}))
    for student in range(20):
        variation.draw(1, str(student))
    assert sorted(derived) == [(2, 2, 2), (2, 3, 2)]


def test_what_the_command_line_changes_holds_for_every_structure() -> None:
    problem = compact({"layers": {"1": {"units": [3]}}})
    rounding = RoundingPolicy(replace(problem.rounding.default, digits=3))
    changed = replace(problem, rounding=rounding, epochs=2, frozen=problem.bias_names)
    drawn = variation_of(changed).draw(1, "x")
    assert drawn.problem.rounding == rounding
    assert drawn.problem.frozen == {"b1_1", "b1_2", "b1_3"}
    assert drawn.ledger.known("new.w1_3_1@2") and "new.b1_3" not in drawn.ledger


def test_answers_that_a_structure_does_not_have_are_not_asked_of_it() -> None:
    problem = compact({"layers": {"1": {"units": [1, 2]}}})
    variation = variation_of(problem, asked=["net.h1", "net.h2", "loss"])
    assert variation.asked == ("net.h1", "net.h2", "loss")
    assert {len(variation.draw(1, str(n)).problem.layers[1].units) for n in range(20)} == {1, 2}


# --- formulas that depend on the targets ---------------------------------------------------------------


def of_targets(loss: str, activation: str, targets: list[str], vary: dict[str, Any]) -> Problem:
    return problem_from_mapping(
        {
            "network": {
                "inputs": ["0.5", "-0.2"],
                "targets": targets,
                "layers": [
                    {
                        "units": 3,
                        "activation": activation,
                        "weights": [["0.7", "-0.5"], ["0.6", "0.2"], ["-0.3", "0.4"]],
                    }
                ],
                "loss": loss,
                "learning_rate": "0.1",
            },
            "vary": vary,
        }
    )


@pytest.mark.parametrize(
    ("loss", "activation", "targets", "vary"),
    [
        # whether targets sum to 1 decides the form of softmax with cross-entropy, and of logits
        ("cross_entropy", "softmax", ["0", "1", "0"], {"targets": "0 to 0.5 by 0.25"}),
        ("cross_entropy_with_logits", "identity", ["0", "1", "0"], {"targets": "0 to 0.5 by 0.25"}),
        ("kl_divergence", "softmax", ["0.2", "0.3", "0.5"], {}),
        ("negative_log_likelihood", "log_softmax", ["0", "1", "0"], {"targets": [0, "0.5"]}),
        # the right class decides which margins there are
        ("multi_class_hinge", "identity", ["0", "1", "0"], {}),
    ],
)
def test_formulas_that_depend_on_targets(
    loss: str, activation: str, targets: list[str], vary: dict[str, Any]
) -> None:
    off = {"digits": None, "distinct_answers": False}
    variation = variation_of(of_targets(loss, activation, targets, {**vary, "quality": off}))
    formulas = set()
    for student in range(25):
        variant = variation.draw(1, str(student))
        assert_same(variant.ledger, derive(variant.problem)[1])
        formulas.add((variant.ledger.formulas["loss"], variant.ledger.formulas["dE_dnet.o1"]))
    assert len(formulas) == {"multi_class_hinge": 3, "kl_divergence": 1}.get(loss, len(formulas))
    if loss == "cross_entropy_with_logits":
        assert len(formulas) == 2
