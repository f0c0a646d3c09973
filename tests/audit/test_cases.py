"""Audits of pages about networks of every kind: right numbers, and slips computed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log10, sqrt
from typing import Any

import pytest

from symbackprop import Rounding, RoundingPolicy, load_problem, read_problem, solve
from symbackprop.audit import Audit, AuditRequest, Figure, audit
from symbackprop.audit.audit_file import for_audit, quantity_of
from symbackprop.audit.printed import read_printed
from symbackprop.spec.problem import Problem

Page = dict[str, float]


def s(z: float) -> float:
    return 1 / (1 + exp(-z))


MAZUR = """
network:
  layers:
    - {name: input, units: [i1, i2]}
    - {name: hidden, units: [h1, h2], activation: sigmoid}
    - {name: output, units: [o1, o2], activation: sigmoid}
  inputs: {i1: 0.05, i2: 0.10}
  targets: {o1: 0.01, o2: 0.99}
  weights:
    - {name: w1, from: i1, to: h1, value: 0.15}
    - {name: w2, from: i2, to: h1, value: 0.20}
    - {name: w3, from: i1, to: h2, value: 0.25}
    - {name: w4, from: i2, to: h2, value: 0.30}
    - {name: w5, from: h1, to: o1, value: 0.40}
    - {name: w6, from: h2, to: o1, value: 0.45}
    - {name: w7, from: h1, to: o2, value: 0.50}
    - {name: w8, from: h2, to: o2, value: 0.55}
  biases:
    - {name: b1, to: [h1, h2], value: 0.35}
    - {name: b2, to: [o1, o2], value: 0.60}
  loss: half_squared_error
  learning_rate: 0.5
frozen: [b1, b2]
"""

#: The figures of the best-known worked example (M. Mazur, "A Step by Step Backpropagation Example", 2015).
#: The last one comes from a program that passes the error back through the output weights after their update.
MAZUR_FIGURES = {
    "net.h1": "0.3775",
    "act.h1": "0.593269992",
    "act.h2": "0.596884378",
    "net.o1": "1.105905967",
    "act.o1": "0.75136507",
    "act.o2": "0.772928465",
    "error.o1": "0.274811083",
    "error.o2": "0.023560026",
    "loss": "0.298371109",
    "dE_dact.o1": "0.74136507",
    "dact_dnet.o1": "0.186815602",
    "grad.w5": "0.082167041",
    "new.w5": "0.35891648",
    "new.w6": "0.408666186",
    "new.w7": "0.511301270",
    "new.w8": "0.561370121",
    "dE_dnet.o1": "0.138498562",
    "dE_dact.h1|o1": "0.055399425",
    "dE_dact.h1|o2": "-0.019049119",
    "dE_dact.h1": "0.036350306",
    "dact_dnet.h1": "0.241300709",
    "grad.w1": "0.000438568",
    "new.w1": "0.149780716",
    "new.w2": "0.19956143",
    "new.w3": "0.24975114",
    "new.w4": "0.29950229",
    "loss@1": "0.291027924",
}

#: A textbook's example in tables (Han, Kamber, Pei, "Data Mining", 2011, section 9.2): three decimals,
#: displayed values carried, thresholds as biases.
TEXTBOOK = """
network:
  layers:
    - {name: input, units: [x1, x2, x3]}
    - {name: hidden, units: [u4, u5], activation: sigmoid}
    - {name: output, units: [u6], activation: sigmoid}
  inputs: {x1: 1, x2: 0, x3: 1}
  targets: {u6: 1}
  weights:
    - {name: w14, from: x1, to: u4, value: 0.2}
    - {name: w15, from: x1, to: u5, value: -0.3}
    - {name: w24, from: x2, to: u4, value: 0.4}
    - {name: w25, from: x2, to: u5, value: 0.1}
    - {name: w34, from: x3, to: u4, value: -0.5}
    - {name: w35, from: x3, to: u5, value: 0.2}
    - {name: w46, from: u4, to: u6, value: -0.3}
    - {name: w56, from: u5, to: u6, value: -0.2}
  biases:
    - {name: t4, to: u4, value: -0.4}
    - {name: t5, to: u5, value: 0.2}
    - {name: t6, to: u6, value: 0.1}
  loss: half_squared_error
  learning_rate: 0.9
