"""The text of a class list to records: which character separates the cells, and what stands in them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .roster import RosterError

#: What may stand between cells; the rarer in a text first.
SEPARATORS = ("\t", ";", ",")

#: So far down may the line with the headings stand.
HEADING_WITHIN = 10

_STATED = re.compile(r"\s*\"?sep=([,;|\t])\"?\s*(?:\r\n|\r|\n|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """The cells of one record and the line where it begins; a quoted cell may run over several."""

    line: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        """The cells that are not empty."""
        return tuple(cell for cell in self.cells if cell)


def read_records(text: str, file: str, recognised: Callable[[Sequence[str]], int]) -> list[Record]:
    """Return the records of CSV text that are not empty.

    The separator is the one that Excel's first line states (`sep=;`), else the one that gives the most known
    headings, else the one that cuts the most records into the same number of cells.

    Args:
        text: the text.
        file: the name that error messages give.
        recognised: how many of a record's cells are known headings.

    Raises:
        RosterError: a quote that is not closed, or text after a closing one.
    """
    if not text.strip("".join(SEPARATORS) + "\r\n "):
        return []
    stated = _STATED.match(text)
    if stated:
        return _records(text[stated.end() :], stated[1], file, after=1)
    found: list[tuple[tuple[int, float], list[Record]]] = []
    refused: dict[str, RosterError] = {}
    for separator in SEPARATORS:
        try:
            records = _records(text, separator, file)
        except RosterError as error:
            refused[separator] = error
        else:
            found.append((_fitness(records, recognised), records))
    fitness, records = max(found, key=lambda pair: pair[0], default=(_UNFIT, []))
    if fitness == _UNFIT and refused:
        raise refused[max(refused, key=text.count)]
    return records


_UNFIT = (0, 0.0)


def _fitness(records: list[Record], recognised: Callable[[Sequence[str]], int]) -> tuple[int, float]:
    headings = max((recognised(record.cells) for record in records[:HEADING_WITHIN]), default=0)
    widths = Counter(len(record.cells) for record in records if len(record.cells) > 1)
    return headings, max(widths.values(), default=0) / max(1, len(records))


def _records(text: str, separator: str, file: str, after: int = 0) -> list[Record]:
    # as a file, so that lines end where a file's do, and not at U+2028 as well
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    records = []
    line = after + 1
    try:
        for cells in reader:
            record = Record(line, tuple(_unwrapped(cell.strip()) for cell in cells))
            if record.filled:
                records.append(record)
            line = after + reader.line_num + 1
    except csv.Error as error:
        raise RosterError(_REASONS.get(str(error)[:10], str(error)), file=file, line=line) from None
    return records


def _unwrapped(cell: str) -> str:
    """Return `007` for `="007"`, by which some programs keep Excel from reading a number."""
    return cell[2:-1] if len(cell) > 2 and cell.startswith('="') and cell.endswith('"') else cell


_REASONS = {
    "unexpected": "a quote is opened and never closed",
    **{
        f"'{separator}' expected"[:10]: 'text stands after a closing quote; a " inside a cell is written ""'
        for separator in SEPARATORS
    },
    "field larg": "a cell is longer than 131072 characters; is a quote never closed?",
}
