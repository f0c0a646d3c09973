"""Papers that are filled in say the same as papers that are typeset by themselves, in the same places."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import pikepdf
import pymupdf
import pytest

from symbackprop.class_sets.making import ClassPlan, PaperMaker
from symbackprop.class_sets.records import Record, RecordedAnswer, read_record
from symbackprop.engines.tex import compile_tex
from symbackprop.engines.typst import compile_typst
from symbackprop.errors import RenderError
from symbackprop.render.latex import render_latex
from symbackprop.render.typst import render_typst
from symbackprop.roster import Student
from symbackprop.spec.worksheets import load_worksheet

STUDENTS = (Student("7001", "Łukasz O'Hara-Továr"), Student("7002", "Zoë Müller"))

#: Examples whose sheets, and whose keys, are filled in.
SHEETS = (
    *("two-output-sigmoid", "shared-bias", "or-gate", "or-gate-full", "delta-rule", "xor", "softmax-classes"),
    *("deep-network", "matrix-form", "tables", "own-activation", "partly-given", "adam"),
    *("weight-decay", "code-listing", "computation-graph"),
)
KEYS = tuple(
    name
    for name in SHEETS
    if name not in ("deep-network", "own-activation", "weight-decay", "computation-graph")
)

Word = tuple[str, float, float]


@cache
def filled_papers(name: str) -> dict[str, bytes]:
    """Return the first student's papers, those that are filled in."""
    maker = maker_of(name)
    filled, named = maker._filled(maker._draw(maker.jobs()[0].name))
    assert named
    return filled


@cache
def papers(name: str) -> tuple[dict[str, bytes], dict[str, bytes], Record]:
    """Return the first student's papers: those that are filled in, the same as they are typeset, the record."""
    maker, filled = maker_of(name), filled_papers(name)
    drawn = maker._draw(maker.jobs()[0].name)
    typeset = {paper: compile_typst(render_typst(drawn.document(paper))) for paper in filled}
    return filled, typeset, drawn.record


def maker_of(name: str, engine: str = "typst", **changes: object) -> PaperMaker:
    worksheet = replace(load_worksheet(name), **changes)  # type: ignore[arg-type]
    names = {one.id: f"s{one.id}" for one in STUDENTS}
    return PaperMaker(ClassPlan(worksheet, STUDENTS, names, "2026", engine=engine))


def words(pdf: bytes) -> list[list[Word]]:
    """Return the words of each page, from above, with the middle of each."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [
            sorted((word[4], (word[0] + word[2]) / 2, word[3]) for word in page.get_text("words"))
            for page in document
        ]


def spoken(pdf: bytes) -> Counter[str]:
    """Return what is said of formulas and pictures; signs and ends of roots are not always said alike."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = (one for one in opened.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one)
        texts = (re.sub(", end root|superscript | (open|close) bracket", "", str(one.Alt)) for one in found)
        return Counter(re.sub("(?<=[ =])[-\N{MINUS SIGN}](?=\\d)", "minus ", text) for text in texts)


def assert_same_places(filled: bytes, typeset: bytes, *, head: float = 0) -> None:
    """Assert that two papers have the same words, and those of items at the same places.

    head: so far down the heads of the further pages reach, whose places are not compared.
    """
    for page, (one, other) in enumerate(zip(words(filled), words(typeset), strict=True)):
        assert sorted(word[0] for word in one) == sorted(word[0] for word in other)
        # above the items, pictures and tables have room for other numbers and are laid out by that
        above = min(y for text, _, y in other if text == "Forward") if page == 0 else head
        for text, x, y in (word for word in one if word[2] > above):
            assert any(
                text == there and abs(x - at) < 0.5 and abs(y - down) < 4 for there, at, down in other
            ), text


def test_which_papers_are_filled_in() -> None:
    found: dict[str, set[str]] = {"sheet": set(), "key": set()}
    for name in (*SHEETS, "convolution", "lstm", "dropout"):
        for paper in filled_papers(name):
            found[paper].add(name)
    assert found["sheet"] == set(SHEETS)
    assert found["key"] == set(KEYS)


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_say_the_same_in_the_same_places(name: str) -> None:
    filled, typeset, _ = papers(name)
    assert_same_places(filled["sheet"], typeset["sheet"])
    assert spoken(filled["sheet"]) == spoken(typeset["sheet"])


