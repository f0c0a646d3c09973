"""The lines of one item at every degree: seen, or left open with what belongs there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Protocol

from ...derivation.ledger import as_written
from ...formulas.brackets import arrange
from ...formulas.terms import HAND, Blank, Number, Result, Term, Words, keys, walk
from ...keys import parse_key
from ...network.operations import UnitActivation
from ...spec.worksheet import Degree, Ruling
from ..blocks import Block, Bullets, Line, Options, Row, Steps, WorkSpace
from ..layout.breaking import lay_out
from ..layout.pages import EM, term_height
from ..layout.width import left_width, relation_width, width
from ..sheet import Sheet, line
from .gaps import Gaps, in_symbols, without_gaps

#: The room, in em of the text, that a line's number and points take at its end.
ENDING = 5.9

#: How high a line written by hand is, in cm, and how much higher than print; how high a square of a grid is.
HAND_LINE, HAND_HIGHER, SQUARE = 0.9, 1.7, 0.5

#: The height, in em, of a gap for a formula that is higher in print than this, in points; what is higher
#: still takes so much more than print.
TALL, TALL_FROM, TALLER = 3.0, 22.0, 1.3

#: The least number of lines to work in, and the most that are kept on one page.
LEAST_LINES, MOST_LINES = 2, 5

#: What stands after the first relation of a line that goes on by hand.
NOTHING = Words("")

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


class Choice(Protocol):
    """A result to choose: as it is printed, the mistake that leads to it ("" for none), and what that was."""

    @property
    def number(self) -> Number:
        """The number."""

    @property
    def mistake(self) -> str:
        """The name of the mistake."""

    @property
    def feedback(self) -> str:
        """A sentence for who chooses it."""


#: Gives the results to choose from for a quantity, in their order.
Choose = Callable[[str], Sequence[Choice]]

#: How far results to choose from stand to the right of the relations, in em; what the box and the letter
#: before each of them take, and what is free between two.
CHOICES_APART, TICK, BETWEEN_CHOICES = 1.4, 2.7, 2.0


@dataclass(frozen=True, slots=True)
class Lines:
    """What makes the lines of the items of one task.

    sheet: reads the ledger. room: the width of a line, in em. choose: the choices of a quantity.
    """

    sheet: Sheet
    gaps: Gaps
    room: float
    ruling: Ruling
    choose: Choose

    def blocks(self, items: Sequence[Item], title: str = "") -> list[Block]:
        """Return the blocks of items that are worked in one go, with a title or without."""
        side = self._side([item.key for item in items])
        found: list[Block] = []
        for index, item in enumerate(items):
            heading = () if index else line(title)
            if item.degree == "derivation":
                found += self._derivation(item, side, heading)
            elif item.degree == "choice" and self.choose(item.key):
                found += self._choice(item, side, heading)
            else:
                found.append(Steps(tuple(self._rows(item, side)), side, heading))
        return found

    def _derivation(self, item: Item, side: float, title: Line) -> list[Block]:
        """Return what is asked, the room for its work and the gap of its result, kept together."""
        begun = Row(arrange(self.sheet.term(item.key), self.sheet.style.number_sign), (("=", NOTHING),))
        chain = [("=", self.gaps.result(item.key))]
        ending = self._numbered(self._line(None, chain, side, ending=True), item)
        *rooms, last = self.rooms_to_work((item.key,))
        above, below = Steps((begun,), side, title, kept=True), Steps(tuple(ending), side)
        return [above, *rooms, replace(last, kept=True), below]

    def _choice(self, item: Item, side: float, title: Line) -> list[Block]:
        """Return the formula and results to choose from, of which one is right."""
        chain = [("=", part) for part in self._symbols(item.key)]
        asked = Steps(tuple(self._line(self.sheet.term(item.key), chain, side)), side, title, kept=True)
        choices = self.choose(item.key)
        options = tuple(as_written(choice.number) for choice in choices)
        right = next(place for place, choice in enumerate(choices) if not choice.mistake)
        points = points_text(item.points)
        at = side + CHOICES_APART
        widths = [width(option, self.sheet.style) for option in options]
        columns = side_by_side(widths, self.room - at - ENDING)
        return [asked, Options(item.key, options, right, at, item.number, points, columns=columns)]

    def feedback(self, key: str) -> Bullets:
        """Return, for the key, what who takes a wrong choice has done."""
        choices = self.choose(key)
        return Bullets(
            tuple(
                line(f"{'ABCDEFGH'[place]}: {choice.feedback}")
                for place, choice in enumerate(choices)
                if choice.mistake
            )
        )

    def rooms_to_work(self, keys: Sequence[str]) -> list[WorkSpace]:
        """Return the room for the work that leads to quantities, as high as it needs by hand."""
        lines = lines_for([row for key in keys for row in self._open_rows(key)])
        parts = -(-lines // MOST_LINES)
        return [
            WorkSpace(
                self.ruling,
                self._ruled(HAND_LINE * (lines // parts + (index < lines % parts))),
                tuple(keys),
                (index, parts),
            )
            for index in range(parts)
        ]

    def _ruled(self, height: float) -> float:
        """Return the height of a room that ends with a whole line or square."""
        step = SQUARE if self.ruling == "grid" else HAND_LINE
        return round(step * ceil(round(height / step, 3)), 1)

    def work(self, keys: Sequence[str], part: tuple[int, int] = (0, 1)) -> tuple[Steps, ...]:
        """Return the work that leads to quantities: chain rule, formula, numbers and result of each.

        part: which of how many parts of it, as their room is divided.
        """
        side = self._side(keys)
        rows = [row for key in keys for row in self._worked(key, side)]
        index, parts = part
        rows = _shares(rows, parts)[index]
        return (Steps(tuple(rows), side),) if rows else ()

    # --- one item ---------------------------------------------------------------------------------

    def _rows(self, item: Item, side: float) -> list[Row]:
        if item.degree == "worked":
            return self._worked(item.key, side)
        left, symbols = self.sheet.term(item.key), self._symbols(item.key)
        computed = [self._numbers(item)] if self._has_numbers(item.key) else []
        result = self.gaps.result(item.key)
        if item.degree != "formula":
            chain = [("=", part) for part in (*symbols, *computed, result)]
            return self._numbered(self._line(left, chain, side, ending=True), item)
        asked = symbols if self._is_derivative(item.key) else symbols[-1:]
        rows: list[Row] = []
        for part in (*map(in_symbols, asked), *computed):
            laid = self._line(None if rows else left, [("=", part)], side)
            rows += (self._opened(row, side) for row in laid)
        rows += self._line(None if rows else left, [("=", result)], side, ending=True)
        return self._numbered(rows, item)

    def _numbers(self, item: Item) -> Term:
        return self.gaps.numbers(self._formula(item.key), every=item.degree not in ("result", "choice"))

    def _worked(self, key: str, side: float) -> list[Row]:
        numbers, value = self.gaps.ledger.substituted(self._formula(key)), self.sheet.value(key)
        chain = [("=", part) for part in self._symbols(key)]
        if not isinstance(numbers, Number) and numbers != value:
            chain.append(("=", numbers))
        return self._line(self.sheet.term(key), [*chain, ("=", Result(value))], side)

    def _open_rows(self, key: str) -> list[Row]:
        """Return the lines of a quantity with a gap for every number: how much there is to write."""
        side = self._side([key])
        numbers = self.gaps.numbers(self._formula(key), every=True)
        chain = [("=", part) for part in (*self._symbols(key), numbers, self.gaps.result(key))]
        return self._line(self.sheet.term(key), chain, side)

    def _opened(self, row: Row, side: float) -> Row:
        """Return a line whose right side is one gap, as wide as what belongs there needs by hand."""
        if not row.chain:
            return row
        (relation, first), *rest = row.chain
        style = self.sheet.style
        whole = without_gaps(first)
        others = sum(width(term, style) for _, term in rest) + relation_width("=") * len(rest)
        natural = max(1.5 * (width(whole, style) + others), width(first, style) + others)
        available = self.room - side - relation_width("=") - row.indent - 0.9
        wide = round(min(max(available * 0.55, natural), available), 1)
        high = term_height(whole)
        tall = max(TALL, round(high * TALLER / EM, 1)) if high > TALL_FROM else HAND
        return replace(row, chain=((relation, Blank(whole, wide, tall)), *rest))

    def _numbered(self, rows: list[Row], item: Item) -> list[Row]:
        if rows and item.number is not None:
            worth = points_text(item.points) if item.points else ""
            rows[-1] = replace(rows[-1], number=item.number, points=worth)
        return rows

    # --- readings of a quantity -------------------------------------------------------------------

    def _formula(self, key: str) -> Term:
        return self.sheet.formula(
            key, keep_ones=self.sheet.notation.bias_factor and parse_key(key).kind == "net"
        )

    def _symbols(self, key: str) -> list[Term]:
        """Return a quantity in symbols: the chain rule or the function by name, then the formula."""
        formula, chain = self._formula(key), self.sheet.chain(key)
        if not keys(formula):  # it is what is asked
            return [chain] if keys(chain) else []
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
        formula = self._formula(key)
        return bool(keys(formula)) and not isinstance(self.gaps.numbers(formula, every=True), Blank)

    # --- laying out -------------------------------------------------------------------------------

    def _side(self, keys: Sequence[str]) -> float:
        """Return the width left of the relations, a little more than is predicted."""
        predicted = left_width([self.sheet.term(key) for key in keys], self.sheet.style)
        return round(1.03 * predicted + 0.15, 2)

    def _line(
        self, left: Term | None, chain: Sequence[tuple[str, Term]], side: float, *, ending: bool = False
    ) -> list[Row]:
        if not chain:
            return []
        room = self.room - (ENDING if ending else 0.7)
        rows = lay_out(left, chain, available=room, left_width=side, style=self.sheet.style)
        return [self._opened(row, side) if self._is_overfull(row, room - side) else row for row in rows]

    def _is_overfull(self, row: Row, room: float) -> bool:
        """Return whether a line is too wide with gaps that no break can part: they become one."""
        if len(row.chain) != 1 or not any(isinstance(part, Blank) for part in walk(row.chain[0][1])):
            return False
        relation, term = row.chain[0]
        return relation_width(relation) + width(term, self.sheet.style) > room


def side_by_side(widths: Sequence[float], room: float) -> int:
    """Return how many results to choose from stand side by side: all, or else evenly many on each line."""
    if sum(widths) + TICK * len(widths) + BETWEEN_CHOICES * (len(widths) - 1) <= room:
        return len(widths)
    each = max(widths) + TICK + BETWEEN_CHOICES
    fitting = max(1, int((room + BETWEEN_CHOICES) / each))
    lines = -(-len(widths) // fitting)
    return -(-len(widths) // lines)


def lines_for(rows: Sequence[Row]) -> int:
    """Return how many lines by hand the work takes that has these lines in print."""
    printed = sum(map(_printed, rows)) / CENTIMETRE
    return max(LEAST_LINES, int(-(-printed * HAND_HIGHER // HAND_LINE)))


def _printed(row: Row) -> float:
    """Return the height of a line in print, in points."""
    return max((term_height(term) for _, term in row.chain), default=0.0) + 7.0


def _shares(rows: Sequence[Row], parts: int) -> list[list[Row]]:
    """Return lines divided over the parts of their room, about the same height to each."""
    shares: list[list[Row]] = [[] for _ in range(parts)]
    whole, above = sum(map(_printed, rows)), 0.0
    for row in rows:
        shares[min(int(parts * above / whole), parts - 1)].append(row)
        above += _printed(row)
    return shares


def points_text(points: Fraction) -> str:
    """Return points as they are printed: 1, 2, 1/2, 1.5 as 3/2."""
    return str(points)
