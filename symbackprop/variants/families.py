"""Which of a problem's numbers belong together, so that one range and one grid serves them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from ..network.operations import LayerActivation, UnitActivation
from ..rules.losses import DISTRIBUTION
from ..spec.choosing import exact
from ..spec.data import values_of
from ..spec.figures import Figure
from ..spec.problem import Problem
from .suggestion import Bounds, grid_of

#: From so many samples on, each input has a range of its own.
MANY_SAMPLES = 3

#: A matrix of whose numbers so large a part is 0 has a pattern: its zeros stay.
PATTERN = Fraction(1, 3)

#: Families on one grid are one family if the largest numbers differ by no more than this factor.
NEAR = 10

ZERO, ONE = Fraction(0), Fraction(1)
Family = tuple[Figure, ...]


def merged(families: Iterable[Family]) -> list[Family]:
    """Return families with those joined that are on the same grid and of about the same size."""
    found: list[tuple[tuple[Fraction, bool, bool], Fraction, list[Figure]]] = []
    for family in families:
        if not family:
            continue
        step, style = grid_of([figure.number for figure in family])
        kind = (step, style.fraction, style.exponent is None)
        size = max(abs(exact(figure.number)) for figure in family)
        for other, largest, figures in found:
            if other == kind and (not size or not largest or size / NEAR <= largest <= size * NEAR):
                figures.extend(family)
                break
        else:
            found.append((kind, size, list(family)))
    return [tuple(figures) for _, _, figures in found]


def by_name(figures: Iterable[Figure], name: Mapping[str, str]) -> list[Family]:
    """Return figures in families by what their names stand for there."""
    families: dict[str, list[Figure]] = {}
    for figure in figures:
        families.setdefault(name.get(figure.name, figure.name), []).append(figure)
    return [tuple(family) for family in families.values()]


def parameter_families(problem: Problem) -> dict[str, str]:
    """Return, by parameter, its matrix, its vector, or the layer that it leads to."""
    layers = {unit: str(number) for number, layer in enumerate(problem.layers) for unit in layer.units}
    found = {weight.name: f"w{layers[weight.target]}" for weight in problem.weights}
    found |= {bias.name: f"b{layers[bias.targets[0]]}" for bias in problem.biases}
    if problem.architecture is not None:
        found |= {parameter.name: parameter.family for parameter in problem.architecture.parameters}
    return found


def input_families(problem: Problem) -> dict[str, str]:
    """Return, by input, the array that it belongs to; of many samples, and of free leaves, itself."""
    if problem.architecture is not None:
        arrays = problem.architecture.arrays
        return {unit: name for name, rows in arrays.items() for row in rows for unit in row}
    alone = len(problem.samples) >= MANY_SAMPLES
    return {unit: unit if alone else "" for unit in problem.inputs}


def staying(family: Family) -> frozenset[str]:
    """Return the keys of a family's numbers that stay: zeros in a pattern, and plain starts.

    Biases and states that all start at 0, and scales that all start at 1, are a convention and no choice.
    """
    values = [exact(figure.number) for figure in family]
    zeros = frozenset(f.key for f, value in zip(family, values, strict=True) if not value)
    everything = frozenset(figure.key for figure in family)
    if family[0].name.startswith("gamma") and set(values) == {ONE}:
        return everything
    if family[0].role == "targets":
        return frozenset()
    if len(zeros) == len(values):
        return everything
    pattern = family[0].role == "weights" and len(values) > 2 and len(zeros) >= PATTERN * len(values)
    if pattern and len(set(values)) == 2 and len(values) > len(zeros) + 1:
        return everything  # a choice, a sum or a mean of what comes in
    return zeros if pattern else frozenset()


# --- rows ------------------------------------------------------------------------------------------


def input_rows(problem: Problem) -> list[tuple[str, ...]]:
    """Return the inputs in rows: all of a sample, or those of a time step or token."""
    if problem.architecture is None:
        return [problem.inputs]
    return _rows(problem.architecture.arrays, frozenset(problem.inputs))


def target_rows(problem: Problem) -> list[tuple[str, ...]]:
    """Return the outputs in rows: what a softmax is over, the rows of a matrix, or all of them."""
    if problem.architecture is None:
        return [problem.outputs]
    stages = problem.architecture.stages
    operations = [operation for stage in stages for operation in stage.operations]
    joint = {o.units: None for o in operations if isinstance(o, LayerActivation)}
    rows = [units for units in joint if set(units) <= set(problem.outputs)]
    rest = frozenset(problem.outputs).difference(*rows)
    rows += _rows(problem.architecture.arrays, rest)
    left = tuple(unit for unit in problem.outputs if not any(unit in row for row in rows))
    return [*rows, left] if left else rows


def _rows(arrays: Mapping[str, Sequence[tuple[str, ...]]], units: frozenset[str]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for rows in arrays.values():
        if all(unit in units for row in rows for unit in row):
            single = all(len(row) == 1 for row in rows)
            found += [tuple(row[0] for row in rows)] if single else rows
            units -= {unit for row in rows for unit in row}
    return found


def two_valued(figures: Sequence[Figure]) -> bool:
    """Return whether numbers are classes: all 0 or 1, or all -1 or 1 with some of the first."""
    values = {exact(figure.number) for figure in figures}
    return bool(values) and (values <= {ZERO, ONE} or (values <= {-ONE, ONE} and -ONE in values))


# --- bounds ----------------------------------------------------------------------------------------

#: Losses that do not compare a target with the output itself.
_NOT_COMPARING = frozenset(
    {
        "negative_log_likelihood",
        "binary_cross_entropy_with_logits",
        "cross_entropy_with_logits",
        "hinge",
        "squared_hinge",
        "multi_class_hinge",
    }
)
_PROBABLE = Bounds(ZERO, ONE, closed=True)


def target_bounds(problem: Problem, wanted: str) -> Bounds:
    """Return between which numbers targets lie: those that the outputs can have and the loss allows.

    wanted: what the loss says of its targets.
    """
    bounds = Bounds(ZERO, None, closed=True) if wanted == DISTRIBUTION else Bounds()
    if wanted.startswith("a number from 0 to 1"):
        bounds = _PROBABLE
    activations = {activation for unit in problem.outputs if (activation := _activation(problem, unit))}
    if problem.loss.kind in _NOT_COMPARING or len(activations) != 1:
        return bounds
    low, high, closed = next(iter(activations))
    numbers = [exact(n) for data in problem.samples for n in data.targets.values()]
    own = Bounds(low, high, closed)
    if not all(own.allow(value) for value in numbers):
        return bounds
    below = bounds.low is None or (low is not None and low >= bounds.low)
    above = bounds.high is None or (high is not None and high <= bounds.high)
    return own if below and above else bounds


def activation_bounds(problem: Problem, unit: str) -> Bounds:
    """Return between which numbers a unit's activation lies."""
    found = _activation(problem, unit)
    return Bounds(*found) if found else Bounds()


def _activation(problem: Problem, unit: str) -> tuple[Fraction | None, Fraction | None, bool] | None:
    if problem.architecture is None:
        layers = [layer for layer in problem.layers[1:] if unit in layer.units]
        activation = layers[0].activation if layers else None
    else:
        operations = [o for stage in problem.architecture.stages for o in stage.operations]
        own = [
            o.activation
            for o in operations
            if isinstance(o, UnitActivation | LayerActivation) and o.unit == unit
        ]
        activation = own[0] if own else None
    return None if activation is None else values_of(activation)
