"""The answers at a glance: every number, what is accepted, and what comes of carrying rounded values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...derivation.ledger import Ledger, as_written
from ...formulas.terms import Number
from ...marking.accepting import accepted
from ..blocks import Block, Heading, Line, Paragraph, Table
from ..layout.alignment import with_points_aligned
from ..sheet import line
from .items import points_text

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
    answers: Sequence[Answer], ledgers: Sequence[tuple[Ledger, Ledger | None]], *, alone: bool = False
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
    table = Table(
        head,
        tuple(rows),
        ("right", "left", "right", "left", "right", "right"),
        breakable=True,
        small=len(answers) > MANY_ANSWERS,
        widths=(3.4, 6.2, 7.6, 14.6, 7.6, 4.4),
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


def _row(answer: Answer, ledger: Ledger, carried: Ledger | None) -> tuple[Line, ...]:
    found = accepted(ledger, answer.key, carrying=carried)
    low, high = found.interval.low, found.interval.high
    between = line(as_written(low), " to ", as_written(high)) if low != high else line(as_written(low))
    differs = found.otherwise is not None and found.otherwise != found.answer
    return (
        line(Number(str(answer.number))),
        line(ledger.term(answer.key)),
        line(as_written(found.answer)),
        between,
        line(as_written(found.otherwise)) if differs and found.otherwise is not None else (),
        line(points_text(answer.points)),
    )
