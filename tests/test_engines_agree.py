"""Two engines, one document: the same numbers in the same order, and no line too long."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache

import pymupdf
import pytest

from symbackprop import Solution, example_names, solve
from symbackprop.engines.tex import compile_with_log
from symbackprop.formulas.terms import Matrix, Number, Term, children, walk
from symbackprop.keys import parse_key

NUMBER = re.compile(r"\d+(?:\.\d+)?")
FOOTER = re.compile(r"^\s*\d+\s*/\s*\d+\s*$", re.MULTILINE)


@pytest.fixture(scope="module", params=example_names())
def solution(request: pytest.FixtureRequest) -> Solution:
    return solve(request.param)


def numbers(pdf: bytes) -> list[str]:
    """Return the numbers of a PDF in the order in which they are drawn, page numbers left out."""
    found = []
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        for page in document:
            text = "".join(
                "".join(span["text"] for span in line["spans"]) + "\n"
                for block in page.get_text("dict", sort=False)["blocks"]
                for line in block.get("lines", ())
            )
            found += NUMBER.findall(FOOTER.sub("", text))
    return found


def decimals(found: list[str]) -> list[str]:
    return [number for number in found if "." in number]


#: The articles' examples with every engine, the others with the one that most authors have.
PAIRS = [
    (name, engine)
    for index, name in enumerate(example_names())
    for engine in (("pdflatex", "lualatex", "latexmk", "tectonic") if index < 6 else ("pdflatex",))
]


@cache
def solved(name: str) -> Solution:
    return solve(name)


@pytest.mark.parametrize(("name", "engine"), PAIRS)
def test_both_engines_print_the_same_numbers_in_the_same_order(
    name: str, engine: str, need_tex: Callable[[str], str]
) -> None:
    solution = solved(name)
    pdf, log = compile_with_log(solution.to_latex(), need_tex(engine))
    assert not re.findall(r"^Overfull.*|.*set smaller.*", log, re.MULTILINE)
    by_tex, by_typst = numbers(pdf), numbers(solution.to_pdf(engine="typst"))
    assert len(decimals(by_tex)) > 20
    inside = matrix_entries(solution)
    if inside:
        # a matrix is drawn row by row in TeX and column by column in Typst, which runs small digits together
        assert sorted(decimals(by_tex)) == sorted(decimals(by_typst))
        # an exponent directly behind a number is one more digit of it in the text of a page
        by_tex, by_typst = (
            [n for n in found if n not in inside and n[:-1] not in inside] for found in (by_tex, by_typst)
        )
        assert decimals(by_tex) == decimals(by_typst)
    else:
        assert decimals(by_tex) == decimals(by_typst)
        assert sorted(by_tex) == sorted(by_typst)


def matrix_entries(solution: Solution) -> set[str]:
    """Return the numbers without sign that stand in the matrices of a sheet."""
    found: set[str] = set()
    waiting: list[object] = [solution.document().blocks]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Matrix):
            found.update(term.text.lstrip("-") for term in walk(item) if isinstance(term, Number))
        elif isinstance(item, Term):
            waiting += children(item)
        elif isinstance(item, tuple):
            waiting += item
        elif is_dataclass(item):
            waiting += [getattr(item, field.name) for field in fields(item)]
    return found


def test_the_pdf_shows_every_result_of_the_ledger(solution: Solution) -> None:
    """What is printed is what JSON says is shown, for the results that the sheet derives."""
    printed = set(numbers(solution.to_pdf(engine="typst")))
    first = solution.problem.descent.batch(0)  # the samples of the first update, where it takes only some
    shown = {
        step.shown.lstrip("-").partition("e")[0]
        for step in solution
        if step.key.startswith(("net.", "act.", "new.", "loss"))
        and "@" not in step.key
        and (not first or parse_key(step.key).sample in (None, *first))
        and step.ledger.known(step.key)
    }
    if any(unit in solution.problem.given for unit in solution.problem.outputs):
        shown = {solution["loss"].shown}
    assert shown <= printed, shown - printed
