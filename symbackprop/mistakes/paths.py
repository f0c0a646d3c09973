"""Sums of the chain rule that are not taken over everything: paths, samples, outputs."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import Product, Sum, Term, keys
from ..keys import At, key
from .editing import key_of, turned, without_term
from .mistake import Mistake, Step, Variant, edited

#: Kinds of derivatives of the loss: what arrives along a path.
ARRIVING = frozenset({"dE_dnet", "dE_dact", "delta", "grad"})

#: Kinds of quantities that are sums over paths.
_SUMMED = frozenset({"dE_dact", "dE_dnet", "dE_dtarget", "delta", "grad", "step"})

_LOSSES = frozenset({"loss", "error", "reported_loss", "epoch_loss"})


def _arriving(step: Step, term: Term) -> list[str]:
    """Return the derivatives of the loss that a summand is made of."""
    return [used for used in keys(term) if step.sweep.parts(used).kind in ARRIVING]


def _is_path_sum(step: Step, term: Term) -> bool:
    return isinstance(term, Sum) and all(_arriving(step, item) for item in term.terms)


def _by_sample(step: Step, total: Sum) -> bool:
    """Return whether the terms of a sum belong to one sample each."""
    samples = [{step.sweep.parts(used).sample for used in keys(item)} for item in total.terms]
    return all(len(found) == 1 and None not in found for found in samples) and len(
        {number for found in samples for number in found}
    ) == len(samples)


def _over_softmax(step: Step, total: Sum) -> bool:
    """Return whether a sum runs over a row of softmax's Jacobian."""
    return any(
        step.sweep.parts(used).kind == "dact_dnet" and step.sweep.parts(used).through for used in keys(total)
    )


def _one_kept(step: Step, samples: bool) -> Iterator[Variant]:
    if step.kind not in _SUMMED:
        return

    def kept(term: Term) -> Iterator[Term]:
        if (
            isinstance(term, Sum)
            and _is_path_sum(step, term)
            and not _over_softmax(step, term)
            and _by_sample(step, term) == samples
        ):
            yield from term.terms

    yield from edited(step, kept)


def _one_dropped(step: Step, samples: bool) -> Iterator[Variant]:
    if step.kind not in _SUMMED:
        return

    def dropped(term: Term) -> Iterator[Term]:
        if (
            isinstance(term, Sum)
            and len(term.terms) > 2
            and _is_path_sum(step, term)
            and not _over_softmax(step, term)
            and _by_sample(step, term) == samples
        ):
            yield from (without_term(term, index) for index in range(len(term.terms)))

    yield from edited(step, dropped)


def _one_path(step: Step) -> Iterator[Variant]:
    yield from _one_kept(step, samples=False)


def _path_forgotten(step: Step) -> Iterator[Variant]:
    yield from _one_dropped(step, samples=False)


def _sample_forgotten(step: Step) -> Iterator[Variant]:
    yield from _one_kept(step, samples=True)
    yield from _one_dropped(step, samples=True)
    if step.kind != "loss":
        return

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum) and len(term.terms) > 1 and _by_sample(step, term):
            yield from term.terms
            if len(term.terms) > 2:
                yield from (without_term(term, index) for index in range(len(term.terms)))

    yield from edited(step, fewer)


def _output_forgotten(step: Step) -> Iterator[Variant]:
    formula = step.formula
    if step.kind not in _LOSSES or not isinstance(formula, Sum) or len(formula.terms) < 2:
        return
    if not all(step.sweep.parts(used).kind == "error" for item in formula.terms for used in keys(item)):
        return
    for item in formula.terms:
        yield Variant(item)
    if len(formula.terms) > 2:
        for index in range(len(formula.terms)):
            yield Variant(without_term(formula, index))


def _off_diagonal(step: Step) -> Iterator[Variant]:
    """Keep of the sum over a row of the Jacobian the term on the diagonal; undo the short form o - t."""
    sweep, parts = step.sweep, step.parts
    if parts.kind not in ("dE_dnet", "delta") or parts.through or parts.subject not in sweep.graph.joint:
        return
    at = At(sample=parts.sample, passes=parts.passes)
    arriving, own = key("dE_dact", parts.subject, **at), key("dact_dnet", parts.subject, **at)
    if sweep.known(arriving) and sweep.known(own):
        product: Term = Product((sweep.term(arriving), sweep.term(own)), "dot")
        yield Variant(product if parts.kind == "dE_dnet" else turned(product))


def _penalty_forgotten(step: Step) -> Iterator[Variant]:
    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Sum) and len(term.terms) > 1:
            for index, item in enumerate(term.terms):
                kinds = {step.sweep.parts(used).kind for used in keys(item)}
                if kinds & {"regularisation", "penalty"} or key_of(item) == "penalty":
                    yield without_term(term, index)

    if step.kind in ("grad", "loss", "decayed", "new"):
        yield from edited(step, fewer)


PATHS = (
    Mistake(
        "one_path_only",
        "one path only",
        "You followed a single path back to this quantity, but it reaches the loss on several, and the "
        "chain rule "
        "adds what comes along each of them.",
        "Only one path was followed where the chain rule sums over all.",
        "a derivative that several units, edges, time steps or outputs pass something back to",
        8.0,
        _one_path,
    ),
    Mistake(
        "path_forgotten",
        "a path forgotten",
        "One of the paths back to this quantity is missing from your sum; every unit that it feeds "
        "passes a part of "
        "the derivative back.",
        "One of several paths is missing from the sum of the chain rule.",
        "a derivative with three paths or more",
        4.0,
        _path_forgotten,
    ),
    Mistake(
        "sample_forgotten",
        "a sample forgotten",
        "Not all samples of the batch are in your sum; the loss is over all of them, and so is its "
        "derivative.",
        "The sum over the batch leaves out a sample, or has one only.",
        "sums over the samples of a batch",
        3.0,
        _sample_forgotten,
    ),
    Mistake(
        "output_forgotten",
        "an output's error forgotten",
        "The error of an output is missing; the loss is the sum over all outputs.",
        "The loss was taken over some of the outputs only.",
        "the loss of a network with several outputs",
        3.0,
        _output_forgotten,
    ),
    Mistake(
        "off_diagonal_left_out",
        "softmax's off-diagonal terms left out",
        "You took only the output's own term o(1 − o); a net input of softmax changes all outputs, so "
        "the others belong to the sum, each with minus the product of the two outputs.",
        "Softmax was differentiated as if each output depended on its own net input alone.",
        "error terms of softmax units",
        4.0,
        _off_diagonal,
    ),
    Mistake(
        "penalty_forgotten",
        "the penalty forgotten",
        "The term of the penalty on the weights is missing; it is part of the loss, and of its derivative.",
        "The regularisation term was left out.",
        "gradients and losses with a penalty, updates with weight decay",
        3.0,
        _penalty_forgotten,
    ),
)
