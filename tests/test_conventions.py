"""Thresholds, batches as matrices, expressions, derivatives by the data, what is given, the table form."""

from __future__ import annotations

import re
from typing import Any

import mpmath
import pytest

from symbackprop import Solution, problem_from_mapping, solve
from symbackprop.errors import ProblemError
from symbackprop.keys import UNIT_KINDS
from symbackprop.spec import read_problem

FORMS = ("chain", "components", "delta", "delta_rule", "tables")


def network(**changes: Any) -> dict[str, Any]:
    own: dict[str, Any] = {
        "inputs": ["0.5", "-1"],
        "targets": ["1", "0"],
        "layers": [
            {"units": 2, "activation": "tanh", "weights": [["0.1", "-0.2"], ["0.3", "0.4"]],
             "biases": ["0.1", "0.2"]},
            {"units": 2, "activation": "sigmoid", "weights": [["0.7", "0.8"], ["0.2", "-0.3"]],
             "biases": "0.25"},
        ],
        "learning_rate": "0.5",
    }  # fmt: skip
    return {key: value for key, value in {**own, **changes}.items() if value is not None}


def solution(form: str = "chain", *, top: dict[str, Any] | None = None, **changes: Any) -> Solution:
    return solve(
        problem_from_mapping(
            {"title": "t", "network": network(**changes), "notation": {"form": form}, **(top or {})}
        )
    )


def words(solved: Solution) -> str:
    return " ".join(solved.to_text().split())


def negated(number: str) -> str:
    return number[1:] if number.startswith("-") else f"-{number}"


# --- thresholds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_threshold_is_a_bias_of_the_other_sign(form: str) -> None:
    """theta = -b: the same outputs and weights' gradients, the thresholds' gradients with the other sign."""
    layers = network()["layers"]
    turned = [
        {**layers[0], "biases": [negated(b) for b in layers[0]["biases"]]},
        {**layers[1], "biases": negated(layers[1]["biases"])},
    ]
    plain, own = solution(form), solution(form, thresholds=True, layers=turned)
    for key in ("act.h1", "loss", "grad.w1_1_2", "new.w2_2_1", "dE_dnet.h2", "loss@1"):
        assert own[key].digits(25) == plain[key].digits(25)
    for key in ("grad.b1_1", "grad.b2", "new.b1_2", "new.b2"):
        assert float(own[key].value) == pytest.approx(-float(plain[key].value), rel=1e-15)


def test_thresholds_against_torch() -> None:
    torch = pytest.importorskip("torch")
    own = solution(thresholds=True)
    values = {
        "w1": [[0.1, -0.2], [0.3, 0.4]], "t1": [0.1, 0.2], "w2": [[0.7, 0.8], [0.2, -0.3]], "t2": 0.25,
        "x": [0.5, -1.0],
    }  # fmt: skip
    p = {name: torch.tensor(v, dtype=torch.float64, requires_grad=True) for name, v in values.items()}
    hidden = torch.tanh(p["w1"] @ p["x"] - p["t1"])
    out = torch.sigmoid(p["w2"] @ hidden - p["t2"])
    target = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    (((target - out) ** 2).sum() / 2).backward()
    own_with = solution(thresholds=True, top={"wrt": ["x1", "x2", "target.o1"]})
    assert float(own["grad.b2"].value) == pytest.approx(p["t2"].grad.item(), rel=1e-12)
    assert float(own["grad.b1_2"].value) == pytest.approx(p["t1"].grad[1].item(), rel=1e-12)
    assert float(own["grad.w1_2_1"].value) == pytest.approx(p["w1"].grad[1, 0].item(), rel=1e-12)
    assert float(own_with["dE_dact.x2"].value) == pytest.approx(p["x"].grad[1].item(), rel=1e-12)
    assert float(own_with["dE_dtarget.o1"].value) == pytest.approx(target.grad[0].item(), rel=1e-12)


