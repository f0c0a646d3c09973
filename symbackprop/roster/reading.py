"""Class lists as universities and learning platforms export them, to a roster."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from functools import partial

from ..errors import ProblemError
from ..spec.faults import joined
from ..spec.suggest import listed
from ..spec.text.reader import read_bytes
from .columns import Table, find_table
from .decoding import decode_list, garbled, garbled_error
from .headings import joined_name, recognised
from .records import HEADING_WITHIN, Record, read_records
from .roster import Roster, RosterError, Skipped, Student

#: A longer name or id is a cell whose quote was never closed.
LONGEST_NAME, LONGEST_ID = 200, 100


def read_roster(path: str | os.PathLike[str], encoding: str | None = None) -> Roster:
    """Return the students of a class list: CSV from Moodle, Canvas, Excel or by hand.

    It may be UTF-8 with or without a byte order mark, UTF-16 or Windows-1252 (Latin-1), with commas,
    semicolons or tabs. The columns are found by their headings, in any order and in many languages;
    without headings the ids are the one column that has digits in every line. "Last, First" becomes
    "First Last".

    Args:
        path: the file.
        encoding: of the file; found out if not given.

    Raises:
        RosterError: the file cannot be read, is no class list, or an id is missing or repeated.
    """
    file = os.fspath(path)
    content = read_bytes(file, "a class list in CSV", RosterError, (".csv", ".tsv", ".txt"))
    return parse_roster(content, file, encoding)


def parse_roster(content: bytes, file: str = "", encoding: str | None = None) -> Roster:
    """Return the students of a class list that is given as bytes; see `read_roster`."""
    text, guessed = decode_list(content, file, encoding)
    records = read_records(text, file, recognised)
    if not records:
        raise RosterError("the file is empty", expected="a line for each student", file=file)
    try:
        table = find_table(records, file)
    except RosterError:
        if guessed:
            _refuse_garbled(records[:HEADING_WITHIN], file)
        raise
    students, skipped, faults = _students(table, file)
    if guessed:
        faults += [
            garbled_error(student.name, file, student.line) for student in students if garbled(student.name)
        ]
    faults += _repeated(students, file)
    if faults:
        raise joined(faults)
    if not students:
        raise RosterError(
            "no student stands below the headings",
            expected="a line for each student",
            file=file,
            line=records[-1].line,
        )
    return Roster(tuple(students), file, tuple(skipped))


def _students(table: Table, file: str) -> tuple[list[Student], list[Skipped], list[ProblemError]]:
    students: list[Student] = []
    skipped: list[Skipped] = []
    faults: list[ProblemError] = []
    for record in table.records:
        cells = table.padded(record)
        name_cells, id_cell = [cells[column] for column in table.name], cells[table.id]
        if table.canvas and _is_canvas_own(name_cells, id_cell):
            skipped.append(Skipped(record.line, listed(record.filled, 4)))
            continue
        try:
            students.append(_student(table, record, name_cells, id_cell, file))
        except RosterError as error:
            faults.append(error)
    return students, skipped, faults


def _student(table: Table, record: Record, name_cells: Sequence[str], id_cell: str, file: str) -> Student:
    fault = partial(RosterError, file=file, line=record.line)
    width = max((position + 1 for position, cell in enumerate(record.cells) if cell), default=0)
    if width > table.width:
        raise fault(
            "more cells than there are headings",
            given=listed(record.cells[:width], 6),
            expected=f"{table.width}",
            hint='A name with a comma stands in quotes: "Kowalski, Anna".',
        )
    id_ = _clean(id_cell, keep_joiners=False)
    name = _name(name_cells)
    if not id_:
        raise fault(
            "no id",
            field=table.id_heading,
            given=name or None,
            expected="an id for every student",
        )
    if _SHORTENED.fullmatch(id_):
        raise fault(
            "Excel has cut this id short",
            field=table.id_heading,
            given=id_,
            expected="the whole id",
            hint="Format the column as text before pasting the ids.",
        )
    for field, text, longest in ((table.id_heading, id_, LONGEST_ID), ("name", name, LONGEST_NAME)):
        if len(text) > longest:
            raise fault(
                "far too long",
                field=field,
                given=text,
                expected=f"at most {longest} characters; is a quote never closed?",
            )
    if table.name and not name:
        raise fault("no name", field="name", given=f"id {id_}", expected="the student's name")
    return Student(id_, name, record.line)


def _name(cells: Sequence[str]) -> str:
    """Return a name as it is printed, from the cells that hold it."""
    parts = [_clean(cell) for cell in cells]
    return _turned(parts[0]) if len(parts) == 1 else joined_name(parts)


def _turned(name: str) -> str:
    """Return "First Last" for "Last, First"; what comes after the name, as in "King, Jr.", stays there."""
    last, *rest = [part.strip() for part in name.split(",")]
    ending = f", {rest.pop()}" if rest and rest[-1].rstrip(".").casefold() in _ENDINGS else ""
    if len(rest) == 1 and last and rest[0]:
        return joined_name([rest[0], last]) + ending
    return name


def _clean(text: str, keep_joiners: bool = True) -> str:
    """Return text in composed letters, single spaces and without invisible characters.

    The joiners stay in names: Persian and Indian spelling needs them.
    """
    text = "".join(
        letter
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) != "Cf" or (keep_joiners and letter in "\u200c\u200d")
    )
    return " ".join(text.split())


def _is_canvas_own(name_cells: Sequence[str], id_cell: str) -> bool:
    """Return whether a line is one that Canvas adds: points possible, posting, the test student."""
    name = " ".join(filter(None, name_cells)).casefold()
    if not id_cell and name in ("", "points possible"):
        return True
    return name in ("student, test", "test student")


def _repeated(students: Sequence[Student], file: str) -> list[ProblemError]:
    first: dict[str, Student] = {}
    faults: list[ProblemError] = []
    for student in students:
        earlier = first.setdefault(student.id, student)
        if earlier is not student:
            faults.append(
                RosterError(
                    f"the id of line {earlier.line} again",
                    field="id",
                    given=student.id,
                    expected="an id of its own for every student",
                    file=file,
                    line=student.line,
                )
            )
    return faults


def _refuse_garbled(records: Sequence[Record], file: str) -> None:
    """Refuse a list whose headings are not known because its encoding was guessed wrongly."""
    for record in records:
        for cell in record.filled:
            if garbled(cell):
                raise garbled_error(cell, file, record.line)


_ENDINGS = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "ph.d", "md", "m.d"))
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
