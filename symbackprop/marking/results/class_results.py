"""The results of a class: its marked papers, and what is left to look at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..explaining import VERDICTS
from ..reading import Written, spelled
from ..result import Marked, Marking

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class ClassResults:
    """The marked papers of a class, in its order.

    faults: what was wrong with the file of answers, in words, with lines. withheld: students whose answers
    are not marked before that is mended. absent: students without an answer. Both as name and id.
    """

    title: str
    markings: tuple[Marking, ...]
    faults: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """The numbers of all items, in the order of the sheet."""
        return tuple(dict.fromkeys(item.question.item for marking in self.markings for item in marking.items))


def points_csv(results: ClassResults) -> str:
    """Return a line for each student: id, name, check code, points, and the points of each item."""
    items = results.items
    rows = [["id", "name", "code", "points", "out of", *items]]
    for marking in results.markings:
        earned = {item.question.item: decimal(item.points) for item in marking.items}
        head = [_cell(marking.student), _cell(marking.name), _cell(marking.code)]
        totals = [decimal(marking.total), decimal(marking.points)]
        rows.append([*head, *totals, *(earned.get(item, "") for item in items)])
    return _written(rows)


def answers_csv(results: ClassResults) -> str:
    """Return a line for each answer: as written and as read, how it was found, the right one, the mistake."""
    head = [
        "id",
        "name",
        "item",
        "quantity",
        "answer",
        "read as",
        "status",
        "points",
        "out of",
        "right answer",
    ]
    rows = [[*head, "mistake", "or", "remark"]]
    for marking in results.markings:
        for item in marking.items:
            rows.append([_cell(marking.student), _cell(marking.name), *_row(item)])
    return _written(rows)


def _row(item: Marked) -> Iterator[str]:
    question, reading = item.question, item.reading
    yield from (question.item, question.key, _cell(reading.text))
    yield spelled(reading) if isinstance(reading, Written) else ""
    yield from (item.status, decimal(item.points), decimal(question.points), str(item.answer))
    names = [slip.mistake for slip in item.slips]
    emptied = f"the answer to {item.emptied}" if item.emptied else ""
    yield from (names[0] if names else "", " ".join(names[1:]), emptied or VERDICTS[item.status])


@lru_cache(maxsize=256)  # few points, and many times
def decimal(points: Fraction) -> str:
    """Return points as a decimal with at most four places."""
    return f"{float(points):.4f}".rstrip("0").rstrip(".")


def _cell(text: str) -> str:
    """Return a text that somebody else has written so that no spreadsheet takes it for a formula."""
    plain = " ".join(text.split())
    number = plain.removeprefix("-").replace(".", "", 1).replace(",", "", 1)
    harmless = not plain.startswith(_FORMULA) or (plain.startswith("-") and number.isdecimal())
    return plain if harmless else f"'{plain}"


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
