"""Lines of text in Typst's markup, with formulas and references in them."""

from __future__ import annotations

from collections.abc import Container
from functools import singledispatch

from ...document.blocks import Inline, Line, Math, MathStyle, Reference, Room, Text
from ...formulas.terms import Term, walk
from ..speech import speak
from .math import plain_number, typst_math
from .source import Typst, escape_typst, typst_string

#: A formula of up to this many terms is never parted at the end of a line of text.
SHORT = 8


def line(content: Line, style: MathStyle, targets: Container[int]) -> Typst:
    """Return a line of text with its formulas and references; targets: what can be referred to."""
    return Typst("".join(inline(item, style, targets) for item in content))


def formula(term: Term, style: MathStyle, *, whole: bool = False) -> Typst:
    """Return a formula inside a line, with its spoken alternative; whole: it is in a box already.

    A plain number is set as text.
    """
    text = plain_number(term, style)
    if text is not None:
        return Typst(text)
    says = typst_string(speak(term, style))
    function = "formula" if not whole and sum(1 for _ in walk(term)) <= SHORT else "long-formula"
    return Typst(f"#{function}({says}, ${typst_math(term, style, inline=True)}$);")


@singledispatch
def inline(item: Inline, style: MathStyle, targets: Container[int]) -> str:
    """Return a piece of a line."""
    raise NotImplementedError(f"no Typst for {type(item).__name__}")


@inline.register
def _(item: Text, style: MathStyle, targets: Container[int]) -> str:
    text = escape_typst(item.text)
    return f"#strong[{text}];" if item.strong else text


@inline.register
def _(item: Math, style: MathStyle, targets: Container[int]) -> str:
    return formula(item.term, style)


@inline.register
def _(item: Reference, style: MathStyle, targets: Container[int]) -> str:
    return f"#refer({item.number});" if item.number in targets else f"({item.number})"


@inline.register
def _(item: Room, style: MathStyle, targets: Container[int]) -> str:
    return f"#hide[{item.digits}];"
