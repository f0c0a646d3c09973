"""Networks of any shape: each type of layer is a form with fields that lays operations on named units."""

from __future__ import annotations

from collections.abc import Mapping

from .assembly import Assembly, Numbers, Units
from .dense import ActivationLayer, DenseLayer, FlattenLayer, ReshapeLayer
from .layer import Fault, NumberArray, TypedLayer

#: The types of layer, by the name that `type:` takes.
LAYER_TYPES: Mapping[str, type[TypedLayer]] = {
    "dense": DenseLayer,
    "activation": ActivationLayer,
    "flatten": FlattenLayer,
    "reshape": ReshapeLayer,
}

__all__ = ["LAYER_TYPES", "Assembly", "Fault", "NumberArray", "Numbers", "TypedLayer", "Units"]
