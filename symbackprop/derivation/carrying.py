"""Displayed values carried on: what every quantity comes to for a person with a calculator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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

    They are what the ledger itself shows under carry "shown", whatever its policy is; each is worked out,
    with those before it, when it is first asked for. A quantity whose formula has no value then is taken as
    it is shown.
    """
    return _Carried(ledger)


class _Carried(Mapping[str, Number]):
    """The values so carried, as far as they have been asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._found: dict[str, Number] = {}
        self._rest = self._worked_out()

    def __getitem__(self, key: str) -> Number:
        if key not in self._found and key in self._ledger.formulas:
            for found in self._rest:
                if found == key:
                    break
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        for _ in self._rest:
            pass
        return iter(self._found)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _worked_out(self) -> Iterator[str]:
        """Work out one quantity after the other; yield its key."""
        ledger, reals = self._ledger, RealTable()
        for key in tuple(ledger.all_keys()):  # a ledger may grow meanwhile
            given = ledger.given(key)
            if isinstance(given, Constant):
                reals[key] = number_value(ledger.shown(key))
            elif given is not None:
                reals[key] = given_value(given)
            else:
                number = self._number(key, reals)
                if number is None:
                    continue
                self._found[key] = number
                reals[key] = number_value(number)
                yield key

    def _number(self, key: str, reals: Reals) -> Number | None:
        ledger = self._ledger
        if ledger.policy.carry == "exact":
            number = _carried(ledger.formulas[key], reals, ledger.policy.of(key))
            if number is not None:
                return number
        return ledger.shown(key) if ledger.known(key) else None  # shown, implied, or given up on


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
