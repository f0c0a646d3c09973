"""Losses over all outputs together: cross-entropy on logits, the hinge loss of several classes."""

from __future__ import annotations

from ..formulas.terms import Call, Cases, Comparison, Fraction, Group, Negation, Product, Sum, Term, Words
from .activation import ONE, ZERO, Settings, exp
from .loss import JointLossRule, Targets, Terms


def _sum(terms: Terms) -> Term:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _powers(outputs: Terms) -> Term:
    return _sum([exp(output) for output in outputs])


def _logits_loss(targets: Targets, outputs: Terms, settings: Settings) -> Term:
    logarithm: Term = Call("ln", (_powers(outputs),))
    if targets.total != 1:
        logarithm = Product((_sum(targets.terms), logarithm))
    weighted = [Product((t, o)) for t, o in zip(targets.terms, outputs, strict=True)]
    return Sum((logarithm, Negation(Group(Sum(tuple(weighted))) if len(weighted) > 1 else weighted[0])))


def _logits_slope(index: int, targets: Targets, outputs: Terms, settings: Settings) -> Term:
    softmax: Term = Fraction(exp(outputs[index]), _powers(outputs))
    if targets.total != 1:
        softmax = Product((_sum(targets.terms), softmax))
    return Sum((softmax, Negation(targets.terms[index])))


def _excess(index: int, targets: Targets, outputs: Terms, settings: Settings) -> Sum:
    """Return margin - o_y + o_k: above zero where class k comes too near to the right class y."""
    return Sum((settings["margin"], Negation(outputs[targets.right]), outputs[index]))


def _others(targets: Targets) -> list[int]:
    return [index for index in range(len(targets.terms)) if index != targets.right]


def _hinge_loss(targets: Targets, outputs: Terms, settings: Settings) -> Term:
    parts = [Call("max", (ZERO, _excess(index, targets, outputs, settings))) for index in _others(targets)]
    return _sum(parts) if parts else ZERO


def _hinge_slope(index: int, targets: Targets, outputs: Terms, settings: Settings) -> Term:
    def counts(other: int) -> Term:
        excess = Comparison(_excess(other, targets, outputs, settings), "greater", ZERO)
        return Cases((ONE, ZERO), (excess, Words("otherwise")))

    if index != targets.right:
        return counts(index)
    parts = [counts(other) for other in _others(targets)]
    return Negation(Group(Sum(tuple(parts))) if len(parts) > 1 else parts[0]) if parts else ZERO


JOINT_LOSSES = (
    JointLossRule(
        "cross_entropy_with_logits",
        "cross-entropy on logits",
        _logits_loss,
        _logits_slope,
        because="the derivative of the logarithm of the sum is the softmax",
        targets="a number not below 0",
    ),
    JointLossRule(
        "multi_class_hinge",
        "multi-class hinge loss",
        _hinge_loss,
        _hinge_slope,
        because="each class that comes within the margin pushes its own output down and the right one up",
        settings={"margin": "1"},
        kink_convention="Exactly at the margin, a kink of the hinge loss, the derivative is taken as 0.",
        targets="1 for the right class and 0 for all others",
    ),
)
