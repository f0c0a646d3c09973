"""Between formulas and SymPy: the same statement, to be differentiated, proved equal or looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any

import sympy

from .names import Name
from .terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Elided,
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

#: SymPy's counterparts of `functions.FUNCTIONS`.
FUNCTIONS: Mapping[str, Any] = {
    "exp": sympy.exp,
    "ln": sympy.log,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "erf": sympy.erf,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "max": sympy.Max,
    "min": sympy.Min,
}

#: SymPy's counterparts of `functions.CONSTANTS`.
CONSTANTS: Mapping[str, Any] = {"constant.pi": sympy.pi}

_RELATIONS: Mapping[str, Any] = {
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
    "less": sympy.Lt,
    "less_equal": sympy.Le,
    "equal": sympy.Eq,
}


def sympy_symbol(key: str) -> Any:
    """Return the SymPy symbol that stands for the quantity with this key, real and named by it."""
    return CONSTANTS[key] if key in CONSTANTS else sympy.Symbol(key, real=True)


@singledispatch
def to_sympy(term: Term) -> Any:
    """Return a formula as a SymPy expression over `sympy_symbol`s of its quantity keys.

    Raises:
        TypeError: the term has no algebraic meaning (words, sums over an index).
    """
    raise TypeError(f"{type(term).__name__} has no SymPy counterpart")


@to_sympy.register(Symbol)
@to_sympy.register(Partial)
def _(term: Symbol | Partial) -> Any:
    if not term.key:
        raise TypeError(f"{term} stands for no quantity")
    return sympy_symbol(term.key)


@to_sympy.register
def _(term: Number) -> Any:
    value = sympy.Rational(term.text)
    return value if term.exponent is None else value * sympy.Integer(10) ** term.exponent


@to_sympy.register
def _(term: Sum) -> Any:
    return sympy.Add(*(to_sympy(item) for item in term.terms))


@to_sympy.register
def _(term: Product) -> Any:
    return sympy.Mul(*(to_sympy(item) for item in term.factors))


@to_sympy.register
def _(term: Negation) -> Any:
    return -to_sympy(term.term)


@to_sympy.register
def _(term: Fraction) -> Any:
    return to_sympy(term.numerator) / to_sympy(term.denominator)


@to_sympy.register
def _(term: Power) -> Any:
    return to_sympy(term.base) ** to_sympy(term.exponent)


@to_sympy.register
def _(term: Call) -> Any:
    return FUNCTIONS[term.function](*(to_sympy(item) for item in term.arguments))


@to_sympy.register(Group)
@to_sympy.register(Underbrace)
@to_sympy.register(Result)
def _(term: Group | Underbrace | Result) -> Any:
    return to_sympy(term.term)


@to_sympy.register
def _(term: Blank) -> Any:
    return to_sympy(term.answer)


@to_sympy.register
def _(term: Elided) -> Any:
    return to_sympy(term.hidden)


@to_sympy.register
def _(term: Comparison) -> Any:
    return _RELATIONS[term.relation](to_sympy(term.left), to_sympy(term.right))


@to_sympy.register
def _(term: Words) -> Any:
    if term.text == "otherwise":
        return sympy.true
    raise TypeError(f"the words {term.text!r} have no SymPy counterpart")


@to_sympy.register
def _(term: Cases) -> Any:
    return sympy.Piecewise(*zip(map(to_sympy, term.values), map(to_sympy, term.conditions), strict=True))


# --- back again: SymPy's own result as a formula ---------------------------------------------


def from_sympy(expression: Any, symbol: Callable[[str], Term]) -> Term:
    """Return a SymPy expression as a formula, `symbol` giving the term for each symbol's name.

    The order of terms and factors is the one SymPy prints, but for a positive constant, which
    stands first in a sum.

    Raises:
        TypeError: a SymPy function that no formula has.
    """
    if expression.is_Symbol:
        return symbol(expression.name)
    if expression.is_Rational:
        return _from_rational(expression)
    if expression is sympy.E:
        return Call("exp", (Number("1"),))
    if expression is sympy.pi:
        return Symbol(Name("pi"), "constant.pi")
    if expression.is_Add:
        ordered = expression.as_ordered_terms()
        terms = sorted(ordered, key=lambda item: not (item.is_Rational and item.is_positive))
        return Sum(tuple(from_sympy(item, symbol) for item in terms))
    if expression.is_Mul:
        return _from_product(expression, symbol)
    if isinstance(expression, sympy.exp):
        return Call("exp", (from_sympy(expression.args[0], symbol),))
    if expression.is_Pow:
        return _from_power(expression, symbol)
    if isinstance(expression, sympy.Piecewise):
        values, conditions = zip(*expression.args, strict=True)
        return Cases(
            tuple(from_sympy(value, symbol) for value in values),
            tuple(_from_condition(condition, symbol) for condition in conditions),
        )
    for name, function in FUNCTIONS.items():
        if expression.func is function:
            return Call(name, tuple(from_sympy(item, symbol) for item in expression.args))
    raise TypeError(f"no formula for SymPy's {expression.func}")


def _from_rational(value: Any) -> Term:
    if value.q == 1:
        return Number(str(value.p))
    over = Fraction(Number(str(abs(value.p))), Number(str(value.q)))
    return Negation(over) if value.p < 0 else over


def _from_product(expression: Any, symbol: Callable[[str], Term]) -> Term:
    coefficient, rest = expression.as_coeff_Mul()
    if coefficient == -1:
        return Negation(from_sympy(rest, symbol))
    if coefficient.is_Rational and coefficient < 0:
        return Negation(from_sympy(-coefficient * rest, symbol))
    over, under = [], []
    for factor in expression.as_ordered_factors():
        base, exponent = factor.as_base_exp()
        if factor.is_Rational and factor.q != 1:
            over += [sympy.Integer(factor.p)] if factor.p != 1 else []
            under.append(sympy.Integer(factor.q))
        elif exponent.could_extract_minus_sign() and not isinstance(factor, sympy.exp):
            under.append(base**-exponent)
        else:
            over.append(factor)
    numerator = _several(over, symbol)
    return Fraction(numerator, _several(under, symbol)) if under else numerator


def _several(factors: list[Any], symbol: Callable[[str], Term]) -> Term:
    terms = tuple(from_sympy(factor, symbol) for factor in factors)
    return Number("1") if not terms else terms[0] if len(terms) == 1 else Product(terms)


def _from_power(expression: Any, symbol: Callable[[str], Term]) -> Term:
    base, exponent = expression.as_base_exp()
    if exponent == sympy.Rational(1, 2):
        return Call("sqrt", (from_sympy(base, symbol),))
    if exponent.could_extract_minus_sign():
        over = from_sympy(base ** (-exponent), symbol)
        return Fraction(Number("1"), over)
    return Power(from_sympy(base, symbol), from_sympy(exponent, symbol))


def _from_condition(condition: Any, symbol: Callable[[str], Term]) -> Term:
    if condition is sympy.true or condition == True:  # noqa: E712 - SymPy's own truth value
        return Words("otherwise")
    for name, relation in _RELATIONS.items():
        if condition.func is relation:
            left, right = condition.args
            return Comparison(from_sympy(left, symbol), name, from_sympy(right, symbol))
    raise TypeError(f"no formula for the condition {condition}")


def equal(left: Any, right: Any) -> bool:
    """Return whether SymPy proves two expressions equal."""
    difference = sympy.simplify(left - right)
    return bool(difference == 0 or sympy.simplify(sympy.expand(difference.rewrite(sympy.exp))) == 0)
