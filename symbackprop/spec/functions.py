"""The activations and losses a problem may name: one table each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .faults import Fault
from .suggest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class ActivationKind:
    """An activation's settings with their defaults, and the interval its values lie in.

    `low` and `high` bound the values (None: unbounded); the bounds themselves are reached only
    where `closed` says so.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    low: Fraction | None = None
    high: Fraction | None = None
    closed: bool = False


ACTIVATIONS: dict[str, ActivationKind] = {
    "sigmoid": ActivationKind(low=Fraction(0), high=Fraction(1)),
    "tanh": ActivationKind(low=Fraction(-1), high=Fraction(1)),
    "relu": ActivationKind(low=Fraction(0), closed=True),
    "identity": ActivationKind(),
    "softplus": ActivationKind(low=Fraction(0)),
    "leaky_relu": ActivationKind(settings={"negative_slope": "0.01"}),
    "elu": ActivationKind(settings={"alpha": "1"}),
    "silu": ActivationKind(low=Fraction(-2785, 10000), closed=True),
}

LOSSES: dict[str, str] = {
    "half_squared_error": "half the sum over the outputs of (t - o)^2",
    "squared_error": "the sum over the outputs of (t - o)^2",
    "mean_squared_error": "the mean over the outputs of (t - o)^2",
    "binary_cross_entropy": "minus the sum over the outputs of t ln o + (1 - t) ln(1 - o)",
}

#: Names that are understood but cannot be used yet.
NOT_YET = frozenset(
    {"softmax", "log_softmax", "gelu", "selu", "celu", "mish", "prelu", "hardtanh", "hardsigmoid"}
    | {"cross_entropy", "nll_loss", "hinge", "huber", "l1_loss", "absolute_error"}
)

#: What other programs call them.
OTHER_NAMES = {
    "linear": "identity",
    "none": "identity",
    "logistic": "sigmoid",
    "sigma": "sigmoid",
    "swish": "silu",
    "mse": "mean_squared_error",
    "mse_loss": "mean_squared_error",
    "bce": "binary_cross_entropy",
    "bce_loss": "binary_cross_entropy",
    "sse": "squared_error",
}


def activation_name(value: object) -> str:
    """Return the activation's name; raise Fault if it is unknown."""
    return _known(value, ACTIVATIONS, "activation")


def loss_name(value: object) -> str:
    """Return the loss's name; raise Fault if it is unknown."""
    return _known(value, LOSSES, "loss")


def _known(value: object, table: Mapping[str, object], what: str) -> str:
    if isinstance(value, str) and value in table:
        return value
    word = value if isinstance(value, str) else ""
    other = OTHER_NAMES.get(word.lower(), "")
    hint = f"Did you mean {other}?" if other in table else did_you_mean(word, table)
    not_yet = word.lower().replace("-", "_") in NOT_YET
    raise Fault(
        f"{what} not supported yet" if not_yet else f"unknown {what}",
        expected=f"one of {listed(table)}",
        hint="" if not_yet else hint,
    )
