"""Quantities that are given instead of computed, and derivatives that are asked for beside the gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..formulas.terms import Number
from ..keys import parse_key
from ..network.architecture import Architecture
from ..network.operations import LayerActivation, UnitActivation
from .data import check_range
from .faults import Path, Written
from .model import ProblemForm
from .patterns import fitting
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


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a network has quantities of.

    by_kind: the units, outputs or parameters that a kind of quantity may be given of. activation: the
    activation function of a unit, as a layer; None where it has none.
    """

    by_kind: Mapping[str, Sequence[str]]
    inputs: Sequence[str]
    parameters: Sequence[str]
    layer_of: Callable[[str], Layer | None]


def given_fields(form: ProblemForm) -> list[tuple[Mapping[str, Number], Path]]:
    """Return what is written under `given`, in any of its places, that is not empty."""
    places: list[tuple[Mapping[str, Number] | None, Path]] = [
        (form.given, ("given",)),
        (form.network.given, ("network", "given")),
        (form.network.given_activations, ("network", "given_activations")),
    ]
    return [(values, path) for values, path in places if values]


def build_given(form: ProblemForm, structure: Structure, samples: int, written: Written) -> Given:
    """Return the quantities of layers of units that are given: by unit (its activation) or by key.

    Raises:
        ProblemError: a unit or quantity is unknown or an input, or no activation function has the value.
    """
    computed = [name for layer in structure.layers[1:] for name in layer.units]
    parameters = [parameter.name for parameter, _ in structure.parameters]
    subjects = Subjects(
        {
            **dict.fromkeys(UNIT_KINDS, computed),
            **{name: list(structure.layers[-1].units) for name in OUTPUT_KINDS},
            **dict.fromkeys(PARAMETER_KINDS, parameters),
        },
        structure.layers[0].units,
        parameters,
        lambda unit: structure.layers[structure.position[unit]],
    )
    return _read_given(form, subjects, samples, written)


def build_general_given(
    form: ProblemForm, architecture: Architecture, layers: Sequence[Layer], samples: int, written: Written
) -> tuple[Given, Architecture]:
    """Return what is given in a network of any shape, and its architecture with those activations marked.

    Raises:
        ProblemError: as for layers of units.
    """
    operations = [operation for stage in architecture.stages for operation in stage.operations]
    by_kind: dict[str, dict[str, None]] = {"act": {}, "net": {}}
    functions: dict[str, Layer] = {}
    for operation in operations:
        quantity = parse_key(operation.key)
        by_kind[quantity.kind].setdefault(quantity.subject)
        if isinstance(operation, UnitActivation | LayerActivation):
            functions[operation.unit] = Layer("", (operation.unit,), operation.activation)
    parameters = [parameter.name for parameter in architecture.parameters]
    subjects = Subjects(
        {
            "act": list(by_kind["act"]),
            "net": list(by_kind["net"]),
            "dact_dnet": list(functions),
            "dE_dact": list(by_kind["act"]),
            "dE_dnet": list(by_kind["net"]),
            "delta": list(by_kind["net"]),
            "error": list(layers[-1].units),
            "grad": parameters,
        },
        layers[0].units,
        parameters,
        functions.get,
    )
    given = _read_given(form, subjects, samples, written)
    if not given.activations:
        return given, architecture
    stages = tuple(
        replace(
            stage,
            operations=tuple(
                replace(operation, given=True)
                if isinstance(operation, UnitActivation | LayerActivation)
                and operation.unit in given.activations
                else operation
                for operation in stage.operations
            ),
        )
        for stage in architecture.stages
    )
    return given, replace(architecture, stages=stages)


def _read_given(form: ProblemForm, subjects: Subjects, samples: int, written: Written) -> Given:
    """Return the quantities that are given.

    An error term given as `delta.U` is minus `dE_dnet.U`; either gives both. The activation of a unit without
    an activation function, such as a node of a graph, is a quantity like any other.
    """
    written_places = given_fields(form)
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
        for text, number in values.items():
            place = (*path, text)
            kind, subject = _quantity(text, place, subjects, written)
            layer = subjects.layer_of(subject) if kind == "act" else None
            if layer is not None:
                _check_twice(subject, activations, place, text, written)
                check_range(number, layer, place, written)
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


def _quantity(text: str, place: Path, subjects: Subjects, written: Written) -> tuple[str, str]:
    """Return kind and subject of what is given; a unit's name alone means its activation."""
    by_kind, inputs, parameters = subjects.by_kind, subjects.inputs, subjects.parameters
    if "." not in text:
        kind, subject = "act", text
    else:
        kind, _, subject = text.partition(".")
        if kind not in by_kind:
            raise written.error(
                place,
                "no quantity that can be given",
                given=text,
                expected=f"a unit, or one of {', '.join(f'{name}.*' for name in by_kind)}",
                hint=did_you_mean(kind, by_kind),
            )
    known = by_kind[kind]
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

    A pattern (`x_1_*`) stands for all that it fits, the name of a vector or matrix (`x`) for its elements.

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
        chosen = fitting(name, known)
        if not chosen:
            raise written.error(
                place,
                "neither an input nor a target",
                given=name,
                expected=f"one of {listed(known)}",
                hint=did_you_mean(name, known),
            )
        if chosen[0] in found:
            raise written.error(place, "stands here twice", given=name, expected="each once")
        found += [each for each in chosen if each not in found]
    return tuple(found)
