"""How marks are found in text."""

from __future__ import annotations

import re
from collections.abc import Iterable


def marks_pattern(marks: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds marks in text as whole numbers, with a sign if there is one.

    A mark is written with a decimal point, and found with a decimal comma too. Group 1 is the mark.
    """
    either = "|".join(re.escape(mark).replace(r"\.", "[.,]") for mark in sorted(marks, key=len, reverse=True))
    return re.compile(rf"(?:minus |[-\N{{MINUS SIGN}}])?(?<![\d.,])({either})(?![.,]?\d)")


def found_mark(match: re.Match[str]) -> str:
    """Return the mark that was found, with a decimal point."""
    return match[1].replace(",", ".")
