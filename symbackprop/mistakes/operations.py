"""Operations: a factor or a term too few or too many, a sign turned, a sum for a product, no square."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import Call, Fraction, Number, Power, Product, Sum, Term, keys, walk
from ..rules.activation import rational
from .editing import is_number, key_of, multiplied, summed, turned, without_factor, without_term
from .losses_and_means import reads_target
from .mistake import Mistake, Step, Variant, edited

ONE, TWO = Number("1"), Number("2")

_UPDATES = frozenset({"new", "step", "velocity"})


def _factor_dropped(step: Step) -> Iterator[Variant]:
    kinds = step.sweep.parts

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                used = key_of(factor)
                named = used and (kinds(used).kind == "dact_dnet" or used.startswith("learning_rate"))
                if not named and not is_number(factor, "1"):
                    yield without_factor(term, index)
        if isinstance(term, Fraction):
            if keys(term.numerator):
                yield term.numerator
            if keys(term.denominator) and not is_number(term.numerator, "1"):
                yield Fraction(ONE, term.denominator)

    yield from edited(step, fewer)


def _factor_twice(step: Step) -> Iterator[Variant]:
    kinds = step.sweep.parts

    def more(term: Term) -> Iterator[Term]:
        if isinstance(term, Product):
            for factor in term.factors:
                used = key_of(factor)
                if used and kinds(used).kind != "dact_dnet" and not used.startswith("learning_rate"):
                    yield Product((*term.factors, factor), term.sign)

    yield from edited(step, more)


def _plus_for_times(step: Step) -> Iterator[Variant]:
    def added(term: Term) -> Iterator[Term]:
        if not isinstance(term, Product):
            return
        factors = [factor for factor in term.factors if not is_number(factor, "1")]
        if len(factors) == 2:
            yield Sum(tuple(factors))
        elif len(factors) > 2:
            for index in range(len(factors) - 1):
                pair = Sum((factors[index], factors[index + 1]))
                yield multiplied([*factors[:index], pair, *factors[index + 2 :]], term)

    yield from edited(step, added)


def _times_for_over(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Fraction) and rational(term) is None:
            yield Product((term.numerator, term.denominator), "dot")

    yield from edited(step, other)


def _term_sign(step: Step) -> Iterator[Variant]:
    """Turn the sign of one term of a sum."""
    if step.kind in _UPDATES and not step.parts.passes:
        return  # that is the direction of the step

    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum):
            for index, item in enumerate(term.terms):
                terms = list(term.terms)
                terms[index] = turned(item)
                yield summed(terms)

    yield from edited(step, other)


def _exponent_sign(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Call) and term.function == "exp":
            (argument,) = term.arguments
            yield Call("exp", (turned(argument),), term.name)

    yield from edited(step, other)


def _term_dropped(step: Step) -> Iterator[Variant]:
    """Leave out a term of a sum that is none of those with a name of their own."""
    kind, sweep = step.kind, step.sweep
    if kind in ("dE_dnet", "delta", "grad", "loss", "new") or (kind == "dE_dact" and not reads_target(step)):
        return

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum) and len(term.terms) > 1:
            for index, item in enumerate(term.terms):
                used = [sweep.parameter_of(name) for name in keys(item)]
                if kind == "net" and used and all(name in sweep.biases for name in used):
                    continue
                yield without_term(term, index)

    yield from edited(step, fewer)


def _square_forgotten(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Power) and term.exponent == TWO:
            yield term.base

    yield from edited(step, other)


def _doubled_for_squared(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Power) and term.exponent == TWO:
            yield Product((TWO, term.base), "dot")

    yield from edited(step, other)


def _one_fewer(step: Step) -> Iterator[Variant]:
    """Divide a mean of squares by n - 1."""

    def other(term: Term) -> Iterator[Term]:
        if (
            isinstance(term, Fraction)
            and isinstance(term.denominator, Number)
            and term.denominator.text.isdigit()
            and int(term.denominator.text) > 2
            and any(isinstance(part, Power) for part in walk(term.numerator))
        ):
            yield Fraction(term.numerator, Number(str(int(term.denominator.text) - 1)))

    yield from edited(step, other)


OPERATIONS = (
    Mistake(
        "factor_dropped",
        "a factor dropped from a product",
        "A factor is missing from your product.",
        "A factor of the product was not multiplied.",
        "products and quotients",
        3.0,
        _factor_dropped,
        everywhere=False,
    ),
    Mistake(
        "factor_twice",
        "a factor taken twice",
        "One factor stands twice in your product.",
        "A factor of the product was multiplied twice.",
        "products",
        1.5,
        _factor_twice,
        everywhere=False,
    ),
    Mistake(
        "plus_for_times",
        "plus for times",
        "You added two numbers that are to be multiplied.",
        "Two factors were added.",
        "products",
        2.0,
        _plus_for_times,
        everywhere=False,
    ),
    Mistake(
        "times_for_over",
        "times for divided by",
        "You multiplied where the formula divides.",
        "A quotient was computed as a product.",
        "quotients",
        1.0,
        _times_for_over,
        everywhere=False,
    ),
    Mistake(
        "term_sign",
        "sign of a term",
        "One term of your sum has the wrong sign.",
        "A plus and a minus inside the formula were exchanged.",
        "sums",
        3.0,
        _term_sign,
        everywhere=False,
    ),
    Mistake(
        "exponent_sign",
        "sign of the exponent",
        "You took e to the power of z where the formula has minus z, or the other way round.",
        "The sign of an exponent was lost.",
        "exponentials, such as in the sigmoid",
        3.0,
        _exponent_sign,
    ),
    Mistake(
        "term_dropped",
        "a term left out",
        "A term is missing from your sum.",
        "A summand was left out.",
        "net inputs and other sums",
        3.0,
        _term_dropped,
        everywhere=False,
    ),
    Mistake(
        "square_forgotten",
        "the square forgotten",
        "You did not square.",
        "A square was left out.",
        "squares",
        2.0,
        _square_forgotten,
        everywhere=False,
    ),
    Mistake(
        "doubled_for_squared",
        "doubled instead of squared",
        "You multiplied by two where the formula squares.",
        "A number was doubled instead of squared.",
        "squares",
        1.0,
        _doubled_for_squared,
        everywhere=False,
    ),
    Mistake(
        "one_fewer",
        "divided by n - 1",
        "You divided by n − 1; here the mean is over all n.",
        "The variance of a sample was computed instead of the mean of the squares.",
        "variances",
        1.5,
        _one_fewer,
    ),
)
