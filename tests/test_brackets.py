"""Brackets and signs: pairs of a formula and its plain text, and random formulas read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import flint
import mpmath  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.networks import FORMS, any_net
from oracles.random_terms import ALL, KINDS, Builder, derivative, symbol, terms
from oracles.reading import Senseless, Unreadable, read

from symbackprop import solve
from symbackprop.derivation.forms import simplified
from symbackprop.document.blocks import MathStyle
from symbackprop.formulas.brackets import arrange
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Summation,
    Symbol,
    Term,
    Underbrace,
    Words,
)
from symbackprop.numbers.digits import Undecided, Value, show
from symbackprop.numbers.evaluate import NoValue, evaluate
from symbackprop.render.plain import plain_math
from symbackprop.spec import example_names

N = Number
X, Y, Z = (Symbol(Name(letter), letter) for letter in "xyz")
W5 = Symbol(Name("w", ("5",)), "w5")
SQUARED = Symbol(Name("a", (), ("2",)), "a")  # a superscript of its own: layer 2, say
TWO, HALF = N("2"), Fraction(N("1"), N("2"), inline=True)
DY_DX = Partial(Y, X, "d")


def minus(term: Term) -> Negation:
    return Negation(term)


def plus(*terms: Term) -> Sum:
    return Sum(terms)


def times(*factors: Term, sign: str = "") -> Product:
    return Product(factors, sign)


PAIRS: list[tuple[Term, str]] = [
    # sums and minus signs
    (plus(N("0.40"), minus(times(N("0.01"), N("-0.0239")))), "0.40 − 0.01 × (−0.0239)"),
    (plus(X, N("-2")), "x + (−2)"),
    (plus(X, minus(N("-2"))), "x − (−2)"),
    (plus(N("-2"), X), "−2 + x"),
    (minus(N("-2")), "−(−2)"),
    (minus(minus(X)), "−(−x)"),
    (minus(minus(minus(X))), "−(−(−x))"),
    (minus(plus(X, Y)), "−(x + y)"),
    (plus(minus(X), Y), "−x + y"),
    (plus(X, minus(minus(Y))), "x − (−y)"),
    (plus(X, plus(Y, Z)), "x + y + z"),
    (plus(X, minus(plus(Y, Z))), "x − (y + z)"),
    (plus(X, plus(minus(Y), Z)), "x + (−y) + z"),
    (plus(plus(X, Y), Z), "x + y + z"),
    (plus(minus(X)), "−x"),
    (plus(X, plus(minus(Y))), "x + (−y)"),
    (plus(times(N("0.05"), N("0.15")), times(N("0.10"), N("-0.25")), N("-0.40")),
     "0.05 × 0.15 + 0.10 × (−0.25) + (−0.40)"),
    # powers
    (Power(N("-2"), TWO), "(−2)²"),
    (minus(Power(TWO, TWO)), "−2²"),
    (Power(minus(X), TWO), "(−x)²"),
    (Power(Power(X, TWO), N("3")), "(x²)³"),
    (Power(times(X, Y), TWO), "(x y)²"),
    (Power(plus(X, minus(Y)), TWO), "(x − y)²"),
    (Power(plus(X), TWO), "x²"),
    (Power(W5, TWO), "w₅²"),
    (Power(SQUARED, TWO), "(a²)²"),
    (Power(N("2.60", -3), TWO), "(2.60 × 10⁻³)²"),
    (Power(Fraction(X, Y), TWO), "(x/y)²"),
    (Power(Call("exp", (X,)), TWO), "(eˣ)²"),
    (Power(X, N("-1")), "x⁻¹"),
    (Power(DY_DX, TWO), "(∂y/∂x)²"),
    # numbers in scientific form
    (times(N("2.60", -3), X, sign="times"), "(2.60 × 10⁻³) × x"),
    (times(X, N("2.60", -3)), "x × (2.60 × 10⁻³)"),
    (times(X, N("-4.83", -4)), "x × (−4.83 × 10⁻⁴)"),
    (plus(X, N("-4.83", -4)), "x + (−4.83 × 10⁻⁴)"),
    (plus(X, minus(N("4.83", -4))), "x − 4.83 × 10⁻⁴"),
    (plus(X, minus(N("-4.83", -4))), "x − (−4.83 × 10⁻⁴)"),
    (Fraction(X, N("4.83", -4)), "x/(4.83 × 10⁻⁴)"),
    # products: a sign where two factors would run together, one look for all gaps
    (times(X, Y), "x y"),
    (times(X, Y, sign="dot"), "x · y"),
    (times(TWO, X), "2 x"),
    (times(X, TWO), "x × 2"),
    (times(TWO, N("3")), "2 × 3"),
    (times(X, TWO, Y, sign="dot"), "x × 2 × y"),
    (times(X, minus(Y)), "x(−y)"),
    (times(X, N("-0.5")), "x × (−0.5)"),
    (times(N("-0.5"), X), "−0.5 x"),
    (plus(Y, times(N("-0.5"), X)), "y + (−0.5)x"),
    (plus(Y, minus(times(N("-0.5"), X))), "y − (−0.5)x"),
    (minus(times(N("-0.5"), X)), "−(−0.5)x"),
    (times(minus(X), Y), "(−x)y"),
    (times(X, times(Y, Z)), "x y z"),
    (times(X, times(N("-1"), Z)), "x × (−1)z"),
    (times(X, plus(Y, Z)), "x(y + z)"),
    (times(plus(Y, Z), X), "(y + z)x"),
    (times(X), "x"),
    (times(N("-1")), "−1"),
    (plus(Y, times(N("-1"))), "y + (−1)"),
    (times(N("-1"), N("-1"), N("-1"), sign="times"), "−1 × (−1) × (−1)"),
    # braces and boxes are transparent
    (times(X, Underbrace(N("-0.5"), Y)), "x × (−0.5)"),
    (times(X, Underbrace(plus(X, Y), Y), sign="dot"), "x · (x + y)"),
    (plus(X, Underbrace(minus(Y), Z)), "x + (−y)"),
    (plus(X, minus(Underbrace(plus(Y, Z), X))), "x − (y + z)"),
    (Result(minus(X)), "−x"),
    (plus(X, Result(N("-3"))), "x + (−3)"),
    # fractions
    (Fraction(plus(X, Y), plus(X, minus(Y))), "(x + y)/(x − y)"),
    (Fraction(N("1"), plus(N("1"), Call("exp", (minus(Z),)))), "1/(1 + e⁻ᶻ)"),
    (Fraction(X, times(Y, Z)), "x/(y z)"),
    (Fraction(X, Fraction(Y, Z)), "x/(y/z)"),
    (times(HALF, Power(plus(Y, minus(Z)), TWO)), "(1/2)(y − z)²"),
    (times(X, Fraction(N("1"), N("3"), inline=True)), "x × (1/3)"),
    (plus(X, N("-1/3")), "x + (−1/3)"),
    (Fraction(minus(X), Y, inline=True), "(−x)/y"),
    # derivatives, functions, explicit brackets
    (times(DY_DX, Partial(Z, X, "e"), sign="dot"), "∂y/∂x · ∂z/∂x"),
    (times(X, DY_DX, sign="dot"), "x · ∂y/∂x"),
    (Fraction(X, DY_DX), "x/(∂y/∂x)"),
    (Partial(plus(X, Y), Z, "k"), "∂/∂z [x + y]"),
    (Call("ln", (plus(N("1"), minus(X)),)), "ln(1 − x)"),
    (Call("exp", (minus(N("0.5")),)), "e^(−0.5)"),
    (Call("exp", (minus(N("-0.5")),)), "e^(−(−0.5))"),
    (Group(N("-1")), "(−1)"),
    (times(Group(plus(X, Y), "square"), Z), "[x + y]z"),
    (Cases((X, N("0")), (Comparison(X, "greater", N("0")), Words("otherwise"))),
     "{x if x > 0; 0 otherwise}"),
    (plus(Y, minus(Summation(X))), "y − (Σ x)"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "text"), PAIRS, ids=[text for _, text in PAIRS])
def test_pair(term: Term, text: str) -> None:
    assert plain_math(term) == text


@pytest.mark.parametrize("term", [term for term, _ in PAIRS], ids=[text for _, text in PAIRS])
def test_arranging_twice_changes_nothing(term: Term) -> None:
    assert arrange(arrange(term)) == arrange(term)


def test_number_sign() -> None:
    assert plain_math(times(X, TWO), MathStyle(number_sign="dot")) == "x · 2"
    assert plain_math(times(N("0.01"), N("-0.5")), MathStyle(number_sign="star")) == "0.01 * (−0.5)"


def test_decimal_comma() -> None:
    assert plain_math(plus(N("0.40"), N("-4.83", -4)), MathStyle(decimal=",")) == "0,40 + (−4,83 × 10⁻⁴)"


# --- random formulas --------------------------------------------------------------------------

#: Printed names by quantity key.
PRINTED = {"p": "p", "q": "q", "x1": "x₁", "w5": "w₅", "b12": "b₁₂", "grad": "∂E/∂w₁"}
SYMBOLS = (
    symbol("p", "p"),
    symbol("q", "q"),
    symbol("x1", "x_1"),
    symbol("w5", "w_5"),
    symbol("b12", "b_12"),
    derivative("grad"),
)
READABLE = (*KINDS, "result")
POINTS = st.fixed_dictionaries({key: st.integers(-40, 40) for key in PRINTED})
STYLES = (MathStyle(exp="power"), MathStyle(exp="call"))
TWO_OPERATORS = re.compile(r"[+−·×*/]\s*[+−·×*/]")


def examples(count: int) -> Any:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@examples(600)
@given(terms(SYMBOLS, READABLE), POINTS)
def test_the_printed_formula_has_the_value_of_the_formula(term: Term, point: Mapping[str, int]) -> None:
    assert_reads_back(term, point)


def assert_reads_back(term: Term, point: Mapping[str, int]) -> None:
    """Assert that the text, read by precedence alone, has the term's own value."""
    with mpmath.workdps(50), flint.ctx.workprec(400):
        try:
            ball = evaluate(term, {k: Value.of_number(N(f"{n}/16")) for k, n in point.items()}).ball
        except (NoValue, Undecided):
            assume(False)
        for style in STYLES:
            text = plain_math(term, style)
            try:
                found = read(text, {PRINTED[key]: mpmath.mpf(n) / 16 for key, n in point.items()})
            except Senseless:
                assume(False)
            expected = mpmath.mpf(ball.mid().str(45, radius=False))
            assert abs(found - expected) <= mpmath.mpf("1e-25") * (1 + abs(expected)), text


