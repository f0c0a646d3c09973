"""Recurrent layers against PyTorch's nn.RNN, nn.GRU and nn.LSTM in float64."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from .autograd import assert_array, assert_gradients, batch, close, need_torch, numbers, solution_of

torch = need_torch()

#: time steps, features, hidden units, samples
SHAPES = [(1, 1, 1, 1), (2, 1, 1, 2), (3, 2, 2, 1), (5, 2, 3, 2), (4, 3, 1, 2), (5, 1, 2, 1)]


def tensor(values: Any) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def split(stack: Any, letters: str) -> dict[str, Any]:
    return dict(zip(letters, stack.chunk(len(letters)), strict=True))


class Case:
    """One random network of a recurrent layer and a dense layer at every step or after the last."""

    def __init__(self, seed: int, shape: tuple[int, int, int, int], gates: int, every_step: bool) -> None:
        self.random = Random(seed)
        self.steps, self.features, self.hidden, self.samples = shape
        self.every_step = every_step
        random, hidden = self.random, self.hidden
        self.weights = {
            "weight_ih": numbers(random, gates * hidden, self.features),
            "weight_hh": numbers(random, gates * hidden, hidden),
            "bias_ih": numbers(random, gates * hidden),
            "bias_hh": numbers(random, gates * hidden),
        }
        self.inputs = [numbers(random, self.steps, self.features) for _ in range(self.samples)]
        self.initial, self.cell = numbers(random, hidden), numbers(random, hidden)
        self.V, self.c = numbers(random, 2, hidden), numbers(random, 2)
        outputs = (self.steps, 2) if every_step else (2,)
        self.targets = [numbers(random, *outputs) for _ in range(self.samples)]

    def network(self, layer: dict[str, Any]) -> dict[str, Any]:
        dense = {"type": "dense", "weights": self.V, "biases": self.c, "activation": "sigmoid"}
        layer = {"initial": self.initial, "returns": "all" if self.every_step else "last", **layer}
        if self.every_step:
            dense = {"type": "time_distributed", "layer": dense}
        return {
            "samples": batch(self.inputs, self.targets),
            "layers": [layer, dense],
            "loss": "half_squared_error",
        }

    def loss(self, module: Any, *state: Any) -> tuple[Any, dict[str, Any], Any]:
        """Return the loss, the leaves by name and all hidden states, the module having these weights."""
        names = {
            "weight_ih": "weight_ih_l0",
            "weight_hh": "weight_hh_l0",
            "bias_ih": "bias_ih_l0",
            "bias_hh": "bias_hh_l0",
        }
        leaves = {field: tensor(values) for field, values in self.weights.items()}
        leaves |= {"V": tensor(self.V), "c": tensor(self.c)}
        given = torch.tensor(self.inputs, dtype=torch.float64)
        states, _ = torch.func.functional_call(module, {names[f]: leaves[f] for f in names}, (given, *state))
        out = torch.sigmoid((states if self.every_step else states[:, -1]) @ leaves["V"].T + leaves["c"])
        losses = ((out - torch.tensor(self.targets, dtype=torch.float64)) ** 2).sum(
            dim=tuple(range(1, out.ndim))
        ) / 2
        return losses.mean(), leaves, states

    def repeated(self, values: Any) -> Any:
        return torch.tensor([[values] * self.samples], dtype=torch.float64)

    def dense(self, leaves: dict[str, Any]) -> dict[str, Any]:
        matrix, bias = ("W_hy", "b_y") if self.every_step else ("w1", "b1")
        return {matrix: leaves["V"].grad, bias: leaves["c"].grad}

    def check(self, solution: Any, loss: Any, expected: dict[str, Any], states: Any) -> None:
        assert close(float(solution["loss"]), loss.item())
        assert_gradients(solution, expected)
        for sample in range(self.samples):
            mark = f"#{sample + 1}" if self.samples > 1 else ""
            for step in range(self.steps):
                for unit in range(self.hidden):
                    name = f"h{step + 1}_{unit + 1}" if self.hidden > 1 else f"h{step + 1}"
                    assert close(float(solution[f"act.{name}{mark}"]), states[sample, step, unit].item(), 1.0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_rnn(shape: Any, every_step: bool, activation: str) -> None:
    case = Case(10 * sum(shape), shape, 1, every_step)
    w = case.weights
    solution = solution_of(
        case.network(
            {"type": "rnn", "activation": activation, "W_xh": w["weight_ih"], "W_hh": w["weight_hh"],
             "b_ih": w["bias_ih"], "b_hh": w["bias_hh"]}
        )
    )  # fmt: skip
    module = torch.nn.RNN(case.features, case.hidden, nonlinearity=activation, batch_first=True).double()
    loss, leaves, states = case.loss(module, case.repeated(case.initial))
    loss.backward()
    own = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_ih": "bias_ih", "b_hh": "bias_hh"}
    expected = {name: leaves[field].grad for name, field in own.items()}
    case.check(solution, loss, expected | case.dense(leaves), states)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_stacked_gates(shape: Any, every_step: bool, kind: str) -> None:
    letters = {"lstm": "ifgo", "gru": "rzn"}[kind]
    case = Case(10 * sum(shape) + 1, shape, len(letters), every_step)
    cell = {"initial_cell": case.cell} if kind == "lstm" else {}
    solution = solution_of(case.network({"type": kind, **case.weights, **cell}))
    state = case.repeated(case.initial)
    if kind == "lstm":
        module, state = (
            torch.nn.LSTM(case.features, case.hidden, batch_first=True),
            (state, case.repeated(case.cell)),
        )
    else:
        module = torch.nn.GRU(case.features, case.hidden, batch_first=True)
    loss, leaves, states = case.loss(module.double(), state)
    loss.backward()
    expected = {}
    for family, field in (("W_x", "weight_ih"), ("W_h", "weight_hh"), ("b_x", "bias_ih"), ("b_h", "bias_hh")):
        expected |= {f"{family}{letter}": part for letter, part in split(leaves[field].grad, letters).items()}
    case.check(solution, loss, expected | case.dense(leaves), states)


# --- what PyTorch has no module for: the equations, by autograd -------------------------------


def gate(x: Any, h: Any, w: dict[str, Any], letter: str) -> Any:
    return x @ w[f"W_x{letter}"].T + h @ w[f"W_h{letter}"].T + w[f"b_{letter}"]


def random_gates(random: Random, letters: str, features: int, hidden: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for letter in letters:
        made[f"W_x{letter}"] = numbers(random, hidden, features)
        made[f"W_h{letter}"] = numbers(random, hidden, hidden)
        made[f"b_{letter}"] = numbers(random, hidden)
    return made


@pytest.mark.parametrize("update", ["keeps", "renews"])
@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("width", [2, 1])
def test_gru_conventions(update: str, reset_after: bool, width: int) -> None:
    random = Random(f"{update}{reset_after}{width}")
    given = random_gates(random, "rzn", 2, width)
    inputs, targets = numbers(random, 4, 2), numbers(random, width)
    layer = {"type": "gru", "update": update, "reset_after": reset_after, **given}
    solution = solution_of({"inputs": inputs, "targets": targets, "layers": [layer], "loss": "squared_error"})
    w = {name: tensor(values) for name, values in given.items()}
    h = torch.zeros(width, dtype=torch.float64)
    for row in torch.tensor(inputs, dtype=torch.float64):
        r, z = torch.sigmoid(gate(row, h, w, "r")), torch.sigmoid(gate(row, h, w, "z"))
        if reset_after:  # one bias: it stands outside the reset gate
            n = torch.tanh(row @ w["W_xn"].T + w["b_n"] + r * (h @ w["W_hn"].T))
        else:
            n = torch.tanh(gate(row, r * h, w, "n"))
        h = (1 - z) * n + z * h if update == "keeps" else (1 - z) * h + z * n
    loss = ((h - torch.tensor(targets, dtype=torch.float64)) ** 2).sum()
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    assert_gradients(solution, {name: leaf.grad for name, leaf in w.items()})


@pytest.mark.parametrize("peepholes", ["ifo", "o", "if"])
def test_peepholes_and_trained_start(peepholes: str) -> None:
    random = Random(peepholes)
    given = random_gates(random, "ifgo", 2, 2)
    given |= {f"w_c{letter}": numbers(random, 2) for letter in peepholes}
    inputs, targets, h0, c0 = (
        numbers(random, 3, 2),
        numbers(random, 2),
        numbers(random, 2),
        numbers(random, 2),
    )
    layer = {"type": "lstm", "initial": h0, "initial_cell": c0, "train_initial": True, **given}
    solution = solution_of({"inputs": inputs, "targets": targets, "layers": [layer], "loss": "squared_error"})
    w = {name: tensor(values) for name, values in given.items()}
    h = start_h = tensor(h0)
    c = start_c = tensor(c0)

    def peep(letter: str, cell: Any) -> Any:
        return w[f"w_c{letter}"] * cell if letter in peepholes else 0

    for row in torch.tensor(inputs, dtype=torch.float64):
        i = torch.sigmoid(gate(row, h, w, "i") + peep("i", c))
        f = torch.sigmoid(gate(row, h, w, "f") + peep("f", c))
        c = f * c + i * torch.tanh(gate(row, h, w, "g"))
        h = torch.sigmoid(gate(row, h, w, "o") + peep("o", c)) * torch.tanh(c)
    loss = ((h - torch.tensor(targets, dtype=torch.float64)) ** 2).sum()
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    own = {name: leaf.grad for name, leaf in w.items()}
    assert_gradients(solution, own | {"h_init": start_h.grad, "c_init": start_c.grad})


def test_stacked_layers_and_an_encoder_for_a_decoder() -> None:
    """Two recurrent layers on each other; a decoder that starts from the encoder's last state."""
    random = Random(7)
    one, two = (
        {"W_xh": numbers(random, 2, size), "W_hh": numbers(random, 2, 2), "b_h": numbers(random, 2)}
        for size in (3, 2)
    )
    three = {"W_xh": numbers(random, 2, 1), "W_hh": numbers(random, 2, 2), "b_h": numbers(random, 2)}
    source, fed, targets = numbers(random, 3, 3), numbers(random, 2, 1), numbers(random, 2, 2)
    network = {
        "inputs": {"source": source, "fed": fed},
        "targets": targets,
        "layers": [
            {"type": "rnn", "from": "source", "returns": "all", **one},
            {"type": "rnn", "name": "enc", **two},
            {"type": "rnn", "name": "dec", "from": "fed", "initial": "enc", "returns": "all", **three},
        ],
        "loss": "squared_error",
    }
    solution = solution_of(network)
    layers = [{name: tensor(values) for name, values in layer.items()} for layer in (one, two, three)]

    def run(rows: Any, h: Any, w: Any) -> list[Any]:
        states = []
        for row in rows:
            h = torch.tanh(row @ w["W_xh"].T + h @ w["W_hh"].T + w["b_h"])
            states.append(h)
        return states

    zero = torch.zeros(2, dtype=torch.float64)
    first = run(torch.tensor(source, dtype=torch.float64), zero, layers[0])
    second = run(first, zero, layers[1])
    third = torch.stack(run(torch.tensor(fed, dtype=torch.float64), second[-1], layers[2]))
    loss = ((third - torch.tensor(targets, dtype=torch.float64)) ** 2).sum()
    loss.backward()
    assert close(float(solution["loss"]), loss.item())
    expected = {}
    for mark, leaves in zip(("", "enc_", "dec_"), layers, strict=True):
        expected |= {name.replace("_", f"_{mark}"): leaf.grad for name, leaf in leaves.items()}
    assert_gradients(solution, expected)


