"""No answer is on a sheet: not in sources, text, metadata or alternative texts, nor in how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flint import fmpq

from symbackprop.derivation.ledger import Ledger
from symbackprop.document.blocks import Heading, Steps, WorkSpace
from symbackprop.engines.tex import compile_with_log
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.terms import Number, walk
from symbackprop.numbers.digits import number_value
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst
from symbackprop.spec import example_names, load_problem, read_problem
from symbackprop.spec.problem import Problem
from symbackprop.worksheets import Sheet, make_sheet

from .doubles import WAYS, another_sheet, hides, sheet_of, solved, way_name

#: Sheets of more items are tried in two ways alone.
MANY = 90

EXTRAS: tuple[dict[str, Any], ...] = (
    {"fade": "medium", "formula_sheet": True, "hints": True, "large_print": True, "room": "grid"},
    {"degree": "result", "diagram": "blank", "formula_sheet": True, "hints": True},
    {"degree": "result", "diagram": "none"},
)


# --- a sheet does not depend on what it hides ---------------------------------------------------------


@pytest.mark.parametrize("name", example_names())
def test_a_sheet_is_the_same_whatever_its_answers_are(name: str) -> None:
    """With answers of other sign, length and form, and other cases that hold, not one block differs."""
    many = len(sheet_of(name).answers) > MANY
    for way in EXTRAS[:2] if many else (*WAYS, *EXTRAS):
        sheet = sheet_of(name, **way)
        other = another_sheet(sheet)
        assert sheet.document("sheet") == other.document("sheet"), way
        assert sheet.composer.sheet(other.solved) == sheet.document("sheet"), way
        assert sheet.document("formulas") == other.document("formulas")
        assert sheet.document("hints") == other.document("hints")


@pytest.mark.parametrize(
    "name", ["two-output-sigmoid", "deep-network", "convolution", "weight-decay", "lstm"]
)
def test_the_sources_are_the_same_to_the_byte(name: str) -> None:
    sheet = sheet_of(name, **EXTRAS[0])
    other = another_sheet(sheet)
    for render in (render_typst, render_latex, render_plain):
        assert render(sheet.document("sheet")) == render(other.document("sheet"))


@pytest.mark.parametrize("name", ["two-output-sigmoid", "deep-network", "convolution", "adam"])
def test_the_double_would_show_a_leak(name: str) -> None:
    """What shows hidden numbers comes out different: keys, and a sheet that takes too much for seen."""
    sheet = sheet_of(name, degree="result")
    other = another_sheet(sheet)
    assert sheet.document("key") != other.document("key")
    assert sheet.document("brief") != other.document("brief")
    everything = frozenset(sheet.solved[0].ledger.formulas)
    for leaky in (sheet, other):
        plan = leaky.composer.plans[0]
        leaky.composer.plans = (replace(plan, seen=everything),)
    assert sheet.document("sheet") != other.document("sheet")


def test_every_hidden_number_of_the_double_is_another() -> None:
    sheet = sheet_of("mini-batches", fade="light")
    ledger, double = sheet.solved[0].ledger, another_sheet(sheet).solved[0].ledger
    hidden = [key for key in ledger if hides(sheet, 0)(key) and ledger.known(key)]
    assert len(hidden) > 40
    assert all(str(ledger.shown(key)) != str(double.shown(key)) for key in hidden)


# --- nor on which numbers are given -------------------------------------------------------------------


def with_other_numbers(problem: Problem, factor: str) -> Problem:
    """Return a problem with every weight and bias times a number: other signs, other units that are dead."""

    def scaled(number: Number | None) -> Number | None:
        if number is None:
            return None
        value = number_value(number) * number_value(Number(factor))
        return Number(str(value) if value.q != 1 else str(value.p))

    return replace(
        problem,
        weights=tuple(replace(weight, value=scaled(weight.value)) for weight in problem.weights),
        biases=tuple(replace(bias, value=scaled(bias.value)) for bias in problem.biases),
        ties=(),
    )


@pytest.mark.parametrize("factor", ["-1", "-7", "0"])
@pytest.mark.parametrize(
    "name", ["two-output-sigmoid", "deep-network", "softmax-classes", "adam", "weight-decay"]
)
def test_formulas_and_rooms_are_the_same_for_other_given_numbers(name: str, factor: str) -> None:
    """Where a sheet shows no number, lines, gaps and rooms are those of any numbers, also of dead units."""
    problem = load_problem(name)
    for degree in ("substitution", "formula", "derivation"):
        one, other = (
            sheet_of_problem(numbers, degree) for numbers in (problem, with_other_numbers(problem, factor))
        )
        assert items(one) == items(other), degree


def sheet_of_problem(problem: Problem, degree: str) -> Sheet:
    from symbackprop.adjusting import SheetOptions, adjusted_sheet
    from symbackprop.spec.worksheets import of_problem

    return make_sheet(adjusted_sheet(of_problem(problem), SheetOptions(degree=degree)))


def items(sheet: Sheet) -> list[object]:
    return [
        block for block in sheet.document("sheet").blocks if isinstance(block, Steps | WorkSpace | Heading)
    ]


# --- what stands before the items ---------------------------------------------------------------------

GIVEN_THAT_DOES_NOT_FIT = """
title: A given activation
network:
  layers:
    - {name: input, units: [x1]}
    - {name: first, units: [h1], activation: sigmoid}
    - {name: second, units: [k1], activation: sigmoid}
    - {name: output, units: [o1], activation: sigmoid}
  inputs: {x1: 1}
  targets: {o1: 1}
  weights:
    - {name: w1, from: x1, to: h1, value: 0.8}
    - {name: w2, from: h1, to: k1, value: 0.6}
    - {name: w3, from: k1, to: o1, value: -0.3}
  given: {k1: 0.25}
  loss: half_squared_error
  learning_rate: 0.5
