"""Marking: students' answers held against the right ones, and against what follows from their own."""

from .accepting import Accepted, Interval, Tolerance, accepted, accepted_interval, carrying

__all__ = ["Accepted", "Interval", "Tolerance", "accepted", "accepted_interval", "carrying"]
