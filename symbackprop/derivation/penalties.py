"""Penalties on parameters: what they add to the loss and to each gradient."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as ExactFraction

from ..formulas.terms import (
    Call,
    Fraction,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Term,
    Underbrace,
)
from ..keys import key
from ..network.descent import Penalty
from ..network.graph import Graph
from .ledger import Ledger

ONE, TWO = Number("1"), Number("2")


def data_loss(graph: Graph, sample: int | None = None, passes: int = 0) -> str:
    """Return the key of the loss without the penalty: of one sample, or of the whole."""
    whole = sample is None and graph.problem.descent.penalty is not None
    return key("data_loss" if whole else "loss", "", sample=sample, passes=passes)


def whole_loss(data: Term, graph: Graph, ledger: Ledger, passes: int) -> Iterator[tuple[str, Term]]:
    """Yield the loss, made of the data's and the penalty where there is one."""
    penalty = graph.problem.descent.penalty
    loss = key("loss", "", passes=passes)
    if penalty is None:
        yield loss, data
        return
    parts = (key("data_loss", "", passes=passes), key("penalty", "", passes=passes))
    yield parts[0], data
    yield parts[1], penalty_formula(penalty, graph, ledger, passes)
    yield loss, Sum(tuple(ledger.term(part) for part in parts))


def penalty_formula(penalty: Penalty, graph: Graph, ledger: Ledger, passes: int) -> Term:
    """Return constant * lambda2 * (sum of squares) + lambda1 * (sum of magnitudes)."""
    olds = ledger.vocabulary.parameters(passes)
    parameters = [olds[name] for name in penalty.parameters]
    terms: list[Term] = []
    if penalty.l2 is not None:
        squares = tuple(Power(parameter, TWO) for parameter in parameters)
        factors = (*_share(penalty, graph), *_constant(penalty.constant), ledger.term("regularisation.l2"))
        terms.append(Product((*factors, _total(squares))))
    if penalty.l1 is not None:
        sizes = tuple(Call("abs", (parameter,)) for parameter in parameters)
        factors = (*_share(penalty, graph), ledger.term("regularisation.l1"))
        terms.append(Product((*factors, _total(sizes))))
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def penalty_slope(graph: Graph, name: str, ledger: Ledger, passes: int) -> tuple[Term, ...]:
    """Return what the penalty adds to a parameter's gradient: () or one term, named as its derivative.

    The derivative of |w| is taken as 0 where w is 0, as PyTorch's sign has it.
    """
    penalty = graph.problem.descent.penalty
    if penalty is None or name not in penalty.parameters:
        return ()
    parameter = ledger.vocabulary.parameters(passes)[name]
    terms: list[Term] = []
    if penalty.l2 is not None:
        doubled = _doubled(penalty.constant)
        factors = (*_share(penalty, graph), *doubled, ledger.term("regularisation.l2"), parameter)
        terms.append(Product(factors))
    if penalty.l1 is not None:
        factors = (*_share(penalty, graph), ledger.term("regularisation.l1"), Call("sign", (parameter,)))
        terms.append(Product(factors))
    whole = terms[0] if len(terms) == 1 else Sum(tuple(terms))
    return (Underbrace(whole, Partial(ledger.term(key("penalty", "", passes=passes)), parameter)),)


def _total(terms: tuple[Term, ...]) -> Term:
    return terms[0] if len(terms) == 1 else Sum(terms)


def _share(penalty: Penalty, graph: Graph) -> tuple[Term, ...]:
    count = len(graph.drawn)
    return (Fraction(ONE, Number(str(count))),) if penalty.by_samples and count > 1 else ()


def _constant(constant: Number) -> tuple[Term, ...]:
    """Return a constant as a factor, none where it is one."""
    top, _, bottom = constant.text.partition("/")
    if bottom:
        return (Fraction(Number(top), Number(bottom)),)
    return () if constant == ONE else (constant,)


def _doubled(constant: Number) -> tuple[Term, ...]:
    """Return twice a constant as factors: the two that comes down from the square."""
    twice = 2 * ExactFraction(constant.text) * ExactFraction(10) ** (constant.exponent or 0)
    return _constant(Number(str(twice)))


__all__ = ["data_loss", "penalty_formula", "penalty_slope", "whole_loss"]