"""
TEXTBOOK_FIGURES = {
    "net.u4": "-0.7",
    "act.u4": "0.332",
    "net.u5": "0.1",
    "act.u5": "0.525",
    "net.u6": "-0.105",
    "act.u6": "0.474",
    "delta.u6": "0.1311",
    "delta.u5": "-0.0065",
    "delta.u4": "-0.0087",
    "new.w46": "-0.261",
    "new.w56": "-0.138",
    "new.w14": "0.192",
    "new.w15": "-0.306",
    "new.w24": "0.4",
    "new.w25": "0.1",
    "new.w34": "-0.508",
    "new.w35": "0.194",
    "new.t6": "0.218",
    "new.t5": "0.194",
    "new.t4": "-0.408",
}

#: A neuron as a circuit, from lecture notes (cs231n, "Backpropagation, Intuitions"): two decimals.
CIRCUIT = """
graph:
  inputs: {x0: -1, x1: -2}
  parameters: {w0: 2, w1: -3, w2: -3}
  nodes: {p: w0*x0, q: w1*x1, u: p + q, d: u + w2, f: 1/(1 + exp(-d))}
  wrt: [x0, x1]
"""
CIRCUIT_FIGURES = {
    "act.p": "-2.00",
    "act.q": "6.00",
    "act.u": "4.00",
    "act.d": "1.00",
    "act.f": "0.73",
    "dE_dact.d": "0.20",
    "grad.w0": "-0.20",
    "grad.w1": "-0.39",
    "grad.w2": "0.20",
    "dE_dact.x0": "0.39",
    "dE_dact.x1": "-0.59",
}


def problem_of(text: str) -> Problem:
    return read_problem(text) if "\n" in text else load_problem(text)


def audited(problem: Problem, figures: Mapping[str, str]) -> Audit:
    made = tuple(Figure(key, quantity_of(key), read_printed(text), text) for key, text in figures.items())
    return audit(AuditRequest(for_audit(problem, [one.key for one in made]), made, problem.title))


def judged(found: Audit) -> dict[str, tuple[str, Any]]:
    """Return the wrong figures: the mistake of each that is wrong by itself, the sources of the others."""
    wrong: dict[str, tuple[str, Any]] = {}
    for one in found.faults:
        sources = [found.findings[at].figure.name for at in one.came_from]
        sure = one.explanation
        wrong[one.figure.name] = (
            one.verdict,
            sources if one.verdict == "inherited" else sure and sure.mistake,
        )
    return wrong


# --- pages as they were published ----------------------------------------------------------------


def test_the_best_known_example() -> None:
    assert judged(audited(problem_of(MAZUR), MAZUR_FIGURES)) == {"loss@1": ("own", "updated_weight_used")}


def test_a_textbook_in_tables() -> None:
    found = audited(problem_of(TEXTBOOK), TEXTBOOK_FIGURES)
    assert found.faults == ()
    assert found.convention.convention.carry == "shown"
    assert [one.figure.name for one in found.findings if one.verdict == "convention"] == ["delta.u6"]


def test_a_circuit_from_lecture_notes() -> None:
    assert audited(problem_of(CIRCUIT), CIRCUIT_FIGURES).faults == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"delta.u4": "-0.0393"}, {"delta.u4": ("own", "activation_derivative_omitted")}),
        ({"new.w14": "0.208"}, {"new.w14": ("own", "gradient_added")}),
        ({"new.t6": "-0.018"}, {"new.t6": ("own", "gradient_added")}),
        ({"act.u6": "0.526"}, {"act.u6": ("own", "exponent_sign")}),
        (
            {"net.u6": "-0.205", "act.u6": "0.449"},
            {"net.u6": ("own", "bias_left_out"), "act.u6": ("inherited", ["net.u6"])},
        ),
        ({"new.w46": "-0.26"}, {}),  # two digits of -0.2609
        ({"new.w56": "0.138"}, {"new.w56": ("own", "sign_dropped")}),
        ({"delta.u6": "1.311"}, {"delta.u6": ("own", "decimal_point_shifted")}),
    ],
    ids=lambda value: "+".join(value) or "none",
)
def test_a_slip_in_the_textbook(changes: dict[str, str], expected: dict[str, Any]) -> None:
    """Whoever goes on with the right number after a misprint is not accused of anything further."""
    assert judged(audited(problem_of(TEXTBOOK), {**TEXTBOOK_FIGURES, **changes})) == expected


# --- pages of our own ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A page with slips.

    figures: the quantities that are printed. slips: wrong values by quantity, from the numbers as they are
    printed before (a dictionary that also has what the problem gives). wrong: what is to be found. page: how
    numbers are printed.
    """

    problem: str
    figures: Sequence[str]
    slips: Mapping[str, Callable[[Page], float]]
    wrong: Mapping[str, tuple[str, Any]]
    page: Rounding = field(default_factory=lambda: Rounding(6, "places", zeros="keep", scientific_below=None))


