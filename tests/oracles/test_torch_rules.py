"""Every activation with every loss against PyTorch's own functions in float64, to 1e-12."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import pytest

from symbackprop import solve
from symbackprop.rules import LOSSES

from .rule_networks import Case, cases

REQUIRED = "torch" in os.environ.get("SYMBACKPROP_REQUIRE", "").split(",")
try:
    import torch
    from torch.nn import functional as f
except ImportError:
    if REQUIRED:
        raise
    pytest.skip(
        "PyTorch is not installed; with SYMBACKPROP_REQUIRE=torch this is an error", allow_module_level=True
    )


def real(settings: dict[str, str], name: str, default: str) -> float:
    return float(Fraction(settings.get(name, default)))


def activate(name: str, s: dict[str, str], z: Any) -> Any:
    """Return PyTorch's function of the net inputs, samples by units."""
    match name:
        case "leaky_relu":
            return f.leaky_relu(z, real(s, "negative_slope", "0.01"))
        case "elu":
            return f.elu(z, real(s, "alpha", "1"))
        case "celu":  # PyTorch's own takes 1/alpha in single precision in its backward pass
            alpha = real(s, "alpha", "1")
            return torch.where(z > 0, z, alpha * torch.expm1(z / alpha))
        case "softplus":
            return f.softplus(z, threshold=1000.0)
        case "gelu_tanh":
            return f.gelu(z, approximate="tanh")
        case "hard_sigmoid":  # PyTorch's own has the sixth in single precision
            return torch.clamp(real(s, "slope", "1/6") * z + real(s, "offset", "1/2"), 0.0, 1.0)
        case "hardtanh":
            return f.hardtanh(z, real(s, "min_val", "-1"), real(s, "max_val", "1"))
        case "step":  # passed straight through, as the perceptron rule does
            return z + ((z >= 0).double() - z).detach()
        case "identity":
            return z
        case "softmax" | "log_softmax":
            return getattr(f, name)(z, dim=1)
        case "sigmoid" | "tanh":
            return getattr(torch, name)(z)
        case _:
            return getattr(f, name)(z)


def losses(kind: str, s: dict[str, str], o: Any, t: Any) -> Any:
    """Return the loss of each sample by PyTorch's own functions where it has them."""
    count = o.shape[1]
    match kind:
        case "half_squared_error":
            parts = f.mse_loss(o, t, reduction="none") / 2
        case "squared_error":
            parts = f.mse_loss(o, t, reduction="none")
        case "mean_squared_error":
            parts = f.mse_loss(o, t, reduction="none") / count
        case "absolute_error":
            parts = f.l1_loss(o, t, reduction="none")
        case "mean_absolute_error":
            parts = f.l1_loss(o, t, reduction="none") / count
        case "huber":
            parts = f.huber_loss(o, t, reduction="none", delta=real(s, "delta", "1"))
        case "log_cosh":
            parts = torch.log(torch.cosh(o - t))
        case "binary_cross_entropy":
            parts = f.binary_cross_entropy(o, t, reduction="none")
        case "binary_cross_entropy_with_logits":
            parts = f.binary_cross_entropy_with_logits(o, t, reduction="none")
        case "cross_entropy":
            parts = -torch.xlogy(t, o)
        case "kl_divergence":
            parts = f.kl_div(torch.log(o), t, reduction="none")
        case "negative_log_likelihood":
            parts = -t * o
        case "hinge":
            parts = f.relu(real(s, "margin", "1") - t * o)
        case "squared_hinge":
            parts = f.relu(real(s, "margin", "1") - t * o) ** 2
        case "cross_entropy_with_logits":
            return f.cross_entropy(o, t, reduction="none")
        case "multi_class_hinge":  # PyTorch divides by the number of classes
            margin = real(s, "margin", "1")
            return count * f.multi_margin_loss(o, t.argmax(dim=1), margin=margin, reduction="none")
        case _:
            raise NotImplementedError(kind)
    return parts.sum(dim=1)


def tensor(rows: Any) -> Any:
    return torch.tensor([[float(Fraction(text)) for text in row] for row in rows], dtype=torch.float64)


def torch_run(case: Case) -> tuple[float, dict[str, float]]:
    """Return the loss and every gradient by autograd, under this package's names."""
    weights = [tensor(matrix).requires_grad_() for matrix in case.weights]
    biases = [tensor([row]).requires_grad_() for row in case.biases]
    sent = tensor([inputs for inputs, _ in case.samples])
    for matrix, bias, (name, settings) in zip(weights, biases, case.activations, strict=True):
        sent = activate(name, settings, sent @ matrix.T + bias)
    by_sample = losses(case.loss, case.loss_settings, sent, tensor([t for _, t in case.samples]))
    whole = by_sample.mean() if case.reduction == "mean" else by_sample.sum()
    loss = whole * float(Fraction(case.constant or "1"))
    loss.backward()
    gradients: dict[str, float] = {}
    for layer, (matrix, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        for row in range(matrix.shape[0]):
            gradients[f"b{layer}_{row + 1}"] = float(bias.grad[0, row])
            for column in range(matrix.shape[1]):
                gradients[f"w{layer}_{row + 1}_{column + 1}"] = float(matrix.grad[row, column])
    return loss.item(), gradients


@pytest.mark.parametrize("kind", LOSSES)
def test_every_activation_and_loss_against_autograd(kind: str) -> None:
    for case in cases():
        if case.loss != kind:
            continue
        solution = solve(case.problem())
        loss, gradients = torch_run(case)
        assert abs(float(solution["loss"]) - loss) <= 1e-12 * max(1.0, abs(loss)), case
        largest = max(map(abs, gradients.values()))
        for name, expected in gradients.items():
            found = float(solution[f"grad.{name}"])
            assert abs(found - expected) <= 1e-12 * (abs(expected) + largest) + 1e-15, (name, case)
