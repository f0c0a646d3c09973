"""How marks are found in text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

#: A whole number in a text, with a sign if there is one; group 1 is its digits.
_NUMBER = re.compile("(?:minus |[-\N{MINUS SIGN}])?" r"(?<![\d.,])(\d+(?:[.,]\d+)?)(?![.,]?\d)")


def marks_in(text: str, marks: Container[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield where marks stand in a text as whole numbers, with their signs, and which they are.

    A mark is written with a decimal point, and found with a decimal comma too.
    """
    for match in _NUMBER.finditer(text):
        mark = match[1].replace(",", ".")
        if mark in marks:
            yield match, mark
