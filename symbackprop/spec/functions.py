"""The activations and losses a problem may name: one table each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..rules.activations import ACTIVATIONS as RULES
from ..rules.layer_activations import LAYER_ACTIVATIONS
from ..rules.losses import LOSSES as LOSS_RULES
from .faults import Fault
from .suggest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class ActivationKind:
    """An activation's settings with their defaults, and the interval its values lie in.

    `low` and `high` bound the values (None: unbounded); the bounds themselves are reached only
    where `closed` says so. A text is the name of the setting that is the bound, with "-" before it
    where it is minus the setting.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    low: Fraction | str | None = None
    high: Fraction | str | None = None
    closed: bool = False
    kinked: bool = False


_BOUNDS: Mapping[str, ActivationKind] = {
    "sigmoid": ActivationKind(low=Fraction(0), high=Fraction(1)),
    "tanh": ActivationKind(low=Fraction(-1), high=Fraction(1)),
    "relu": ActivationKind(low=Fraction(0), closed=True),
    "elu": ActivationKind(low="-alpha"),
    "celu": ActivationKind(low="-alpha"),
    "selu": ActivationKind(low=Fraction(-17580993408473766, 10**16)),
    "softplus": ActivationKind(low=Fraction(0)),
    "softsign": ActivationKind(low=Fraction(-1), high=Fraction(1)),
    "silu": ActivationKind(low=Fraction(-2785, 10000), closed=True),
    "gelu": ActivationKind(low=Fraction(-17, 100), closed=True),
    "gelu_tanh": ActivationKind(low=Fraction(-1701, 10000), closed=True),
    "mish": ActivationKind(low=Fraction(-3089, 10000), closed=True),
    "hard_sigmoid": ActivationKind(low=Fraction(0), high=Fraction(1), closed=True),
    "hardtanh": ActivationKind(low="min_val", high="max_val", closed=True),
    "step": ActivationKind(low="low", high=Fraction(1), closed=True),
    "softmax": ActivationKind(low=Fraction(0), high=Fraction(1)),
    "log_softmax": ActivationKind(high=Fraction(0)),
}

ACTIVATIONS: dict[str, ActivationKind] = {
    name: replace(
        _BOUNDS.get(name, ActivationKind()), settings=rule.settings, kinked=bool(rule.kink_convention)
    )
    for name, rule in RULES.items()
} | {name: _BOUNDS[name] for name in LAYER_ACTIVATIONS}

LOSSES: dict[str, str] = {name: rule.title for name, rule in LOSS_RULES.items()}

#: Names that are understood but cannot be used yet.
NOT_YET = frozenset({"prelu", "rrelu", "maxout", "triplet", "contrastive", "ctc_loss"})

#: Other names that are taken for the same.
SYNONYMS = {
    "hardsigmoid": "hard_sigmoid",
    "hard_tanh": "hardtanh",
    "heaviside": "step",
    "logsoftmax": "log_softmax",
    "mae": "mean_absolute_error",
    "nll": "negative_log_likelihood",
    "nll_loss": "negative_log_likelihood",
    "categorical_cross_entropy": "cross_entropy",
    "kl": "kl_divergence",
    "kl_div": "kl_divergence",
    "linear": "identity",
    "logistic": "sigmoid",
    "swish": "silu",
    "mse": "mean_squared_error",
    "bce": "binary_cross_entropy",
    "bce_with_logits": "binary_cross_entropy_with_logits",
    "sse": "squared_error",
    "logcosh": "log_cosh",
    "multiclass_hinge": "multi_class_hinge",
    "multi_margin": "multi_class_hinge",
}

#: What other programs call them.
OTHER_NAMES = {
    "none": "identity",
    "sigma": "sigmoid",
    "mse_loss": "mean_squared_error",
    "bce_loss": "binary_cross_entropy",
    "l1_loss": "mean_absolute_error",
    "smooth_l1_loss": "huber",
    "smooth_l1": "huber",
    "l1": "absolute_error",
    "l2": "squared_error",
    "quadratic": "half_squared_error",
    "half_mse": "half_squared_error",
    "log_loss": "binary_cross_entropy",
    "softmax_cross_entropy": "cross_entropy_with_logits",
}


#: What is to be written for names that are no name of one thing here.
ADVICE = {
    "relu6": "Write {name: hardtanh, min_val: 0, max_val: 6}.",
    "sign": "Write {name: step, low: -1}; at_zero is its value at 0.",
    "sgn": "Write {name: step, low: -1}; at_zero is its value at 0.",
    "threshold": "Write step.",
    "perceptron": "Write step.",
    "prelu": "With a given slope it is {name: leaky_relu, negative_slope: ...}.",
    "rmse": "A loss is a sum over outputs and samples; its root is a node of a computation graph.",
}
_OWN = {
    "activation": "One of your own is {name: f, expression: ...} over z.",
    "loss": "One of your own is {kind: custom, expression: ...} over t and o.",
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
    if isinstance(value, str) and SYNONYMS.get(value) in table:
        return SYNONYMS[value]
    word = value if isinstance(value, str) else ""
    other = OTHER_NAMES.get(word.lower(), "")
    hint = f"Did you mean {other}?" if other in table else did_you_mean(word, table)
    hint = ADVICE.get(word.lower()) or hint or _OWN[what]
    not_yet = word.lower().replace("-", "_") in NOT_YET
    raise Fault(
        f"{what} not supported yet" if not_yet else f"unknown {what}",
        expected=f"one of {listed(table)}",
        hint=ADVICE.get(word.lower(), "") if not_yet else hint,
    )
