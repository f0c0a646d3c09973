"""Mistakes with an activation's derivative: left out, at the wrong place, of the wrong function."""

from __future__ import annotations

from collections.abc import Iterator

from ..formulas.terms import (
    Call,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
    Underbrace,
    keys,
)
from ..network.operations import Activation, UnitActivation
from ..rules import activation_rule
from .editing import bare, key_of, swapped, swapped_all, without_factor
from .mistake import Mistake, Step, Variant, edited
from .paths import ARRIVING

ONE, TWO = Number("1"), Number("2")


def _is_slope(step: Step, factor: Term) -> bool:
    """Return whether a factor is an activation's derivative: by its key, or the slope of such a node."""
    found = key_of(factor)
    if found and step.sweep.parts(found).kind == "dact_dnet":
        return True
    if not isinstance(factor, Underbrace) or not isinstance(factor.label, Partial):
        return False
    own, by = key_of(factor.label.of), key_of(factor.label.by)
    formula = step.sweep.formulas.get(own)
    return (
        formula is not None
        and keys(formula) == (by,)
        and step.sweep.parts(own).kind == "act"
        and not isinstance(bare(factor), Number)
        and any(isinstance(part, Call) for part in _inside(formula))
    )


def _inside(term: Term) -> Iterator[Term]:
    yield term
    for part in term.parts():
        yield from _inside(part)


def _omitted(step: Step) -> Iterator[Variant]:
    if step.kind not in ARRIVING:
        return

    def fewer(term: Term) -> Iterator[Term]:
        if isinstance(term, Product) and len(term.factors) > 1:
            for index, factor in enumerate(term.factors):
                if _is_slope(step, factor):
                    yield without_factor(term, index)

    yield from edited(step, fewer)


def _twice(step: Step) -> Iterator[Variant]:
    if step.kind not in ARRIVING:
        return

    def more(term: Term) -> Iterator[Term]:
        if isinstance(term, Product):
            for factor in term.factors:
                if _is_slope(step, factor):
                    yield Product((*term.factors, factor), term.sign)

    yield from edited(step, more)
    # the short form of softmax or a sigmoid with cross-entropy holds the derivative already
    parts, sweep = step.parts, step.sweep
    slope = str(parts._replace(kind="dact_dnet"))
    if parts.kind == "dE_dnet" and sweep.known(slope) and slope not in keys(step.formula):
        yield Variant(Product((step.formula, sweep.term(slope)), "dot"))


def _logistic(term: Term) -> Term | None:
    """Return s where a term is s (1 - s)."""
    if not isinstance(term, Product) or len(term.factors) != 2:
        return None
    first, second = term.factors
    for inner, rest in ((first, second), (second, first)):
        if isinstance(inner, Symbol) and bare(rest) == Sum((ONE, Negation(inner))):
            return inner
    return None


def _hyperbolic(term: Term) -> Term | None:
    """Return s where a term is 1 - s^2."""
    match term:
        case Sum(
            terms=(Number(text="1"), Negation(term=Power(base=Symbol() as inner, exponent=Number(text="2"))))
        ):
            return inner
    return None


def _is_softmax(step: Step) -> bool:
    return step.parts.subject in step.sweep.graph.joint


