"""Every optimizer, schedule, clipping and penalty against torch.optim in float64, over mini-batches."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from symbackprop import Dense, Problem, solve
from symbackprop.doubles.training import train
from symbackprop.spec import problem as spec

REQUIRED = "torch" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")
try:
    import torch
except ImportError:
    if REQUIRED:
        raise
    pytest.skip(
        "PyTorch is not installed; with SYMBACKPROP_REQUIRE=torch this is an error", allow_module_level=True
    )

WEIGHTS = (((0.15, -0.25), (0.2, 0.3)), ((0.4, -0.5),))
BIASES = ((0.4, 0.35), (0.25,))
SAMPLES = (((0.5, 0.1), 0.1), ((0.9, -0.3), 0.9), ((-0.2, 0.7), 0.5))
BATCHES = ((1, 2), (3,), (2, 3, 1))
RATE = 0.1

Optimizer = Callable[[Any], Any]


def ours(**fields: Any) -> spec.Problem:
    """Return a 2-2-1 sigmoid network on three samples, with mini-batches of unequal size."""
    problem: Any = Problem(
        title="Optimizers",
        layers=[
            Dense(2, "sigmoid", weights=WEIGHTS[0], biases=BIASES[0]),
            Dense(1, "sigmoid", weights=WEIGHTS[1], biases=BIASES[1]),
        ],
        samples=[(inputs, [target]) for inputs, target in SAMPLES],
        loss="mean_squared_error",
        **{"learning_rate": RATE, "batches": [list(batch) for batch in BATCHES], **fields},
    )
    return problem  # type: ignore[no-any-return]


def order() -> list[str]:
    """Return the parameters' names in the order of PyTorch's."""
    weights = [
        [f"w{layer}_{to}_{source}" for to in range(1, len(rows) + 1) for source in range(1, 3)]
        for layer, rows in enumerate(WEIGHTS, start=1)
    ]
    biases = [
        [f"b{layer}_{to}" for to in range(1, len(row) + 1)] for layer, row in enumerate(BIASES, start=1)
    ]
    return [*weights[0], *biases[0], *weights[1], *biases[1]]


def torch_run(
    make: Optimizer,
    updates: int,
    *,
    schedule: Callable[[Any], Any] | None = None,
    per_epoch: bool = False,
    clip: Callable[[Any], Any] | None = None,
    penalty: Callable[[Any], Any] | None = None,
) -> tuple[list[list[float]], list[float]]:
    """Return all parameters after each update, and the loss of each batch."""
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid()
    ).double()
    with torch.no_grad():
        for linear, weights, biases in zip((model[0], model[2]), WEIGHTS, BIASES, strict=True):
            linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
    optimizer = make(model)
    scheduler = schedule(optimizer) if schedule else None
    found, losses = [], []
    for update in range(updates):
        batch = BATCHES[update % len(BATCHES)]
        inputs = torch.tensor([SAMPLES[s - 1][0] for s in batch], dtype=torch.float64)
        targets = torch.tensor([[SAMPLES[s - 1][1]] for s in batch], dtype=torch.float64)
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        if penalty:
            loss = loss + penalty(model)
        loss.backward()
        if clip:
            clip(model)
        optimizer.step()
        if scheduler and (not per_epoch or update % len(BATCHES) == len(BATCHES) - 1):
            scheduler.step()
        losses.append(loss.item())
        found.append([value for p in model.parameters() for value in p.detach().flatten().tolist()])
    return found, losses


def assert_same(problem: spec.Problem, expected: tuple[list[list[float]], list[float]]) -> None:
    """Hold the certified updates and the run in double precision against PyTorch's."""
    found, losses = expected
    assert problem.updates == len(found)
    solution = solve(problem)
    names = order()
    for update, row in enumerate(found, start=1):
        keys = [f"new.{name}" if update == 1 else f"new.{name}@{update}" for name in names]
        assert [float(solution[k]) for k in keys] == pytest.approx(row, rel=1e-12, abs=1e-15)
    ours_losses = [float(solution["loss" if k == 0 else f"loss@{k}"]) for k in range(len(losses))]
    assert ours_losses == pytest.approx(losses, rel=1e-12)
    training = train(problem, frozenset(range(len(found) + 1)))
    position = {parameter.name: index for index, parameter in enumerate(problem.parameters)}
    for update, row in enumerate(found, start=1):
        doubles = [training.parameters[update][position[name]] for name in names]
        assert doubles == pytest.approx(row, rel=1e-12, abs=1e-15)
    assert training.losses[:-1] == pytest.approx(losses, rel=1e-12)


