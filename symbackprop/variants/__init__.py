"""Variants: from a problem, and what its author says of it, to a different problem for each student."""

from __future__ import annotations

from .quality import Quality
from .refusal import VariationError
from .report import Summary, summary
from .variation import Variant, Variation, variation_of

__all__ = ["Quality", "Summary", "Variant", "Variation", "VariationError", "summary", "variation_of"]
