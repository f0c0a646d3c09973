"""The two forms of a problem file, and what their fields come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Number
from symbackprop.spec import Problem, read_problem
from symbackprop.spec.problem import Activation, Bias, Loss, Source, Weight

COMPACT = """\
network:
  inputs: [0.05, 0.10]
  targets: [0.01, 0.99]
  layers:
    - {units: 2, activation: sigmoid, weights: [[0.15, 0.25], [0.20, 0.30]], biases: [0.40, 0.35]}
    - {units: 2, activation: sigmoid, weights: [[0.40, 0.50], [0.45, 0.55]], biases: 0.25}
"""
SKIPPING = """\
network:
  layers:
    - {units: [x1, x2]}
    - {name: early, units: [g2, g1], activation: tanh}
    - {name: late, units: [h], activation: relu}
    - {units: [o], activation: identity}
  inputs: {x1: 1, x2: 2}
  targets: {o: 1}
  weights:
    - {name: a, from: x1, to: g1, value: 1}
    - {name: b, from: g1, to: g2, value: 1}
    - {name: c, from: g2, to: h, value: 1}
    - {name: d, from: x2, to: h, value: 1}
    - {name: e, from: h, to: o, value: 1}
    - {name: f, from: x1, to: o, value: 1}
"""


def same(left: Problem, right: Problem) -> bool:
    return replace(left, source=Source()) == replace(right, source=Source())


def test_compact_names_and_order() -> None:
    problem = read_problem(COMPACT)
    assert problem.title == "A 2-2-2 network"
    assert problem.units == ("x1", "x2", "h1", "h2", "o1", "o2")
    assert problem.weights[1] == Weight("w1_1_2", "x2", "h1", Number("0.25"))
    assert [w.name for w in problem.weights] == [
        f"w{layer}_{to}_{source}" for layer in (1, 2) for to in (1, 2) for source in (1, 2)
    ]
    assert problem.biases == (
        Bias("b1_1", ("h1",), Number("0.40")),
        Bias("b1_2", ("h2",), Number("0.35")),
        Bias("b2", ("o1", "o2"), Number("0.25")),
    )
    assert problem.loss == Loss("half_squared_error", "mean")
    assert problem.learning_rate is None


def test_more_hidden_layers_are_numbered() -> None:
    text = "network:\n  inputs: [1]\n  targets: [1]\n  layers:\n"
    text += "    - {units: 1, activation: tanh, weights: [[1]]}\n" * 3
    problem = read_problem(text)
    assert problem.units == ("x1", "h1_1", "h2_1", "o1")
    assert [layer.name for layer in problem.layers] == ["input", "hidden1", "hidden2", "output"]
    assert [w.name for w in problem.weights] == ["w1_1_1", "w2_1_1", "w3_1_1"]


def test_columns_are_rows_transposed() -> None:
    text = COMPACT.replace("[[0.15, 0.25], [0.20, 0.30]]", "[[0.15, 0.20], [0.25, 0.30]]")
    text = (
        text.replace("[[0.40, 0.50], [0.45, 0.55]]", "[[0.40, 0.45], [0.50, 0.55]]") + "  layout: columns\n"
    )
    rows, columns = read_problem(COMPACT), read_problem(text)
    assert set(rows.weights) == set(columns.weights)
    assert [w.name for w in columns.weights][:4] == ["w1_1_1", "w1_2_1", "w1_1_2", "w1_2_2"]


def test_units_of_matrices_may_be_named() -> None:
    text = COMPACT.replace("[0.05, 0.10]", "{a: 0.05, b: 0.10}").replace(
        "units: 2", "units: [left, right]", 1
    )
    problem = read_problem(text)
    assert problem.units == ("a", "b", "left", "right", "o1", "o2")
    assert problem.weights[1] == Weight("w1_1_2", "b", "left", Number("0.25"))


def test_a_first_layer_without_activation_is_the_inputs() -> None:
    text = COMPACT.replace("  layers:\n", "  layers:\n    - {units: 2}\n")
    assert same(read_problem(text), read_problem(COMPACT))


def test_skip_connections_and_units_sorted_within_their_layer() -> None:
    problem = read_problem(SKIPPING)
    assert problem.units == ("x1", "x2", "g1", "g2", "h", "o")
    assert [w.name for w in problem.weights] == list("abcdef")


def test_matrices_and_named_connections_together() -> None:
    text = COMPACT + "  weights:\n    - {name: skip, from: x1, to: o1, value: 2}\n"
    assert [w.name for w in read_problem(text).weights][-2:] == ["w2_2_2", "skip"]


def test_activations_with_settings() -> None:
    for written, expected in [
        ("leaky_relu", Activation("leaky_relu", {"negative_slope": Number("0.01")})),
        (
            "{name: leaky_relu, negative_slope: 0.10}",
            Activation("leaky_relu", {"negative_slope": Number("0.10")}),
        ),
        ("{name: elu}", Activation("elu", {"alpha": Number("1")})),
        ("silu", Activation("silu")),
    ]:
        assert read_problem(COMPACT.replace("sigmoid", written, 1)).layers[1].activation == expected


@pytest.mark.parametrize(
    ("written", "loss"),
    [
        ("mean_squared_error", Loss("mean_squared_error", "mean")),
        (
            "{kind: squared_error, constant: 1/2, reduction: sum_over_outputs}",
            Loss("half_squared_error", "mean"),
        ),
        ("{kind: squared_error, constant: 0.5, reduction: sum}", Loss("half_squared_error", "sum")),
        ("{kind: squared_error, constant: 1}", Loss("squared_error", "mean")),
        ("{kind: mean_squared_error, constant: 1/2}", Loss("mean_squared_error", "mean")),
        ("binary_cross_entropy", Loss("binary_cross_entropy", "mean")),
    ],
)
def test_losses(written: str, loss: Loss) -> None:
    assert read_problem(COMPACT + f"  loss: {written}\n").loss == loss


def test_samples_in_each_form() -> None:
    forms = [
        "{inputs: [0, 1], targets: [1, 0]}",
        "{inputs: {x1: 0, x2: 1}, targets: {o2: 0, o1: 1}}",
        "{o1: 1, o2: 0, x1: 0, x2: 1}",
    ]
    start, data = COMPACT.index("  inputs"), COMPACT.index("  layers")
    base = COMPACT[:start] + COMPACT[data:].replace("  layers:\n", "  layers:\n    - {units: [x1, x2]}\n")
    problem = read_problem(base + "  samples:\n" + "".join(f"    - {form}\n" for form in forms))
    assert len(problem.samples) == 3
    assert problem.samples[0] == problem.samples[1] == problem.samples[2]
    assert list(problem.samples[1].targets) == ["o1", "o2"]


def test_a_seeded_start_fills_what_is_not_given() -> None:
    text = COMPACT.replace("[[0.15, 0.25], [0.20, 0.30]]", "[[null, 0.25], [null, 0.30]]")
    weights = read_problem(text + "  initialisation: {seed: 0}\n").weights
    assert [str(w.value) for w in weights[:4]] == ["1.764052345967664", "0.25", "0.4001572083672233", "0.30"]
    bare = COMPACT.replace("weights: [[0.15, 0.25], [0.20, 0.30]], ", "")
    drawn = read_problem(bare + "  initialisation: {seed: 0}\n").weights
    assert [str(w.value) for w in drawn[:2]] == ["1.764052345967664", "0.4001572083672233"]


def test_given_activations_make_unknown_parameters_unneeded() -> None:
    text = COMPACT.replace("[[0.15, 0.25], [0.20, 0.30]]", "[[null, null], [null, null]]").replace(
        "0.40, 0.35", "null, null"
    )
    problem = read_problem(text + "given: {h1: 0.6, h2: 0.5}\n")
    assert problem.given == {"h1": Number("0.6"), "h2": Number("0.5")}
    assert problem.weights[0].value is None


def test_training_fields_stand_at_the_top_or_under_network() -> None:
    fields = ["epochs: 4", "report_every: 2", "frozen: [b*, w1_1_1]", "reported_loss: mean_squared_error"]
    top = read_problem(COMPACT + "  learning_rate: 0.5\n" + "".join(f"{field}\n" for field in fields))
    inner = read_problem(COMPACT + "  learning_rate: 0.5\n" + "".join(f"  {field}\n" for field in fields))
    assert same(top, inner)
    assert (top.epochs, top.report_every) == (4, 2)
    assert top.frozen == {"b1_1", "b1_2", "b2", "w1_1_1"}
    assert top.reported_loss == Loss("mean_squared_error", "mean")


def test_what_an_update_lists_is_all_that_changes() -> None:
    text = COMPACT + "  update: {parameters: [w*], simultaneous: true, rule: any words}\n"
    assert read_problem(text).frozen == {"b1_1", "b1_2", "b2"}


def test_rounding_keeps_what_was_written_only() -> None:
    text = (
        COMPACT + "rounding: {digits: 4, kind: places, readout: 10, "
        "roles: {act.*: {readout: null}, grad.w1_1_1@1: {}}}\n"
    )
    policy = read_problem(text).rounding
    assert policy.roles == {"act.*": {"readout": None}, "grad.w1_1_1@1": {}}
    assert policy.of("act.h1").readout is None
    assert policy.of("net.h1").readout == 10


def test_printed_names() -> None:
    text = (
        COMPACT + "notation: {names: {act.o1: hat y_1, "
        "h1: {base: h, sub: [a, b], primes: 2}, loss: {base: E, sup: T}}}\n"
    )
    assert read_problem(text).notation.names == {
        "act.o1": Name("y", ("1",), accent="hat"),
        "h1": Name("h", ("a", "b"), primes=2),
        "loss": Name("E", (), ("T",)),
    }


def test_titles_may_hold_anything_printable() -> None:
    title = r"50 % of $x_1$ & {{ y }} \input{z} é ∂ <b>"
    problem = read_problem(f"title: '{title}'\nintroduction: |\n  First.\n\n  Second.\n" + COMPACT)
    assert problem.title == title
    assert problem.introduction == "First.\n\nSecond."
    assert problem.name == "50-of-x_1-y-input-z-b"


def test_lines_are_kept() -> None:
    problem = read_problem(COMPACT, "some/Own File.yaml")
    assert problem.source.file == "some/Own File.yaml"
    assert problem.source.lines["network.layers[2].weights[1][2]"] == 6
    assert problem.name == "Own-File"


@given(st.lists(st.decimals(-999, 999, places=3), min_size=4, max_size=4))
def test_what_is_written_is_what_is_read(values: list[object]) -> None:
    a, b, c, d = (f"{value:f}" for value in values)
    problem = read_problem(COMPACT.replace("[[0.15, 0.25], [0.20, 0.30]]", f"[[{a}, {b}], ['{c}', {d}]]"))
    written = [text.lstrip("-") if not text.strip("-0.") else text for text in (a, b, c, d)]
    assert [str(weight.value) for weight in problem.weights[:4]] == written