def sgd(**settings: Any) -> Optimizer:
    return lambda model: torch.optim.SGD(model.parameters(), lr=RATE, **settings)


def optim(name: str, **settings: Any) -> Optimizer:
    return lambda model: getattr(torch.optim, name)(model.parameters(), lr=RATE, **settings)


MOMENTUM = {"name": "momentum", "momentum": "0.9"}
OPTIMIZERS: dict[str, tuple[Any, Optimizer]] = {
    "sgd": ("sgd", sgd()),
    "sgd, decay": ({"name": "sgd", "weight_decay": "0.05"}, sgd(weight_decay=0.05)),
    "momentum": (MOMENTUM, sgd(momentum=0.9)),
    "sgd with momentum": ({"name": "sgd", "momentum": "0.5"}, sgd(momentum=0.5)),
    "dampening": (
        {**MOMENTUM, "dampening": "0.3", "first": "gradient"},
        sgd(momentum=0.9, dampening=0.3),
    ),
    "momentum, decay": ({**MOMENTUM, "weight_decay": "0.05"}, sgd(momentum=0.9, weight_decay=0.05)),
    "nesterov": ({"name": "nesterov", "momentum": "0.9"}, sgd(momentum=0.9, nesterov=True)),
    "adagrad": ("adagrad", optim("Adagrad")),
    "adagrad, decay": (
        {"name": "adagrad", "epsilon": "1e-3", "weight_decay": "0.05"},
        optim("Adagrad", eps=1e-3, weight_decay=0.05),
    ),
    "rmsprop": ({"name": "rmsprop", "alpha": "0.99"}, optim("RMSprop")),
    "rmsprop, centered": (
        {"name": "rmsprop", "rho": "0.9", "centered": True, "epsilon": "1e-6"},
        optim("RMSprop", alpha=0.9, centered=True, eps=1e-6),
    ),
    "rmsprop, momentum": (
        {"name": "rmsprop", "rho": "0.9", "momentum": "0.8", "weight_decay": "0.05"},
        optim("RMSprop", alpha=0.9, momentum=0.8, weight_decay=0.05),
    ),
    "adam": ("adam", optim("Adam")),
    "adam, settings": (
        {"name": "adam", "beta1": "0.8", "beta2": "0.9", "epsilon": "1e-3", "weight_decay": "0.05"},
        optim("Adam", betas=(0.8, 0.9), eps=1e-3, weight_decay=0.05),
    ),
    "adamw": ("adamw", optim("AdamW")),
    "adamw, decay": ({"name": "adamw", "weight_decay": "0.1"}, optim("AdamW", weight_decay=0.1)),
    "adadelta": ({"name": "adadelta", "rho": "0.95"}, optim("Adadelta", rho=0.95)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str) -> None:
    field, make = OPTIMIZERS[name]
    assert_same(ours(optimizer=field, epochs=2), torch_run(make, 6))


@pytest.mark.parametrize("name", ["momentum", "adam", "adamw", "momentum, decay", "sgd"])
def test_ascent(name: str) -> None:
    field, make = OPTIMIZERS[name]

    def up(model: Any) -> Any:
        optimizer = make(model)
        for group in optimizer.param_groups:
            group["maximize"] = True
        return optimizer

    assert_same(ours(optimizer=field, ascent=True), torch_run(up, 3))


SCHEDULES: dict[str, tuple[Any, Any, bool]] = {
    "step": (
        {"schedule": "step", "gamma": "0.5", "every": 2},
        lambda o: torch.optim.lr_scheduler.StepLR(o, 2, 0.5),
        False,
    ),
    "step by epoch": (
        {"schedule": "step", "gamma": "0.1", "every": 1, "per": "epoch"},
        lambda o: torch.optim.lr_scheduler.StepLR(o, 1, 0.1),
        True,
    ),
    "exponential": (
        {"schedule": "exponential", "gamma": "0.9"},
        lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        False,
    ),
    "cosine": (
        {"schedule": "cosine", "over": 5, "end": "0.01"},
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 5, eta_min=0.01),
        False,
    ),
    "linear": (
        {"schedule": "linear", "over": 4, "end": "0.02"},
        lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.2, 4),
        False,
    ),
    "inverse time": (
        {"schedule": "inverse_time", "decay": "0.5"},
        lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + 0.5 * t)),
        False,
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum"])
def test_schedule(name: str, optimizer: str) -> None:
    """Six updates; PyTorch's cosine is a recursion and would turn back after its end, ours stays."""
    fields, schedule, per_epoch = SCHEDULES[name]
    updates = 6
    field, make = OPTIMIZERS[optimizer]
    problem = ours(optimizer=field, learning_rate={"start": "0.1", **fields}, epochs=2)
    assert_same(problem, torch_run(make, updates, schedule=schedule, per_epoch=per_epoch))


