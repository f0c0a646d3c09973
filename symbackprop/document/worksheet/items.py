"""The lines of one item at every degree: seen, or left open with what belongs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ...formulas.terms import HAND, Blank, Number, Result, Term
from ...keys import parse_key
from ...network.operations import UnitActivation
from ...spec.worksheet import Degree, Ruling
from ..blocks import Block, Row, Steps, WorkSpace
from ..layout.breaking import lay_out
from ..layout.pages import term_height
from ..layout.width import left_width, relation_width, width
from ..sheet import Sheet, line
from .gaps import Gaps, in_symbols, without_gaps

#: The room, in em of the text, that a line's number and points take at its end.
ENDING = 5.6

#: How high a line written by hand is, in cm, and how much higher than print.
HAND_LINE, HAND_HIGHER = 0.9, 1.7

#: The height, in em, of a gap for a formula that is higher in print than this, in points.
TALL, TALL_FROM = 3.0, 22.0

#: The least number of lines to work in.
LEAST_LINES = 2

CENTIMETRE = 28.45


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a sheet: what is asked, what it leaves open, its number and what it is worth.

    number: None where the item is worked out. points: zero there.
    """

    key: str
    degree: Degree
    number: int | None
    points: Fraction


@dataclass(frozen=True, slots=True)
class Lines:
    """What makes the lines of the items of one task.

    sheet: reads the ledger. room: the width of a line, in em.
    """

    sheet: Sheet
    gaps: Gaps
    room: float
    ruling: Ruling

    def blocks(self, items: Sequence[Item], title: Sequence[str | Term] = ()) -> list[Block]:
        """Return the blocks of items that are worked in one go, with a title or without."""
        side = self._side([item.key for item in items])
        found: list[Block] = []
        rows: list[Row] = []
        for item in items:
            if item.degree != "derivation":
                rows += self._rows(item, side)
                continue
            if rows or title:
                found.append(Steps(tuple(rows), side, line(*title)))
                title = ()
            found.append(self.room_to_work((item.key,)))
            rows = self._ending(item, side)
        found.append(Steps(tuple(rows), side, line(*title)))
        return found

    def room_to_work(self, keys: Sequence[str]) -> WorkSpace:
        """Return the room for the work that leads to quantities, as high as it needs by hand."""
        rows = [row for key in keys for row in self._open_rows(key)]
        return WorkSpace(self.ruling, room_for(rows), tuple(keys))

    def work(self, keys: Sequence[str]) -> Steps:
        """Return the work that leads to quantities: chain rule, formula, numbers and result of each."""
        side = self._side(keys)
        return Steps(tuple(row for key in keys for row in self._worked(key, side)), side)

    # --- one item ---------------------------------------------------------------------------------

    def _rows(self, item: Item, side: float) -> list[Row]:
        left, symbols = self.sheet.term(item.key), self._symbols(item.key)
        if item.degree == "worked":
            return self._numbered(self._worked(item.key, side), item)
        numbers = self.gaps.numbers(self._formula(item.key), every=item.degree != "result")
        result = self.gaps.result(item.key)
        if item.degree == "formula":
            shown = [
                self._line(None if index else left, [("=", in_symbols(part))], side)
                for index, part in enumerate(symbols if self._is_derivative(item.key) else symbols[-1:])
            ]
            rows = [self._opened(row) for lines in shown for row in lines]
            if self._has_numbers(item.key):
                rows += [self._opened(row) for row in self._line(None, [("=", numbers)], side)]
            rows += self._line(None, [("=", result)], side, ending=True)
        else:
            chain = [
                ("=", part)
                for part in (*symbols, *([numbers] if self._has_numbers(item.key) else ()), result)
            ]
            rows = self._line(left, chain, side, ending=True)
        return self._numbered(rows, item)

    def _worked(self, key: str, side: float) -> list[Row]:
        numbers, value = self.gaps.ledger.substituted(self._formula(key)), self.sheet.value(key)
        chain = [("=", part) for part in self._symbols(key)]
        if self._has_numbers(key) and numbers != value:
            chain.append(("=", numbers))
        return self._line(self.sheet.term(key), [*chain, ("=", Result(value))], side)

    def _open_rows(self, key: str) -> list[Row]:
        """Return the lines of a quantity with a gap for every number: how much there is to write."""
        side = self._side([key])
        numbers = self.gaps.numbers(self._formula(key), every=True)
        chain = [("=", part) for part in (*self._symbols(key), numbers, self.gaps.result(key))]
        return self._line(self.sheet.term(key), chain, side)

    def _ending(self, item: Item, side: float) -> list[Row]:
        """Return the line of the result below the room to work in."""
        chain = [("=", self.gaps.result(item.key))]
        return self._numbered(self._line(self.sheet.term(item.key), chain, side, ending=True), item)

    def _opened(self, row: Row) -> Row:
        """Return a line whose right side is one gap, as wide as what belongs there needs by hand."""
        if not row.chain:
            return row
        (relation, first), *rest = row.chain
        rests = [term for _, term in rest]
        whole = without_gaps(first)
        natural = sum(width(term, self.sheet.style) for term in (whole, *rests)) + relation_width("=") * len(
            rest
        )
        available = self.room - ENDING - relation_width("=") - row.indent - 0.5
        wide = round(min(max(available * 0.55, natural * 1.5), available), 1)
        high = TALL if term_height(whole) > TALL_FROM else HAND
        return replace(row, chain=((relation, Blank(whole, wide, high)), *rest))

    def _numbered(self, rows: list[Row], item: Item) -> list[Row]:
        if rows and item.number is not None:
            rows[-1] = replace(rows[-1], number=item.number, points=points_text(item.points))
        return rows

    # --- readings of a quantity -------------------------------------------------------------------

    def _formula(self, key: str) -> Term:
        return self.sheet.formula(
            key, keep_ones=self.sheet.notation.bias_factor and parse_key(key).kind == "net"
        )

    def _symbols(self, key: str) -> list[Term]:
        """Return the readings of a quantity in symbols: the chain rule or the function by name, the formula."""
        formula, chain = self._formula(key), self.sheet.chain(key)
        part = parse_key(key)
        if part.kind == "act" and self._is_unit(part.subject):
            call = self.sheet.activation_call(key, self.sheet.term(str(part._replace(kind="net"))))
            return [formula] if call is None else [call, formula]
        return [chain, formula] if self._is_derivative(key) and chain != formula else [formula]

    def _is_derivative(self, key: str) -> bool:
        return parse_key(key).kind in ("grad", "dE_dact", "dE_dnet", "delta", "step")

    def _is_unit(self, subject: str) -> bool:
        return any(
            isinstance(operation, UnitActivation) and operation.unit == subject
            for operation in self.sheet.graph.operations
        )

    def _has_numbers(self, key: str) -> bool:
        """Return whether there is something to compute: more than one number that is taken over."""
        return not isinstance(self.gaps.numbers(self._formula(key), every=True), Blank | Number)

    # --- laying out -------------------------------------------------------------------------------

    def _side(self, keys: Sequence[str]) -> float:
        return round(left_width([self.sheet.term(key) for key in keys], self.sheet.style) + 0.15, 2)

    def _line(
        self, left: Term | None, chain: Sequence[tuple[str, Term]], side: float, *, ending: bool = False
    ) -> list[Row]:
        if not chain:
            return []
        room = self.room - (ENDING if ending else 0.5)
        return [*lay_out(left, chain, available=room, left_width=side, style=self.sheet.style)]


def room_for(rows: Sequence[Row]) -> float:
    """Return how high the room is, in cm, for work that has these lines in print: whole lines by hand."""
    printed = (
        sum(max((term_height(term) for _, term in row.chain), default=0.0) + 7.0 for row in rows) / CENTIMETRE
    )
    lines = max(LEAST_LINES, -(-printed * HAND_HIGHER // HAND_LINE))
    return round(lines * HAND_LINE, 1)


def points_text(points: Fraction) -> str:
    """Return points as they are printed: 1, 2, 1/2, 1.5 as 3/2."""
    return str(points)
