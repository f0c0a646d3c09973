"""The update: the new value of every parameter that is trained, from the gradients of one pass."""

from __future__ import annotations

from .graph import Graph
from .keys import suffix
from .ledger import Ledger
from .terms import Negation, Product, Sum, Term


def update(graph: Graph, ledger: Ledger, passes: int = 0) -> None:
    """Add the new value of every parameter that is trained, from the gradients of this pass."""
    problem = graph.problem
    if problem.learning_rate is None:
        return
    rate = ledger.term("learning_rate")
    words = ledger.vocabulary
    olds, gradients, end = words.parameters(passes), words.gradients(passes), suffix(passes=passes)
    for parameter in problem.parameters:
        name = parameter.name
        if name in problem.frozen:
            continue
        if ledger.adds_steps:
            formula: Term = Sum((olds[name], words[f"step.{name}{end}"]))
        else:
            formula = Sum((olds[name], Negation(Product((rate, gradients[name])))))
        ledger.add(words.parameter(name, passes + 1), formula)
