"""Displayed values carried on: what every quantity comes to for a person with a calculator."""

from __future__ import annotations

from collections.abc import Mapping

from flint import ctx

from ..formulas.terms import Number, Term
from ..numbers.constants import Constant
from ..numbers.digits import Undecided, number_value, show
from ..numbers.evaluate import NoValue, Reals, RealTable, evaluate_real
from ..numbers.rounding import Rounding
from .ledger import START_BITS, Ledger, given_value

#: Where a digit is given up on: what is computed with is exact, so that little precision is ever needed.
LAST_BITS = 4 * START_BITS


def carried_values(ledger: Ledger) -> Mapping[str, Number]:
    """Return each derived quantity as it is displayed when every displayed value is the one used next.

    They are what the ledger itself shows under carry "shown", whatever its policy is. A quantity whose
    formula has no value then is taken as it is shown.
    """
    if ledger.policy.carry == "shown":
        return {key: ledger.shown(key) for key in ledger if ledger.known(key)}
    found: dict[str, Number] = {}
    reals = RealTable()
    for key in ledger.all_keys():
        given = ledger.given(key)
        if isinstance(given, Constant):
            reals[key] = number_value(ledger.shown(key))
        elif given is not None:
            reals[key] = given_value(given)
        else:
            number = _carried(ledger.formulas[key], reals, ledger.policy.of(key))
            if number is None and not ledger.known(key):
                continue
            found[key] = ledger.shown(key) if number is None else number  # implied, or given up on
            reals[key] = number_value(found[key])
    return found


def _carried(formula: Term, reals: Reals, rounding: Rounding) -> Number | None:
    """Return the displayed value of a formula of displayed values."""
    bits = START_BITS
    while bits <= LAST_BITS:
        try:
            with ctx.workprec(bits):
                return show(evaluate_real(formula, reals), rounding)
        except Undecided:
            bits *= 2
        except NoValue:
            break
    return None
