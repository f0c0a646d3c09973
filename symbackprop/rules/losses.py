"""Loss functions: the error term of one output, whose sum over the outputs is a sample's loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..formulas.terms import (
    Call,
    Cases,
    Comparison,
    Fraction,
    Group,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Term,
    Words,
)
from .activation import ONE, TWO, ZERO, Settings, exp
from .joint_losses import JOINT_LOSSES
from .loss import JointLossRule, LossRule, O, T, bound_to

if TYPE_CHECKING:
    from ..spec.problem import Loss

_DIFFERENCE = Sum((O, Negation(T)))
_RESIDUAL = Sum((T, Negation(O)))
_DISTANCE = Call("abs", (_RESIDUAL,))
_SIGN = Call("sign", (_DIFFERENCE,))
_OTHERWISE = Words("otherwise")

PROBABILITY, DISTRIBUTION, SIGN = "a number from 0 to 1", "a number not below 0", "1 or -1"


def _count(outputs: int) -> Number:
    return Number(str(outputs))


def _mean(term: Term, outputs: int) -> Term:
    return term if outputs == 1 else Product((Fraction(ONE, _count(outputs)), term))


def _mean_squared_derivative(outputs: int) -> Term:
    if outputs == 2:
        return _DIFFERENCE
    return Product((TWO if outputs == 1 else Fraction(TWO, _count(outputs)), _DIFFERENCE))


def _huber(settings: Settings) -> Term:
    delta = settings["delta"]
    outside = Product((delta, Sum((_DISTANCE, Negation(Product((Fraction(ONE, TWO), delta)))))))
    near = Comparison(_DISTANCE, "less_equal", delta)
    return Cases((Product((Fraction(ONE, TWO), Power(_RESIDUAL, TWO))), outside), (near, _OTHERWISE))


def _huber_slope(settings: Settings) -> Term:
    near = Comparison(_DISTANCE, "less_equal", settings["delta"])
    return Cases((_DIFFERENCE, Product((settings["delta"], _SIGN))), (near, _OTHERWISE))


def _shortfall(settings: Settings) -> Term:
    return Sum((settings["margin"], Negation(Product((T, O)))))


def _within(settings: Settings) -> Comparison:
    return Comparison(Product((T, O)), "less", settings["margin"])


_LOSSES = (
    LossRule(
        "half_squared_error",
        "half squared error",
        lambda k, s: Product((Fraction(ONE, TWO), Power(_RESIDUAL, TWO))),
        lambda k, s: _DIFFERENCE,
        because="the 2 of the square cancels the half; the inner derivative gives the minus sign",
    ),
    LossRule(
        "squared_error",
        "squared error",
        lambda k, s: Power(_RESIDUAL, TWO),
        lambda k, s: Product((TWO, _DIFFERENCE)),
        because="the square brings down a 2; the inner derivative gives the minus sign",
    ),
    LossRule(
        "mean_squared_error",
        "mean squared error",
        lambda k, s: _mean(Power(_RESIDUAL, TWO), k),
        lambda k, s: _mean_squared_derivative(k),
        because="the square brings down a 2; the inner derivative gives the minus sign",
    ),
    LossRule(
        "absolute_error",
        "absolute error",
        lambda k, s: _DISTANCE,
        lambda k, s: _SIGN,
        because="the slope of an absolute value is the sign of what stands in it",
        kink_convention="Where an output equals its target, the kink of the absolute error, the derivative "
        "is taken as 0.",
    ),
    LossRule(
        "mean_absolute_error",
        "mean absolute error",
        lambda k, s: _mean(_DISTANCE, k),
        lambda k, s: _mean(_SIGN, k),
        because="the slope of an absolute value is the sign of what stands in it",
        kink_convention="Where an output equals its target, the kink of the absolute error, the derivative "
        "is taken as 0.",
    ),
    LossRule(
        "huber",
        "Huber loss",
        lambda k, s: _huber(s),
        lambda k, s: _huber_slope(s),
        because="near the target as for half the square, beyond delta a straight line",
        settings={"delta": "1"},
    ),
    LossRule(
        "log_cosh",
        "log-cosh loss",
        lambda k, s: Call("ln", (Call("cosh", (_DIFFERENCE,)),)),
        lambda k, s: Call("tanh", (_DIFFERENCE,)),
        because="the derivative of ln cosh is sinh over cosh",
    ),
    LossRule(
        "binary_cross_entropy",
        "binary cross-entropy",
        lambda k, s: Negation(
            Group(
                Sum(
                    (
                        Product((T, Call("ln", (O,)))),
                        Product((Sum((ONE, Negation(T))), Call("ln", (Sum((ONE, Negation(O))),)))),
                    )
                )
            )
        ),
        lambda k, s: Fraction(_DIFFERENCE, Product((O, Sum((ONE, Negation(O)))))),
        because="a logarithm's derivative is one over what stands in it; in the second the output has a "
        "minus sign",
        targets=PROBABILITY,
    ),
    LossRule(
        "binary_cross_entropy_with_logits",
        "binary cross-entropy on logits",
        lambda k, s: Sum((Call("ln", (Sum((ONE, exp(O))),)), Negation(Product((T, O))))),
        lambda k, s: Sum((Fraction(ONE, Sum((ONE, exp(Negation(O))))), Negation(T))),
        because="the derivative of the logarithm, the softplus function, is the sigmoid",
        targets=PROBABILITY,
    ),
    LossRule(
        "cross_entropy",
        "cross-entropy",
        lambda k, s: Negation(Product((T, Call("ln", (O,))))),
        lambda k, s: Negation(Fraction(T, O)),
        because="the derivative of a logarithm is one over what stands in it",
        targets=DISTRIBUTION,
    ),
    LossRule(
        "kl_divergence",
        "Kullback-Leibler divergence",
        lambda k, s: Product((T, Call("ln", (Fraction(T, O),)))),
        lambda k, s: Negation(Fraction(T, O)),
        because="the logarithm of a fraction is a difference, and the target is fixed",
        targets=DISTRIBUTION,
    ),
    LossRule(
        "negative_log_likelihood",
        "negative log-likelihood",
        lambda k, s: Negation(Product((T, O))),
        lambda k, s: Negation(T),
        because="the output is a logarithm already",
        targets=DISTRIBUTION,
    ),
    LossRule(
        "hinge",
        "hinge loss",
        lambda k, s: Call("max", (ZERO, _shortfall(s))),
        lambda k, s: Cases((Negation(T), ZERO), (_within(s), _OTHERWISE)),
        because="the slope is minus the target as long as the margin is not reached, then 0",
        settings={"margin": "1"},
        kink_convention="Exactly at the margin, the kink of the hinge loss, the derivative is taken as 0.",
        targets=SIGN,
    ),
    LossRule(
        "squared_hinge",
        "squared hinge loss",
        lambda k, s: Power(Call("max", (ZERO, _shortfall(s))), TWO),
        lambda k, s: Cases((Negation(Product((TWO, T, _shortfall(s)))), ZERO), (_within(s), _OTHERWISE)),
        because="the square brings down a 2, the inner derivative minus the target; beyond the margin it is "
        "flat",
        settings={"margin": "1"},
        targets=SIGN,
    ),
)

LOSSES: Mapping[str, LossRule | JointLossRule] = {rule.name: rule for rule in (*_LOSSES, *JOINT_LOSSES)}


def loss_rule(loss: Loss | str) -> LossRule | JointLossRule:
    """Return the rule of a loss: by its name, or with a problem's settings, constant and expression."""
    if isinstance(loss, str):
        return LOSSES[loss]
    if loss.expression is None:
        return bound_to(LOSSES[loss.kind], loss.settings, loss.constant)
    own, course = loss.expression, loss.derivative
    rule = LossRule(
        loss.kind,
        loss.name or "the author's loss",
        lambda k, s: own,
        None if course is None else lambda k, s: course,
        because=(
            "as the author gives it, proved equal to SymPy's" if course is not None else "as SymPy derives it"
        ),
    )
    return bound_to(rule, {}, loss.constant)