"""


def test_a_given_activation_is_not_held_against_the_computed_one() -> None:
    """The worked solution does so, with the number that comes out; on a sheet that number is asked."""
    problem = read_problem(GIVEN_THAT_DOES_NOT_FIT)
    from symbackprop import solve

    assert "is not what the parameters give" in solve(problem).to_text()
    sheet = make_sheet(problem)
    text = render_plain(sheet.document("sheet"))
    assert "0.25" in text and "is not what the parameters give" not in text
    assert sheet.document("sheet") == another_sheet(sheet).document("sheet")


SCHEDULED = """
title: A scheduled rate
network:
  inputs: [1, 2]
  targets: [1]
  layers:
    - {type: dense, units: 1, activation: sigmoid, weights: [[0.5, -0.25]], biases: [0.1]}
  loss: half_squared_error
  learning_rate: {start: 0.8, schedule: inverse_time, decay: 0.37}
"""


def test_a_rate_that_is_asked_for_does_not_stand_in_the_subtitle() -> None:
    sheet = make_sheet(read_problem(SCHEDULED))
    assert any(answer.key == "learning_rate" for answer in sheet.answers)
    assert sheet.document("sheet") == another_sheet(sheet).document("sheet")


def test_the_picture_of_a_graph_shows_what_is_given_alone() -> None:
    text = render_plain(sheet_of("computation-graph").document("sheet"))
    assert "x is 1.5; it goes into s." in text
    assert "; it goes into f." in text and "the derivative by it" not in text
    blank = render_plain(sheet_of("computation-graph", diagram="blank").document("sheet"))
    assert "x; it goes into s." in blank and "x is" not in blank


def test_a_formula_of_numbers_alone_is_its_own_answer_and_is_left_out() -> None:
    """The derivative of the end by itself is 1, whatever the numbers: left side and gap, nothing between."""
    sheet = sheet_of("computation-graph", degree="substitution")
    lines = render_plain(sheet.document("sheet")).splitlines()
    (seed,) = [text for text in lines if text.lstrip().startswith("∂f/∂f =")]
    assert re.fullmatch(r"\s*∂f/∂f = _+  \(\d+\) \[1\]", seed)


# --- searching for the answers ------------------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.]*\d)")


def numbers_in(text: str) -> set[str]:
    """Return the numbers of a text without their signs."""
    return set(_NUMBER.findall(text.replace("\N{THIN SPACE}", "")))


def secrets(sheet: Sheet) -> set[str]:
    """Return the printed answers of three digits at least that are neither given nor worked out."""
    asked: set[str] = set()
    visible: set[str] = set()
    for index, one in enumerate(sheet.solved):
        ledger: Ledger = one.ledger
        seen = sheet.composer.plans[index].seen
        for key in ledger.all_keys():
            if not ledger.known(key):
                continue
            shown = numbers_in(str(ledger.shown(key)))
            if key in seen or ledger.given(key) is not None:
                visible |= shown
            elif any(answer.key == key and answer.task == index + 1 for answer in sheet.answers):
                asked |= shown
        for formula in ledger.formulas.values():
            visible |= {part.text for part in walk(formula) if isinstance(part, Number)}
    return {text for text in asked - visible if len(text.replace(".", "")) >= 3}


def sources(sheet: Sheet) -> Iterator[tuple[str, str]]:
    document = sheet.document("sheet")
    yield "plain text", render_plain(document)
    yield "tex", without_lengths(render_latex(document).partition(r"\begin{document}")[2])
    yield "typ", without_lengths(render_typst(document).partition("\n#title-block(")[2])


def without_lengths(source: str) -> str:
    """Return a source without the lengths, shares of a width and places in pictures that it is set with."""
    return re.sub(
        r"[\d.]+(?:em|pt|cm|mm|%)|\(-?[\d.]+,-?[\d.]+\)|\\(?:fillin|begin\{side\})\{[\d.]+\}", "", source
    )


#: Examples whose answers are mostly numbers of one or two digits, which stand everywhere.
FEW_DIGITS = ("computation-graph", "convolution")


@pytest.mark.parametrize("name", example_names())
def test_no_answer_stands_in_the_sources(name: str) -> None:
    for way in ({"degree": "result"}, {"fade": "medium"}, EXTRAS[0]):
        sheet = sheet_of(name, **way)
        hidden = secrets(sheet)
        assert len(hidden) > 0.4 * len(sheet.answers) or name in FEW_DIGITS
        for where, text in sources(sheet):
            assert not hidden & numbers_in(text), f"{way}: {where}"
        key = render_plain(sheet.document("key"))
        assert hidden <= numbers_in(key)  # the search finds them where they are


PRINTED = [
    "two-output-sigmoid",
    "or-gate",
    "delta-rule",
    "adam",
    "deep-network",
    "batch-norm",
    "computation-graph",
]


def pdf_texts(pdf: bytes) -> Iterator[tuple[str, str]]:
    """Yield every text of a PDF: its pages, its metadata, its bookmarks, and all strings of its objects."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        for page in document:
            yield "pages", page.get_text()
        yield "metadata", " ".join(str(value) for value in document.metadata.values())
        yield "bookmarks", " ".join(str(entry[1]) for entry in document.get_toc())
        for xref in range(1, document.xref_length()):
            yield "objects", " ".join(strings_of(document.xref_object(xref)))


