"""A class set from end to end: what decides the numbers, what is made again, what stays."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pymupdf
import pytest
from typer.testing import CliRunner

from symbackprop.adjusting import SheetOptions
from symbackprop.class_sets import ClassPlan, PaperMaker, load_class, produce_class
from symbackprop.class_sets.producing import ANSWERS, BOOK, PRINT, REPORT, TEMPLATE
from symbackprop.command_line import app
from symbackprop.errors import SymbackpropError
from symbackprop.production import SerialExecutor
from symbackprop.roster import Student, file_names
from symbackprop.spec.sheet_files import load_sheet
from symbackprop.spec.worksheets import load_worksheet

NAMES = ("Łukasz Nowak", "Anna O'Hara", "Zoë Müller", "Анна Петрова")
CLASS = tuple(Student(f"10{number:02}", name) for number, name in enumerate(NAMES, start=1))

SHEET = """
title: Small
problems:
  - problem:
      network:
        inputs: [0.5, -0.2]
        targets: [1]
        layers:
          - {units: 2, activation: tanh, weights: [[0.1, 0.4], [-0.3, 0.2]], biases: [0.1, -0.1]}
          - {units: 1, activation: sigmoid, weights: [[0.7, -0.5]], biases: [0.2]}
        learning_rate: 0.3
      rounding: {digits: 4, kind: places}
    ask: forward
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SHEET, encoding="utf-8")
    return path


def plan_of(sheet: Path, students: tuple[Student, ...] = CLASS, **changes: object) -> ClassPlan:
    plan = ClassPlan(load_worksheet(sheet), students, dict(file_names(students)), "2026")
    return replace(plan, **changes)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def text_of(pdf: bytes) -> str:
    with pymupdf.open(stream=pdf) as document:
        return "\n".join(page.get_text() for page in document)


# --- what decides the numbers --------------------------------------------------------------------


def test_a_sheet_depends_on_seed_sheet_and_student_alone(sheet: Path) -> None:
    maker = PaperMaker(plan_of(sheet))
    made = {job.name: maker(job) for job in maker.jobs()}
    # another order, a late student, one fewer
    late = Student("0999", "Late")
    other = PaperMaker(plan_of(sheet, (late, *CLASS[::-1][:-1])))
    again = {job.name: other(job) for job in other.jobs()}
    for name in made.keys() & again.keys():
        assert made[name] == again[name]
    assert len(made.keys() & again.keys()) == len(CLASS) - 1
    seeded = PaperMaker(plan_of(sheet, seed="2027"))
    job = seeded.jobs()[0]
    assert seeded(job)[f"records/{job.name}.json"] != made[job.name][f"records/{job.name}.json"]


def test_students_have_different_numbers_and_codes(sheet: Path) -> None:
    maker = PaperMaker(plan_of(sheet, keys="none"))
    records = [json.loads(maker(job)[f"records/{job.name}.json"]) for job in maker.jobs()]
    assert len({json.dumps(record["numbers"]) for record in records}) == len(CLASS)
    assert len({record["code"] for record in records}) == len(CLASS)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_bytes_are_the_same_in_any_process(sheet: Path, tmp_path: Path, hash_seed: str) -> None:
    produce_class(plan_of(sheet), tmp_path / "here", executor=SerialExecutor())
    roster = tmp_path / "students.csv"
    lines = [f'{student.id},"{student.name}"' for student in CLASS]
    roster.write_text("\n".join(["id,name", *lines]), encoding="utf-8")
    there = tmp_path / "there"
    subprocess.run(
        [
            sys.executable, "-m", "symbackprop", "class", str(sheet), "--roster", str(roster),
            "--seed", "2026", "-o", str(there), "--workers", "2",
        ],
        check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )  # fmt: skip
    here, other = contents(tmp_path / "here"), contents(there)
    for name in here:
        if not name.startswith(("manifest", "class.json", "source")):
            assert here[name] == other[name], name


def test_any_executor_makes_the_same(sheet: Path, tmp_path: Path) -> None:
    produce_class(plan_of(sheet), tmp_path / "serial", executor=SerialExecutor())
    with ThreadPoolExecutor(2) as threads:
        produce_class(plan_of(sheet), tmp_path / "threads", executor=threads)
    produce_class(plan_of(sheet), tmp_path / "processes", workers=2)
    assert contents(tmp_path / "serial") == contents(tmp_path / "threads") == contents(tmp_path / "processes")


def test_dask_makes_the_same(sheet: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="needs Dask (pip install symbackprop[cluster])")
    produce_class(plan_of(sheet), tmp_path / "serial", executor=SerialExecutor())
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        produce_class(plan_of(sheet), tmp_path / "dask", executor=client.get_executor())
    assert contents(tmp_path / "serial") == contents(tmp_path / "dask")


