"""Large sheets: they are asked about before anything is typeset, on the command line too."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbackprop import SymbackpropError, page_limit
from symbackprop.command_line import app
from symbackprop.page_limit import solve_within
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.problem import Problem


def network(*sizes: int) -> Problem:
    layers = [
        Dense(to, "sigmoid", weights=[[0.1 * (to % 3)] * before] * to, biases=[0.2] * to)
        for before, to in pairwise(sizes)
    ]
    return dense_problem(
        title="Large", inputs=[0.5] * sizes[0], targets=[1] * sizes[-1], layers=layers, learning_rate=1
    )


def test_a_sheet_of_many_pages_is_refused_with_the_remedies() -> None:
    with pytest.raises(SymbackpropError) as caught:
        solve_within(network(8, 24, 24, 8), ["tex", "pdf"])
    message = str(caught.value)
    assert message.startswith("about ")
    assert "pages: --show representative gives about " in message
    assert "; --show w1,b2 derives only the parameters that you name; --yes writes them all" in message


def test_a_very_large_one_is_refused_before_it_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = []
    monkeypatch.setattr(page_limit, "solve", lambda problem: derived.append(problem.show) or _Short())
    with pytest.raises(SymbackpropError, match=r"more than \d+ pages: --show representative gives about 9;"):
        solve_within(network(100, 50, 40), ["pdf"])
    assert derived == [("representative",)]


class _Short:
    def pages_on(self, paper: str) -> int:
        return 9


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_person_may_say_yes(confirmed: bool) -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return confirmed

    if confirmed:
        assert solve_within(network(8, 24, 24, 8), ["pdf"], confirm=confirm).problem.title == "Large"
    else:
        with pytest.raises(SymbackpropError, match="--yes writes them all"):
            solve_within(network(8, 24, 24, 8), ["pdf"], confirm=confirm)
    (question,) = asked
    assert question.startswith("The sheet has about ")
    assert question.endswith("Write it all the same?")


def test_formats_without_pages_are_not_asked_about() -> None:
    assert solve_within(network(8, 24, 24, 8), ["json", "txt"]).problem.title == "Large"


FILE = """\
title: Large
network:
  inputs: [{inputs}]
  targets: [{targets}]
  layers:
    - {{units: 24, activation: sigmoid, biases: 0.1}}
    - {{units: 24, activation: sigmoid, biases: 0.1}}
    - {{units: 8, activation: sigmoid, biases: 0.1}}
  initialisation: {{seed: 0}}
  learning_rate: 0.5
"""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.yaml"
    path.write_text(FILE.format(inputs=", ".join(["0.5"] * 8), targets=", ".join(["1"] * 8)), "utf-8")
    return path


def test_on_the_command_line(large: Path, tmp_path: Path) -> None:
    common = ["solve", str(large), "-o", str(tmp_path)]
    refused = CliRunner().invoke(app, [*common, "--format", "typ"])
    assert isinstance(refused.exception, SymbackpropError)  # `main` prints it and ends with 2
    assert "--show representative gives about" in str(refused.exception)
    assert not (tmp_path / "large.typ").exists()
    for more in (["--yes"], ["--show", "representative"], ["--show", "w1_1_1,b3"]):
        done = CliRunner().invoke(app, [*common, "--format", "typ", *more])
        assert done.exit_code == 0, done.output
        (tmp_path / "large.typ").unlink()


def test_json_has_everything_whatever_is_shown(large: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["solve", str(large), "-o", str(tmp_path), "--format", "json", "--show", "b3"]
    )
    assert done.exit_code == 0, done.output
    quantities = json.loads((tmp_path / "large.json").read_text("utf-8"))["quantities"]
    assert {"grad.w1_1_1", "grad.b3", "new.w2_3_4", "net.h1_1@1"} <= quantities.keys()


@pytest.mark.parametrize(
    ("show", "message"),
    [
        ("bb3", r"--show: .bb3. fits no parameter; expected one of w1_1_1, .*Did you mean b3"),
        (" , ", "--show: nothing given; expected parameters such as w5,b3, or representative"),
    ],
)
def test_wrong_words(large: Path, show: str, message: str) -> None:
    done = CliRunner().invoke(app, ["solve", str(large), "--show", show])
    assert isinstance(done.exception, SymbackpropError)
    assert re.search(message, str(done.exception))
