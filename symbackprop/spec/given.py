"""Quantities that are given instead of computed, and derivatives that are asked for beside the gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..terms import Number
from .data import check_range
from .faults import Path, Written
from .model import ProblemForm
from .problem import Layer
from .structure import Structure
from .suggest import did_you_mean, listed
from .training import asked

#: What may be given, before the dot of a key, beside an activation: of a unit, of an output, of a parameter.
UNIT_KINDS = ("act", "net", "dact_dnet", "dE_dact", "dE_dnet", "delta")
OUTPUT_KINDS = ("error",)
PARAMETER_KINDS = ("grad",)


@dataclass(frozen=True, slots=True)
class Given:
    """What is given: activations by unit, every other quantity by its key."""

    activations: Mapping[str, Number] = field(default_factory=dict)
    stated: Mapping[str, Number] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is given."""
        return bool(self.activations or self.stated)


def build_given(form: ProblemForm, structure: Structure, samples: int, written: Written) -> Given:
    """Return the quantities that are given: by unit (its activation) or by key.

    An error term given as `delta.U` is minus `dE_dnet.U`; either gives both.

    Raises:
        ProblemError: a unit or quantity is unknown or an input, or no activation function has the value.
    """
    places: list[tuple[Mapping[str, Number] | None, Path]] = [
        (form.given, ("given",)),
        (form.network.given, ("network", "given")),
        (form.network.given_activations, ("network", "given_activations")),
    ]
    written_places = [(values, path) for values, path in places if values]
    if len(written_places) > 1:
        raise written.error(
            written_places[1][1], "given activations stand in two places", expected="one place"
        )
    activations: dict[str, Number] = {}
    stated: dict[str, Number] = {}
    for values, path in written_places:
        if samples > 1:
            raise written.error(
                path, "activations cannot be given for several samples", expected="one sample"
            )
        for text, number in (values or {}).items():
            place = (*path, text)
            kind, subject = _quantity(text, place, structure, written)
            if kind == "act":
                _check_twice(subject, activations, place, text, written)
                check_range(number, _layer_of(subject, structure), place, written)
                activations[subject] = number
                continue
            keys = {"dE_dnet": "delta", "delta": "dE_dnet"}
            _check_twice(f"{kind}.{subject}", stated, place, text, written)
            stated[f"{kind}.{subject}"] = number
            if kind in keys:
                stated[f"{keys[kind]}.{subject}"] = negated(number)
    return Given(activations, stated)


def negated(number: Number) -> Number:
    """Return minus a number, digit for digit."""
    if not number.text.strip("-0./"):
        return number
    return Number(number.text[1:] if number.negative else f"-{number.text}", number.exponent)


def _check_twice(key: str, found: Mapping[str, Number], place: Path, text: str, written: Written) -> None:
    if key in found:
        raise written.error(place, "this quantity is given twice", given=text, expected="one value")


def _layer_of(unit: str, structure: Structure) -> Layer:
    return structure.layers[structure.position[unit]]


def _quantity(text: str, place: Path, structure: Structure, written: Written) -> tuple[str, str]:
    """Return kind and subject of what is given; a unit's name alone means its activation."""
    computed = [name for layer in structure.layers[1:] for name in layer.units]
    inputs, outputs = structure.layers[0].units, structure.layers[-1].units
    parameters = [parameter.name for parameter, _ in structure.parameters]
    subjects: dict[str, list[str]] = {
        **dict.fromkeys(UNIT_KINDS, computed),
        **{name: list(outputs) for name in OUTPUT_KINDS},
        **dict.fromkeys(PARAMETER_KINDS, parameters),
    }
    if "." not in text:
        kind, subject, known = "act", text, computed
    else:
        kind, _, subject = text.partition(".")
        if kind not in subjects:
            raise written.error(
                place,
                "no quantity that can be given",
                given=text,
                expected=f"a unit, or one of {', '.join(f'{name}.*' for name in subjects)}",
                hint=did_you_mean(kind, subjects),
            )
        known = subjects[kind]
    if subject in known:
        return kind, subject
    if subject in parameters:
        raise written.error(
            place,
            "this is a parameter",
            given=text,
            expected=f"its value where the network's parameters stand, or its gradient: grad.{subject}",
        )
    what = "parameter" if kind in PARAMETER_KINDS else "unit"
    raise written.error(
        place,
        "this unit is an input" if subject in inputs else f"unknown {what}",
        given=text,
        expected=f"one of {listed(known)}",
        hint=did_you_mean(subject, known),
    )


def build_wrt(form: ProblemForm, layers: Sequence[Layer], written: Written) -> tuple[str, ...]:
    """Return the inputs (`x1`) and targets (`target.o1`) by which the loss is differentiated too.

    Raises:
        ProblemError: one is neither, or stands there twice.
    """
    value, path = asked(form, "wrt", written)
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    inputs, outputs = layers[0].units, layers[-1].units
    known = [*inputs, *(f"target.{output}" for output in outputs)]
    found: list[str] = []
    for index, name in enumerate(names):
        place = written.existing((*path, index))
        if name not in known:
            raise written.error(
                place,
                "neither an input nor a target",
                given=name,
                expected=f"one of {listed(known)}",
                hint=did_you_mean(name, known),
            )
        if name in found:
            raise written.error(place, "stands here twice", given=name, expected="each once")
        found.append(name)
    return tuple(found)
