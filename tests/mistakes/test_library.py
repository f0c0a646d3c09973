"""Every mistake of the library against its own computation by hand, in NumPy, on a small network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import cos, exp, log, log2, log10, pi, sin, tanh

import numpy as np
import pytest

from symbackprop import Solution, read_problem, solve
from symbackprop.errors import SymbackpropError
from symbackprop.mistakes import MISTAKES, Mistaken, wrong_values

# --- what is said of them ------------------------------------------------------------------------


def test_feedback_is_written_as_it_is_printed() -> None:
    """With real minus signs and raised figures: it stands on keys and feedback sheets as it is."""
    said = [mistake.student for mistake in MISTAKES.values()]
    assert not [text for text in said if "_" in text or "^" in text or " - " in text or "*" in text]


# --- networks ----------------------------------------------------------------------------------

SIGMOID = """
network:
  inputs: [0.3, -0.6]
  targets: [0.9, 0.2]
  layers:
    - {units: 2, activation: sigmoid, weights: [[0.2, -0.4], [0.5, 0.1]], biases: [0.05, -0.1]}
    - {units: 2, activation: sigmoid, weights: [[0.7, -0.3], [-0.2, 0.6]], biases: [0.2, 0.1]}
  loss: half_squared_error
  learning_rate: 0.4
"""
THREE_OUTPUTS = """
network:
  inputs: [0.3, -0.6]
  targets: [0.9, 0.2, 0.4]
  layers:
    - {units: 1, activation: tanh, weights: [[0.2, -0.4]], biases: [0.05]}
    - {units: 3, activation: identity, weights: [[0.7], [-0.2], [0.5]], biases: [0.2, 0.1, -0.3]}
  loss: half_squared_error
  learning_rate: 0.4
"""
BATCH = """
network:
  samples:
    - {inputs: [0.3], targets: [0.9]}
    - {inputs: [-0.5], targets: [0.1]}
    - {inputs: [0.8], targets: [0.4]}
  layers:
    - {units: 1, activation: sigmoid, weights: [[0.6]], biases: [0.2]}
  loss: {kind: half_squared_error, reduction: REDUCTION}
  learning_rate: 0.4
"""
SOFTMAX = """
network:
  inputs: [0.3, -0.6]
  targets: [0, 1]
  layers:
    - {units: 2, activation: softmax, weights: [[0.2, -0.4], [0.5, 0.1]], biases: [0.05, -0.1]}
  loss: cross_entropy
  learning_rate: 0.4
"""
SHARES = SOFTMAX.replace("targets: [0, 1]", "targets: [0.25, 0.75]")
PENALTY = """
network:
  inputs: [0.3]
  targets: [0.9]
  layers:
    - {units: 1, activation: identity, weights: [[0.6]], biases: [0.2]}
  loss: half_squared_error
  learning_rate: 0.4
regularisation: {l2: 0.1}
"""
ADAM = """
network:
  inputs: [0.3]
  targets: [0.9]
  layers:
    - {units: 1, activation: identity, weights: [[0.6]], biases: [0.2]}
  loss: half_squared_error
  learning_rate: 0.05
optimizer: {name: adam, beta1: 0.8, beta2: 0.9, epsilon: 0.001}
"""
MOMENTUM = ADAM.replace("name: adam, beta1: 0.8, beta2: 0.9, epsilon: 0.001", "name: momentum, momentum: 0.9")
ANGLES = """
graph:
  inputs: {x: 0.7}
  parameters: {w: 1.3}
  nodes: {p: x*w, y: sin(p)}
"""
LAYER_NORM = """
network:
  inputs: [0.2, 0.5, -0.4]
  targets: [0.3]
  layers:
    - {type: layer_norm, epsilon: 0.01}
    - {type: dense, units: 1, weights: [[0.4, -0.2, 0.7]], biases: [0.1]}
  loss: half_squared_error
  learning_rate: 0.4
