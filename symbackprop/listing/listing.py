"""The program of a solution: on matrices where the network is whole layers, else line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derivation.ledger import Ledger
from ..errors import SymbackpropError
from ..formats import CODE_FORMATS
from ..network.graph import Graph
from ..oracles.arithmetic import exact_number
from ..rules import loss_rule
from ..rules.loss import JointLossRule
from ..spec.problem import Problem
from .autograd import autograd_listing
from .by_hand import numpy_listing
from .dialects import DIALECTS
from .keras import keras_listing
from .layers import Matrices, as_layers
from .scalar import gradient_listing, ledger_listing
from .text import Listing

if TYPE_CHECKING:
    from ..solution import Solution

#: The libraries that listings are written for.
LIBRARIES = CODE_FORMATS


def listing(solution: Solution, library: str) -> Listing:
    """Return a short program that reproduces a solution's numbers.

    Args:
        solution: the solved problem.
        library: one of `LIBRARIES`.

    Raises:
        SymbackpropError: no such library, or the problem cannot be written with it; the text says why.
    """
    return ledgers_listing(solution.problem, solution.graph, solution.ledger, library)


def ledgers_listing(problem: Problem, graph: Graph, ledger: Ledger, library: str) -> Listing:
    """Return what `listing` does, from the parts of a solution.

    Raises:
        SymbackpropError: as `listing`.
    """
    dialect = DIALECTS.get(library)
    if dialect is None:
        raise SymbackpropError(f"no listing for {library!r}; expected one of {', '.join(LIBRARIES)}")
    layers = _whole_layers(problem)
    if library == "keras":
        if layers is None:
            raise SymbackpropError(
                "no Keras listing: it is for plain gradient descent on layers that are each connected to the "
                "whole one before; --format numpy, torch or jax writes any other network line by line"
            )
        return keras_listing(problem, layers, dialect)
    if layers is None:
        write = ledger_listing if library == "numpy" else gradient_listing
        return write(problem, graph, ledger, dialect)
    write_layers = numpy_listing if library == "numpy" else autograd_listing
    return write_layers(problem, layers, dialect)


def _whole_layers(problem: Problem) -> tuple[Matrices, ...] | None:
    """Return the network as whole layers where its training can be written on matrices too."""
    if problem.architecture is not None:
        return None
    descent, rule = problem.descent, loss_rule(problem.loss)
    if not descent.plain or descent.penalty or descent.batches or problem.wrt or problem.thresholds:
        return None
    if isinstance(rule, JointLossRule) and rule.name != "cross_entropy_with_logits":
        return None
    if rule.name == "kl_divergence" and _has_zero_targets(problem):
        return None  # t ln(t/o) is zero where t is, which is no number on whole arrays
    return as_layers(problem)


def _has_zero_targets(problem: Problem) -> bool:
    return any(not exact_number(t) for sample in problem.samples for t in sample.targets.values())