@pytest.mark.parametrize("name", KEYS)
def test_keys_say_the_same(name: str) -> None:
    filled, typeset, record = papers(name)
    ours_said, theirs_said = spoken(filled["key"]), spoken(typeset["key"])
    assert not ours_said - theirs_said
    # in the table of answers a power of ten is text
    assert all(re.fullmatch(r"(minus )?[\d.]+ times 10 to the .*", text) for text in theirs_said - ours_said)
    ours, theirs = texts(filled["key"]), texts(typeset["key"])
    head = "Answers at a glance"
    ours_above, theirs_above = ("".join(text.partition(head)[0].split()) for text in (ours, theirs))
    assert sorted(ours_above) == sorted(theirs_above)
    table = ours.partition(head)[2]
    for answer in record.answers:
        assert "".join(row_of(answer)) in "".join(table.split()), answer


def row_of(answer: RecordedAnswer) -> list[str]:
    """Return what stands in an answer's row of the table."""
    row = [printed(answer.shown), printed(answer.low)]
    row += ["to", printed(answer.high)] if answer.high != answer.low else []
    return row + ([printed(answer.otherwise)] if answer.otherwise != answer.shown else [])


def texts(pdf: bytes) -> str:
    """Return the text of a PDF in the order in which it is written, without the heads and feet of its pages."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return "\n".join(
            page.get_text(clip=(0, 62, page.rect.width, page.rect.height - 56)) for page in document
        )


def printed(number: str) -> str:
    """Return a number as its text is found on a page, without spaces."""
    mantissa, _, exponent = number.replace("-", "\N{MINUS SIGN}").partition("e")
    return f"{mantissa}\N{MULTIPLICATION SIGN}10{exponent}" if exponent else mantissa


@pytest.mark.parametrize("name", ["two-output-sigmoid", "softmax-classes"])
def test_papers_by_latex_say_the_same_in_the_same_places(name: str, need_tex: Callable[[str], str]) -> None:
    maker = maker_of(name, engine=need_tex("pdflatex"))
    drawn = maker._draw(maker.jobs()[0].name)
    filled, named = maker._filled(drawn)
    assert named and filled.keys() == {"sheet", "key"}
    typeset = {paper: compile_tex(render_latex(drawn.document(paper)), "pdflatex") for paper in filled}
    assert_same_places(filled["sheet"], typeset["sheet"], head=62)
    head = "Answers at a glance"
    ours, theirs = (joined(pdfs["key"]).partition(head)[0] for pdfs in (filled, typeset))
    assert sorted(ours) == sorted(theirs)
    for answer in drawn.record.answers:
        assert "".join(row_of(answer)) in joined(filled["key"]).partition(head)[2], answer


def joined(pdf: bytes) -> str:
    return "".join(texts(pdf).split()).replace("Answersataglance", "Answers at a glance")


@pytest.mark.parametrize("name", ["two-output-sigmoid", "xor", "softmax-classes"])
def test_nothing_of_one_student_is_on_the_paper_of_another(name: str) -> None:
    maker = maker_of(name)
    first, second = (maker(job) for job in maker.jobs())
    for path, pdf in second.items():
        if path.endswith(".pdf"):
            text = texts(pdf)
            assert not set(marks_of(first)) & set(re.findall(r"\d+\.\d{3,}", text)) - set(marks_of(second))


def marks_of(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the printed numbers of a student's record."""
    (text,) = (content for path, content in files.items() if path.endswith(".json"))
    for answer in read_record(text, "").answers:
        for number in (answer.shown, answer.low, answer.high, answer.otherwise):
            yield number.lstrip("-")


def test_a_filled_paper_does_not_depend_on_those_before_it() -> None:
    maker, other = maker_of("softmax-classes"), maker_of("softmax-classes")
    jobs = maker.jobs()
    assert [maker(job) for job in jobs] == [other(job) for job in reversed(jobs)][::-1]


def test_papers_are_filled_in_with_large_type_on_letter_paper_and_with_a_name_no_font_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from symbackprop.engines import typst

    worksheet = replace(load_worksheet("two-output-sigmoid"), large_print=True)
    students = (Student("7003", "李小龍"),)
    maker = PaperMaker(ClassPlan(worksheet, students, {"7003": "li"}, "1", paper="letter"))
    compiled = typst.compile_typst

    def without(source: str, **options: object) -> bytes:
        if "李" in source:
            raise RenderError("Typst: no font shows 李 (U+674E); install a font that does")
        return compiled(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(typst, "compile_typst", without)
    drawn = maker._draw("li")
    filled, named = maker._filled(drawn)
    assert not named and "sheet" in filled
    with pymupdf.open(stream=filled["sheet"], filetype="pdf") as document:
        assert document[0].rect.width == pytest.approx(612)
        text = document[0].get_text()
    assert "7003" in text and "·" not in text.partition("\n")[0]
