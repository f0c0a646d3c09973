"""A statement about matrices on the page: in symbols, with shapes, with entries, with numbers, its result."""

from __future__ import annotations

from math import ceil

from ...formulas.brackets import arrange
from ...formulas.terms import Matrix, Result, Term, keys
from ..blocks import Line
from ..layout.heights import set_large
from ..layout.matrices import fitted, matrices_in
from ..layout.width import width
from ..sheet import EQUATIONS, Lines, Sheet
from .matrix_algebra import Item
from .matrix_network import NetworkMatrices

#: In em: how wide a matrix may be, how wide the lines are about, how high a derivation may grow.
WIDEST, LINE, HIGHEST = EQUATIONS - 6.0, EQUATIONS - 8.0, 42.0
ROW = 1.5  # em, the height of a row of a matrix
LARGE_ROW = 3.0  # of one with fractions
#: Matrices of more rows are written out in symbols only once.
FEW_ROWS = 5


class MatrixLines:
    """The lines of one derivation of matrices; its results are numbered, each matrix as a whole.

    One that grows high is parted, so that it fits on a page: the next part begins with the left side again.
    """

    def __init__(self, sheet: Sheet, matrices: NetworkMatrices, *title: str | Term) -> None:
        """Start a derivation, with a title or without."""
        self._sheet, self._matrices = sheet, matrices
        self._lines = Lines(sheet, *title)
        self._left: Term | None = None
        self._height = 0.0
        self._results: list[tuple[str, ...]] = []

    def state(
        self,
        left: Item,
        formula: Term,
        *,
        note: Line = (),
        shapes: bool = True,
        entries: bool = True,
        equal_to: Term | None = None,
    ) -> None:
        """Add `left = formula`, then what is asked for of its readings, then the result."""
        readings = self._matrices.readings
        chain = [("=", equal_to)] if equal_to is not None else []
        chain.append(("=", formula))
        if shapes:
            chain.append(("=", readings.shaped(formula)))
        self.add(left.term, *chain, note=note)
        written_out = readings.written_out(formula)
        if entries and self._wants_entries(written_out):
            self.add(None, ("=", written_out))
        self.result(left, written_out)

    def result(self, left: Item, written_out: Term, *, shown: bool = False, note: Line = ()) -> None:
        """Add the numbers of a formula and the result; `shown` where the line begins with the left side."""
        numbers = self._sheet.substituted(written_out)
        name = left.term if shown else None
        if not self.known(left):
            if numbers != written_out:
                self.add(name, ("=", numbers), note=note)
            return
        ending = Result(self._sheet.substituted(left.entries))
        chain = [] if numbers == ending.term or not self._has_room(numbers) else [("=", numbers)]
        found = tuple(key for key in keys(left.entries) if self._sheet.ledger.given(key) is None)
        self.add(name, *chain, ("=", ending), result=found[0] if found else "", note=note)
        if found:
            self._results.append(found)

    def known(self, item: Item) -> bool:
        """Return whether every entry of a matrix has a value."""
        return all(self._sheet.known(key) for key in keys(item.entries))

    def add(self, left: Term | None, *chain: tuple[str, Term], note: Line = (), result: str = "") -> None:
        """Add a line; matrices of formulas that are too wide even with dots are left out of it."""
        kept = [(relation, term) for relation, term in chain if self._has_room(term)]
        if not kept:
            self._left = left if left is not None else self._left
            return
        self._left = left if left is not None else self._left
        high = sum(self._height_of(term) for _, term in kept)
        if self._height and self._height + high > HIGHEST:
            self._lines.finish()
            self._lines, self._height, left = Lines(self._sheet), 0.0, self._left
        self._height += high
        self._lines.add(left, *kept, note=note, result=result)

    def finish(self) -> None:
        """Lay the lines out and let the number of each matrix stand for all its entries."""
        self._lines.finish()
        for found in self._results:
            self._sheet.number_together(found)

    def _wants_entries(self, written_out: Term) -> bool:
        """Return whether symbols are written out: of matrices of many rows once on a sheet, as a pattern."""
        small = all(part.shape[0] <= FEW_ROWS for part in matrices_in(written_out))
        return small or self._sheet.first_time("entries of large matrices")

    def _fitted(self, term: Term) -> Term:
        style = self._sheet.style
        return fitted(arrange(term, style.number_sign), WIDEST, style)

    def _has_room(self, term: Term) -> bool:
        return all(width(part, self._sheet.style) <= WIDEST for part in matrices_in(self._fitted(term)))

    def _height_of(self, term: Term) -> float:
        """Return about how high a formula is, with the lines that it is broken into."""
        shown = self._fitted(term)
        most = max((part.shape[0] * _row(part) for part in matrices_in(shown)), default=ROW)
        return (most + 1.0) * ceil(width(shown, self._sheet.style) / LINE)


def _row(term: Matrix) -> float:
    return LARGE_ROW if any(set_large(entry) for row in term.rows for entry in row) else ROW


def formulas_of(sheet: Sheet, item: Item) -> Matrix:
    """Return the matrix of the formulas of its entries."""
    return Matrix(
        tuple(
            tuple(sheet.formula(entry.key) if _is_derived(sheet, entry) else entry for entry in row)  # type: ignore[attr-defined]
            for row in item.entries.rows
        )
    )


def _is_derived(sheet: Sheet, entry: Term) -> bool:
    return getattr(entry, "key", "") in sheet.ledger.formulas
