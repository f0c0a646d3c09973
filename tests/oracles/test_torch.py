"""Every gradient against PyTorch's autograd in float64."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from symbackprop import solve

from .independent import Field, Reference
from .networks import Net, nets
from .test_gradients import MP, _largest_part, assert_close, examples, gradients, value

REQUIRED = "torch" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")
try:
    import torch
except ImportError:
    if REQUIRED:
        raise
    pytest.skip(
        "PyTorch is not installed; with SYMBACKPROP_REQUIRE=torch this is an error", allow_module_level=True
    )

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "identity": lambda z: z,
    "silu": torch.nn.functional.silu,
    "softplus": lambda z: torch.nn.functional.softplus(z, threshold=1000.0),
}


def activate(name: str, settings: dict[str, str], z: Any) -> Any:
    functional = torch.nn.functional
    if name == "leaky_relu":
        return functional.leaky_relu(z, float(Fraction(settings["negative_slope"])))
    if name == "elu":
        return functional.elu(z, float(Fraction(settings["alpha"])))
    return ACTIVATIONS[name](z)


def tensor(text: str) -> Any:
    return torch.tensor(float(Fraction(text)), dtype=torch.float64)


def sample_loss(kind: str, outputs: Any, targets: Any) -> Any:
    functional = torch.nn.functional
    if kind == "binary_cross_entropy":
        return functional.binary_cross_entropy(outputs, targets, reduction="sum")
    if kind == "mean_squared_error":
        return functional.mse_loss(outputs, targets)
    whole = functional.mse_loss(outputs, targets, reduction="sum")
    return whole / 2 if kind == "half_squared_error" else whole


def torch_run(net: Net) -> tuple[float, dict[str, float]]:
    """Return loss and gradients by autograd."""
    parameters = {name: tensor(text).requires_grad_() for name, text in net.parameters.items()}
    losses = []
    for inputs, targets in net.samples:
        sent = {unit: tensor(text) for unit, text in zip(net.inputs, inputs, strict=True)}
        for unit in net.in_order():
            z = sum(sent[source] * parameters[name] for name, source, to, _ in net.weights if to == unit)
            for name, units, _ in net.biases:
                if unit in units:
                    z = z + parameters[name]
            sent[unit] = activate(*net.activation(unit), z)
        outputs = torch.stack([sent[unit] for unit in net.outputs])
        losses.append(sample_loss(net.loss, outputs, torch.stack([tensor(text) for text in targets])))
    batch = torch.stack(losses)
    loss = batch.mean() if net.reduction == "mean" else batch.sum()
    loss.backward()
    found = {name: p.grad for name, p in parameters.items()}
    return loss.item(), {name: 0.0 if grad is None else grad.item() for name, grad in found.items()}


def near_saturation(net: Net) -> bool:
    """Return whether 1 - o loses digits in double precision, as cross entropy would show."""
    if net.loss != "binary_cross_entropy":
        return False
    values = Reference(net, Field(30)).values
    return any(abs(values[f"net.{unit}{mark}"]) > 5 for unit in net.outputs for mark in net.marks)


@examples(120)
@given(nets())
def test_autograd(net: Net) -> None:
    solution = solve(net.problem())
    loss, found = torch_run(net)
    relative = MP.mpf("1e-9" if near_saturation(net) else "1e-12")
    assert_close(found, gradients(net, solution), relative, floor=_largest_part(net))
    assert_close({"loss": loss}, {"loss": value(solution, "loss")}, relative, floor=MP.mpf(1))