def test_the_sheet_states_thresholds() -> None:
    text = words(solution(thresholds=True))
    assert "x₁w₁₁⁽¹⁾ + x₂w₁₂⁽¹⁾ − θ₁⁽¹⁾" in text
    assert "are subtracted from the weighted sum" in text
    assert "minus the threshold" in text


def test_training_knows_thresholds() -> None:
    """The long run in double precision descends as the certified one does."""
    short = solution(thresholds=True, top={"epochs": 3})
    long = solution(thresholds=True, top={"epochs": 101})
    assert long.training is not None
    assert long.training.losses[3] == pytest.approx(float(short["loss@3"].value), rel=1e-12)


# --- a batch as matrices ----------------------------------------------------------------------------

ROWS = [["0.5", "-1"], ["1", "0.25"], ["2", "0"]]
COLUMNS = [["0.5", "1", "2"], ["-1", "0.25", "0"]]
TARGET_ROWS = [["1", "0"], ["0", "1"], ["1", "1"]]
TARGET_COLUMNS = [["1", "0", "1"], ["0", "1", "1"]]


def test_samples_as_rows_columns_or_a_list_are_the_same_batch() -> None:
    listed = [{"inputs": i, "targets": t} for i, t in zip(ROWS, TARGET_ROWS, strict=True)]
    plain = solution(inputs=None, targets=None, samples=listed)
    rows = solution(inputs=ROWS, targets=TARGET_ROWS)
    columns = solution(inputs=COLUMNS, targets=TARGET_COLUMNS, sample_layout="columns")
    for key in ("net.h1#2", "loss#3", "grad.w1_1_2#1", "grad.b2", "new.w2_1_1"):
        assert plain[key].digits(25) == rows[key].digits(25) == columns[key].digits(25)
    assert "each column is one sample" in words(columns)
    assert "each row is one sample" in words(rows)
    assert "matrices of the data" not in words(plain)


def test_one_target_for_each_sample() -> None:
    layers = [{"units": 1, "activation": "tanh", "weights": [["0.1", "-0.2"]]}]
    own = solution(inputs=ROWS, targets=["1", "0", "1"], layers=layers)
    pairs = [{"inputs": i, "targets": [t]} for i, t in zip(ROWS, "101", strict=True)]
    plain = solution(inputs=None, targets=None, samples=pairs, layers=layers)
    assert own["grad.w1_1_2"].digits(25) == plain["grad.w1_1_2"].digits(25)


def test_the_layout_of_weight_matrices_is_stated_where_the_author_states_it() -> None:
    assert "a row holds the weights of one sending unit" in words(solution(layout="columns"))
    assert "a row holds the weights of one receiving unit" in words(solution(layout="rows"))
    assert "weight matrices of the problem" not in words(solution())


# --- numbers as expressions -------------------------------------------------------------------------


def test_digits_of_expressions_are_certified_to_any_length() -> None:
    """Against mpmath, far beyond the digits that the constant's own text holds."""
    own = solution(inputs=["1 + sin(pi/4)", "-sqrt(2)/3"], learning_rate="e/10")
    with mpmath.workdps(120):
        x1, x2 = 1 + mpmath.sin(mpmath.pi / 4), -mpmath.sqrt(2) / 3
        net = x1 / 10 - x2 / 5 + mpmath.mpf(1) / 10
        difference = mpmath.mpf(own["net.h1"].digits(100)) - net
        assert abs(difference) < mpmath.mpf(10) ** -98
        rate = mpmath.mpf(own["learning_rate"].digits(60))
        assert abs(rate - mpmath.e / 10) < mpmath.mpf(10) ** -58


def test_expressions_are_printed_as_written_and_rounded_where_they_are_used() -> None:
    own = solution(inputs=["1 + sin(pi/4)", "2*3"])
    assert own["x1"].shown == "1.70711"
    assert own["x2"].exact == 6
    assert "1 + sin(π/4)" in own.to_text().replace(" / ", "/")
    assert "1.70711 × 0.1" in own.to_text()