#: Formulas whose plain text once said something else than the formula.
MISREAD: list[Term] = [
    minus(Fraction(times(N("-2"), symbol("p", "p")), symbol("q", "q"))),
    times(symbol("q", "q"), Fraction(times(N("-2"), symbol("p", "p")), symbol("x1", "x_1"))),
    times(symbol("q", "q"), Fraction(times(N("-2"), symbol("p", "p")), symbol("x1", "x_1")), sign="dot"),
    plus(symbol("q", "q"), Fraction(minus(symbol("p", "p")), symbol("x1", "x_1"))),
    Fraction(symbol("p", "p"), times(symbol("x1", "x_1"), symbol("w5", "w_5"))),
    Fraction(symbol("p", "p"), times(Power(N("3"), TWO), symbol("q", "q"))),
    Call("exp", (times(symbol("x1", "x_1"), symbol("q", "q")),)),
    Call("exp", (Power(symbol("w5", "w_5"), TWO),)),
    times(Fraction(N("1"), symbol("x1", "x_1")), symbol("w5", "w_5")),
    times(derivative("grad"), symbol("w5", "w_5")),
]


@pytest.mark.parametrize("term", MISREAD, ids=[str(number) for number in range(len(MISREAD))])
def test_misread(term: Term) -> None:
    assert_reads_back(term, {"p": 24, "q": 40, "x1": -8, "w5": 12, "b12": 3, "grad": 7})
    assert not TWO_OPERATORS.search(plain_math(term))