SOFTMAX_KEYS = [
    "net.h1",
    "act.h1",
    "net.h2",
    "act.h2",
    "net.h3",
    "act.h3",
    "net.o1",
    "net.o2",
    "net.o3",
    "act.o1",
    "act.o2",
    "act.o3",
    "loss",
    "dE_dnet.o1",
    "dE_dnet.o2",
    "dE_dnet.o3",
    "grad.w2_1_1",
    "dE_dnet.h1",
    "grad.w1_1_1",
    "new.w1_1_1",
]
RNN_KEYS = [
    "net.h1",
    "act.h1",
    "net.h2",
    "act.h2",
    "net.h3",
    "act.h3",
    "act.y1",
    "act.y2",
    "act.y3",
    "loss",
    "dE_dnet.y1",
    "dE_dnet.y2",
    "dE_dnet.y3",
    "dE_dnet.h3",
    "dE_dnet.h2",
    "dE_dnet.h1",
    "grad.W_xh",
    "grad.W_hh",
    "new.W_xh",
    "new.W_hh",
]
TANH_NET = """
network:
  inputs: [0.6, -0.4]
  targets: [0.25]
  layers:
    - {units: 2, activation: tanh, weights: [[0.35, -0.72], [0.81, 0.16]], biases: [0.12, -0.07]}
    - {units: 1, activation: tanh, weights: [[0.53, -0.94]], biases: [0.21]}
  loss: squared_error
  learning_rate: 0.2
"""
MEAN_BATCH = """
network:
  samples:
    - {inputs: [0.31, 0.77], targets: [0.9]}
    - {inputs: [-0.58, 0.12], targets: [0.1]}
    - {inputs: [0.83, -0.45], targets: [0.4]}
  layers:
    - {units: 1, activation: sigmoid, weights: [[0.64, -0.27]], biases: [0.18]}
  loss: half_squared_error
  learning_rate: 0.5
"""
TWO_STEPS = """
network:
  inputs: [0.31, 0.77]
  targets: [0.9]
  layers:
    - {units: 1, activation: identity, weights: [[0.64, -0.27]], biases: [0.18]}
  loss: half_squared_error
  learning_rate: 0.1
optimizer: {name: momentum, momentum: 0.9}
epochs: 2
"""