@pytest.mark.parametrize("form", FORMS)
def test_expressions_under_carry_shown(form: str) -> None:
    own = solution(
        form, inputs=["sqrt(2)", "0"], top={"rounding": {"digits": 2, "kind": "places", "carry": "shown"}}
    )
    assert own["x1"].shown == "1.41"
    assert own["net.h1"].shown == "0.24"  # 1.41 x 0.1 + 0.1 = 0.241


# --- derivatives by inputs and targets --------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_derivatives_by_the_data_are_differences(form: str) -> None:
    """Central differences of the certified loss, to what they can tell."""
    top = {"wrt": ["x1", "target.o2"]}
    own = solution(form, top=top)
    step = 1e-5

    def loss(x1: float, t2: float) -> float:
        return float(solution(inputs=[repr(x1), "-1"], targets=["1", repr(t2)])["loss"].value)

    by_x = (loss(0.5 + step, 0) - loss(0.5 - step, 0)) / (2 * step)
    by_t = (loss(0.5, step) - loss(0.5, -step)) / (2 * step)
    assert float(own["dE_dact.x1"].value) == pytest.approx(by_x, rel=1e-8)
    assert float(own["dE_dtarget.o2"].value) == pytest.approx(by_t, rel=1e-8)
    text = words(own)
    assert "Derivatives by the data" in text
    assert own["dE_dact.x1"].shown.replace("-", "−") in text


def test_derivatives_by_the_data_of_a_batch_add_up() -> None:
    top = {"wrt": ["x2"]}
    own = solution(inputs=ROWS, targets=TARGET_ROWS, top=top)
    single = solution(inputs=ROWS[1], targets=TARGET_ROWS[1], top=top)
    share = float(single["dE_dact.x2"].value) / 3  # the mean over three samples
    assert float(own["dE_dact.x2#2"].value) == pytest.approx(share, rel=1e-14)


# --- partly given problems ---------------------------------------------------------------------------

OPEN: dict[str, Any] = {
    "title": "given",
    "network": {
        "layers": [
            {"units": ["x1"]},
            {"units": ["h1", "h2"], "activation": "sigmoid"},
            {"units": ["o1", "o2"], "activation": "sigmoid"},
        ],
        "inputs": {"x1": "0.5"},
        "weights": [
            {"name": "w1", "from": "x1", "to": "h1", "value": None},
            {"name": "w2", "from": "x1", "to": "h2", "value": None},
            {"name": "w3", "from": "h1", "to": "o1", "value": "0.4"},
            {"name": "w4", "from": "h2", "to": "o1", "value": "0.5"},
            {"name": "w5", "from": "h1", "to": "o2", "value": "0.45"},
            {"name": "w6", "from": "h2", "to": "o2", "value": None},
        ],
        "learning_rate": "0.5",
    },
    "given": {"h1": "0.6", "act.h2": "0.55", "dE_dnet.o1": "0.13", "dE_dnet.o2": "-0.2"},
}


@pytest.mark.parametrize("form", FORMS)
def test_hidden_deltas_and_gradients_follow_from_the_outputs(form: str) -> None:
    own = solve(problem_from_mapping({**OPEN, "notation": {"form": form}}))
    arriving = 0.13 * 0.4 - 0.2 * 0.45
    assert float(own["dE_dnet.h1"].value) == pytest.approx(arriving * 0.6 * 0.4, rel=1e-14)
    assert float(own["grad.w1"].value) == pytest.approx(arriving * 0.6 * 0.4 * 0.5, rel=1e-14)
    assert float(own["grad.w3"].value) == pytest.approx(0.13 * 0.6, rel=1e-14)
    assert own["delta.o2"].exact == -own["dE_dnet.o2"].exact  # type: ignore[operator]
    for key in ("grad.w2", "new.w1", "new.w6", "loss"):
        assert not own.ledger.known(key)
    text = words(own)
    assert "Not given: w₁, w₂, w₆" in text
    assert "What depends on them stays symbolic" in text
    for make in (own.to_latex, own.to_typst, own.to_json):
        assert make()


