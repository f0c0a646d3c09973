"""Mistakes of the update: direction, learning rate, biases, a step twice or another's."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import Number, Product, Sum, Symbol, Term, keys
from .editing import key_of, turned, without_factor, without_term
from .mistake import Mistake, Step, Variant, edited

ZERO = Number("0")


def _old_and_rest(step: Step) -> tuple[Term, tuple[Term, ...]] | None:
    """Return the old value and what the update adds to it."""
    formula = step.formula
    if step.kind != "new" or not isinstance(formula, Sum) or len(formula.terms) < 2:
        return None
    old, *rest = formula.terms
    return (old, tuple(rest)) if step.sweep.parameter_of(key_of(old)) == step.parts.subject else None


def _added(step: Step) -> Iterator[Variant]:
    found = _old_and_rest(step)
    if found is not None:
        old, rest = found
        yield Variant(Sum((old, *map(turned, rest))))


def _is_rate(term: Term) -> bool:
    used = key_of(term)
    return used == "learning_rate" or used.startswith(("learning_rate.", "learning_rate@"))


def _rate_forgotten(step: Step) -> Iterator[Variant]:
    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                if _is_rate(factor):
                    yield without_factor(term, index)

    yield from edited(step, fewer)


def _rate_twice(step: Step) -> Iterator[Variant]:
    def more(term: Term) -> Iterator[Term]:
        if isinstance(term, Product):
            for factor in term.factors:
                if _is_rate(factor):
                    yield Product((factor, *term.factors), term.sign)

    yield from edited(step, more)


def _step_twice(step: Step) -> Iterator[Variant]:
    found = _old_and_rest(step)
    if found is not None:
        old, rest = found
        yield Variant(Sum((old, *rest, *rest)))


def _another_step(step: Step) -> Iterator[Variant]:
    """Add another parameter's step as well, with its sign or the other."""
    found = _old_and_rest(step)
    if found is None:
        return
    old, rest = found
    sweep = step.sweep
    for other in sweep.neighbours(key_of(old)):
        later = sweep.updated(other)
        if later and isinstance(formula := sweep.formulas[later], Sum) and key_of(formula.terms[0]) == other:
            for more in (formula.terms[1:], tuple(map(turned, formula.terms[1:]))):
                yield Variant(Sum((old, *rest, *more)), (key_of(old), other))


def _bias_left_out(step: Step) -> Iterator[Variant]:
    sweep = step.sweep

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum) and len(term.terms) > 1:
            for index, item in enumerate(term.terms):
                used = [sweep.parameter_of(name) for name in keys(item)]
                if used and all(name in sweep.biases for name in used):
                    yield without_term(term, index)

    if step.kind in ("net", "act"):
        yield from edited(step, fewer)


def _bias_as_zero(step: Step) -> Iterator[Variant]:
    parts = step.parts
    if parts.kind in ("grad", "step") and parts.subject in step.sweep.biases:
        yield Variant(ZERO)


def _not_updated(step: Step) -> Iterator[Variant]:
    found = _old_and_rest(step)
    if found is not None and isinstance(found[0], Symbol):
        yield Variant(found[0])


def _bias_not_updated(step: Step) -> Iterator[Variant]:
    if step.parts.subject in step.sweep.biases:
        yield from _not_updated(step)


def _weight_not_updated(step: Step) -> Iterator[Variant]:
    if step.parts.subject not in step.sweep.biases:
        yield from _not_updated(step)


UPDATES = (
    Mistake(
        "gradient_added",
        "gradient added instead of subtracted",
        "You went up the gradient; the loss falls against it, so the step is subtracted.",
        "The update has the wrong direction.",
        "updates",
        5.0,
        _added,
    ),
    Mistake(
        "learning_rate_forgotten",
        "learning rate forgotten",
        "The learning rate is missing from your step.",
        "The step was taken without the learning rate.",
        "updates",
        4.0,
        _rate_forgotten,
    ),
    Mistake(
        "learning_rate_twice",
        "learning rate applied twice",
        "You multiplied by the learning rate twice.",
        "The learning rate stands twice in the step.",
        "updates",
        3.0,
        _rate_twice,
    ),
    Mistake(
        "step_applied_twice",
        "a step applied twice",
        "You made the same step twice.",
        "The update was applied twice.",
        "updates",
        2.5,
        _step_twice,
    ),
    Mistake(
        "another_step_added",
        "another parameter's step added too",
        "You added the step of another parameter to this one.",
        "The update holds a step that belongs to another parameter.",
        "updates",
        0.7,
        _another_step,
        everywhere=False,
    ),
    Mistake(
        "bias_left_out",
        "bias left out",
        "The bias is missing from your net input.",
        "The net input was computed without its bias.",
        "net inputs of units with a bias",
        5.0,
        _bias_left_out,
    ),
    Mistake(
        "bias_as_input_zero",
        "bias treated as input 0",
        "You gave the bias an input of 0; it is a weight on a constant input of 1, so its gradient is "
        "the error term.",
        "The bias was treated as if its input were 0.",
        "gradients of biases",
        2.0,
        _bias_as_zero,
    ),
    Mistake(
        "bias_not_updated",
        "bias not updated",
        "You left the bias as it was; it is a parameter and moves like a weight.",
        "The bias keeps its old value.",
        "updates of biases",
        3.0,
        _bias_not_updated,
    ),
    Mistake(
        "weight_not_updated",
        "weight not updated",
        "You left this weight as it was.",
        "The weight keeps its old value.",
        "updates of weights",
        1.5,
        _weight_not_updated,
    ),
)
