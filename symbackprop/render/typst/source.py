"""Typst source text: its type, string literals and escaping."""

from __future__ import annotations

import re
import unicodedata
from typing import Self

from ..environment import Source

# Words that mean themselves in Typst's markup, so that ordinary text stays readable in the source.
_PLAIN = re.compile(
    r" ?[^\W_]+(?:"
    r"[^\W_]|[’–—]"
    r"|[,;:?]? (?=\(?[^\W_])"  # one space between words, perhaps after a mark
    r"|(?<= )\((?=[^\W_])|(?<=[^\W_])\)"
    r"|(?<=[^\W\d_])-(?=[^\W\d_])|(?<=[^\W\d_])\.(?= |$)"  # not in numbers: 1. and -1 are markup
    r")* ?"
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_HIDDEN = {"Cc", "Cs", "Co", "Cn"}


class Typst(Source):
    """Typst source text; templates print it as it is."""

    __slots__ = ()

    @classmethod
    def escape(cls, text: str) -> Self:
        """Return markup that prints this plain text."""
        return cls(escape_typst(text))


def printable(text: str) -> str:
    """Return the text without what no font can show: controls go, line ends become spaces.

    Code points that are unassigned, private or half a surrogate pair become the replacement character.
    """
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Cc":
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category in _HIDDEN else character


def typst_string(text: str) -> Typst:
    r"""Return a string literal of Typst's code mode: `"..."` with `\` and `"` escaped."""
    inner = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return Typst(f'"{inner}"')


def escape_typst(text: str) -> Typst:
    """Return markup that prints the text exactly, whatever it holds.

    Plain words stay as they are; anything else becomes a string literal, `#"...";`, which Typst
    takes letter by letter: no markup, no smart quotes, no dashes made of hyphens. Only the straight
    apostrophe between two letters is set as a curved one. The semicolon ends
    the expression, so that nothing after it can be read as a call or a method.
    """
    text = _APOSTROPHE.sub("’", text)
    if _PLAIN.fullmatch(text):
        return Typst(text)
    return Typst(f"#{typst_string(text)};") if text else Typst("")
