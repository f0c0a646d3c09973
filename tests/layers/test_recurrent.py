"""Recurrent layers: a published example, names of quantities, ways to write matrices, error texts."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
import sympy

from symbackprop import ProblemError, load_problem, read_problem
from symbackprop.derivation.solving import derive
from symbackprop.formulas.symbolic import sympy_symbol, to_sympy
from symbackprop.formulas.terms import keys
from symbackprop.network.operations import Node
from symbackprop.solution import Solution

from .autograd import numbers, read_texts, solution_of

# --- a published example ---------------------------------------------------------------------

#: Aidan Gomez, "Backpropagating an LSTM: A Numerical Example" (2016), to the digits printed there.
GOMEZ = {
    "act.g1": "0.81775", "act.i1": "0.96083", "act.f1": "0.85195", "act.o1": "0.81757", "act.c1": "0.78572",
    "act.h1": "0.53631", "act.g2": "0.84980", "act.i2": "0.98118", "act.f2": "0.87030", "act.o2": "0.84993",
    "act.c2": "1.5176", "act.h2": "0.77198",
}  # fmt: skip


def gomez() -> Solution:
    weights = {"g": ([0.45, 0.25], 0.15, 0.2), "i": ([0.95, 0.8], 0.8, 0.65), "f": ([0.7, 0.45], 0.1, 0.15),
               "o": ([0.6, 0.4], 0.25, 0.1)}  # fmt: skip
    layer: dict[str, Any] = {"type": "lstm", "returns": "all"}
    for letter, (by_input, by_state, bias) in weights.items():
        layer |= {f"W_x{letter}": by_input, f"W_h{letter}": by_state, f"b_{letter}": bias}
    return solution_of(
        {
            "inputs": [[1, 2], [0.5, 3]],
            "targets": [0.5, 1.25],
            "layers": [layer],
            "loss": "half_squared_error",
            "learning_rate": 0.1,
        }
    )


@pytest.mark.parametrize("key", GOMEZ)
def test_published_lstm(key: str) -> None:
    printed = GOMEZ[key]
    unit = 10.0 ** -len(printed.partition(".")[2])
    assert abs(float(gomez()[key]) - float(printed)) <= unit  # the article truncates 0.785727 to 0.78572


# --- names -----------------------------------------------------------------------------------


def rnn(**fields: Any) -> dict[str, Any]:
    return {"type": "rnn", "W_xh": [[0.1, 0.2], [0.3, -0.4]], "W_hh": [[0.5, -0.1], [0.2, 0.3]], **fields}


def network(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    base = {"inputs": [[1, 0], [0.5, -1]], "targets": [1, 0], "loss": "squared_error", "learning_rate": 0.1}
    return {**base, "layers": list(layers), **fields}


def test_lines_of_a_step() -> None:
    solution = solution_of(network(rnn(b_h=[0.1, 0])))
    assert str(solution["net.h2_1"]).startswith(
        "z₁⁽²⁾ = x₁⁽²⁾W₁₁^xh + x₂⁽²⁾W₁₂^xh + h₁⁽¹⁾W₁₁^hh + h₂⁽¹⁾W₁₂^hh + b₁^h = "
    )
    assert str(solution["act.h2_1"]).startswith("h₁⁽²⁾ = tanh(z₁⁽²⁾) = ")
    assert str(solution["grad.W_hh_1_2|t2"]).startswith("∂E/∂W₁₂^{hh,(2)} = ∂E/∂z₁⁽²⁾ · h₂⁽¹⁾ = ")
    total = "∂E/∂W₁₂^hh = ∂E/∂W₁₂^{hh,(1)} + ∂E/∂W₁₂^{hh,(2)} = "
    assert str(solution["grad.W_hh_1_2"]).startswith(total)


def test_one_unit_has_no_index() -> None:
    layer = {"type": "rnn", "W_xh": 0.5, "W_hh": 0.25, "b_h": 0.1, "returns": "all"}
    solution = solution_of(network(layer, inputs=[1, 2], targets=[0.5, 0.5]))
    assert str(solution["net.h2"]).startswith("z₂ = x₂W_xh + h₁W_hh + bₕ = 2 × 0.5 + ")
    assert solution.problem.outputs == ("h1", "h2")


def test_every_gate_is_a_unit() -> None:
    solution = gomez()
    assert str(solution["act.c2"]).startswith("c₂ = f₂c₁ + i₂g₂ = ")
    assert str(solution["act.h2"]).startswith("h₂ = o₂tanh(c₂) = ")
    assert str(solution["dE_dact.f2"]).startswith("∂E/∂f₂ = ∂E/∂c₂ · c₁ = ")
    assert "(1 − (tanh(c₂))²)" in str(solution["dE_dact.c2"])


def test_time_steps_are_summed_once() -> None:
    """The sum is over the shares alone, and nothing else has a share."""
    solution = solution_of(network(rnn(b_h=[0.1, 0])))
    for parameter in ("W_xh_1_1", "W_hh_2_1", "b_h_2"):
        used = keys(solution[f"grad.{parameter}"].formula)
        assert used == (f"grad.{parameter}|t1", f"grad.{parameter}|t2")
    assert solution["grad.W_hh_1_1|t1"].exact == 0  # the state before the first step is 0


def test_outputs_at_every_step() -> None:
    dense = {
        "type": "time_distributed",
        "layer": {"weights": [[1, -1]], "biases": [0.5], "activation": "sigmoid"},
    }
    solution = solution_of(network(rnn(returns="all"), dense, targets=[[1], [0]]))
    assert str(solution["net.y2"]).startswith("z_{y,2} = h₁⁽²⁾W₁₁^hy + h₂⁽²⁾W₁₂^hy + b₁ʸ = ")
    assert str(solution["error.y2"]).startswith("E₂ = (y₂ − ŷ₂)² = ")
    assert len(solution["grad.b_y_1"].uses) == 2


def test_an_output_beside_output_gates() -> None:
    """An LSTM of one unit has gates o1 and o2, so that the network's outputs are y1 and y2."""
    layer = {"type": "lstm"} | {f"W_{kind}{letter}": 0.5 for letter in "ifgo" for kind in "xh"}
    dense = {"type": "dense", "weights": [[1], [2]]}
    solution = solution_of(network(layer, dense, inputs=[1, 2]))
    assert solution.problem.outputs == ("y1", "y2")
    assert str(solution["act.y1"]).startswith("ŷ₁")


