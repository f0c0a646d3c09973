"""What a rule of an activation function consists of, and functions by cases with their kinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction as Rational

from ..formulas.names import Name
from ..formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Negation,
    Number,
    Product,
    Sum,
    Term,
    Words,
    walk,
)
from .derivation import differentiate, fill, slot

ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")
Z, A = slot("z"), slot("a")
Settings = Mapping[str, Term]

#: The setting that says which derivative is taken at a kink: 0 the left one, 1 the right one, between
#: the two that share of the way from left to right.
KINK = "kink"


@dataclass(frozen=True, slots=True)
class ActivationRule:
    """One activation function a = f(z).

    forward: f over the slot z. course: the derivative as courses write it, over the slots z and a;
    None where SymPy's own form is what is shown. because: the reason printed beside it, in words.
    letter: the name the function goes by, where it has one. kink_convention: what is taken as the
    derivative where there is none; "" where the derivative is continuous. convention: True where the
    derivative that is shown is a convention and not SymPy's (the perceptron's step).
    """

    name: str
    title: str
    forward: Callable[[Settings], Term]
    course: Callable[[Settings], Term] | None = None
    because: str = ""
    letter: Name | None = None
    kink_convention: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    inverse: Term | None = None  # z over the slot a, where f can be inverted
    convention: bool = False

    def inverse_formula(self, activation: Term) -> Term:
        """Return z from a given activation."""
        assert self.inverse is not None
        return fill(self.inverse, {"a": activation})

    def formula(self, net: Term, settings: Settings) -> Term:
        """Return a = f(z) over the network's own net input."""
        return fill(self.forward(settings), {"z": net})

    def derivative(self, net: Term, activation: Term, settings: Settings) -> Term:
        """Return da/dz in the form that is shown."""
        template = self.course(settings) if self.course else self.raw_derivative(settings)
        return fill(template, {"z": net, "a": activation})

    def raw_derivative(self, settings: Settings) -> Term:
        """Return SymPy's derivative of the forward formula, over the slot z."""
        return differentiate(self.forward(settings), "z")

    def kinks(self, net: Term, settings: Settings) -> tuple[Term, ...]:
        """Return the terms that are zero exactly where the function has a kink."""
        if not self.kink_convention:
            return ()
        return tuple(dict.fromkeys(turning_points(fill(self.forward(settings), {"z": net}))))

    def kink_statement(self, settings: Settings) -> str:
        """Return what is taken as the derivative at a kink, in words."""
        share = settings.get(KINK)
        if share is None or not self.kink_convention:
            return self.kink_convention
        side = {"0": "the one from the left", "1": "the one from the right"}.get(str(share))
        if side is None:
            side = f"the one from the left plus {share} times the difference to the one from the right"
        return f"At a kink of {self.title} the derivative is taken as {side}."


def turning_points(formula: Term) -> list[Term]:
    """Return differences that are zero where a formula changes from one branch to another."""
    found: list[Term] = []
    for part in walk(formula):
        match part:
            case Comparison(left=left, right=right):
                found.append(_difference(left, right))
            case Call(function="abs" | "sign", arguments=(inside,)):
                found.append(inside)
            case Call(function="max" | "min", arguments=(first, *others)):
                found.extend(_difference(first, other) for other in others)
    return found


def _difference(left: Term, right: Term) -> Term:
    return left if right == ZERO else Sum((left, Negation(right)))


# --- functions by cases ------------------------------------------------------------------------


def by_cases(subject: Term, values: Sequence[Term], points: Sequence[Term], shares: Sequence[Term]) -> Cases:
    """Return a function by cases of the subject, from the branch on the right to the one on the left.

    values: the branches from left to right, one more than points. shares: for each point which branch
    counts at the point itself, 0 the left one, 1 the right one, a number between for a mixture.
    """
    kept: list[Term] = []
    conditions: list[Term] = []
    for index in range(len(points) - 1, -1, -1):
        left, right, point, share = values[index], values[index + 1], points[index], shares[index]
        relation = "greater_equal" if share == ONE else "greater"
        kept.append(right)
        conditions.append(Comparison(subject, relation, point))
        if share not in (ZERO, ONE):
            kept.append(_mixture(left, right, share))
            conditions.append(Comparison(subject, "equal", point))
    return Cases((*kept, values[0]), (*conditions, Words("otherwise")))


def slope_by_cases(
    subject: Term, values: Sequence[Term], points: Sequence[Term], settings: Settings, default: Sequence[Term]
) -> Cases:
    """Return a derivative by cases, at its points by the setting `kink` or the rule's own convention."""
    share = settings.get(KINK)
    return by_cases(subject, values, points, default if share is None else [share] * len(points))


def _mixture(left: Term, right: Term, share: Term) -> Term:
    if left == right:
        return left
    numbers = [rational(term) for term in (left, right, share)]
    if None not in numbers:
        low, high, part = (number for number in numbers if number is not None)
        return number_term(low + part * (high - low))
    return Sum((left, Product((share, Sum((right, Negation(left)))))))


def rational(term: Term) -> Rational | None:
    """Return the exact number that a term of nothing but one number or a fraction of two is."""
    match term:
        case Number(text=text, exponent=exponent):
            return Rational(text) * Rational(10) ** (exponent or 0)
        case Fraction(numerator=Number() as over, denominator=Number() as under):
            above, below = rational(over), rational(under)
            return None if above is None or not below else above / below
        case _:
            return None


def number_term(value: Rational) -> Term:
    """Return an exact number as it is printed: whole, a terminating decimal as a fraction otherwise."""
    if value < 0:
        return Negation(number_term(-value))
    over = Number(str(value.numerator))
    return over if value.denominator == 1 else Fraction(over, Number(str(value.denominator)))


def exp(term: Term) -> Term:
    """Return e to the power of a term."""
    return Call("exp", (term,))


def half(*factors: Term) -> Term:
    """Return one half times the factors."""
    return Product((Fraction(ONE, TWO), *factors))


def as_fraction(term: Term) -> Term:
    """Return a number that is written with a slash, 1/6, as a fraction with a bar."""
    if isinstance(term, Number) and "/" in term.text:
        value = rational(term)
        assert value is not None
        return number_term(value)
    return term
