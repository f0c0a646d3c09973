"""What a person sees while files are made."""

from __future__ import annotations

import io
import re

import pytest

from symbackprop.production import Progress, shown_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    with shown_progress("Sheets", stream) as show:
        show(Progress(10, 50, 0, 2.0))
        show(Progress(25, 50, 1, 75.0))
        show(Progress(50, 50, 1, 150.0))
    lines = [
        line.strip() for line in re.split(r"[\r\n]", re.sub("\033.*?[a-z]", "", stream.getvalue())) if line
    ]
    assert re.fullmatch(r"Sheets  \[#{7}-{29}\]  10/50  0:08 left", lines[1])
    assert re.fullmatch(r"Sheets  \[#{18}-{18}\]  25/50  1:15 left, 1 failed", lines[2])
    assert re.fullmatch(r"Sheets  \[#{36}\]  50/50  1 failed", lines[3])
    assert stream.getvalue().endswith("\n")


def test_lines_elsewhere_now_and_then_and_at_the_end() -> None:
    stream = io.StringIO()
    with shown_progress("Sheets", stream) as show:
        for done in range(1, 51):
            show(Progress(done, 50, 0, done / 2))
    assert stream.getvalue() == (
        "Sheets: 20 of 50  0:15 left\nSheets: 40 of 50  0:05 left\nSheets: 50 of 50\n"
    )


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("Sheets", quiet=True) as show:
        show(Progress(1, 2, 0, 100.0))
    with shown_progress("Sheets"):
        pass
    assert capsys.readouterr() == ("", "")


def test_standard_error_is_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress("Sheets") as show:
        show(Progress(2, 2, 0, 1.0))
    assert capsys.readouterr() == ("", "Sheets: 2 of 2\n")
