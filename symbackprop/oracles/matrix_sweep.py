"""NumPy: backpropagation over matrices, a row for each sample, from the problem alone.

Z = A W + b, A = f(Z); backwards D = dE/dZ = (dE/dA) f'(Z), dE/dA = D W^T, dE/dW = A^T D. Neither the ledger's
formulas nor the rules that they are made of are used, and each sample's share of every gradient and every
local derivative is compared as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..formulas.terms import Number
from ..keys import key
from ..spec.problem import Layer, Problem, Weight
from .answer import Answer, NotComparable
from .arithmetic import exact_number
from .matrix_rules import ACTIVATIONS, JOINED, LAYERS, LOSSES, USUAL
from .program import Program

#: Up to so many parameters times samples each sample's share of the gradients is compared.
MOST_SHARES = 20_000


@dataclass(slots=True)
class Step:
    """One layer of the sweep: where its units stand among all, its matrices and what it computes.

    names: the parameter at each place of the matrix with its bias in the last row, "" for none.
    """

    layer: Layer
    own: slice
    names: np.ndarray[Any, Any]
    weights: np.ndarray[Any, Any]
    nets: np.ndarray[Any, Any] | None = None


def ask_matrices(program: Program) -> Answer:
    """Return the loss and its derivatives by parameters, of each sample too, net inputs and activations.

    Raises:
        NotComparable: the network is not one of dense layers, or has a function that is not here.
    """
    problem = program.problem
    _refuse(problem)
    descent = problem.descent
    batch = descent.batch(program.passes)
    if batch and program.passes == problem.updates:
        batch = ()
    numbers = tuple(dict.fromkeys(batch)) or tuple(range(1, len(problem.samples) + 1))
    times = np.array([max(batch.count(number), 1) for number in numbers], dtype=float)
    marks: list[int | None] = [None] if len(problem.samples) == 1 else [*numbers]
    sweep = _Sweep(program, numbers, marks)
    with np.errstate(all="ignore"):
        sweep.forward()
        return dict(sweep.backward(times))


class _Sweep:
    """The arrays of one forward and backward pass: a row for each sample, a column for each unit."""

    def __init__(self, program: Program, numbers: tuple[int, ...], marks: list[int | None]) -> None:
        self.program, self.problem, self.marks = program, program.problem, marks
        problem = self.problem
        self.columns = {unit: column for column, unit in enumerate(problem.units)}
        self.sent = np.ones((len(numbers), len(self.columns) + 1))  # the last column is the biases' one
        samples = [problem.samples[number - 1] for number in numbers]
        for row, (sample, mark) in enumerate(zip(samples, marks, strict=True)):
            for unit in problem.inputs:
                given = self._datum(key(unit, "", sample=mark), sample.inputs[unit])
                self.sent[row, self.columns[unit]] = given
        self.targets = np.array(
            [
                [self._datum(key("target", unit, sample=mark), s.targets[unit]) for unit in problem.outputs]
                for s, mark in zip(samples, marks, strict=True)
            ]
        )
        self.steps = list(self._steps())
        self.shares = marks != [None] and len(problem.parameters) * len(marks) <= MOST_SHARES

    def _datum(self, name: str, number: Number) -> float:
        return float(self.program.given.get(name, exact_number(number)))

    def _steps(self) -> Iterator[Step]:
        problem, last = self.problem, len(self.columns)
        values = {name: float(self.program.given.get(by, 0)) for name, by in self.program.parameters.items()}
        sign = -1.0 if problem.thresholds else 1.0
        arriving: dict[str, list[Weight]] = {}
        for weight in problem.connections:
            arriving.setdefault(weight.target, []).append(weight)
        biases = {unit: bias.name for bias in problem.biases for unit in bias.targets}
        for layer in problem.layers[1:]:
            first = self.columns[layer.units[0]]
            own = slice(first, first + len(layer.units))
            names = np.full((last + 1, len(layer.units)), "", dtype=object)
            for column, unit in enumerate(layer.units):
                for weight in arriving.get(unit, ()):
                    place = self.columns[weight.source], column
                    if names[place]:
                        raise NotComparable("two connections between the same units")
                    names[place] = weight.name
                names[last, column] = biases.get(unit, "")
            if any(names[self.columns[unit]].any() for unit in layer.units):
                raise NotComparable("units of a layer feed one another")
            weights = np.vectorize(lambda name: values.get(name, 0.0), otypes=[float])(names)
            weights[last] *= sign
            yield Step(layer, own, names, weights)

    def forward(self) -> None:
        """Compute what every unit sends out."""
        for step in self.steps:
            assert step.layer.activation is not None
            step.nets = self.sent @ step.weights
            name, settings = step.layer.activation.name, _settings(step.layer.activation.settings)
            if name in LAYERS:
                values = LAYERS[name][0](step.nets)
            else:
                values = ACTIVATIONS[name][0](step.nets, settings)
            self.sent[:, step.own] = values * self._noise(step.layer)

    def _noise(self, layer: Layer) -> Any:
        noise, passes = self.program.noise, self.program.passes
        if not noise:
            return 1.0
        return np.array(
            [
                [noise.get(key("act", unit, sample=mark, passes=passes), 1.0) for unit in layer.units]
                for mark in self.marks
            ]
        )

    def backward(self, times: Any) -> Iterator[tuple[str, float]]:
        """Yield the loss and the derivatives by key."""
        problem = self.problem
        outputs = self.sent[:, self.steps[-1].own]
        settings = _settings(problem.loss.settings)
        value, slope = LOSSES[problem.loss.kind]
        share = times / times.sum() if problem.loss.reduction == "mean" else times
        if problem.loss.constant is not None:
            share = share * float(exact_number(problem.loss.constant))
        yield self.program.loss, float((share * value(self.targets, outputs, settings)).sum())
        arriving = np.zeros_like(self.sent)
        arriving[:, self.steps[-1].own] = share[:, None] * slope(self.targets, outputs, settings)
        gradients: dict[str, Any] = {}
        for step in reversed(self.steps):
            assert step.layer.activation is not None and step.nets is not None
            by_act = arriving[:, step.own]
            by_net = self._by_net(step, by_act, share)
            yield from self._named("dE_dact", step.layer, by_act)
            yield from self._named("dE_dnet", step.layer, by_net)
            if self.shares:  # of each sample and place of the matrix
                own = self.sent[:, :, None] * by_net[:, None, :]
            else:
                own = (self.sent.T @ by_net)[None]
            if problem.thresholds:
                own[:, -1] *= -1
            for row, column in np.argwhere(step.names != ""):
                name = step.names[row, column]
                gradients[name] = gradients.get(name, 0.0) + own[:, row, column]
            arriving[:, :] += by_net @ step.weights.T
        yield from self._gradients(gradients)

    def _by_net(self, step: Step, by_act: Any, share: Any) -> Any:
        assert step.layer.activation is not None
        name, settings = step.layer.activation.name, _settings(step.layer.activation.settings)
        values = self.sent[:, step.own]
        joined = JOINED.get((self.problem.loss.kind, name))
        if joined is not None and step is self.steps[-1]:
            return share[:, None] * joined(self.targets, values)
        if name in LAYERS:
            return LAYERS[name][1](step.nets, values, by_act)
        return by_act * ACTIVATIONS[name][1](step.nets, settings)

    def _named(self, kind: str, layer: Layer, found: Any) -> Iterator[tuple[str, float]]:
        for row, mark in enumerate(self.marks):
            for column, unit in enumerate(layer.units):
                name = key(kind, unit, sample=mark, passes=self.program.passes)
                if name in self.program.variables:
                    yield name, float(found[row, column])

    def _gradients(self, gradients: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        program = self.program
        for name, by_sample in gradients.items():
            whole = key("grad", name, passes=program.passes)
            if whole not in program.variables:
                continue
            yield whole, float(by_sample.sum())
            if self.shares and not program.kinks and not program.problem.stated:
                for mark, found in zip(self.marks, by_sample, strict=True):
                    yield key("grad", name, sample=mark, passes=program.passes), float(found)


def _settings(given: Mapping[str, Number]) -> dict[str, float]:
    return {**USUAL, **{name: float(exact_number(number)) for name, number in given.items()}}


def _refuse(problem: Problem) -> None:
    if problem.architecture is not None:
        raise NotComparable("not a network of dense layers")
    if problem.given:
        raise NotComparable("activations are given, so the network is not run from its inputs")
    for layer in problem.layers[1:]:
        assert layer.activation is not None
        name = layer.activation.name
        if layer.activation.expression is not None or (name not in ACTIVATIONS and name not in LAYERS):
            raise NotComparable(f"no matrix formula for the activation {name}")
    if problem.loss.kind not in LOSSES or problem.loss.expression is not None:
        raise NotComparable(f"no matrix formula for the loss {problem.loss.kind}")
    if problem.descent.penalty is not None or problem.descent.looks_ahead:
        raise NotComparable("penalties and looking ahead are no part of this sweep")
