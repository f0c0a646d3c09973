"""The rules: one per kind of operation, each a forward formula and its partial derivatives.

The forward formula is stated once, as a term. SymPy differentiates that statement, once per rule.
Where a course writes the derivative otherwise (a(1-a) for e^-z/(1+e^-z)^2) the rule carries that
form beside SymPy's, and a test proves the two equal.
"""

from .activations import ACTIVATIONS, ActivationRule, activation_rule
from .affine import AFFINE, AffineRule
from .losses import LOSSES, LossRule, loss_rule

__all__ = [
    "ACTIVATIONS",
    "AFFINE",
    "LOSSES",
    "ActivationRule",
    "AffineRule",
    "LossRule",
    "activation_rule",
    "loss_rule",
]
