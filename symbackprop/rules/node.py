"""The partial derivatives of a general expression: by the rules of sums, products and powers, else by SymPy.

Where a formula is linear in an operand, or a whole power of something that is, the derivative follows from
the sum rule and the constant factor alone and keeps the author's order. Everything else SymPy derives, once
for all formulas of the same shape. `tests/test_node_rules.py` proves the two ways equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

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
    keys,
    replace_keys,
)
from ..formulas.terms import Words as Otherwise
from .derivation import slot

ZERO, ONE = Number("0"), Number("1")


class _NotLinear(Exception):
    """The rules of sums, products and powers do not apply."""


def partial_derivatives(formula: Term, operands: Sequence[str]) -> dict[str, Term]:
    """Return the derivative of a formula by each operand, over the formula's own keys.

    A choice of the largest (or smallest) has derivative 1 by the one that is, else 0; of several equal ones
    the first counts. Raises TypeError where a formula has no derivative.
    """
    found = _derivatives(formula)
    return {operand: found.get(operand, ZERO) for operand in operands}


def _derivatives(formula: Term) -> Mapping[str, Term]:
    if isinstance(formula, Call) and formula.function in _BESIDE:
        return _of_choice(formula)
    choices: dict[str, Call] = {}
    outer = _without_choices(formula, choices)
    if choices:
        return _through_choices(outer, choices)
    try:
        return _linear(formula)
    except _NotLinear:
        pass
    try:
        return _by_sympy(formula)
    except TypeError:  # cases inside the condition of others: SymPy joins them to what cannot be written
        cases: dict[str, Term] = {}
        outer = _without_cases(formula, cases)
        if isinstance(formula, Cases):
            return _of_cases(formula)
        if not cases:
            raise
        return _through_choices(outer, cases)


def _of_cases(formula: Term) -> dict[str, Term]:
    """Return the derivatives of a value by cases: in each case that of its own value."""
    assert isinstance(formula, Cases)
    branches = [_derivatives(value) for value in formula.values]
    found = dict.fromkeys(key for branch in branches for key in branch)
    return {
        key: Cases(tuple(branch.get(key, ZERO) for branch in branches), formula.conditions) for key in found
    }


def _without_cases(term: Term, cases: dict[str, Term]) -> Term:
    """Return a term with a symbol in the place of each value by cases, which `cases` collects."""
    if isinstance(term, Cases):
        key = f"case{len(cases)}"
        cases[key] = term
        return slot(key)
    return term.rebuilt(lambda part: _without_cases(part, cases))


#: How an argument that is chosen stands to those after it, and to those before it.
_BESIDE: Mapping[str, tuple[str, str]] = {
    "max": ("greater_equal", "greater"),
    "min": ("less_equal", "less"),
}
_UNLESS = {"greater": "less_equal", "less": "greater_equal"}


def _of_choice(formula: Call) -> dict[str, Term]:
    found: dict[str, list[Term]] = {}
    for index, argument in enumerate(formula.arguments):
        for key, partial in _derivatives(argument).items():
            found.setdefault(key, []).append(_if_chosen(formula, index, partial))
    return {key: parts[0] if len(parts) == 1 else Sum(tuple(parts)) for key, parts in found.items()}


def _if_chosen(formula: Call, index: int, partial: Term) -> Term:
    """Return the derivative by an argument, which it has if no other is chosen: of equal ones the first."""
    argument, before, after = (
        formula.arguments[index],
        formula.arguments[:index],
        formula.arguments[index + 1 :],
    )
    not_better, better = _BESIDE[formula.function]

    def best(others: tuple[Term, ...]) -> Term:
        return others[0] if len(others) == 1 else Call(formula.function, others)

    otherwise = Otherwise("otherwise")
    if before and after:
        beaten = Comparison(argument, _UNLESS[better], best(before))
        return Cases(
            (ZERO, partial, ZERO), (beaten, Comparison(argument, not_better, best(after)), otherwise)
        )
    if before or after:
        holds = (
            Comparison(argument, better, best(before))
            if before
            else Comparison(argument, not_better, best(after))
        )
        return Cases((partial, ZERO), (holds, otherwise))
    return partial


def _without_choices(term: Term, choices: dict[str, Call]) -> Term:
    """Return a term with a symbol in the place of each choice, which `choices` collects."""
    if isinstance(term, Call) and term.function in _BESIDE:
        key = f"choice{len(choices)}"
        choices[key] = term
        return slot(key)
    return term.rebuilt(lambda part: _without_choices(part, choices))


def _through_choices(outer: Term, choices: Mapping[str, Term]) -> dict[str, Term]:
    """Return the derivatives of a formula with choices in it, by the chain rule through each."""
    found: dict[str, list[Term]] = {}
    for key, partial in _derivatives(outer).items():
        if key not in choices:
            found.setdefault(key, []).append(partial)
            continue
        choice = choices[key]
        chosen = _of_choice(choice) if isinstance(choice, Call) else _of_cases(choice)
        for inner, through in chosen.items():
            found.setdefault(inner, []).append(_times([partial, through]))

    def whole(term: Term) -> Term:
        return replace_keys(term, lambda key, symbol: choices.get(key, symbol))

    return {key: whole(parts[0] if len(parts) == 1 else Sum(tuple(parts))) for key, parts in found.items()}


def _linear(term: Term) -> dict[str, Term]:
    """Return the derivative by every key of a term."""
    match term:
        case Number():
            return {}
        case Symbol(key=key):
            return {key: ONE} if key and not key.startswith("constant.") else {}
        case Group(term=inner):
            return _linear(inner)
        case Negation(term=inner):
            return {key: _negative(partial) for key, partial in _linear(inner).items()}
        case Sum(terms=terms):
            return _of_sum(terms)
        case Product(factors=factors):
            return _of_product(factors)
        case Fraction(numerator=over, denominator=under) if not keys(under):
            share = Fraction(ONE, under)
            return {key: _divided(_times([share, partial]), under) for key, partial in _linear(over).items()}
        case Power(base=base, exponent=Number(text=text, exponent=None)) if text.isdigit() and int(text) > 1:
            return _of_power(base, int(text))
    if keys(term):
        raise _NotLinear
    return {}


def _of_sum(terms: Sequence[Term]) -> dict[str, Term]:
    parts: dict[str, list[Term]] = {}
    for item in terms:
        for key, partial in _linear(item).items():
            parts.setdefault(key, []).append(partial)
    return {key: found[0] if len(found) == 1 else Sum(tuple(found)) for key, found in parts.items()}


def _of_product(factors: Sequence[Term]) -> dict[str, Term]:
    found: dict[str, list[Term]] = {}
    for index, factor in enumerate(factors):
        for key, partial in _linear(factor).items():
            others = [other for number, other in enumerate(factors) if number != index]
            found.setdefault(key, []).append(_times([*others[:index], partial, *others[index:]]))
    return {key: parts[0] if len(parts) == 1 else Sum(tuple(parts)) for key, parts in found.items()}


def _of_power(base: Term, exponent: int) -> dict[str, Term]:
    lower = base if exponent == 2 else Power(base, Number(str(exponent - 1)))
    return {key: _times([Number(str(exponent)), lower, partial]) for key, partial in _linear(base).items()}


def _divided(term: Term, under: Term) -> Term:
    """Return 1/n times a product as the product over n, where the n has not cancelled."""
    if isinstance(term, Negation):
        return Negation(_divided(term.term, under))
    match term:
        case Product(factors=(Fraction(numerator=over, denominator=denominator), *rest)) if (
            over == ONE and denominator == under
        ):
            return Fraction(rest[0] if len(rest) == 1 else Product(tuple(rest)), under)
    return term


def _times(factors: Sequence[Term]) -> Term:
    """Return a product without factors of one, its minus signs before it."""
    minus = False
    kept: list[Term] = []
    pending = list(reversed(factors))
    while pending:
        factor = pending.pop()
        if isinstance(factor, Negation):
            minus, factor = not minus, factor.term
        if isinstance(factor, Product):
            pending.extend(reversed(factor.factors))
            continue
        if factor == ONE:
            continue
        if kept and _cancels(kept[-1], factor):  # the 2 that a square brings down, and the half before it
            kept.pop()
        elif kept and _whole(kept[-1]) and _whole(factor):
            kept[-1] = Number(str(int(kept[-1].text) * int(factor.text)))  # type: ignore[attr-defined]
        else:
            kept.append(factor)
    product: Term = ONE if not kept else kept[0] if len(kept) == 1 else Product(tuple(kept))
    return Negation(product) if minus else product


def _whole(term: Term) -> bool:
    return isinstance(term, Number) and term.exponent is None and term.text.isdigit()


def _cancels(left: Term, right: Term) -> bool:
    match (left, right):
        case (Fraction(numerator=Number(text="1"), denominator=Number() as under), Number() as number):
            return under == number
    return False


def _negative(term: Term) -> Term:
    return term.term if isinstance(term, Negation) else Negation(term)


def _by_sympy(formula: Term) -> dict[str, Term]:
    """Return SymPy's derivatives, derived over slots so that formulas of one shape share them."""
    names = keys(formula)
    numbers = {key: f"s{index}" for index, key in enumerate(names)}
    terms: dict[str, Term] = {}

    def slotted(key: str, term: Term) -> Term:
        terms[numbers[key]] = term
        return term if key.startswith("constant.") else slot(numbers[key])

    shape = replace_keys(formula, slotted)
    derived = _derived(shape)
    return {
        key: replace_keys(derived[number], lambda found, term: terms.get(found, term))
        for key, number in numbers.items()
        if number in derived
    }


@lru_cache(maxsize=512)
def _derived(shape: Term) -> Mapping[str, Term]:
    import sympy

    from ..formulas.symbolic import from_sympy, sympy_symbol, to_sympy

    expression = to_sympy(shape)
    return {
        # a jump has no derivative: beside it there is none to speak of
        key: from_sympy(
            sympy.diff(expression, sympy_symbol(key)).replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)),
            slot,
        )
        for key in keys(shape)
        if not key.startswith("constant.")
    }
