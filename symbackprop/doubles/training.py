"""Long training in double precision: vectorised over samples, layer by layer.

Independent of the sweep but for the rules' formulas: matrices instead of a loop over operations. So
it also serves as an oracle for the sweep's gradients.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..derivation.updating.doubles import Updater
from ..numbers.digits import double_value
from ..spec.problem import Layer, Loss, Problem
from .arrays import Array
from .double_rules import DoubleLoss, Ends, double_activation
from .formula_network import FormulaNetwork

#: The rows of all samples.
ALL = slice(None)


@dataclass(frozen=True, slots=True)
class Training:
    """A run in float64.

    losses, reported: one number per pass, before any update first; of the pass's batch, the last one of
    all samples. parameters: by pass, for the passes asked for. outputs: samples by outputs, after the last
    update. epoch_losses: where there are mini-batches, the loss of all samples by pass, at the start of
    each epoch and after the last update.
    """

    losses: Array
    reported: Array
    parameters: dict[int, Array]
    outputs: Array
    epoch_losses: dict[int, float] = field(default_factory=dict)


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
        self._bias_sign = -1.0 if problem.thresholds else 1.0
        names = [parameter.name for parameter in problem.parameters]
        self.start = np.array([double_value(p.value) for p in problem.parameters if p.value is not None])
        self._index = {name: position for position, name in enumerate(names)}
        self.trained = np.array([name not in problem.frozen for name in names], dtype=float)
        units = {unit: position for position, unit in enumerate(problem.units)}
        samples = problem.samples
        self.inputs = np.array([[double_value(s.inputs[u]) for u in problem.inputs] for s in samples])
        self.targets = np.array([[double_value(s.targets[u]) for u in problem.outputs] for s in samples])
        self._layers: list[tuple[Any, Any, int]] = []
        none, offset = len(names), len(problem.inputs)
        blocks = [(units, layer) for layer in problem.layers[1:] for units in _blocks(layer, problem)]
        for block, _ in blocks:
            own = {unit: column for column, unit in enumerate(block)}
            weights = np.full((offset, len(own)), none)
            bias = np.full(len(own), none)
            for weight in problem.connections:
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
        self._activations = [double_activation(kind) for kind in kinds]
        self._loss = DoubleLoss(problem.loss, problem)

    def forward(self, parameters: Array, rows: Any = ALL) -> tuple[Array, list[Array]]:
        """Return all activations (samples by units) and the net inputs by layer, of some samples or all."""
        extended = np.append(parameters, 0.0)
        inputs = self.inputs[rows]
        activations = np.empty((len(inputs), self._width))
        activations[:, : inputs.shape[1]] = inputs
        nets = []
        for (weights, bias, offset), (activate, _) in zip(self._layers, self._activations, strict=True):
            net = activations[:, :offset] @ extended[weights] + self._bias_sign * extended[bias]
            activations[:, offset : offset + net.shape[1]] = activate(net)
            nets.append(net)
        return activations, nets

    def gradient(self, parameters: Array, activations: Array, nets: list[Array], rows: Any = ALL) -> Array:
        """Return dE/dp for every parameter, from the forward pass of some samples or all."""
        extended = np.append(parameters, 0.0)
        outputs, targets = self.outputs(activations), self.targets[rows]
        arriving, direct = np.zeros_like(activations), np.zeros_like(activations)
        share = 1.0 / len(targets) if self.problem.loss.reduction == "mean" else 1.0
        by_output, by_net = self._loss.slopes(Ends(targets, outputs, self._output_nets(nets)))
        arriving[:, -outputs.shape[1] :] = share * by_output
        direct[:, -outputs.shape[1] :] = share * by_net
        total = np.zeros(len(extended))
        for (weights, bias, offset), net, (_, backward) in zip(
            reversed(self._layers), reversed(nets), reversed(self._activations), strict=True
        ):
            own = slice(offset, offset + net.shape[1])
            error = backward(net, activations[:, own], arriving[:, own]) + direct[:, own]
            by_weight = activations[:, :offset].T @ error
            total += np.bincount(weights.ravel(), by_weight.ravel(), len(extended))
            total += self._bias_sign * np.bincount(bias, error.sum(axis=0), len(extended))
            arriving[:, :offset] += error @ extended[weights].T
        return total[:-1]

    def outputs(self, activations: Array) -> Array:
        """Return the outputs: the last columns."""
        return activations[:, -self.targets.shape[1] :]

    def loss(self, activations: Array, nets: list[Array], loss: Loss, rows: Any = ALL) -> float:
        """Return a loss over the samples of a forward pass."""
        ends = Ends(self.targets[rows], self.outputs(activations), self._output_nets(nets))
        chosen = self._loss if loss == self.problem.loss else DoubleLoss(loss, self.problem)
        by_sample = chosen.by_sample(ends)
        return float(np.mean(by_sample) if loss.reduction == "mean" else np.sum(by_sample))

    def _output_nets(self, nets: list[Array]) -> Array:
        return np.concatenate(nets, axis=1)[:, -self.targets.shape[1] :]


def _blocks(layer: Layer, problem: Problem) -> list[tuple[str, ...]]:
    """Return a layer's units in runs none of whose units feeds another of the same run."""
    feeding = {(weight.source, weight.target) for weight in problem.connections}
    blocks: list[tuple[str, ...]] = []
    for unit in layer.units:
        if blocks and not any((source, unit) in feeding for source in blocks[-1]):
            blocks[-1] += (unit,)
        else:
            blocks.append((unit,))
    return blocks


@np.errstate(all="ignore")  # a run that diverges is shown as such, not warned about
def train(problem: Problem, keep: frozenset[int] = frozenset()) -> Training:
    """Return a whole run in float64, by the problem's own batches, optimizer and penalty.

    keep: the passes whose parameters are kept, besides the last.

    Raises:
        ValueError: a parameter has no value, or an activation is given.
    """
    network: Any = DenseNetwork(problem) if problem.architecture is None else FormulaNetwork(problem)
    updater, last = Updater(problem), problem.updates
    reported_loss = problem.reported_loss or problem.loss
    batches: list[Any] = [np.array(batch) - 1 for batch in problem.descent.batches] or [ALL]
    parameters, everything = network.start, len(problem.samples)
    losses, reported = np.empty(last + 1), np.empty(last + 1)
    kept: dict[int, Array] = {}
    by_epoch: dict[int, float] = {}

    def whole_loss(found: Array) -> float:
        loss: float = network.loss(*network.forward(found), problem.loss)
        return loss + updater.penalty(found, everything)

    for passes in range(last + 1):
        if passes in keep or passes == last:
            kept[passes] = parameters
        if problem.descent.batches and (passes == last or passes % len(batches) == 0):
            by_epoch[passes] = whole_loss(parameters)
        rows = batches[passes % len(batches)] if passes < last else ALL
        count = len(problem.descent.batch(passes)) if passes < last else 0
        count = count or everything
        here = updater.entering(parameters, passes) if passes < last else parameters
        activations, nets = network.forward(here, rows)
        losses[passes] = network.loss(activations, nets, problem.loss, rows) + updater.penalty(here, count)
        reported[passes] = network.loss(activations, nets, reported_loss, rows)
        if problem.reported_loss is None:
            reported[passes] = losses[passes]
        if passes < last:
            gradient = network.gradient(here, activations, nets, rows) + updater.penalty_slope(here, count)
            parameters = updater.advance(parameters, gradient, passes)
    return Training(losses, reported, kept, network.outputs(activations), by_epoch)