def _tanh_for_sigmoid(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        inner = _logistic(term)
        if inner is not None:
            yield Sum((ONE, Negation(Power(inner, TWO))))

    if not _is_softmax(step):
        yield from edited(step, other)


def _sigmoid_for_tanh(step: Step) -> Iterator[Variant]:
    def other(term: Term) -> Iterator[Term]:
        inner = _hyperbolic(term)
        if inner is not None:
            yield Product((inner, Sum((ONE, Negation(inner)))))

    yield from edited(step, other)


def _net_of(step: Step, activation: str) -> str:
    """Return the only quantity that an activation is a function of, "" if it is not such a function."""
    used = step.sweep.uses(activation)
    return used[0] if len(used) == 1 else ""


def _at_activation(step: Step) -> Iterator[Variant]:
    """Yield f'(a) instead of f'(z): in a derivative that is written over a, f(a) in the place of a."""
    sweep, parts = step.sweep, step.parts
    if parts.kind == "dact_dnet" and not parts.through:
        act = str(parts._replace(kind="act"))
        net = str(parts._replace(kind="net"))
        formula = sweep.formulas.get(act)
        if formula is None or keys(formula) != (net,):
            return
        again = {act: swapped(formula, net, sweep.term(act)), net: sweep.term(act)}
        changed = swapped_all(step.formula, again.get)
        if changed != step.formula:
            yield Variant(changed, (net, act))
        return

    def other(term: Term) -> Iterator[Term]:
        inner = _logistic(term) or _hyperbolic(term)
        if isinstance(inner, Symbol) and (net := _net_of(step, inner.key)):
            yield swapped(term, inner.key, swapped(sweep.formulas[inner.key], net, inner))

    if parts.kind in ARRIVING:
        yield from edited(step, other)


def _at_net_input(step: Step) -> Iterator[Variant]:
    """Yield the derivative's formula over a, such as a (1 - a), with z in the place of a."""
    sweep, parts = step.sweep, step.parts
    if parts.kind == "dact_dnet" and not parts.through:
        act, net = str(parts._replace(kind="act")), str(parts._replace(kind="net"))
        if act in keys(step.formula) and sweep.known(net):
            yield Variant(swapped(step.formula, act, sweep.term(net)), (act, net))
        return

    def other(term: Term) -> Iterator[Term]:
        inner = _logistic(term) or _hyperbolic(term)
        if isinstance(inner, Symbol) and (net := _net_of(step, inner.key)):
            yield swapped(term, inner.key, sweep.term(net))

    if parts.kind in ARRIVING:
        yield from edited(step, other)


#: Activations that are taken for one another.
_CONFUSED = ("sigmoid", "tanh", "relu")


def _another_activation(step: Step) -> Iterator[Variant]:
    sweep, parts = step.sweep, step.parts
    own = _activation_names(step).get(parts.subject)
    net = str(parts._replace(kind="net"))
    if parts.kind != "act" or own not in _CONFUSED or not sweep.known(net):
        return
    for name in _CONFUSED:
        if name != own:
            yield Variant(activation_rule(Activation(name)).formula(sweep.term(net), {}))


def _activation_names(step: Step) -> dict[str, str]:
    graph = step.sweep.graph
    return {
        operation.unit: operation.activation.name
        for operation in graph.operations
        if isinstance(operation, UnitActivation) and operation.activation.expression is None
    }


DERIVATIVES = (
    Mistake(
        "activation_derivative_omitted",
        "activation derivative omitted",
        "The derivative of the activation is missing from your product; on the way back through a unit "
        "the chain rule "
        "multiplies by it.",
        "The factor f'(z) of the chain rule was left out.",
        "error terms and whatever is passed back through an activation",
        8.0,
        _omitted,
    ),
    Mistake(
        "activation_derivative_twice",
        "activation derivative applied twice",
        "You multiplied by the derivative of the activation once too often; it belongs into the "
        "product once.",
        "The factor f'(z) stands twice, or was added to a short form that holds it already.",
        "error terms",
        2.0,
        _twice,
    ),
    Mistake(
        "derivative_at_activation",
        "derivative taken at a instead of z",
        "You put the activation into the derivative of the function, where the net input belongs; what "
        "you have is the "
        "slope at another point.",
        "f'(a) was computed instead of f'(z).",
        "derivatives of activations",
        3.0,
        _at_activation,
    ),
    Mistake(
        "derivative_at_net_input",
        "net input put into a formula over a",
        "A formula such as a(1 − a) is written over the activation; you put the net input into it.",
        "The derivative's form over a was evaluated at z.",
        "derivatives of activations that are written over the activation",
        3.0,
        _at_net_input,
    ),
    Mistake(
        "tanh_derivative_for_sigmoid",
        "tanh's derivative for the sigmoid",
        "You used 1 − a², which is the derivative of tanh; the sigmoid's is a(1 − a).",
        "The derivative of tanh stands where the sigmoid's belongs.",
        "sigmoid units and gates",
        2.0,
        _tanh_for_sigmoid,
    ),
    Mistake(
        "sigmoid_derivative_for_tanh",
        "the sigmoid's derivative for tanh",
        "You used a(1 − a), which is the derivative of the sigmoid; that of tanh is 1 − a².",
        "The derivative of the sigmoid stands where that of tanh belongs.",
        "tanh units and gates",
        2.0,
        _sigmoid_for_tanh,
    ),
    Mistake(
        "another_activation",
        "another activation function",
        "You used another activation function than this unit has.",
        "The unit's activation was taken for another function.",
        "sigmoid, tanh and ReLU units",
        1.0,
        _another_activation,
    ),
)
