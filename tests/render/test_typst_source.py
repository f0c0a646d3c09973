"""Author text in Typst: it prints as it is, whatever it holds."""

from __future__ import annotations

import json
import re

import pymupdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.engines.typst import compile_typst
from symbackprop.render.typst import Typst, escape_typst, typst_string
from symbackprop.render.typst.source import printable

HOSTILE = [
    "#set page(fill: red)",
    '#"x"; $x^2$ *bold* _it_ `raw` <label> @ref',
    "= heading",
    "- item",
    "1. item",
    "/ term: text",
    "https://example.org//x /* y */",
    '"quoted" \\ \\u{41} \\n',
    "] #panic() [",
    ").len() (x) [y]; z",
    "-- --- ... -1 ~ don't 'x' 100%",
    "((( x ))) ((* for *)) ((= =))",
    "two  spaces, tab\tand\nline",
    " lead and trail ",
    "w_5 & x^2 | y",
    "",
]

texts = (
    st.text(max_size=40)
    | st.text("#$*_`<>@=-+/\\\"'()[]{};:.,~0123 abA\n", max_size=30)
    | st.sampled_from(HOSTILE)
)


def shown(source: str) -> str:
    """Return the text that Typst makes of markup, before any layout."""
    page = f"#metadata([{source}])<it>"
    (content,) = json.loads(
        typst.query(page.encode("utf-8", "replace"), "<it>", field="value", ignore_system_fonts=True)
    )
    return "".join(flat(content))


def flat(content: dict[str, object]) -> list[str]:
    match content:
        case {"func": "text", "text": str(text)}:
            return [text]
        case {"func": "space"}:
            return [" "]
        case {"func": "sequence", "children": list(children)}:
            return [piece for child in children for piece in flat(child)]
        case _:
            raise AssertionError(f"text was taken for markup: {content}")


def expected(text: str) -> str:
    return re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", "’", printable(text))


@settings(max_examples=250, deadline=None)
@given(texts)
def test_any_text_is_taken_letter_by_letter(text: str) -> None:
    assert shown(escape_typst(text)) == expected(text)


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_nothing_runs_into_what_follows(first: str, second: str) -> None:
    both = shown(escape_typst(first) + escape_typst(second))
    assert re.sub(" +", " ", both) == re.sub(" +", " ", expected(first) + expected(second))


@settings(max_examples=100, deadline=None)
@given(texts)
def test_any_text_is_a_string_in_code(text: str) -> None:
    page = f"#metadata({typst_string(text)})<it>"
    assert json.loads(typst.query(page.encode(), "<it>", field="value", ignore_system_fonts=True)) == [
        printable(text)
    ]


def test_hostile_texts_come_out_of_the_pdf() -> None:
    lines = [text for text in HOSTILE if text.strip()]
    source = "#set page(width: 40cm, height: auto)\n" + "\n\n".join(
        f"[{escape_typst(text)}]" for text in lines
    )
    with pymupdf.open(stream=compile_typst(source, standard=None)) as pdf:
        printed = "".join(page.get_text() for page in pdf)
    squeezed = re.sub(r"\s", "", printed)
    assert squeezed == "".join(re.sub(r"\s", "", f"[{expected(text)}]") for text in lines)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Forward pass", "Forward pass"),
        (
            "net input: each input times its weight, plus the bias (once)",
            "net input: each input times its weight, plus the bias (once)",
        ),
        ("a two-output network. It learns.", "a two-output network. It learns."),
        ("it doesn't", "it doesn’t"),
        ("0.40", '#"0.40";'),
        ("1. first", '#"1. first";'),
        ("a  b", '#"a  b";'),
        ("(x)", '#"(x)";'),
        ('say "x"', '#"say \\"x\\"";'),
        ("x\x00\x07y\r\nz", '#"xy  z";'),
        ("\ud800", '#"\N{REPLACEMENT CHARACTER}";'),
        ("", ""),
    ],
)
def test_plain_words_stay_readable(text: str, source: str) -> None:
    assert escape_typst(text) == source


def test_marked_source_is_left_alone() -> None:
    assert Typst.of(Typst("*x*")) == "*x*"
    assert Typst.of("*x*") == '#"*x*";'
