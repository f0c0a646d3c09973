"""Class lists: reading them from Moodle, Canvas and Excel, and a safe file name for every student."""

from __future__ import annotations

from .file_names import file_names
from .reading import read_roster
from .roster import Roster, RosterError, Skipped, Student, numbered_roster

__all__ = [
    "Roster",
    "RosterError",
    "Skipped",
    "Student",
    "file_names",
    "numbered_roster",
    "read_roster",
]