@examples(400)
@given(terms(SYMBOLS, ALL))
def test_arranging_random_formulas_twice_changes_nothing(term: Term) -> None:
    arranged = arrange(term)
    assert arrange(arranged) == arranged
    for style in STYLES:
        text = plain_math(term, style)
        assert not TWO_OPERATORS.search(text), text
        assert "--" not in text and "+-" not in text and "()" not in text


def test_arranging_keeps_the_value() -> None:
    point = {key: Value.of_number(N(f"{n}/7")) for n, key in enumerate(PRINTED, start=-2)}
    compared = 0
    for seed in range(300):
        term = Builder(seed, SYMBOLS).term(4)
        try:
            before, after = evaluate(term, point), evaluate(arrange(term), point)
        except (NoValue, Undecided):
            continue
        assert before.exact == after.exact
        assert before.ball.overlaps(after.ball)
        compared += 1
    assert compared > 200


# --- the formulas of real sheets ---------------------------------------------------------------

#: One as a factor; not the ten to a power of 1 × 10⁻⁵, not the numerator of 1/3.
ONE_TIMES = re.compile(r"(?<![\d.⁰-⁹])1 [·×*] (?!10[⁰-⁹⁻])|[·×*] 1(?![\d./])")


@pytest.mark.parametrize("name", example_names())
def test_no_formula_of_an_example_is_badly_printed(name: str) -> None:
    solution = solve(name)
    bias_factor = solution.ledger.vocabulary.notation.bias_factor
    for step in solution:
        for reading in (step.name, step.chain, step.formula, step.substituted):
            text = plain_math(reading)
            assert not TWO_OPERATORS.search(text), (step.key, text)
        if not (bias_factor and step.key.startswith("net")):
            assert not ONE_TIMES.search(plain_math(step.formula)), step.key
        assert simplified(step.formula) == step.formula