CASES: dict[str, Case] = {
    "softmax-log-ten": Case(
        "softmax-classes",
        SOFTMAX_KEYS,
        {"loss": lambda p: -log10(p["act.o2"])},
        {"loss": ("own", "log_base_ten")},
    ),
    "softmax-derivative-again": Case(
        "softmax-classes",
        SOFTMAX_KEYS,
        {"dE_dnet.o1": lambda p: p["act.o1"] * p["act.o1"] * (1 - p["act.o1"])},
        {"dE_dnet.o1": ("own", "activation_derivative_twice")},
    ),
    "softmax-wrong-slope-flows-on": Case(
        "softmax-classes",
        SOFTMAX_KEYS,
        {
            "dE_dnet.h1": lambda p: HIDDEN(p) * p["act.h1"] * (1 - p["act.h1"]),
            "grad.w1_1_1": lambda p: p["dE_dnet.h1"] * p["x1"],
            "new.w1_1_1": lambda p: p["w1_1_1"] - p["learning_rate"] * p["grad.w1_1_1"],
        },
        {
            "dE_dnet.h1": ("own", "sigmoid_derivative_for_tanh"),
            "grad.w1_1_1": ("inherited", ["dE_dnet.h1"]),
            "new.w1_1_1": ("inherited", ["grad.w1_1_1"]),
        },
    ),
    "rnn-last-step-only": Case(
        "elman-rnn",
        RNN_KEYS,
        {
            "grad.W_hh": lambda p: p["dE_dnet.h3"] * p["act.h2"],
            "new.W_hh": lambda p: p["W_hh"] - p["learning_rate"] * p["grad.W_hh"],
        },
        {"grad.W_hh": ("own", "one_path_only"), "new.W_hh": ("inherited", ["grad.W_hh"])},
    ),
    "rnn-nothing-back-through-time": Case(
        "elman-rnn",
        RNN_KEYS,
        {"dE_dnet.h2": lambda p: p["dE_dnet.y2"] * p["W_hy_1_1"] * (1 - p["act.h2"] ** 2)},
        {"dE_dnet.h2": ("own", "one_path_only")},
    ),
    "rnn-stale-state": Case(
        "elman-rnn",
        RNN_KEYS,
        {
            "net.h3": lambda p: p["x3"] * p["W_xh"] + p["act.h1"] * p["W_hh"] + p["b_h"],
        },
        {"net.h3": ("own", "stale_value")},
    ),
    "factor-two-forgotten": Case(
        TANH_NET,
        [
            "net.h1",
            "act.h1",
            "net.h2",
            "act.h2",
            "net.o1",
            "act.o1",
            "loss",
            "dE_dact.o1",
            "dE_dnet.o1",
            "grad.w2_1_1",
            "grad.w2_1_2",
            "grad.b2_1",
        ],
        {
            "dE_dact.o1": lambda p: p["act.o1"] - 0.25,
            "dE_dnet.o1": lambda p: (p["act.o1"] - 0.25) * (1 - p["act.o1"] ** 2),
        },
        {"dE_dact.o1": ("own", "factor_dropped"), "dE_dnet.o1": ("inherited", ["dE_dact.o1"])},
    ),
    "biases-forgotten": Case(
        TANH_NET,
        ["net.h1", "act.h1", "net.h2", "act.h2", "net.o1", "act.o1", "loss"],
        {
            "net.h1": lambda p: 0.6 * 0.35 + 0.4 * 0.72,
            "net.h2": lambda p: 0.6 * 0.81 - 0.4 * 0.16,
        },
        {"net.h1": ("own", "bias_left_out"), "net.h2": ("own", "bias_left_out")},
    ),
    "batch-sum-for-mean": Case(
        MEAN_BATCH,
        [
            "act.o1#1",
            "act.o1#2",
            "act.o1#3",
            "loss#1",
            "loss#2",
            "loss#3",
            "loss",
            "grad.w1_1_1",
            "grad.w1_1_2",
            "grad.b1_1",
            "new.w1_1_1",
        ],
        {
            "grad.w1_1_1": lambda p: sum(BATCH_SLOPES(p, [0.31, -0.58, 0.83])),
            "grad.w1_1_2": lambda p: sum(BATCH_SLOPES(p, [0.77, 0.12, -0.45])),
        },
        {"grad.w1_1_1": ("own", "sum_for_mean"), "grad.w1_1_2": ("own", "sum_for_mean")},
    ),
    "batch-one-sample-left-out": Case(
        MEAN_BATCH,
        [
            "act.o1#1",
            "act.o1#2",
            "act.o1#3",
            "loss#1",
            "loss#2",
            "loss#3",
            "loss",
            "grad.w1_1_1",
            "new.w1_1_1",
        ],
        {"loss": lambda p: (p["loss#1"] + p["loss#3"]) / 3},
        {"loss": ("own", "sample_forgotten")},
    ),
    "adam-uncorrected": Case(
        "adam",
        [
            "net.h1",
            "act.h1",
            "net.o1",
            "act.o1",
            "grad.w2_1_1",
            "m.w2_1_1@1",
            "v.w2_1_1@1",
            "m_hat.w2_1_1@1",
            "v_hat.w2_1_1@1",
            "new.w2_1_1",
        ],
        {"new.w2_1_1": lambda p: 0.4 - p["learning_rate"] * p["m.w2_1_1@1"] / (sqrt(p["v.w2_1_1@1"]) + 1e-8)},
        {"new.w2_1_1": ("own", "bias_correction_forgotten")},
        Rounding(9, "places", zeros="keep", scientific_below=None),
    ),
    "momentum-ignored": Case(
        TWO_STEPS,
        [
            "act.o1",
            "grad.w1_1_1",
            "new.w1_1_1",
            "act.o1@1",
            "grad.w1_1_1@1",
            "velocity.w1_1_1@2",
            "new.w1_1_1@2",
        ],
        {"new.w1_1_1@2": lambda p: p["new.w1_1_1"] - 0.1 * p["grad.w1_1_1@1"]},
        {"new.w1_1_1@2": ("own", "gradient_for_moment")},
    ),
    "penalty-forgotten": Case(
        "weight-decay",
        [
            "net.h1",
            "act.h1",
            "net.h2",
            "act.h2",
            "net.o1",
            "act.o1",
            "dE_dnet.o1",
            "grad.w2_1_1",
            "grad.w2_1_2",
            "grad.b2_1",
        ],
        {"grad.w2_1_2": lambda p: p["dE_dnet.o1"] * p["act.h2"]},
        {"grad.w2_1_2": ("own", "penalty_forgotten")},
    ),
    "variance-of-a-sample": Case(
        "batch-norm",
        [
            "net.h1_1#1",
            "net.h1_1#2",
            "net.h1_1#3",
            "act.bn1_mean_1",
            "act.bn1_var_1",
            "act.bn1_hat_1#1",
            "act.bn1_1#1",
            "act.o1#1",
        ],
        {
            "act.bn1_var_1": lambda p: sum((z - p["act.bn1_mean_1"]) ** 2 for z in (1, 1.25, 0.25)) / 2,
            "act.bn1_hat_1#1": lambda p: (1 - p["act.bn1_mean_1"]) / sqrt(p["act.bn1_var_1"] + 0.01),
        },
        {
            "act.bn1_var_1": ("own", "one_fewer"),
            "act.bn1_hat_1#1": ("inherited", ["act.bn1_var_1"]),
        },
    ),
    "digits-swapped": Case(
        "lstm",
        ["act.o1"],
        {"act.o1": lambda p: SWAPPED(p["act.o1"])},
        {"act.o1": ("own", "digits_swapped")},
        Rounding(8, "places", zeros="keep", scientific_below=None),
    ),
    "misprint-and-on-with-the-right-one": Case(
        "shared-bias",
        [
            "net.h1",
            "act.h1",
            "net.h2",
            "act.h2",
            "net.o1",
            "act.o1",
            "dE_dnet.o1",
            "grad.w5",
            "new.w5",
            "grad.w6",
            "new.w6",
        ],
        {"grad.w5": lambda p: p["grad.w5"] * 10},
        {"grad.w5": ("own", "decimal_point_shifted")},
    ),
    "rate-forgotten": Case(
        "shared-bias",
        [
            "net.h1",
            "act.h1",
            "net.h2",
            "act.h2",
            "net.o1",
            "act.o1",
            "dE_dnet.o1",
            "grad.w5",
            "new.w5",
            "grad.w6",
            "new.w6",
        ],
        {"new.w5": lambda p: 0.5 - p["grad.w5"], "new.w6": lambda p: 0.6 - p["grad.w6"]},
        {"new.w5": ("own", "learning_rate_forgotten"), "new.w6": ("own", "learning_rate_forgotten")},
    ),
    "neighbouring-weight": Case(
        "deep-network",
        [
            "net.h1_1",
            "act.h1_1",
            "net.h1_2",
            "act.h1_2",
            "net.h1_3",
            "act.h1_3",
            "net.h2_1",
            "net.h2_2",
            "net.h2_3",
        ],
        {"net.h2_2": lambda p: NEIGHBOUR(p)},
        {"net.h2_2": ("own", "another_weight")},
    ),
}


