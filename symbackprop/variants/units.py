"""Conditions on units: none saturated, ReLU layers with living and dead ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from ..numbers.digits import as_double
from ..numbers.evaluate import Reals
from .condition import own_share


@dataclass(frozen=True)
class Saturation:
    """No unit is saturated: the slope of its activation is at least a part of the steepest.

    slopes: by the key of a slope the steepest one that the activation has. own: how many may be saturated,
    of all; own_least: how flat the flattest may be.
    """

    slopes: Mapping[str, float]
    least: float
    own: Fraction
    own_least: float
    reason: str = "a saturated unit"
    advice: str = "smaller weights and inputs, or quality: {saturation: null}"

    @property
    def relaxed(self) -> str:
        """How many units are saturated anyway."""
        return own_share("saturated units", self.own)

    def rejects(self, reals: Reals) -> bool:
        """Return whether too many units are saturated, or one too far."""
        found = steepness(self.slopes, reals)
        flat = [slope for slope in found if slope < self.least]
        if not flat:
            return False
        return len(flat) > floor(self.own * len(found)) or min(flat) < self.own_least


def steepness(slopes: Mapping[str, float], reals: Reals) -> list[float]:
    """Return every slope as a part of the steepest that its activation has."""
    return [abs(as_double(reals[text])) / steepest for text, steepest in slopes.items() if text in reals]


@dataclass(frozen=True)
class LivingAndDead:
    """ReLU layers have units that send something out, and others that send out 0, where that is asked.

    layers: the keys of each layer's activations. living, dead: which layers have at least one of each.
    """

    layers: tuple[tuple[str, ...], ...]
    living: tuple[bool, ...]
    dead: tuple[bool, ...]
    reason: str = "a ReLU layer without living or without dead units"
    advice: str = "weights and biases of both signs, or quality: {living_and_dead: null}"
    relaxed: str = ""

    def rejects(self, reals: Reals) -> bool:
        """Return whether a layer is all dead, or all living where some are to be dead."""
        for layer, some_living, some_dead in zip(self.layers, self.living, self.dead, strict=True):
            living, dead = life(layer, reals)
            if (some_living and not living) or (some_dead and not dead):
                return True
        return False


def life(layer: Iterable[str], reals: Reals) -> tuple[int, int]:
    """Return how many units of a layer are living, and how many are dead."""
    known = [bool(reals[text] != 0) for text in layer if text in reals]
    return sum(known), len(known) - sum(known)
