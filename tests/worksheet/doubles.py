"""Stand-ins for a ledger: what a sheet shows must not depend on what is asked on it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

from flint import arb, fmpq

from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.substitution import numbering
from symbackprop.document.worksheet.composing import Composer, Solved
from symbackprop.numbers.evaluate import RealTable
from symbackprop.worksheets import Sheet


def lying(ledger: Ledger, hidden: Callable[[str], bool]) -> Ledger:
    """Return a ledger with other numbers for what is hidden: other signs, lengths, forms and cases that hold."""
    double = copy.copy(ledger)
    double._reals = RealTable(ledger._reals)
    double._carried = RealTable(ledger._carried)
    double._shown = {key: number for key, number in ledger._shown.items() if not hidden(key)}
    double._printed = {}
    double._substitute = numbering(double._printed, double._print, double._holding)
    for index, key in enumerate(ledger.formulas):
        if key in double._reals and hidden(key):
            double._reals[key] = double._carried[key] = another(ledger._reals[key], index)
    return double


def another(real: fmpq | arb, index: int) -> fmpq:
    """Return a number of the other sign, far from the true one, short or long or very small."""
    sign = -1 if real > 0 else 1
    return (
        sign
        * (fmpq(7, 3) * 10 ** (index % 4), fmpq(1, 7) / 10 ** (4 + index % 6), fmpq(index + 2))[index % 3]
    )


def another_sheet(sheet: Sheet, hidden: Callable[[int, str], bool] | None = None) -> Sheet:
    """Return the sheet as it would be if all that it hides were something else."""
    found = sheet_hides(sheet) if hidden is None else hidden
    solved = tuple(
        replace(one, ledger=lying(one.ledger, lambda key, index=index: found(index, key)))  # type: ignore[misc]
        for index, one in enumerate(sheet.solved)
    )
    return Sheet(sheet.worksheet, solved, Composer(sheet.worksheet, solved, sheet.composer.paper))


def sheet_hides(sheet: Sheet) -> Callable[[int, str], bool]:
    """Return what a sheet hides: all that is computed but for what it works out itself."""
    plans, solved = sheet.composer.plans, sheet.solved

    def hidden(index: int, key: str) -> bool:
        ledger: Ledger = solved[index].ledger
        return key in ledger.formulas and ledger.given(key) is None and key not in plans[index].seen

    return hidden


__all__ = ["Solved", "another_sheet", "lying", "sheet_hides"]
