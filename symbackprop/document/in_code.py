"""The last section of a sheet, where it is asked for: the same network as a program."""

from __future__ import annotations

from .blocks import Code
from .sheet import Sheet


def add_listing(sheet: Sheet) -> None:
    """Add the program that reproduces the sheet's numbers, in the library that the problem names.

    Raises:
        SymbackpropError: the problem cannot be written with that library.
    """
    problem = sheet.problem
    if not problem.listing:
        return
    from ..listing.dialects import DIALECTS
    from ..listing.listing import ledgers_listing

    made = ledgers_listing(problem, sheet.graph, sheet.ledger, problem.listing)
    library = DIALECTS[problem.listing].title
    sheet.section("The same in code")
    sheet.text(f"This program computes the numbers of this sheet with {library}.")
    sheet.blocks.append(Code(tuple(made.text.splitlines())))