def test_shares_of_time_steps() -> None:
    """grad.P|t2 is autograd's gradient by a copy of P that only time step 2 uses."""
    random = Random(3)
    given = {"W_xh": numbers(random, 2, 2), "W_hh": numbers(random, 2, 2), "b_h": numbers(random, 2)}
    inputs, targets = [numbers(random, 3, 2) for _ in range(2)], [numbers(random, 2) for _ in range(2)]
    network = {
        "samples": batch(inputs, targets),
        "layers": [{"type": "rnn", **given}],
        "loss": "squared_error",
    }
    solution = solution_of(network)
    copies = [{name: tensor(values) for name, values in given.items()} for _ in range(3)]
    losses = []
    for rows, target in zip(inputs, targets, strict=True):
        h = torch.zeros(2, dtype=torch.float64)
        for row, w in zip(torch.tensor(rows, dtype=torch.float64), copies, strict=True):
            h = torch.tanh(row @ w["W_xh"].T + h @ w["W_hh"].T + w["b_h"])
        losses.append(((h - torch.tensor(target, dtype=torch.float64)) ** 2).sum())
    (sum(losses) / 2).backward()
    for step, w in enumerate(copies, start=1):
        for row in range(2):
            for column in range(2):
                shares = [f"grad.W_hh_{row + 1}_{column + 1}|t{step}#{sample}" for sample in (1, 2)]
                found = sum(float(solution[share]) for share in shares)
                assert close(found, w["W_hh"].grad[row, column].item(), 1e-3)
    total = {name: sum(copy[name].grad for copy in copies) for name in given}
    assert_gradients(solution, total)
    for family, expected in total.items():
        assert_array(solution, family, expected)
