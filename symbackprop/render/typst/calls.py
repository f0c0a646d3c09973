"""Calls of the templates' drawing functions, written down legibly."""

from __future__ import annotations

from collections.abc import Sequence


def call(function: str, *arguments: str, **lists: Sequence[str]) -> str:
    """Return a call over several lines; lists have one item a line."""
    lines = [f"#{function}(", *(f"  {argument}," for argument in arguments)]
    for name, items in lists.items():
        if items:
            lines += [f"  {name.replace('_', '-')}: (", *(f"    {item}," for item in items), "  ),"]
    return "\n".join([*lines, ")"])


def number(value: float) -> str:
    """Return a number as print needs it: four places, no exponent."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def point(x: float, y: float) -> str:
    """Return a pair of coordinates."""
    return f"({number(x)}, {number(y)})"
