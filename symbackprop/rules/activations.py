"""The activation functions: the forward formula, SymPy's derivative, the form that courses write.

Sources of the less usual ones: SELU, Klambauer et al. 2017 (arXiv:1706.02515); GELU, Hendrycks and Gimpel
2016 (arXiv:1606.08415), both its forms; Mish, Misra 2019 (arXiv:1908.08681); the perceptron's step,
Rosenblatt 1958.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..formulas.names import Name
from ..formulas.terms import Call, Cases, Fraction, Negation, Number, Power, Product, Sum, Symbol, Term
from ..network.operations import Activation
from .activation import (
    ONE,
    TWO,
    ZERO,
    A,
    ActivationRule,
    Settings,
    Z,
    as_fraction,
    by_cases,
    exp,
    half,
    slope_by_cases,
)

_LEFT, _RIGHT = (ZERO,), (ONE,)
_SIGMOID = Fraction(ONE, Sum((ONE, exp(Negation(Z)))))
_SOFTPLUS = Call("ln", (Sum((ONE, exp(Z))),))
_PI = Symbol(Name("pi"), "constant.pi")


def _at_zero(left: Term, right: Term) -> Cases:
    return by_cases(Z, (left, right), (ZERO,), _LEFT)


def _slope(left: Term, right: Term, settings: Settings) -> Term:
    return slope_by_cases(Z, (left, right), (ZERO,), settings, _LEFT)


def _over(scale: Term) -> Term:
    return Z if scale == ONE else Fraction(Z, scale)


# --- GELU: z times the normal distribution's probability of a value below z ------------------------

_NORMAL = Sum((ONE, Call("erf", (Fraction(Z, Call("sqrt", (TWO,))),))))
_DENSITY = Fraction(exp(Negation(Fraction(Power(Z, TWO), TWO))), Call("sqrt", (Product((TWO, _PI)),)))
_CUBIC = Number("0.044715")
_ROOT = Call("sqrt", (Fraction(TWO, _PI),))
_INNER = Product((_ROOT, Sum((Z, Product((_CUBIC, Power(Z, Number("3"))))))))
_TANH = Call("tanh", (_INNER,))
_INNER_SLOPE = Product((_ROOT, Sum((ONE, Product((Number("0.134145"), Power(Z, TWO)))))))


# --- the perceptron's step --------------------------------------------------------------------------


def _step(settings: Settings) -> Term:
    low, share = settings["low"], settings["at_zero"]
    if share in (low, ONE):
        return by_cases(Z, (low, ONE), (ZERO,), (ONE if share == ONE else ZERO,))
    cases = by_cases(Z, (low, ONE), (ZERO,), (Fraction(ONE, TWO),))
    return Cases((cases.values[0], share, cases.values[2]), cases.conditions)


def _hard_sigmoid_line(settings: Settings) -> Term:
    return Sum((Product((as_fraction(settings["slope"]), Z)), as_fraction(settings["offset"])))


ACTIVATIONS: Mapping[str, ActivationRule] = {
    rule.name: rule
    for rule in (
        ActivationRule(
            "sigmoid",
            "sigmoid",
            lambda s: _SIGMOID,
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
            lambda s: _at_zero(ZERO, Z),
            lambda s: _slope(ZERO, ONE, s),
            because="the slope of ReLU is 1 where the net input is positive, else 0",
            kink_convention="At z = 0, where ReLU has a kink, its derivative is taken as 0.",
        ),
        ActivationRule(
            "leaky_relu",
            "leaky ReLU",
            lambda s: _at_zero(Product((s["negative_slope"], Z)), Z),
            lambda s: _slope(s["negative_slope"], ONE, s),
            because="the slope of leaky ReLU is 1 where the net input is positive, else the small slope",
            kink_convention="At z = 0, the kink of leaky ReLU, its derivative is taken as the small slope.",
            settings={"negative_slope": "0.01"},
        ),
        ActivationRule(
            "elu",
            "ELU",
            lambda s: _at_zero(Product((s["alpha"], Sum((exp(Z), Negation(ONE))))), Z),
            lambda s: _slope(Product((s["alpha"], exp(Z))), ONE, s),
            because="the slope of ELU is 1 where the net input is positive, else alpha times its exponential",
            kink_convention="At z = 0, where the branches of ELU meet, the left one's derivative is taken.",
            settings={"alpha": "1"},
        ),
        ActivationRule(
            "selu",
            "SELU",
            lambda s: _at_zero(
                Product((s["scale"], s["alpha"], Sum((exp(Z), Negation(ONE))))), Product((s["scale"], Z))
            ),
            lambda s: _slope(Product((s["scale"], s["alpha"], exp(Z))), s["scale"], s),
            because="the slope of SELU is its scale where the net input is positive, else scale times alpha "
            "times its exponential",
            kink_convention="At z = 0, where the branches of SELU meet, the left one's derivative is taken.",
            settings={"alpha": "1.6732632423543773", "scale": "1.0507009873554805"},
        ),
        ActivationRule(
            "celu",
            "CELU",
            lambda s: _at_zero(Product((s["alpha"], Sum((exp(_over(s["alpha"])), Negation(ONE))))), Z),
            lambda s: _slope(exp(_over(s["alpha"])), ONE, s),
            because="the slope of CELU is 1 where the net input is positive, else its exponential",
            settings={"alpha": "1"},
        ),
        ActivationRule(
            "softplus",
            "softplus",
            lambda s: _SOFTPLUS,
            lambda s: _SIGMOID,
            because="the derivative of softplus is the sigmoid",
        ),
        ActivationRule(
            "softsign",
            "softsign",
            lambda s: Fraction(Z, Sum((ONE, Call("abs", (Z,))))),
            lambda s: Fraction(ONE, Power(Sum((ONE, Call("abs", (Z,)))), TWO)),
            because="by the quotient rule, and z times its sign is the absolute value of z",
        ),
        ActivationRule(
            "silu",
            "SiLU",
            lambda s: Fraction(Z, Sum((ONE, exp(Negation(Z))))),
            because="by the quotient rule",
        ),
        ActivationRule(
            "gelu",
            "GELU",
            lambda s: half(Z, _NORMAL),
            lambda s: Sum((half(_NORMAL), Product((Z, _DENSITY)))),
            because="by the product rule: the normal distribution function plus z times its density",
        ),
        ActivationRule(
            "gelu_tanh",
            "GELU (tanh form)",
            lambda s: half(Z, Sum((ONE, _TANH))),
            lambda s: Sum(
                (
                    half(Sum((ONE, _TANH))),
                    half(Z, Sum((ONE, Negation(Power(_TANH, TWO)))), _INNER_SLOPE),
                )
            ),
            because="by the product rule and the derivative of tanh",
        ),
        ActivationRule(
            "mish",
            "Mish",
            lambda s: Product((Z, Call("tanh", (_SOFTPLUS,)))),
            lambda s: Sum(
                (
                    Call("tanh", (_SOFTPLUS,)),
                    Product((Z, Sum((ONE, Negation(Power(Call("tanh", (_SOFTPLUS,)), TWO)))), _SIGMOID)),
                )
            ),
            because="by the product rule; the derivative of the inner softplus is the sigmoid",
        ),
        ActivationRule(
            "hard_sigmoid",
            "hard sigmoid",
            lambda s: by_cases(
                _hard_sigmoid_line(s), (ZERO, _hard_sigmoid_line(s), ONE), (ZERO, ONE), (*_LEFT, *_RIGHT)
            ),
            lambda s: slope_by_cases(
                _hard_sigmoid_line(s),
                (ZERO, as_fraction(s["slope"]), ZERO),
                (ZERO, ONE),
                s,
                (*_LEFT, *_RIGHT),
            ),
            because="the hard sigmoid has the slope of its line between the two flat parts",
            kink_convention="At the two kinks of the hard sigmoid its derivative is taken as 0.",
            settings={"slope": "1/6", "offset": "1/2"},
        ),
        ActivationRule(
            "hardtanh",
            "hard tanh",
            lambda s: by_cases(
                Z, (s["min_val"], Z, s["max_val"]), (s["min_val"], s["max_val"]), (*_LEFT, *_RIGHT)
            ),
            lambda s: slope_by_cases(
                Z, (ZERO, ONE, ZERO), (s["min_val"], s["max_val"]), s, (*_LEFT, *_RIGHT)
            ),
            because="the slope of hard tanh is 1 between the two flat parts",
            kink_convention="At the two kinks of hard tanh its derivative is taken as 0.",
            settings={"min_val": "-1", "max_val": "1"},
        ),
        ActivationRule(
            "step",
            "step",
            _step,
            lambda s: s["slope"],
            because="the perceptron rule: the step, flat on both sides, is passed as if its slope were this",
            settings={"slope": "1", "at_zero": "1", "low": "0"},
            convention=True,
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


def activation_rule(activation: Activation | str) -> ActivationRule:
    """Return the rule of an activation of single units, by its PyTorch name or the author's expression."""
    if isinstance(activation, str):
        return ACTIVATIONS[activation]
    if activation.expression is None:
        return ACTIVATIONS[activation.name]
    own, course = activation.expression, activation.derivative
    return ActivationRule(
        activation.name,
        activation.name,
        lambda s: own,
        None if course is None else lambda s: course,
        because="as the author gives it, proved equal to SymPy's" if course is not None else "",
        letter=Name.parse(activation.name),
        kink_convention=(
            f"At a kink of {activation.name} the derivative is that of the branch that its formula takes "
            "there, and that of an absolute value is 0."
        ),
    )
