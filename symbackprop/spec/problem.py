"""The problem: what the author wrote, validated. Nothing here is computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formulas.compiled import built_quickly
from ..formulas.terms import Number, Term
from ..network.architecture import Architecture, Parameter
from ..network.descent import Descent
from ..network.operations import Activation
from ..notation.notation import NotationChoice
from ..numbers.rounding import RoundingPolicy
from .choices import Vary


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of named units; the first layer of a network is its inputs and has no activation."""

    name: str
    units: tuple[str, ...]
    activation: Activation | None = None


@built_quickly
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

    kind: a name of `rules.LOSSES`, or "custom". reduction: "mean" or "sum" over the samples of a batch.
    settings: those of the loss (`delta` of huber). constant: what stands before the loss. expression: the
    author's own error of one output over the slots t and o, `derivative` its derivative by o as the author
    writes it, `name` what the author calls it.
    """

    kind: str = "half_squared_error"
    reduction: str = "mean"
    settings: Mapping[str, Number] = field(default_factory=dict)
    constant: Number | None = None
    expression: Term | None = None
    derivative: Term | None = None
    name: str = ""


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
    that is only reported (as training programs do), never descended. epochs: how often the batches
    are gone through, which is one update each where there is one batch. report_every: in a long run, which
    updates the table shows. descent: how an update is made.
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
    descent: Descent = Descent()
    given: Mapping[str, Number] = field(default_factory=dict)
    rounding: RoundingPolicy = RoundingPolicy()
    notation: NotationChoice = NotationChoice()
    introduction: str = ""
    name: str = ""  # stem of output files
    source: Source = Source()
    wrt: tuple[str, ...] = ()  # inputs and targets (target.o1) by which the loss is differentiated too
    thresholds: bool = False  # biases are thresholds, subtracted from the weighted sum
    stated: Mapping[str, Number] = field(default_factory=dict)  # further quantities that are given, by key
    sample_layout: str = ""  # rows or columns, where a batch was given as matrices
    weight_layout: str = ""  # rows or columns, where the author has said what a row of a weight matrix is
    listing: str = ""  # the library of the program that the sheet ends with
    show: tuple[str, ...] = ()  # what a sheet shows: names, patterns, layer:N, outputs, representative, all
    ties: tuple[tuple[int, Weight], ...] = ()  # connections with the name of a weight, by their place
    architecture: Architecture | None = None  # set for networks that are not layers of dense units
    vary: Vary | None = None  # what varies from student to student, where the author says it

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
    def updates(self) -> int:
        """How many updates are made."""
        descent = self.descent
        return self.epochs * max(len(descent.batches), 1) if descent.updates is None else descent.updates

    @property
    def bias_names(self) -> frozenset[str]:
        """The parameters that are biases; layers of any type begin the names of theirs with b."""
        own = () if self.architecture is None else self.architecture.parameters
        return frozenset(
            [*(bias.name for bias in self.biases), *(p.name for p in own if p.name.startswith("b"))]
        )

    @property
    def connections(self) -> tuple[Weight, ...]:
        """All connections in the author's order: the weights, and those that are tied to one of them."""
        found = list(self.weights)
        for position, tie in self.ties:
            found.insert(position, tie)
        return tuple(found) if self.ties else self.weights

    @property
    def parameters(self) -> tuple[Weight | Bias | Parameter, ...]:
        """Weights, then biases, in the author's order."""
        own = () if self.architecture is None else self.architecture.parameters
        return (*self.weights, *self.biases, *own)
