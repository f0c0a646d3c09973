"""Signs and factors: turned round, left out, kept, taken twice; a sum for a product."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import (
    Call,
    Fraction,
    Number,
    Power,
    Product,
    Sum,
    Term,
    keys,
)
from ..rules.activation import rational
from .editing import bare, edits, key_of, multiplied, summed, turned, without_factor, without_term
from .mistake import Mistake, Step, Variant

ONE, TWO = Number("1"), Number("2")
HALF = Fraction(ONE, TWO)

_LOSSES = frozenset({"loss", "error", "reported_loss"})
_UPDATES = frozenset({"new", "step", "velocity"})


def _reads_target(step: Step) -> bool:
    return any(step.sweep.parts(used).kind == "target" for used in keys(step.formula))


def _error_sign(step: Step) -> Iterator[Variant]:
    if step.kind in ("dE_dact", "dE_dnet", "residual") and _reads_target(step):
        yield Variant(turned(step.formula))


def _is_number(term: Term, *values: str) -> bool:
    found = rational(bare(term))
    return found is not None and str(found) in values


def _half_forgotten(step: Step) -> Iterator[Variant]:
    def without(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                if _is_number(factor, "1/2"):
                    yield without_factor(term, index)
        if isinstance(term, Fraction) and _is_number(term.denominator, "2") and keys(term.numerator):
            yield term.numerator

    if step.kind in _LOSSES:
        for changed in edits(step.formula, without):
            yield Variant(changed)


def _holds_two(formula: Term) -> bool:
    """Return whether the derivative of a square still shows the 2 that it brings down."""
    return isinstance(formula, Product) and any(_is_number(factor, "2") for factor in formula.factors)


def _two_kept(step: Step) -> Iterator[Variant]:
    if step.kind == "dE_dact" and _reads_target(step) and not _holds_two(step.formula):
        yield Variant(Product((TWO, step.formula), "dot"))


def _halved(step: Step) -> Iterator[Variant]:
    if step.kind == "dE_dact" and _reads_target(step) and not _holds_two(step.formula):
        yield Variant(Product((HALF, step.formula), "dot"))


def _shares(step: Step) -> tuple[str, ...]:
    """Return the shares 1/N that a mean takes: over the samples, over the outputs."""
    problem = step.sweep.problem
    counts = {len(problem.samples), len(problem.outputs), *(len(batch) for batch in problem.descent.batches)}
    return tuple(f"1/{count}" for count in sorted(counts) if count > 1)


def _sum_for_mean(step: Step) -> Iterator[Variant]:
    shares = _shares(step)

    def without(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                if _is_number(factor, *shares) and not (step.kind == "error" and _is_number(factor, "1/2")):
                    yield without_factor(term, index)
        if isinstance(term, Fraction) and isinstance(term.numerator, Sum) and rational(term.denominator):
            yield term.numerator

    for changed in edits(step.formula, without):
        yield Variant(changed)


def _mean_for_sum(step: Step) -> Iterator[Variant]:
    formula, parts = step.formula, step.parts
    totals = isinstance(formula, Sum) and step.kind in ("loss", "grad", "reported_loss")
    by_output = step.kind == "dE_dact" and _reads_target(step)
    if parts.through or not (totals or by_output):
        return
    if totals and any(_is_number(part, *_shares(step)) for part in _inside(formula)):
        return
    for share in _shares(step):
        under = Number(share.partition("/")[2])
        yield Variant(Product((Fraction(ONE, under), formula), "dot"))


def _inside(term: Term) -> Iterator[Term]:
    yield term
    for part in term.parts():
        yield from _inside(part)


def _is_mean(factor: Term) -> bool:
    found = rational(bare(factor))
    return found is not None and found.numerator == 1 and found.denominator > 1


def _factor_dropped(step: Step) -> Iterator[Variant]:
    kinds = step.sweep.parts

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                used = key_of(factor)
                named = used and (kinds(used).kind == "dact_dnet" or used.startswith("learning_rate"))
                if not named and not _is_number(factor, "1"):
                    yield without_factor(term, index)
        if isinstance(term, Fraction):
            if keys(term.numerator):
                yield term.numerator
            if keys(term.denominator) and not _is_number(term.numerator, "1"):
                yield Fraction(ONE, term.denominator)

    for changed in edits(step.formula, fewer):
        yield Variant(changed)


def _factor_twice(step: Step) -> Iterator[Variant]:
    kinds = step.sweep.parts

    def more(term: Term) -> Iterator[Term]:
        if isinstance(term, Product):
            for factor in term.factors:
                used = key_of(factor)
                if used and kinds(used).kind != "dact_dnet" and not used.startswith("learning_rate"):
                    yield Product((*term.factors, factor), term.sign)

    for changed in edits(step.formula, more):
        yield Variant(changed)


def _plus_for_times(step: Step) -> Iterator[Variant]:
    def added(term: Term) -> Iterator[Term]:
        if not isinstance(term, Product):
            return
        factors = [factor for factor in term.factors if not _is_number(factor, "1")]
        if len(factors) == 2:
            yield Sum(tuple(factors))
        elif len(factors) > 2:
            for index in range(len(factors) - 1):
                pair = Sum((factors[index], factors[index + 1]))
                yield multiplied([*factors[:index], pair, *factors[index + 2 :]], term)

    for changed in edits(step.formula, added):
        yield Variant(changed)


def _times_for_over(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Fraction) and rational(term) is None:
            yield Product((term.numerator, term.denominator), "dot")

    for changed in edits(step.formula, other):
        yield Variant(changed)


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

    for changed in edits(step.formula, other):
        yield Variant(changed)


def _exponent_sign(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Call) and term.function == "exp":
            (argument,) = term.arguments
            yield Call("exp", (turned(argument),), term.name)

    for changed in edits(step.formula, other):
        yield Variant(changed)


def _term_dropped(step: Step) -> Iterator[Variant]:
    """Leave out a term of a sum that is none of those with a name of their own."""
    kind, sweep = step.kind, step.sweep
    if kind in ("dE_dnet", "delta", "grad", "loss", "new") or (kind == "dE_dact" and not _reads_target(step)):
        return

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum) and len(term.terms) > 1:
            for index, item in enumerate(term.terms):
                used = [sweep.parameter_of(name) for name in keys(item)]
                if kind == "net" and used and all(name in sweep.biases for name in used):
                    continue
                yield without_term(term, index)

    for changed in edits(step.formula, fewer):
        yield Variant(changed)


def _square_forgotten(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Power) and term.exponent == TWO:
            yield term.base

    for changed in edits(step.formula, other):
        yield Variant(changed)


def _doubled_for_squared(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        if isinstance(term, Power) and term.exponent == TWO:
            yield Product((TWO, term.base), "dot")

    for changed in edits(step.formula, other):
        yield Variant(changed)


def _one_fewer(step: Step) -> Iterator[Variant]:
    """Divide a mean of squares by n - 1."""

    def other(term: Term) -> Iterator[Term]:
        if (
            isinstance(term, Fraction)
            and isinstance(term.denominator, Number)
            and term.denominator.text.isdigit()
            and int(term.denominator.text) > 2
            and any(isinstance(part, Power) for part in _inside(term.numerator))
        ):
            yield Fraction(term.numerator, Number(str(int(term.denominator.text) - 1)))

    for changed in edits(step.formula, other):
        yield Variant(changed)


SIGNS_AND_FACTORS = (
    Mistake(
        "error_sign",
        "sign of the error",
        "You took target minus output where the derivative has output minus target; the sign of all "
        "that follows turns.",
        "The difference of output and target has the wrong sign.",
        "the derivative of the loss by an output, residuals",
        5.0,
        _error_sign,
    ),
    Mistake(
        "half_forgotten",
        "the half forgotten",
        "The factor 1/2 of this loss is missing.",
        "The loss was computed without its factor 1/2.",
        "losses with a factor 1/2",
        4.0,
        _half_forgotten,
    ),
    Mistake(
        "factor_two_kept",
        "factor 2 kept",
        "You kept the 2 that the square brings down; the factor 1/2 (or 1/K) of the loss takes it away.",
        "The derivative of the square was taken without the factor before it.",
        "the derivative of a squared error",
        4.0,
        _two_kept,
    ),
    Mistake(
        "halved",
        "halved once too often",
        "You kept a factor 1/2 that the derivative of the square has used up.",
        "The factor 1/2 stands in the derivative, where the 2 of the square has cancelled it.",
        "the derivative of a squared error",
        2.0,
        _halved,
    ),
    Mistake(
        "sum_for_mean",
        "sum for mean",
        "You added up where the mean is asked for; divide by how many there are.",
        "The factor 1/N of a mean was left out.",
        "means over samples, outputs or values",
        4.0,
        _sum_for_mean,
    ),
    Mistake(
        "mean_for_sum",
        "mean for sum",
        "You took the mean where the sum is asked for.",
        "A sum was divided by the number of its terms.",
        "sums over samples or outputs",
        4.0,
        _mean_for_sum,
    ),
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
