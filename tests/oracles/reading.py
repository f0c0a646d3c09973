"""A reader of printed formulas: plain text back to a number, by precedence climbing.

It is stricter than a person: a minus sign may open a formula or a bracket and stand between two
terms, nowhere else; two numbers never stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import mpmath  # type: ignore[import-untyped]

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᶻ", "0123456789+−()nixyz")
_TOKENS = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᶻ]+)"
    r"|(?P<name>∂[A-Za-z][₀-₉]*/∂[A-Za-z][₀-₉]*|[A-Za-z]+(?:[₀-₉]+)?′*)|(?P<sign>[+−·×*/^()\[\]])"
)
_FUNCTIONS = {
    "exp": mpmath.exp,
    "ln": mpmath.log,
    "tanh": mpmath.tanh,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "sqrt": mpmath.sqrt,
}
_CLOSING = {"(": ")", "[": "]"}


class Unreadable(Exception):
    """The text is not a formula that can be read in one way."""


class Senseless(Exception):
    """The formula has no value that is worth comparing."""


def read(text: str, values: Mapping[str, Any] | None = None) -> Any:
    """Return the value of a printed formula."""
    return _Reader(text, values or {}).whole()


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.text, self.values, self.at = text, values, 0
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text):
            match = _TOKENS.match(text, place)
            if match is None:
                raise Unreadable(f"{text[place]!r} in {text!r}")
            if match.lastgroup != "space":
                self.tokens.append((str(match.lastgroup), match[0]))
            place = match.end()
        self.tokens.append(("end", ""))

    def whole(self) -> Any:
        value = self.sum()
        if self.tokens[self.at][0] != "end":
            raise Unreadable(f"{self.tokens[self.at][1]!r} left over in {self.text!r}")
        return value

    def take(self, *wanted: str) -> str:
        kind, text = self.tokens[self.at]
        if kind == "sign" and text in wanted:
            self.at += 1
            return text
        return ""

    def sum(self) -> Any:
        value = -self.product() if self.take("−") else self.product()
        while sign := self.take("+", "−"):
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Any:
        value = self.power()
        while True:
            if self.take("·", "×", "*"):
                value = value * self.power()
            elif self.take("/"):
                value = _quotient(value, self.power())
            elif self.tokens[self.at][0] == "name" or self.tokens[self.at][1] in ("(", "["):
                value = value * self.power()
            else:
                return value

    def power(self) -> Any:
        base = self.atom()
        kind, text = self.tokens[self.at]
        if kind == "raised":
            self.at += 1
            base = _power(base, read(text.translate(_RAISED), self.values))
        elif self.take("^"):
            base = _power(base, self.atom())
        kind, text = self.tokens[self.at]
        if kind == "raised" or text == "^":
            raise Unreadable(f"a power of a power without brackets in {self.text!r}")
        return base

    def atom(self) -> Any:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return mpmath.mpf(text)
        if kind == "name":
            if text in _FUNCTIONS and self.tokens[self.at][1] == "(":
                return _call(text, self.atom())
            if text == "e" and text not in self.values:
                return mpmath.e
            if text not in self.values:
                raise Unreadable(f"the unknown name {text!r} in {self.text!r}")
            return self.values[text]
        if text in _CLOSING:
            value = self.sum()
            if not self.take(_CLOSING[text]):
                raise Unreadable(f"a bracket that is not closed in {self.text!r}")
            return value
        raise Unreadable(f"{text or 'the end'!r} where a number, name or bracket belongs in {self.text!r}")


def _quotient(over: Any, under: Any) -> Any:
    if abs(under) < mpmath.mpf("1e-9"):
        raise Senseless
    return over / under


def _power(base: Any, exponent: Any) -> Any:
    if abs(base) < mpmath.mpf("1e-9") or abs(exponent * mpmath.log(abs(base))) > 200:
        raise Senseless
    return base**exponent


def _call(name: str, argument: Any) -> Any:
    if name in ("ln", "sqrt") and argument < mpmath.mpf("1e-9"):
        raise Senseless
    if abs(argument) > 200:
        raise Senseless
    return _FUNCTIONS[name](argument)