@pytest.mark.parametrize("name", ["two-output-sigmoid", "delta-rule", "or-gate"])
def test_what_is_printed_gives_the_next_number_printed(name: str) -> None:
    """Where displayed values are carried, the substituted line gives the result, digit by digit."""
    solution = solve(name)
    assert solution.problem.rounding.carry == "shown"
    for step in solution:
        if not all(solution.ledger.known(key) for key in (step.key, *step.uses)):
            continue  # parameters that the example leaves open
        with mpmath.workdps(60):
            text = plain_math(step.substituted, MathStyle(exp="call"))
            value = read(text)
        digits = Value.of_number(N(mpmath.nstr(value, 40, min_fixed=-100, max_fixed=100)))
        assert str(show(digits, solution.problem.rounding.of(step.key))) == step.shown, (step.key, text)


def test_substituted_lines_of_random_networks() -> None:
    """With many digits on the page, the line as printed has the value that the ledger holds."""
    from dataclasses import replace

    from symbackprop.numbers.rounding import Rounding, RoundingPolicy

    policy = RoundingPolicy(Rounding(40, scientific_below=-8))
    lines = 0
    for seed in range(40):
        solution = solve(replace(any_net(seed), form=FORMS[seed % 4]).problem(rounding=policy))
        for step in solution:
            assert not any(isinstance(part, Cases) for part in _parts(step.substituted)), step.key
            with mpmath.workdps(60):
                text = plain_math(step.substituted, MathStyle(exp="call"))
                assert not TWO_OPERATORS.search(text), text
                try:
                    found, expected = read(text), mpmath.mpf(step.digits(30))
                except Senseless:
                    continue
                except Unreadable as error:
                    raise AssertionError(f"seed {seed}, {step.key}: {error}") from None
                assert abs(found - expected) <= mpmath.mpf("1e-25") * (1 + abs(expected)), (seed, text)
                lines += 1
    assert lines > 1000


def _parts(term: Term) -> list[Term]:
    from symbackprop.formulas.terms import walk

    return list(walk(term))
