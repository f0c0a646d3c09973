"""Formulas against SymPy: the shown derivatives, and the three conversions of one statement."""

from __future__ import annotations

from typing import Any

import flint
import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.random_terms import KINDS, MARKS, derivative, symbol, terms

from symbackprop.doubles.arrays import array_value
from symbackprop.formulas.names import Name
from symbackprop.formulas.symbolic import equal, from_sympy, sympy_symbol, to_sympy
from symbackprop.formulas.terms import (
    Blank,
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
    Symbol,
    Term,
    Underbrace,
)
from symbackprop.numbers.digits import Undecided, Value, number_value
from symbackprop.numbers.evaluate import NoValue, evaluate
from symbackprop.numbers.functions import FUNCTIONS
from symbackprop.rules import AFFINE
from symbackprop.rules.derivation import slot

Z, A, T, O = (sympy_symbol(name) for name in "zato")  # noqa: E741


# --- rules: those of activations and losses are proved in test_rules.py ---------------------------


def test_affine_kernel() -> None:
    x, w, b = (Symbol(Name(name), name) for name in "xwb")
    for first in (True, False):
        formula = to_sympy(
            AFFINE.formula([AFFINE.pair(x, w, weight_first=first), AFFINE.pair(w, b)], b, bias_factor=first)
        )
        sx, sw, sb = map(sympy_symbol, "xwb")
        assert equal(formula, sx * sw + sw * sb + sb)
    kernel = to_sympy(AFFINE.kernel)
    assert to_sympy(AFFINE.partial_by_weight(slot("x"))) == sympy.diff(kernel, sympy_symbol("w"))
    assert to_sympy(AFFINE.partial_by_source(slot("w"))) == sympy.diff(kernel, sympy_symbol("x"))


def test_equal_tells_apart() -> None:
    assert equal(sympy.tanh(Z) ** 2, 1 - 1 / sympy.cosh(Z) ** 2)
    assert not equal(A * (1 - A), A * (1 + A))
    assert not equal(T, O)


# --- one statement, three conversions --------------------------------------------------------

VARIABLES = ("p", "q", "net.h1", "act.o1#2@1", "grad.w1|o1")


def keyed(key: str) -> Term:
    return derivative(key) if key.startswith("grad") else symbol(key)


TERMS = terms([keyed(key) for key in VARIABLES])
WITHOUT_CASES = terms([keyed(key) for key in VARIABLES], (*KINDS, *MARKS))
POINTS = st.fixed_dictionaries(
    {key: st.integers(-40, 40).map(lambda n: f"{n}/16") for key in (*VARIABLES, "loss", "w1")}
)


def examples(count: int) -> Any:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Meaningless(Exception):
    """A term without a real value at a point."""


def by_mpmath(term: Term, point: dict[str, Any]) -> Any:
    """Evaluate a term by mpmath alone."""

    def value(inner: Term) -> Any:
        result = by_mpmath(inner, point)
        if not mpmath.isfinite(result) or abs(result) > 1e30 or isinstance(result, mpmath.mpc):
            raise Meaningless
        return result

    match term:
        case Symbol() | Partial():
            return point[term.key]
        case Number():
            over, _, under = term.text.partition("/")
            return mpmath.mpf(over) / mpmath.mpf(under or "1") * mpmath.mpf(10) ** (term.exponent or 0)
        case Sum():
            return mpmath.fsum(map(value, term.terms))
        case Product():
            return mpmath.fprod(map(value, term.factors))
        case Negation():
            return -value(term.term)
        case Group() | Result() | Underbrace():
            return value(term.term)
        case Blank():
            return value(term.answer)
        case Fraction():
            under = value(term.denominator)
            if abs(under) < 1e-6:
                raise Meaningless
            return value(term.numerator) / under
        case Power():
            base, exponent = value(term.base), value(term.exponent)
            if abs(base) < 1e-6:
                raise Meaningless
            return base**exponent
        case Call():
            argument = value(term.arguments[0])
            if term.function in ("ln", "sqrt") and argument < 1e-6:
                raise Meaningless
            if abs(argument) > 100:
                raise Meaningless
            name = "log" if term.function == "ln" else term.function
            return getattr(mpmath, name)(argument)
        case Cases():
            condition = term.conditions[0]
            assert isinstance(condition, Comparison)
            difference = value(condition.left) - value(condition.right)
            if abs(difference) < 1e-6:
                raise Meaningless
            holds = {"greater": difference > 0, "greater_equal": difference > 0, "equal": False}.get(
                condition.relation, difference < 0
            )
            both = [value(other) for other in term.values]
            return both[0 if holds else 1]
    raise NotImplementedError(type(term).__name__)


