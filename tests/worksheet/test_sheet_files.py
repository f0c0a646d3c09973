"""Sheet files: what they say, the texts of their errors, and their published schema."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from symbackprop.command_line import app
from symbackprop.errors import ProblemError, SymbackpropError
from symbackprop.render.plain import render_plain
from symbackprop.spec import load_problem, sheet_schema
from symbackprop.spec.worksheets import load_worksheet
from symbackprop.worksheets import make_sheet

TEXTS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("error_texts.yaml").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(sheet_schema())

#: What a sheet file can say, once each.
WHOLE = """
title: Week 3
course: Machine Learning
term: Winter 2026
date: 12 November
time: 45 minutes
aids: calculator
instructions: |
  Show your work.

  The sigmoid is $sigma(z) = 1/(1 + exp(-z))$; a box costs \\$0.
head: [Name, Number, Signature]
points: {"grad.*": 2, "act.*": 1/2, other: 1}
as: substitution
formula_sheet: true
hints: true
problems:
  - problem: own.yaml
    title: The small one
    ask: [act.h1, grad.w1_1_1]
    room: empty
    as: derivation
  - problem: two-output-sigmoid
    ask: forward
    fade: [worked, formula]
    points: 3
    diagram: none
  - problem:
      title: Within
      network:
        inputs: [1]
        targets: [0]
        layers: [{units: 1, activation: tanh, weights: [[0.5]], biases: [0.1]}]
    ask: error
