"""The predicted number of pages, against what the engines make of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from symbackprop import load_problem, solve
from symbackprop.document.blocks import Block, Document, Paragraph, Table, Text
from symbackprop.document.layout.pages import estimated_pages, term_height
from symbackprop.engines import make_pdf
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Fraction, Product, Symbol, Underbrace
from symbackprop.notation.notation import NotationChoice
from symbackprop.solution import Solution
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.problem import Problem

X, Y = Symbol(Name("x")), Symbol(Name("y"))


def network(*sizes: int) -> Problem:
    """Return a sigmoid network with different weights of two decimals."""

    def numbers(count: int, start: int) -> list[float]:
        return [((37 * (start + k)) % 199 - 99) / 100 for k in range(count)]

    layers = [
        Dense(
            to,
            "sigmoid",
            weights=[numbers(before, 7 * i + row) for row in range(to)],
            biases=numbers(to, i),
        )
        for i, (before, to) in enumerate(pairwise(sizes))
    ]
    inputs, targets = numbers(sizes[0], 3), [0.5] * sizes[-1]
    return dense_problem(title="Pages", inputs=inputs, targets=targets, layers=layers, learning_rate="0.5")


def _in_notation(example: str, preset: str) -> Solution:
    return solve(replace(load_problem(example), notation=NotationChoice(preset)))


#: Sheets of 4 to 70 pages in several forms.
SHEETS: Mapping[str, Callable[[], Solution]] = {
    "two outputs": lambda: solve("two-output-sigmoid"),
    "one chain per error": lambda: solve("shared-bias"),
    "delta rule": lambda: _in_notation("two-output-sigmoid", "delta-rule"),
    "batch": lambda: solve(replace(load_problem("xor"), epochs=1)),
    "wide": lambda: solve(network(32, 32, 8), show="representative"),
    "three weights": lambda: solve(network(64, 64, 10), show="w1_3_7,w2_2_1,b1_5"),
    "deep": lambda: solve(network(4, 4, 4, 4, 4)),
    "many": lambda: solve(network(8, 12, 5), show="all"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_predictions_are_near_the_embedded_engine(name: str) -> None:
    solution = SHEETS[name]()
    pdf = make_pdf(solution.document(), "typst", None)
    _assert_near(solution.pages, max(int(count) for count in re.findall(rb"/Count (\d+)", pdf)))


@pytest.mark.skipif(
    not (shutil.which("pdflatex") and shutil.which("pdfinfo")), reason="pdflatex or pdfinfo is not installed"
)
@pytest.mark.parametrize("name", ["two outputs", "delta rule", "wide", "three weights"])
def test_predictions_are_near_latex(name: str, tmp_path: Path) -> None:
    solution = SHEETS[name]()
    path = tmp_path / "sheet.pdf"
    path.write_bytes(make_pdf(solution.document(), "pdflatex", None))
    text = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    _assert_near(solution.pages, int(re.findall(r"Pages:\s+(\d+)", text)[0]))


def _assert_near(predicted: int, actual: int) -> None:
    assert abs(predicted - actual) <= max(1.0, 0.17 * actual), (predicted, actual)


def _document(*blocks: Block, paper: str = "a4") -> Document:
    return Document("Worked solution", "Title", (), blocks, paper=paper)  # type: ignore[arg-type]


def test_an_empty_sheet_has_a_page() -> None:
    assert estimated_pages(_document()) == 1


def test_long_tables_run_on_and_small_paper_takes_more() -> None:
    rows = tuple(((Text(str(k)),),) for k in range(1000))
    table = Table(((Text("n"),),), rows, ("right",), breakable=True)
    letter, a4 = estimated_pages(_document(table, paper="letter")), estimated_pages(_document(table))
    assert 20 <= a4 < letter <= 32


def test_what_must_stay_together_begins_a_page() -> None:
    words = Paragraph((Text("word " * 900),))
    table = Table(((Text("n"),),), (((Text("1"),),),) * 30, ("right",))
    assert estimated_pages(_document(words, table)) == estimated_pages(_document(words)) + 1


def test_heights_grow_with_fractions_and_braces() -> None:
    flat, fraction = term_height(X), term_height(Fraction(X, Y))
    braced = term_height(Underbrace(X, Fraction(X, Y)))
    assert flat < fraction < braced
    assert term_height(Product((Underbrace(X, Y), Fraction(X, Y)))) > fraction