@examples(700)
@given(TERMS, POINTS)
def test_a_term_is_its_sympy_expression_its_ball_and_its_array(term: Term, point: dict[str, str]) -> None:
    with mpmath.workdps(60):
        numbers = {key: mpmath.mpf(text[:-3]) / 16 for key, text in point.items()}
        try:
            expected = by_mpmath(term, numbers)
        except Meaningless:
            assume(False)
        values = {key: Value.of_number(Number(text)) for key, text in point.items()}
        with flint.ctx.workprec(120):
            found = evaluate(term, values)
            low, high = _ends(found.ball)
            slack = mpmath.mpf("1e-45") * (1 + abs(expected))  # of the reference itself
            assert low - slack <= expected <= high + slack
            assert high - low <= mpmath.mpf("1e-20") * (1 + abs(expected)) * 10**6
            if found.exact is not None:
                exact = mpmath.mpf(int(found.exact.p)) / int(found.exact.q)
                assert abs(exact - expected) <= slack
        in_sympy = to_sympy(term).xreplace(
            {sympy_symbol(key): sympy.Rational(text) for key, text in point.items()}
        )
        assert abs(mpmath.mpf(sympy.N(in_sympy, 40)) - expected) <= mpmath.mpf("1e-30") * (1 + abs(expected))


def _ends(ball: Any) -> tuple[Any, Any]:
    middle, radius = (
        mpmath.ldexp(int(mantissa), int(exponent))
        for mantissa, exponent in (ball.mid().man_exp(), ball.rad().man_exp())
    )
    return middle - radius, middle + radius


@examples(400)
@given(TERMS, st.lists(POINTS, min_size=1, max_size=4))
def test_arrays_agree_with_balls(term: Term, points: list[dict[str, str]]) -> None:
    expected = []
    with mpmath.workdps(60):
        for point in points:
            try:
                expected.append(
                    float(by_mpmath(term, {key: mpmath.mpf(text[:-3]) / 16 for key, text in point.items()}))
                )
            except Meaningless:
                assume(False)
    columns = {key: np.array([int(point[key][:-3]) / 16 for point in points]) for key in points[0]}
    with np.errstate(all="ignore"):
        found = np.broadcast_to(array_value(term, columns), len(points))
    largest = max(map(abs, expected)) + 1
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9 * largest)


@examples(400)
@given(WITHOUT_CASES, POINTS)
def test_to_sympy_and_back(term: Term, point: dict[str, str]) -> None:
    with mpmath.workdps(40):
        numbers = {key: mpmath.mpf(text[:-3]) / 16 for key, text in point.items()}
        try:
            expected = by_mpmath(term, numbers)
        except Meaningless:
            assume(False)
        expression = to_sympy(term)
        again = from_sympy(expression, keyed)
        # SymPy orders and simplifies; what it returns is the same number, and the same expression
        assert abs(by_mpmath(again, numbers) - expected) <= mpmath.mpf("1e-25") * (1 + abs(expected))
        assert to_sympy(again) == expression or equal(to_sympy(again), expression)


@examples(400)
@given(TERMS)
def test_evaluating_never_fails_but_by_name(term: Term) -> None:
    """At a point where much is zero: a value, no value, or digits that this precision leaves open."""
    point = dict.fromkeys((*VARIABLES, "loss", "w1"), Value.of_number(Number("0")))
    with flint.ctx.workprec(80):
        try:
            value = evaluate(term, point)
        except (NoValue, Undecided):
            return
        assert value.ball.is_finite()
        if value.exact is not None:
            assert flint.arb(value.exact).overlaps(value.ball)


def test_functions_have_counterparts() -> None:
    from symbackprop.doubles import arrays
    from symbackprop.formulas import symbolic
    from symbackprop.numbers.functions import CHOICES

    assert FUNCTIONS.keys() == arrays.FUNCTIONS.keys()
    assert FUNCTIONS.keys() | CHOICES.keys() == symbolic.FUNCTIONS.keys()
    samples = {flint.fmpq(n, 2): (n / 2, sympy.Rational(n, 2)) for n in (-3, 0, 2, 5)}
    for name, function in FUNCTIONS.items():
        exact = dict(function.exact)
        if function.rational is not None:
            exact |= {argument: function.rational(argument) for argument in samples}
        for argument, result in exact.items():
            assert sympy.simplify(
                symbolic.FUNCTIONS[name](sympy.Rational(str(argument))) - sympy.Rational(str(result))
            ) == 0  # fmt: skip
            assert arrays.FUNCTIONS[name](int(argument.p) / int(argument.q)) == int(result.p) / int(result.q)
    assert number_value(Number("-4.83", -4)) == flint.fmpq(-483, 1000000)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_against_mpmath(name: str) -> None:
    """At a point inside every function's domain, where it is not rational, to 40 digits."""
    with mpmath.workdps(50), flint.ctx.workprec(200):
        point = mpmath.mpf(3) / 7
        expected = {"ln": mpmath.log, "abs": abs, "sign": mpmath.sign}.get(name) or getattr(mpmath, name)
        found = evaluate(Call(name, (Number("3/7"),)), {}).ball
        assert abs(mpmath.mpf(found.str(45, radius=False)) - expected(point)) < mpmath.mpf("1e-40")
