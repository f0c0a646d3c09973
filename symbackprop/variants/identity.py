"""The identity of a variation: a digest of everything that decides the numbers, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from ..formulas.terms import Number, Partial, Symbol
from ..network.operations import Node
from ..notation.presets import notation_of
from ..spec.choices import Derived
from ..spec.problem import Loss, Problem
from .quality import Quality
from .stream import VERSION

#: Fields that hold what is only shown: sentences for the sheet, what the author calls something.
_SHOWN = {Node: ("because", "slope"), Loss: ("name",), Derived: ("text",)}


def identity_of(problem: Problem, asked: tuple[str, ...], quality: Quality) -> str:
    """Return the digest: network, data, updates, what varies, quality, rounding, answers.

    Titles, texts, names and notation are not in it; the form of a derivation is, where displayed values are
    carried on, because then it says where numbers are rounded. Conditions count where they are not the usual
    ones: one that is added and off changes nobody's numbers, and a change of what is usual changes `VERSION`.
    """
    usual = Quality()
    other = {
        each.name: getattr(quality, each.name)
        for each in fields(quality)
        if getattr(quality, each.name) != getattr(usual, each.name)
    }
    facts = [VERSION, _facts(problem), list(asked), plain(other)]
    return sha256(json.dumps(facts, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _facts(problem: Problem) -> list[Any]:
    architecture, vary = problem.architecture, problem.vary
    return [
        [[list(layer.units), plain(layer.activation)] for layer in problem.layers],
        plain(problem.samples),
        plain(problem.weights),
        plain(problem.ties),
        plain(problem.biases),
        plain(problem.loss),
        plain(problem.reported_loss),
        plain(problem.learning_rate),
        plain(problem.frozen),
        plain(problem.descent),
        plain(problem.given),
        plain(problem.stated),
        problem.thresholds,
        plain(problem.rounding),
        notation_of(problem.notation).form if problem.rounding.carry == "shown" else "",
        None if architecture is None else [[s.title, plain(s.operations)] for s in architecture.stages],
        None if architecture is None else plain(architecture.parameters),
        None if architecture is None else plain(architecture.arrays),
        None if vary is None else [plain(vary.choices), [_facts(each) for each in vary.structures]],
    ]


def plain(value: object) -> Any:
    """Return lists, texts and numbers that say the same as a value, in an order that depends on it alone."""
    match value:
        case None | bool() | int() | str():
            return value
        case Fraction() | Number():
            return ["number", str(value)]
        case Symbol(key=key) | Partial(key=key) if key:
            return ["key", key]
        case Mapping():
            return ["mapping", *sorted([str(key), plain(item)] for key, item in value.items())]
        case frozenset():
            return ["set", *sorted(map(str, value))]
        case tuple() | list():
            return [plain(item) for item in value]
    if is_dataclass(value):
        shown: tuple[str, ...] = _SHOWN.get(type(value), ())
        # what is left out of comparisons is what has been looked up so far
        said = [field.name for field in fields(value) if field.compare and field.name not in shown]
        own = [plain(getattr(value, name)) for name in said]
        return [type(value).__name__, *own]
    if callable(value):  # a condition of the caller's: known by its name
        return ["call", getattr(value, "__module__", ""), getattr(value, "__qualname__", repr(type(value)))]
    raise TypeError(f"{type(value).__name__} has no plain form")
