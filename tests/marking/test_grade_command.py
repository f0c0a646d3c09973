"""The command `grade` on a class of three: what is written, what is said, what a wrong code does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from symbackprop.command_line import app


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of three, each asked for two quantities of the output layer."""
    folder = tmp_path_factory.mktemp("class") / "set"
    command = (
        f"class or-gate-full --count 3 --seed 7 --ask net.o1,grad.w5 --format typ --key none -o {folder}"
    )
    result = CliRunner().invoke(app, [*command.split(), "--workers", "1"])
    assert result.exit_code == 0, result.output
    return folder


def table(made: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO((made / "answers.csv").read_text(encoding="utf-8-sig"))))


def graded(made: Path, rows: list[list[str]], tmp_path: Path, *options: str) -> Result:
    path = tmp_path / "back.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return CliRunner().invoke(app, ["grade", str(made), str(path), "-o", str(tmp_path / "marks"), *options])


@pytest.fixture
def rows(made: Path) -> Iterator[list[list[str]]]:
    yield table(made)


def test_the_files(made: Path, rows: list[list[str]], tmp_path: Path) -> None:
    rows[2][4] = "n/a"
    result = graded(made, rows, tmp_path, "--format", "txt")
    assert result.exit_code == 0, result.output
    marks = list(csv.reader(io.StringIO((tmp_path / "marks" / "marks.csv").read_text(encoding="utf-8-sig"))))
    assert [(row[0], row[3], row[4]) for row in marks] == [
        ("id", "points", "out of"), ("001", "2", "2"), ("002", "1", "2"), ("003", "2", "2"),
    ]  # fmt: skip
    assert len(list((tmp_path / "marks" / "feedback").glob("*.txt"))) == 3
    assert (tmp_path / "marks" / "results.pdf").read_bytes().startswith(b"%PDF")


def test_a_wrong_check_code_names_the_student(made: Path, rows: list[list[str]], tmp_path: Path) -> None:
    rows[1][2] = rows[2][2]
    result = graded(made, rows, tmp_path, "--format", "txt")
    assert result.exit_code == 1
    assert f"back.csv:2: code: the check code is not that of 001; given {rows[2][2]}" in result.stderr
    assert "It is the code of 002." in result.stderr
    text = (tmp_path / "marks" / "marks.csv").read_text(encoding="utf-8-sig")
    assert [line[:3] for line in text.splitlines()[1:]] == ["002", "003"]


def test_explain(made: Path, rows: list[list[str]], tmp_path: Path) -> None:
    item = 4 if rows[0][4].startswith("grad") else 3
    rows[3][item] = f"-{rows[3][item]}" if rows[3][item][0] != "-" else rows[3][item][1:]
    result = graded(made, rows, tmp_path, "--explain", "003", str(item - 2))
    assert result.exit_code == 0, result.output
    assert "compared with the right answer:" in result.stdout and "(sign_dropped)" in result.stdout
    assert not (tmp_path / "marks").exists()
    result = graded(made, rows, tmp_path, "--explain", "004", "1")
    assert result.exit_code == 2 or result.exception is not None


def test_garbage_is_no_crash(made: Path, rows: list[list[str]], tmp_path: Path) -> None:
    for row in rows[1:]:
        row[3:] = ["1e999999999", "\N{SNOWMAN}"][: len(row[3:])]
    result = graded(made, rows, tmp_path, "--format", "txt")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "marks" / "marks.csv").read_text(encoding="utf-8-sig")
    assert [line.split(",")[3] for line in text.splitlines()[1:]] == ["0", "0", "0"]
