"""The nodes of a free computation graph: each expression becomes an operation for every element."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..formulas.expressions import (
    Application,
    Expression,
    ExpressionError,
    Reference,
    parse_expression,
    references,
)
from ..formulas.lowering import lower
from ..formulas.names import Name
from ..formulas.reductions import REDUCTIONS
from ..formulas.tensors import EULER, PI, Tensor, scalar
from ..formulas.terms import Number, Symbol, Term
from ..keys import key
from ..layers import Assembly, Units
from ..layers.naming import element, net_name, printed
from ..network.operations import Activation
from ..rules import ACTIVATIONS
from .faults import Path, Written
from .general_forms import GraphForm, NodeForm
from .suggest import did_you_mean, listed

HERE: Path = ("network",)

#: Numbers that an expression may name, where no leaf or node has the name.
_CONSTANTS: Mapping[str, Term] = {"pi": PI, "e": EULER}


def lay_nodes(
    graph: GraphForm,
    leaves: Mapping[str, Units],
    parameters: Mapping[str, Units],
    assembly: Assembly,
    written: Written,
) -> tuple[str, ...]:
    """Lay every node in an order in which each can be computed; return the units of the loss.

    Raises:
        ProblemError: an expression cannot be read or used; the text names the column.
    """
    trees = {name: _parsed(name, field, written) for name, field in graph.nodes.items()}
    if not trees:
        raise written.error((*HERE, "nodes"), "no nodes", expected="at least one expression")
    assembly.stage("Forward pass")
    known: dict[str, Tensor] = {name: _symbols(array) for name, array in parameters.items()}
    known |= {name: _symbols(array) for name, array in leaves.items()}
    units: dict[str, Units] = {}
    for name in _in_order(trees, known, written):
        units[name] = _lay_node(name, trees[name], known, assembly, graph, written)
        known[name] = _symbols(units[name], "act")
        assembly.array(name, units[name])
    loss = graph.loss or list(graph.nodes)[-1]
    if loss not in units:
        raise written.error((*HERE, "loss"), "no such node", given=loss, expected=f"one of {listed(units)}",
                            hint=did_you_mean(loss, units))  # fmt: skip
    if units[loss].size != 1:
        raise written.error((*HERE, "nodes", loss), "the loss is not one number",
                            given=" x ".join(map(str, units[loss].shape)),
                            hint="Name another node under loss, or take a sum or mean.")  # fmt: skip
    unit = str(units[loss].ravel()[0])
    assembly.names["loss"] = assembly.names[key("act", unit)]
    return (unit,)


def _parsed(name: str, field: str | NodeForm, written: Written) -> Expression:
    text = field if isinstance(field, str) else field.expression
    try:
        return parse_expression(text)
    except ExpressionError as error:
        raise _fault(name, error, text, written) from None


def _fault(name: str, error: ExpressionError, text: str, written: Written) -> Exception:
    return written.error(
        (*HERE, "nodes", name), f"at column {error.column}: {error.message}", given=text,
        expected="an expression such as (a + b)*(b + 1), sigmoid(w*x + b) or sum(W @ x)",
    )  # fmt: skip


def _in_order(trees: Mapping[str, Expression], known: Mapping[str, Tensor], written: Written) -> list[str]:
    """Return the nodes, each after those it refers to, otherwise as written."""
    done: dict[str, None] = {}
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in open_:
            cycle = " -> ".join([*open_[open_.index(name) :], name])
            raise written.error((*HERE, "nodes", name), "these nodes form a cycle", given=cycle,
                                expected="nodes that lead from the leaves to the loss")  # fmt: skip
        open_.append(name)
        for used in references(trees[name]):
            if used in trees:
                visit(used)
            elif used not in known and used not in _CONSTANTS:
                names = [*known, *trees]
                raise written.error(
                    (*HERE, "nodes", name),
                    "unknown name",
                    given=used,
                    expected=f"one of {listed(names)}",
                    hint=_meant(used, known) or did_you_mean(used, names),
                )
        open_.pop()
        done[name] = None

    for name in trees:
        visit(name)
    return list(done)


def _meant(word: str, known: Mapping[str, Tensor]) -> str:
    """Return how an element of a vector or matrix, or a transpose, is written, where that is meant."""
    for name, tensor in known.items():
        index = re.fullmatch(rf"{re.escape(name)}_?(\d+(?:_\d+)*)", word)
        if index is not None and len(places := index[1].split("_")) <= tensor.ndim:
            return f"An element is written {name}[{', '.join(places)}]."
    return "A transpose is written W.T." if word == "T" else ""


def _symbols(units: Units, kind: str = "") -> Tensor:
    """Return the terms of some units or parameters, by their keys without sample."""
    symbols = np.empty(units.shape, dtype=object)
    for place in np.ndindex(units.shape):
        unit: Any = units[place]
        symbols[place] = Symbol(Name("q"), key(kind, unit) if kind else unit)
    return symbols


def _lay_node(
    name: str,
    tree: Expression,
    known: Mapping[str, Tensor],
    assembly: Assembly,
    graph: GraphForm,
    written: Written,
) -> Units:
    """Lay the elements of a node; sigmoid(w x + b) is a net input and its activation."""
    field = graph.nodes[name]
    because = field.note or "" if isinstance(field, NodeForm) else ""
    outer, inner = _outermost(tree)
    if outer in REDUCTIONS and outer == "softmax" and inner is not None and isinstance(inner, Reference):
        source = known.get(inner.name)
        if source is not None and source.shape and inner.name in graph.nodes:
            return _lay_softmax(name, inner.name, source, assembly)
        outer = ""
    elif outer == "softmax" and inner is not None:
        pass  # net inputs and their softmax
    elif outer not in ACTIVATIONS or outer in REDUCTIONS or isinstance(inner, Reference) or inner is None:
        if outer in ACTIVATIONS and outer not in REDUCTIONS and isinstance(inner, Reference):
            source = known.get(inner.name)
            if source is not None and inner.name in graph.nodes:
                return _lay_activation(name, outer, _units_of(source), assembly)
        outer = ""
    text = field if isinstance(field, str) else field.expression
    try:
        lowered = lower(inner if outer and inner is not None else tree, lambda found: _resolved(found, known))
    except ExpressionError as error:
        raise _fault(name, error, text, written) from None
    units = np.empty(lowered.shape, dtype=object)
    for place in np.ndindex(lowered.shape):
        index = tuple(number + 1 for number in place)
        unit = element(name, index)
        formula: Any = lowered[place]
        units[place] = unit
        shown = printed(name, index)
        if outer == "softmax":
            assembly.node(unit, _at_sample(formula, assembly), net_name(unit), kind="net")
        elif outer:
            settings = {key: Number(value) for key, value in ACTIVATIONS[outer].settings.items()}
            assembly.node(unit, _at_sample(formula, assembly), net_name(unit), kind="net")
            assembly.activation(unit, Activation(outer, settings), shown)
        else:
            assembly.node(unit, _at_sample(formula, assembly), shown, because=because)
    if outer == "softmax":
        _activate_rows(name, units, assembly, text, tree, written)
    return units


def _activate_rows(
    name: str, units: Units, assembly: Assembly, text: str, tree: Expression, written: Written
) -> None:
    """Add the softmax of each row of net inputs."""
    if not units.shape:
        fault = ExpressionError("softmax cannot be applied to a number", tree.column)
        raise _fault(name, fault, text, written)
    for row in np.ndindex(units.shape[:-1]):
        assembly.activate([str(unit) for unit in units[row]], Activation("softmax"))
    for place in np.ndindex(units.shape):
        index = tuple(number + 1 for number in place)
        assembly.names[key("act", str(units[place]))] = printed(name, index)


def _at_sample(formula: Term, assembly: Assembly) -> Callable[[int | None], Term]:
    return lambda sample: assembly.sampled(formula, sample)


def _outermost(tree: Expression) -> tuple[str, Expression | None]:
    if isinstance(tree, Application) and len(tree.arguments) == 1:
        return tree.function, tree.arguments[0]
    return "", None


def _units_of(symbols: Tensor) -> Units:
    units = np.empty(symbols.shape, dtype=object)
    for place in np.ndindex(symbols.shape):
        symbol: Any = symbols[place]
        units[place] = symbol.key.removeprefix("act.")
    return units


def _lay_activation(name: str, function: str, incoming: Units, assembly: Assembly) -> Units:
    settings = {key: Number(value) for key, value in ACTIVATIONS[function].settings.items()}
    return assembly.activate_sent(incoming, Activation(function, settings), name)


def _lay_softmax(name: str, source: str, symbols: Tensor, assembly: Assembly) -> Units:
    return assembly.activate_sent(_units_of(symbols), Activation("softmax"), name)


def _resolved(reference: Reference, known: Mapping[str, Tensor]) -> Tensor:
    if reference.name in known:
        return known[reference.name]
    return scalar(_CONSTANTS[reference.name])
