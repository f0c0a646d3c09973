"""What quantities are called: unit and parameter names from letters, numbers and layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..formulas.compiled import built_quickly
from ..formulas.names import Name
from ..keys import Key
from .update_names import at_update, is_of_update, update_name

if TYPE_CHECKING:
    from ..spec.problem import Problem
    from .notation import Notation


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a unit stands: its layer (the inputs' is 0), its position there, its number among all units."""

    layer: int
    position: int
    number: int


@built_quickly
@dataclass(frozen=True, slots=True)
class ParameterPlace:
    """Where a parameter enters: its number among its kind, its targets, its source (none: a bias)."""

    number: int
    targets: tuple[str, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where units and parameters stand in a network; all numbers but those of layers count from 1."""

    units: Mapping[str, UnitPlace] = field(default_factory=dict)
    parameters: Mapping[str, ParameterPlace] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()  # of the layers
    thresholds: bool = False  # biases are subtracted


def places_of(problem: Problem) -> Places:
    """Return where a problem's units and parameters stand."""
    units: dict[str, UnitPlace] = {}
    for layer, members in enumerate(problem.layers):
        for position, unit in enumerate(members.units, start=1):
            units[unit] = UnitPlace(layer, position, len(units) + 1)
    parameters = {
        weight.name: ParameterPlace(number, (weight.target,), weight.source)
        for number, weight in enumerate(problem.weights, start=1)
    }
    for number, bias in enumerate(problem.biases, start=1):
        parameters[bias.name] = ParameterPlace(number, bias.targets)
    outputs = {unit: number for number, unit in enumerate(problem.outputs, start=1)}
    sizes = tuple(len(layer.units) for layer in problem.layers)
    return Places(units, parameters, outputs, sizes, problem.thresholds)


_LAYERED = re.compile(r"(?P<base>[A-Za-z]+?)(?P<layer>\d+)_(?P<to>\d+)(?:_(?P<source>\d+))?")
_NUMBERED = re.compile(r"(?P<base>.*?[^0-9_])_?(?P<number>\d+)")


@lru_cache(maxsize=1 << 16)
def own_name(name: str) -> Name:
    """Return how a unit or parameter is printed by itself: w5 as w with subscript 5.

    The layered default names w2_1_3 and h1_2 carry their layer as a superscript in brackets and
    the receiving unit before the sending one.
    """
    layered = _LAYERED.fullmatch(name)
    if layered:
        base, layer, to, source = layered.groups()
        return Name(base, (to,) if source is None else _joined(to, source), (f"({layer})",))
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        return Name(numbered["base"].replace("_", " ").strip(), (numbered["number"],))
    return Name(name.replace("_", " "))


def quantity_name(key: Key, notation: Notation, places: Places) -> Name:
    """Return the name of a quantity that has one of its own (derivatives have none)."""
    name = notation.names.get(str(Key(key.kind, key.subject))) if notation.names else None
    if is_of_update(key):
        rate, loss = Name.parse(notation.learning_rate), Name.parse(notation.loss)
        own = notation.names.get(key.subject) or printed_name(key.subject, notation, places)
        return update_name(key, rate, loss, own, notation.second_pass, name)
    if name is None:
        name = _default(key, notation, places)
    if key.kind == "new":
        name = _updated(name, notation, key.passes)
    elif key.passes and key.kind != "step":
        name = (
            name.primed() if key.passes == 1 and notation.second_pass == "prime" else
            _later(name, notation, key.passes, key.sample)
        )  # fmt: skip
    return name if key.sample is None else marked(name, notation, key.sample)


def marked(name: Name, notation: Notation, sample: int) -> Name:
    """Return the name of a quantity in one sample of a batch."""
    if notation.samples == "subscript":
        return replace(name, sub=(str(sample), *name.sub))
    return name.with_sup(notation.sample_mark.format(sample))


def _default(key: Key, notation: Notation, places: Places) -> Name:
    kind, subject = key.kind, key.subject
    if kind in ("new", ""):
        if subject in ("loss", "reported_loss", "learning_rate"):
            letters = {"loss": notation.loss, "reported_loss": "L", "learning_rate": notation.learning_rate}
            return Name.parse(letters[subject])
        return notation.names.get(subject) or printed_name(subject, notation, places)
    if kind == "step":
        inner = notation.names.get(subject) or printed_name(subject, notation, places)
        return replace(inner, base=f"Delta {inner.base}")
    number = places.outputs.get(subject)
    letter = {
        "net": notation.net,
        "act": notation.hidden if number is None else notation.output,
        "target": notation.target,
        "error": notation.error,
        "delta": notation.delta,
        "residual": notation.residual,
    }[kind]
    base = Name.parse(letter)
    if number is not None and (notation.by_number or kind == "error") and kind not in ("net", "delta"):
        if len(places.outputs) == 1 and kind != "error":
            return base
        if kind != "error" or notation.units != "numbered":
            return base.with_sub(str(number))
    if notation.units != "named" and kind in ("target", "error", "residual") and number is not None:
        place = places.units[subject]
        return base.with_sub(str(place.number if notation.units == "numbered" else place.position))
    return _of_unit(base, subject, notation, places)


def _of_unit(base: Name, unit: str, notation: Notation, places: Places) -> Name:
    """Return a letter with what tells its unit: the unit's name, its number or its place in its layer."""
    place = places.units.get(unit)
    own = own_name(unit)
    if place is None or (notation.units == "named" and not _is_default(unit, places)):
        return replace(base.with_sub(own.base + "".join(own.sub)), sup=base.sup + own.sup)
    if notation.units == "numbered":
        return base.with_sub(str(place.number))
    piece = str(place.position) if notation.units == "layered" else own.base + str(place.position)
    return _in_layer(base, (piece,), str(layer_number(place.layer, notation)), notation)


def printed_name(subject: str, notation: Notation, places: Places) -> Name:
    """Return how an input or a parameter is printed: by its own name, or renamed as the notation has it."""
    parameter = places.parameters.get(subject)
    if parameter is None:
        return _input_name(subject, notation, places)
    name = _bias_name if parameter.source is None else _weight_name
    return name(subject, parameter, notation, places)


def _input_name(unit: str, notation: Notation, places: Places) -> Name:
    place, own = places.units.get(unit), own_name(unit)
    if place is None or place.layer or notation.units == "named":
        return _lettered(notation.input if place is not None and not place.layer else "", own)
    return Name.parse(notation.input or "x").with_sub(str(place.position))


def _weight_name(weight: str, place: ParameterPlace, notation: Notation, places: Places) -> Name:
    style, letter = notation.weights, notation.weight or "w"
    if style == "named":
        match = _LAYERED.fullmatch(weight)
        if match is None or not _is_place_of(match, place, places):
            return _lettered(notation.weight, own_name(weight))
        letter = notation.weight or match["base"]
    base = _read(letter)
    if style == "numbered":
        return base.with_sub(str(place.number))
    to, source = places.units[place.targets[0]], places.units[place.source or ""]
    if style == "indexed":
        return base.with_sub(*_joined(*_ordered(str(to.number), str(source.number), notation)))
    indices = _joined(*_ordered(str(to.position), str(source.position), notation))
    layer = str(layer_number(to.layer, notation))
    if source.layer != to.layer - 1:  # a weight past a layer names both ends, so that no two are alike
        layer = ",".join(_ordered(layer, str(layer_number(source.layer, notation)), notation))
    return _in_layer(base, indices, layer, notation)


def _bias_name(bias: str, place: ParameterPlace, notation: Notation, places: Places) -> Name:
    style, own = notation.weights, own_name(bias)
    letter = notation.bias
    if places.thresholds and (letter or own.base) == "b":
        letter = "theta"
    if style == "named" and not (_is_default(bias, places) and len(place.targets) == 1):
        return _lettered(letter, own)
    if notation.bias_index and style in ("indexed", "layered"):
        base = Name.parse(notation.weight or "w")
    else:
        base = Name.parse(letter or (own.base if style == "named" else "b"))
    if style == "numbered":
        return base.with_sub(str(place.number))
    ends = [places.units[unit] for unit in place.targets]
    zero = ("0",) if notation.bias_index else ()
    if style == "indexed":
        return base.with_sub(*_with_zero([str(end.number) for end in ends], zero, notation))
    if len({end.layer for end in ends}) > 1:  # shared by layers: no layer is its own
        return _lettered(letter, own)
    whole = 1 < len(ends) == places.sizes[ends[0].layer]
    positions = [] if whole else [str(end.position) for end in ends]
    layer = str(layer_number(ends[0].layer, notation))
    return _in_layer(base, _with_zero(positions, zero, notation), layer, notation)


def _with_zero(ends: list[str], zero: tuple[str, ...], notation: Notation) -> tuple[str, ...]:
    if zero and len(ends) == 1:
        return _joined(*_ordered(ends[0], zero[0], notation))
    return (*ends, *zero)


def _lettered(letter: str, own: Name) -> Name:
    """Return a name with another letter, where there is one."""
    if not letter:
        return own
    base = Name.parse(letter)
    return replace(base, sub=base.sub + own.sub, sup=base.sup + own.sup)


def _ordered(to: str, source: str, notation: Notation) -> tuple[str, str]:
    return (to, source) if notation.indices == "to_from" else (source, to)


def _joined(first: str, second: str) -> tuple[str, ...]:
    """Return two indices as one subscript where both have one digit, else set apart by a comma."""
    return (first + second,) if len(first + second) == 2 else (first, second)


_read = lru_cache(maxsize=256)(Name.parse)  # the few letters that all names are made of

#: How a layer's number is written as a superscript.
_LAYER_MARKS = {"superscript_brackets": "({})", "superscript": "{}", "superscript_square": "[{}]"}


def _in_layer(base: Name, indices: tuple[str, ...], layer: str, notation: Notation) -> Name:
    mark = _LAYER_MARKS.get(notation.layers)
    if mark is None:  # as the first subscript
        return base.with_sub(layer, *indices)
    sup = (*base.sup, mark.format(layer))
    return Name(base.base, base.sub + indices, sup, base.accent, base.primes, base.bold)


def layer_number(layer: int, notation: Notation) -> int:
    """Return the number of a layer as the course counts: the inputs are layer 0, or 1."""
    return layer + 1 if notation.count_inputs else layer


def _is_default(name: str, places: Places) -> bool:
    """Return whether a unit or parameter has the default name of the very place where it stands."""
    match = _LAYERED.fullmatch(name)
    if match is None:
        return False
    layer, to = int(match["layer"]), int(match["to"])
    parameter = places.parameters.get(name)
    if parameter is None:
        unit = places.units[name]
        return match["source"] is None and (unit.layer, unit.position) == (layer, to)
    return _is_place_of(match, parameter, places)


def _is_place_of(match: re.Match[str], parameter: ParameterPlace, places: Places) -> bool:
    """Return whether the numbers in a parameter's layered name are those of where it stands."""
    _, layer, to, source = match.groups()
    end = places.units[parameter.targets[0]]
    if end.layer != int(layer) or end.position != int(to):
        return False
    if parameter.source is None or source is None:
        return parameter.source is None and source is None
    start = places.units[parameter.source]
    return start.layer == end.layer - 1 and start.position == int(source)


def has_double_indices(weight: str, notation: Notation, places: Places) -> bool:
    """Return whether a weight is printed with an index for each of its ends."""
    if weight in notation.names or weight not in places.parameters:
        return False
    if places.parameters[weight].source is None:
        return False
    return notation.weights in ("indexed", "layered") or (
        notation.weights == "named" and _is_default(weight, places)
    )


def _later(name: Name, notation: Notation, passes: int, sample: int | None) -> Name:
    """Return a name after so many updates, counted below where a bracketed number stands above."""
    bracketed = (
        sample is not None and notation.samples != "subscript" and notation.sample_mark.startswith("(")
    )
    return name.with_sub(f"t={passes}") if bracketed else at_update(name, str(passes))


def _updated(name: Name, notation: Notation, passes: int) -> Name:
    if passes > 1:
        return at_update(name, str(passes))
    if notation.updated == "prefix":
        return replace(name, base=f"new {name.base}")
    if notation.updated == "sub":
        return replace(name, sub=(*name.sub[:-1], (name.sub[-1] if name.sub else "") + "(new)"))
    return name.with_sup("new")


def of_layer(base: Name, layer: int, notation: Notation) -> Name:
    """Return the name of what belongs to a whole layer, such as its matrix of weights."""
    return _in_layer(base, (), str(layer_number(layer, notation)), notation)


def updated(name: Name, notation: Notation) -> Name:
    """Return the name of a new value after the first update."""
    return _updated(name, notation, 1)
