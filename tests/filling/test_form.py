"""Forms of small documents: what is filled in stands where the engine itself would have set it."""

from __future__ import annotations

import io
import re

import pikepdf
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.document.marks import NoForm, Place
from symbackprop.engines.typst import compile_typst
from symbackprop.filling import Form, Run, read_form, read_patches, run_of, symbol_patch
from symbackprop.formulas.terms import Number

SHEET = """
#set document(title: "Boxes")
#set page(width: 12cm, height: auto)
#set text(font: "New Computer Modern", lang: "en")
#let cell(side, it) = box(width: 4cm, stroke: 0.5pt, align(side, it))
#let pool = "0123456789.,\N{MINUS SIGN}\N{MULTIPLICATION SIGN} to"
#pool #text(font: "New Computer Modern Math", weight: 450, pool)

#cell(left)[LEFT]#cell(center)[CENTER]#cell(right)[RIGHT]

a #box(width: 4cm)[#h(1fr)POINT#h(30pt)] b
#math.equation(alt: "x equals SAID", $x = #box(text("SAID"))$)
"""
MARKS = {"LEFT": "101.5", "CENTER": "102.5", "RIGHT": "103.5", "POINT": "104.5", "SAID": "105.5"}
PLACES = {
    "101.5": Place("value", "left"),
    "102.5": Place("value", "center"),
    "103.5": Place("value", "right"),
    "104.5": Place("value", "point"),
    "105.5": Place("value", "left", once=False),
}


def source(**texts: str) -> str:
    return re.sub("|".join(MARKS), lambda match: texts.get(match[0], texts.get("ALL", "")), SHEET)


def form_of(text: str, places: dict[str, Place] = PLACES, **more: dict[str, str]) -> Form:
    return read_form(compile_typst(text), places, said={}, **{"spots": {}, **more})


@pytest.fixture(scope="module")
def form() -> Form:
    return form_of(source(**MARKS))


def words(pdf: bytes) -> list[tuple[str, float, float, float]]:
    """Return every word of a PDF with its left and right end and its height on the page."""
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        return [
            (word[4], word[0], word[2], word[1])
            for page in opened
            for word in page.get_text("words", sort=True)
        ]


def same(
    found: list[tuple[str, float, float, float]], expected: list[tuple[str, float, float, float]]
) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(a[0] == b[0] and a[1:] == pytest.approx(b[1:], abs=0.05) for a, b in pairs)


@pytest.mark.parametrize("number", ["0.5", "104.5", "-3.25", "7", "-12345.678901", "0.000"])
def test_numbers_stand_where_the_engine_sets_them(form: Form, number: str) -> None:
    text = number.replace("-", "\N{MINUS SIGN}")
    filled = words(form.filled({"value": run_of(Number(number), ".", number)}))
    # beside the one that is aligned at its point, whose place the engine does not know
    expected = words(compile_typst(source(ALL=text)))
    assert [word[0] for word in filled] == [word[0] for word in expected]
    at = [index for index, word in enumerate(expected) if word[0] == text][3]
    assert same(filled[:at] + filled[at + 1 :], expected[:at] + expected[at + 1 :])


def test_points_stand_below_each_other(form: Form) -> None:
    ends = {}
    for number in ("104.5", "9.5", "-0.5", "3"):
        text = number.replace("-", "\N{MINUS SIGN}")
        found = [w for w in words(form.filled({"value": run_of(Number(number), ".", "")})) if w[0] == text]
        ends[number] = found[3][2]
    assert ends["9.5"] == pytest.approx(ends["104.5"], abs=0.05)
    assert ends["-0.5"] == pytest.approx(ends["104.5"], abs=0.05)


@given(st.decimals(-(10**6), 10**6, places=5), st.none() | st.integers(-99, 99))
@settings(max_examples=200)
def test_every_number_is_read_back(form: Form, value: object, exponent: int | None) -> None:
    number = Number(f"{value:f}", exponent)
    pdf = form.filled({"value": run_of(number, ".", "said")})
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        text = "".join(opened[0].get_text().split())
    minus = "\N{MINUS SIGN}"
    shown = number.text.replace("-", minus)
    if exponent is not None:
        shown += f"\N{MULTIPLICATION SIGN}10{str(exponent).replace('-', minus)}"
    assert text.count(shown) == 5, text
    assert not any(mark in text for mark in PLACES if mark != number.text)


def test_what_is_said_is_filled_in_too(form: Form) -> None:
    for says in ("minus 3.5", "drei (5) \\ Halbe", "\N{GREEK SMALL LETTER SIGMA}"):
        pdf = form.filled({"value": run_of(Number("-3.5"), ".", says)})
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            said = [
                str(each.Alt)
                for each in opened.objects
                if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
            ]
        assert said == [f"x equals {says}"]


