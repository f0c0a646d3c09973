"""Kinks: where a formula has a value but no derivative, so that only a convention says what to take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..formulas.terms import Call, Cases, Comparison, Term, walk
from .arithmetic import value
from .precise import MP, PRECISE

#: Functions with a kink: whether it lies at these arguments.
KINKED: Mapping[str, Callable[[Sequence[Any]], bool]] = {
    "abs": lambda arguments: _nothing(arguments[0]),
    "sign": lambda arguments: _nothing(arguments[0]),
    "max": lambda arguments: _several(arguments, max),
    "min": lambda arguments: _several(arguments, min),
}


def _nothing(number: Any) -> bool:
    return bool(abs(number) < MP.mpf(10) ** -50)


def _several(arguments: Sequence[Any], chosen: Callable[[Sequence[Any]], Any]) -> bool:
    best = chosen(arguments)
    return sum(_nothing(argument - best) for argument in arguments) > 1


def kinked(formula: Term, values: Mapping[str, Any]) -> bool:
    """Return whether some part of a formula sits on a kink, or on the border between two cases."""
    return any(_KINDS[type(part)](part, values) for part in walk(formula) if type(part) in _KINDS)


def _cases(term: Cases, values: Mapping[str, Any]) -> bool:
    return any(
        _nothing(value(condition.left, values, PRECISE) - value(condition.right, values, PRECISE))
        for condition in term.conditions
        if isinstance(condition, Comparison)
    )


def _call(term: Call, values: Mapping[str, Any]) -> bool:
    on_kink = KINKED.get(term.function)
    return on_kink is not None and on_kink([value(item, values, PRECISE) for item in term.arguments])


_KINDS: Mapping[type[Term], Callable[..., bool]] = {Cases: _cases, Call: _call}
