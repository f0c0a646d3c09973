"""Updates: what each quantity is, against mpmath by hand, and what the sheet says."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import Dense, Problem, load_problem, solve
from symbackprop.doubles.training import train
from symbackprop.spec import problem as spec
from symbackprop.spec import read_problem

MP = mpmath.MPContext()
MP.dps = 40

SAMPLES = ((2, 1), (1, -1), (3, 2))


def line(**fields: Any) -> spec.Problem:
    """Return a line y = w x + b with squared error, whose gradients anyone can write down."""
    problem: Any = Problem(
        title="A line",
        layers=[Dense(1, "identity", weights=[["0.5"]], biases=["0.25"])],
        samples=[([x], [t]) for x, t in SAMPLES],
        loss="squared_error",
        **{"learning_rate": "0.1", **fields},
    )
    return problem  # type: ignore[no-any-return]


def gradients(w: Any, b: Any, batch: tuple[int, ...]) -> tuple[Any, Any]:
    """Return dE/dw and dE/db of the mean of (w x + b - t)^2 over a batch."""
    errors = [2 * (w * SAMPLES[s - 1][0] + b - SAMPLES[s - 1][1]) / MP.mpf(len(batch)) for s in batch]
    return MP.fsum(e * SAMPLES[s - 1][0] for e, s in zip(errors, batch, strict=True)), MP.fsum(errors)


def number(solution: Any, key: str) -> Any:
    return MP.mpf(str(solution[key].value))


def assert_near(solution: Any, key: str, expected: Any) -> None:
    assert abs(number(solution, key) - expected) <= abs(expected) * MP.mpf("1e-16"), key


def test_adam_by_hand_with_every_moment() -> None:
    solution = solve(line(optimizer="adam", batches=[[1, 2], [3]], epochs=2))
    w, b, moments = MP.mpf("0.5"), MP.mpf("0.25"), {"w": (0, 0), "b": (0, 0)}
    for update in range(1, 5):
        batch = ((1, 2), (3,))[(update - 1) % 2]
        for letter, g in zip("wb", gradients(w, b, batch), strict=True):
            name = {"w": "w1_1_1", "b": "b1_1"}[letter]
            at = "" if update == 1 else f"@{update - 1}"
            assert_near(solution, f"grad.{name}{at}", g)
            m = MP.mpf("0.9") * moments[letter][0] + MP.mpf("0.1") * g
            v = MP.mpf("0.999") * moments[letter][1] + MP.mpf("0.001") * g**2
            m_hat, v_hat = m / (1 - MP.mpf("0.9") ** update), v / (1 - MP.mpf("0.999") ** update)
            for kind, expected in (("m", m), ("v", v), ("m_hat", m_hat), ("v_hat", v_hat)):
                assert_near(solution, f"{kind}.{name}@{update}", expected)
            step = -MP.mpf("0.1") * m_hat / (MP.sqrt(v_hat) + MP.mpf("1e-8"))
            assert_near(solution, f"step.{name}{at}", step)
            if letter == "w":
                w += step
            else:
                b += step
            moments[letter] = (m, v)
        end = "" if update == 1 else f"@{update}"
        assert_near(solution, f"new.w1_1_1{end}", w)
        assert_near(solution, f"new.b1_1{end}", b)


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize("place", ["inside", "outside"])
def test_epsilon_and_bias_correction(place: str, corrected: bool) -> None:
    field = {"name": "adam", "epsilon": "0.01", "epsilon_place": place, "bias_correction": corrected}
    solution = solve(line(optimizer=field))
    g, _ = gradients(MP.mpf("0.5"), MP.mpf("0.25"), (1, 2, 3))
    m, v = MP.mpf("0.1") * g, MP.mpf("0.001") * g**2
    if corrected:
        m, v = g, g**2
    epsilon = MP.mpf("0.01")
    root = MP.sqrt(v + epsilon) if place == "inside" else MP.sqrt(v) + epsilon
    assert_near(solution, "new.w1_1_1", MP.mpf("0.5") - MP.mpf("0.1") * m / root)
    assert ("m_hat.w1_1_1@1" in set(solution.keys())) is corrected
    said = "Epsilon stands under the root." if place == "inside" else "Epsilon stands outside the root."
    assert said in solution.to_text()
    assert ("The moments are not corrected" in solution.to_text()) is not corrected


def test_momentum_inside_and_outside_differ_where_the_rate_changes() -> None:
    rates = {"schedule": "list", "rates": ["0.1", "0.02"]}
    g1, _ = gradients(MP.mpf("0.5"), MP.mpf("0.25"), (1, 2, 3))
    for place in ("inside", "outside"):
        field = {"name": "momentum", "momentum": "0.5", "rate": place}
        solution = solve(line(optimizer=field, learning_rate=rates, epochs=2))
        g2 = number(solution, "grad.w1_1_1@1")
        first, second = MP.mpf("0.1"), MP.mpf("0.02")
        if place == "inside":
            velocity = MP.mpf("0.5") * (-first * g1) - second * g2
            step = velocity
        else:
            velocity = MP.mpf("0.5") * g1 + g2
            step = -second * velocity
        assert_near(solution, "velocity.w1_1_1@2", velocity)
        assert_near(solution, "new.w1_1_1@2", number(solution, "new.w1_1_1") + step)
        assert solution["learning_rate@1"].shown == "0.02"


def test_each_pass_has_its_own_samples() -> None:
    keys = set(solve(line(batches=[[1, 2], [3]], epochs=2)).keys())
    assert {"act.o1#1", "act.o1#2", "grad.w1_1_1#1", "act.o1#3@1", "grad.w1_1_1#3@1", "act.o1#2@2"} <= keys
    assert not {"grad.w1_1_1#3", "act.o1#1@1", "grad.w1_1_1#1@1"} & keys
    losses = {key for key in keys if key.startswith("epoch_loss")}
    assert losses == {"epoch_loss", "epoch_loss@2", "epoch_loss@4"}


def test_the_epoch_loss_is_that_of_all_samples() -> None:
    solution = solve(line(batches="online", epochs=2, regularisation={"l2": "0.1", "divided_by": "samples"}))
    for update in (0, 3, 6):
        at = f"@{update}" if update else ""
        name = "w1_1_1" if not update else f"new.w1_1_1@{update}"
        w, b = number(solution, name), number(solution, name.replace("w1_1_1", "b1_1"))
        data = MP.fsum((w * x + b - t) ** 2 for x, t in SAMPLES) / 3
        assert_near(solution, f"epoch_loss{at}", data + MP.mpf("0.05") * w**2 / 3)
    assert_near(solution, "loss", (MP.mpf("0.5") * 2 + MP.mpf("0.25") - 1) ** 2 + MP.mpf("0.05") / 4)


@pytest.mark.parametrize(("constant", "factor"), [("1/2", 1), ("1", 2), ("3", 6)])
@pytest.mark.parametrize("divided_by", ["nothing", "samples"])
def test_penalty_conventions(constant: str, factor: int, divided_by: str) -> None:
    penalty = {"l2": "0.1", "l1": "0.02", "constant": constant, "divided_by": divided_by}
    solution = solve(line(regularization=penalty))
    g, h = gradients(MP.mpf("0.5"), MP.mpf("0.25"), (1, 2, 3))
    share = 3 if divided_by == "samples" else 1
    w = MP.mpf("0.5")
    assert_near(solution, "grad.w1_1_1", g + (factor * MP.mpf("0.1") * w + MP.mpf("0.02")) / share)
    assert_near(solution, "grad.b1_1", h)  # biases are left out
    expected = (MP.mpf(factor) / 2 * MP.mpf("0.1") * w**2 + MP.mpf("0.02") * w) / share
    assert_near(solution, "penalty", expected)
    assert_near(solution, "loss", number(solution, "data_loss") + expected)
    text = " ".join(solution.to_text().split())
    assert ("is divided by the number of samples" in text) is (share == 3)
    assert "Not penalised" in text


def test_the_penalised_gradient_is_sympys_derivative_of_the_whole_loss() -> None:
    """Over a batch in which one sample counts twice; the sign's derivative is left out by SymPy at 0 only."""
    import sympy

    penalty = {"l2": "0.1", "l1": "0.02", "parameters": "*"}
    solution = solve(line(regularisation=penalty, batches=[[1, 3, 1], [2]]))
    for name in ("w1_1_1", "b1_1"):
        whole = sympy.diff(solution["loss"].composed, sympy.Symbol(name, real=True))
        assert sympy.simplify(whole - solution[f"grad.{name}"].composed) == 0


