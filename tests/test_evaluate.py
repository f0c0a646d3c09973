"""Values of formulas: what has none says why, what is open at one precision says so."""

from __future__ import annotations

import flint
import pytest
from flint import arb, fmpq
from oracles.random_terms import derivative, symbol

from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Fraction,
    Group,
    Negation,
    Number,
    Power,
    Product,
    Result,
    Sum,
    Term,
    Underbrace,
    Words,
)
from symbackprop.numbers.digits import Undecided, Value
from symbackprop.numbers.evaluate import NoValue, Unknown, evaluate

X, Y = symbol("x"), symbol("y")
ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")


def at(**numbers: str) -> dict[str, Value]:
    return {key: Value.of_number(Number(text)) for key, text in numbers.items()}


def open_value(middle: str, radius: str) -> Value:
    """A number of which only an enclosure is known."""
    return Value(arb(fmpq(*map(int, (middle + "/1").split("/")[:2]))) + arb(0, arb(radius)), None)


def call(name: str, term: Term) -> Call:
    return Call(name, (term,))


@pytest.mark.parametrize(
    ("term", "exact"),
    [
        (Sum((X, Negation(Y), Number("0.5"))), "-7/6"),
        (Product((X, Y, Number("-6"))), "-4"),
        (Fraction(X, Y), "1/6"),
        (Power(X, Number("3")), "1/27"),
        (Power(X, Number("-2")), "9"),
        (Negation(Group(Result(Blank(Underbrace(X, Y))))), "-1/3"),
        (call("exp", Sum((X, Negation(X)))), "1"),
        (call("ln", Product((X, Number("3")))), "0"),
        (call("tanh", ZERO), "0"),
        (Sum((X,)), "1/3"),
        (Product((X,)), "1/3"),
        (derivative("d"), "-5"),
        (Number("-4.83", -2), "-483/10000"),
        (Cases((ONE, TWO), (Comparison(X, "greater", Y), Words("otherwise"))), "2"),
        (Cases((ONE, TWO), (Comparison(X, "less_equal", X), Words("otherwise"))), "1"),
        (Product((ZERO, call("exp", X))), "0"),
        (Fraction(ZERO, call("exp", X)), "0"),
    ],
)
def test_exact_values(term: Term, exact: str) -> None:
    value = evaluate(term, at(x="1/3", y="2", d="-5"))
    over, under = map(int, (exact + "/1").split("/")[:2])
    assert value.exact == fmpq(over, under)
    assert value.ball.overlaps(arb(fmpq(over, under)))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Fraction(X, Sum((Y, Negation(TWO)))), "division by zero"),
        (Power(ZERO, Number("-1")), "division by zero"),
        (call("ln", Sum((Y, Negation(TWO)))), "ln of"),
        (call("ln", Negation(Y)), "ln of"),
        (call("ln", Negation(call("exp", Y))), "ln of"),
        (call("sqrt", Negation(call("exp", Y))), "sqrt of"),
        (Power(Negation(Y), Number("0.5")), "power that is not whole"),
        (Power(Negation(call("exp", Y)), Number("0.5")), "power that is not whole"),
        (Call("sigma", (X,), Name("sigma")), "sigma is a name"),
        (Cases((ONE,), (Comparison(X, "greater", Y),)), "none of the cases"),
    ],
)
def test_no_value(term: Term, text: str) -> None:
    with pytest.raises(NoValue, match=text):
        evaluate(term, at(x="1/3", y="2"))


def test_unknown_quantities() -> None:
    with pytest.raises(Unknown, match=r"^act\.h1 is not known here$"):
        evaluate(Sum((X, symbol("act.h1"))), at(x="1"))
    with pytest.raises(Unknown, match=r"^grad\.w1 is not known here$"):
        evaluate(derivative("grad.w1"), {})


@pytest.mark.parametrize(
    "term",
    [
        Fraction(ONE, X),
        call("ln", X),
        Power(X, Number("0.5")),
        Cases((ONE, TWO), (Comparison(X, "greater", ZERO), Words("otherwise"))),
        Cases((ONE, TWO), (Comparison(X, "equal", ZERO), Words("otherwise"))),
        call("exp", call("exp", call("exp", call("exp", Number("100"))))),
    ],
)
def test_open_at_this_precision(term: Term) -> None:
    with flint.ctx.workprec(64), pytest.raises((Undecided, NoValue)) as raised:
        evaluate(term, {"x": open_value("0", "0.001")})
    assert raised.type is Undecided


def test_relations_at_equal_numbers() -> None:
    for relation, expected in (
        ("greater", "2"), ("greater_equal", "1"), ("less", "2"), ("less_equal", "1"), ("equal", "1"),
    ):  # fmt: skip
        term = Cases((ONE, TWO), (Comparison(X, relation, Fraction(ONE, Number("3"))), Words("otherwise")))
        assert str(evaluate(term, at(x="1/3")).exact) == expected
        apart = {"x": open_value("2", "0.25")}
        sure = {"greater": "1", "greater_equal": "1"}.get(relation, "2")
        assert str(evaluate(term, apart).exact) == sure


def test_balls_enclose() -> None:
    """A wide input ball gives a ball that holds the value at every point of it."""
    term = Fraction(ONE, Sum((ONE, call("exp", Negation(X)))))
    wide = evaluate(term, {"x": open_value("1", "0.5")}).ball
    for point in ("0.5", "0.75", "1", "1.25", "1.5"):
        assert wide.overlaps(evaluate(term, at(x=point)).ball)
        assert wide.contains(evaluate(term, at(x=point)).ball)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("middle", ["0", "1/1000000", "-1/1000000", "1", "-3"])
def test_whole_powers_of_balls_about_zero(middle: str, exponent: int) -> None:
    """A ball that holds zero has powers like any other: they are its products."""
    base = open_value(middle, "0.001")
    found = evaluate(Power(X, Number(str(exponent))), {"x": base}).ball
    product = arb(1)
    for _ in range(exponent):
        product *= base.ball
    assert found.is_finite()
    assert found.overlaps(product)
    assert found.rad() <= 2 * product.rad() + arb(1e-9)


def test_negative_powers_of_balls_about_zero_are_open() -> None:
    with pytest.raises(Undecided):
        evaluate(Power(X, Number("-2")), {"x": open_value("0", "0.001")})
