"""Losses and means: the sign of the error, the half and the two of a square, the share of a mean."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import Fraction, Number, Product, Sum, Term, keys, walk
from ..rules.activation import rational
from .editing import is_number, turned, without_factor
from .mistake import Mistake, Step, Variant, edited

ONE, TWO = Number("1"), Number("2")
HALF = Fraction(ONE, TWO)

_LOSSES = frozenset({"loss", "error", "reported_loss"})


def reads_target(step: Step) -> bool:
    """Return whether a step compares an output with its target."""
    return any(step.sweep.parts(used).kind == "target" for used in keys(step.formula))


def _error_sign(step: Step) -> Iterator[Variant]:
    if step.kind in ("dE_dact", "dE_dnet", "residual") and reads_target(step):
        yield Variant(turned(step.formula))


def _half_forgotten(step: Step) -> Iterator[Variant]:
    def without(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                if is_number(factor, "1/2"):
                    yield without_factor(term, index)
        if isinstance(term, Fraction) and is_number(term.denominator, "2") and keys(term.numerator):
            yield term.numerator

    if step.kind in _LOSSES:
        yield from edited(step, without)


def _holds_two(formula: Term) -> bool:
    """Return whether the derivative of a square still shows the 2 that it brings down."""
    return isinstance(formula, Product) and any(is_number(factor, "2") for factor in formula.factors)


def _two_kept(step: Step) -> Iterator[Variant]:
    if step.kind == "dE_dact" and reads_target(step) and not _holds_two(step.formula):
        yield Variant(Product((TWO, step.formula), "dot"))


def _halved(step: Step) -> Iterator[Variant]:
    if step.kind == "dE_dact" and reads_target(step) and not _holds_two(step.formula):
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
                if is_number(factor, *shares) and not (step.kind == "error" and is_number(factor, "1/2")):
                    yield without_factor(term, index)
        if isinstance(term, Fraction) and isinstance(term.numerator, Sum) and rational(term.denominator):
            yield term.numerator

    yield from edited(step, without)


def _mean_for_sum(step: Step) -> Iterator[Variant]:
    formula, parts = step.formula, step.parts
    totals = isinstance(formula, Sum) and step.kind in ("loss", "grad", "reported_loss")
    by_output = step.kind == "dE_dact" and reads_target(step)
    if parts.through or not (totals or by_output):
        return
    if totals and any(is_number(part, *_shares(step)) for part in walk(formula)):
        return
    for share in _shares(step):
        under = Number(share.partition("/")[2])
        yield Variant(Product((Fraction(ONE, under), formula), "dot"))


LOSSES_AND_MEANS = (
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
)
