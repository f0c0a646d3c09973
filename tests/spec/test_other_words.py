"""Words of other programs and courses: taken where they mean one thing, explained where they do not."""

from __future__ import annotations

from typing import Any

import pytest

from symbackprop import ProblemError, problem_from_mapping, solve
from symbackprop.spec.fields import ACTIVATIONS, LOSSES
from symbackprop.spec.functions import OTHER_NAMES, SYNONYMS
from symbackprop.spec.other_words import HINTS

LAYER = {"units": 1, "activation": "sigmoid", "weights": [["0.5", "0.25"]], "biases": ["0.1"]}


def problem(*, layer: dict[str, Any] | None = None, top: dict[str, Any] | None = None, **network: Any) -> Any:
    written = {
        "inputs": [1, 2],
        "targets": [1],
        "layers": [{**LAYER, **(layer or {})}],
        "learning_rate": "0.5",
    }
    return problem_from_mapping({"title": "Test", "network": {**written, **network}, **(top or {})})


@pytest.mark.parametrize(("word", "name"), sorted(SYNONYMS.items()))
def test_a_synonym_is_the_same(word: str, name: str) -> None:
    kind = "activation" if name in ACTIVATIONS else "loss"
    assert name in (ACTIVATIONS if kind == "activation" else LOSSES)


@pytest.mark.parametrize(
    ("word", "name"), [("linear", "identity"), ("logistic", "sigmoid"), ("swish", "silu")]
)
def test_an_activation_under_another_name(word: str, name: str) -> None:
    other, own = (solve(problem(layer={"activation": each}))["grad.w1_1_1"] for each in (word, name))
    assert other.value == own.value


@pytest.mark.parametrize(
    ("word", "name"),
    [("mse", "mean_squared_error"), ("bce", "binary_cross_entropy"), ("sse", "squared_error")],
)
def test_a_loss_under_another_name(word: str, name: str) -> None:
    other, own = (solve(problem(loss=each))["grad.w1_1_1"] for each in (word, name))
    assert other.value == own.value


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"lr": "0.1"}, "The learning rate is network.learning_rate."),
        ({"labels": [1]}, "The values that the outputs should have are targets."),
        ({"layer": {"neurons": 2}}, "Write units."),
        (
            {"layer": {"weights": ["0.5", "0.25"]}},
            "Weights are a list of rows, one for each unit: [[0.1, 0.2]].",
        ),
        ({"layer": {"activation": "sgn"}}, "Write {name: step, low: -1}; at_zero is its value at 0."),
        ({"layer": {"activation": "relu6"}}, "Write {name: hardtanh, min_val: 0, max_val: 6}."),
        (
            {"layer": {"activation": "prelu"}},
            "With a given slope it is {name: leaky_relu, negative_slope: ...}.",
        ),
        ({"layer": {"activation": "1/(1+e^-z)"}}, "One of your own is {name: f, expression: ...} over z."),
        ({"layer": {"activation": {"type": "elu"}}}, "Did you mean name?"),
        ({"loss": "quadratic"}, "Did you mean half_squared_error?"),
        ({"loss": "(t - o)^2"}, "One of your own is {kind: custom, expression: ...} over t and o."),
        ({"loss": {"name": "squared_error"}}, "Did you mean kind?"),
        ({"top": {"momentum": "0.9"}}, "Write optimizer: {name: momentum, momentum: ...}."),
        ({"top": {"clip_norm": "1"}}, "Write clip: {norm: ...} or {value: ...}."),
        ({"top": {"optimizer": "nag"}}, "Did you mean nesterov?"),
        ({"top": {"optimizer": {"name": "adam", "eps": "1e-8"}}}, "Write epsilon."),
        ({"top": {"optimizer": {"name": "adam", "betas": [0.9, 0.99]}}}, "Write beta1 and beta2."),
        (
            {"top": {"optimizer": {"name": "nesterov", "gamma": "0.9"}}},
            "The factor of a momentum is called momentum.",
        ),
        ({"top": {"batches": "stochastic"}}, "Did you mean online?"),
        (
            {"top": {"batches": "2"}},
            "Mini-batches of equal size are batch_size: 2; others a list, [[1, 2], [3]].",
        ),
        ({"top": {"regularisation": {"lambda": "0.1"}}}, "The factor of a penalty is called l2, or l1."),
    ],
)
def test_the_message_says_what_to_write(change: dict[str, Any], hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem(**change)
    assert hint in str(caught.value)


def test_no_hint_stands_for_a_field_that_there_is() -> None:
    """A problem file's own fields at the top and under network are never explained away."""
    from symbackprop.spec.model import NetworkForm, ProblemForm

    assert not HINTS.keys() & {*NetworkForm.model_fields, *ProblemForm.model_fields}
    assert all(name in ACTIVATIONS or name in LOSSES for name in OTHER_NAMES.values())
