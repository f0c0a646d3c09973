"""A file of answers to records of cells: CSV, or the first sheet of a workbook."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from ...roster.decoding import decode_list
from ...roster.records import Record, read_records
from ...spec.text.reader import read_bytes
from .errors import AnswerError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

#: What a cell of a workbook holds.
_Cell = str | float | int | bool | date | time | timedelta


def read_table(
    path: str | os.PathLike[str], recognised: Callable[[Sequence[str]], int], encoding: str | None = None
) -> list[Record]:
    """Return the records of a file of answers that are not empty, each with its line.

    Args:
        path: a CSV file with commas, semicolons or tabs, or a workbook of Excel or LibreOffice.
        recognised: how many of a record's cells are known headings.
        encoding: of a CSV file; found out if not given.

    Raises:
        ProblemError: the file cannot be read, or is of another kind.
        AnswerError: it is a workbook that cannot be read, or there is nothing to read it with.
    """
    file = os.fspath(path)
    content = read_bytes(file, "a file of answers", AnswerError, ENDINGS)
    if content.startswith(_WORKBOOKS):
        return _from_workbook(content, file)
    text, _ = decode_list(content, file, encoding)
    return read_records(text, file, recognised)


def _from_workbook(content: bytes, file: str) -> list[Record]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise AnswerError(
            "this is a workbook, and nothing is installed to read it",
            expected="a CSV file",
            hint="Save it as CSV (in Excel: Save As, CSV UTF-8), or: pip install 'symbackprop[excel]'",
            file=file,
        ) from None
    try:
        sheet: CalamineSheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise AnswerError(
            f"the workbook cannot be read: {error}",
            hint="Save it as CSV (in Excel: Save As, CSV UTF-8).",
            file=file,
        ) from None
    records = [Record(line, tuple(map(_text, row))) for line, row in enumerate(rows, 1)]
    return [record for record in records if record.filled]


def _text(cell: _Cell) -> str:
    """Return what a cell holds as it would be typed: a number with the fifteen digits that Excel keeps."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    return " ".join(str(cell).split())
