"""Whether a quantity is a given rational by the rules of arithmetic alone, whatever its exponentials are.

The gradient of a bias of the keys in attention, or of a bias before batch normalisation, is zero because
terms cancel that no precision can tell to cancel. Every value of exp, tanh and the like counts as a variable
of its own, of which the quantity is a rational function. That the function is a constant shows at random
places in a field of about 2^127 elements: a function that is not has that value at a place with a probability
below its degree times 2^-127 (Schwartz 1980, Zippel 1979), so at two independent places never in practice.
The cost is linear in the formulas, where multiplying out grows beyond all bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction as Rational
from random import Random
from typing import TYPE_CHECKING

from ..formulas.terms import (
    Call,
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
)
from ..numbers.constants import as_term

if TYPE_CHECKING:
    from ..derivation.certified_values import CertifiedValues

PRIME = 2**127 - 1
PLACES = 2

#: A sign and the element whose logarithm is meant.
_Logarithm = tuple[int, int]


class _NotRational(Exception):
    """The formula has a part of which the field knows nothing, or divides by zero there."""


def holds_identically(
    ledger: CertifiedValues, order: list[str], key: str, value: Rational, decide: Callable[[Term], Term]
) -> bool:
    """Return whether a quantity is a rational number whatever values exp, tanh and the like take.

    order: what the quantity depends on, each after all that it uses. decide: puts the case that holds
    in the place of each case distinction. False proves nothing.
    """
    wanted = value.numerator * pow(value.denominator, -1, PRIME) % PRIME
    formulas: dict[str, Term] = {}
    for name in order:
        formula, given = ledger.formulas.get(name), ledger.given(name)
        if name.startswith("constant."):
            continue  # pi, under a GELU: a variable like any other
        if formula is None and given is None:
            return False
        formulas[name] = decide(formula) if formula is not None else as_term(given)  # type: ignore[arg-type]
    try:
        return all(_Place(seed).values(formulas)[key] == wanted for seed in range(PLACES))
    except _NotRational:
        return False


class _Place:
    """One random place: a value in the field for each value of each function that is no quotient."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"place {seed}")
        self._drawn: dict[tuple[object, ...], int] = {}
        self._known: dict[str, int] = {}
        self._logarithms: dict[str, tuple[_Logarithm, ...]] = {}
        self._exponents: dict[int, int] = {1: 0}  # by the value of exp

    def values(self, formulas: Mapping[str, Term]) -> Mapping[str, int]:
        """Return the value of each formula, in an order in which each can be computed."""
        for name, formula in formulas.items():
            self._known[name] = self._of(formula)
            self._logarithms[name] = self._logarithms_of(formula)
        return self._known

    def _of(self, term: Term) -> int:
        match term:
            case Symbol(key=key) | Partial(key=key):
                return self._known[key] if key in self._known else self._variable(key)
            case Number():
                return _number(term)
            case Sum(terms=terms):
                return sum(map(self._of, terms)) % PRIME
            case Product(factors=factors):
                product = 1
                for factor in factors:
                    product = product * self._of(factor) % PRIME
                return product
            case Negation(term=inner):
                return -self._of(inner) % PRIME
            case Group(term=inner) | Underbrace(term=inner) | Result(term=inner) | Elided(hidden=inner):
                return self._of(inner)
            case Fraction(numerator=over, denominator=under):
                return self._of(over) * _inverse(self._of(under)) % PRIME
            case Power(base=base, exponent=exponent):
                return self._power(base, exponent)
            case Call(function="exp", arguments=(Product(factors=(Number() as times, *rest)),)) if (
                times.exponent is None and times.text.isdigit() and rest
            ):  # exp(2x) is exp(x)^2, which SymPy writes for it
                return pow(self._call("exp", self._of(Product(tuple(rest)))), int(times.text), PRIME)
            case Call(function="exp", arguments=(argument,)):
                return self._exponential(argument)
            case Call(function=function, arguments=(argument,)):
                return self._call(function, self._of(argument))
        raise _NotRational

    def _exponential(self, argument: Term) -> int:
        """Return exp(z - ln s) as exp(z) / s: what a log-softmax and its slope have in common."""
        rest, factor = self._of(argument), 1
        for sign, inner in self._logarithms_of(argument):
            rest -= sign * self._call("ln", inner)
            factor = factor * (inner if sign > 0 else _inverse(inner)) % PRIME
        return factor * self._call("exp", rest % PRIME) % PRIME

    def _logarithms_of(self, term: Term) -> tuple[_Logarithm, ...]:
        """Return the logarithms that are terms of a sum: sign and argument of each."""
        match term:
            case Symbol(key=key) | Partial(key=key):
                return self._logarithms.get(key, ())
            case Sum(terms=terms):
                return tuple(logarithm for each in terms for logarithm in self._logarithms_of(each))
            case Negation(term=inner):
                return tuple((-sign, argument) for sign, argument in self._logarithms_of(inner))
            case Group(term=inner) | Underbrace(term=inner) | Result(term=inner) | Elided(hidden=inner):
                return self._logarithms_of(inner)
            case Call(function="ln", arguments=(argument,)):
                return ((1, self._of(argument)),)
        return ()

    def _power(self, base: Term, exponent: Term) -> int:
        if isinstance(exponent, Number) and exponent.exponent is None and exponent.text.lstrip("-").isdigit():
            found = pow(self._of(base), abs(int(exponent.text)), PRIME)
            return _inverse(found) if exponent.negative else found
        return self._variable("power", self._of(base), self._of(exponent))

    def _call(self, function: str, argument: int) -> int:
        """Return a function's value: exp(-x) is 1 / exp(x), tanh(-x) is -tanh(x), and ln(exp(x)) is x."""
        opposite = -argument % PRIME
        if function == "exp":
            if argument == 0:
                return 1
            found = (
                _inverse(self._call("exp", opposite))
                if argument > opposite
                else self._variable("exp", argument)
            )
            self._exponents[found] = argument
            return found
        if function == "ln" and argument in self._exponents:
            return self._exponents[argument]
        if function == "tanh":
            if argument == 0:
                return 0
            if argument > opposite:
                return -self._variable("tanh", opposite) % PRIME
        return self._variable(function, argument)

    def _variable(self, *what: object) -> int:
        """Return the same random element for the same thing."""
        if what not in self._drawn:
            self._drawn[what] = self._random.randrange(1, PRIME)
        return self._drawn[what]


def _number(term: Number) -> int:
    exact = Rational(term.text)
    if term.exponent is not None:
        exact *= Rational(10) ** term.exponent
    return exact.numerator * _inverse(exact.denominator % PRIME) % PRIME


def _inverse(element: int) -> int:
    if not element:
        raise _NotRational
    return pow(element, -1, PRIME)
