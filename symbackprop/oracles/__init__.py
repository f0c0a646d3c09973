"""Oracles: other ways to the same numbers, none of which uses the package's backward pass."""

from .answer import Oracle
from .check import ORACLES, Report, check
from .comparing import Comparison

__all__ = ["ORACLES", "Comparison", "Oracle", "Report", "check"]
