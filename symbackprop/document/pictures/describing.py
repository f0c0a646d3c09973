"""What a network's picture shows, in words, for readers who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...formulas.terms import Symbol, Term
from ...spec.problem import Problem
from ..blocks import Diagram, Label

_MOST_NAMES = 12  # of a larger layer only the first and the last are named


def describe(problem: Problem, diagram: Diagram, name_of: Callable[[str], Term]) -> str:
    """Describe a network: its layers, and the labels of its connections and biases."""
    layers = []
    last = len(problem.layers) - 1
    for index, layer in enumerate(problem.layers):
        kind = "input" if index == 0 else "output" if index == last else "hidden unit"
        count = len(layer.units)
        names = _listed([_plain(name_of(unit), unit) for unit in layer.units])
        layers.append(f"{count} {kind}{'s' if count != 1 else ''} {names}")
    text = f"Network with {'; '.join(layers)}."
    names_of = {unit.key: _plain(unit.label, unit.key) for unit in diagram.units}
    weights = [
        f"{_spoken(item.label)} from {names_of[item.source]} to {names_of[item.target]}"
        for item in diagram.connections
        if item.label is not None
    ]
    biases = [f"{_spoken(mark.label)} of {names_of[mark.target]}" for mark in diagram.biases]
    if weights:
        text += f" Weights: {', '.join(weights)}."
    if biases:
        text += f" Biases: {', '.join(biases)}."
    return text


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST_NAMES else f"{names[0]} to {names[-1]}"


def _plain(term: Term, otherwise: str = "") -> str:
    return str(term.name) if isinstance(term, Symbol) else otherwise


def _spoken(label: Label) -> str:
    name = _plain(label.term)
    return name if label.value is None else f"{name} = {label.value}"
