"""The update: the new value of every parameter that is trained, from the gradients of one pass."""

from __future__ import annotations

from .passes import prepare, update
from .start import give_start

__all__ = ["give_start", "prepare", "update"]
