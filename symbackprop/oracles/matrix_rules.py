"""Activations and losses over NumPy arrays with their derivatives, written by hand for the matrix oracle.

They are stated here once more on purpose, from the papers and not from `rules`, and in forms that keep
their digits where they saturate: sigmoid'(z) = s(z) s(-z), tanh'(z) = 1 / cosh(z)^2, the normal
distribution by erfc.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erfc, pi, sqrt
from typing import Any

import numpy as np

#: Settings of an activation or a loss as doubles.
Settings = Mapping[str, float]
Array = Any

_erfc = np.vectorize(erfc, otypes=[float])


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), from exp(z) where z is below zero."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _normal(z: Array) -> Array:
    return _erfc(-z / sqrt(2)) / 2


def _density(z: Array) -> Array:
    return np.exp(-z * z / 2) / sqrt(2 * pi)


def _between(z: Array, low: float, high: float) -> Array:
    return ((z > low) & (z < high)).astype(float)


def _gelu_inner(z: Array) -> Array:
    return sqrt(2 / pi) * (z + 0.044715 * z**3)


def _gelu_tanh_slope(z: Array) -> Array:
    inner = _gelu_inner(z)
    slope = sqrt(2 / pi) * (1 + 3 * 0.044715 * z * z)
    return (1 + np.tanh(inner)) / 2 + z / 2 * slope / np.cosh(inner) ** 2


def _mish_slope(z: Array) -> Array:
    t = np.tanh(_softplus(z))
    return t + z * sigmoid(z) / np.cosh(_softplus(z)) ** 2


_ALPHA, _SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

#: Of one unit: the value and the slope at the net input z.
ACTIVATIONS: Mapping[str, tuple[Callable[[Array, Settings], Array], Callable[[Array, Settings], Array]]] = {
    "identity": (lambda z, s: z, lambda z, s: np.ones_like(z)),
    "sigmoid": (lambda z, s: sigmoid(z), lambda z, s: sigmoid(z) * sigmoid(-z)),
    "tanh": (lambda z, s: np.tanh(z), lambda z, s: 1 / np.cosh(z) ** 2),
    "relu": (lambda z, s: np.maximum(z, 0), lambda z, s: (z > 0).astype(float)),
    "leaky_relu": (
        lambda z, s: np.where(z > 0, z, s["negative_slope"] * z),
        lambda z, s: np.where(z > 0, 1.0, s["negative_slope"]),
    ),
    "elu": (
        lambda z, s: np.where(z > 0, z, s["alpha"] * np.expm1(np.minimum(z, 0))),
        lambda z, s: np.where(z > 0, 1.0, s["alpha"] * np.exp(np.minimum(z, 0))),
    ),
    "selu": (
        lambda z, s: _SCALE * np.where(z > 0, z, _ALPHA * np.expm1(np.minimum(z, 0))),
        lambda z, s: _SCALE * np.where(z > 0, 1.0, _ALPHA * np.exp(np.minimum(z, 0))),
    ),
    "celu": (
        lambda z, s: np.where(z > 0, z, s["alpha"] * np.expm1(np.minimum(z, 0) / s["alpha"])),
        lambda z, s: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0) / s["alpha"])),
    ),
    "softplus": (lambda z, s: _softplus(z), lambda z, s: sigmoid(z)),
    "softsign": (lambda z, s: z / (1 + np.abs(z)), lambda z, s: 1 / (1 + np.abs(z)) ** 2),
    "silu": (lambda z, s: z * sigmoid(z), lambda z, s: sigmoid(z) * (1 + z * sigmoid(-z))),
    "gelu": (lambda z, s: z * _normal(z), lambda z, s: _normal(z) + z * _density(z)),
    "gelu_tanh": (lambda z, s: z * (1 + np.tanh(_gelu_inner(z))) / 2, lambda z, s: _gelu_tanh_slope(z)),
    "mish": (lambda z, s: z * np.tanh(_softplus(z)), lambda z, s: _mish_slope(z)),
    "hard_sigmoid": (
        lambda z, s: np.clip(s["slope"] * z + s["offset"], 0, 1),
        lambda z, s: s["slope"] * _between(s["slope"] * z + s["offset"], 0, 1),
    ),
    "hardtanh": (
        lambda z, s: np.clip(z, s["min_val"], s["max_val"]),
        lambda z, s: _between(z, s["min_val"], s["max_val"]),
    ),
}


def softmax(z: Array) -> Array:
    """Return the shares of a layer's units, a row for each sample."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def log_softmax(z: Array) -> Array:
    """Return their logarithms."""
    moved = z - z.max(axis=1, keepdims=True)
    return moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))


#: Of a whole layer: the value, and from z, a and dE/da the derivative dE/dz.
LAYERS: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array, Array, Array], Array]]] = {
    "softmax": (softmax, lambda z, a, g: a * (g - (g * a).sum(axis=1, keepdims=True))),
    "log_softmax": (
        log_softmax,
        lambda z, a, g: g - softmax(z) * g.sum(axis=1, keepdims=True),
    ),
}


