"""The command worksheet: its files, its options, and sheets that are longer than they are meant to be."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbackprop import SymbackpropError, page_limit
from symbackprop.command_line import app
from symbackprop.page_limit import sheet_within
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.worksheet import Worksheet
from symbackprop.spec.worksheets import load_worksheet, of_problem

RUN = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*arguments: str) -> list[str]:
    result = RUN.invoke(app, ["worksheet", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return sorted(path.name for path in Path("outputs").iterdir())


def test_a_sheet_and_its_key() -> None:
    assert made("or-gate", "--engine", "typst") == [
        "or-gate-worksheet-key.pdf",
        "or-gate-worksheet-key.tex",
        "or-gate-worksheet.pdf",
        "or-gate-worksheet.tex",
    ]


@pytest.mark.parametrize(
    ("key", "ending"),
    [("full", {"", "-key"}), ("brief", {"", "-answers"}), ("both", {"", "-key", "-answers"}), ("none", {""})],
)
def test_which_keys(key: str, ending: set[str]) -> None:
    assert made("or-gate", "--format", "txt", "--key", key) == sorted(
        f"or-gate-worksheet{end}.txt" for end in ending
    )


def test_formulas_and_hints_on_the_sheet_or_apart() -> None:
    assert len(made("or-gate", "--format", "txt", "--formula-sheet", "--hints")) == 2
    on_it = Path("outputs/or-gate-worksheet.txt").read_text(encoding="utf-8")
    assert "\nFormulas\n" in on_it and "\nHints\n" in on_it
    files = made("or-gate", "--format", "txt", "--formula-sheet", "--hints", "--apart")
    assert {"or-gate-worksheet-formulas.txt", "or-gate-worksheet-hints.txt"} < set(files)
    apart = Path("outputs/or-gate-worksheet.txt").read_text(encoding="utf-8")
    assert "\nFormulas\n" not in apart and "\nHints\n" not in apart
    assert on_it.startswith(apart.rstrip("\n"))


def test_a_body_for_ones_own_document() -> None:
    made("or-gate", "--format", "tex", "--fragment")
    source = Path("outputs/or-gate-worksheet.tex").read_text(encoding="utf-8")
    assert r"\documentclass" not in source and r"\begin{steps}" in source


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["--ask", "grda.w5"],
            "--ask: fits no quantity of the problem; given grda.w5; expected one of everything",
        ),
        (["--as", "half"], "--as: given 'half'; expected one of worked"),
        (["--format", "html"], "--format: no format 'html'; expected some of tex, pdf, typ, txt"),
        (["--key", "short"], "--key: given 'short'; expected one of full, brief, both, none"),
    ],
)
def test_options_without_a_meaning(arguments: list[str], text: str) -> None:
    with pytest.raises(SymbackpropError) as caught:
        RUN.invoke(app, ["worksheet", "or-gate", *arguments], catch_exceptions=False)
    assert str(caught.value).startswith(text)
    assert not Path("outputs").exists()


# --- many pages ---------------------------------------------------------------------------------------


def large(*sizes: int) -> Worksheet:
    layers = [
        Dense(to, "sigmoid", weights=[[0.1 * (to % 3)] * before] * to, biases=[0.2] * to)
        for before, to in pairwise(sizes)
    ]
    return of_problem(
        dense_problem(
            title="Large", inputs=[0.5] * sizes[0], targets=[1] * sizes[-1], layers=layers, learning_rate=1
        )
    )


def test_a_sheet_of_many_pages_is_refused_with_the_remedies() -> None:
    with pytest.raises(SymbackpropError) as caught:
        RUN.invoke(app, ["worksheet", "gru", "--fade", "strong"], catch_exceptions=False)
    message = str(caught.value)
    assert message.startswith("about ") and " pages: --ask grad.w1,new.b2 asks only for" in message
    assert message.endswith("--yes writes them all")
    assert not Path("outputs").exists()


def test_a_person_may_say_yes() -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return True

    from symbackprop.adjusting import SheetOptions, adjusted_sheet

    worksheet = adjusted_sheet(load_worksheet("gru"), SheetOptions(fade="strong"))
    assert sheet_within(worksheet, ["pdf"], confirm=confirm).answers
    assert len(asked) == 1 and asked[0].startswith("The sheet has about ")
    assert sheet_within(worksheet, ["pdf"], confirmed=True).answers
    assert sheet_within(worksheet, ["txt"]).answers  # a text has no pages


def test_a_very_large_one_is_refused_before_it_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    from symbackprop import worksheets

    def derived(*arguments: object, **options: object) -> None:
        raise AssertionError("derived before it was confirmed")

    monkeypatch.setattr(worksheets, "derive", derived)
    with pytest.raises(SymbackpropError, match=r"more than \d+ pages: --ask grad.w1"):
        sheet_within(large(10, 1900, 4), ["pdf"])


def test_the_usual_sheet_is_not_asked_about() -> None:
    assert page_limit.MOST_PAGES == 60
    assert sheet_within(load_worksheet("xor"), ["pdf"]).answers
