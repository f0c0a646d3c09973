"""A formula as a function over doubles, written out once: for formulas that are evaluated many times.

As `formulas.compiled` does with the methods of classes, the function is made from source text. That text
holds names of the function's own arguments, operators and numbers in double precision: of the formula's
quantities only their place in a list of keys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from ..formulas.terms import (
    Call,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
    Underbrace,
)
from .arrays import CONSTANTS, FUNCTIONS, LARGEST_EXPONENT, array_value

Program = Callable[[Mapping[str, Any]], Any]


def program(term: Term) -> Program:
    """Return a function that gives what `array_value` gives for a term."""
    writer = _Writer()
    body = writer.write(term)
    space: dict[str, Any] = {f"k{place}": name for place, name in enumerate(writer.keys)}
    space |= {f"t{place}": part for place, part in enumerate(writer.parts)}
    space |= {"rest": array_value, "exp": _exp, "__builtins__": {}}
    code = compile(f"lambda v: {body}", "<formula>", "eval").co_consts[0]
    assert isinstance(code, CodeType)
    return FunctionType(code, space)


def _exp(exponent: Any) -> Any:
    """Return e to a power: of a single number without the detour over arrays."""
    return (
        math.exp(min(exponent, LARGEST_EXPONENT)) if type(exponent) is float else FUNCTIONS["exp"](exponent)
    )


class Programs:
    """Computes formulas in double precision; those that come often enough are written out as functions.

    It keeps every term that it has computed, so that it is for formulas that last.
    """

    #: So often a formula is computed before a function is worth its making.
    OFTEN = 8

    def __init__(self) -> None:
        """Start with nothing written out."""
        self._counts: dict[int, tuple[Term, int]] = {}
        self._made: dict[int, Program] = {}

    def value(self, term: Term, values: Mapping[str, Any]) -> Any:
        """Return a term's value, as `array_value` does."""
        place = id(term)
        made = self._made.get(place)
        if made is not None:
            return made(values)
        _, count = self._counts.get(place, (term, 0))
        self._counts[place] = (term, count + 1)  # the term is kept, so that its place stays its own
        if count + 1 == self.OFTEN:
            self._made[place] = program(term)
        return array_value(term, values)


class _Writer:
    """Writes a term as an expression; what it cannot write is left to `array_value`."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.parts: list[Term] = []

    def write(self, term: Term) -> str:
        write = _WRITE.get(type(term))
        return self.rest(term) if write is None else write(self, term)

    def rest(self, term: Term) -> str:
        """Leave a part to `array_value`."""
        self.parts.append(term)
        return f"rest(t{len(self.parts) - 1}, v)"

    def key(self, term: Symbol | Partial) -> str:
        if term.key in CONSTANTS or not term.key:
            return self.rest(term)
        self.keys.append(term.key)
        return f"v[k{len(self.keys) - 1}]"


def _number(writer: _Writer, term: Any) -> str:
    value = float(array_value(term, {}))
    return f"({value!r})" if value == value and abs(value) != float("inf") else writer.rest(term)


def _sum(writer: _Writer, term: Any) -> str:
    return "(" + " + ".join(writer.write(item) for item in term.terms) + ")"


def _product(writer: _Writer, term: Any) -> str:
    if any(isinstance(factor, Call) and factor.function == "ln" for factor in term.factors):
        return writer.rest(term)  # zero times the logarithm of zero
    return "(" + " * ".join(writer.write(factor) for factor in term.factors) + ")"


def _call(writer: _Writer, term: Any) -> str:
    return f"exp({writer.write(term.arguments[0])})" if term.function == "exp" else writer.rest(term)


def _inside(writer: _Writer, term: Any) -> str:
    return writer.write(term.term)


_WRITE: Mapping[type[Term], Callable[[_Writer, Any], str]] = {
    Symbol: _Writer.key,
    Partial: _Writer.key,
    Number: _number,
    Sum: _sum,
    Product: _product,
    Negation: lambda writer, term: f"(-{writer.write(term.term)})",
    Fraction: lambda writer, term: f"({writer.write(term.numerator)} / {writer.write(term.denominator)})",
    Power: lambda writer, term: f"({writer.write(term.base)} ** {writer.write(term.exponent)})",
    Call: _call,
    Group: _inside,
    Underbrace: _inside,
}
