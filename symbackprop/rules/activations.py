"""Activation functions: the forward formula, SymPy's derivative, the form that courses write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..names import Name
from ..terms import Call, Cases, Comparison, Fraction, Negation, Number, Power, Product, Sum, Term, Words
from .derivation import differentiate, fill, slot

ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")
Z, A = slot("z"), slot("a")
Settings = Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class ActivationRule:
    """One activation function a = f(z).

    forward: f over the slot z. course: the derivative as courses write it, over the slots z and a;
    None where SymPy's own form is what is shown. because: the reason printed beside it, in words.
    letter: the name the function goes by, where it has one. kink_convention: what is taken as the
    derivative where there is none.
    """

    name: str
    title: str
    forward: Callable[[Settings], Term]
    course: Callable[[Settings], Term] | None = None
    because: str = ""
    letter: Name | None = None
    kink_convention: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    inverse: Term | None = None  # z over the slot a, where f can be inverted

    def inverse_formula(self, activation: Term) -> Term:
        """Return z from a given activation."""
        assert self.inverse is not None
        return fill(self.inverse, {"a": activation})

    def formula(self, net: Term, settings: Settings) -> Term:
        """Return a = f(z) over the network's own net input."""
        return fill(self.forward(settings), {"z": net})

    def derivative(self, net: Term, activation: Term, settings: Settings) -> Term:
        """Return da/dz in the form that is shown."""
        template = self.course(settings) if self.course else self.raw_derivative(settings)
        return fill(template, {"z": net, "a": activation})

    def raw_derivative(self, settings: Settings) -> Term:
        """Return SymPy's derivative of the forward formula, over the slot z."""
        return differentiate(self.forward(settings), "z")


def _exp(term: Term) -> Term:
    return Call("exp", (term,))


def _positive(then: Term, otherwise: Term) -> Term:
    return Cases((then, otherwise), (Comparison(Z, "greater", ZERO), Words("otherwise")))


ACTIVATIONS: Mapping[str, ActivationRule] = {
    rule.name: rule
    for rule in (
        ActivationRule(
            "sigmoid",
            "sigmoid",
            lambda s: Fraction(ONE, Sum((ONE, _exp(Negation(Z))))),
            lambda s: Product((A, Sum((ONE, Negation(A))))),
            because="the sigmoid's derivative is the activation times one minus the activation",
            letter=Name("sigma"),
            inverse=Call("ln", (Fraction(A, Sum((ONE, Negation(A)))),)),
        ),
        ActivationRule(
            "tanh",
            "tanh",
            lambda s: Call("tanh", (Z,)),
            lambda s: Sum((ONE, Negation(Power(A, TWO)))),
            because="the derivative of tanh is one minus the activation squared",
        ),
        ActivationRule(
            "relu",
            "ReLU",
            lambda s: _positive(Z, ZERO),
            lambda s: _positive(ONE, ZERO),
            because="the slope of ReLU is 1 where the net input is positive, else 0",
            kink_convention="At z = 0, where ReLU has a kink, its derivative is taken as 0.",
        ),
        ActivationRule(
            "leaky_relu",
            "leaky ReLU",
            lambda s: _positive(Z, Product((s["negative_slope"], Z))),
            lambda s: _positive(ONE, s["negative_slope"]),
            because="the slope of leaky ReLU is 1 where the net input is positive, else the small slope",
            kink_convention="At z = 0, the kink of leaky ReLU, its derivative is taken as the small slope.",
            settings={"negative_slope": "0.01"},
        ),
        ActivationRule(
            "elu",
            "ELU",
            lambda s: _positive(Z, Product((s["alpha"], Sum((_exp(Z), Negation(ONE)))))),
            lambda s: _positive(ONE, Product((s["alpha"], _exp(Z)))),
            because="the slope of ELU is 1 where the net input is positive, else alpha times its exponential",
            kink_convention="At z = 0, where the branches of ELU meet, the left one's derivative is taken.",
            settings={"alpha": "1"},
        ),
        ActivationRule(
            "softplus",
            "softplus",
            lambda s: Call("ln", (Sum((ONE, _exp(Z))),)),
            lambda s: Fraction(ONE, Sum((ONE, _exp(Negation(Z))))),
            because="the derivative of softplus is the sigmoid",
        ),
        ActivationRule(
            "silu",
            "SiLU",
            lambda s: Fraction(Z, Sum((ONE, _exp(Negation(Z))))),
            because="by the quotient rule",
        ),
        ActivationRule(
            "identity",
            "identity",
            lambda s: Z,
            lambda s: ONE,
            because="the identity has slope 1",
            inverse=A,
        ),
    )
}


def activation_rule(name: str) -> ActivationRule:
    """Return the rule of an activation by its PyTorch name."""
    return ACTIVATIONS[name]
