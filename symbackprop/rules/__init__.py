"""The rules: one per kind of operation, each a forward formula and its partial derivatives.

The forward formula is stated once, as a term. SymPy differentiates that statement, once per rule.
Where a course writes the derivative otherwise (a(1-a) for e^-z/(1+e^-z)^2) the rule carries that
form beside SymPy's, and a test proves the two equal.
"""

from .activation import ActivationRule
from .activations import ACTIVATIONS, activation_rule
from .affine import AFFINE, AffineRule
from .layer_activations import LAYER_ACTIVATIONS, LayerRule, is_layer_activation, layer_rule
from .loss import JointLossRule, LossRule
from .losses import LOSSES, loss_rule

__all__ = [
    "ACTIVATIONS",
    "AFFINE",
    "LAYER_ACTIVATIONS",
    "LOSSES",
    "ActivationRule",
    "AffineRule",
    "JointLossRule",
    "LayerRule",
    "LossRule",
    "activation_rule",
    "is_layer_activation",
    "layer_rule",
    "loss_rule",
]