@pytest.mark.parametrize("form", FORMS)
def test_a_given_gradient_is_used_in_the_update(form: str) -> None:
    own = solution(form, top={"given": {"grad.w1_1_1": "0.25"}})
    assert own["new.w1_1_1"].exact is not None
    assert float(own["new.w1_1_1"].value) == pytest.approx(0.1 - 0.5 * 0.25)
    assert own["grad.w1_1_2"].digits(20) == solution(form)["grad.w1_1_2"].digits(20)
    own.to_latex()


@pytest.mark.parametrize("sign", ["loss", "descent"])
def test_a_given_delta_has_the_sign_of_its_key(sign: str) -> None:
    top = {"given": {"delta.o1": "0.5"}, "notation": {"form": "delta", "delta_sign": sign}}
    own = solution(top=top)
    assert own["dE_dnet.o1"].shown == "-0.5"
    assert own["grad.w2_1_1"].value == pytest.approx(-own["act.h1"].value / 2)


def test_a_given_activation_is_held_against_the_parameters() -> None:
    fitting = solution(top={"given": {"h1": "0.3364"}})  # tanh 0.35 = 0.33637...
    assert "is not what the parameters give" not in words(fitting)
    other = solution(top={"given": {"h1": "0.6"}})
    assert "The given aₕ₁ = 0.6 is not what the parameters give, 0.336376" in words(other)


# --- the table form ----------------------------------------------------------------------------------


def test_the_example_of_the_data_mining_textbook() -> None:
    """Han, Kamber and Pei, Data Mining, the example of backpropagation: every figure to three places."""
    text = """
title: Han and Kamber
network:
  inputs: [1, 0, 1]
  targets: [1]
  layers:
    - {units: 2, activation: sigmoid, weights: [[0.2, 0.4, -0.5], [-0.3, 0.1, 0.2]], biases: [-0.4, 0.2]}
    - {units: 1, activation: sigmoid, weights: [[-0.3, -0.2]], biases: [0.1]}
  learning_rate: 0.9
rounding: {digits: 3, kind: places}
notation: {preset: in-out-err}
"""
    own = solve(read_problem(text))
    printed = {
        "net.h1": "-0.7", "act.h1": "0.332", "net.h2": "0.1", "act.h2": "0.525", "net.o1": "-0.105",
        "act.o1": "0.474", "new.w2_1_1": "-0.261", "new.w2_1_2": "-0.138", "new.w1_1_1": "0.192",
        "new.w1_2_1": "-0.306", "new.w1_1_2": "0.4", "new.w1_2_2": "0.1", "new.w1_1_3": "-0.508",
        "new.w1_2_3": "0.194", "new.b2_1": "0.218", "new.b1_2": "0.194", "new.b1_1": "-0.408",
    }  # fmt: skip
    assert {key: own[key].shown for key in printed} == printed
    assert [own[f"delta.{unit}"].digits(2) for unit in ("o1", "h2", "h1")] == ["0.13", "-0.0065", "-0.0087"]
    rows = [re.sub(r"\s+", " ", row) for row in own.to_text().splitlines()]
    assert any(row.startswith("6 Err₆ 0.474(1 − 0.474) × 0.526 = 0.131") for row in rows)
    assert any("−0.3 + 0.039 = −0.261" in row for row in rows)


def test_tables_of_a_batch_have_a_part_for_each_sample() -> None:
    own = solution("tables", inputs=ROWS, targets=TARGET_ROWS)
    text = words(own)
    assert text.count("Sample 2") >= 2
    for key in ("net.h1#1", "act.o2#3", "dE_dnet.h2#2", "grad.w2_1_2", "new.b2"):
        shown = own[key].shown.split("e")[0].replace("-", "−")
        assert shown in text
    used = own["grad.w2_1_2"].uses  # the shares of the samples are written out, since no table lists them
    assert set(used) == {f"{name}#{s}" for s in (1, 2, 3) for name in ("dE_dnet.o1", "act.h2")}


