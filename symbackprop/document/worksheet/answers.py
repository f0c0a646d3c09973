"""The answers at a glance: every number, what is accepted, and what comes of carrying rounded values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ...derivation.ledger import Ledger, as_written
from ...formulas.terms import Number
from ...marking.accepting import accepted_interval
from ...numbers.rounding import RoundingPolicy
from ..blocks import TEXT_SIZE, Block, Heading, Line, MathStyle, Paragraph, Room, Table
from ..layout.alignment import needed_width, with_columns_measured
from ..sheet import line
from .items import points_text

#: Small and smaller type, against that of the text: of 9 and of 8 points beside 10.5.
SMALL, TINY = 9 / TEXT_SIZE, 8 / TEXT_SIZE

#: More answers than these are set in smaller type; at the most so many stand side by side.
MANY_ANSWERS, MOST_BESIDE = 30, 7

#: How many rows stand on a page, for each em of the width of its lines.
ROWS_PER_EM = 0.8


@dataclass(frozen=True, slots=True)
class Answer:
    """What belongs into a numbered gap: of which problem (from 1), which quantity, what it is worth."""

    number: int
    task: int
    key: str
    points: Fraction
    choice: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed of an answer.

    between: from where to where it is accepted, in one line. low, high: the same in two, no second one where
    only one number is accepted. other: what comes out otherwise, if that differs.
    """

    number: Line
    quantity: Line
    shown: Line
    between: Line
    low: Line
    high: Line
    other: Line
    points: Line


def printed(answer: Answer, ledger: Ledger, otherwise: Mapping[str, Number]) -> Printed:
    """Return what is printed of an answer; otherwise: values under the other way to carry."""
    interval, shown = accepted_interval(ledger, answer.key), ledger.shown(answer.key)
    low, high = line(as_written(interval.low)), line(as_written(interval.high))
    other = otherwise.get(answer.key, shown)
    several = interval.low != interval.high
    return Printed(
        line(Number(str(answer.number))),
        line(ledger.term(answer.key)),
        line(as_written(shown)),
        (*low, *line(" to "), *high) if several else low,
        low,
        high if several else (),
        line(as_written(other)) if other != shown else (),
        line(points_text(answer.points)),
    )


def answer_table(
    answers: Sequence[Answer],
    ledgers: Sequence[tuple[Ledger, Mapping[str, Number]]],
    room: float,
    *,
    alone: bool = False,
) -> list[Block]:
    """Return the table of answers, with its heading and what its columns mean.

    Args:
        answers: in order.
        ledgers: of each problem its values, and those under the other way to carry.
        room: the width of a line, in em.
        alone: the table is all that the page holds: it needs no heading, and many answers stand side by
            side, without what is accepted, so that they stay on one page.
    """
    way, what = _other_way([ledger.policy for ledger, _ in ledgers])
    table, beside = _fitting(
        [printed(answer, *ledgers[answer.task - 1]) for answer in answers], _total(answers), way, room
    )
    if alone and len(table.rows) > ROWS_PER_EM * room / (SMALL if table.small else 1):
        return compact_answers(answers, [ledger for ledger, _ in ledgers], room)
    heading: list[Block] = [] if alone else [Heading(1, line("Answers at a glance"))]
    return [*heading, _explained(what, beside), table]


def uniform_answer_table(
    answers: Sequence[Answer], rows: Sequence[Printed], policies: Sequence[RoundingPolicy], room: float
) -> list[Block] | None:
    """Return the table of answers with one row for each, None if no row is wide enough.

    Args:
        answers: in order.
        rows: what is printed of each.
        policies: of the problems.
        room: the width of a line, in em.
    """
    way, what = _other_way(policies)
    table, _ = _fitting(rows, _total(answers), way, room, (_beside,))
    if needed_width(table) > room / (TINY if table.tiny else SMALL if table.small else 1):
        return None
    return [Heading(1, line("Answers at a glance")), _explained(what, True), table]


def _total(answers: Sequence[Answer]) -> Line:
    return line(points_text(sum((answer.points for answer in answers), Fraction())))


def _explained(what: str, beside: bool) -> Paragraph:
    """Return what the columns mean; what: what who works the other way carries."""
    return Paragraph(
        line(
            "Accepted is every number that the rounding of the sheet prints as the answer. "
            f"The {'column after' if beside else 'line below'} it shows what comes out for who works with "
            f"{what}, where that differs."
        ),
        small=True,
    )


Rows = list[tuple[Line, ...]]