def test_a_step_composes_back_to_the_parameters_at_the_start() -> None:
    """The second update by RMSProp, written out over inputs, targets and start, has the value it shows."""
    solution = solve(line(optimizer="rmsprop", epochs=2))
    composed: Any = solution["new.w1_1_1@2"].composed
    values = {symbol: str(solution[symbol.name].value) for symbol in composed.free_symbols}
    assert_near(solution, "new.w1_1_1@2", MP.mpf(str(composed.evalf(30, subs=values))))


def test_the_kink_of_a_magnitude_counts_zero() -> None:
    flat: Any = Problem(
        title="At zero",
        layers=[Dense(1, "identity", weights=[["0"]], biases=["0.25"])],
        inputs=["1"],
        targets=["1"],
        learning_rate="0.1",
        regularisation={"l1": "0.5"},
    )
    solution = solve(flat)
    assert str(solution["grad.w1_1_1"].exact) == "-3/4"
    assert "it is taken as 0" in solution.to_text()


def test_clipping_leaves_short_gradients_alone() -> None:
    solution = solve(line(clip={"norm": "100"}))
    assert solution["clip_factor"].exact == 1
    assert solution["clipped.w1_1_1"].value == solution["grad.w1_1_1"].value
    cut = solve(line(clip={"value": "0.5"}))
    assert [str(cut[f"clipped.{name}"].exact) for name in ("w1_1_1", "b1_1")] == ["1/2", "1/2"]