def _part(t: Array, term: Array) -> Array:
    """Return what stands for a target that is not zero, zero for one that is."""
    return np.where(t == 0, 0.0, term)


def _huber(t: Array, o: Array, s: Settings) -> Array:
    distance = np.abs(o - t)
    return np.where(distance <= s["delta"], distance**2 / 2, s["delta"] * (distance - s["delta"] / 2))


def _short(t: Array, o: Array, s: Settings) -> Array:
    return np.maximum(s["margin"] - t * o, 0)


def _margins(t: Array, o: Array, s: Settings) -> Array:
    """Return by how much each wrong class comes too near the right one."""
    right = t.argmax(axis=1)
    rows = np.arange(len(t))
    found = np.maximum(s["margin"] - o[rows, right][:, None] + o, 0)
    found[rows, right] = 0
    return found


def _margin_slope(t: Array, o: Array, s: Settings) -> Array:
    active = (_margins(t, o, s) > 0).astype(float)
    active[np.arange(len(t)), t.argmax(axis=1)] = -active.sum(axis=1)
    return active


#: Of a loss: each sample's value from targets and outputs, and the derivative by every output.
LOSSES: Mapping[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "half_squared_error": (lambda t, o, s: ((t - o) ** 2).sum(1) / 2, lambda t, o, s: o - t),
    "squared_error": (lambda t, o, s: ((t - o) ** 2).sum(1), lambda t, o, s: 2 * (o - t)),
    "mean_squared_error": (
        lambda t, o, s: ((t - o) ** 2).mean(1),
        lambda t, o, s: 2 * (o - t) / o.shape[1],
    ),
    "absolute_error": (lambda t, o, s: np.abs(t - o).sum(1), lambda t, o, s: np.sign(o - t)),
    "mean_absolute_error": (
        lambda t, o, s: np.abs(t - o).mean(1),
        lambda t, o, s: np.sign(o - t) / o.shape[1],
    ),
    "huber": (
        lambda t, o, s: _huber(t, o, s).sum(1),
        lambda t, o, s: np.clip(o - t, -s["delta"], s["delta"]),
    ),
    "log_cosh": (
        lambda t, o, s: (np.logaddexp(o - t, t - o) - np.log(2)).sum(1),
        lambda t, o, s: np.tanh(o - t),
    ),
    "binary_cross_entropy": (
        lambda t, o, s: -(_part(t, t * np.log(o)) + _part(1 - t, (1 - t) * np.log1p(-o))).sum(1),
        lambda t, o, s: (o - t) / (o * (1 - o)),
    ),
    "binary_cross_entropy_with_logits": (
        lambda t, o, s: (_softplus(o) - t * o).sum(1),
        lambda t, o, s: sigmoid(o) - t,
    ),
    "cross_entropy": (
        lambda t, o, s: -_part(t, t * np.log(o)).sum(1),
        lambda t, o, s: -_part(t, t / o),
    ),
    "cross_entropy_with_logits": (
        lambda t, o, s: -(t * log_softmax(o)).sum(1),
        lambda t, o, s: softmax(o) * t.sum(axis=1, keepdims=True) - t,
    ),
    "kl_divergence": (
        lambda t, o, s: _part(t, t * np.log(np.where(t == 0, 1, t) / o)).sum(1),
        lambda t, o, s: -_part(t, t / o),
    ),
    "negative_log_likelihood": (lambda t, o, s: -(t * o).sum(1), lambda t, o, s: -t),
    "hinge": (
        lambda t, o, s: _short(t, o, s).sum(1),
        lambda t, o, s: -t * (_short(t, o, s) > 0),
    ),
    "squared_hinge": (
        lambda t, o, s: (_short(t, o, s) ** 2).sum(1),
        lambda t, o, s: -2 * t * _short(t, o, s),
    ),
    "multi_class_hinge": (lambda t, o, s: _margins(t, o, s).sum(1), _margin_slope),
}

#: By loss and activation of the outputs: dE/dz at once, where the two cancel each other's digits.
JOINED: Mapping[tuple[str, str], Callable[[Array, Array], Array]] = {
    ("binary_cross_entropy", "sigmoid"): lambda t, o: o - t,
    ("cross_entropy", "softmax"): lambda t, o: o * t.sum(axis=1, keepdims=True) - t,
    ("kl_divergence", "softmax"): lambda t, o: o * t.sum(axis=1, keepdims=True) - t,
}

#: Settings where the problem says nothing.
USUAL: Mapping[str, float] = {
    "negative_slope": 0.01,
    "alpha": 1.0,
    "slope": 1 / 6,
    "offset": 0.5,
    "min_val": -1.0,
    "max_val": 1.0,
    "delta": 1.0,
    "margin": 1.0,
}
