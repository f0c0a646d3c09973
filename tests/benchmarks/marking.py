"""A class of 500 graded as its instructor does it: one command from the answers to all feedback sheets.

The answers are filled into the template that the class set comes with, by students who make mistakes of the
library, carry on with what comes out, rounded or not, and type as people type.
"""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
from collections.abc import Iterator
from fractions import Fraction
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from symbackprop.class_sets import LoadedClass, load_class
from symbackprop.marking.accepting import as_rational
from symbackprop.marking.catalogue import built_in_library
from symbackprop.marking.diagnosing import Library, Mistaken
from symbackprop.marking.paper import Paper
from symbackprop.mistakes import sweep_of
from symbackprop.numbers.digits import number_value, show
from symbackprop.numbers.evaluate import RealTable, evaluate_real

from .commands import SYMBACKPROP, timed_command
from .measuring import Measurement, Times

PROBLEM = "two-output-sigmoid"
STUDENTS = 500

#: Seconds that the whole command may take.
TARGET = 20

#: How answers are left out, and how a number is typed.
LEFT_OUT = ("", "n/a", "??", "see above")
SPELLINGS = (
    str,
    lambda text: text.replace(".", ","),
    lambda text: text.replace("-", "\N{MINUS SIGN}"),
    lambda text: text.replace("e", " x 10^"),
)


def measure(rounds: int) -> Iterator[Measurement]:
    """Make the class set and its answers, grade them once without and once with PDFs, and yield the times."""
    del rounds  # each command is long enough to be measured once
    with TemporaryDirectory() as name:
        folder = Path(name)
        _run(folder, "class", PROBLEM, "--count", str(STUDENTS), "--seed", "1", "--format", "typ",
             "--key", "none", "-o", "set")  # fmt: skip
        (folder / "answers.csv").write_bytes(filled_in(load_class(folder / "set"), random.Random(2026)))
        for formats in ("txt", "pdf,txt"):
            shutil.rmtree(folder / "set" / "marks", ignore_errors=True)
            times = _run(folder, "grade", "set", "answers.csv", "--format", formats)
            shares = times.processor / (os.cpu_count() or 1)  # what all processors need if nothing else runs
            yield Measurement(
                f"{STUDENTS} students graded, feedback as {formats}", times.wall, "s", TARGET, shares
            )


def _run(folder: Path, *arguments: str) -> Times:
    return timed_command((*SYMBACKPROP, *arguments), folder)


def filled_in(class_set: LoadedClass, lot: random.Random) -> bytes:
    """Return the template of a class set with every student's answers."""
    template = (class_set.folder / "marks-template.csv").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(template))
    library = built_in_library()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for student, name, code, *_ in rows:
        answers = _answers(class_set.paper(student), library, lot)
        writer.writerow([student, name, code, *(answers[key] for key in head[3:])])
    return text.getvalue().encode()


def _answers(paper: Paper, library: Library, lot: random.Random) -> dict[str, str]:
    """Return the answers of a student who makes one mistake or two and is right from there on."""
    solved = paper.parts[0]
    ledger = solved.ledger
    sweep = sweep_of(ledger, solved.graph, solved.problem)
    asked = [question.key for question in paper.questions]
    slips = set(lot.sample(asked, lot.choice((0, 1, 1, 2))))
    rounded, spelling = lot.random() < 0.3, lot.choice(SPELLINGS)
    values = RealTable(sweep.start)
    before: dict[str, Fraction] = {}
    answers: dict[str, str] = {}
    for key, formula in sweep.formulas.items():
        values[key] = evaluate_real(formula, values)
        if key in slips:
            given = {other: as_rational(value) for other, value in before.items()}
            possible: list[Mistaken] = list(
                library.wrong_values(
                    ledger, solved.graph, solved.problem, key, given=given, within=(-inf, inf)
                )
            )
            if possible:
                values[key] = lot.choices(possible, [one.likelihood for one in possible])[0].value.real
        if key not in asked:
            continue
        number = show(values[key], ledger.policy.of(key))
        before[key] = Fraction(str(number))
        if rounded:
            values[key] = number_value(number)
        answers[key] = lot.choice(LEFT_OUT) if lot.random() < 0.03 else spelling(str(number))
    return answers