def test_a_list_of_rates() -> None:
    rates = [0.1, 0.05, 0.2, 0.01]
    factors = [rate / RATE for rate in rates]
    problem = ours(learning_rate={"schedule": "list", "rates": [str(rate) for rate in rates]}, epochs=2)
    expected = torch_run(
        sgd(), 6, schedule=lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: factors[min(t, 3)])
    )
    assert_same(problem, expected)


@pytest.mark.parametrize("bound", [0.02, 10.0])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum, decay"])
def test_clipping(bound: float, optimizer: str) -> None:
    field, make = OPTIMIZERS[optimizer]
    problem = ours(optimizer=field, clip={"norm": bound, "epsilon": "1e-6"})
    clip = torch.nn.utils.clip_grad_norm_
    assert_same(problem, torch_run(make, 3, clip=lambda m: clip(m.parameters(), bound)))
    problem = ours(optimizer=field, clip={"value": bound})
    cut = torch.nn.utils.clip_grad_value_
    assert_same(problem, torch_run(make, 3, clip=lambda m: cut(m.parameters(), bound)))


def test_penalties() -> None:
    """L2 and L1 on the weights, none on the biases."""

    def penalty(model: Any) -> Any:
        weights = torch.cat([model[0].weight.flatten(), model[2].weight.flatten()])
        return 0.5 * 0.1 * (weights**2).sum() + 0.03 * weights.abs().sum()

    assert_same(ours(regularisation={"l2": "0.1", "l1": "0.03"}), torch_run(sgd(), 3, penalty=penalty))


def test_l2_is_weight_decay_of_every_parameter() -> None:
    problem = ours(regularisation={"l2": "0.05", "parameters": "*"}, optimizer="adam")
    found, _ = torch_run(optim("Adam", weight_decay=0.05), 3)
    solution = solve(problem)
    row = [float(solution[f"new.{name}@3"]) for name in order()]
    assert row == pytest.approx(found[-1], rel=1e-12)


def test_own_rates_are_parameter_groups() -> None:
    def groups(model: Any) -> Any:
        weights = [model[0].weight, model[2].weight]
        biases = [model[0].bias, model[2].bias]
        return torch.optim.Adam([{"params": weights}, {"params": biases, "lr": 0.02}], lr=RATE)

    schedule = torch.optim.lr_scheduler.ExponentialLR
    problem = ours(
        optimizer="adam",
        learning_rates={"b*": "0.02"},
        learning_rate={"start": "0.1", "schedule": "exponential", "gamma": "0.5"},
    )
    assert_same(problem, torch_run(groups, 3, schedule=lambda o: schedule(o, 0.5)))


