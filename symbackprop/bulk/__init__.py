"""Values of all gradients at once, without a derivation: certified, or in plain double precision."""

from __future__ import annotations

from .gradients import Gradients, gradients

__all__ = ["Gradients", "gradients"]
