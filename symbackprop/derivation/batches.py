"""Mini-batches in the ledger: the loss over all samples, at the start and after every epoch."""

from __future__ import annotations

from ..formulas.terms import Sum, Term
from ..keys import key
from ..network.graph import Graph
from .forward import batch_loss, forward_formulas
from .ledger import Ledger
from .penalties import penalty_formula


def add_epoch_loss(graph: Graph, here: Graph, ledger: Ledger, passes: int) -> None:
    """Add the loss over all samples where a pass begins an epoch or follows the last update.

    Args:
        graph: the operations of all samples.
        here: those of this pass, which the ledger has already; `graph` itself after the last update.
        ledger: where the forward pass of the other samples is added too.
        passes: how many updates have been made.
    """
    descent = graph.problem.descent
    if not descent.batches or graph.problem.learning_rate is None:
        return
    epoch_loss = key("epoch_loss", "", passes=passes)
    if here is graph:
        ledger.add(epoch_loss, ledger.term(key("loss", "", passes=passes)))
        return
    if passes % len(descent.batches) or descent.looks_ahead:  # what looks ahead stands beside its path
        return
    for operation in graph.operations:
        if operation.sample is not None and operation.sample not in here.samples:
            for quantity, formula in forward_formulas(operation, graph, ledger, passes):
                ledger.add(quantity, formula)
    whole: Term = batch_loss(graph, ledger, passes)
    if descent.penalty is not None:
        shared = penalty_formula(descent.penalty, graph, ledger, passes)
        penalty = shared if descent.penalty.by_samples else ledger.term(key("penalty", "", passes=passes))
        whole = Sum((whole, penalty))
    ledger.add(epoch_loss, whole)
