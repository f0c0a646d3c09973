"""Asking before anything large is typeset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .errors import SymbackpropError
from .showing import ALL, REPRESENTATIVE, Selection, selection_of
from .solution import Solution, solve
from .spec.problem import Problem

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