def HIDDEN(p: Page) -> float:  # noqa: N802
    """dE/da of the first hidden unit of the softmax network: a sum over its three outputs."""
    return sum(p[f"dE_dnet.o{k}"] * p[f"w2_{k}_1"] for k in (1, 2, 3))


def BATCH_SLOPES(p: Page, inputs: Sequence[float]) -> list[float]:  # noqa: N802
    targets = (0.9, 0.1, 0.4)
    outputs = [p[f"act.o1#{k}"] for k in (1, 2, 3)]
    return [(o - t) * o * (1 - o) * x for o, t, x in zip(outputs, targets, inputs, strict=True)]


def SWAPPED(value: float) -> float:  # noqa: N802
    text = f"{value:.8f}"
    return float(text[:4] + text[5] + text[4] + text[6:])


def NEIGHBOUR(p: Page) -> float:  # noqa: N802
    """The second net input of the second layer with the weight below in the place of its second one."""
    total = p["act.h1_1"] * p["w2_2_1"] + p["act.h1_2"] * p["w2_3_2"] + p["act.h1_3"] * p["w2_2_3"]
    return total + p["b2_2"]


def page_of(case: Case) -> dict[str, str]:
    """Return a page: right numbers off a sheet that carries displayed values, the slips worked in by hand."""
    problem = for_audit(problem_of(case.problem), [quantity_of(key) for key in case.figures])
    sheet = solve(replace(problem, rounding=RoundingPolicy(case.page)))
    keys = sheet.keys()
    values = {key: float(sheet.ledger.significant(key)) for key in keys if sheet.ledger.known(key)}
    page = dict(values)
    printed: dict[str, str] = {}
    for name in case.figures:
        key = quantity_of(name)
        value = case.slips[name](page) if name in case.slips else values[key]
        printed[name] = f"{value:.{case.page.digits}f}"
        page[key] = float(printed[name])
    return printed


@pytest.mark.parametrize("name", CASES)
def test_a_page_with_slips(name: str) -> None:
    case = CASES[name]
    assert judged(audited(problem_of(case.problem), page_of(case))) == case.wrong


@pytest.mark.parametrize("name", CASES)
def test_the_page_without_them_is_right(name: str) -> None:
    case = replace(CASES[name], slips={})
    assert audited(problem_of(case.problem), page_of(case)).faults == ()


def test_sigmoid() -> None:
    """The function above is the one of the networks."""
    assert s(0) == 0.5
