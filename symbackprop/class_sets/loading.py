"""A class set that was made, read back: what every student's sheet asked, with its numbers and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..adjusting import SheetOptions, adjusted_sheet
from ..derivation.solving import complete
from ..errors import SymbackpropError
from ..marking.answers import AnswerFile, Expected
from ..marking.paper import Paper, Question, Solved, solved
from ..roster import Student
from ..spec.worksheet import Worksheet
from ..spec.worksheets import load_worksheet
from ..variants.substitution import with_numbers
from .making import RECORDS, ClassPlan, PaperMaker
from .producing import CLASS, column
from .records import Record, drawn_numbers, read_record

_VERSION = 1


@dataclass(frozen=True)
class LoadedClass:
    """A class set in a folder."""

    folder: Path
    plan: ClassPlan

    @property
    def worksheet(self) -> Worksheet:
        """The sheet."""
        return self.plan.worksheet

    @property
    def title(self) -> str:
        """The title of the sheet."""
        return self.worksheet.title or self.worksheet.tasks[0].problem.title

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """The record of every student's paper, by id, in the order of the roster.

        Raises:
            SymbackpropError: a record is missing or no record.
        """
        found = {}
        for student in self.plan.students:
            path = self.folder / RECORDS / f"{self.plan.names[student.id]}.json"
            found[student.id] = read_record(_text(path, "run `symbackprop class` again"), str(path))
        return found

    @cached_property
    def _maker(self) -> PaperMaker:
        return PaperMaker(self.plan)

    @cached_property
    def papers(self) -> Mapping[str, Expected]:
        """What is known of each student's paper without solving it, by id, in the order of the roster."""
        several = len(self.worksheet.tasks) > 1
        return {
            record.id: Expected(
                record.id,
                record.name,
                record.code,
                {str(answer.number): column(answer.task, answer.key, several) for answer in record.answers},
            )
            for record in self.records.values()
        }

    def chosen(self, answers: AnswerFile) -> AnswerFile:
        """Return answers with the result in the place of the letter of a choice: B, b) or (B)."""
        submissions = {
            student: replace(one, answers=_chosen(one.answers, self.records[student]))
            for student, one in answers.submissions.items()
        }
        return replace(answers, submissions=submissions)

    def paper(self, student: str) -> Paper:
        """Return a student's paper, its problems solved.

        The numbers are those of the record, also where another version of the program would draw others.

        Raises:
            SymbackpropError: the record is no record, or its problem has no solution.
        """
        record = self.records[student]
        parts = tuple(self._solved(index, record) for index in range(len(self.worksheet.tasks)))
        questions = tuple(
            Question(str(answer.number), answer.key, answer.points, part=answer.task - 1)
            for answer in record.answers
        )
        return Paper(record.id, record.name, record.code, parts, questions)

    def _solved(self, index: int, record: Record) -> Solved:
        numbers = drawn_numbers(record, index)
        variation = self._maker.variations[index]
        known = variation.drawn_before(numbers)
        if known is not None:
            return Solved(known.problem, known.graph, known.ledger)
        drawn = variation.draw(self.plan.seed, record.id if index == 0 else f"{record.id}#{index + 1}")
        if dict(drawn.numbers) != numbers:
            return solved(with_numbers(self.worksheet.tasks[index].problem, numbers))
        complete(drawn.graph, drawn.ledger)
        return Solved(drawn.problem, drawn.graph, drawn.ledger)


def _chosen(answers: Mapping[str, str], record: Record) -> dict[str, str]:
    choices = {str(answer.number): answer.choices for answer in record.answers}
    found = {}
    for item, text in answers.items():
        letter = text.strip(" ().:").upper()
        place = "ABCDEFGH".find(letter) if len(letter) == 1 else -1
        among = choices.get(item, ())
        found[item] = among[place] if 0 <= place < len(among) else text
    return found


def load_class(folder: str | Path) -> LoadedClass:
    """Return the class set in a folder.

    Raises:
        SymbackpropError: there is none, or what describes it was changed.
    """
    path = Path(folder)
    file = path / CLASS
    text = _text(file, "give the folder that `symbackprop class` has written")
    try:
        data = json.loads(text)
        if data["symbackprop class"] != _VERSION:
            raise ValueError("version")
        students, names = _students(data["students"])
        sheet = load_worksheet(path / "source" / data["sheet"], data.get("problems"))
        worksheet = adjusted_sheet(sheet, SheetOptions(**data["options"]))
        plan = ClassPlan(
            worksheet,
            students,
            names,
            str(data["seed"]),
            paper=data["paper"],
            keys=data["keys"],
            formats=tuple(data["formats"]),
            engine=data["engine"],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SymbackpropError(
            f"{file}: this is no description of a class set, or it was changed; run `symbackprop class` again"
        ) from None
    return LoadedClass(path, plan)


def _students(data: Sequence[Mapping[str, Any]]) -> tuple[tuple[Student, ...], dict[str, str]]:
    students = tuple(Student(str(one["id"]), str(one["name"])) for one in data)
    return students, {str(one["id"]): str(one["file"]) for one in data}


def _text(path: Path, fix: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SymbackpropError(f"{path}: no such file; {fix}") from None
    except OSError as error:
        raise SymbackpropError(f"{path}: cannot be read: {error.strerror or error}") from None
