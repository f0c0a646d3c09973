"""What a partly given problem leaves open: parameters without a value, and what stays symbolic for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...formulas.terms import Number, Term
from ...keys import key, parse_key
from ...numbers.digits import Undecided, show
from ...numbers.evaluate import NoValue, evaluate
from ..sheet import Sheet

#: More symbolic quantities than this are not listed one by one.
MOST_LISTED = 8

#: The kinds of quantity that a reader expects a number for.
_EXPECTED = frozenset({"act", "error", "loss", "dE_dact", "dE_dnet", "grad", "dE_dtarget"})


def add_open_points(sheet: Sheet, *, compared: bool = True) -> None:
    """Add what is not given, what stays symbolic for that, and given activations that do not fit.

    compared: given activations are held against what the parameters give, which shows computed values.
    """
    problem = sheet.problem
    missing = [sheet.term(parameter.name) for parameter in problem.parameters if parameter.value is None]
    missing += [sheet.term(name) for name in _missing_data(sheet)]
    symbolic = _symbolic(sheet)
    if missing and not symbolic:
        sheet.text("Not given, and not needed for what follows: ", *_listed(missing), ".")
    elif symbolic:
        few = [sheet.term(name) for name in symbolic]
        what = _listed(few) if len(few) <= MOST_LISTED else [f"{len(few)} quantities"]
        depends = f". What depends on {'it' if len(missing) == 1 else 'them'} stays symbolic: "
        sheet.text("Not given: ", *_listed(missing), depends, *what, ".")
    for unit in problem.given if compared else ():
        _add_disagreement(sheet, unit)


def _missing_data(sheet: Sheet) -> Iterator[str]:
    problem = sheet.problem
    for number, data in enumerate(problem.samples, start=1):
        sample = number if len(problem.samples) > 1 else None
        yield from (key(unit, "", sample=sample) for unit in problem.inputs if unit not in data.inputs)
        if problem.loss.kind != "node":
            yield from (
                key("target", unit, sample=sample) for unit in problem.outputs if unit not in data.targets
            )


def _symbolic(sheet: Sheet) -> list[str]:
    """Return the quantities of the first pass that no number can be known for."""
    found = []
    for quantity in sheet.ledger:
        parts = parse_key(quantity)
        kind = parts.kind or parts.subject
        if kind in _EXPECTED and not parts.passes and not parts.through and not sheet.known(quantity):
            found.append(quantity)
    return found


def _listed(terms: Sequence[Term]) -> list[str | Term]:
    parts: list[str | Term] = []
    for index, term in enumerate(terms):
        if index:
            parts.append(" and " if index == len(terms) - 1 else ", ")
        parts.append(term)
    return parts


def _add_disagreement(sheet: Sheet, unit: str) -> None:
    """Say so where a given activation is not what the parameters give, to the digits it is given with."""
    ledger, act, net = sheet.ledger, key("act", unit), key("net", unit)
    used = ledger.uses(net)
    if not used or not all(ledger.known(quantity) for quantity in used):
        return
    given = ledger.given(act)
    if given is None:
        return
    try:
        value = evaluate(
            sheet.activation_formula(unit, act),
            {**ledger.values, net: evaluate(ledger.formulas[net], ledger.values)},
        )
        computed = show(value, ledger.policy.of(act))
    except (NoValue, Undecided):
        return
    if abs(float(value.ball.mid()) - _float(given)) <= _last_place(given):
        return
    sheet.text(
        "The given ", sheet.term(act), " = ", ledger.shown(act), " is not what the parameters give, ",
        computed, "; what follows is computed from the given value.",
    )  # fmt: skip


def _float(number: Number) -> float:
    over, _, under = number.text.partition("/")
    return float(over) / float(under or "1") * 10.0 ** (number.exponent or 0)


def _last_place(number: Number) -> float:
    """Return one unit of the last digit that is written."""
    if "/" in number.text:
        return 1e-12
    places = len(number.text.partition(".")[2])
    return 10.0 ** ((number.exponent or 0) - places)