def test_ascent_adds() -> None:
    down, up = solve(line()), solve(line(ascent=True))
    assert up["step.w1_1_1"].value == -down["step.w1_1_1"].value
    assert up["new.w1_1_1"].value == 1 - down["new.w1_1_1"].value
    assert "gradient ascent" in up.to_text()


def test_trainable_is_the_rest_frozen() -> None:
    assert line(trainable=["w*"]) == line(frozen=["b*"])


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adadelta"]),
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(["chain", "components", "delta", "delta_rule", "tables"]),
    st.sampled_from(["exact", "shown"]),
)
def test_any_batches_in_any_form(
    name: str, batches: list[list[int]], penalised: bool, form: str, carry: str
) -> None:
    """Steps add up, whatever the form; exactly carried values are those of double precision."""
    fields: dict[str, Any] = {"optimizer": name, "batches": batches, "notation": {"form": form}}
    if penalised:
        fields |= {"regularisation": {"l2": "0.1"}, "clip": {"norm": "1"}}
    problem = line(**fields, rounding={"carry": carry, "digits": 8})
    solution = solve(problem)
    assert solution.to_text()
    assert solution.to_latex() and solution.to_typst()
    last = f"@{len(batches)}" if len(batches) > 1 else ""
    before = f"@{len(batches) - 1}" if len(batches) > 2 else ""
    old = number(solution, "w1_1_1" if len(batches) == 1 else f"new.w1_1_1{before}")
    at = f"@{len(batches) - 1}" if len(batches) > 1 else ""
    new = number(solution, f"new.w1_1_1{last}")
    assert abs(new - old - number(solution, f"step.w1_1_1{at}")) <= MP.mpf("1e-15")
    if carry == "exact":
        doubles = train(problem).parameters[len(batches)]
        assert doubles[0] == pytest.approx(float(new), rel=1e-11)


