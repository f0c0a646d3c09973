"""Formulas in Typst's markup: one pair for every kind of term and every decision."""

from __future__ import annotations

import pytest
from terms import kinds_of_term
from typst_sample import TERMS, N, add, mul, p, s

from symbackprop.document.blocks import MathStyle
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.names import GREEK, Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Continuation,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Result,
    Term,
    Torn,
    Underbrace,
    Words,
)
from symbackprop.render.typst import typst_math, typst_name

COMMA = MathStyle(decimal=",")
CALL = MathStyle(exp="call")
LOOK = """
#let mark = math.class("normal", ",")
#let nothing = math.class("normal", box())
#let entries(..rows) = math.mat(delim: "[", column-gap: 0.95em, row-gap: 0.55em, ..rows)
#let padded(before, it, after) = { h(before * 1em); it; h(after * 1em) }
#let result(it) = it
#let blank(width) = box(width: width * 1em)
#let answer(width, it) = it
"""


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (Name.parse("w_5"), "w_5"),
        (Name.parse("w_12"), "w_12"),
        (Name.parse("w_1,1"), "w_(1\\, 1)"),
        (Name.parse("hat y_1"), "hat(y)_1"),
        (Name.parse("bar x"), "macron(x)"),
        (Name.parse("z'_1"), "z'_1"),
        (Name.parse("a^2_1"), "a_1^2"),
        (Name.parse("w_5^new"), 'w_5^"new"'),
        (Name("w", ("1", "1"), ("(2)",)), "w_(1\\, 1)^(\\( 2 \\))"),
        (Name("w", ("5",), ("(new)",)), 'w_5^(\\("new"\\))'),
        (Name.parse("net_h1"), '"net"_(h 1)'),
        (Name.parse("net input_h1"), '"net input"_(h 1)'),
        (Name.parse("delta"), "delta"),
        (Name.parse("h1"), "h 1"),
        (Name('e"#', ("_$",)), 'e"\\"""#"_("_""$")'),
        (Name("θ"), "θ"),
        (Name("²#"), '"²""#"'),
    ],
)
def test_names(name: Name, source: str) -> None:
    assert typst_name(name) == source


