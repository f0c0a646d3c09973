"""Expressions as authors write them, `(a + b)*(b + 1)`: a closed grammar, parsed and never evaluated as code.

    expression  = sum [ comparison sum ]
    sum         = product { ("+" | "-") product }
    product     = unary { ("*" | "/" | "@") unary }
    unary       = ("-" | "+") unary | power
    power       = postfix [ ("^" | "**") unary ]
    postfix     = atom { "[" index { "," index } "]" | ".T" }
    atom        = number | name | name "(" expression { "," expression } ")" | "(" expression ")"

Nothing else is understood: no attributes, no keywords, no strings. What a name or a function stands for is
decided by whoever lowers the tree (`scalar_term` here, vectors and matrices in `spec/nodes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

#: Bounds that keep a hostile file from exhausting the machine.
LONGEST_EXPRESSION = 4_000
DEEPEST_EXPRESSION = 100

OPERATORS = frozenset({"+", "-", "*", "/", "@", "^"})
COMPARISONS = {">": "greater", ">=": "greater_equal", "<": "less", "<=": "less_equal", "==": "equal"}

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<transposed>\.T\b)"
    r"|(?P<mark>\*\*|>=|<=|==|[-+*/@^()\[\],<>])"
)

#: What other notations write, and how it is written here.
_WRITTEN: Mapping[str, str] = {
    "|": "Write norm(x) for a length, abs(x) for an amount.",
    "'": "Write W.T for the transpose, and a name without primes.",
    "=": "Write a comparison with ==; an axis as in sum(W, 1).",
    ":": "Write W[2] for a row.",
    "\u00b7": "Write * for a product, x @ y for a scalar product.",
    "\u00d7": "Write * for a product.",
    "\u2299": "Write * for a product element by element.",
    "\u00b2": "Write ^2.",
    "\u00b3": "Write ^3.",
    "\u221a": "Write sqrt(x).",
    "\u03c3": "Write sigmoid(x).",
    "\u03c0": "Write pi.",
    "\u2211": "Write sum(x).",
    "\u2212": "Write the minus sign as a plain hyphen: -",
    "\u22a4": "Write W.T for the transpose.",
}


class ExpressionError(ValueError):
    """An expression cannot be read or used; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        """Take what is wrong and where."""
        super().__init__(message)
        self.message, self.column = message, column


@dataclass(frozen=True, slots=True)
class Expression:
    """A node of a parsed expression; `column` is where it begins, counted from 1."""

    column: int


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A number, digit for digit as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference(Expression):
    """A name."""

    name: str


@dataclass(frozen=True, slots=True)
class Operator(Expression):
    """An operator of `OPERATORS` between two operands, or a minus before one."""

    symbol: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Condition(Expression):
    """A comparison of two expressions, by a relation of `COMPARISONS`."""

    relation: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Application(Expression):
    """A function of arguments."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Element(Expression):
    """An element of a vector or matrix, `W[2, 1]`, counted from 1."""

    base: Expression
    indices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Transposition(Expression):
    """A transposed matrix, `W.T`."""

    base: Expression


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def parse_expression(text: str) -> Expression:
    """Return the tree of an expression.

    Raises:
        ExpressionError: the text is not one; the message says what stands where and what could.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"longer than {LONGEST_EXPRESSION} characters", LONGEST_EXPRESSION)
    parser = _Parser(list(_tokens(text)), len(text) + 1)
    tree = parser.comparison()
    if parser.token.kind != "end":
        raise parser.unexpected("an operator or the end", _between(parser.token.text))
    return tree


def references(expression: Expression) -> tuple[str, ...]:
    """Return the names an expression refers to, each once, in reading order."""
    found: dict[str, None] = {}

    def visit(node: Expression) -> None:
        match node:
            case Reference(name=name):
                found.setdefault(name)
            case Operator(operands=parts) | Application(arguments=parts):
                for part in parts:
                    visit(part)
            case Condition(left=left, right=right):
                visit(left)
                visit(right)
            case Element(base=base, indices=indices):
                for part in (base, *indices):
                    visit(part)
            case Transposition(base=base):
                visit(base)

    visit(expression)
    return tuple(found)


def _between(word: str) -> str:
    """Return what is written here where an author puts a word, or nothing, between two operands."""
    if word in ("if", "else", "and", "or"):
        return "Cases are written where(x > 0, x, 0)."
    if word[:1].isalpha() or word == "(":
        return "A product has its sign: 2*x, W @ x."
    return ""


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            message = f"{text[position]!r} has no meaning in an expression"
            meant = _WRITTEN.get(text[position])
            raise ExpressionError(f"{message}. {meant}" if meant else message, position + 1)
        kind = match.lastgroup or ""
        if kind != "space":
            yield _Token(kind, match[0], position + 1)
        position = match.end()
    yield _Token("end", "", len(text) + 1)


class _Parser:
    """A recursive descent over the tokens, one method per rule of the grammar."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> _Token:
        return self._tokens[self._at]

    def unexpected(self, expected: str, hint: str = "") -> ExpressionError:
        token = self.token
        what = "it ends here" if token.kind == "end" else f"{token.text!r} stands here"
        return ExpressionError(f"{what}; expected {expected}" + (f". {hint}" if hint else ""), token.column)

    def _take(self, *marks: str) -> _Token | None:
        token = self.token
        if token.kind == "mark" and token.text in marks:
            self._at += 1
            return token
        return None

    def _require(self, mark: str) -> None:
        if self._take(mark) is None:
            raise self.unexpected(f"{mark!r}")

    def comparison(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST_EXPRESSION:
            raise ExpressionError("nested too deeply", self.token.column)
        left = self._sum()
        relation = self._take(*COMPARISONS)
        if relation is not None:
            left = Condition(left.column, COMPARISONS[relation.text], left, self._sum())
        self._depth -= 1
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while (sign := self._take("+", "-")) is not None:
            left = Operator(left.column, sign.text, (left, self._product()))
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while (sign := self._take("*", "/", "@")) is not None:
            left = Operator(left.column, sign.text, (left, self._unary()))
        return left

    def _unary(self) -> Expression:
        signs: list[_Token] = []
        while (sign := self._take("-", "+")) is not None:
            signs.append(sign)
        operand = self._power()
        for sign in reversed(signs):
            if sign.text == "-":
                operand = Operator(sign.column, "-", (operand,))
        return operand

    def _power(self) -> Expression:
        base = self._postfix()
        if self._take("^", "**") is None:
            return base
        self._depth += 1
        if self._depth > DEEPEST_EXPRESSION:
            raise ExpressionError("nested too deeply", self.token.column)
        power = Operator(base.column, "^", (base, self._unary()))
        self._depth -= 1
        return power

    def _postfix(self) -> Expression:
        base = self._atom()
        while True:
            if self.token.kind == "transposed":
                self._at += 1
                base = Transposition(base.column, base)
            elif self._take("[") is not None:
                base = Element(base.column, base, self._list("]"))
            else:
                return base

    def _list(self, closing: str) -> tuple[Expression, ...]:
        items = [self.comparison()]
        while self._take(",") is not None:
            items.append(self.comparison())
        self._require(closing)
        return tuple(items)

    def _atom(self) -> Expression:
        token = self.token
        if token.kind == "number":
            self._at += 1
            return Literal(token.column, token.text)
        if token.kind == "name":
            self._at += 1
            if self._take("(") is None:
                return Reference(token.column, token.text)
            return Application(token.column, token.text, self._list(")"))
        if self._take("(") is not None:
            inner = self.comparison()
            self._require(")")
            return inner
        raise self.unexpected("a number, a name or a bracket")
