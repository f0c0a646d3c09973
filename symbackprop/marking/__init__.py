"""Marking: students' answers held against the right ones, and against what follows from their own."""

from .accepting import Interval, Tolerance, accepted_interval

__all__ = ["Interval", "Tolerance", "accepted_interval"]
