"""Any text prints: what TeX would act on, what fonts lack, what would join to a ligature."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex_sample import d, sym

from symbackprop.document.blocks import Math, MathStyle, Reference, Text
from symbackprop.engines.tex import compile_tex
from symbackprop.render.latex import Latex, escape_latex
from symbackprop.render.latex.escape import PRINTED
from symbackprop.render.latex.text import bookmark, latex_line, latex_title


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("plain", "plain"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("50 % & #1_a $x$ ~ ^", r"50 \% \& \#1\_a \$x\$ \textasciitilde{} \textasciicircum{}"),
        ("a -- b --- c", r"a -\/- b -\/-\/- c"),
        ("<<a>>", r"\textless{}\/\textless{}a\textgreater{}\/\textgreater{}"),
        ("''", r"'\/'"),
        ("``", r"\textasciigrave{}\/\textasciigrave{}"),
        ('"quoted"', r"\textquotedbl{}quoted\textquotedbl{}"),
        ("2–2–2 · „Netz“", "2–2–2 · „Netz“"),
        (
            "η → ∂E/∂w ≤ −1",
            r"\ensuremath{\eta} \ensuremath{\rightarrow} \ensuremath{\partial}E/"
            r"\ensuremath{\partial}w \ensuremath{\leq} \ensuremath{-}1",
        ),
        ("w₅²", r"w\textsubscript{5}²"),
        ("e\u0301", "é"),
        ("a\u0323\u0300", r"\otherchar{1EA1}\otherchar{0300}"),
        ("日本", r"\otherchar{65E5}\otherchar{672C}"),
        ("a\tb\nc\x00d\x1be", r"a b c\otherchar{FFFD}d\otherchar{FFFD}e"),
        ("a\u200bb\u202ec", "abc"),
        ("\ud800", r"\otherchar{FFFD}"),
        ("[0, 1] * x", "{[}0, 1] * x"),
        (" *a*", " {*}a*"),
        ("", ""),
    ],
)
def test_escape(text: str, source: str) -> None:
    assert escape_latex(text) == source
    assert isinstance(escape_latex(text), Latex)


@given(st.text(max_size=40))
def test_escaped_text_holds_nothing_that_acts(text: str) -> None:
    source = escape_latex(text)
    known = r"\\(?:text[a-z]+|symbol|ensuremath|otherchar|dots|[{}$&#%_,/]|[A-Za-z]+)"
    bare = re.sub(known, "", source)
    assert all(c not in bare for c in "\\$&#%_~^") or "\u00a0" in text
    assert bare.count("{") == bare.count("}")
    assert all(" " <= c <= "~" or c in PRINTED for c in source)


def test_lines() -> None:
    line = (Text("by "), Reference(7), Text(" & "), Math(d("E", "w_5")), Text("both", strong=True))
    assert latex_line(line, MathStyle()) == r"by~\byresult{7} \& $\partial E/\partial w_5$\textbf{both}"


def test_titles_have_a_plain_form_for_bookmarks() -> None:
    assert latex_title((Text("Forward pass"),), MathStyle()) == "Forward pass"
    title = latex_title((Text("Weight "), Math(sym("eta"))), MathStyle())
    assert title == r'\texorpdfstring{Weight $\eta$}{Weight \unichar{"03B7}}'


def test_bookmarks() -> None:
    assert bookmark("50% é ~\\\n") == r"50\% é \unichar{126}\unichar{92}"


def odd_texts(count: int) -> list[str]:
    """Return texts of nasty and of random characters, the same at each run."""
    chance = random.Random(20240229)
    nasty = "\\{}$&#%_^~\"'`-<>|,!? []@*/=;:.\t\x00\x7f\x85\u00ad\u200d\ufeff"
    spans = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x400), (0x400, 0x700), (0x1E00, 0x2000)]
    spans += [(0x2000, 0x2400), (0x2460, 0x2800), (0x4E00, 0x4F00), (0x1D400, 0x1D800), (0x1F300, 0x1F700)]
    texts = [char * 3 + "x" for char in nasty] + [
        "[0, 1]",
        "* a",
        "] a",
        r"\end{document}",
        r"\input{/etc/passwd}",
        "{{{",
        "}}}",
        "^^41",
    ]
    texts += ["".join(sorted(PRINTED))]
    while len(texts) < count:
        pieces = [
            chance.choice(nasty) if chance.random() < 0.4 else chr(chance.randrange(*chance.choice(spans)))
            for _ in range(chance.randrange(1, 30))
        ]
        texts.append("".join(pieces))
    return texts


def test_any_text_compiles(tex_engine: str) -> None:
    from latex_sample import document

    from symbackprop.document.blocks import Bullets, Heading, Paragraph, Table
    from symbackprop.render.latex import render_latex

    texts = odd_texts(240)
    odd = "".join(texts[60:70])
    sheet = document(
        title=odd,
        kind=texts[71],
        running_head=texts[72],
        keywords=tuple(texts[80:90]),
        subtitle=(Text(texts[73]),),
        blocks=(
            Heading(1, (Text(texts[74]),), "1"),
            Heading(2, (Text(odd),)),
            Bullets(tuple((Text(text),) for text in texts)),
            Paragraph(tuple(Text(text, strong=True) for text in texts[:40])),
            Table(((Text(texts[75]),),), tuple(((Text(text),),) for text in texts[:30]), ("left",)),
        ),
    )
    assert compile_tex(render_latex(sheet), tex_engine).startswith(b"%PDF")


def test_marked_source_is_not_escaped_twice() -> None:
    assert Latex.of(Latex(r"\alpha")) == r"\alpha"
    assert Latex.of("&") == r"\&"
    assert Latex.joined(["a & b", Latex("&")], " | ") == r"a \& b | &"


def test_printed_characters_are_composed_letters() -> None:
    assert all(unicodedata.normalize("NFC", c) == c for c in PRINTED - {"℃"})