"""


@cache
def solved(text: str) -> Solution:
    return solve(read_problem(text))


def s(z: float) -> float:
    return 1 / (1 + exp(-z))


# --- the sigmoid network by hand -----------------------------------------------------------------

X, T, ETA = np.array([0.3, -0.6]), np.array([0.9, 0.2]), 0.4
W1, B1 = np.array([[0.2, -0.4], [0.5, 0.1]]), np.array([0.05, -0.1])
W2, B2 = np.array([[0.7, -0.3], [-0.2, 0.6]]), np.array([0.2, 0.1])


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


Z1 = W1 @ X + B1
H = logistic(Z1)
Z2 = W2 @ H + B2
OUT = logistic(Z2)
E = OUT - T
SLOPE1, SLOPE2 = H * (1 - H), OUT * (1 - OUT)
D2 = E * SLOPE2
DH = W2.T @ D2
D1 = DH * SLOPE1
G1, G2 = np.outer(D1, X), np.outer(D2, H)
NEW1, NEW2, NEW_B2 = W1 - ETA * G1, W2 - ETA * G2, B2 - ETA * D2
H_NEXT = logistic(NEW1 @ X + B1 - ETA * D1)

# --- the others by hand --------------------------------------------------------------------------

A = tanh(0.3 * 0.2 + 0.6 * 0.4 + 0.05)
D_THREE = np.array([0.7 * A + 0.2 - 0.9, -0.2 * A + 0.1 - 0.2, 0.5 * A - 0.3 - 0.4])
V = np.array([0.7, -0.2, 0.5])

BX, BT = np.array([0.3, -0.5, 0.8]), np.array([0.9, 0.1, 0.4])
BO = logistic(0.6 * BX + 0.2)
BD = (BO - BT) * BO * (1 - BO)

SZ = np.array([0.3 * 0.2 + 0.6 * 0.4 + 0.05, 0.3 * 0.5 - 0.6 * 0.1 - 0.1])
SO = np.exp(SZ) / np.exp(SZ).sum()

G = 0.3 * (0.3 * 0.6 + 0.2 - 0.9)  # of the one weight of ADAM, MOMENTUM and PENALTY
M, S = 0.2 * G, 0.1 * G * G
M_HAT, S_HAT = M / (1 - 0.8), S / (1 - 0.9)

LN = np.array([0.2, 0.5, -0.4])
LN_SQUARES = ((LN - LN.mean()) ** 2).sum()


def momentum_second_gradient() -> float:
    """The second gradient of MOMENTUM: the first update is that of gradient descent."""
    w, b = 0.6 - 0.05 * G, 0.2 - 0.05 * (0.3 * 0.6 + 0.2 - 0.9)
    return 0.3 * (0.3 * w + b - 0.9)


# --- one line per mistake: network, quantity, the wrong value ------------------------------------

Case = tuple[str, str, str, float]
CASES: Sequence[Case] = (
    ("one_path_only", SIGMOID, "grad.w1_1_1", D2[0] * W2[0, 0] * SLOPE1[0] * X[0]),
    ("one_path_only", SIGMOID, "new.w1_2_2", W1[1, 1] - ETA * D2[1] * W2[1, 1] * SLOPE1[1] * X[1]),
    ("path_forgotten", THREE_OUTPUTS, "dE_dact.h1", V[[0, 2]] @ D_THREE[[0, 2]]),
    ("sample_forgotten", BATCH.replace("REDUCTION", "sum"), "grad.w1_1_1", BD[:2] @ BX[:2]),
    ("sample_forgotten", BATCH.replace("REDUCTION", "sum"), "loss", ((BO - BT)[0] ** 2) / 2),
    ("output_forgotten", SIGMOID, "loss", E[1] ** 2 / 2),
    ("off_diagonal_left_out", SHARES, "dE_dnet.o2", -0.75 / SO[1] * SO[1] * (1 - SO[1])),
    ("off_diagonal_left_out", SHARES, "grad.w1_2_1", -0.75 * (1 - SO[1]) * 0.3),
    ("penalty_forgotten", PENALTY, "grad.w1_1_1", G),
    ("activation_derivative_omitted", SIGMOID, "grad.w1_1_1", DH[0] * X[0]),
    ("activation_derivative_omitted", SIGMOID, "grad.w1_1_1", (W2.T @ E)[0] * X[0]),  # everywhere
    ("activation_derivative_twice", SIGMOID, "grad.w2_1_1", D2[0] * SLOPE2[0] * H[0]),
    ("activation_derivative_twice", SOFTMAX, "dE_dnet.o2", (SO[1] - 1) * SO[1] * (1 - SO[1])),
    ("derivative_at_activation", SIGMOID, "grad.w2_1_1", E[0] * s(OUT[0]) * (1 - s(OUT[0])) * H[0]),
    ("derivative_at_net_input", SIGMOID, "grad.w2_1_1", E[0] * Z2[0] * (1 - Z2[0]) * H[0]),
    ("derivative_at_activation", THREE_OUTPUTS, "dE_dnet.h1", (V @ D_THREE) * (1 - tanh(A) ** 2)),
    ("tanh_derivative_for_sigmoid", SIGMOID, "dE_dnet.h1", DH[0] * (1 - H[0] ** 2)),
    ("sigmoid_derivative_for_tanh", THREE_OUTPUTS, "dE_dnet.h1", (V @ D_THREE) * A * (1 - A)),
    ("another_activation", SIGMOID, "act.h1", tanh(Z1[0])),
    ("pre_activation_used", SIGMOID, "net.o1", W2[0] @ Z1 + B2[0]),
    ("pre_activation_used", SIGMOID, "grad.w2_1_2", D2[0] * Z1[1]),
    ("updated_weight_used", SIGMOID, "grad.w1_1_1", (NEW2.T @ D2)[0] * SLOPE1[0] * X[0]),
    ("updated_weight_used", SIGMOID, "new.w1_1_1", W1[0, 0] - ETA * (NEW2.T @ D2)[0] * SLOPE1[0] * X[0]),
    ("stale_value", SIGMOID, "net.o1@1", W2[0] @ H + B2[0]),
    ("stale_value", SIGMOID, "net.o1@1", W2[0, 0] * H_NEXT[0] + NEW2[0, 1] * H_NEXT[1] + NEW_B2[0]),
    ("another_weight", SIGMOID, "net.h1", X[0] * W1[1, 0] + X[1] * W1[0, 1] + B1[0]),
    ("another_weight", SIGMOID, "new.w1_1_1", NEW1[0, 1] - ETA * G1[0, 0]),
    ("weights_transposed", SIGMOID, "net.h1", (W1.T @ X + B1)[0]),
    ("weights_transposed", SIGMOID, "dE_dnet.h1", (W2 @ D2)[0] * SLOPE1[0]),
    ("another_input", SIGMOID, "grad.w1_1_1", D1[0] * X[1]),
    ("another_unit", SIGMOID, "grad.w2_1_1", D2[0] * H[1]),
    ("another_unit", SIGMOID, "error.o1", (T[1] - OUT[0]) ** 2 / 2),
    ("another_gradient", SIGMOID, "new.w1_1_1", W1[0, 0] - ETA * G1[0, 1]),
    ("another_sample", BATCH.replace("REDUCTION", "sum"), "grad.w1_1_1#1", BD[0] * BX[1]),
    ("bias_correction_forgotten", ADAM, "new.w1_1_1", 0.6 - 0.05 * M / (S**0.5 + 0.001)),
    ("bias_correction_forgotten", ADAM, "new.w1_1_1", 0.6 - 0.05 * M_HAT / (S**0.5 + 0.001)),
    (
        "gradient_for_moment",
        MOMENTUM + "epochs: 2\n",
        "new.w1_1_1@2",
        0.6 - 0.05 * G - 0.05 * momentum_second_gradient(),
    ),
    ("error_sign", SIGMOID, "grad.w2_1_1", -G2[0, 0]),
    ("half_forgotten", SIGMOID, "error.o1", E[0] ** 2),
    ("half_forgotten", SIGMOID, "loss", (E**2).sum()),
    ("factor_two_kept", SIGMOID, "grad.w1_1_1", 2 * G1[0, 0]),
    ("halved", SIGMOID, "grad.w2_1_1", G2[0, 0] / 2),
    ("sum_for_mean", BATCH.replace("REDUCTION", "mean"), "grad.w1_1_1", BD @ BX),
    ("sum_for_mean", BATCH.replace("REDUCTION", "mean"), "loss", ((BO - BT) ** 2).sum() / 2),
    ("mean_for_sum", BATCH.replace("REDUCTION", "sum"), "grad.w1_1_1", BD @ BX / 3),
    ("mean_for_sum", BATCH.replace("REDUCTION", "sum"), "loss", ((BO - BT) ** 2).sum() / 6),
    ("factor_dropped", SIGMOID, "grad.w2_1_1", H[0]),
    ("factor_dropped", SIGMOID, "grad.w2_1_1", E[0] * (1 - OUT[0]) * H[0]),
    ("factor_twice", SIGMOID, "grad.w2_1_1", D2[0] * H[0] ** 2),
    ("plus_for_times", SIGMOID, "grad.w2_1_1", D2[0] + H[0]),
    ("times_for_over", ADAM, "m_hat.w1_1_1@1", M * (1 - 0.8)),
    ("exponent_sign", SIGMOID, "act.o1", 1 / (1 + exp(Z2[0]))),
    ("term_sign", SIGMOID, "net.h1", -X[0] * W1[0, 0] + X[1] * W1[0, 1] + B1[0]),
    ("term_dropped", SIGMOID, "net.h1", X[1] * W1[0, 1] + B1[0]),
    ("square_forgotten", SIGMOID, "error.o1", (T[0] - OUT[0]) / 2),
    ("doubled_for_squared", SIGMOID, "error.o1", T[0] - OUT[0]),
    ("one_fewer", LAYER_NORM, "act.ln1_var", LN_SQUARES / 2),
    ("gradient_added", SIGMOID, "new.w2_1_1", W2[0, 0] + ETA * G2[0, 0]),
    ("learning_rate_forgotten", SIGMOID, "new.w2_1_1", W2[0, 0] - G2[0, 0]),
    ("learning_rate_forgotten", ADAM, "new.w1_1_1", 0.6 - M_HAT / (S_HAT**0.5 + 0.001)),
    ("learning_rate_twice", SIGMOID, "new.w2_1_1", W2[0, 0] - ETA**2 * G2[0, 0]),
    ("step_applied_twice", SIGMOID, "new.w2_1_1", W2[0, 0] - 2 * ETA * G2[0, 0]),
    ("another_step_added", SIGMOID, "new.w2_1_1", W2[0, 0] - ETA * G2[0, 0] - ETA * G2[0, 1]),
    ("another_step_added", SIGMOID, "new.w2_1_1", W2[0, 0] - ETA * G2[0, 0] + ETA * G2[0, 1]),
    ("bias_left_out", SIGMOID, "net.o1", W2[0] @ H),
    ("bias_left_out", SIGMOID, "net.o1", W2[0] @ logistic(W1 @ X)),  # in both layers
    ("bias_as_input_zero", SIGMOID, "grad.b2_1", 0.0),
    ("bias_as_input_zero", SIGMOID, "new.b2_1", B2[0]),
    ("bias_not_updated", SIGMOID, "new.b2_1", B2[0]),
    ("bias_not_updated", SIGMOID, "net.o1@1", NEW2[0] @ logistic(NEW1 @ X + B1) + B2[0]),
    ("weight_not_updated", SIGMOID, "new.w2_1_1", W2[0, 0]),
    ("log_base_ten", SOFTMAX, "loss", -log10(SO[1])),
    ("log_base_two", SOFTMAX, "loss", -log2(SO[1])),
    ("degrees_for_radians", ANGLES, "act.y", sin(0.7 * 1.3 * pi / 180)),
    ("degrees_for_radians", ANGLES, "grad.w", cos(0.7 * 1.3 * pi / 180) * 0.7),
    ("root_forgotten", ADAM, "new.w1_1_1", 0.6 - 0.05 * M_HAT / (S_HAT + 0.001)),
    ("rounded_too_early", SIGMOID, "grad.w2_1_1", D2[0] * round(H[0], 2)),
    ("decimal_point_shifted", SIGMOID, "grad.w2_1_1", 10 * G2[0, 0]),
    ("decimal_point_shifted", SIGMOID, "grad.w2_1_1", G2[0, 0] / 100),
    ("sign_dropped", SIGMOID, "grad.w2_1_1", -G2[0, 0]),
    ("another_value", SIGMOID, "grad.w2_1_1", D2[0] * T[1]),
)


def wrong(text: str, key: str, mistake: str) -> list[Mistaken]:
    solution = solved(text)
    return list(wrong_values(solution.ledger, solution.graph, solution.problem, key, mistakes=[mistake]))


@pytest.mark.parametrize(("name", "text", "key", "value"), CASES, ids=[f"{c[0]}-{c[2]}" for c in CASES])
def test_a_mistake_makes_the_value_computed_by_hand(name: str, text: str, key: str, value: float) -> None:
    made = wrong(text, key, name)
    assert made
    assert all(one.mistake == name and one.key == key for one in made)
    assert any(float(one.value.ball) == pytest.approx(value, rel=1e-12, abs=1e-15) for one in made), [
        float(one.value.ball) for one in made
    ]


#: Slips with digits: what they make of the right answer's digits as they are printed.
SLIPS: Sequence[tuple[str, str, str, Callable[[str], str]]] = (
    ("digits_swapped", SIGMOID, "act.o1", lambda right: _swap(right, 3)),
    (
        "digit_miscopied",
        SIGMOID,
        "act.o1",
        lambda right: right[:2] + str((int(right[2]) + 3) % 10) + right[3:],
    ),
    ("digit_left_out", SIGMOID, "act.o1", lambda right: right[:3] + right[4:]),
)


def _swap(text: str, place: int) -> str:
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


@pytest.mark.parametrize(("name", "text", "key", "slip"), SLIPS, ids=[case[0] for case in SLIPS])
def test_a_slip_with_digits(name: str, text: str, key: str, slip: Callable[[str], str]) -> None:
    right = solved(text)[key].shown
    assert slip(right) in [made.shown for made in wrong(text, key, name)]


def test_cut_off_where_it_should_be_rounded() -> None:
    """The activation sigma(0.35) is 0.586617579..."""
    assert f"{H[0]:.9f}" == "0.586617579"
    (made,) = wrong(SIGMOID, "act.h1", "truncated")
    assert (solved(SIGMOID)["act.h1"].shown, made.shown) == ("0.586618", "0.586617")


def test_every_mistake_has_a_case() -> None:
    tested = {case[0] for case in CASES} | {case[0] for case in SLIPS} | {"truncated"}
    assert tested == set(MISTAKES)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=lambda mistake: mistake.name)
def test_a_mistake_is_described(mistake: object) -> None:
    from symbackprop.mistakes import Mistake

    assert isinstance(mistake, Mistake)
    assert mistake.name.isidentifier()
    assert mistake.title
    assert mistake.student.startswith(("You", "The", "A", "Two", "One", "Not", "Your"))
    assert mistake.student.endswith(".") and mistake.instructor.endswith(".")
    assert mistake.applies
    assert mistake.often > 0


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "mistakes", "message"),
    [
        ("grad.w2_1_11", None, "no quantity 'grad.w2_1_11'; did you mean grad.w2_1_1?"),
        ("x1", None, "x1 is given, so no mistake is made in computing it"),
        ("act.h1", ["one_path"], "no mistake 'one_path' in the library; did you mean one_path_only?"),
    ],
)
def test_what_cannot_be_asked(key: str, mistakes: list[str] | None, message: str) -> None:
    solution = solved(SIGMOID)
    with pytest.raises(SymbackpropError) as error:
        list(wrong_values(solution.ledger, solution.graph, solution.problem, key, mistakes=mistakes))
    assert str(error.value) == message


def test_a_quantity_without_a_value() -> None:
    solution = solve("partly-given")
    unknown = next(key for key in solution.ledger.formulas if not solution.ledger.known(key))
    with pytest.raises(SymbackpropError, match="has no value in this problem"):
        list(wrong_values(solution.ledger, solution.graph, solution.problem, unknown))


def test_logarithms_agree() -> None:
    """The loss that the logarithms above are taken of."""
    assert float(solved(SOFTMAX)["loss"]) == pytest.approx(-log(SO[1]))


def test_a_tie_that_no_precision_decides_costs_one_mistake_and_not_the_search() -> None:
    # two equal logits: each share is one half, which is a ball for whoever does not prove it, and cut to
    # one place it may be 0.4 or 0.5
    problem = read_problem(
        """
network:
  inputs: [1]
  targets: [1, 0]
  layers:
    - {units: 2, activation: softmax, weights: [[0.3], [0.3]], biases: [0.1, 0.1]}
  loss: cross_entropy
rounding: {kind: places, digits: 1}
"""
    )
    solution = solve(problem)
    made = list(wrong_values(solution.ledger, solution.graph, solution.problem, "act.o1"))
    found = {(one.mistake, one.shown) for one in made}
    assert str(solution.ledger.shown("act.o1")) == "0.5"
    # e^-0.4 over 2 e^0.4 is 0.22; the sign forgotten, the digits in the other order
    assert {("exponent_sign", "0.2"), ("sign_dropped", "-0.5"), ("digits_swapped", "5.0")} <= found
    assert "truncated" not in {one.mistake for one in made}
