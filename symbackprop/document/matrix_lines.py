"""A statement about matrices on the page: in symbols, with shapes, with entries, with numbers, its result."""

from __future__ import annotations

from ..terms import Matrix, Result, Term, keys
from .blocks import Line
from .matrix_algebra import Item
from .matrix_network import NetworkMatrices
from .sheet import Lines, Sheet


class MatrixLines:
    """The lines of one derivation of matrices; its results are numbered, each matrix as a whole."""

    def __init__(self, sheet: Sheet, matrices: NetworkMatrices, *title: str | Term) -> None:
        """Start a derivation, with a title or without."""
        self._sheet, self._matrices = sheet, matrices
        self._lines = Lines(sheet, *title)
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
        self._lines.add(left.term, *chain, note=note)
        written_out = readings.written_out(formula)
        if entries:
            self._lines.add(None, ("=", written_out))
        self.result(left, written_out)

    def result(self, left: Item, written_out: Term, *, shown: bool = False, note: Line = ()) -> None:
        """Add the numbers of a formula and the result; `shown` where the line begins with the left side."""
        numbers = self._sheet.substituted(written_out)
        name = left.term if shown else None
        if not self.known(left):
            if numbers != written_out:
                self._lines.add(name, ("=", numbers), note=note)
            return
        ending = Result(self._sheet.substituted(left.entries))
        chain = [] if isinstance(numbers, Matrix) and numbers == ending.term else [("=", numbers)]
        found = tuple(key for key in keys(left.entries) if self._sheet.ledger.given(key) is None)
        self._lines.add(name, *chain, ("=", ending), result=found[0] if found else "", note=note)
        if found:
            self._results.append(found)

    def known(self, item: Item) -> bool:
        """Return whether every entry of a matrix has a value."""
        return all(self._sheet.known(key) for key in keys(item.entries))

    def add(self, left: Term | None, *chain: tuple[str, Term], note: Line = ()) -> None:
        """Add a line without a result."""
        self._lines.add(left, *chain, note=note)

    def finish(self) -> None:
        """Lay the lines out and let the number of each matrix stand for all its entries."""
        self._lines.finish()
        for found in self._results:
            self._sheet.number_together(found)

