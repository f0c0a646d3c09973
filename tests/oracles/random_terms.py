"""Random formulas over the display algebra."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import strategies as st

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
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Symbol,
    Term,
    Underbrace,
    Words,
)

FUNCTIONS = ("exp", "ln", "tanh", "sin", "cos", "sqrt")
RELATIONS = ("greater", "greater_equal", "less", "less_equal", "equal")
NUMBERS = ("0", "1", "2", "-1", "0.5", "0.40", "-0.0239", "3", "12.5", "-7")
SCIENTIFIC = (Number("1", -2), Number("-4.83", -4), Number("2.60", 3), Number("-1.5", 1))
SIGNS = ("", "", "dot", "times", "star")

#: What a formula may be made of; a leaf is a symbol or a number.
KINDS = ("sum", "sum", "product", "product", "negation", "fraction", "power", "call", "group", "brace")
MARKS = ("result", "blank")
CASES = ("cases",)
ALL = (*KINDS, *MARKS, *CASES)


class Builder:
    """Builds formulas over named symbols from a seed."""

    def __init__(self, seed: int | bytes, symbols: Sequence[Term], kinds: Sequence[str] = ALL) -> None:
        self.random, self.symbols, self.kinds = random.Random(seed), symbols, kinds

    def leaf(self) -> Term:
        kind = self.random.random()
        if kind < 0.5:
            return self.random.choice(self.symbols)
        if kind < 0.65:
            return self.random.choice(SCIENTIFIC)
        return Number(self.random.choice((*NUMBERS, "1/3", "-2/7")))

    def term(self, depth: int) -> Term:
        if depth == 0 or self.random.random() < 0.1:
            return self.leaf()
        source, inner = self.random, depth - 1
        match source.choice(self.kinds):
            case "sum":
                return Sum(tuple(self.term(inner) for _ in range(source.choice((1, 2, 2, 3)))))
            case "product":
                return Product(
                    tuple(self.term(inner) for _ in range(source.choice((1, 2, 2, 3)))), source.choice(SIGNS)
                )
            case "negation":
                return Negation(self.term(inner))
            case "fraction":
                return Fraction(self.term(inner), self.term(inner), source.random() < 0.5)
            case "power":
                return Power(self.term(inner), Number(source.choice(("2", "3", "1", "-1", "-2", "0"))))
            case "call":
                return Call(source.choice(FUNCTIONS), (self.term(inner),))
            case "group":
                return Group(self.term(inner), source.choice(("round", "square")))
            case "brace":
                return Underbrace(self.term(inner), self.leaf())
            case "result":
                return Result(self.term(inner))
            case "blank":
                return Blank(self.term(inner))
            case "cases":
                condition = Comparison(self.term(inner), source.choice(RELATIONS), self.term(inner))
                return Cases((self.term(inner), self.term(inner)), (condition, Words("otherwise")))
        raise AssertionError


def symbol(key: str, name: str = "v") -> Term:
    return Symbol(Name.parse(name), key)


def derivative(key: str) -> Term:
    return Partial(Symbol(Name("E"), "loss"), Symbol(Name("w", ("1",)), "w1"), key)


def terms(symbols: Sequence[Term], kinds: Sequence[str] = ALL) -> st.SearchStrategy[Term]:
    """Formulas up to five levels deep."""
    return st.builds(
        lambda seed, depth: Builder(seed, symbols, kinds).term(depth),
        st.binary(min_size=8, max_size=8),  # drawn evenly, which large integers are not
        st.sampled_from((3, 4, 5, 2)),
    )
