"""From a formula to the Python expression that computes it."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from ..errors import SymbackpropError
from ..formulas import terms
from ..formulas.terms import Term
from .dialects import Dialect

Names = Callable[[str], str]  # the variable of a quantity key


def python_source(term: Term, names: Names, dialect: Dialect) -> str:
    """Return a formula as a Python expression, its numbers digit for digit as they are written.

    Args:
        term: the formula.
        names: the variable that holds the quantity with a key.
        dialect: the library whose functions are called.

    Raises:
        SymbackpropError: the formula has a part that has no counterpart in code.
    """
    return ast.unparse(ast.fix_missing_locations(_expression(term, names, dialect)))


def number_source(number: terms.Number) -> str:
    """Return a written number as Python reads it: "0.40", "1/3", "-4.83e-4"."""
    return ast.unparse(_number(number))


def _expression(term: Term, names: Names, dialect: Dialect) -> ast.expr:
    write = _WRITERS.get(type(term))
    if write is None:
        raise SymbackpropError(f"a listing has no code for a {type(term).__name__}")
    return write(term, names, dialect)


def _literal(text: str) -> ast.expr:
    return ast.Name(text, ast.Load())  # a name, so that 0.40 stays 0.40


def _number(number: terms.Number) -> ast.expr:
    if number.negative:
        return ast.UnaryOp(ast.USub(), _number(number.magnitude))
    over, bar, under = number.text.partition("/")
    text = over if number.exponent is None else f"{over}e{number.exponent}"
    if bar:
        return ast.BinOp(_literal(text), ast.Div(), _literal(under))
    return _literal(text)


def _chain(operator: ast.operator, parts: list[ast.expr], empty: str) -> ast.expr:
    if not parts:
        return _literal(empty)
    total, *rest = parts
    for part in rest:
        total = ast.BinOp(total, operator, part)
    return total


def _sum(term: terms.Sum, names: Names, dialect: Dialect) -> ast.expr:
    if not term.terms:
        return _literal("0")
    first, *rest = term.terms
    total = _expression(first, names, dialect)
    for item in rest:
        if isinstance(item, terms.Negation):
            total = ast.BinOp(total, ast.Sub(), _expression(item.term, names, dialect))
        elif isinstance(item, terms.Number) and item.negative:
            total = ast.BinOp(total, ast.Sub(), _number(item.magnitude))
        else:
            total = ast.BinOp(total, ast.Add(), _expression(item, names, dialect))
    return total


def _call(term: terms.Call, names: Names, dialect: Dialect) -> ast.expr:
    function = dialect.functions.get(term.function)
    if function is None:
        raise SymbackpropError(f"a listing with {dialect.title} has no function {term.function}")
    if all(_is_constant(item) for item in term.arguments) and hasattr(math, term.function):
        function = f"math.{term.function}"  # of a plain number, which not every library takes
    arguments = [_expression(item, names, dialect) for item in term.arguments]
    if len(arguments) == 1:
        return ast.Call(_literal(function), arguments, [])
    if dialect.tensors:  # which does not take a plain number there
        arguments = [
            ast.Call(_literal(dialect.tensors), [argument], []) if _is_constant(item) else argument
            for item, argument in zip(term.arguments, arguments, strict=True)
        ]
    call = arguments[0]
    for argument in arguments[1:]:  # the largest and the smallest of several, two by two
        call = ast.Call(_literal(function), [call, argument], [])
    return call


def _is_constant(term: Term) -> bool:
    return all(name.startswith("constant.") for name in terms.keys(term))


_RELATIONS: Mapping[str, ast.cmpop] = {
    "greater": ast.Gt(),
    "greater_equal": ast.GtE(),
    "less": ast.Lt(),
    "less_equal": ast.LtE(),
    "equal": ast.Eq(),
}


def _cases(term: terms.Cases, names: Names, dialect: Dialect) -> ast.expr:
    values = [_expression(value, names, dialect) for value in term.values]
    result = values[-1]
    for value, condition in reversed(list(zip(values[:-1], term.conditions[:-1], strict=True))):
        assert isinstance(condition, terms.Comparison)
        test = ast.Compare(
            _expression(condition.left, names, dialect),
            [_RELATIONS[condition.relation]],
            [_expression(condition.right, names, dialect)],
        )
        result = ast.Call(_literal(dialect.where), [test, value, result], [])
    return result


def _keyed(term: terms.Symbol | terms.Partial, names: Names, dialect: Dialect) -> ast.expr:
    return _literal(dialect.constants.get(term.key) or names(term.key))


def _inner(term: Term, names: Names, dialect: Dialect) -> ast.expr:
    inner = getattr(term, "hidden", None) or getattr(term, "answer", None) or getattr(term, "term", None)
    assert isinstance(inner, Term)
    return _expression(inner, names, dialect)


_WRITERS: Mapping[type[Term], Callable[..., ast.expr]] = {
    terms.Symbol: _keyed,
    terms.Partial: _keyed,
    terms.Number: lambda term, names, dialect: _number(term),
    terms.Sum: _sum,
    terms.Product: lambda term, names, dialect: _chain(
        ast.Mult(), [_expression(item, names, dialect) for item in term.factors], "1"
    ),
    terms.Negation: lambda term, names, dialect: ast.UnaryOp(
        ast.USub(), _expression(term.term, names, dialect)
    ),
    terms.Fraction: lambda term, names, dialect: ast.BinOp(
        _expression(term.numerator, names, dialect),
        ast.Div(),
        _expression(term.denominator, names, dialect),
    ),
    terms.Power: lambda term, names, dialect: ast.BinOp(
        _expression(term.base, names, dialect), ast.Pow(), _expression(term.exponent, names, dialect)
    ),
    terms.Call: _call,
    terms.Cases: _cases,
    terms.Group: _inner,
    terms.Underbrace: _inner,
    terms.Result: _inner,
    terms.Blank: _inner,
    terms.Elided: _inner,
}
