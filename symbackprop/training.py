"""Long training in double precision: vectorised over samples, layer by layer.

Independent of the sweep but for the rules' formulas: matrices instead of a loop over operations. So
it also serves as an oracle for the sweep's gradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array, array_value
from .digits import number_value
from .rules import activation_rule, loss_rule
from .rules.derivation import slot
from .spec.problem import Layer, Loss, Problem
from .terms import Number


@dataclass(frozen=True, slots=True)
class Training:
    """A run in float64.

    losses, reported: one number per pass, before any update first. parameters: by pass, for the
    passes asked for. outputs: samples by outputs, after the last update.
    """

    losses: Array
    reported: Array
    parameters: dict[int, Array]
    outputs: Array


class DenseNetwork:
    """A problem's network as matrices over one vector of parameters.

    Each layer has an index matrix: which parameter stands between each earlier unit and each of
    its own, with one index past the end meaning none. Shared parameters simply stand in several
    places; their gradients are added up by that index. A layer whose units feed one another is
    taken in blocks, one after the other.
    """

    def __init__(self, problem: Problem) -> None:
        """Lay the network out.

        Raises:
            ValueError: a parameter has no value, or an activation is given.
        """
        if problem.given or any(parameter.value is None for parameter in problem.parameters):
            raise ValueError("training needs a value for every parameter and computes every activation")
        self.problem = problem
        names = [parameter.name for parameter in problem.parameters]
        self.start = np.array([_float(p.value) for p in problem.parameters if p.value is not None])
        self._index = {name: position for position, name in enumerate(names)}
        self.trained = np.array([name not in problem.frozen for name in names], dtype=float)
        units = {unit: position for position, unit in enumerate(problem.units)}
        self.inputs = np.array([[_float(s.inputs[u]) for u in problem.inputs] for s in problem.samples])
        self.targets = np.array([[_float(s.targets[u]) for u in problem.outputs] for s in problem.samples])
        self._layers: list[tuple[Any, Any, int]] = []
        none, offset = len(names), len(problem.inputs)
        blocks = [(units, layer) for layer in problem.layers[1:] for units in _blocks(layer, problem)]
        for block, _ in blocks:
            own = {unit: column for column, unit in enumerate(block)}
            weights = np.full((offset, len(own)), none)
            bias = np.full(len(own), none)
            for weight in problem.weights:
                if weight.target in own:
                    weights[units[weight.source], own[weight.target]] = self._index[weight.name]
            for item in problem.biases:
                for unit in item.targets:
                    if unit in own:
                        bias[own[unit]] = self._index[item.name]
            self._layers.append((weights, bias, offset))
            offset += len(own)
        self._width = offset
        kinds = [layer.activation for _, layer in blocks if layer.activation is not None]
        z, a = slot("z"), slot("a")
        self._forward = [activation_rule(k.name).formula(z, k.settings) for k in kinds]
        self._slope = [activation_rule(k.name).derivative(z, a, k.settings) for k in kinds]

    def forward(self, parameters: Array) -> tuple[Array, list[Array]]:
        """Return all activations (samples by units) and the net inputs by layer."""
        extended = np.append(parameters, 0.0)
        activations = np.empty((len(self.inputs), self._width))
        activations[:, : self.inputs.shape[1]] = self.inputs
        nets = []
        for (weights, bias, offset), formula in zip(self._layers, self._forward, strict=True):
            net = activations[:, :offset] @ extended[weights] + extended[bias]
            activations[:, offset : offset + net.shape[1]] = array_value(formula, {"z": net})
            nets.append(net)
        return activations, nets

    def gradient(self, parameters: Array, activations: Array, nets: list[Array]) -> Array:
        """Return dE/dp for every parameter."""
        extended = np.append(parameters, 0.0)
        outputs = self.outputs(activations)
        arriving, direct = np.zeros_like(activations), np.zeros_like(activations)
        rule, count = loss_rule(self.problem.loss.kind), outputs.shape[1]
        share = 1.0 / len(self.inputs) if self.problem.loss.reduction == "mean" else 1.0
        values = {"t": self.targets, "o": outputs}
        if self._is_cross_entropy(self.problem.loss):
            direct[:, -count:] = share * (outputs - self.targets)
        else:
            arriving[:, -count:] = share * array_value(rule.derivative(slot("t"), slot("o"), count), values)
        total = np.zeros(len(extended))
        for (weights, bias, offset), net, slope in zip(
            reversed(self._layers), reversed(nets), reversed(self._slope), strict=True
        ):
            own = slice(offset, offset + net.shape[1])
            error = (
                arriving[:, own] * array_value(slope, {"z": net, "a": activations[:, own]}) + direct[:, own]
            )
            by_weight = activations[:, :offset].T @ error
            total += np.bincount(weights.ravel(), by_weight.ravel(), len(extended))
            total += np.bincount(bias, error.sum(axis=0), len(extended))
            arriving[:, :offset] += error @ extended[weights].T
        return total[:-1]

    def outputs(self, activations: Array) -> Array:
        """Return the outputs: the last columns."""
        return activations[:, -self.targets.shape[1] :]

    def loss(self, activations: Array, nets: list[Array], loss: Loss) -> float:
        """Return a loss over the whole batch."""
        outputs = self.outputs(activations)
        if self._is_cross_entropy(loss):
            net = np.concatenate(nets, axis=1)[:, -outputs.shape[1] :]
            errors = self.targets * np.logaddexp(0.0, -net) + (1.0 - self.targets) * np.logaddexp(0.0, net)
        else:
            formula = loss_rule(loss.kind).formula(slot("t"), slot("o"), outputs.shape[1])
            errors = array_value(formula, {"t": self.targets, "o": outputs})
        by_sample = np.sum(errors, axis=1)
        return float(np.mean(by_sample) if loss.reduction == "mean" else np.sum(by_sample))

    def _is_cross_entropy(self, loss: Loss) -> bool:
        """Return whether a loss is the cross entropy of sigmoid outputs.

        It is computed from the net input z then, as t ln(1 + e^-z) + (1 - t) ln(1 + e^z) with
        derivative o - t: in double precision 1 - o is 0 from z = 37 on, and the formula over o has no value.
        """
        activation = self.problem.layers[-1].activation
        return loss.kind == "binary_cross_entropy" and activation is not None and activation.name == "sigmoid"


def _blocks(layer: Layer, problem: Problem) -> list[tuple[str, ...]]:
    """Return a layer's units in runs none of whose units feeds another of the same run."""
    feeding = {(weight.source, weight.target) for weight in problem.weights}
    blocks: list[tuple[str, ...]] = []
    for unit in layer.units:
        if blocks and not any((source, unit) in feeding for source in blocks[-1]):
            blocks[-1] += (unit,)
        else:
            blocks.append((unit,))
    return blocks


@np.errstate(all="ignore")  # a run that diverges is shown as such, not warned about
def train(problem: Problem, keep: frozenset[int] = frozenset()) -> Training:
    """Return a whole run in float64: full batch, plain gradient descent.

    keep: the passes whose parameters are kept, besides the last.
    """
    network = DenseNetwork(problem)
    assert problem.learning_rate is not None
    rate = _float(problem.learning_rate) * network.trained
    parameters = network.start
    reported_loss = problem.reported_loss or problem.loss
    losses, reported = np.empty(problem.epochs + 1), np.empty(problem.epochs + 1)
    kept: dict[int, Array] = {}
    for passes in range(problem.epochs + 1):
        activations, nets = network.forward(parameters)
        losses[passes] = network.loss(activations, nets, problem.loss)
        reported[passes] = network.loss(activations, nets, reported_loss)
        if passes in keep or passes == problem.epochs:
            kept[passes] = parameters
        if passes < problem.epochs:
            parameters = parameters - rate * network.gradient(parameters, activations, nets)
    return Training(losses, reported, kept, network.outputs(activations))


def _float(number: Number) -> float:
    value = number_value(number)
    return int(value.p) / int(value.q)
