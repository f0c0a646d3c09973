"""The problem: what the author wrote, validated. Nothing here is computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..architecture import Architecture, Parameter
from ..notation import NotationChoice
from ..operations import Activation
from ..rounding import RoundingPolicy
from ..terms import Number


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of named units; the first layer of a network is its inputs and has no activation."""

    name: str
    units: tuple[str, ...]
    activation: Activation | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A connection between two units; `value` None means not given.

    drawn: the value was drawn from a seeded start and not written by anyone.
    """

    name: str
    source: str
    target: str
    value: Number | None
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Bias:
    """A bias of one or, where shared, several units."""

    name: str
    targets: tuple[str, ...]
    value: Number | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: a number for each input unit and each output unit."""

    inputs: Mapping[str, Number]
    targets: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Loss:
    """What is minimised: one sample's loss over its outputs, and how samples are joined.

    kind: half_squared_error, squared_error, mean_squared_error, binary_cross_entropy,
    cross_entropy. reduction: "mean" or "sum" over the samples of a batch.
    """

    kind: str = "half_squared_error"
    reduction: str = "mean"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something of the problem was written, for messages: file and line by field path."""

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A network, its data, and what is asked.

    layers: input layer first. Parameters are the weights and then the biases, in the author's
    order. given: activations that are given instead of computed, by unit. learning_rate None:
    gradients only, no update. frozen: parameters that are not updated. reported_loss: a second loss
    that is only reported (as training programs do), never descended. epochs: how many updates.
    report_every: in a long run, which epochs the table shows.
    """

    title: str
    layers: tuple[Layer, ...]
    samples: tuple[Sample, ...]
    weights: tuple[Weight, ...]
    biases: tuple[Bias, ...] = ()
    loss: Loss = Loss()
    reported_loss: Loss | None = None
    learning_rate: Number | None = None
    frozen: frozenset[str] = frozenset()
    epochs: int = 1
    report_every: int | None = None
    given: Mapping[str, Number] = field(default_factory=dict)
    rounding: RoundingPolicy = RoundingPolicy()
    notation: NotationChoice = NotationChoice()
    introduction: str = ""
    name: str = ""  # stem of output files
    source: Source = Source()
    architecture: Architecture | None = None  # set for networks that are not layers of dense units

    @property
    def units(self) -> tuple[str, ...]:
        """All units, layer by layer."""
        return tuple(unit for layer in self.layers for unit in layer.units)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The input units."""
        return self.layers[0].units

    @property
    def outputs(self) -> tuple[str, ...]:
        """The output units."""
        return self.layers[-1].units

    @property
    def parameters(self) -> tuple[Weight | Bias | Parameter, ...]:
        """Weights, then biases, in the author's order."""
        own = () if self.architecture is None else self.architecture.parameters
        return (*self.weights, *self.biases, *own)
