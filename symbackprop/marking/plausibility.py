"""A guard against emptying a problem: which wrong answers leave something to work out from.

A zero, an activation outside its function's range, or a number wrong by orders of magnitude makes what
follows trivial or absurd, so that nothing downstream of it earns marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flint import arb, fmpq

from ..keys import parse_key
from ..network.graph import Graph
from ..network.operations import LayerActivation, UnitActivation
from ..numbers.digits import Real


class Range(NamedTuple):
    """The values that a function takes: between the ends, which are included or not."""

    low: fmpq | None
    high: fmpq | None
    includes: bool


_OPEN_UNIT = Range(fmpq(0), fmpq(1), False)
_CLOSED_UNIT = Range(fmpq(0), fmpq(1), True)
_ABOVE_ZERO = Range(fmpq(0), None, False)
_NOT_NEGATIVE = Range(fmpq(0), None, True)
_OPEN_BOTH = Range(fmpq(-1), fmpq(1), False)

#: What an activation function takes for values, by its PyTorch name; no entry where any number will do.
ACTIVATION_RANGES: Mapping[str, Range] = {
    "sigmoid": _OPEN_UNIT,
    "softmax": _OPEN_UNIT,
    "tanh": _OPEN_BOTH,
    "softsign": _OPEN_BOTH,
    "relu": _NOT_NEGATIVE,
    "softplus": _ABOVE_ZERO,
    "hard_sigmoid": _CLOSED_UNIT,
}

#: The same for its derivative.
SLOPE_RANGES: Mapping[str, Range] = {
    "sigmoid": Range(fmpq(0), fmpq(1, 4), True),
    "tanh": _CLOSED_UNIT,
    "softsign": _CLOSED_UNIT,
    "relu": _CLOSED_UNIT,
    "softplus": _OPEN_UNIT,
}


def implausible(key: str, value: Real, right: Real, graph: Graph, magnitude: int) -> str:
    """Return why a value of a quantity leaves nothing to work out from, "" if it does leave something.

    right: the value that the quantity has; magnitude: the factor from which on a value is absurd.
    """
    if _is_zero(right):
        return ""
    if _is_zero(value):
        return "it is zero, which makes what follows vanish"
    found = _range_of(key, graph)
    if found is not None and not _within(value, found):
        return f"it is outside {_in_words(found)}"
    size, wanted = abs(arb(value)), abs(arb(right))
    if size > magnitude * wanted:
        return f"it is more than {magnitude} times too large"
    if magnitude * size < wanted:
        return f"it is more than {magnitude} times too small"
    return ""


def _is_zero(value: Real) -> bool:
    return value == 0 if isinstance(value, fmpq) else bool(value.is_zero())


def _range_of(key: str, graph: Graph) -> Range | None:
    """Return what values an activation or its slope can have."""
    parts = parse_key(key)
    if parts.kind not in ("act", "dact_dnet") or parts.through:
        return None
    for operation in graph.operations:
        if isinstance(operation, UnitActivation | LayerActivation) and operation.unit == parts.subject:
            ranges = ACTIVATION_RANGES if parts.kind == "act" else SLOPE_RANGES
            return None if operation.activation.expression else ranges.get(operation.activation.name)
    return None


def _within(value: Real, range_: Range) -> bool:
    """Return whether a value is possibly in a range."""
    low, high, includes = range_
    if isinstance(value, arb):
        return not ((low is not None and value < low) or (high is not None and value > high))
    above = low is None or value > low or (includes and value == low)
    return above and (high is None or value < high or (includes and value == high))


def _in_words(range_: Range) -> str:
    """Return a range for a message."""
    low, high, includes = range_
    if high is None:
        return "what the function gives, which is never below zero" if includes else "what is above zero"
    return f"the values from {low} to {high} that the function takes"