"""
OWN = """
title: One hidden unit
network:
  inputs: [0.5]
  targets: [1]
  layers:
    - {units: 1, activation: tanh, weights: [[0.8]], biases: [0.1]}
    - {units: 1, activation: identity, weights: [[0.4]], biases: [0.2]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", TEXTS["cases"], ids=lambda case: case["case"])
def test_error_text(case: dict[str, Any], folder: Path) -> None:
    assert case["from"] in TEXTS["base"]
    Path("s.yaml").write_text(TEXTS["base"].replace(case["from"], case["to"], 1), encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        make_sheet("s.yaml")
    assert str(caught.value) == case["text"]


def test_the_base_is_a_sheet(folder: Path) -> None:
    Path("s.yaml").write_text(TEXTS["base"], encoding="utf-8")
    assert len(make_sheet("s.yaml").answers) == 2 + 6


@pytest.mark.parametrize(
    ("mistake", "fix", "text"),
    [
        (
            "activation: tanhh",
            "activation: tanh",
            "s.yaml:9: problems[2].problem.network.layers[1].activation: unknown activation; given tanhh;",
        ),
        ("epochs: x", "epochs: 2", "s.yaml:5: problems[2].problem.epochs: not a whole number; given x;"),
        ("nettwork:", "network:", "s.yaml:6: problems[2].problem.nettwork: unknown field; expected one of"),
        ("targets: []", "targets: [0]", "s.yaml:8: problems[2].problem.network.targets: "),
    ],
)
def test_a_mistake_in_a_problem_inside_a_sheet_names_the_problem(
    mistake: str, fix: str, text: str, folder: Path
) -> None:
    sheet = """problems:
  - problem: or-gate
  - problem:
      title: Within
      epochs: 2
      network:
        inputs: [1]
        targets: [0]
        layers: [{units: 1, activation: tanh, weights: [[0.5]], biases: [0.1]}]
        learning_rate: 0.1
"""
    assert fix in sheet
    Path("s.yaml").write_text(sheet.replace(fix, mistake, 1), encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        load_worksheet("s.yaml")
    assert str(caught.value).splitlines()[0].startswith(text)


def test_asking_on_the_command_line_names_the_option() -> None:
    from symbackprop.adjusting import SheetOptions, adjusted_sheet

    worksheet = load_worksheet("or-gate")
    with pytest.raises(
        SymbackpropError, match=r"^--ask: fits no quantity of the problem; given grda.w5; expected"
    ):
        make_sheet(adjusted_sheet(worksheet, SheetOptions(ask="grda.w5")))
    with pytest.raises(SymbackpropError, match=r"^--ask: nothing given; expected a set such as everything"):
        adjusted_sheet(worksheet, SheetOptions(ask=" , "))
    for option, value in (("degree", "half"), ("fade", "mild"), ("room", "dotted"), ("diagram", "round")):
        name = {"degree": "as"}.get(option, option)
        with pytest.raises(SymbackpropError, match=f"^--{name}: given '{value}'; expected one of "):
            adjusted_sheet(worksheet, SheetOptions(**{option: value}))


def test_a_problem_file_is_a_sheet_and_a_sheet_is_no_problem(folder: Path) -> None:
    Path("own.yaml").write_text(OWN, encoding="utf-8")
    Path("week.yaml").write_text(WHOLE, encoding="utf-8")
    (task,) = load_worksheet("own.yaml").tasks
    assert task.problem.title == "One hidden unit"
    with pytest.raises(ProblemError, match="sheet"):
        load_problem("week.yaml")


# --- what they say ------------------------------------------------------------------------------------


def test_all_that_a_sheet_can_say(folder: Path) -> None:
    Path("own.yaml").write_text(OWN, encoding="utf-8")
    Path("week.yaml").write_text(WHOLE, encoding="utf-8")
    worksheet = load_worksheet("week.yaml")
    first, second, third = worksheet.tasks
    assert (worksheet.name, worksheet.course, worksheet.head) == (
        "week",
        "Machine Learning",
        ("Name", "Number", "Signature"),
    )
    assert (first.degree, first.fade, first.ruling, first.picture) == ("derivation", (), "empty", "filled")
    assert (second.fade, second.picture, second.points.of("grad.w5")) == (("worked", "formula"), "none", 3)
    assert (third.degree, third.points.of("grad.w1"), third.points.of("act.o1")) == (
        "substitution",
        2,
        Fraction(1, 2),
    )
    sheet = make_sheet("week.yaml")
    assert [answer.key for answer in sheet.answers if answer.task != 2] == [
        "act.h1",
        "grad.w1_1_1",
        "net.o1",
        "act.o1",
        "loss",
    ]
    text = render_plain(sheet.document("sheet"))
    for words in (
        "Week 3\nMachine Learning · Winter 2026 · 12 November",
        "Signature: ___",
        "Time: 45 minutes",
        "Permitted aids: calculator",
        "Show your work.",
        "The sigmoid is σ(z) = 1/(1 + e⁻ᶻ)",
        "a box costs $0.",
        "1 The small one  (5/2 points)",
        "2 Two outputs, one bias per unit",
        "3 Within",
        "\nProblem",
        "\nFormulas",
        "\nHints",
    ):
        assert words in text, words
    key = render_plain(sheet.document("key"))
    assert "\nFormulas" not in key and "\nHints" not in key


def test_points_of_the_last_pattern_that_fits_count(folder: Path) -> None:
    Path("s.yaml").write_text(
        'points: {"act.*": 2, "act.o*": 5, "*.h1": 7, other: 0}\n'
        "problems: [{problem: or-gate-full, ask: forward}]\n",
        encoding="utf-8",
    )
    sheet = make_sheet("s.yaml")
    assert {answer.key: answer.points for answer in sheet.answers} == {
        "net.h1": 7,
        "act.h1": 7,
        "net.h2": 0,
        "act.h2": 2,
        "net.o1": 0,
        "act.o1": 5,
    }
    assert sheet.composer.points == 21


def test_a_sheet_without_points_has_no_table_of_marks(folder: Path) -> None:
    Path("s.yaml").write_text(
        "points: 0\nproblems: [{problem: or-gate-full, ask: forward}]\n", encoding="utf-8"
    )
    text = render_plain(make_sheet("s.yaml").document("sheet"))
    assert "marks" not in text and "point" not in text and "[0]" not in text


# --- the schema ---------------------------------------------------------------------------------------


def test_the_schema_is_valid_itself_and_its_example_is_a_sheet(folder: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(sheet_schema())
    (example,) = sheet_schema()["examples"]
    VALIDATOR.validate(example)
    Path("s.yaml").write_text(yaml.safe_dump(example), encoding="utf-8")
    assert len(make_sheet("s.yaml").answers) == 8 + 2


def test_whole_sheets_are_valid() -> None:
    VALIDATOR.validate(yaml.safe_load(WHOLE))
    VALIDATOR.validate(yaml.safe_load(TEXTS["base"]))


#: Mistakes that no schema can see: they depend on the problem, or lie in the words of a text.
DEEPER = (
    "quantity",
    "set",
    "nothing",
    "updated",
    "for nothing",
    "formula",
    "dollar",
    "no such problem",
    "both",
    "points",
)


@pytest.mark.parametrize(
    "case",
    [case for case in TEXTS["cases"] if not any(word in case["case"] for word in DEEPER)],
    ids=lambda case: case["case"],
)
def test_the_schema_refuses_what_the_reader_refuses(case: dict[str, Any]) -> None:
    changed = TEXTS["base"].replace(case["from"], case["to"], 1)
    assert not VALIDATOR.is_valid(yaml.safe_load(changed))


def test_every_field_of_a_sheet_is_described() -> None:
    schema = sheet_schema()
    for form in (schema, schema["$defs"]["TaskForm"]):
        for field, said in form["properties"].items():
            assert said.get("description"), field


def test_the_command_line_prints_it() -> None:
    import json

    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["schema", "--sheet"])
    assert json.loads(result.output) == sheet_schema()