def strings_of(source: str) -> Iterator[str]:
    """Yield the strings in the source of a PDF object, among them alternative and actual texts."""
    for plain, coded in re.findall(r"\(((?:\\.|[^()\\])*)\)|<([0-9A-Fa-f]+)>", source):
        if coded:
            raw = bytes.fromhex(coded + "0" * (len(coded) % 2))
            yield (
                raw.decode("utf-16") if raw.startswith((b"\xfe\xff", b"\xff\xfe")) else raw.decode("latin-1")
            )
        else:
            yield plain


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.parametrize("way", [{"degree": "result"}, EXTRAS[0]], ids=["result", "faded"])
def test_no_answer_stands_in_the_pdf(name: str, way: dict[str, Any]) -> None:
    sheet = sheet_of(name, **way)
    hidden = secrets(sheet)
    found: dict[str, set[str]] = {}
    for where, text in pdf_texts(compile_typst(render_typst(sheet.document("sheet")))):
        found.setdefault(where, set()).update(numbers_in(text))
    assert found["objects"], "alternative texts were found at all"
    for where, numbers in found.items():
        assert not hidden & numbers, where
    in_key: set[str] = set()
    for _, text in pdf_texts(compile_typst(render_typst(sheet.document("key")))):
        in_key |= numbers_in(text)
    assert hidden <= in_key


@pytest.mark.parametrize("name", ["two-output-sigmoid", "batch-norm"])
def test_no_answer_stands_in_the_pdf_of_latex(name: str, tex_engine: str) -> None:
    sheet = sheet_of(name, fade="medium", hints=True)
    pdf, _ = compile_with_log(render_latex(sheet.document("sheet")), tex_engine)
    found = set().union(*(numbers_in(text) for _, text in pdf_texts(pdf)))
    assert not secrets(sheet) & found


def test_the_search_knows_a_number_by_its_digits() -> None:
    assert numbers_in("= \N{MINUS SIGN}0.0239 × 10⁻⁴, (12) [1] 0.0239.") == {"0.0239", "10", "12", "1"}
    assert numbers_in("minus 0.5 and 12.30711934") == {"0.5", "12.30711934"}
    assert list(strings_of("<< /Alt (z equals \\(blank\\)) /T <FEFF0030002E0035> >>")) == [
        "z equals \\(blank\\)",
        "0.5",
    ]


def test_ways_have_names() -> None:
    assert [way_name(way) for way in WAYS] == [
        "result",
        "substitution",
        "formula",
        "derivation",
        "light",
        "medium",
        "strong",
    ]
    assert solved("or-gate")[0].ledger.known("grad.w5") and fmpq(1) == 1
