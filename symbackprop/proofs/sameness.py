"""Which quantities are the same number because they are the same formula over the same numbers.

No precision tells two equal irrational numbers apart, so a choice between them, as max pooling makes over the
plain background of an image, is decided here: each formula is given a number by what it is made of, products
with an exact zero left out, terms and factors in any order, and equal numbers prove equal values. (Value
numbering; Cocke and Schwartz, Programming Languages and Their Compilers, 1970.)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from flint import fmpq

from ..formulas.terms import (
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
    Sum,
    Symbol,
    Term,
    Underbrace,
    Words,
)
from ..numbers.digits import Real, number_value

_ZERO, _ONE = fmpq(0), fmpq(1)

#: An exact rational, or the number of a formula.
Form = fmpq | int


def same_as_earlier(formulas: Mapping[str, Term], reals: Mapping[str, Real]) -> dict[str, str]:
    """Return, for each quantity that surely equals an earlier one, that one; exact rationals are left out."""
    numbering = _Numbering(reals)
    first: dict[int, str] = {}
    same: dict[str, str] = {}
    for key, formula in formulas.items():
        form = numbering.enter(key, formula)
        if type(form) is int and key in reals and first.setdefault(form, key) != key:
            same[key] = first[form]
    return same


class _Numbering:
    def __init__(self, reals: Mapping[str, Real]) -> None:
        self._reals = reals
        self._forms: dict[str, Form] = {}
        self._numbers: dict[Hashable, int] = {}

    def enter(self, key: str, formula: Term) -> Form:
        real = self._reals.get(key)
        form = real if isinstance(real, fmpq) else self._of(formula)
        self._forms[key] = form
        return form

    def _of(self, term: Term) -> Form:
        make = _FORMS.get(type(term))
        return self._number(("term", term)) if make is None else make(self, term)

    def _number(self, parts: Hashable) -> int:
        return self._numbers.setdefault(parts, len(self._numbers))

    def _hashable(self, form: Form) -> Hashable:
        return form if isinstance(form, int) else ("exact", str(form))

    def keyed(self, term: Symbol | Partial) -> Form:
        if term.key in self._forms:
            return self._forms[term.key]
        real = self._reals.get(term.key)
        return real if isinstance(real, fmpq) else self._number(("key", term.key or term))

    def exact(self, term: Number) -> Form:
        return number_value(term)

    def sum(self, terms: Iterable[Form]) -> Form:
        total, others = _ZERO, []
        for form in terms:
            if isinstance(form, int):
                others.append(form)
            else:
                total += form
        if not others:
            return total
        if total == 0 and len(others) == 1:
            return others[0]
        return self._number(("sum", str(total), tuple(sorted(others))))

    def product(self, factors: Iterable[Form]) -> Form:
        share, others = _ONE, []
        for form in factors:
            if isinstance(form, int):
                others.append(form)
            else:
                share *= form
        if share == 0 or not others:
            return share
        if share == 1 and len(others) == 1:
            return others[0]
        return self._number(("product", str(share), tuple(sorted(others))))

    def fraction(self, term: Fraction) -> Form:
        above, below = self._of(term.numerator), self._of(term.denominator)
        if not isinstance(below, int) and below != 0:
            return self.product((above, 1 / below))
        return self.made("fraction", (above, below))

    def call(self, term: Call) -> Form:
        arguments = [self._of(argument) for argument in term.arguments]
        if term.function in ("max", "min") and len({self._hashable(argument) for argument in arguments}) == 1:
            return arguments[0]
        return self.made(f"call {term.function}", arguments)

    def made(self, kind: str, parts: Iterable[Form]) -> Form:
        return self._number((kind, tuple(self._hashable(part) for part in parts)))

    def all_of(self, terms: Iterable[Term]) -> list[Form]:
        return [self._of(term) for term in terms]

    def inner(self, term: Group | Underbrace) -> Form:
        return self._of(term.term)


_FORMS: Mapping[type[Term], Callable[[_Numbering, Any], Form]] = {
    Symbol: _Numbering.keyed,
    Partial: _Numbering.keyed,
    Number: _Numbering.exact,
    Group: _Numbering.inner,
    Underbrace: _Numbering.inner,
    Elided: lambda numbering, term: numbering._of(term.hidden),
    Sum: lambda numbering, term: numbering.sum(numbering.all_of(term.terms)),
    Product: lambda numbering, term: numbering.product(numbering.all_of(term.factors)),
    Negation: lambda numbering, term: numbering.product((fmpq(-1), numbering._of(term.term))),
    Fraction: _Numbering.fraction,
    Power: lambda numbering, term: numbering.made("power", numbering.all_of((term.base, term.exponent))),
    Call: _Numbering.call,
    Cases: lambda numbering, term: numbering.made(
        "cases", numbering.all_of((*term.values, *term.conditions))
    ),
    Comparison: lambda numbering, term: numbering.made(
        f"comparison {term.relation}", numbering.all_of((term.left, term.right))
    ),
    Words: lambda numbering, term: numbering.made(f"words {term.text}", ()),
}
