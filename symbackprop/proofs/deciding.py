"""Formulas by cases where the values are known: the case that holds, and why."""

from __future__ import annotations

from ..formulas.terms import Cases, Comparison, Number, Term, walk
from ..numbers.digits import Undecided
from ..numbers.evaluate import NoValue, Reals, evaluate_real

_OPPOSITE = {
    "greater": "less_equal",
    "greater_equal": "less",
    "less": "greater_equal",
    "less_equal": "greater",
}


def holding(cases: Cases, reals: Reals) -> int | None:
    """Return which of the cases holds, counted from 0; None where the values leave it open."""
    numbered = Cases(tuple(Number(str(index)) for index in range(len(cases.values))), cases.conditions)
    try:
        return int(str(evaluate_real(numbered, reals)))
    except (NoValue, Undecided):
        return None


def reasons(term: Term, reals: Reals) -> tuple[Comparison, ...]:
    """Return, each once, the comparisons by which the cases in a term are chosen.

    For the second of two cases, "otherwise", that is the opposite of the first condition. A choice that the
    values leave open gives none, nor does one that no single comparison decides.
    """
    found: dict[Comparison, None] = {}
    for part in walk(term):
        index = holding(part, reals) if isinstance(part, Cases) else None
        if index is None or not isinstance(part, Cases):
            continue
        condition, first = part.conditions[index], part.conditions[0]
        if isinstance(condition, Comparison):
            found.setdefault(condition)
        elif index == 1 and isinstance(first, Comparison) and first.relation in _OPPOSITE:
            found.setdefault(Comparison(first.left, _OPPOSITE[first.relation], first.right))
    return tuple(found)
