"""Formulas as LaTeX: what goes in, what comes out."""

from __future__ import annotations

from typing import get_args

import pytest
from latex_sample import TERMS, d, minus, num, plus, sym, times

from symbackprop.document.blocks import Block, Inline, MathStyle
from symbackprop.formulas import terms
from symbackprop.formulas.names import GREEK, Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Fraction,
    Group,
    Negation,
    Partial,
    Power,
    Result,
    Summation,
    Symbol,
    Term,
    Torn,
    Underbrace,
    Words,
    walk,
)
from symbackprop.render.latex import latex_math, latex_name
from symbackprop.render.latex.blocks import write
from symbackprop.render.latex.math import tex
from symbackprop.render.latex.text import latex_inline

KINDS = [kind for kind in vars(terms).values() if isinstance(kind, type) and issubclass(kind, Term)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Term])
def test_every_kind_of_term_has_latex(kind: type[Term]) -> None:
    assert kind in tex.registry, f"{kind.__name__} has no LaTeX"
    assert any(isinstance(part, kind) for part in walk(TERMS[kind.__name__]))
    assert latex_math(TERMS[kind.__name__])


@pytest.mark.parametrize("kind", get_args(Block))
def test_every_kind_of_block_has_latex(kind: type) -> None:
    assert kind in write.registry, f"{kind.__name__} has no LaTeX"


@pytest.mark.parametrize("kind", get_args(Inline))
def test_every_kind_of_inline_text_has_latex(kind: type) -> None:
    assert kind in latex_inline.registry, f"{kind.__name__} has no LaTeX"


def test_an_unknown_term_is_an_error() -> None:
    class Unknown(Term):
        pass

    with pytest.raises(NotImplementedError, match="no LaTeX for a Unknown"):
        latex_math(Unknown())


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("w", "w"),
        ("w_5", "w_5"),
        ("w_12", "w_{12}"),
        ("w_1,1", "w_{1,1}"),
        ("hat y_1", r"\hat{y}_1"),
        ("a^2_1", "a_1^2"),
        ("a^(2)_1", "a_1^{(2)}"),
        ("z'_1", "z'_1"),
        ("w''_5^new", r"w^{\prime\prime\mathrm{new}}_5"),
        ("w'^T", r"w^{\prime T}"),
        ("net_h1", r"\mathrm{net}_{h1}"),
        ("new w", r"\mathrm{new}\,w"),
        ("delta_o", r"\delta_o"),
        ("hat sigma", r"\hat{\sigma}"),
        ("hat out_1", r"\widehat{\mathrm{out}}_1"),
        ("bar a_l-1", r"\bar{a}_{l-1}"),
        ("w_new", r"w_{\mathrm{new}}"),
        ("x_delta k", r"x_{\delta\,k}"),
    ],
)
def test_names(name: str, source: str) -> None:
    assert latex_name(Name.parse(name)) == source


def test_every_greek_letter_has_a_command() -> None:
    assert {latex_name(Name(letter)) for letter in GREEK} == {f"\\{letter}" for letter in GREEK}


def test_a_name_made_by_hand_is_escaped() -> None:
    assert latex_name(Name("é", ("%&", "ß"))) == r"\text{é}_{\text{\%}\text{\&},\text{ß}}"


ONE = num("1")


@pytest.mark.parametrize(
    ("term", "source"),
    [
        (num("-0.40"), "-0.40"),
        (num("-4.83e-4"), r"-4.83 \times 10^{-4}"),
        (num("2e7"), r"2 \times 10^7"),
        (plus(sym("a"), Negation(sym("b")), sym("c")), "a - b + c"),
        (
            minus(num("0.40"), times(num("0.01"), num("-0.0239"), sign="times")),
            r"0.40 - 0.01 \times (-0.0239)",
        ),
        (times(sym("x_1"), sym("w_1")), "x_1 w_1"),
        (times(sym("a"), sym("b"), sign="dot"), r"a \cdot b"),
        (times(sym("eta"), d("E", "w_5")), r"\eta \, \frac{\partial E}{\partial w_5}"),
        (times(sym("a"), minus(ONE, sym("a"))), "a (1 - a)"),
        (Fraction(ONE, num("2")), r"\frac{1}{2}"),
        (Fraction(sym("a"), sym("b"), inline=True), "a / b"),
        (Power(minus(sym("t"), sym("o")), num("2")), "(t - o)^2"),
        (Power(num("10"), num("-3")), "10^{-3}"),
        (Power(Fraction(sym("a"), sym("b")), num("2")), r"\left( \frac{a}{b} \right)^2"),
        (Call("exp", (Negation(sym("z")),)), "e^{-z}"),
        (Call("ln", (minus(ONE, sym("o")),)), r"\ln(1 - o)"),
        (Call("max", (num("0"), sym("z"))), r"\max(0, z)"),
        (Call("sigma", (sym("z_1"),)), r"\sigma(z_1)"),
        (Call("g", (Fraction(sym("a"), sym("b")),)), r"g\!\left( \frac{a}{b} \right)"),
        (Call("softplus", (sym("z"),)), r"\operatorname{softplus}(z)"),
        (Call("f", (sym("z"),), Name.parse("f'")), "f'(z)"),
        (Call("sqrt", (plus(sym("a"), sym("b")),)), r"\sqrt{a + b}"),
        (d("E", "w_5"), r"\frac{\partial E}{\partial w_5}"),
        (d("sigma", "z"), r"\frac{\partial\sigma}{\partial z}"),
        (Partial(sym("E"), sym("w"), total=True), r"\frac{\mathrm{d}E}{\mathrm{d}w}"),
        (Partial(times(sym("a"), sym("b")), sym("w")), r"\frac{\partial}{\partial w}[a b]"),
        (Underbrace(sym("a"), d("z", "w")), r"\factor{a}{\tfrac{\partial z}{\partial w}}"),
        (
            Group(Underbrace(d("E", "z"), Words("so & so"))),
            r"\biggl( \factor{\frac{\partial E}{\partial z}}{\text{so \& so}} \biggr)",
        ),
        (Result(num("0.4325")), r"\result{0.4325}"),
        (Blank(num("0.4325"), 4.5), r"\blank{4.5em}"),
        (Summation(sym("x_i"), sym("i"), sym("n")), r"\sum_{i}^n x_i"),
        (Torn(d("E", "z"), opens=("round", "square")), r"\biggl( \biggl[ \frac{\partial E}{\partial z}"),
        (Torn(sym("a"), closes=("square",)), "a]"),
    ],
)
def test_terms(term: Term, source: str) -> None:
    assert latex_math(term) == source


def test_a_blank_does_not_hold_its_answer() -> None:
    assert "31415926" not in latex_math(TERMS["Blank"])


def test_a_bare_derivative_in_a_line_takes_a_slash() -> None:
    assert latex_math(d("E", "w_5"), inline=True) == r"\partial E/\partial w_5"
    assert latex_math(Negation(d("E", "w_5")), inline=True) == r"-\frac{\partial E}{\partial w_5}"


def test_style() -> None:
    style = MathStyle(exp="call", number_sign="dot", decimal=",")
    term = times(Call("exp", (sym("z"),)), num("1.5e3"))
    assert latex_math(term, style) == r"\exp(z) \cdot (1{,}5 \cdot 10^3)"


def test_every_symbol_of_a_plain_name_survives() -> None:
    assert latex_math(Symbol(Name("w", ("5",)))) == "w_5"
