"""The table of a class list: where it begins, and which columns hold the ids and the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..spec.suggest import listed
from .headings import Columns, columns, kind, recognised
from .records import HEADING_WITHIN, Record
from .roster import RosterError

_NAMES = "name, first name and last name, Vorname and Nachname, 姓名"
_IDS = "id, ID number, student number, Matrikelnummer, SIS User ID"


@dataclass(frozen=True)
class Table:
    """The records below the headings, the column of the ids, and those that make up the name (or none)."""

    records: tuple[Record, ...]
    id: int
    name: tuple[int, ...]
    width: int
    id_heading: str = "id"
    canvas: bool = False

    def padded(self, record: Record) -> tuple[str, ...]:
        """Return a record's cells, with empty ones where the line ends early."""
        return record.cells + ("",) * (self.width - len(record.cells))


def find_table(records: Sequence[Record], file: str) -> Table:
    """Return the table of a class list.

    A title may stand above the headings. A list of one column is one of ids.

    Raises:
        RosterError: there is no column of ids, or none of names.
    """
    for position, record in enumerate(records[:HEADING_WITHIN]):
        found = columns(record.cells)
        alone = len(record.filled) == 1 and len(records) > position + 1
        if found.ids and (found.name or (alone and all(len(one.filled) < 2 for one in records))):
            return _headed(found, record, records[position + 1 :])
    headings = max(records[:HEADING_WITHIN], key=lambda record: recognised(record.cells))
    return _unheaded(records, headings, file)


def _headed(found: Columns, heading: Record, records: Sequence[Record]) -> Table:
    """Return the table below known headings; the ids are the best column that is not quite empty."""
    filled = [
        column
        for column in found.ids
        if any(len(record.cells) > column and record.cells[column] for record in records)
    ]
    chosen = (filled or found.ids)[0]
    return Table(
        tuple(records),
        chosen,
        found.name,
        max((position + 1 for position, cell in enumerate(heading.cells) if cell), default=0),
        heading.cells[chosen],
        found.canvas,
    )


def _unheaded(records: Sequence[Record], heading: Record, file: str) -> Table:
    """Return the table of a list without headings: what has digits in each line are ids, in none, names."""
    width = max(len(record.cells) for record in records)
    table = Table(tuple(records), 0, (), width)
    ids: list[int] = []
    emails: list[int] = []
    names: list[int] = []
    for position, column in enumerate(zip(*map(table.padded, records), strict=True)):
        if len(records) > 1 and len(set(column)) == 1:  # the same for all, such as a group
            continue
        marked = [_is_number(cell) or "@" in cell for cell in column if cell]
        if all(marked) and len(marked) == len(records):
            (emails if all("@" in cell for cell in column) else ids).append(position)
        elif not any(marked):
            names.append(position)
    ids = ids or emails
    if len(ids) == 1 and (len(names) in (1, 2) or width == 1):
        return Table(tuple(records), ids[0], tuple(names), width)
    if len(ids) > 1:
        raise RosterError(
            f"{len(ids)} columns could be the ids, and there are no headings",
            given=listed(heading.filled, 6),
            expected=f"a first line with the headings, such as {_IDS}",
            file=file,
            line=heading.line,
        )
    raise _missing(heading, file)


def _missing(heading: Record, file: str) -> RosterError:
    """Build the error for a list where one of the columns was not found."""
    found = columns(heading.cells)
    lacking, examples = ("names", _NAMES) if found.ids else ("ids", _IDS)
    running = [cell for cell in heading.cells if kind(cell) == "running" or cell == "#"]
    hint = ""
    if running and lacking == "ids":
        hint = (
            f"{running[0]} seems to count the lines; call it id if a student keeps the number "
            "when the list changes."
        )
    return RosterError(
        f"no column of {lacking} was found",
        given=listed(heading.filled, 8),
        expected=f"a heading such as {examples}",
        hint=hint,
        file=file,
        line=heading.line,
    )


def _is_number(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell)