def test_a_state_continues_a_run() -> None:
    """The last update of six, from the parameters and moments that five have left."""
    field, make = OPTIMIZERS["adam"]
    whole = solve(ours(optimizer=field, epochs=2))
    moments = {
        f"{kind}.{name}": str(whole[f"{kind}.{name}@3"].value) for kind in ("m", "v") for name in order()
    }
    values = {name: str(whole[f"new.{name}@3"].value) for name in order()}
    continued: Any = Problem(
        title="Continued",
        layers=[
            Dense(
                2,
                "sigmoid",
                weights=[[values["w1_1_1"], values["w1_1_2"]], [values["w1_2_1"], values["w1_2_2"]]],
                biases=[values["b1_1"], values["b1_2"]],
            ),
            Dense(1, "sigmoid", weights=[[values["w2_1_1"], values["w2_1_2"]]], biases=[values["b2_1"]]),
        ],
        samples=[(inputs, [target]) for inputs, target in SAMPLES],
        loss="mean_squared_error",
        learning_rate=RATE,
        batches=[list(batch) for batch in BATCHES],
        optimizer=field,
        state={**moments, "step": "3"},
    )
    found, _ = torch_run(make, 6)
    solution = solve(continued)
    row = [float(solution[f"new.{name}@3"]) for name in order()]
    assert row == pytest.approx(found[-1], rel=1e-12)


def test_a_long_run() -> None:
    """Beyond what is certified: 300 updates in double precision."""
    field, make = OPTIMIZERS["adam"]
    problem = ours(optimizer=field, epochs=100, regularisation={"l2": "0.01", "parameters": "*"})
    training = solve(problem).training
    assert training is not None
    found, losses = torch_run(make, 300, penalty=lambda m: 0.005 * sum((p**2).sum() for p in m.parameters()))
    position = {parameter.name: index for index, parameter in enumerate(problem.parameters)}
    assert [training.parameters[300][position[name]] for name in order()] == pytest.approx(
        found[-1], rel=1e-9
    )
    assert training.losses[:-1] == pytest.approx(losses, rel=1e-9)
    assert sorted(training.epoch_losses) == [*range(0, 300, 3), 300]


def test_looking_ahead() -> None:
    """Sutskever's form: v = mu v - eta g(w + mu v), then w + v, each gradient by autograd."""
    problem = ours(optimizer={"name": "nesterov", "form": "lookahead", "momentum": "0.9"}, epochs=2)
    found: list[list[float]] = []
    losses: list[float] = []

    class Ahead(torch.optim.Optimizer):  # type: ignore[misc]
        def __init__(self, parameters: Any) -> None:
            super().__init__(parameters, {})
            self.own = [p.detach().clone() for group in self.param_groups for p in group["params"]]
            self.velocity = [torch.zeros_like(p) for p in self.own]

        def step(self, closure: Any = None) -> None:
            parameters = [p for group in self.param_groups for p in group["params"]]
            with torch.no_grad():
                for index, p in enumerate(parameters):
                    self.velocity[index] = 0.9 * self.velocity[index] - RATE * p.grad
                    self.own[index] = self.own[index] + self.velocity[index]
                found.append([v for own in self.own for v in own.flatten().tolist()])
                for index, p in enumerate(parameters):
                    p.copy_(self.own[index] + 0.9 * self.velocity[index])

    _, losses = torch_run(lambda model: Ahead(model.parameters()), 6)
    assert_same(problem, (found, losses))
    outside = ours(
        optimizer={"name": "nesterov", "form": "lookahead", "momentum": "0.9", "rate": "outside"}, epochs=2
    )
    assert_same(outside, (found, losses))


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_the_rate_inside_moves_as_the_rate_outside(name: str) -> None:
    """With a constant rate the two forms are the same walk."""
    make = OPTIMIZERS[name][1]
    assert_same(ours(optimizer={"name": name, "rate": "inside"}, epochs=2), torch_run(make, 6))


