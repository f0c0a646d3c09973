"""Answers as they come back: a line for each student, or a line for each answer.

What is wrong with one line concerns that student alone: it is said, and the others are marked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...roster.records import HEADING_WITHIN, Record
from ...spec.suggest import did_you_mean, listed
from .errors import AnswerError
from .finding import Expected, Finder, mistyped, plain_code
from .headings import Columns, Labels, columns_of, labels_of, recognised
from .tables import read_table


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's answers: the texts by item number, and the lines where they stand."""

    student: str
    answers: Mapping[str, str]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """What a file of answers holds.

    submissions: by student id, in the order of the class. faults: what is wrong, in the order of the lines.
    withheld: students who are not marked before a fault is mended. absent: students without an answer.
    """

    submissions: Mapping[str, Submission]
    faults: tuple[AnswerError, ...] = ()
    withheld: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def read_answers(
    path: str | os.PathLike[str], papers: Iterable[Expected], encoding: str | None = None
) -> AnswerFile:
    """Return the answers of a class.

    Wide: a column for each item, headed by its number or its quantity key, as the template of the class has
    it. Long: columns for student, item and answer. Columns for names and check codes may stand beside them;
    the id may be missing where every line has its check code.

    Raises:
        ProblemError: the file cannot be read, or it cannot be told whose the answers are and to what.
    """
    finder = Finder(papers)
    labels = labels_of(paper.items for paper in finder.papers.values())
    file = os.fspath(path)
    records = read_table(path, lambda cells: recognised(cells, labels), encoding)
    if not records:
        raise AnswerError("the file is empty", expected="a line for each student", file=file)
    columns, heading, rest = _headed(records, labels, file)
    reader = _Reader(file, finder, labels, columns, heading)
    for record in rest:
        reader.read(record)
    return reader.result()


def _headed(records: Sequence[Record], labels: Labels, file: str) -> tuple[Columns, Record, Sequence[Record]]:
    """Return the columns by the line of headings, which a title may stand above, and the lines below it."""
    for position, record in enumerate(records[:HEADING_WITHIN]):
        columns = columns_of(record.cells, labels)
        if columns.usable:
            return columns, record, records[position + 1 :]
    best = max(records[:HEADING_WITHIN], key=lambda record: recognised(record.cells, labels))
    columns = columns_of(best.cells, labels)
    whose = columns.id >= 0 or columns.code >= 0
    raise AnswerError(
        "no column of answers was found" if whose else "no column of ids was found",
        given=listed(best.filled, 8),
        expected="headings such as id, code, 1, 2, ... or id, item, answer",
        hint=_known_items(labels) if whose else "",
        file=file,
        line=best.line,
    )


def _known_items(labels: Labels) -> str:
    items = sorted(labels.items, key=lambda item: (len(item), item))
    return f"The items of this sheet are {listed(items, 12)}."


