"""The operations that a graph consists of: one per variable, each on named variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formulas.terms import Number, Term
from ..keys import key


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function by its PyTorch name, with its settings (`negative_slope`, ...).

    expression: the author's own function over the slot z (`rules.derivation.slot`), which the name is
    then for. derivative: its derivative as the author writes it, over the slots z and a.
    """

    name: str
    settings: Mapping[str, Number] = field(default_factory=dict)
    expression: Term | None = None
    derivative: Term | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `sample` is None where there is only one."""

    sample: int | None

    @property
    def key(self) -> str:
        """The quantity key of the variable that the operation computes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class NetInput(Operation):
    """net.U = the weighted sum of what comes in: `edges` are (source unit, weight) pairs."""

    unit: str
    edges: tuple[tuple[str, str], ...]
    bias: str | None

    @property
    def key(self) -> str:
        """net.U."""
        return key("net", self.unit, sample=self.sample)


@dataclass(frozen=True, slots=True)
class UnitActivation(Operation):
    """act.U = f(net.U); `given` where the problem states the activation instead."""

    unit: str
    activation: Activation
    given: bool = False

    @property
    def key(self) -> str:
        """act.U."""
        return key("act", self.unit, sample=self.sample)


@dataclass(frozen=True, slots=True)
class LayerActivation(Operation):
    """act.U = f(net.U, net.V, ...): one unit's share of an activation of a whole layer, such as softmax."""

    unit: str
    units: tuple[str, ...]
    activation: Activation
    given: bool = False

    @property
    def key(self) -> str:
        """act.U."""
        return key("act", self.unit, sample=self.sample)


@dataclass(frozen=True, slots=True)
class OutputError(Operation):
    """error.O = one output's error."""

    output: str

    @property
    def key(self) -> str:
        """error.O."""
        return key("error", self.output, sample=self.sample)


@dataclass(frozen=True, slots=True)
class SampleLoss(Operation):
    """loss = the sum of one sample's errors."""

    outputs: tuple[str, ...]

    @property
    def key(self) -> str:
        """Loss, or loss#s where there are several samples."""
        return key("loss", "", sample=self.sample)


@dataclass(frozen=True, slots=True)
class JointLoss(Operation):
    """loss = a formula over all outputs of one sample that is not a sum of one output's errors."""

    outputs: tuple[str, ...]

    @property
    def key(self) -> str:
        """Loss, or loss#s where there are several samples."""
        return key("loss", "", sample=self.sample)


@dataclass(frozen=True, slots=True)
class BatchLoss(Operation):
    """loss = the sum or mean of the samples' losses."""

    samples: tuple[int, ...]
    mean: bool

    @property
    def key(self) -> str:
        """Loss."""
        return "loss"


@dataclass(frozen=True, slots=True)
class Node(Operation):
    """act.U, or net.U, = an expression over other quantities.

    kind: "act" or "net". formula: over symbols whose keys are those of the first pass (`net.h1#2`,
    `act.c_1`, an input's or a parameter's own name); the sweep shifts them to the pass it is in. partials:
    by operand key, the derivative as courses write it, over the same keys and the node's own; by an operand
    that is not there the formula is differentiated by `rules.node`. because, slope: why the formula is what
    it is, and why its partial derivatives are.
    """

    unit: str
    formula: Term
    partials: Mapping[str, Term] = field(default_factory=dict)
    because: str = ""
    kind: str = "act"
    slope: str = ""

    @property
    def key(self) -> str:
        """act.U or net.U."""
        return key(self.kind, self.unit, sample=self.sample)


@dataclass(frozen=True, slots=True)
class ScalarLoss(Operation):
    """loss = act.U: a node of the network is itself what is differentiated."""

    unit: str

    @property
    def key(self) -> str:
        """Loss, or loss#s where there are several samples."""
        return key("loss", "", sample=self.sample)
