"""Expressions between the numbers of a variant, of the closed grammar; their results are exact rationals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..formulas.expressions import ExpressionError, Reference
from ..formulas.lowering import scalar_term
from ..formulas.names import Name
from ..formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Group,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
    Words,
    walk,
)
from ..keys import key
from .choices import Derived
from .choosing import Formula
from .data import number_value
from .faults import Path, Written
from .figures import Figure
from .suggest import did_you_mean

#: What takes rationals to a rational.
_EXACT = (Symbol, Number, Sum, Product, Negation, Fraction, Group, Cases, Comparison, Words)
_EXACT_CALLS = ("max", "min", "abs", "sign")


def derived(
    formula: Formula, figure: Figure, found: Sequence[Figure], path: Path, written: Written
) -> Derived:
    """Return the choice that an expression is, over the keys of the numbers that it names.

    An input or a target (`target_o1`) is that of the number's own sample.

    Raises:
        ProblemError: a name is unknown, or the result would be no exact decimal.
    """

    def resolve(reference: Reference) -> Term:
        known = {other.key for other in found}
        for text in _keys(reference.name, figure.sample):
            if text in known:
                return Symbol(Name(reference.name), text)
        names = list(dict.fromkeys(other.name.replace("target.", "target_") for other in found))
        if reference.name in names:
            message = f"{reference.name} differs from sample to sample, and {figure.name} does not"
            raise ExpressionError(message, reference.column)
        hint = did_you_mean(reference.name, names)
        message = f"no number is called {reference.name}"
        raise ExpressionError(f"{message}. {hint}" if hint else message, reference.column)

    try:
        term = scalar_term(formula.tree, resolve)
    except ExpressionError as error:
        raise written.error(
            path,
            f"{error.message} (column {error.column})",
            given=formula.text,
            expected="an expression of inputs, weights and biases, such as w5 + 0.1",
        ) from None
    for part in walk(term):
        if not _is_exact(part):
            what = part.function if isinstance(part, Call) else "a power that is not whole"
            raise written.error(
                path,
                f"{what} gives no exact decimal",
                given=formula.text,
                expected="+ - * / ^ with whole powers, min, max, abs and where",
            )
    return Derived(formula.text, term)


def _keys(name: str, sample: int | None) -> Iterator[str]:
    """Yield the keys that a name may stand for."""
    yield name
    yield key(name, "", sample=sample)
    if name.startswith("target_"):
        yield key("target", name.removeprefix("target_"), sample=sample)
    if name == "learning_rate":
        yield "schedule.start"


def _is_exact(part: Term) -> bool:
    if isinstance(part, Power):
        return isinstance(part.exponent, Number) and number_value(part.exponent).denominator == 1
    if isinstance(part, Call):
        return part.function in _EXACT_CALLS
    return isinstance(part, _EXACT)
