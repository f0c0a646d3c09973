"""The numbers of a problem, each with its key and its part: input, target, weight, bias, rate, given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..formulas.terms import Number
from ..keys import key
from .problem import Problem

#: The parts that numbers play, as words of a problem file.
ROLES = ("inputs", "targets", "weights", "biases", "learning_rate", "given")

#: Each of the two names of an error term that is given stands for the other one too, with its sign turned.
TURNED = {"dE_dnet": "delta", "delta": "dE_dnet"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a problem states.

    key: its quantity key. role: one of `ROLES`. name: what the author calls it, the same in every sample.
    drawn: it comes from a seeded start. wired: it decides which formulas there are (a row that is looked
    up, a mask).
    """

    key: str
    role: str
    name: str
    number: Number
    sample: int | None = None
    drawn: bool = False
    wired: bool = False


def figures(problem: Problem) -> tuple[Figure, ...]:
    """Return the numbers of a problem in its own order; what is not given (null) is not among them."""
    return tuple(_figures(problem))


def _figures(problem: Problem) -> Iterator[Figure]:
    wired = frozenset(() if problem.architecture is None else problem.architecture.wired)
    several = len(problem.samples) > 1
    for count, data in enumerate(problem.samples, start=1):
        sample = count if several else None
        for unit, number in data.inputs.items():
            yield Figure(key(unit, "", sample=sample), "inputs", unit, number, sample, wired=unit in wired)
        for unit, number in data.targets.items():
            yield Figure(key("target", unit, sample=sample), "targets", f"target.{unit}", number, sample)
    biases = problem.bias_names
    for parameter in problem.parameters:
        if parameter.value is not None:
            role = "biases" if parameter.name in biases else "weights"
            drawn = bool(getattr(parameter, "drawn", False))
            yield Figure(parameter.name, role, parameter.name, parameter.value, drawn=drawn)
    if problem.learning_rate is not None:
        text = "learning_rate" if problem.descent.schedule is None else "schedule.start"
        yield Figure(text, "learning_rate", "learning_rate", problem.learning_rate)
    for unit, number in problem.given.items():
        yield Figure(key("act", unit), "given", key("act", unit), number)
    for text, number in problem.stated.items():
        kind, _, subject = text.partition(".")
        turned = f"{TURNED.get(kind, '')}.{subject}"
        stated = list(problem.stated)
        if turned in problem.stated and stated.index(turned) < stated.index(text):
            continue  # the same number with the other sign
        yield Figure(text, "given", text, number)