def test_a_sample_drawn_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts twice in the mean, and its own share of every gradient says so."""
    batches = ((1, 2, 1), (3, 3), (2,))
    monkeypatch.setattr("oracles.test_torch_optimizers.BATCHES", batches)
    problem = ours(optimizer="adam", batches=[list(batch) for batch in batches])
    assert_same(problem, torch_run(OPTIMIZERS["adam"][1], 3))
    solution = solve(problem)
    for name in order():
        shares = float(solution[f"grad.{name}#1"]) + float(solution[f"grad.{name}#2"])
        assert float(solution[f"grad.{name}"]) == pytest.approx(shares, rel=1e-14)


SHARES = st.sampled_from(["0", "0.3", "0.9", "0.99"])
EPSILONS = st.sampled_from(["1e-8", "1e-3", "0.5"])
DECAYS = st.sampled_from(["0", "0.01", "0.2"])


@st.composite
def optimizers(draw: st.DrawFn) -> tuple[dict[str, Any], Optimizer]:
    """Return any optimizer with any settings that PyTorch has too."""
    name = draw(st.sampled_from(["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "adadelta"]))
    decay, epsilon, share = draw(DECAYS), draw(EPSILONS), draw(SHARES)
    field: dict[str, Any] = {"name": name, "weight_decay": decay}
    settings: dict[str, Any] = {"weight_decay": float(decay)}
    if name in ("momentum", "nesterov"):
        share = share if name == "momentum" or share != "0" else "0.5"
        field["momentum"], settings["momentum"] = share, float(share)
        if name == "nesterov":
            settings["nesterov"] = True
        else:
            dampening = draw(SHARES) if share != "0" else "0"  # PyTorch has no velocity then
            field |= {"dampening": dampening, "first": "gradient"}
            settings["dampening"] = float(dampening)
        return field, sgd(**settings)
    field["epsilon"], settings["eps"] = epsilon, float(epsilon)
    if name in ("adam", "adamw"):
        other = draw(SHARES)
        field |= {"beta1": share, "beta2": other}
        settings["betas"] = (float(share), float(other))
    if name == "rmsprop":
        centered, momentum = draw(st.booleans()), draw(SHARES)
        field |= {"rho": share, "centered": centered and share != "0", "momentum": momentum}
        settings |= {
            "alpha": float(share),
            "centered": centered and share != "0",
            "momentum": float(momentum),
        }
    if name == "adadelta":
        field["rho"], settings["rho"] = share, float(share)
    title = {
        "adagrad": "Adagrad",
        "rmsprop": "RMSprop",
        "adam": "Adam",
        "adamw": "AdamW",
        "adadelta": "Adadelta",
    }
    return field, optim(title[name], **settings)


@settings_of(max_examples=40, deadline=None)
@given(optimizers(), st.sampled_from(["0", "0.03"]), st.sampled_from([None, 0.05]), st.booleans())
def test_any_optimizer(
    chosen: tuple[dict[str, Any], Optimizer], l2: str, bound: float | None, up: bool
) -> None:
    field, make = chosen
    fields: dict[str, Any] = {"optimizer": field}
    if bound is not None:
        fields["clip"] = {"norm": bound, "epsilon": "1e-6"}
    if l2 != "0" and not up:
        fields["regularisation"] = {"l2": l2, "parameters": "*", "constant": "1"}
    if up:
        fields["ascent"] = True

    def made(model: Any) -> Any:
        optimizer = make(model)
        for group in optimizer.param_groups:
            group["maximize"] = up
        return optimizer

    expected = torch_run(
        made,
        3,
        clip=None if bound is None else lambda m: torch.nn.utils.clip_grad_norm_(m.parameters(), bound),
        penalty=(lambda m: float(l2) * sum((p**2).sum() for p in m.parameters()))
        if "regularisation" in fields
        else None,
    )
    assert_same(ours(**fields), expected)
