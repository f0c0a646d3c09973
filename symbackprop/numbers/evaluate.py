"""From a formula to its value: a ball that encloses it, and the exact rational where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import arb, fmpq

from ..errors import SymbackpropError
from ..formulas.terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Elided,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Padded,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Symbol,
    Term,
    Transposed,
    Underbrace,
    keys,
)
from .digits import Real, Undecided, Value, number_value, rational
from .functions import CHOICES, CONSTANTS, FUNCTIONS

#: Values are kept between two to the minus and plus this power.
SIZE_BITS = 1_000_000
_LARGEST, _SMALLEST = arb(2) ** SIZE_BITS, arb(2) ** -SIZE_BITS

#: Exact rationals are kept up to this many bits of numerator and denominator; beyond, the ball alone is
#: carried.
#: Rational networks (ReLU, identity) triple their digits at every step.
EXACT_BITS = 2048

#: A message names the quantities that it is about if they are not more than this.
MOST_CULPRITS = 3

_ZERO, _ONE = fmpq(0), fmpq(1)


class NoValue(SymbackpropError):
    """A formula has no value: a division by zero, a logarithm of zero or less, an unknown quantity."""


class Unknown(NoValue):
    """A formula uses a quantity that is not given and cannot be computed."""


class RealTable(dict[str, Real]):
    """Numbers by quantity key; the constants are there without being entered."""

    def __missing__(self, key: str) -> Real:
        """Return a constant.

        Raises:
            KeyError: no quantity and no constant has this key.
        """
        return CONSTANTS[key]()


Values = Mapping[str, Value]
#: Inside a computation a number is one object: the rational where it is exact, otherwise the ball.
#: Arithmetic between the two gives a ball at the context's precision.
Reals = Mapping[str, Real]


def evaluate(term: Term, values: Values) -> Value:
    """Return the value of a term at the context's precision, `values` holding the keyed quantities.

    Raises:
        NoValue: division by zero, logarithm of a number not above zero, a quantity without a value.
        Undecided: a case distinction that this precision cannot decide.
    """
    used = RealTable({key: values[key].real for key in keys(term) if key in values})
    return Value.of_real(evaluate_real(term, used))


def evaluate_real(term: Term, reals: Reals) -> Real:
    """Return what `evaluate` does, without the ball beside a rational."""
    try:
        return _EVALUATE[type(term)](term, reals)
    except KeyError as error:
        (missing,) = error.args
        if not isinstance(missing, str):  # a kind of term that has no value
            raise
        raise Unknown(f"{missing or term} is not known here") from None


def _keyed(term: Symbol | Partial, reals: Reals) -> Real:
    return reals[term.key]


def _number(term: Number, reals: Reals) -> Real:
    return rational(term.text) if term.exponent is None else number_value(term)


# Most of what a formula is made of are symbols: in sums and products they are read in place, a call
# less for each.


def _sum(term: Sum, reals: Reals) -> Real:
    """Return a sum; an exact zero leaves a number as it is, and a number less itself is zero.

    Both keep a parameter that an update does not move the very number that it was.
    """
    total: Real | None = None
    for item in term.terms:
        if type(item) is Negation and total is not None:
            real = _EVALUATE[type(item.term)](item.term, reals)
            if real is total:
                total = _ZERO
            elif type(real) is not fmpq or real:
                total = total - real
            continue
        if type(item) is Symbol or type(item) is Partial:
            real = reals[item.key]
        else:
            real = _EVALUATE[type(item)](item, reals)
        if total is None or (type(total) is fmpq and not total):
            total = real
        elif type(real) is not fmpq or real:
            total = total + real
    return _ZERO if total is None else total


def _product(term: Product, reals: Reals) -> Real:
    product: Real | None = None
    for factor in term.factors:
        if type(factor) is Underbrace:
            factor = factor.term
        if type(factor) is Symbol or type(factor) is Partial:
            real = reals[factor.key]
        else:
            real = _EVALUATE[type(factor)](factor, reals)
        if type(real) is fmpq and not real:
            return _ZERO  # zero times anything finite
        product = real if product is None else product * real
    return _ONE if product is None else product


def _negation(term: Negation, reals: Reals) -> Real:
    return -_EVALUATE[type(term.term)](term.term, reals)


def _fraction(term: Fraction, reals: Reals) -> Real:
    over = _EVALUATE[type(term.numerator)](term.numerator, reals)
    under = _EVALUATE[type(term.denominator)](term.denominator, reals)
    if type(under) is fmpq:
        if not under:
            raise NoValue(f"{_culprits(term.denominator, reals)}division by zero")
        return over / under
    if type(over) is fmpq and not over:
        return _ZERO
    ball = arb(under)
    if 0 in ball:
        raise Undecided
    return over / ball


def _whole_power(base: arb, whole: int) -> arb:
    """Return a power by products: Arb's own is no number where the ball's middle is zero."""
    if whole < 0:
        if 0 in base:
            raise Undecided
        return 1 / _whole_power(base, -whole)
    power, square = arb(1), base
    while whole:
        if whole & 1:
            power = power * square
        whole >>= 1
        if whole:
            square = square * square
    return power


def _power(term: Power, reals: Reals) -> Real:
    base = _EVALUATE[type(term.base)](term.base, reals)
    exponent = _EVALUATE[type(term.exponent)](term.exponent, reals)
    if type(exponent) is fmpq and exponent.q == 1:
        whole = int(exponent.p)
        if type(base) is fmpq and not base and whole < 0:
            raise NoValue(f"{_culprits(term.base, reals)}division by zero")
        return base**whole if isinstance(base, fmpq) else _whole_power(base, whole)
    if base <= 0 if type(base) is fmpq else base < 0:
        raise NoValue(
            f"{_culprits(term.base, reals)}{_in_words(base)}, which is not above zero, to a power that is "
            "not whole"
        )
    if not base > 0:
        raise Undecided
    return arb(base) ** arb(exponent)


def _call(term: Call, reals: Reals) -> Real:
    function = FUNCTIONS.get(term.function)
    if function is None and term.function in CHOICES:
        return _chosen(term, reals)
    if function is None:
        raise NoValue(f"{term.function} is a name, not a function with a value")
    (argument,) = term.arguments
    real = _EVALUATE[type(argument)](argument, reals)
    if type(real) is fmpq:
        if real in function.exact:
            return function.exact[real]
        if function.rational is not None:
            return function.rational(real)
    if term.function in ("ln", "sqrt") and (real <= 0 if type(real) is fmpq else real < 0):
        raise NoValue(
            f"{_culprits(argument, reals)}{term.function} of {_in_words(real)}, which is not above zero"
        )
    if term.function in ("asin", "acos") and (real > 1 or real < -1):
        raise NoValue(
            f"{_culprits(argument, reals)}{term.function} of {_in_words(real)}, which is not from -1 to 1"
        )
    result = function.ball(arb(real))
    if not result.is_finite():
        raise Undecided
    return result


def _chosen(term: Call, reals: Reals) -> Real:
    """Return the largest or smallest argument: the one that surely is, whichever it is among equals."""
    found, *others = [_EVALUATE[type(argument)](argument, reals) for argument in term.arguments]
    surely, never, exactly = _RELATIONS[CHOICES[term.function]]
    for other in others:
        if other is found:  # known to be the same number, which no precision could tell
            continue
        difference = found - other
        if isinstance(difference, fmpq):
            found = found if exactly(difference) else other
        elif not surely(difference):
            if not never(difference):
                raise Undecided
            found = other
    return found


def _cases(term: Cases, reals: Reals) -> Real:
    for value, condition in zip(term.values, term.conditions, strict=True):
        if not isinstance(condition, Comparison) or _holds(condition, reals):
            return _EVALUATE[type(value)](value, reals)
    raise NoValue("none of the cases holds")


def _culprits(term: Term, reals: Reals) -> str:
    """Return "act.o1 is 0: " for the quantities that make a part of a formula impossible."""
    known = [key for key in keys(term) if key in reals]
    if not known or len(known) > MOST_CULPRITS:
        return ""
    return " and ".join(f"{key} is {_in_words(reals[key])}" for key in known) + ": "


def _in_words(real: Real) -> str:
    """Return a value for a message: a rational as it is, else the digits that are certain."""
    return str(real) if isinstance(real, fmpq) else str(real.str(6, radius=False))


_RELATIONS: Mapping[str, tuple[Callable[[arb], bool], Callable[[arb], bool], Callable[[fmpq], bool]]] = {
    # relation: surely true of the ball's difference, surely false, and on the exact difference
    "greater": (lambda d: d > 0, lambda d: d <= 0, lambda e: e > 0),
    "greater_equal": (lambda d: d >= 0, lambda d: d < 0, lambda e: e >= 0),
    "less": (lambda d: d < 0, lambda d: d >= 0, lambda e: e < 0),
    "less_equal": (lambda d: d <= 0, lambda d: d > 0, lambda e: e <= 0),
    "equal": (lambda d: False, lambda d: 0 not in d, lambda e: e == 0),
}


def _holds(condition: Comparison, reals: Reals) -> bool:
    """Return whether a comparison holds.

    Raises:
        Undecided: the balls overlap at this precision.
    """
    left = _EVALUATE[type(condition.left)](condition.left, reals)
    right = _EVALUATE[type(condition.right)](condition.right, reals)
    surely, never, exactly = _RELATIONS[condition.relation]
    if left is right:  # known to be the same number, which no precision could tell
        return exactly(_ZERO)
    difference = left - right
    if isinstance(difference, fmpq):
        return exactly(difference)
    if surely(difference):
        return True
    if never(difference):
        return False
    raise Undecided


def _no_number(term: Matrix | Transposed, reals: Reals) -> Real:
    raise NoValue("a matrix is not a number: it is its entries that have values")


_EVALUATE: dict[type[Term], Callable[..., Real]] = {
    Symbol: _keyed,
    Number: _number,
    Sum: _sum,
    Product: _product,
    Negation: _negation,
    Fraction: _fraction,
    Power: _power,
    Call: _call,
    Partial: _keyed,
    Group: lambda term, reals: _EVALUATE[type(term.term)](term.term, reals),
    Underbrace: lambda term, reals: _EVALUATE[type(term.term)](term.term, reals),
    Result: lambda term, reals: _EVALUATE[type(term.term)](term.term, reals),
    Blank: lambda term, reals: _EVALUATE[type(term.answer)](term.answer, reals),
    Elided: lambda term, reals: _EVALUATE[type(term.hidden)](term.hidden, reals),
    Padded: lambda term, reals: _EVALUATE[type(term.term)](term.term, reals),
    Matrix: _no_number,
    Transposed: _no_number,
    Cases: _cases,
}


def trimmed(rational: fmpq) -> Real:
    """Return a rational, as a ball where it has grown beyond `EXACT_BITS`."""
    if rational.q.bit_length() > EXACT_BITS or rational.p.bit_length() > EXACT_BITS:
        return arb(rational)
    return rational


def check_size(real: Real) -> None:
    """Refuse a ball whose digits could not be printed in any reasonable time.

    Raises:
        NoValue: the magnitude is beyond two to the plus or minus `SIZE_BITS`.
    """
    if isinstance(real, fmpq) or _SMALLEST < abs(real) < _LARGEST:
        return
    if not real.is_finite():
        raise Undecided
    magnitude = real.abs_upper()
    if magnitude > _LARGEST or (magnitude < _SMALLEST and magnitude > 0):
        sign = "" if magnitude > 1 else "minus "
        raise NoValue(
            f"its value is beyond ten to the {sign}{SIZE_BITS * 3 // 10}; if training diverges, a smaller "
            "learning rate may help"
        )
