"""Lines of a listing: arrays, headings, the program and what its variables are."""

from __future__ import annotations

import keyword
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .dialects import Dialect

#: No line of a listing is longer, so that it fits the width of a page.
WIDTH = 88


@dataclass(frozen=True, slots=True)
class Listing:
    """A program and where it keeps the sheet's numbers.

    quantities: by key an expression over the program's variables after it has run (`dW1[0, 1]`).
    """

    text: str
    quantities: Mapping[str, str]


def array_lines(
    name: str, opening: str, rows: Sequence[str | Sequence[str]], closing: str = ")"
) -> list[str]:
    """Return the lines that set a variable to an array of written numbers."""
    flat = all(isinstance(row, str) for row in rows)
    nested = [row if isinstance(row, str) else f"[{', '.join(row)}]" for row in rows]
    start, end = f"{name} = {opening}([", f"]{closing}"
    whole = f"{start}{', '.join(nested)}{end}"
    if len(whole) <= WIDTH and (flat or len(rows) == 1):
        return [whole]
    if not flat and len(start) + max(map(len, nested)) + len(end) <= WIDTH:
        return f",\n{' ' * len(start)}".join(nested).join((start, end)).split("\n")
    paragraphs = [", ".join(nested)] if flat else [f"{row}," for row in nested]
    lines = [start]
    for paragraph in paragraphs:
        lines += textwrap.wrap(
            paragraph, WIDTH, initial_indent="    ", subsequent_indent="    " if flat else "     "
        )
    return [*lines, end]


def assigned(name: str, expression: str, indent: str = "") -> list[str]:
    """Return the lines that set a variable to an expression, broken where it is long."""
    line = f"{indent}{name} = {expression}"
    if len(line) <= WIDTH:
        return [line]
    broken = textwrap.wrap(
        expression, WIDTH - 8 - len(indent), break_long_words=False, break_on_hyphens=False
    )
    return [f"{indent}{name} = (", *(f"{indent}    {part}" for part in broken), f"{indent})"]


def floats(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return rows of numbers of which at least one is no whole number, so that the array is one of floats."""
    if any(mark in cell for row in rows for cell in row for mark in "./e"):
        return [list(row) for row in rows]
    return [[f"{cell}.0" for cell in row] for row in rows]


def program(title: str, what: str, dialect: Dialect, body: Sequence[str]) -> str:
    """Return a whole program: what it is, its imports, and the rest."""
    text = "\n".join(body)
    defines = [dialect.erf] if dialect.erf and "erf(" in text else []
    needs_math = "math." in text or any("math." in line for line in defines)
    imports = [*(["import math"] if needs_math else []), *dialect.imports]
    kept = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = " ".join(kept.replace("\\", "/").replace('"', "").replace("'", "").split())
    head = textwrap.wrap(f'"""{plain}: {what}."""', WIDTH)
    return "\n".join([*head, "", *imports, "", *defines, *dialect.after, "", text]) + "\n"


def wrapped(opening: str, items: Sequence[str], closing: str) -> list[str]:
    """Return a list of items between brackets, on several lines where it is long."""
    whole = f"{opening}{', '.join(items)}{closing}"
    if len(whole) <= WIDTH:
        return [whole]
    inner = textwrap.wrap(f"{', '.join(items)},", WIDTH, initial_indent="    ", subsequent_indent="    ")
    return [opening, *inner, closing]


def variable(name: str) -> str:
    """Return a name that Python takes as a variable."""
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    if not plain or plain[0].isdigit() or keyword.iskeyword(plain):
        plain = f"_{plain}" if plain[:1].isdigit() else f"{plain}_"
    return plain
