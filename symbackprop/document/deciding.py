"""Formulas by cases where the values are known: the case that holds, and why."""

from __future__ import annotations

from collections.abc import Mapping

from ..digits import Undecided, Value
from ..evaluate import NoValue, evaluate
from ..terms import Cases, Comparison, Number, Term, walk

_OPPOSITE = {
    "greater": "less_equal",
    "greater_equal": "less",
    "less": "greater_equal",
    "less_equal": "greater",
}


def decided(term: Term, values: Mapping[str, Value]) -> Term:
    """Return the term with the case that holds in place of every choice that the values decide."""
    if isinstance(term, Cases):
        index = holding(term, values)
        if index is not None:
            return decided(term.values[index], values)
    return term.rebuilt(lambda part: decided(part, values))


def holding(cases: Cases, values: Mapping[str, Value]) -> int | None:
    """Return which of the cases holds; None where the values leave it open."""
    numbered = Cases(tuple(Number(str(index)) for index in range(len(cases.values))), cases.conditions)
    try:
        index = evaluate(numbered, values).exact
    except (NoValue, Undecided):
        return None
    return None if index is None else int(index)


def reasons(term: Term, values: Mapping[str, Value]) -> tuple[Comparison, ...]:
    """Return, each once, the comparisons by which the cases in a term were chosen.

    For the last case, "otherwise", that is the opposite of the one before it. Cases that a value leaves
    open, or that the words do not fit, give none.
    """
    found: dict[Comparison, None] = {}
    for part in walk(term):
        index = holding(part, values) if isinstance(part, Cases) else None
        if index is None or not isinstance(part, Cases):
            continue
        condition = part.conditions[index]
        if isinstance(condition, Comparison):
            found.setdefault(condition)
        elif index == 1 and isinstance(failed := part.conditions[0], Comparison):
            if failed.relation in _OPPOSITE:
                found.setdefault(Comparison(failed.left, _OPPOSITE[failed.relation], failed.right))
    return tuple(found)
