"""From a parsed expression to terms: every scalar, vector or matrix becomes an array of display terms.

A vector or matrix is a NumPy array of terms, one per element; a scalar is an array without axes. Operators
and functions work element by element, with NumPy's broadcasting, but for `@` and the functions that say
otherwise (`REDUCTIONS`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from ..numbers.functions import FUNCTIONS
from .expressions import (
    Application,
    Condition,
    Element,
    Expression,
    ExpressionError,
    Literal,
    Operator,
    Reference,
    Transposition,
)
from .reductions import REDUCTIONS, NoAxis
from .spellings import OTHER_NAMES
from .tensors import (
    ARITHMETIC,
    ONE,
    TWO,
    Resolve,
    Tensor,
    matrix_product,
    negated,
    pairwise,
    scalar,
    shape_text,
    written_number,
)
from .terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Number,
    Power,
    Product,
    Term,
    Words,
)


def lower(expression: Expression, resolve: Resolve) -> Tensor:
    """Return the terms that an expression stands for; `resolve` gives those of a name.

    Raises:
        ExpressionError: shapes do not fit, or a function is unknown or has the wrong arguments.
    """
    match expression:
        case Literal(text=text):
            return scalar(written_number(text))
        case Reference():
            return resolve(expression)
        case Operator(symbol="-", operands=(operand,)):
            return _each(negated, lower(operand, resolve), expression)
        case Operator(symbol=symbol, operands=(left, right)):
            return _combined(symbol, lower(left, resolve), lower(right, resolve), expression)
        case Condition():
            raise ExpressionError("a comparison stands outside where(...)", expression.column)
        case Application():
            return _applied(expression, resolve)
        case Transposition(base=base):
            return np.transpose(lower(base, resolve))
        case Element(base=base, indices=indices):
            return _element(lower(base, resolve), indices, expression)
    raise AssertionError(type(expression).__name__)


def scalar_term(expression: Expression, resolve: Callable[[Reference], Term]) -> Term:
    """Return the term of an expression over scalars.

    Raises:
        ExpressionError: a function is unknown or has the wrong arguments.
    """
    lowered = lower(expression, lambda reference: scalar(resolve(reference)))
    if lowered.shape:
        raise ExpressionError("a vector stands where a number is expected", expression.column)
    term: Any = lowered[()]
    return cast(Term, term)


def function_names() -> tuple[str, ...]:
    """Return the names of all functions that expressions may apply."""
    return (*sorted({*FUNCTIONS, *_NAMED, *_activations(), *REDUCTIONS, "where"}),)


def _combined(symbol: str, left: Tensor, right: Tensor, where: Expression) -> Tensor:
    if symbol == "@":
        return matrix_product(left, right, where.column)
    try:
        return pairwise(ARITHMETIC[symbol], left, right)
    except ValueError:
        raise ExpressionError(
            f"shapes {shape_text(left)} and {shape_text(right)} do not fit together for {symbol}",
            where.column,
        ) from None


def _each(change: Callable[[Term], Term], tensor: Tensor, where: Expression) -> Tensor:
    return np.asarray(np.frompyfunc(change, 1, 1)(tensor), dtype=object)


def _element(base: Tensor, indices: tuple[Expression, ...], where: Expression) -> Tensor:
    if len(indices) > base.ndim:
        raise ExpressionError(f"{len(indices)} indices into {shape_text(base)}", where.column)
    place = []
    for axis, index in enumerate(indices):
        if not isinstance(index, Literal) or not index.text.isdigit():
            raise ExpressionError("an index is a whole number counted from 1", index.column)
        number = int(index.text)
        if not 1 <= number <= base.shape[axis]:
            counted = "; indices count from 1" if not number else ""
            raise ExpressionError(f"index {number} is outside 1 to {base.shape[axis]}{counted}", index.column)
        place.append(number - 1)
    found: Any = base[tuple(place)]
    return found if isinstance(found, np.ndarray) else scalar(found)


# --- functions ----------------------------------------------------------------------------------


def _applied(node: Application, resolve: Resolve) -> Tensor:
    name, column = node.function, node.column
    if name == "where":
        return _where(node, resolve)
    arguments = [lower(argument, resolve) for argument in node.arguments]
    name = _OF_WHOLE.get(name, name) if len(arguments) == 1 else name
    if name in REDUCTIONS:
        try:
            return REDUCTIONS[name](*arguments)
        except NoAxis as fault:
            raise ExpressionError(f"{fault}", column) from None
        except (TypeError, ValueError, IndexError):
            shapes = ", ".join(shape_text(argument) for argument in arguments)
            raise ExpressionError(f"{name} cannot be applied to {shapes}", column) from None
    function = _elementwise(name)
    if function is None:
        from ..spec.suggest import did_you_mean

        other = OTHER_NAMES.get(name.lower(), "")
        hint = f"Did you mean {other}?" if other else did_you_mean(name, function_names())
        raise ExpressionError(f"unknown function {name}" + (f". {hint}" if hint else ""), column)
    arity = 2 if name in _PAIRS else 1
    if len(arguments) != arity:
        raise ExpressionError(
            f"{name} takes {arity} argument{'s' * (arity > 1)}, not {len(arguments)}", column
        )
    return _each(function, arguments[0], node) if arity == 1 else pairwise(function, *arguments)


def _elementwise(name: str) -> Callable[..., Term] | None:
    if name in _NAMED:
        return _NAMED[name]
    if name in FUNCTIONS:
        return lambda term: Call(name, (term,))
    rule = _activations().get(name)
    if rule is None:
        return None
    settings = {key: Number(text) for key, text in rule.settings.items()}
    return lambda term: rule.formula(term, settings)


def _activations() -> Mapping[str, Any]:
    from ..rules.activations import ACTIVATIONS

    return {name: rule for name, rule in ACTIVATIONS.items() if name not in REDUCTIONS}


#: The choice between two, of a single vector: that between its elements.
_OF_WHOLE: Mapping[str, str] = {"max": "largest", "min": "smallest"}
_PAIRS = frozenset({"max", "min", "pow"})
_NAMED: Mapping[str, Callable[..., Term]] = {
    "log": lambda term: Call("ln", (term,)),
    "log2": lambda term: Fraction(Call("ln", (term,)), Call("ln", (TWO,))),
    "log10": lambda term: Fraction(Call("ln", (term,)), Call("ln", (Number("10"),))),
    "square": lambda term: Power(term, TWO),
    "max": lambda left, right: Call("max", (left, right)),
    "min": lambda left, right: Call("min", (left, right)),
    "pow": Power,
    "half": lambda term: Product((Fraction(ONE, TWO), term)),
}


def _where(node: Application, resolve: Resolve) -> Tensor:
    if len(node.arguments) != 3 or not isinstance(node.arguments[0], Condition):
        raise ExpressionError("where takes a comparison and two values: where(x > 0, x, 0)", node.column)
    condition, then, otherwise = node.arguments
    assert isinstance(condition, Condition)
    left, right = lower(condition.left, resolve), lower(condition.right, resolve)
    holds = pairwise(lambda a, b: Comparison(a, condition.relation, b), left, right)
    values = np.frompyfunc(lambda c, a, b: Cases((a, b), (c, Words("otherwise"))), 3, 1)
    return np.asarray(values(holds, lower(then, resolve), lower(otherwise, resolve)), dtype=object)
