"""Sheets for tests, and stand-ins for their ledgers: what is seen must not depend on what is asked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

from flint import arb, fmpq

from symbackprop.adjusting import SheetOptions, adjusted_sheet
from symbackprop.derivation.ledger import Ledger
from symbackprop.derivation.substitution import numbering
from symbackprop.document.worksheet.composing import Composer, Solved
from symbackprop.numbers.evaluate import RealTable
from symbackprop.spec.worksheet import DEGREES, FADING
from symbackprop.spec.worksheets import load_worksheet
from symbackprop.worksheets import Sheet, make_sheet

#: Every way to leave something open, as options of the command line.
WAYS: tuple[dict[str, Any], ...] = (
    *({"degree": degree} for degree in DEGREES if degree not in ("worked", "choice")),
    *({"fade": fade} for fade in FADING),
)


def way_name(way: dict[str, Any]) -> str:
    """Return a way to leave something open as a test is called."""
    return "-".join(way.values())


@cache
def solved(name: str) -> tuple[Solved, ...]:
    """Return a built-in example with its values, derived once for all tests."""
    return make_sheet(name).solved


def sheet_of(name: str, *, paper: str = "a4", **options: Any) -> Sheet:
    """Return the worksheet of a built-in example under some options."""
    if "ask" in options:  # what is asked decides how much is derived
        return make_sheet(adjusted_sheet(load_worksheet(name), SheetOptions(**options)), paper=paper)
    worksheet = adjusted_sheet(load_worksheet(name), SheetOptions(**options))
    return Sheet(worksheet, solved(name), Composer(worksheet, solved(name), paper))


def lying(ledger: Ledger, hidden: Callable[[str], bool]) -> Ledger:
    """Return a ledger with other numbers for what is hidden: of other sign, length, form and case."""
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
    """Return a number of the other sign, far from the true one: short, long, or very small."""
    sign = -1 if real > 0 else 1
    sizes = (fmpq(7, 3) * 10 ** (index % 4), fmpq(1, 7) / 10 ** (4 + index % 6), fmpq(index + 2))
    return sign * sizes[index % 3]


def another_sheet(sheet: Sheet) -> Sheet:
    """Return the sheet as it would be if all that it hides were something else."""
    others = tuple(
        Solved(one.problem, one.graph, lying(one.ledger, hides(sheet, index)))
        for index, one in enumerate(sheet.solved)
    )
    return Sheet(sheet.worksheet, others, Composer(sheet.worksheet, others, sheet.composer.paper))


def hides(sheet: Sheet, task: int) -> Callable[[str], bool]:
    """Return what a sheet hides of a problem: all that is computed, but for what it works out itself."""
    seen, ledger = sheet.composer.plans[task].seen, sheet.solved[task].ledger
    return lambda key: key in ledger.formulas and ledger.given(key) is None and key not in seen
