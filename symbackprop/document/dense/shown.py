"""Which parameters and samples of a dense network a sheet shows, and the words for what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...spec.problem import Bias, Problem, Weight
from .. import wording
from ..sheet import Sheet

#: A short sheet shows a batch of more samples by its first one.
FEW_SAMPLES = 2

Connections = tuple[Weight | Bias, ...]


class Shown(NamedTuple):
    """The parameters of a layer by how they are shown."""

    derived: Connections
    tabulated: Connections
    omitted: Connections

    @property
    def listed(self) -> Connections:
        """Those that a table of the layer lists, in the author's order of each kind."""
        return (*self.derived, *self.tabulated)


def shown_at(sheet: Sheet, index: int) -> Shown:
    """Return the trained parameters of a layer by how they are shown."""
    selection = sheet.selection
    also = frozenset(selection.split(sheet.problem.frozen).derived) if selection.restricted else frozenset()
    parameters = trained_at(sheet.problem, index, also)
    by_name = {parameter.name: parameter for parameter in parameters}
    parts = sheet.selection.split(by_name)
    derived, tabulated, omitted = (tuple(by_name[name] for name in names) for names in parts)
    return Shown(derived, tabulated, omitted)


def trained_at(problem: Problem, index: int, also: frozenset[str] = frozenset()) -> list[Weight | Bias]:
    """Return the trained parameters, and `also` these, whose last receiving unit stands in a layer."""
    layer_of = {unit: number for number, layer in enumerate(problem.layers) for unit in layer.units}
    found: list[Weight | Bias] = []
    further: dict[str, list[str]] = {}
    for _, tie in problem.ties:
        further.setdefault(tie.name, []).append(tie.target)
    connections: tuple[Weight | Bias, ...] = (*problem.weights, *problem.biases)
    for parameter in connections:
        units = (parameter.target,) if isinstance(parameter, Weight) else parameter.targets
        units = (*units, *further.get(parameter.name, ()))
        left_out = parameter.name in problem.frozen and parameter.name not in also
        if not left_out and max(layer_of[unit] for unit in units) == index:
            found.append(parameter)
    return found


def shown_samples(sheet: Sheet) -> tuple[int | None, ...]:
    """Return the samples whose work is shown: all, or the first of many on a short sheet."""
    samples = sheet.graph.samples
    return samples[:1] if sheet.selection.is_short and len(samples) > FEW_SAMPLES else samples


def say_other_samples(sheet: Sheet, samples: Sequence[int | None]) -> None:
    """Say that the samples which are not shown are worked in the same way."""
    others = len(sheet.graph.samples) - len(samples)
    if others:
        sheet.text(f"The other {wording.count(others, 'sample')} in the same way.", small=True)


def say_omitted(sheet: Sheet, omitted: Sequence[object], noun: str) -> None:
    """Say how many of a layer are left out, unless the sheet is about some parameters only."""
    if omitted and not sheet.selection.restricted:
        verb = "is" if len(omitted) == 1 else "are"
        sheet.text(
            f"The other {wording.count(len(omitted), noun)} of the layer {verb} left out here; "
            "--show all derives everything, --format json lists every value.",
            small=True,
        )
