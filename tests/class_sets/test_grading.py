"""Grading on several processes: the same results and sheets, and what fails is one student's alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbackprop.class_sets import FeedbackSheets, LoadedClass, grade_class, grading, load_class
from symbackprop.command_line import app
from symbackprop.errors import RenderError
from symbackprop.marking.answers import AnswerFile, read_answers
from symbackprop.marking.results.data import to_data

STUDENTS = 16


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LoadedClass:
    folder = tmp_path_factory.mktemp("class") / "set"
    command = f"class or-gate-full --count {STUDENTS} --seed 7 --ask net.o1,grad.w5 --format typ --key none"
    result = CliRunner().invoke(app, [*command.split(), "-o", str(folder), "--workers", "1"])
    assert result.exit_code == 0, result.output
    return load_class(folder)


@pytest.fixture
def answers(made: LoadedClass, tmp_path: Path) -> AnswerFile:
    """The right answers, but for the first student's second one: ten times too large."""
    text = (made.folder / "answers.csv").read_text(encoding="utf-8-sig")
    head, first, *others = text.splitlines()
    before, _, last = first.rpartition(",")
    path = tmp_path / "back.csv"
    path.write_text("\n".join([head, f"{before},{10 * float(last):.6g}", *others]), encoding="utf-8")
    return made.chosen(read_answers(path, made.papers.values()))


def test_processes_give_what_one_gives(made: LoadedClass, answers: AnswerFile) -> None:
    sheets = FeedbackSheets(formats=("txt",))
    alone, sheets_alone = grade_class(made, answers, sheets=sheets, workers=1)
    together, sheets_together = grade_class(made, answers, sheets=sheets, workers=2)
    assert to_data(together) == to_data(alone)
    assert list(sheets_together.items()) == list(sheets_alone.items())
    assert len(sheets_alone) == len(alone.markings) == STUDENTS
    assert [marking.total for marking in alone.markings] == [1, *[2] * (STUDENTS - 1)]


def test_a_sheet_that_cannot_be_set_is_named(
    made: LoadedClass, answers: AnswerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = grading.content

    def content(document: object, format: str, **options: object) -> bytes:
        if "002" in str(document):
            raise RenderError("no font shows it")
        return real(document, format, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(grading, "content", content)
    results, sheets = grade_class(made, answers, sheets=FeedbackSheets(formats=("txt",)), workers=1)
    assert len(results.markings) == STUDENTS
    assert len(sheets) == STUDENTS - 1
    (fault,) = results.faults
    assert "002" in fault and fault.endswith("no feedback sheet: no font shows it")
