"""Plain Unicode text of formulas and documents."""

from __future__ import annotations

from typing import get_args

import pytest
from latex_sample import (
    BACKWARD,
    BLOCKS,
    TERMS,
    curves,
    d,
    document,
    minus,
    network,
    num,
    plus,
    sym,
    times,
    words,
)

from symbackprop.document.blocks import (
    Block,
    Bullets,
    Derivation,
    Heading,
    Inline,
    Math,
    MathStyle,
    Paragraph,
    Row,
    Table,
)
from symbackprop.formulas import terms
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Fraction,
    Negation,
    Partial,
    Power,
    Result,
    Term,
)
from symbackprop.render.plain import plain_math, plain_name, render_plain
from symbackprop.render.plain.document import WIDTH, _inline, plain_block
from symbackprop.render.plain.math import plain

KINDS = [kind for kind in vars(terms).values() if isinstance(kind, type) and issubclass(kind, Term)]
STYLE = MathStyle()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Term])
def test_every_kind_of_term_has_plain_text(kind: type[Term]) -> None:
    assert kind in plain.registry, f"{kind.__name__} has no plain text"
    assert plain_math(TERMS[kind.__name__])


@pytest.mark.parametrize("kind", get_args(Block))
def test_every_kind_of_block_has_plain_text(kind: type) -> None:
    assert kind in plain_block.registry, f"{kind.__name__} has no plain text"


@pytest.mark.parametrize("kind", get_args(Inline))
def test_every_kind_of_inline_text_has_plain_text(kind: type) -> None:
    assert kind in _inline.registry, f"{kind.__name__} has no plain text"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w_5", "w₅"),
        ("w_12", "w₁₂"),
        ("w_1,1", "w_{1,1}"),
        ("w_new", "w_new"),
        ("net_h1", "netₕ₁"),
        ("hat y_1", "ŷ₁"),
        ("bar a^(2)_1", "ā₁⁽²⁾"),
        ("z''_1", "z″₁"),
        ("delta_o", "δₒ"),
        ("new w", "new w"),
        ("w^new", "w^new"),
    ],
)
def test_names(name: str, text: str) -> None:
    assert plain_name(Name.parse(name)) == text


ONE = num("1")


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (num("-4.83e-4"), "−4.83 × 10⁻⁴"),
        (plus(sym("a"), Negation(sym("b"))), "a − b"),
        (minus(num("0.40"), times(num("0.01"), num("-0.02"), sign="times")), "0.40 − 0.01 × (−0.02)"),
        (times(sym("x_1"), sym("w_1")), "x₁w₁"),
        (times(sym("net_new"), sym("w")), "net_new w"),
        (times(sym("eta"), d("E", "w_5")), "η ∂E/∂w₅"),
        (times(d("E", "z_3"), sym("w_5")), "∂E/∂z₃ · w₅"),
        (times(sym("a"), minus(ONE, sym("a"))), "a(1 − a)"),
        (Fraction(ONE, plus(ONE, Call("exp", (Negation(sym("z")),)))), "1/(1 + e⁻ᶻ)"),
        (Fraction(plus(sym("a"), sym("b")), num("2")), "(a + b)/2"),
        (Fraction(ONE, times(sym("a"), sym("b"))), "1/(a b)"),
        (Power(minus(sym("t"), sym("o")), num("2")), "(t − o)²"),
        (Call("exp", (Negation(num("0.4325")),)), "e^(−0.4325)"),
        (Call("ln", (sym("o"),)), "ln(o)"),
        (d("E", "w_5"), "∂E/∂w₅"),
        (Partial(sym("E"), sym("w"), total=True), "dE/dw"),
        (Partial(times(sym("a"), sym("b")), sym("w")), "∂/∂w [a b]"),
        (Result(num("0.4325")), "0.4325"),
        (Blank(num("0.4325"), 4), "________"),
        (TERMS["Cases"], "{z if z > 0; 0 otherwise}"),
        (TERMS["Torn"], "([a + b"),
        (TERMS["Elided"], "a + ⋯ + d"),
        (TERMS["Continuation"], "− x w"),
    ],
)
def test_terms(term: Term, text: str) -> None:
    assert plain_math(term) == text


def test_style() -> None:
    assert plain_math(num("1.5"), MathStyle(decimal=",")) == "1,5"
    assert plain_math(Call("exp", (sym("z"),)), MathStyle(exp="call")) == "exp(z)"


def test_a_derivation_is_aligned() -> None:
    rows = (
        Row(sym("z_1"), (("=", plus(sym("a"), sym("b"))),), note=words("why")),
        Row(None, (("", TERMS["Continuation"]),), indent=1.0),
        Row(None, (("=", Result(num("0.5"))),), number=1),
        Row(d("E", "w"), (("from", sym("x")), ("approx", ONE))),
    )
    assert plain_block(Derivation(rows, words("Title")), STYLE).splitlines() == [
        "Title",
        "  z₁    = a + b    [why]",
        "            − x w",
        "        = 0.5  (1)",
        "  ∂E/∂w ← x ≈ 1",
    ]


def test_a_table_is_aligned() -> None:
    table = Table(
        (words("w"), words("value")),
        ((words("ŵ"), words("−1.5")), ((Math(sym("w_1")),), words("22"))),
        ("left", "right"),
    )
    assert plain_block(table, STYLE).splitlines() == ["w   value", "─────────", "ŵ    −1.5", "w₁     22"]


def test_a_document() -> None:
    text = render_plain(document())
    assert text.startswith("WORKED SOLUTION\nTwo-output sigmoid network\n2–2–2 units")
    assert "[The network.]" in text and "[The loss falls.]" in text
    assert "1 Forward pass\n───" in text
    assert "by (3)" in text
    assert "31415926" not in text
    assert all(len(line) <= WIDTH + 10 for line in text.splitlines())
    assert text.count("\n\n\n") == 0


def test_long_text_is_wrapped() -> None:
    text = plain_block(Paragraph(words("word " * 60)), STYLE)
    assert len(text.splitlines()) == 4
    bullets = plain_block(Bullets((words("word " * 30),)), STYLE).splitlines()
    assert bullets[0].startswith("• word") and bullets[1].startswith("  word")


def test_headings_and_pictures() -> None:
    assert plain_block(Heading(2, words("All weights")), STYLE) == "All weights"
    assert plain_block(network(), STYLE) == "[The network.]"
    assert plain_block(curves(), STYLE) == "[The loss falls.]\nLoss over a hundred epochs"
    assert all(plain_block(block, STYLE) for block in (*BLOCKS, BACKWARD))
