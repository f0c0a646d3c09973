"""Formulas read aloud: one pair for every kind of term."""

from __future__ import annotations

import pytest
from terms import kinds_of_term
from typst_sample import TERMS, N, add, eq, mul, p, s

from symbackprop.document.blocks import MathStyle, Row
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Continuation,
    Fraction,
    Group,
    Negation,
    Partial,
    Power,
    Product,
    Symbol,
    Term,
    Torn,
    Underbrace,
    Words,
)
from symbackprop.render.speech import speak, speak_row


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (s("hat y_1"), "y hat 1"),
        (s("z'_1"), "z prime 1"),
        (s("w_1,1"), "w 1 1"),
        (s("delta_h1"), "delta h 1"),
        (s("Delta"), "capital delta"),
        (s("w_5^new"), "w 5 superscript new"),
        (Symbol(Name("w", ("1",), ("(2)",))), "w 1 superscript 2 in brackets"),
        (N("0.4325"), "0.4325"),
        (N("-0.5"), "minus 0.5"),
        (N("1/3"), "1 over 3"),
        (N("-4.83", -4), "minus 4.83 times 10 to the minus 4"),
        (add(s("a"), Negation(s("b"))), "a minus b"),
        (mul(N("0.40"), N("-0.1")), "0.40 times open bracket minus 0.1 close bracket"),
        (mul(s("x_1"), s("w_1")), "x 1 times w 1"),
        (mul(Words("through "), s("hat y_1")), "through y hat 1"),
        (Fraction(s("a"), s("b")), "a over b"),
        (Fraction(N("1"), add(N("1"), s("x"))), "fraction 1 over 1 plus x, end fraction"),
        (Power(s("x"), N("2")), "x squared"),
        (Power(s("x"), s("n")), "x to the n"),
        (Power(s("x"), add(s("n"), N("1"))), "x to the n plus 1, end exponent"),
        (Call("exp", (Negation(s("z_1")),)), "e to the minus z 1"),
        (Call("ln", (s("o"),)), "natural log of o"),
        (Call("sigma", (add(s("a"), s("b")),)), "sigma of open bracket a plus b close bracket"),
        (Call("f", (s("z"),), Name.parse("g")), "g of z"),
        (Call("sqrt", (add(s("a"), s("b")),)), "square root of a plus b, end root"),
        (p("E", "w_5"), "partial E over partial w 5"),
        (Partial(s("f"), s("z"), total=True), "d f over d z"),
        (
            Partial(add(s("a"), s("b")), s("z")),
            "partial over partial z of open square bracket a plus b close square bracket",
        ),
        (Group(s("z"), "square"), "open square bracket z close square bracket"),
        (Underbrace(s("a_1"), p("z_3", "w_5")), "a 1, labelled partial z 3 over partial w 5"),
        (TERMS["Summation"], "the sum from k equals 1 to K of x k times w k"),
        (TERMS["Cases"], "by cases: z if z is greater than 0; 0 otherwise; end of cases"),
        (TERMS["Comparison"], "z is greater than or equal to 0"),
        (TERMS["Result"], "0.4325"),
        (Blank(N("0.98765")), "blank"),
        (TERMS["Elided"], "a plus and so on plus d"),
        (Continuation("times", s("x")), "times x"),
        (Torn(s("x"), opens=("round",)), "open bracket x"),
        (Product((s("a"), s("b")), ("star",)), "a times b"),
    ],
)
def test_terms(term: Term, words: str) -> None:
    assert speak(term) == words


def test_exp_as_a_function() -> None:
    assert speak(Call("exp", (Negation(s("z")),)), MathStyle(exp="call")) == "exp of minus z"


def test_a_row_is_one_sentence() -> None:
    row = Row(p("E", "w_5"), (*eq(mul(s("delta_1"), s("a_1"))), ("approx", N("0.088"))))
    assert speak_row(row) == "partial E over partial w 5 equals delta 1 times a 1 is approximately 0.088"
    assert speak_row(Row(s("w"), (("from", add(s("w"), Negation(s("g")))),))) == "w becomes w minus g"
    assert speak_row(Row(None, (("", Continuation("plus", s("b"))),))) == "plus b"


def test_every_kind_of_term_can_be_said() -> None:
    for name in sorted(kinds_of_term()):
        assert speak(TERMS[name])
    with pytest.raises(NotImplementedError, match="no words for Term"):
        speak(Term())
