"""Activations and losses in double precision, on all samples at once, where the formulas alone overflow.

Single units take the rules' own formulas. What is over a whole layer or all outputs is written out here on
matrices, so that no exponential overflows and no logarithm meets a zero that rounding has made: an
independent statement of softmax and its losses, which tests hold against the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network.operations import Activation
from ..numbers.digits import double_value
from ..rules import JointLossRule, activation_rule, is_layer_activation, loss_rule
from ..rules.derivation import slot
from ..spec.problem import Loss, Problem
from .arrays import Array, array_value

Forward = Callable[[Array], Any]
Backward = Callable[[Array, Array, Array], Any]


def double_activation(activation: Activation) -> tuple[Forward, Backward]:
    """Return a -> f(z), and what turns dE/da into dE/dz from z, a and dE/da: samples by units."""
    if is_layer_activation(activation):
        return _LAYERS[activation.name]
    rule, settings = activation_rule(activation), activation.settings
    formula, slope = rule.formula(slot("z"), settings), rule.derivative(slot("z"), slot("a"), settings)

    def forward(net: Array) -> Any:
        return np.broadcast_to(array_value(formula, {"z": net}), net.shape)

    def backward(net: Array, act: Array, arriving: Array) -> Any:
        return arriving * array_value(slope, {"z": net, "a": act})

    return forward, backward


def log_softmax(net: Array) -> Any:
    """Return z less the logarithm of the sum of e^z over the layer."""
    shifted = net - net.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _softmax_backward(net: Array, act: Array, arriving: Array) -> Any:
    return act * (arriving - (arriving * act).sum(axis=1, keepdims=True))


def _log_softmax_backward(net: Array, act: Array, arriving: Array) -> Any:
    return arriving - np.exp(act) * arriving.sum(axis=1, keepdims=True)


_LAYERS: Mapping[str, tuple[Forward, Backward]] = {
    "softmax": (lambda net: np.exp(log_softmax(net)), _softmax_backward),
    "log_softmax": (log_softmax, _log_softmax_backward),
}


@dataclass(frozen=True, slots=True)
class Ends:
    """The end of a forward pass: targets, outputs and the outputs' net inputs, samples by outputs."""

    targets: Array
    outputs: Array
    nets: Array


class DoubleLoss:
    """A problem's loss in double precision: by sample, and its derivative by outputs or net inputs."""

    def __init__(self, loss: Loss, problem: Problem) -> None:
        """Choose how the loss is computed: from the net inputs where outputs may be rounded to 0 or 1."""
        activation = problem.layers[-1].activation
        self._rule = loss_rule(loss)
        self._factor = 1.0 if loss.constant is None else double_value(loss.constant)
        self._settings = {name: float(text) for name, text in self._rule.settings.items()}
        self._settings |= {name: double_value(number) for name, number in loss.settings.items()}
        name = "" if activation is None or activation.expression is not None else activation.name
        self._kind = "" if loss.expression is not None else loss.kind
        self._from_sigmoid = name == "sigmoid" and self._kind == "binary_cross_entropy"
        self._from_softmax = name == "softmax" and self._kind in ("cross_entropy", "kl_divergence")

    def by_sample(self, ends: Ends) -> Any:
        """Return each sample's loss."""
        t, o, z = ends.targets, ends.outputs, ends.nets
        if isinstance(self._rule, JointLossRule):
            return self._factor * _JOINT[self._kind][0](t, o, self._settings)
        if self._from_sigmoid:
            parts = t * np.logaddexp(0.0, -z) + (1.0 - t) * np.logaddexp(0.0, z)
            return self._factor * parts.sum(axis=1)
        if self._from_softmax:
            entropy = np.where(t > 0.0, t * np.log(np.where(t > 0.0, t, 1.0)), 0.0)
            own = entropy if self._kind == "kl_divergence" else 0.0
            return self._factor * (own - t * log_softmax(z)).sum(axis=1)
        formula = self._rule.formula(slot("t"), slot("o"), o.shape[1])
        return np.broadcast_to(array_value(formula, {"t": t, "o": o}), o.shape).sum(axis=1)

    def slopes(self, ends: Ends) -> tuple[Any, Any]:
        """Return dE/do, and what comes to dE/dz beside it; one of them is 0."""
        t, o = ends.targets, ends.outputs
        if isinstance(self._rule, JointLossRule):
            return self._factor * _JOINT[self._kind][1](t, o, self._settings), 0.0
        if self._from_sigmoid:
            return 0.0, self._factor * (o - t)
        if self._from_softmax:
            return 0.0, self._factor * (o * t.sum(axis=1, keepdims=True) - t)
        slope = self._rule.derivative(slot("t"), slot("o"), o.shape[1])
        return np.broadcast_to(array_value(slope, {"t": t, "o": o}), o.shape), 0.0


def _logits_loss(t: Array, o: Array, settings: Mapping[str, float]) -> Any:
    return -(t * log_softmax(o)).sum(axis=1)


def _logits_slope(t: Array, o: Array, settings: Mapping[str, float]) -> Any:
    return np.exp(log_softmax(o)) * t.sum(axis=1, keepdims=True) - t


def _excess(t: Array, o: Array, settings: Mapping[str, float]) -> Any:
    """Return margin - o_y + o_k for every class but the right one, there below zero."""
    right = (o * t).sum(axis=1, keepdims=True)
    return np.where(t == 1.0, -1.0, settings["margin"] - right + o)


def _hinge_loss(t: Array, o: Array, settings: Mapping[str, float]) -> Any:
    return np.maximum(0.0, _excess(t, o, settings)).sum(axis=1)


def _hinge_slope(t: Array, o: Array, settings: Mapping[str, float]) -> Any:
    counts = (_excess(t, o, settings) > 0.0).astype(float)
    return np.where(t == 1.0, -counts.sum(axis=1, keepdims=True), counts)


_JOINT: Mapping[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "cross_entropy_with_logits": (_logits_loss, _logits_slope),
    "multi_class_hinge": (_hinge_loss, _hinge_slope),
}
