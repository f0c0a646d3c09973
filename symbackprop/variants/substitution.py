"""A problem with other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..formulas.terms import Number
from ..keys import key
from ..network.architecture import Parameter
from ..spec.problem import Bias, Problem, Sample, Weight


def with_numbers(problem: Problem, numbers: Mapping[str, Number]) -> Problem:
    """Return the problem with other numbers under their quantity keys, everything else as it is.

    What a problem says of its variants is not said of a variant.
    """
    several = len(problem.samples) > 1
    architecture = problem.architecture
    if architecture is not None:
        own = tuple(
            Parameter(each.name, numbers[each.name], each.family) if each.name in numbers else each
            for each in architecture.parameters
        )
        architecture = replace(architecture, parameters=own)
    rate = numbers.get("learning_rate", numbers.get("schedule.start", problem.learning_rate))
    return replace(
        problem,
        samples=tuple(
            _sample(data, numbers, sample if several else None)
            for sample, data in enumerate(problem.samples, start=1)
        ),
        weights=tuple(_weight(weight, numbers) for weight in problem.weights),
        ties=tuple((place, _weight(tie, numbers)) for place, tie in problem.ties),
        biases=tuple(
            Bias(bias.name, bias.targets, numbers[bias.name]) if bias.name in numbers else bias
            for bias in problem.biases
        ),
        learning_rate=rate,
        given={unit: numbers.get(key("act", unit), number) for unit, number in problem.given.items()},
        stated={text: numbers.get(text, number) for text, number in problem.stated.items()},
        architecture=architecture,
        vary=None,
    )


def _sample(data: Sample, numbers: Mapping[str, Number], sample: int | None) -> Sample:
    return Sample(
        {unit: numbers.get(key(unit, "", sample=sample), number) for unit, number in data.inputs.items()},
        {
            unit: numbers.get(key("target", unit, sample=sample), number)
            for unit, number in data.targets.items()
        },
    )


def _weight(weight: Weight, numbers: Mapping[str, Number]) -> Weight:
    number = numbers.get(weight.name)
    return weight if number is None else Weight(weight.name, weight.source, weight.target, number)
