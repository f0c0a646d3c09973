"""Activations of a whole layer at once: each output depends on every net input of the layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..formulas.terms import Call, Fraction, Negation, Product, Sum, Term
from ..network.operations import Activation
from .activation import ONE, exp

Terms = Sequence[Term]


@dataclass(frozen=True, slots=True)
class LayerRule:
    """One activation of a layer, a_i = f_i(z_1, ..., z_K), and its Jacobian as courses write it.

    forward: a_i from its index and the net inputs. course: the derivative of a_i by z_j, from i, j and
    the activations; a test proves it equal to SymPy's. because: the reasons for the entries on the
    diagonal of the Jacobian and beside it.
    """

    name: str
    title: str
    forward: Callable[[int, Terms], Term]
    course: Callable[[int, int, Terms], Term]
    because: tuple[str, str]
    definition: str

    def formula(self, index: int, nets: Terms) -> Term:
        """Return a_i over the network's own net inputs."""
        return self.forward(index, nets)

    def derivative(self, of: int, by: int, activations: Terms) -> Term:
        """Return the derivative of a_of by z_by over the network's own activations."""
        return self.course(of, by, activations)


def _total(nets: Terms) -> Term:
    powers = tuple(exp(net) for net in nets)
    return powers[0] if len(powers) == 1 else Sum(powers)


def _softmax_slope(of: int, by: int, activations: Terms) -> Term:
    if of == by:
        return Product((activations[of], Sum((ONE, Negation(activations[of])))))
    return Negation(Product((activations[of], activations[by])))


def _log_softmax_slope(of: int, by: int, activations: Terms) -> Term:
    other = Negation(exp(activations[by]))
    return Sum((ONE, other)) if of == by else other


LAYER_ACTIVATIONS: Mapping[str, LayerRule] = {
    rule.name: rule
    for rule in (
        LayerRule(
            "softmax",
            "softmax",
            lambda index, nets: Fraction(exp(nets[index]), _total(nets)),
            _softmax_slope,
            because=(
                "by the quotient rule, as for the sigmoid",
                "only the denominator holds it",
            ),
            definition="each unit's exponential over the sum of all, so the outputs sum to 1",
        ),
        LayerRule(
            "log_softmax",
            "log-softmax",
            lambda index, nets: Sum((nets[index], Negation(Call("ln", (_total(nets),))))),
            _log_softmax_slope,
            because=(
                "the logarithm's derivative is the softmax, e to the activation",
                "only the logarithm holds it",
            ),
            definition="the logarithm of the softmax: each net input less the logarithm of the sum",
        ),
    )
}


def is_layer_activation(activation: Activation | None) -> bool:
    """Return whether an activation takes all net inputs of its layer together."""
    return activation is not None and activation.expression is None and activation.name in LAYER_ACTIVATIONS


def layer_rule(activation: Activation) -> LayerRule:
    """Return the rule of an activation of a whole layer."""
    return LAYER_ACTIVATIONS[activation.name]
