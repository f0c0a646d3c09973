"""The functions and constants that a formula may name, on balls and on exact rationals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flint import arb, fmpq

from .digits import Undecided

_ZERO, _ONE = fmpq(0), fmpq(1)


class Function(NamedTuple):
    """A function of one variable: on balls, and where it is exactly rational.

    exact: its rational values by argument. rational: where it takes every rational to a rational.
    """

    ball: Callable[[arb], arb]
    exact: Mapping[fmpq, fmpq]
    rational: Callable[[fmpq], fmpq] | None = None


def _sign(ball: arb) -> arb:
    if ball > 0:
        return arb(1)
    if ball < 0:
        return arb(-1)
    raise Undecided


#: The functions a formula may call, by name. SymPy's counterparts are in `symbolic.FUNCTIONS`.
FUNCTIONS: Mapping[str, Function] = {
    "exp": Function(arb.exp, {_ZERO: _ONE}),
    "ln": Function(arb.log, {_ONE: _ZERO}),
    "tanh": Function(arb.tanh, {_ZERO: _ZERO}),
    "sin": Function(arb.sin, {_ZERO: _ZERO}),
    "cos": Function(arb.cos, {_ZERO: _ONE}),
    "tan": Function(arb.tan, {_ZERO: _ZERO}),
    "asin": Function(arb.asin, {_ZERO: _ZERO}),
    "acos": Function(arb.acos, {_ONE: _ZERO}),
    "atan": Function(arb.atan, {_ZERO: _ZERO}),
    "sinh": Function(arb.sinh, {_ZERO: _ZERO}),
    "cosh": Function(arb.cosh, {_ZERO: _ONE}),
    "erf": Function(arb.erf, {_ZERO: _ZERO}),
    "sqrt": Function(arb.sqrt, {_ZERO: _ZERO, _ONE: _ONE}),
    "abs": Function(abs, {}, lambda exact: abs(exact)),
    "sign": Function(_sign, {}, lambda exact: fmpq((exact > 0) - (exact < 0))),
}

#: The functions of several variables: the largest and the smallest.
CHOICES: Mapping[str, str] = {"max": "greater_equal", "min": "less_equal"}

#: Irrational numbers that a formula may name by key, at the context's precision.
CONSTANTS: Mapping[str, Callable[[], arb]] = {"constant.pi": arb.pi}
