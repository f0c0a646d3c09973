"""Where a quantity stands on a sheet: in which section, below which title, in whose row of items alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...keys import Key, parse_key
from ...notation.update_names import COUNTED, OF_PASS
from ...spec.problem import Problem
from .. import wording

FORWARD, ERROR, UPDATES = "Forward pass", "Error", "New parameters"


@dataclass(frozen=True, slots=True)
class Asked:
    """A quantity that is asked.

    section: the title of its section. title: what stands above it, "" where nothing does. path: what it
    belongs to with others that are worked in one go, as net input and activation of a unit. family: the items
    alike, in whose row a faded sheet leaves more and more open.
    """

    key: str
    section: str
    title: str
    path: str
    family: str


class Places:
    """The places of the quantities of a problem."""

    def __init__(self, problem: Problem) -> None:
        """Look up to which layer, or stage of a network of any shape, each unit and parameter belongs."""
        self._problem = problem
        layers = problem.layers if problem.architecture is None else ()
        self._layer: Mapping[str, int] = {
            unit: index for index, layer in enumerate(layers) for unit in layer.units
        }
        self._fed = _layers_of_parameters(problem, self._layer) if layers else {}
        self._stages = () if problem.architecture is None else problem.architecture.stages
        self._stage: Mapping[str, int] = {
            parse_key(operation.key).subject: index
            for index, stage in enumerate(self._stages)
            for operation in stage.operations
        }
        self._alike = [re.sub(r"\d+", "#", stage.title) for stage in self._stages]

    def place(self, quantity: str) -> Asked:
        """Return where a quantity stands."""
        part = parse_key(quantity)
        kind = part.kind or part.subject
        own = self._path_and_family(quantity, part)
        if own is None:
            path, family = quantity, _FAMILIES.get(kind, kind)
        else:
            path, family = own
        return Asked(quantity, self._section(part), self._title(part), path, f"{family}@{part.passes}")

    def _path_and_family(self, quantity: str, part: Key) -> tuple[str, str] | None:
        """Return path and family of a quantity of a unit; None for any other.

        Where a network has stages alike, as time steps, each of them is a path.
        """
        forward = stage_of(part) == 0
        if part.subject in self._layer and forward:
            return f"{part.subject}#{part.sample}@{part.passes}", "forward"
        if part.subject not in self._stage or stage_of(part) not in (0, 2):
            return None
        index = self._stage[part.subject]
        family = f"{'forward' if forward else 'backward'} {self._alike[index]}"
        if self._alike.count(self._alike[index]) > 1:
            return f"{family} {index}@{part.passes}", family
        return quantity, family

    def rank(self, asked: Asked) -> tuple[int, ...]:
        """Return the place of an item in the work; those of the same rank stand as they are derived.

        In a network of layers the error terms of a layer come before its gradients, both in the order of the
        samples and units and not in that of the sweep, which goes backwards.
        """
        part = parse_key(asked.key)
        stage = stage_of(part)
        if stage not in (2, 3) or self._stages:
            return 10 * pass_of(part) + stage, 0
        layer = self._fed.get(part.subject, self._layer.get(part.subject, 0))
        place = _BACKWARDS.get(part.kind, len(_BACKWARDS))
        if part.kind not in _BACKWARDS:
            return 10 * part.passes + 2, -layer, place
        units = self._problem.layers[layer].units
        unit = units.index(part.subject) if part.subject in units else len(units)
        return 10 * part.passes + 2, -layer, place, part.sample or 0, unit

    def _section(self, part: Key) -> str:
        stage, number = stage_of(part), pass_of(part)
        if stage == UPDATE:
            return UPDATES if not number else f"{UPDATES} after update {number + 1}"
        later = f" after update {number}" if number > 1 else " with the new parameters" if number else ""
        if stage < 2:
            return (FORWARD, ERROR)[stage] + later
        if self._stages:
            return ("Gradients" if stage == 3 else "Backward pass") + later
        index = self._fed.get(part.subject, self._layer.get(part.subject, 0))
        title = wording.layer_title(self._problem, index) if index else "inputs"
        return f"Backward pass: {title}{later}"

    def _title(self, part: Key) -> str:
        """Return what stands above a quantity: its unit, or the stage of a network that has several."""
        stage = stage_of(part)
        if len(self._stages) > 1 and part.subject in self._stage and stage in (0, 2):
            title = self._stages[self._stage[part.subject]].title
            return title if stage == 0 else f"Back through: {title}"
        if stage or self._layer.get(part.subject, 0) == 0:
            return ""
        title = wording.unit_title(self._problem, part.subject)
        return title if part.sample is None else f"{title}, sample {part.sample}"


#: In which part of the work a kind of quantity is computed: forward, error, backward, gradients, updates.
UPDATE = 4
_STAGES: Mapping[str, int] = {
    "net": 0, "act": 0, "ahead": 0,
    "error": 1, "loss": 1, "data_loss": 1, "penalty": 1, "epoch_loss": 1, "residual": 1,
    "dact_dnet": 2, "dE_dact": 2, "dE_dnet": 2, "delta": 2, "dE_dtarget": 2, "grad": 3,
    "learning_rate": UPDATE, "squared_norm": UPDATE, "gradient_norm": UPDATE, "clip_factor": UPDATE,
    **dict.fromkeys((*COUNTED, *OF_PASS, "step", "new"), UPDATE),
}  # fmt: skip

#: Quantities of a unit in the backward pass, in the order in which they use each other.
_BACKWARDS: Mapping[str, int] = {"dE_dtarget": 0, "dE_dact": 0, "dact_dnet": 1, "dE_dnet": 2, "delta": 2}

_FAMILIES: Mapping[str, str] = {
    "net": "forward", "act": "forward", "error": "error", "loss": "error", "residual": "error",
    "dE_dact": "error terms", "dE_dnet": "error terms", "delta": "error terms", "dact_dnet": "slopes",
}  # fmt: skip


def stage_of(part: Key) -> int:
    """Return in which part of the work a quantity is computed, from 0."""
    return _STAGES.get(part.kind or part.subject, 2)


def pass_of(part: Key) -> int:
    """Return to which pass a quantity belongs, from 0: what an update makes is counted from 1."""
    return max(part.passes, 1) - 1 if part.kind == "new" or part.kind in COUNTED else part.passes


def _layers_of_parameters(problem: Problem, layer: Mapping[str, int]) -> Mapping[str, int]:
    found = {weight.name: layer[weight.target] for weight in problem.connections}
    return found | {bias.name: max(layer[unit] for unit in bias.targets) for bias in problem.biases}
