"""How parameters are updated: optimizer, batches, learning rates, clipping, penalties. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formulas.terms import Number


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An update rule by its PyTorch name, complete with every number and convention it has.

    settings: numbers (`beta1`, `epsilon`, ...). choices: conventions (`rate: inside`,
    `epsilon_place: outside`, `bias_correction: True`, ...). Only what the rule uses is there.
    """

    name: str = "sgd"
    settings: Mapping[str, Number] = field(default_factory=dict)
    choices: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the learning rate changes: kind, its numbers, and whether it counts updates or epochs.

    rates: of the kind "list", the rates themselves; the last one stays.
    """

    kind: str
    settings: Mapping[str, Number] = field(default_factory=dict)
    per: str = "update"
    rates: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """Gradients are cut: each at `bound` ("value"), or all together to the length `bound` ("norm").

    epsilon: added to the norm before the bound is divided by it (PyTorch adds 1e-6).
    """

    kind: str
    bound: Number
    epsilon: Number | None = None


@dataclass(frozen=True, slots=True)
class Penalty:
    """What is added to the loss: constant * l2 * sum of squares + l1 * sum of magnitudes.

    parameters: those that are penalised. constant: before l2, 1/2 or 1. by_samples: both parts are
    divided by the number of samples of the batch.
    """

    parameters: tuple[str, ...]
    l1: Number | None = None
    l2: Number | None = None
    constant: Number = Number("1/2")
    by_samples: bool = False


@dataclass(frozen=True, slots=True)
class Descent:
    """Everything about the updates but the learning rate itself, which is the problem's.

    batches: samples, counted from 1, in the order in which the batches are taken; empty: all samples
    in each update. updates: how many are made, None: as many as the epochs have batches. rates: own
    learning rates by parameter. state: moments at the start by quantity key (`velocity.w1`). steps: updates
    that the optimizer has made before the start. ascent: up the gradient.
    """

    batches: tuple[tuple[int, ...], ...] = ()
    updates: int | None = None
    optimizer: Optimizer = Optimizer()
    schedule: Schedule | None = None
    rates: Mapping[str, Number] = field(default_factory=dict)
    clip: Clip | None = None
    penalty: Penalty | None = None
    ascent: bool = False
    state: Mapping[str, Number] = field(default_factory=dict)
    steps: int = 0

    @property
    def plain(self) -> bool:
        """Whether each update is the old value minus one learning rate times the gradient."""
        return (
            self.optimizer.name == "sgd"
            and not self.optimizer.settings
            and self.schedule is None
            and not self.rates
            and self.clip is None
            and self.penalty is None
            and not self.ascent
        )

    @property
    def inline(self) -> bool:
        """Whether an update is one line: the old value and a rate times the gradient."""
        return self.optimizer.name == "sgd" and not self.optimizer.settings and self.clip is None

    @property
    def looks_ahead(self) -> bool:
        """Whether gradients are taken where the velocity alone would lead."""
        return self.optimizer.choices.get("form") == "lookahead"

    def batch(self, passes: int) -> tuple[int, ...]:
        """Return the samples of the update after so many, () for all."""
        return self.batches[passes % len(self.batches)] if self.batches else ()
