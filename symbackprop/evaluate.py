"""From a formula to its value: a ball that encloses it, and the exact rational where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flint import arb, fmpq

from .digits import Undecided, Value, number_value
from .errors import SymbackpropError
from .terms import (
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

#: Values are kept between two to the minus and plus this power.
SIZE_BITS = 1_000_000
_LARGEST, _SMALLEST = arb(2) ** SIZE_BITS, arb(2) ** -SIZE_BITS

#: Exact rationals are kept up to this many bits of numerator and denominator; beyond, the ball alone is carried.
#: Rational networks (ReLU, identity) triple their digits at every step.
EXACT_BITS = 2048

_ZERO, _ONE = fmpq(0), fmpq(1)


class NoValue(SymbackpropError):
    """A formula has no value: a division by zero, a logarithm of zero or less, an unknown quantity."""


class Unknown(NoValue):
    """A formula uses a quantity that is not given and cannot be computed."""


class Function(NamedTuple):
    """A function of one variable: on balls, and the arguments at which it is exactly rational."""

    ball: Callable[[arb], arb]
    exact: Mapping[fmpq, fmpq]


#: The functions a formula may call, by name. SymPy's counterparts are in `symbolic.FUNCTIONS`.
FUNCTIONS: Mapping[str, Function] = {
    "exp": Function(arb.exp, {_ZERO: _ONE}),
    "ln": Function(arb.log, {_ONE: _ZERO}),
    "tanh": Function(arb.tanh, {_ZERO: _ZERO}),
    "sin": Function(arb.sin, {_ZERO: _ZERO}),
    "cos": Function(arb.cos, {_ZERO: _ONE}),
    "sqrt": Function(arb.sqrt, {_ZERO: _ZERO, _ONE: _ONE}),
}

Values = Mapping[str, Value]


def evaluate(term: Term, values: Values) -> Value:
    """Return the value of a term at the context's precision, `values` holding the keyed quantities.

    Raises:
        NoValue: division by zero, logarithm of a number not above zero, a quantity without a value.
        Undecided: a case distinction that this precision cannot decide.
    """
    return _EVALUATE[type(term)](term, values)


def _keyed(term: Symbol | Partial, values: Values) -> Value:
    try:
        return values[term.key]
    except KeyError:
        raise Unknown(f"{term.key or term} is not known here") from None


def _number(term: Number, values: Values) -> Value:
    exact = number_value(term)
    return Value(arb(exact), exact)


def _sum(term: Sum, values: Values) -> Value:
    first, *rest = term.terms
    ball, exact = evaluate(first, values)
    for item in rest:
        other = evaluate(item, values)
        ball = ball + other.ball
        exact = None if exact is None or other.exact is None else exact + other.exact
    return Value(arb(exact), exact) if exact is not None else Value(ball, None)


def _product(term: Product, values: Values) -> Value:
    ball: arb | None = None
    exact: fmpq | None = _ONE
    for factor in term.factors:
        value = evaluate(factor, values)
        if value.exact is not None and value.exact == 0:
            return Value(arb(0), _ZERO)  # zero times anything finite
        ball = value.ball if ball is None else ball * value.ball
        exact = None if exact is None or value.exact is None else exact * value.exact
    if ball is None:
        return Value(arb(1), _ONE)
    return Value(arb(exact), exact) if exact is not None else Value(ball, None)


def _negation(term: Negation, values: Values) -> Value:
    ball, exact = evaluate(term.term, values)
    return Value(-ball, None if exact is None else -exact)


def _fraction(term: Fraction, values: Values) -> Value:
    over, under = evaluate(term.numerator, values), evaluate(term.denominator, values)
    if under.exact is not None and under.exact == 0:
        raise NoValue("division by zero")
    if over.exact is not None and over.exact == 0:
        return Value(arb(0), _ZERO)
    if over.exact is not None and under.exact is not None:
        exact = over.exact / under.exact
        return Value(arb(exact), exact)
    if 0 in under.ball:
        raise Undecided
    return Value(over.ball / under.ball, None)


def _power(term: Power, values: Values) -> Value:
    base, exponent = evaluate(term.base, values), evaluate(term.exponent, values)
    if exponent.exact is not None and exponent.exact.q == 1:
        whole = int(exponent.exact.p)
        if base.exact is not None:
            if base.exact == 0 and whole < 0:
                raise NoValue("division by zero")
            exact = base.exact**whole
            return Value(arb(exact), exact)
        return Value(base.ball**whole, None)
    if (base.exact is not None and base.exact <= 0) or base.ball < 0:
        raise NoValue("a power of a number not above zero with an exponent that is not whole")
    if not base.ball > 0:
        raise Undecided
    return Value(base.ball**exponent.ball, None)


def _call(term: Call, values: Values) -> Value:
    function = FUNCTIONS.get(term.function)
    if function is None:
        raise NoValue(f"{term.function} is a name, not a function with a value")
    (argument,) = term.arguments
    ball, exact = evaluate(argument, values)
    if exact is not None and exact in function.exact:
        known = function.exact[exact]
        return Value(arb(known), known)
    if term.function in ("ln", "sqrt") and (ball < 0 or (exact is not None and exact <= 0)):
        raise NoValue(f"{term.function} of a number that is not above zero")
    result = function.ball(ball)
    if not result.is_finite():
        raise Undecided
    return Value(result, None)


def _cases(term: Cases, values: Values) -> Value:
    for value, condition in zip(term.values, term.conditions, strict=True):
        if not isinstance(condition, Comparison) or holds(condition, values):
            return evaluate(value, values)
    raise NoValue("none of the cases holds")


_RELATIONS: Mapping[str, tuple[Callable[[arb], bool], Callable[[arb], bool], Callable[[fmpq], bool]]] = {
    # relation: surely true of the ball's difference, surely false, and on the exact difference
    "greater": (lambda d: d > 0, lambda d: d <= 0, lambda e: e > 0),
    "greater_equal": (lambda d: d >= 0, lambda d: d < 0, lambda e: e >= 0),
    "less": (lambda d: d < 0, lambda d: d >= 0, lambda e: e < 0),
    "less_equal": (lambda d: d <= 0, lambda d: d > 0, lambda e: e <= 0),
    "equal": (lambda d: False, lambda d: 0 not in d, lambda e: e == 0),
}


def holds(condition: Comparison, values: Values) -> bool:
    """Return whether a comparison holds.

    Raises:
        Undecided: the balls overlap at this precision.
    """
    left, right = evaluate(condition.left, values), evaluate(condition.right, values)
    surely, never, exactly = _RELATIONS[condition.relation]
    if left.exact is not None and right.exact is not None:
        return exactly(left.exact - right.exact)
    difference = left.ball - right.ball
    if surely(difference):
        return True
    if never(difference):
        return False
    raise Undecided


_EVALUATE: dict[type[Term], Callable[..., Value]] = {
    Symbol: _keyed,
    Number: _number,
    Sum: _sum,
    Product: _product,
    Negation: _negation,
    Fraction: _fraction,
    Power: _power,
    Call: _call,
    Partial: _keyed,
    Group: lambda term, values: evaluate(term.term, values),
    Underbrace: lambda term, values: evaluate(term.term, values),
    Result: lambda term, values: evaluate(term.term, values),
    Blank: lambda term, values: evaluate(term.answer, values),
    Cases: _cases,
}


def trimmed(value: Value) -> Value:
    """Return the value without its exact part where that has grown beyond `EXACT_BITS`."""
    exact = value.exact
    if exact is not None and (exact.q.bit_length() > EXACT_BITS or exact.p.bit_length() > EXACT_BITS):
        return Value(value.ball, None)
    return value


def check_size(value: Value) -> None:
    """Refuse a value whose digits could not be printed in any reasonable time.

    Raises:
        NoValue: the magnitude is beyond two to the plus or minus `SIZE_BITS`.
    """
    if value.exact is not None:
        return
    magnitude = value.ball.abs_upper()
    if magnitude > _LARGEST or (magnitude < _SMALLEST and magnitude > 0):
        sign = "" if magnitude > 1 else "minus "
        raise NoValue(
            f"its value is beyond ten to the {sign}{SIZE_BITS * 3 // 10}; if training diverges, a smaller "
            "learning rate may help"
        )
