"""The answers at a glance: every number, what is accepted, and what comes of carrying rounded values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ...derivation.ledger import Ledger, as_written
from ...formulas.terms import Number
from ...marking.accepting import accepted_interval
from ..blocks import Block, Heading, Line, MathStyle, Paragraph, Room, Table
from ..layout.alignment import with_points_aligned
from ..layout.width import line_width
from ..sheet import line
from .items import points_text

#: How much wider a column of a table may be than what it holds, in em.
WIDER = 1.2

#: More answers than these are set in smaller type; of more than these rows a page cannot hold all.
MANY_ANSWERS, MOST_ROWS = 30, 40

#: The width of a page, in em, and how many rows it holds: in small and in tiny type.
SMALL, TINY = (52.0, 42), (68.0, 57)


@dataclass(frozen=True, slots=True)
class Answer:
    """What belongs into a numbered gap: of which problem (from 1), which quantity, what it is worth."""

    number: int
    task: int
    key: str
    points: Fraction
    choice: bool = False


#: A table that needs so many times the room that there is does not fit in small type either.
SMALLEST = 1.1


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
    if alone and len(answers) > MOST_ROWS:
        return compact_answers(answers, [ledger for ledger, _ in ledgers])
    other, carried = _other_way([ledger for ledger, _ in ledgers])
    rows = [_row(answer, *ledgers[answer.task - 1]) for answer in answers]
    head = (line("No."), line("Quantity"), line("Answer"), line("Accepted"), line(other), line("Points"))
    total = sum((answer.points for answer in answers), Fraction())
    rows.append((line("total"), (), (), (), (), line(points_text(total))))
    widths = _widths(head, rows)
    needed = sum(widths) + WIDER * len(widths)
    table = Table(
        head,
        tuple(rows),
        ("right", "left", "right", "left", "right", "right"),
        breakable=True,
        small=len(answers) > MANY_ANSWERS or needed > room,
        tiny=needed > SMALLEST * room,
        widths=widths,
    )
    said = Paragraph(
        line(
            "Accepted is every number that the rounding of the sheet prints as the answer. The column after "
            f"it shows what comes out for who works with {carried}, where that differs."
        ),
        small=True,
    )
    heading: list[Block] = [] if alone else [Heading(1, line("Answers at a glance"))]
    return [*heading, said, with_points_aligned(table)]


def compact_answers(answers: Sequence[Answer], ledgers: Sequence[Ledger]) -> list[Block]:
    """Return many answers side by side: number, quantity and answer of each."""
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
    for small, (room, most) in ((True, SMALL), (False, TINY)):
        for columns in range(-(-len(entries) // most), MOST_BESIDE + 1):
            table = _side_by_side(entries, columns)
            if sum(table.widths) + APART * len(table.widths) <= room + APART:
                return [said, replace(table, tiny=not small)]
    fitting = (_side_by_side(entries, columns) for columns in range(MOST_BESIDE, 0, -1))
    table = next(
        table for table in fitting if sum(table.widths) + APART * len(table.widths) <= TINY[0] + APART
    )
    return [said, replace(table, tiny=True)]


Entry = tuple[Line, Line, Line]

#: At most so many answers stand side by side; the room between two columns, in em.
MOST_BESIDE, APART = 7, 0.9


def _side_by_side(entries: Sequence[Entry], columns: int) -> Table:
    """Return a table that lists entries down its columns, of which each has its own width."""
    down = -(-len(entries) // columns)
    padded = [*entries, *[((), (), ())] * (down * columns - len(entries))]
    beside = [padded[start : start + down] for start in range(0, down * columns, down)]
    rows = tuple(tuple(cell for entry in row for cell in entry) for row in zip(*beside, strict=True))
    first, *further = (line("No."), line("Quantity"), line("Answer"))
    head = (first, *further, *((Room("00"), *first), *further) * (columns - 1))
    table = with_points_aligned(
        Table(head, rows, ("right", "left", "right") * columns, breakable=True, small=True)
    )
    return replace(table, widths=_widths(table.head, table.rows))


def _widths(head: Sequence[Line], rows: Sequence[Sequence[Line]]) -> tuple[float, ...]:
    style = MathStyle()
    return tuple(max(line_width(cell, style) for cell in column) for column in zip(head, *rows, strict=True))


#: What who works the other way carries, by how the sheet carries.
_OTHER = {"exact": "the rounded values that stand on the sheet", "shown": "unrounded values throughout"}


def _other_way(ledgers: Sequence[Ledger]) -> tuple[str, str]:
    """Return the head of the column for who works the other way, and what that is."""
    ways = {ledger.policy.carry for ledger in ledgers}
    if len(ways) > 1:
        return "Otherwise", "rounded values where the problem has unrounded ones, and the reverse"
    return "Rounded" if ways == {"exact"} else "Unrounded", _OTHER[ways.pop()]


def _row(answer: Answer, ledger: Ledger, otherwise: Mapping[str, Number]) -> tuple[Line, ...]:
    interval, shown = accepted_interval(ledger, answer.key), ledger.shown(answer.key)
    low, high = interval.low, interval.high
    between = line(as_written(low), " to ", as_written(high)) if low != high else line(as_written(low))
    other = otherwise.get(answer.key, shown)
    return (
        line(Number(str(answer.number))),
        line(ledger.term(answer.key)),
        line(as_written(shown)),
        between,
        line(as_written(other)) if other != shown else (),
        line(points_text(answer.points)),
    )
