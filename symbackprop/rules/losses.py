"""Loss functions: the error term of one output, whose sum over the outputs is a sample's loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..terms import Call, Fraction, Group, Negation, Number, Power, Product, Sum, Term
from .derivation import differentiate, fill, slot

ONE, TWO = Number("1"), Number("2")
T, O = slot("t"), slot("o")  # noqa: E741 - o is the field's name for an output
_DIFFERENCE = Sum((O, Negation(T)))
_RESIDUAL = Sum((T, Negation(O)))


@dataclass(frozen=True, slots=True)
class LossRule:
    """One output's error E_k(t, o); a sample's loss is their sum over its K outputs.

    error: the formula over the slots t and o, given K. course: its derivative by o as courses
    write it; None where SymPy's own form is shown.
    """

    name: str
    title: str
    error: Callable[[int], Term]
    course: Callable[[int], Term] | None = None
    because: str = ""

    def formula(self, target: Term, output: Term, outputs: int) -> Term:
        """Return one output's error over the network's own terms."""
        return fill(self.error(outputs), {"t": target, "o": output})

    def derivative(self, target: Term, output: Term, outputs: int) -> Term:
        """Return dE_k/do in the form that is shown."""
        template = self.course(outputs) if self.course else self.raw_derivative(outputs)
        return fill(template, {"t": target, "o": output})

    def raw_derivative(self, outputs: int) -> Term:
        """Return SymPy's derivative of the error by the output, over the slots t and o."""
        return differentiate(self.error(outputs), "o")


def _count(outputs: int) -> Number:
    return Number(str(outputs))


def _mean_squared_derivative(outputs: int) -> Term:
    if outputs == 2:
        return _DIFFERENCE
    return Product((TWO if outputs == 1 else Fraction(TWO, _count(outputs)), _DIFFERENCE))


LOSSES: Mapping[str, LossRule] = {
    rule.name: rule
    for rule in (
        LossRule(
            "half_squared_error",
            "half squared error",
            lambda k: Product((Fraction(ONE, TWO), Power(_RESIDUAL, TWO))),
            lambda k: _DIFFERENCE,
            because="the 2 of the square cancels the half; the inner derivative gives the minus sign",
        ),
        LossRule(
            "squared_error",
            "squared error",
            lambda k: Power(_RESIDUAL, TWO),
            lambda k: Product((TWO, _DIFFERENCE)),
            because="the square brings down a 2; the inner derivative gives the minus sign",
        ),
        LossRule(
            "mean_squared_error",
            "mean squared error",
            lambda k: (
                Power(_RESIDUAL, TWO)
                if k == 1
                else Product((Fraction(ONE, _count(k)), Power(_RESIDUAL, TWO)))
            ),
            _mean_squared_derivative,
            because="the square brings down a 2; the inner derivative gives the minus sign",
        ),
        LossRule(
            "binary_cross_entropy",
            "binary cross-entropy",
            lambda k: Negation(
                Group(
                    Sum(
                        (
                            Product((T, Call("ln", (O,)))),
                            Product((Sum((ONE, Negation(T))), Call("ln", (Sum((ONE, Negation(O))),)))),
                        )
                    )
                )
            ),
            lambda k: Fraction(_DIFFERENCE, Product((O, Sum((ONE, Negation(O)))))),
            because="the derivative of ln o is 1/o, and of ln(1 - o) it is -1/(1 - o)",
        ),
    )
}


def loss_rule(name: str) -> LossRule:
    """Return the rule of a loss by its name."""
    return LOSSES[name]