def test_the_signs_of_a_long_sum_stay_when_it_is_torn() -> None:
    own = solution(
        "tables",
        inputs=["0.123456", "-0.654321", "0.111111", "0.222222"],
        layers=[
            {"units": 2, "activation": "tanh",
             "weights": [["0.987654", "-0.876543", "0.765432", "-0.654321"], ["1", "2", "3", "4"]]},
        ],
    )  # fmt: skip
    text = words(own)
    assert "× (−0.876543)" in text
    assert "0.222222 × (−0.654321)" in text


# --- deep networks in every form ---------------------------------------------------------------------

DEEP: dict[str, Any] = {
    "title": "three hidden layers, a skip connection",
    "network": {
        "layers": [
            {"units": ["x1"]},
            {"units": ["p1", "p2"], "activation": "tanh"},
            {"units": ["q1", "q2"], "activation": "sigmoid"},
            {"units": ["r1", "r2"], "activation": "sigmoid"},
            {"units": ["o1", "o2", "o3"], "activation": "sigmoid"},
        ],
        "inputs": ["0.5"],
        "targets": ["1", "0", "0.5"],
        "weights": [
            {"name": f"w{n}", "from": source, "to": target, "value": str(round(0.07 * n - 0.6, 2))}
            for n, (source, target) in enumerate(
                [
                    ("x1", "p1"), ("x1", "p2"), ("p1", "q1"), ("p2", "q1"), ("p1", "q2"), ("p2", "q2"),
                    ("q1", "r1"), ("q2", "r1"), ("q1", "r2"), ("q2", "r2"), ("r1", "o1"), ("r2", "o1"),
                    ("r1", "o2"), ("r2", "o2"), ("p1", "o2"), ("r1", "o3"), ("r2", "o3"),
                ],
                start=1,
            )
        ],
        "learning_rate": "0.5",
    },
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_deep_networks_show_every_number_they_use(form: str) -> None:
    own = solve(problem_from_mapping({**DEEP, "notation": {"form": form}}))
    text = words(own)
    for key in (
        ("grad.w1", "grad.w5", "grad.w15", "new.w2") if form not in ("delta_rule", "tables") else ("new.w2",)
    ):
        assert own[key].shown.split("e")[0].replace("-", "−") in text
    assert own["grad.w1"].digits(20) == solve(problem_from_mapping(DEEP))["grad.w1"].digits(20)


def test_components_derive_the_single_errors_that_they_use() -> None:
    own = solve(problem_from_mapping({**DEEP, "notation": {"form": "components"}}))
    text = words(own)
    for key in ("dE_dnet.r1|o1", "dE_dnet.r2|o3", "dE_dnet.q1|o2"):
        shown = own[key].shown.split("e")[0].replace("-", "−")
        assert f"= {shown}" in text


# --- error texts -------------------------------------------------------------------------------------

START = "title: t\nnetwork:\n"
LAYERS = "  layers:\n    - {units: 2, activation: tanh, weights: [[1, 2], [3, 4]]}\n"
DATA = "  inputs: [1, 2]\n  targets: [1, 0]\n"

TEXTS = [
    (
        "  inputs: [[1, 2], [3]]\n  targets: [[1, 0], [0, 1]]\n" + LAYERS,
        "p.yaml:3: network.inputs[2]: rows of different lengths; given a row of 1; expected 2 numbers, as in "
        "the first row",
    ),
    (
        "  inputs: [[1, 2], [3, 4]]\n  targets: [[1, 0]]\n" + LAYERS,
        "p.yaml:4: network.targets: inputs and targets are for different numbers of samples; given 2 samples "
        "of inputs, 1 of targets; expected one row for each sample in both. If each sample is a column, write "
        "sample_layout: columns under network.",
    ),
    (
        "  inputs: [[1, 2], [3, 4]]\n  targets: [1, 0]\n" + LAYERS,
        "p.yaml:4: network.targets: the inputs are a matrix, the targets are not; expected a matrix with one "
        "row for each sample",
    ),
    (
        "  inputs: [1, 2]\n  targets: [[1, 0]]\n" + LAYERS,
        "p.yaml:4: network.targets: the targets are a matrix, the inputs are not; expected a matrix of inputs "
        "too, or a list of targets",
    ),
    (
        DATA + LAYERS + "wrt: [x1, x3]\n",
        "p.yaml:7: wrt[2]: neither an input nor a target; given x3; expected one of x1, x2, target.o1, "
        "target.o2",
    ),
    (DATA + LAYERS + "wrt: [x1, x1]\n", "p.yaml:7: wrt[2]: stands here twice; given x1; expected each once"),
    (
        DATA + LAYERS + "given: {dE_dnt.o1: 0.5}\n",
        'p.yaml:7: given["dE_dnt.o1"]: no quantity that can be given; given dE_dnt.o1; expected a unit, or one of '
        "act.*, net.*, dact_dnet.*, dE_dact.*, dE_dnet.*, delta.*, error.*, grad.*. Did you mean dE_dnet?",
    ),
    (
        DATA + LAYERS + "given: {grad.w7: 0.5}\n",
        'p.yaml:7: given["grad.w7"]: unknown parameter; given grad.w7; expected one of w1_1_1, w1_1_2, w1_2_1, '
        "w1_2_2",
    ),
    (
        DATA + LAYERS + "given: {w1_1_1: 0.5}\n",
        "p.yaml:7: given.w1_1_1: this is a parameter; given w1_1_1; expected its value where the network's "
        "parameters stand, or its gradient: grad.w1_1_1",
    ),
    (
        DATA + LAYERS + "given: {o1: 0.5, act.o1: 0.6}\n",
        'p.yaml:7: given["act.o1"]: this quantity is given twice; given act.o1; expected one value',
    ),
    (
        '  inputs: ["ln(0)", 2]\n  targets: [1, 0]\n' + LAYERS,
        "p.yaml:3: network.inputs[1]: has no value: ln of 0, which is not above zero; given ln(0); expected a "
        "number, or an expression such as 1 + sin(pi/4)",
    ),
    (
        '  inputs: ["2*x", 2]\n  targets: [1, 0]\n' + LAYERS,
        "p.yaml:3: network.inputs[1]: unknown name x; known are pi and e (column 3); given 2*x; expected a "
        "number, or an expression such as 1 + sin(pi/4)",
    ),
    (
        DATA + LAYERS + "notation: {letters: {nett: a}}\n",
        "p.yaml:7: notation.letters.nett: unknown family of quantities; given nett; expected one of net, "
        "hidden, output, input, target, weight, bias, loss, error, delta, residual, learning_rate. Did you mean "
        "net?",
    ),
    (
        DATA + LAYERS + "notation: {letters: {net: '\\mu'}}\n",
        "p.yaml:7: notation.letters.net: not a printable name; given \\mu; expected a base with an optional "
        "subscript and superscript, as in w_5, w_1,1, hat y_1 or a^2_1",
    ),
]


@pytest.mark.parametrize(("text", "message"), TEXTS)
def test_error_texts(text: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(START + text, "p.yaml")
    assert str(caught.value) == message


def test_every_kind_of_a_unit_may_have_a_rounding_of_its_own() -> None:
    """Also the derivative by a target, which `wrt` asks for."""
    network = {
        "inputs": [1],
        "targets": ["0.3"],
        "layers": [{"units": 1, "activation": "identity", "weights": [[2]]}],
    }
    roles = {f"{kind}.o1": {"digits": 2} for kind in UNIT_KINDS}
    data = {"network": network, "wrt": ["target.o1"], "rounding": {"roles": roles}}
    assert solve(problem_from_mapping(data))["dE_dtarget.o1"].shown == "-1.7"
