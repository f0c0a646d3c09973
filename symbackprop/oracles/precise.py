"""mpmath's numbers to a hundred digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as Rational
from typing import Any

from mpmath.ctx_mp import MPContext

from .arithmetic import Arithmetic

#: Digits of a central difference: enough that neither the step nor its rounding is seen in sixty.
PRECISION = 140

MP: Any = MPContext()
MP.dps = PRECISION


def _number(rational: Rational) -> Any:
    return MP.mpf(rational.numerator) / rational.denominator


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": MP.exp,
    "ln": MP.log,
    "log": MP.log,
    "tanh": MP.tanh,
    "sinh": MP.sinh,
    "cosh": MP.cosh,
    "sin": MP.sin,
    "cos": MP.cos,
    "tan": MP.tan,
    "asin": MP.asin,
    "acos": MP.acos,
    "atan": MP.atan,
    "sqrt": MP.sqrt,
    "abs": abs,
    "sign": MP.sign,
    "erf": MP.erf,
    "max": lambda *numbers: max(numbers),  # of one number too: a window at an edge
    "min": lambda *numbers: min(numbers),
}

#: Irrational numbers that a formula may name by key.
CONSTANTS: Mapping[str, Callable[[], Any]] = {"constant.pi": lambda: +MP.pi}

PRECISE = Arithmetic(_number, FUNCTIONS, power=MP.power)


def significant(number: Any, digits: int) -> Rational:
    """Return a number as the decimal it is to so many digits."""
    return Rational(MP.nstr(number, digits, strip_zeros=True))
