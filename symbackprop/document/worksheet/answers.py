"""The answers at a glance: every number, what is accepted, and what comes of carrying rounded values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...derivation.ledger import Ledger, as_written
from ...formulas.terms import Number
from ...marking.accepting import accepted_interval
from ..blocks import Block, Heading, Line, MathStyle, Paragraph, Table
from ..layout.alignment import with_points_aligned
from ..layout.width import line_width
from ..sheet import line
from .items import points_text

#: A table whose columns are wider than this, in em, is set in smaller type.
WIDE = 40.0

#: More answers than these are set in smaller type, so that they stay on one page.
MANY_ANSWERS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What belongs into a numbered gap: of which problem (from 1), which quantity, what it is worth."""

    number: int
    task: int
    key: str
    points: Fraction


def answer_table(
    answers: Sequence[Answer], ledgers: Sequence[tuple[Ledger, Mapping[str, Number]]], *, alone: bool = False
) -> list[Block]:
    """Return the table of answers, with its heading and what its columns mean.

    Args:
        answers: in order.
        ledgers: of each problem its values, and those under the other way to carry.
        alone: the table is all that the page holds, and needs no heading.
    """
    other = _other_way(ledgers[0][0])
    rows = [_row(answer, *ledgers[answer.task - 1]) for answer in answers]
    head = (line("No."), line("Quantity"), line("Answer"), line("Accepted"), line(other), line("Points"))
    total = sum((answer.points for answer in answers), Fraction())
    rows.append((line("total"), (), (), (), (), line(points_text(total))))
    style = MathStyle()
    widths = tuple(max(line_width(cell, style) for cell in column) for column in zip(head, *rows, strict=True))
    table = Table(
        head,
        tuple(rows),
        ("right", "left", "right", "left", "right", "right"),
        breakable=True,
        small=len(answers) > MANY_ANSWERS or sum(widths) > WIDE,
        widths=widths,
    )
    said = Paragraph(
        line(
            "Accepted is every number that the rounding of the sheet prints as the answer. The column after it shows "
            f"what comes out for who works with {_OTHER[ledgers[0][0].policy.carry]}, where that differs."
        ),
        small=True,
    )
    heading: list[Block] = [] if alone else [Heading(1, line("Answers at a glance"))]
    return [*heading, said, with_points_aligned(table)]


#: What who works the other way carries, by how the sheet carries.
_OTHER = {"exact": "the rounded values that stand on the sheet", "shown": "unrounded values throughout"}


def _other_way(ledger: Ledger) -> str:
    return "Rounded" if ledger.policy.carry == "exact" else "Unrounded"


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
