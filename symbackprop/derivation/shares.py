"""What both passes ask of a loss: its rule, its operands, and the share of one sample in the whole."""

from __future__ import annotations

from ..formulas.terms import Fraction, Number, Term
from ..keys import key
from ..network.graph import Graph
from ..network.operations import (
    OutputError,
)
from ..rules import LossRule, loss_rule
from ..spec.problem import Loss
from .ledger import Ledger

ONE = Number("1")


def error_rule(loss: Loss) -> LossRule:
    """Return the rule of a loss that is a sum over the outputs."""
    rule = loss_rule(loss)
    assert isinstance(rule, LossRule)
    return rule


def target_and_output(operation: OutputError, ledger: Ledger, passes: int) -> tuple[Term, Term]:
    """Return the terms of an output's target and of the output."""
    return (
        ledger.term(key("target", operation.output, sample=operation.sample)),
        ledger.term(key("act", operation.output, sample=operation.sample, passes=passes)),
    )


def mean_share(graph: Graph) -> Term | None:
    """Return the factor 1/N of a loss that is the mean over the N samples of a pass."""
    count = len(graph.drawn)
    if count == 1 or graph.problem.loss.reduction == "sum":
        return None
    return Fraction(ONE, Number(str(count)))


def sample_share(graph: Graph, sample: int | None) -> Term | None:
    """Return the factor of one sample's loss in the whole: 1/N under a mean, n/N if it is drawn n times."""
    times = graph.drawn.count(sample)
    if times == 1:
        return mean_share(graph)
    drawn = Number(str(times))
    return drawn if graph.problem.loss.reduction == "sum" else Fraction(drawn, Number(str(len(graph.drawn))))