# --- what stands in the folder -------------------------------------------------------------------


def test_every_page_says_whose_it_is(sheet: Path, tmp_path: Path) -> None:
    produce_class(plan_of(sheet), tmp_path / "set", executor=SerialExecutor())
    loaded = load_class_of(tmp_path / "set", sheet)
    for student in CLASS:
        code = loaded[student.id]["code"]
        for folder, ending in (("sheets", ""), ("keys", "-key")):
            path = tmp_path / "set" / folder / f"{file_names([student])[student.id]}{ending}.pdf"
            with pymupdf.open(path) as document:
                for number, page in enumerate(document, start=1):
                    text, printed = (
                        page.get_text(),
                        student.name.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
                    )
                    assert printed in text and student.id in text and code in text
                    assert f"{number} / {document.page_count}" in text


def test_an_apostrophe_is_curved_in_print_and_straight_in_files(sheet: Path) -> None:
    sheet.write_text(SHEET + 'head: ["Student\'s name", Number]\n', encoding="utf-8")
    students = (Student("1", "Anna O'Hara"), Student("2", "Ugo D' Angelo"))
    maker = PaperMaker(plan_of(sheet, students, formats=("pdf", "tex"), keys="none"))
    for student, job in zip(students, maker.jobs(), strict=True):
        files = maker(job)
        printed = student.name.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
        for text in (text_of(files[f"sheets/{job.name}.pdf"]), files[f"sheets/{job.name}.tex"].decode()):
            assert text.count(printed) >= 2  # at the head of the page, and in the line for the name
            assert "Student\N{RIGHT SINGLE QUOTATION MARK}s name" in text
            assert student.name not in text
        assert json.loads(files[f"records/{job.name}.json"])["name"] == student.name


def load_class_of(folder: Path, sheet: Path) -> dict[str, dict[str, str]]:
    records = (json.loads(path.read_text(encoding="utf-8")) for path in (folder / "records").glob("*.json"))
    return {record["id"]: record for record in records}


def test_the_file_to_print_never_mixes_students(sheet: Path, tmp_path: Path) -> None:
    produce_class(plan_of(sheet), tmp_path / "set", executor=SerialExecutor())
    with pymupdf.open(tmp_path / "set" / PRINT) as document:
        owners = []
        for page in document:
            text = page.get_text()
            owners.append(next((student.id for student in CLASS if student.id in text), owners and "blank"))
        assert document.page_count % 2 == 0
    for front, back in zip(owners[::2], owners[1::2], strict=True):
        assert back in (front, "blank")
    assert [owner for owner in dict.fromkeys(owners) if owner != "blank"] == [student.id for student in CLASS]
    with pymupdf.open(tmp_path / "set" / BOOK) as book:
        text = "".join(page.get_text() for page in book).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        assert all(student.name in text for student in CLASS)