def test_a_graph_trains_as_any_network() -> None:
    """Certified updates against those of the line, and against the run in double precision."""
    problem = read_problem(
        """
graph:
  parameters: {w: 0.5, b: 0.25}
  inputs: {x: 1}
  constants: {t: 1}
  samples: [{x: 2, t: 1}, {x: 1, t: -1}, {x: 3, t: 2}]
  nodes: {e: (w*x + b - t)^2}
learning_rate: 0.1
optimizer: adam
batches: [[1, 2], [3]]
""",
        "graph.yaml",
    )
    solution, dense = solve(problem), solve(line(optimizer="adam", batches=[[1, 2], [3]]))
    for ours, theirs in (
        ("new.w@2", "new.w1_1_1@2"),
        ("m.b@2", "m.b1_1@2"),
        ("epoch_loss@2", "epoch_loss@2"),
    ):
        assert_near(solution, ours, number(dense, theirs))
    run = train(problem, frozenset({2}))
    assert run.parameters[2] == pytest.approx(
        [float(solution["new.w@2"]), float(solution["new.b@2"])], rel=1e-12
    )
    assert run.epoch_losses[2] == pytest.approx(float(solution["epoch_loss@2"]), rel=1e-12)


def test_plain_sheets_have_no_update_section() -> None:
    assert "Update:" not in solve(load_problem("two-output-sigmoid")).to_text()


def test_the_sheet_states_rule_rate_and_batches() -> None:
    problem = line(
        optimizer={"name": "nesterov", "form": "lookahead"},
        learning_rate={"start": "0.1", "schedule": "step", "gamma": "1/2", "every": 1, "per": "epoch"},
        batches=[[3, 1], [2]],
        state={"velocity.w1_1_1": "0.05", "step": "4"},
        epochs=2,
    )
    text = " ".join(solve(problem).to_text().split())
    for said in (
        "three samples in two mini-batches",
        "4 steps of Nesterov momentum",
        "in this order, one update each: 3, 1; 2.",
        "The gradient is taken where the velocity alone would lead.",
        "is given, the rest is zero",
        "has made 4 updates before",
        "Training over two epochs of two updates",
    ):
        assert said in text, said


def test_a_recurrent_network_trains_beyond_what_is_certified() -> None:
    """Weights used at every time step: certified updates against the run in double precision."""
    text = """
network:
  inputs: [[1, 0.5], [0.2, -0.3], [0.4, 0.1]]
  targets: [0.3]
  layers:
    - {type: rnn, units: 2, W_xh: [[0.1, 0.2], [0.3, -0.4]], W_hh: [[0.5, 0.1], [-0.2, 0.3]], b_h: [0.1, 0.2]}
    - {type: dense, units: 1, activation: sigmoid, weights: [[0.4, -0.5]], biases: [0.25]}
  learning_rate: 0.1
optimizer: {name: rmsprop, centered: true, momentum: 0.5}
regularisation: {l2: 0.1}
clip: {norm: 0.05}
"""
    short, long = (
        read_problem(text + "epochs: 4\n", "rnn.yaml"),
        read_problem(text + "epochs: 130\n", "rnn.yaml"),
    )
    solution, run = solve(short), train(long, frozenset({4}))
    assert solve(long).training is not None
    for parameter, double in zip(short.parameters, run.parameters[4], strict=True):
        assert double == pytest.approx(float(solution[f"new.{parameter.name}@4"]), rel=1e-10)
    assert run.losses[3] == pytest.approx(float(solution["loss@3"]), rel=1e-10)
    assert long.descent.penalty is not None
    assert not {"b_h_1", "b_h_2", "b1_1"} & set(long.descent.penalty.parameters)