def test_a_filled_form_is_tagged_as_before_and_a_sound_file(form: Form) -> None:
    pdf = form.filled({"value": run_of(Number("1.5"), ".", "1.5")})
    with (
        pikepdf.open(io.BytesIO(pdf)) as opened,
        pikepdf.open(io.BytesIO(compile_typst(source(**MARKS)))) as before,
    ):
        assert opened.check_pdf_syntax() == []
        assert opened.Root.MarkInfo.Marked
        kinds = [
            sorted(
                str(each.S) for each in one.objects if isinstance(each, pikepdf.Dictionary) and "/S" in each
            )
            for one in (opened, before)
        ]
        assert kinds[0] == kinds[1]
        marked = [
            [str(i.operator) for i in pikepdf.parse_content_stream(one.pages[0])].count("BDC")
            for one in (opened, before)
        ]
        assert marked[0] == marked[1]


def test_the_same_values_give_the_same_bytes_and_others_do_not(form: Form) -> None:
    one, same_again, other = (
        form.filled({"value": run_of(Number(text), ".", "")}) for text in ("1", "1", "2")
    )
    assert one == same_again != other


def test_a_number_that_is_too_wide_is_set_smaller() -> None:
    places = {**PLACES, "102.5": Place("value", "center", room=5.0)}
    form = form_of(source(**MARKS), places)
    number = "-1234567.1234567"
    found = [
        w for w in words(form.filled({"value": run_of(Number(number), ".", "")})) if w[0].endswith(number[1:])
    ]
    wide = [w[2] - w[1] for w in found]
    assert wide[1] == pytest.approx(5.0 * 11, rel=0.02)
    assert wide[0] > wide[1]
    assert found[1][1] + found[1][2] == pytest.approx(2 * (found[0][1] + 1.5 * 4 * 72 / 2.54), abs=0.5)


def test_names_and_symbols_are_painted() -> None:
    text = '#set document(title: "t")\n#set text(font: "New Computer Modern")\na #box[700001] #box[700002]'
    form = read_form(compile_typst(text), {}, said={}, spots={"700001": "name", "700002": "symbol"})
    patch = compile_typst(
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#set text(font: "New Computer Modern", bottom-edge: "baseline", top-edge: "ascender")\nToV\N{LATIN SMALL LETTER L WITH STROKE}',
        standard=None,
        tags=False,
    )
    patches = read_patches(patch, ["name"])
    patches.pages["symbol"] = symbol_patch([[True, False], [False, True]], 20.0)  # type: ignore[index]
    pdf = form.filled({}, patches)
    own = words(pdf)
    assert [word[0] for word in own] == ["a", "ToV\N{LATIN SMALL LETTER L WITH STROKE}"]
    there = words(
        compile_typst(text.replace("700001", "ToV\N{LATIN SMALL LETTER L WITH STROKE}").replace("700002", ""))
    )
    assert own[1][1:] == pytest.approx(there[1][1:], abs=0.05)
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        black = [item["rect"] for item in opened[0].get_drawings()]
    assert len(black) >= 1
    assert words(form.filled({})) == [own[0]]


@pytest.mark.parametrize(
    ("text", "places", "reason"),
    [
        ("no mark", {"102.5": Place("v")}, "the mark 102.5 of v stands 0 times"),
        ("102.5 102.5", {"102.5": Place("v")}, "the mark 102.5 of v stands 2 times"),
    ],
)
def test_no_form(text: str, places: dict[str, Place], reason: str) -> None:
    with pytest.raises(NoForm, match=re.escape(reason)):
        form_of(f'#set document(title: "t")\n{text}', places)


def test_no_form_where_a_mark_that_is_only_said_is_printed() -> None:
    text = '#set document(title: "t")\n102.5 103.5'
    with pytest.raises(NoForm, match=r"102\.5, 103\.5 cannot be printed"):
        read_form(compile_typst(text), {"102.5": Place("v")}, said={"103.5": "v"}, spots={})


def test_no_form_without_a_spot_or_a_glyph() -> None:
    with pytest.raises(NoForm, match="there is no mark of owner"):
        form_of('#set document(title: "t")\nx', {}, spots={"700001": "owner"})
    form = form_of('#set document(title: "t")\n102.5', {"102.5": Place("v")})
    with pytest.raises(NoForm, match="the font of the form has no '9'"):
        form.filled({"v": Run("9")})
    with pytest.raises(NoForm, match="a fraction has two lines"):
        run_of(Number("1/3"), ".", "")
