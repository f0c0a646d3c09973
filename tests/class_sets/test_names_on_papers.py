"""Names at the heads of papers: long ones in the room there is, and none whose letters no font has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pymupdf
import pytest

from symbackprop.class_sets.making import ClassPlan, PaperMaker
from symbackprop.class_sets.records import read_record
from symbackprop.engines.tex import compile_tex
from symbackprop.engines.typst import compile_typst
from symbackprop.render.latex import render_latex
from symbackprop.render.typst import render_typst
from symbackprop.roster import Student
from symbackprop.spec.worksheets import load_worksheet

LONG = "Maximiliane-Alexandra von und zu Hohenstein-Wittelsbach-Sigmaringen"
LONGEST = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff " * 3
CUNEIFORM = "\N{CUNEIFORM SIGN A}\N{CUNEIFORM SIGN AN}"


def maker_of(name: str, *, sheet: str = "or-gate", engine: str = "typst") -> PaperMaker:
    students = (Student("12345678901", name.strip()),)
    return PaperMaker(ClassPlan(load_worksheet(sheet), students, {"12345678901": "one"}, "1", engine=engine))


def filled_sheet(name: str, engine: str = "typst") -> bytes:
    maker = maker_of(name, engine=engine)
    filled, named = maker._filled(maker._draw("one"))
    assert named
    return filled["sheet"]


def typeset_by_typst(name: str) -> bytes:
    return compile_typst(render_typst(maker_of(name)._draw("one").document("sheet")))


def typeset_by_tex(name: str) -> bytes:
    return compile_tex(render_latex(maker_of(name)._draw("one").document("sheet")), "pdflatex")


def assert_in_its_room(pdf: bytes, name: str) -> None:
    """Assert that a name ends before what stands beside it, in the head of the page and on its line."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        words = document[0].get_text("words")
    last = name.split()[-1]
    # "Worksheet . Backpropagation" stands beside it at the head, "Number" on the line
    for right, beside in (("Worksheet", 0), ("Number", 1)):
        neighbour = next(word for word in words if word[4] == right)
        ends = sorted((word for word in words if word[4].startswith(last)), key=lambda word: word[1])
        assert ends[0 if beside == 0 else -1][2] <= neighbour[0], (right, ends, neighbour)


@pytest.mark.parametrize("name", [LONG, LONGEST])
def test_a_long_name_is_set_narrower_by_the_embedded_engine(name: str) -> None:
    assert_in_its_room(filled_sheet(name), name)
    assert_in_its_room(typeset_by_typst(name), name)


@pytest.mark.parametrize("name", [LONG, LONGEST])
def test_a_long_name_is_set_narrower_by_tex(name: str, need_tex: Callable[[str], str]) -> None:
    assert_in_its_room(filled_sheet(name, need_tex("pdflatex")), name)
    assert_in_its_room(typeset_by_tex(name), name)


def test_a_name_that_no_font_has_leaves_its_line_free_and_is_told() -> None:
    maker = maker_of(CUNEIFORM)
    files = maker(maker.jobs()[0])
    assert read_record(files["records/one.json"], "").nameless
    for path in ("sheets/one.pdf", "keys/one-key.pdf"):
        assert not set(CUNEIFORM) & set("".join(text for text, _ in spans(files[path])))
        assert "12345678901" in "".join(text for text, _ in spans(files[path]))


def test_letters_that_the_engines_own_fonts_lack_are_of_another_font_or_not_there() -> None:
    maker = maker_of("李小龙")
    files = maker(maker.jobs()[0])
    fonts = {font for text, font in spans(files["sheets/one.pdf"]) if "李" in text}
    named = not read_record(files["records/one.json"], "").nameless
    assert bool(fonts) == named
    assert not any("NewCM" in font or "DejaVu" in font for font in fonts)


@pytest.mark.parametrize("sheet", ["or-gate", "xor", "two-output-sigmoid"])
def test_nothing_of_what_forms_need_is_on_papers(sheet: str) -> None:
    maker = maker_of("Zoë Müller", sheet=sheet)
    filled, _ = maker._filled(maker._draw("one"))
    for pdf in filled.values():
        assert not any("0123456789" in text for text, _ in spans(pdf))


def spans(pdf: bytes) -> Iterator[tuple[str, str]]:
    """Yield all pieces of text with the names of their fonts."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        for page in document:
            for block in page.get_text("dict")["blocks"]:
                for line in block.get("lines", ()):
                    for span in line["spans"]:
                        yield span["text"], span["font"]