@dataclass
class _Reader:
    """Collects the answers of a table line by line."""

    file: str
    finder: Finder
    labels: Labels
    columns: Columns
    heading: Record
    faults: list[AnswerError] = field(default_factory=list)
    withheld: dict[str, None] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    places: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in self.columns.unknown:
            self._unknown(self.heading.cells[place], self.heading.line)

    def read(self, record: Record) -> None:
        """Take one line."""
        if record.cells == self.heading.cells:  # the headings again, as on every printed page
            return
        width = max(place + 1 for place, cell in enumerate(record.cells) if cell)
        if width > len(self.heading.cells):
            self._fault(
                record,
                "more cells than there are headings",
                given=listed(record.cells[:width], 8),
                expected=f"{len(self.heading.cells)}",
                hint="Where commas separate the cells, a number with a decimal comma stands in quotes.",
            )
            return
        paper = self._paper(record)
        if paper is None or not self._has_its_code(record, paper):
            return
        if self.columns.long:
            self._take_one(record, paper)
        else:
            self._take_all(record, paper)

    def result(self) -> AnswerFile:
        """Return what was read."""
        found = {
            student: Submission(student, answers, tuple(self.lines[student]))
            for student in self.finder.papers
            if student not in self.withheld and (answers := self.answers.get(student)) is not None
        }
        absent = [
            student for student in self.finder.papers if student not in found and student not in self.withheld
        ]
        return AnswerFile(found, tuple(self.faults), tuple(self.withheld), tuple(absent))

    def _paper(self, record: Record) -> Expected | None:
        """Return the paper that a line belongs to; say so where there is none."""
        id_, code = _cell(record, self.columns.id), _cell(record, self.columns.code)
        name = " ".join(filter(None, (_cell(record, place) for place in self.columns.name)))
        if id_:
            paper = self.finder.by_id(id_)
            if paper is None:
                same = self.finder.by_name(name) or self.finder.by_code(code)
                hint = f"{same.called} is in the class." if same is not None else ""
                self._fault(
                    record,
                    "no student of the class",
                    given=_named(id_, name),
                    expected="an id of the class",
                    hint=hint,
                )
            return paper
        paper = self.finder.by_code(code)
        if paper is None:
            given = name or code or listed(record.filled, 4)
            self._fault(
                record,
                "whose answers are these?",
                given=given,
                expected="an id, or a check code of the class",
            )
        return paper

    def _has_its_code(self, record: Record, paper: Expected) -> bool:
        """Return whether a line has its paper's check code, or none; say so where it has another."""
        code = _cell(record, self.columns.code)
        if not code or plain_code(code) == plain_code(paper.code):
            return True
        other = self.finder.by_code(code)
        if other is not None:
            hint = f"It is the code of {other.called}."
        else:
            hint = (
                f"{mistyped(code)}." if mistyped(code) else "It belongs to another sheet, or to another seed."
            )
        self._fault(
            record,
            f"the check code is not that of {paper.called}",
            field=self.heading.cells[self.columns.code],
            given=code,
            expected=paper.code,
            hint=hint,
        )
        self.withheld.setdefault(paper.student)
        return False

    def _take_all(self, record: Record, paper: Expected) -> None:
        """Take a student's whole line."""
        if paper.student in self.lines:
            first = self.lines[paper.student][0]
            self._fault(
                record,
                f"{paper.called} has a line already, line {first}",
                expected="one line for each student",
                hint="Neither is marked; delete the one that does not count.",
            )
            self.withheld.setdefault(paper.student)
            return
        self.lines[paper.student] = [record.line]
        self.answers[paper.student] = {}
        for place, label in self.columns.items.items():
            text = _cell(record, place)
            if text:
                self._enter(record, paper, label, text)

    def _take_one(self, record: Record, paper: Expected) -> None:
        """Take one answer."""
        heading = _cell(record, self.columns.item)
        label = self.labels.of(heading)
        self.lines.setdefault(paper.student, []).append(record.line)
        self.answers.setdefault(paper.student, {})
        if label is None:
            self._unknown(heading, record.line)
        else:
            self._enter(record, paper, label, _cell(record, self.columns.answer))

    def _enter(self, record: Record, paper: Expected, label: str, text: str) -> None:
        """Enter one answer under the item that a label is on this student's paper."""
        item = label
        if label not in paper.items:
            named = [item for item, key in paper.items.items() if key == label]
            if len(named) != 1:
                what = f"{label} is asked {len(named)} times" if named else f"{label} is not asked"
                self._fault(
                    record,
                    f"{what} on the sheet of {paper.called}",
                    given=text,
                    expected="the number of an item",
                )
                return
            item = named[0]
        answers = self.answers[paper.student]
        before = self.places.setdefault((paper.student, item), record.line)
        if item in answers and answers[item] != text:
            self._fault(
                record,
                f"{paper.called} has another answer to {item} already, line {before}",
                given=text,
                expected=f"one answer to each item, such as {answers[item]}",
                hint="Neither is marked; delete the one that does not count.",
            )
            self.withheld.setdefault(paper.student)
            return
        answers[item] = text

    def _unknown(self, heading: str, line: int) -> None:
        known = (*self.labels.items, *self.labels.keys)
        self.faults.append(
            AnswerError(
                "no such item",
                given=heading,
                expected="the number or the quantity key of an item",
                hint=did_you_mean(heading, sorted(known)) or _known_items(self.labels),
                file=self.file,
                line=line,
            )
        )

    def _fault(
        self,
        record: Record,
        message: str,
        *,
        field: str = "",
        given: str | None = None,
        expected: str = "",
        hint: str = "",
    ) -> None:
        self.faults.append(
            AnswerError(
                message,
                field=field,
                given=given,
                expected=expected,
                hint=hint,
                file=self.file,
                line=record.line,
            )
        )


def _cell(record: Record, place: int) -> str:
    return record.cells[place] if 0 <= place < len(record.cells) else ""


def _named(id_: str, name: str) -> str:
    return f"{id_} ({name})" if name else id_
