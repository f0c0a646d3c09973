"""Marks in the place of what differs on the papers of a class: such a paper is typeset once, as a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class NoForm(Exception):
    """A paper is no form; the reason is for developers, as such papers are typeset one by one."""


Side = Literal["left", "center", "right", "point"]


@dataclass(frozen=True, slots=True)
class Place:
    """What goes where a mark stands.

    name: of the value. side: which part of the mark's room the value keeps to; at "point" its decimal point
    takes the place of the mark's, or if it has none it stands at the right. room: the widest that it may be,
    in em of the mark's type: a wider one is set smaller. once: the mark stands in one place alone.
    """

    name: str
    side: Side = "center"
    room: float = 0.0
    once: bool = True