def _beside(one: Printed, way: str) -> Rows:
    """Return an answer as one row, what comes out otherwise in a column of its own."""
    return [(one.number, one.quantity, one.shown, one.between, one.other, one.points)]


def _below(one: Printed, way: str) -> Rows:
    """Return an answer as a row, and below it one for what comes out otherwise."""
    return [(one.number, one.quantity, one.shown, one.between, one.points), *_otherwise(one, way)]


def _narrow(one: Printed, way: str) -> Rows:
    """Return the same with what is accepted on two lines."""
    if not one.high:
        return _below(one, way)
    first = (one.number, one.quantity, one.shown, (*one.low, *line(" to")), one.points)
    return [first, ((), (), (), one.high, ()), *_otherwise(one, way)]


def _otherwise(one: Printed, way: str) -> Rows:
    return [((), (), one.other, line(way.lower()), ())] if one.other else []


#: How answers are set, from the widest way to the narrowest.
LAYOUTS: tuple[Callable[[Printed, str], Rows], ...] = (_beside, _below, _narrow)


def _fitting(
    found: Sequence[Printed],
    total: Line,
    way: str,
    room: float,
    layouts: Sequence[Callable[[Printed, str], Rows]] = LAYOUTS,
) -> tuple[Table, bool]:
    """Return the table in the widest layout that fits in small type, and whether that is the widest.

    A value that comes of carrying otherwise gets a line of its own rather than all others smaller type.
    """
    for layout in layouts:
        rows = [row for one in found for row in layout(one, way)]
        beside = layout is _beside
        head = ("No.", "Quantity", "Answer", "Accepted", *((way,) if beside else ()), "Points")
        last: tuple[Line, ...] = (line("total"), *[()] * (len(head) - 2), total)
        align = ("right", "left", "right", "left", *(("right",) if beside else ()), "right")
        unmeasured = Table(tuple(map(line, head)), (*rows, last), align, breakable=True)
        table = with_columns_measured(unmeasured, MathStyle())
        if needed_width(table) <= room and len(found) <= MANY_ANSWERS:
            return table, beside
        if needed_width(table) <= room / SMALL:
            return replace(table, small=True), beside
    return replace(table, tiny=True), False


def compact_answers(answers: Sequence[Answer], ledgers: Sequence[Ledger], room: float) -> list[Block]:
    """Return many answers side by side: number, quantity and answer of each.

    In as few columns as one page allows, in small type if that does.
    """
    entries = [
        (
            line(Number(str(answer.number))),
            line(ledgers[answer.task - 1].term(answer.key)),
            line(as_written(ledgers[answer.task - 1].shown(answer.key))),
        )
        for answer in answers
    ]
    total = points_text(sum((answer.points for answer in answers), Fraction()))
    said = Paragraph(line(f"{len(answers)} answers, {total} points."), small=True)
    tables = [_side_by_side(entries, columns) for columns in range(1, MOST_BESIDE + 1)]
    for scale in (SMALL, TINY):
        fitting = [table for table in tables if needed_width(table) <= room / scale]
        for table in fitting:
            if len(table.rows) <= ROWS_PER_EM * room / scale:
                return [said, replace(table, tiny=scale == TINY)]
    return [said, replace((fitting or tables)[-1 if fitting else 0], tiny=True)]


Entry = tuple[Line, Line, Line]


def _side_by_side(entries: Sequence[Entry], columns: int) -> Table:
    """Return a table that lists entries down its columns, of which each has its own width."""
    down = -(-len(entries) // columns)
    padded = [*entries, *[((), (), ())] * (down * columns - len(entries))]
    beside = [padded[start : start + down] for start in range(0, down * columns, down)]
    rows = tuple(tuple(cell for entry in row for cell in entry) for row in zip(*beside, strict=True))
    first, *further = (line("No."), line("Quantity"), line("Answer"))
    head = (first, *further, *((Room("00"), *first), *further) * (columns - 1))
    table = Table(head, rows, ("right", "left", "right") * columns, breakable=True, small=True)
    return with_columns_measured(table, MathStyle())


#: What who works the other way carries, by how the sheet carries.
_OTHER = {"exact": "the rounded values that stand on the sheet", "shown": "unrounded values throughout"}


def _other_way(policies: Sequence[RoundingPolicy]) -> tuple[str, str]:
    """Return in a word how the other way carries, and what who works so carries."""
    ways = {policy.carry for policy in policies}
    if len(ways) > 1:
        return "Otherwise", "rounded values where the problem has unrounded ones, and the reverse"
    return "Rounded" if ways == {"exact"} else "Unrounded", _OTHER[ways.pop()]
