"""Asking before anything large is typeset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .errors import SymbackpropError
from .showing import ALL, REPRESENTATIVE, Selection, selection_of
from .solution import Solution, solve
from .spec.problem import Problem
from .spec.worksheet import SETS

if TYPE_CHECKING:
    from .spec.worksheet import Task, Worksheet
    from .worksheets import Sheet

#: A longer document is typeset only where that is said to be meant.
MOST_PAGES = 60

#: The formats that have pages.
PAGED = frozenset({"tex", "pdf", "typ"})

#: How many rows of a table stand on a page: three parameters a row in a layer's table, one in the summary.
LAYER_TABLE, SUMMARY_TABLE = 3 * 46, 46


def solve_within(
    problem: Problem,
    formats: Sequence[str],
    *,
    paper: str = "a4",
    confirmed: bool = False,
    confirm: Callable[[str], bool] | None = None,
) -> Solution:
    """Return the solution of a problem whose document is not longer than it is meant to be.

    Args:
        problem: the problem.
        formats: what is to be written; only those with pages count.
        paper: a4 or letter.
        confirmed: any length is meant.
        confirm: asks a person, for instance at a terminal.

    Raises:
        SymbackpropError: the document would have more than `MOST_PAGES` pages and nobody confirms it; the
            text says how many, and what makes it shorter.
    """
    if confirmed or ALL in problem.show or not PAGED.intersection(formats):
        return solve(problem)
    least = _least_pages(selection_of(problem))
    if least > MOST_PAGES:  # not even derived before that is confirmed
        _refuse_unless(confirm, f"more than {least:,} pages", _shorter(problem, None, paper))
        return solve(problem)
    solution = solve(problem)
    pages = solution.pages_on(paper)
    if pages > MOST_PAGES:
        _refuse_unless(confirm, f"about {pages:,} pages", _shorter(problem, solution, paper))
    return solution


def sheet_within(
    worksheet: Worksheet,
    formats: Sequence[str],
    *,
    paper: str = "a4",
    confirmed: bool = False,
    confirm: Callable[[str], bool] | None = None,
) -> Sheet:
    """Return a worksheet that is not longer than it is meant to be, as `solve_within` does a solution.

    Raises:
        SymbackpropError: it would have more than `MOST_PAGES` pages and nobody confirms it, or something is
            asked that is not there.
    """
    from .document.layout.pages import estimated_pages
    from .worksheets import make_sheet

    limited = not confirmed and bool(PAGED.intersection(formats))
    least = max(_least_asked(task) for task in worksheet.tasks) if limited else 0
    if least > MOST_PAGES:  # not even derived before that is confirmed
        _refuse_unless(confirm, f"more than {least:,} pages", _FEWER)
        limited = False
    sheet = make_sheet(worksheet, paper=paper)
    if limited:
        pages = estimated_pages(sheet.document("sheet"))
        if pages > MOST_PAGES:
            _refuse_unless(confirm, f"about {pages:,} pages", _FEWER)
    return sheet


#: What makes a worksheet shorter.
_FEWER = "--ask grad.w1,new.b2 asks only for the quantities that you name, --as result leaves less room"

#: On a page stand at the most so many items.
ITEMS_A_PAGE = 30


def _least_asked(task: Task) -> int:
    """Return how many pages a problem takes at the least where a set is asked for."""
    asked = SETS.keys() & task.ask
    if not asked:
        return 0
    selection = selection_of(task.problem)
    derived = sum(1 for place in selection.parameters.values() if place == "derived")
    gradients = derived if asked & {"everything", "gradients", "updates"} else 0
    return (len(selection.units) + gradients) // ITEMS_A_PAGE


def _least_pages(selection: Selection) -> int:
    """Return how many pages the tables of parameters alone take."""
    tabulated = sum(1 for place in selection.parameters.values() if place == "tabulated")
    return tabulated // LAYER_TABLE + (0 if selection.is_short else tabulated // SUMMARY_TABLE)


def _shorter(problem: Problem, solution: Solution | None, paper: str) -> str:
    """Return what makes the document shorter."""
    words = "--show w1,b2 derives only the parameters that you name"
    if REPRESENTATIVE in problem.show:
        return words
    some = replace(problem, show=(REPRESENTATIVE,))
    short = solve(some) if solution is None else Solution(some, solution.graph, solution.ledger)
    return f"--show representative gives about {short.pages_on(paper):,}; {words}"


def _refuse_unless(confirm: Callable[[str], bool] | None, length: str, shorter: str) -> None:
    if confirm is not None and confirm(f"The sheet has {length}. ({shorter}.) Write it all the same?"):
        return
    raise SymbackpropError(f"{length}: {shorter}; --yes writes them all")