@pytest.mark.parametrize(
    ("term", "style", "source"),
    [
        (N("0.40"), MathStyle(), "0.40"),
        (N("-0.40"), COMMA, "-0#mark;40"),
        (N("1/3"), MathStyle(), "1\\/3"),
        (N("-4.83", -4), MathStyle(), "-4.83 times 10^(-4)"),
        (N("4.83", 12), MathStyle(number_sign="dot", decimal=","), "4#mark;83 dot.op 10^(12)"),
        (N("x#y"), MathStyle(), '"x#y"'),
        (add(s("x"), Negation(s("b")), N("-0.5")), MathStyle(), "x - b + (-0.5)"),
        (Negation(add(s("a"), s("b"))), MathStyle(), "- (a + b)"),
        (mul(s("x_1"), s("w_1")), MathStyle(), "x_1 w_1"),
        (mul(s("x"), s("w"), sign="dot"), MathStyle(), "x dot.op w"),
        (mul(s("x"), s("w"), sign="star"), MathStyle(), "x ast.op w"),
        (mul(s("net"), s("w")), MathStyle(), '"net"thin w'),
        (mul(Words("through"), s("w")), MathStyle(), '"through"" "w'),
        (mul(s("w"), Words("once")), MathStyle(), 'w" ""once"'),
        (mul(s("w"), s("net")), MathStyle(), 'w thin"net"'),
        (mul(Words("through "), s("w")), MathStyle(), '"through "w'),
        (Product((s("x"), N("2"), s("y")), ("times", "")), MathStyle(), "x times 2 y"),
        (Fraction(s("a"), s("b")), MathStyle(), "frac(a, b)"),
        (Fraction(s("a"), add(s("b"), s("c")), inline=True), MathStyle(), "a \\/ (b + c)"),
        (Power(add(s("t"), Negation(s("o"))), N("2")), MathStyle(), "(t - o)^(2)"),
        (Call("exp", (Negation(s("z")),)), MathStyle(), "e^(- z)"),
        (Call("exp", (Negation(s("z")),)), CALL, "exp (- z)"),
        (Call("sigma", (s("z"),)), MathStyle(), "sigma (z)"),
        (Call("softplus", (s("z"),)), MathStyle(), 'op("softplus") (z)'),
        (Call("f", (s("z"),), Name.parse("g_1")), MathStyle(), "g_1 (z)"),
        (Call("max", (N("0"), s("z"))), MathStyle(), "max (0\\, z)"),
        (Call("sqrt", (s("z"),)), MathStyle(), "sqrt(z)"),
        (p("E", "w_5"), MathStyle(), "frac(partial E, partial w_5)"),
        (Partial(s("f"), s("z"), total=True), MathStyle(), "frac(dif f, dif z)"),
        (Partial(add(s("a"), s("b")), s("z")), MathStyle(), "frac(partial, partial z) [a + b]"),
        (Group(s("z"), "square"), MathStyle(), "[z]"),
        (Underbrace(s("a"), Words("in")), MathStyle(), 'underbrace(a, "in")'),
        (Underbrace(s("a"), p("E", "z")), MathStyle(), "underbrace(a, inline(frac(partial E, partial z)))"),
        (Group(Underbrace(s("a"), s("b"))), MathStyle(), "(underbrace(a, b))"),
        (Torn(s("a"), opens=("round",)), MathStyle(), "paren.l a"),
        (
            Torn(p("E", "z"), closes=("square",)),
            MathStyle(),
            "frac(partial E, partial z) lr(bracket.r, size: #2.45em)",
        ),
        (Group(p("E", "z")), MathStyle(), "lr((frac(partial E, partial z)), size: #100%)"),
        (
            Group(Underbrace(p("E", "z"), s("b"))),
            MathStyle(),
            "lr((underbrace(frac(partial E, partial z), b)), size: #2.45em)",
        ),
        (Continuation("plus", s("a")), MathStyle(), "nothing + a"),
        (Result(N("0.4325")), MathStyle(), "result(0.4325)"),
        (Blank(N("0.98765"), 5.0), MathStyle(), "blank(#5)"),
        (TERMS["Cases"], MathStyle(), 'cases(z & quad"if "z > 0, 0 & quad"otherwise")'),
        (TERMS["Summation"], MathStyle(), "sum_(k = 1)^(K) x_k w_k"),
    ],
)
def test_terms(term: Term, style: MathStyle, source: str) -> None:
    assert typst_math(term, style) == source


def test_a_derivative_alone_takes_a_slash_in_a_line_of_text() -> None:
    assert typst_math(p("E", "w_5"), inline=True) == "partial E \\/ partial w_5"
    assert typst_math(Negation(p("E", "w_5")), inline=True) == "- frac(partial E, partial w_5)"


def test_every_kind_of_term_has_a_sample() -> None:
    assert set(TERMS) == kinds_of_term()


@pytest.mark.parametrize("style", [MathStyle(), CALL, COMMA, MathStyle(number_sign="dot")])
def test_every_term_compiles(style: MathStyle) -> None:
    formulas = "\n".join(f"$ {typst_math(term, style)} $" for term in TERMS.values())
    assert compile_typst(LOOK + formulas, standard=None).startswith(b"%PDF")


def test_every_greek_letter_and_accent_compiles() -> None:
    names = [
        Name(letter, accent=accent)
        for letter in sorted(GREEK)
        for accent in ("", "hat", "bar", "tilde", "dot")
    ]
    assert compile_typst("\n".join(f"${typst_name(name)}$" for name in names), standard=None)


def test_an_unknown_term_is_refused() -> None:
    class Strange(Number):
        pass

    assert typst_math(Strange("1")) == "1"  # a kind of number prints as one
    with pytest.raises(NotImplementedError, match="no Typst markup for Term"):
        typst_math(Term())
