"""Names of quantities in Typst's math markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ...formulas.names import GREEK, Name, runs
from .source import typst_string

_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "dot": "dot"}
_SIGNS = {
    "+": "+",
    "-": "-",
    "*": "ast.op",
    "(": "\\(",
    ")": "\\)",
    ",": "\\,",
    " ": "thin",
    "∂": "partial",
}
_SAFE = re.compile(r"[A-Za-z0-9]+|[^\W\d_]")
_ONE_TOKEN = re.compile(r'[A-Za-z]|[0-9]+|"[^"\\]*"')


@lru_cache(maxsize=4096)
def typst_name(name: Name) -> str:
    """Return a name as math markup."""
    text = piece(name.base)
    if name.bold:
        text = f"bold({text})" if name.base in GREEK else f"bold(upright({text}))"
    if name.accent:
        text = f"{_ACCENTS[name.accent]}({text})"
    text += "'" * name.primes
    for mark, pieces in (("_", name.sub), ("^", name.sup)):
        if pieces:
            text += mark + _attached("\\, ".join(map(piece, pieces)))
    return text


def piece(text: str) -> str:
    """Return a piece of a name: letters italic, words upright, digits and signs as they are."""
    parts: list[str] = []
    word = ""
    for kind, run in [*runs(text), ("end", "")]:
        if kind == "word" or (run == " " and word):
            word += run
            continue
        if word:
            parts.append(typst_string(word))
            word = ""
        if _SAFE.fullmatch(run):
            parts.append(run)
        else:
            parts += [_SIGNS.get(sign) or typst_string(sign) for sign in run]
    return side_by_side(parts)


def _attached(text: str) -> str:
    """Return a subscript or superscript: bracketed unless it is one token."""
    return text if _ONE_TOKEN.fullmatch(text) else f"({text})"


def side_by_side(parts: Iterable[str]) -> str:
    """Set parts side by side; a blank next to quoted text would print, so there is none."""
    text = ""
    for part in parts:
        if part:
            gap = "" if not text or text.endswith('"') or part.startswith('"') else " "
            text += gap + part
    return text