def test_answers_are_those_of_the_records(sheet: Path, tmp_path: Path) -> None:
    produce_class(plan_of(sheet), tmp_path / "set", executor=SerialExecutor())
    rows = list(csv.reader(io.StringIO((tmp_path / "set" / ANSWERS).read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["id", "name", "code", "net.h1", "act.h1", "net.h2", "act.h2", "net.o1", "act.o1"]
    records = load_class_of(tmp_path / "set", sheet)
    for row in rows[1:]:
        assert row[3:] == [answer["shown"] for answer in records[row[0]]["answers"]]  # type: ignore[index]
    template = list(csv.reader(io.StringIO((tmp_path / "set" / TEMPLATE).read_text(encoding="utf-8-sig"))))
    assert template[0] == rows[0] and all(cell == "" for row in template[1:] for cell in row[3:])
    assert "4 papers, seed 2026" in (tmp_path / "set" / REPORT).read_text(encoding="utf-8")


def test_answers_follow_from_the_numbers_on_the_sheet(sheet: Path, tmp_path: Path) -> None:
    """The net inputs, computed here from the recorded numbers by hand."""
    produce_class(plan_of(sheet), tmp_path / "set", executor=SerialExecutor())
    for record in load_class_of(tmp_path / "set", sheet).values():
        numbers = {name: Fraction(text) for name, text in record["numbers"][0].items()}  # type: ignore[union-attr]
        numbers = {"b1_1": Fraction("0.1"), "b1_2": Fraction("-0.1"), "b2_1": Fraction("0.2")} | numbers
        for unit in (1, 2):
            net = (
                numbers["x1"] * numbers[f"w1_{unit}_1"]
                + numbers["x2"] * numbers[f"w1_{unit}_2"]
                + numbers[f"b1_{unit}"]
            )
            answer = next(a for a in record["answers"] if a["key"] == f"net.h{unit}")  # type: ignore[index]
            assert abs(Fraction(answer["shown"]) - net) <= Fraction(1, 20000)  # type: ignore[index]
            assert Fraction(answer["low"]) <= net <= Fraction(answer["high"])  # type: ignore[index]


def test_a_class_is_read_back(sheet: Path, tmp_path: Path) -> None:
    _, sources = load_sheet(sheet)
    produce_class(plan_of(sheet), tmp_path / "set", sources=sources, executor=SerialExecutor())
    loaded = load_class(tmp_path / "set")
    assert loaded.plan.students == CLASS
    for student in CLASS:
        paper = loaded.paper(student.id)
        for answer in loaded.records[student.id].answers:
            assert str(paper.parts[answer.task - 1].ledger.shown(answer.key)) == answer.shown
    with pytest.raises(SymbackpropError, match=r"class.json: no such file; give the folder that"):
        load_class(tmp_path)


PROBLEM = """
title: {title}
network:
  inputs: [0.5, -0.2]
  targets: [1]
  layers: [{{units: 1, activation: {activation}, weights: [[0.7, -0.5]], biases: [0.2]}}]
"""


def test_problem_files_from_elsewhere_are_kept_with_the_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In other folders, by absolute paths, called alike, beside the sheet and below it: all are marked later."""
    before = tmp_path / "before"
    places = {
        "../other/net.yaml": "tanh", f"{before}/far/net.yaml": "relu", "net.yaml": "sigmoid",
        "./sub/../net.yaml": "sigmoid", "deeper/net.yaml": "softplus", "two-output-sigmoid": "",
    }  # fmt: skip
    for folder in ("week/sub", "week/deeper", "other", "far"):
        (before / folder).mkdir(parents=True)
    for name, activation in places.items():
        if activation:
            text = PROBLEM.format(title=activation, activation=activation)
            (before / "week" / name).write_text(text, encoding="utf-8")
    week = before / "week" / "net.yml"
    problems = "".join(f'  - problem: "{name}"\n    ask: [act.o1]\n' for name in places)
    week.write_text(f"title: Week\nproblems:\n{problems}", encoding="utf-8")
    made = tmp_path / "set"
    command = [
        str(week),
        *["--count", "2", "--seed", "5", "--format", "typ", "--key", "none", "--workers", "1", "-o"],
        str(made),
    ]
    code, output = run(*command)
    assert code == 0, output
    kept = sorted(str(path.relative_to(made / "source")) for path in (made / "source").rglob("*.y*ml"))
    assert kept == [
        "2/net.yaml", "3/net.yaml", "deeper/net.yaml", "net.yaml", "net.yml", "two-output-sigmoid.yaml",
    ]  # fmt: skip
    assert (made / "source" / "net.yml").read_bytes() == week.read_bytes()
    before.rename(tmp_path / "gone")
    moved = made.rename(tmp_path / "moved")
    monkeypatch.chdir(moved)
    tasks = load_class(".").worksheet.tasks
    assert [task.problem.title for task in tasks][:5] == ["tanh", "relu", "sigmoid", "sigmoid", "softplus"]
    marked = CliRunner().invoke(app, ["grade", ".", ANSWERS, "-o", "marks", "--format", "txt"])
    assert marked.exit_code == 0, marked.output
    rows = list(csv.reader(io.StringIO(Path("marks/marks.csv").read_text(encoding="utf-8-sig"))))
    assert [row[3:5] for row in rows] == [["points", "out of"], ["6", "6"], ["6", "6"]]


# --- nothing lost --------------------------------------------------------------------------------


def test_killed_at_any_moment_a_second_run_finishes(sheet: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    produce_class(plan_of(sheet), whole, executor=SerialExecutor())
    roster = tmp_path / "students.csv"
    roster.write_text("\n".join(["id,name", *(f'{s.id},"{s.name}"' for s in CLASS)]), encoding="utf-8")
    command = [
        sys.executable, "-m", "symbackprop", "class", str(sheet), "--roster", str(roster), "--seed", "2026",
        "-o", str(tmp_path / "killed"), "--workers", "2",
    ]  # fmt: skip
    moments = random.Random(7)
    for _ in range(4):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(moments.uniform(0.8, 2.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for name, content in contents(tmp_path / "killed").items() if (tmp_path / "killed").exists() else ():
            if name.endswith(".pdf") and "/" in name:
                assert content == (whole / name).read_bytes()  # whole, or not there
    subprocess.run(command, check=True, capture_output=True)
    finished = contents(tmp_path / "killed")
    for name, content in contents(whole).items():
        if not name.startswith(("manifest", "class.json", "source")):
            assert finished[name] == content


def test_a_late_student_changes_nobody_else(sheet: Path, tmp_path: Path) -> None:
    produce_class(plan_of(sheet), tmp_path / "set", executor=SerialExecutor())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "set" / "sheets").iterdir()}
    late = (*CLASS, Student("2001", "Late Comer"))
    done = produce_class(plan_of(sheet, late), tmp_path / "set", executor=SerialExecutor()).production
    assert len(done.made) == 1 and len(done.skipped) == len(CLASS)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())


# --- names and faults ----------------------------------------------------------------------------


def test_a_name_that_no_font_shows_does_not_keep_its_student_from_a_sheet(sheet: Path) -> None:
    strange = (Student("77", "\N{CUNEIFORM SIGN A}\N{CUNEIFORM SIGN AN}"),)
    maker = PaperMaker(plan_of(sheet, strange))
    (job,) = maker.jobs()
    text = text_of(maker(job)[f"sheets/{job.name}.pdf"])
    assert "77" in text


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["class", *arguments])
    error = result.exception
    return (2, str(error)) if isinstance(error, SymbackpropError) else (result.exit_code, result.output)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--seed", "1"], "--roster FILE names the students, --count N numbers them: neither is given"),
        (["--seed", "1", "--count", "3", "--roster", "x.csv"], "both are given; expected one"),
        (
            ["--count", "3"],
            "--seed: nothing given; expected a word or number of your own, such as --seed 2026",
        ),
        (["--count", "0", "--seed", "1"], "not a number of students; given 0; expected 1 to"),
        (["--count", "3", "--seed", "1", "--workers", "0"], "--workers: given 0; expected a whole number"),
        (
            ["--count", "3", "--seed", "1", "--key", "long"],
            "--key: given 'long'; expected one of full, brief",
        ),
        (
            ["--count", "3", "--seed", "1", "--format", "doc"],
            "--format: no format 'doc'; expected some of pdf",
        ),
        (["--roster", "nowhere.csv", "--seed", "1"], "nowhere.csv"),
    ],
)
def test_unusable_options(sheet: Path, arguments: list[str], text: str) -> None:
    code, message = run(str(sheet), *arguments)
    assert code == 2 and text in message


def test_a_sheet_on_which_nothing_varies_is_refused(tmp_path: Path) -> None:
    fixed = tmp_path / "fixed.yaml"
    fixed.write_text(
        SHEET.replace(
            "    ask:", "      vary: {inputs: null, targets: null, weights: null, biases: null}\n    ask:"
        )
    )
    code, message = run(str(fixed), "--count", "2", "--seed", "1", "-o", str(tmp_path / "set"))
    assert code == 2 and "nothing varies" in message


# --- results to choose from ----------------------------------------------------------------------


def test_choices_are_four_different_results_and_one_of_them_is_right(sheet: Path, tmp_path: Path) -> None:
    worksheet = load_worksheet(sheet)
    chosen = replace(worksheet, tasks=tuple(replace(task, degree="choice") for task in worksheet.tasks))
    plan = replace(plan_of(sheet), worksheet=chosen)
    _, sources = load_sheet(sheet)
    options = SheetOptions(degree="choice")
    produce_class(plan, tmp_path / "set", sources=sources, options=options, executor=SerialExecutor())
    loaded = load_class(tmp_path / "set")
    with_choices = [a for record in loaded.records.values() for a in record.answers if a.choices]
    assert len(with_choices) > 20
    for answer in with_choices:
        assert len(set(answer.choices)) == 4 and answer.shown in answer.choices
    # not always the same letter
    assert len({answer.choices.index(answer.shown) for answer in with_choices}) == 4


def test_letters_are_marked_as_the_results_they_stand_for(sheet: Path, tmp_path: Path) -> None:
    set_, answers = tmp_path / "set", tmp_path / "answers.csv"
    assert run(str(sheet), "--count", "2", "--seed", "5", "--as", "choice", "-o", str(set_))[0] == 0
    loaded = load_class(set_)
    rows = [["id", *(str(answer.number) for answer in loaded.records["001"].answers)]]
    for identifier, right in (("001", True), ("002", False)):
        row = [identifier]
        for answer in loaded.records[identifier].answers:
            place = answer.choices.index(answer.shown)
            row.append("ABCD"[place if right else (place + 1) % 4])
        rows.append(row)
    answers.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    result = CliRunner().invoke(app, ["grade", str(set_), str(answers), "--json"])
    students = {one["id"]: one for one in json.loads(result.stdout)["students"]}
    assert students["001"]["points"] == str(len(rows[0]) - 1) and students["002"]["points"] == "0"
    assert all(item["mistakes"] for item in students["002"]["items"])