# --- the same network written in several ways ------------------------------------------------


def losses(*networks: dict[str, Any]) -> set[str]:
    return {solution_of(written)["loss"].digits(30) for written in networks}


def gates(random: Random, letters: str) -> dict[str, Any]:
    return {
        name: numbers(random, *shape)
        for letter in letters
        for name, shape in ((f"W_x{letter}", (2, 2)), (f"W_h{letter}", (2, 2)), (f"b_{letter}", (2,)))
    }


@pytest.mark.parametrize(("kind", "letters", "order"), [("lstm", "ifgo", "oigf"), ("gru", "rzn", "zrn")])
def test_joined_stacked_and_transposed(kind: str, letters: str, order: str) -> None:
    given = gates(Random(kind), letters)
    single = {"type": kind, **given}
    joined = {"type": kind, **{f"b_{letter}": given[f"b_{letter}"] for letter in letters}}
    turned = {"type": kind, "joined": "xh", **{f"b_{letter}": given[f"b_{letter}"] for letter in letters}}
    for letter in letters:
        x, h = given[f"W_x{letter}"], given[f"W_h{letter}"]
        joined[f"W_{letter}"] = [state + row for row, state in zip(x, h, strict=True)]
        turned[f"W_{letter}"] = [row + state for row, state in zip(x, h, strict=True)]
    stacked: dict[str, Any] = {"type": kind, "gate_order": order}
    for field, stem in (("weight_ih", "W_x"), ("weight_hh", "W_h"), ("bias_ih", "b_")):
        stacked[field] = [row for letter in order for row in given[f"{stem}{letter}"]]
    across = copy.deepcopy(stacked)
    for field in ("weight_ih", "weight_hh"):
        across[field] = [list(column) for column in zip(*stacked[field], strict=True)]
    assert len(losses(network(single), network(joined), network(turned), network(stacked),
                      network(across, layout="columns"))) == 1  # fmt: skip


def test_initial_state_from_an_input() -> None:
    by_number = network(rnn(initial=[0.3, -0.2]))
    by_name = network(
        rnn(initial="h0", **{"from": "x"}), inputs={"x": [[1, 0], [0.5, -1]], "h0": [0.3, -0.2]}
    )
    assert len(losses(by_number, by_name)) == 1


# --- error texts -----------------------------------------------------------------------------

BASE = """\
network:
  inputs: [[1, 0], [0.5, -1]]
  targets: [1, 0]
  layers:
    - {type: LAYER}
"""
RNN = "rnn, W_xh: [[1, 2], [3, 4]], W_hh: [[1, 2], [3, 4]]"
TEXTS = [(case["layer"], case["error"]) for case in read_texts("recurrent")]


def message(layer: str, base: str = BASE) -> str:
    with pytest.raises(ProblemError) as caught:
        read_problem(base.replace("LAYER", layer), "p.yaml")
    return str(caught.value)


@pytest.mark.parametrize(("layer", "expected"), TEXTS)
def test_error_texts(layer: str, expected: str) -> None:
    assert message(layer) == f"p.yaml:5: {expected}"


def test_a_single_state_has_no_steps() -> None:
    base = BASE + "    - {type: time_distributed, layer: {weights: [[1, 2]]}}\n"
    assert "Give the recurrent layer `returns: all`." in message(RNN, base)


def test_data_of_three_axes() -> None:
    base = BASE.replace("[[1, 0], [0.5, -1]]", "[[[1, 0]], [[0.5, -1]]]")
    assert "2 x 1 x 2 values come in; expected a sequence: time steps x features" in message(RNN, base)


@pytest.mark.parametrize("name", ["elman-rnn", "lstm", "gru", "char-rnn"])
def test_examples(name: str) -> None:
    """The files of the examples are read and solved, and the first step lowers the loss."""
    from symbackprop.spec import catalogue

    problem = load_problem(catalogue._FOLDER / f"{name}.yaml")
    solution = Solution(problem, *derive(problem))
    assert solution["loss@1"].value < solution["loss"].value


@pytest.mark.parametrize("update", ["keeps", "renews"])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_written_derivatives_are_sympys(kind: str, update: str) -> None:
    """The derivatives that are written as courses write them are those of the formulas."""
    letters = {"lstm": "ifgo", "gru": "rzn"}[kind]
    fields = {"update": update} if kind == "gru" else {}
    problem = solution_of(network({"type": kind, **gates(Random(1), letters), **fields})).problem
    assert problem.architecture is not None
    operations = [operation for stage in problem.architecture.stages for operation in stage.operations]
    proved = 0
    for node in operations:
        if isinstance(node, Node):
            for operand, partial in node.partials.items():
                whole = sympy.diff(to_sympy(node.formula), sympy_symbol(operand))
                assert sympy.simplify(whole - to_sympy(partial)) == 0
                proved += 1
    assert proved == {"lstm": 2, "gru": 3}[kind] * 2 * 2  # operands, units, time steps
