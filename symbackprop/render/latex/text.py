"""Lines of running text as LaTeX source."""

from __future__ import annotations

from functools import singledispatch

from ...document.blocks import Line, Math, MathStyle, Reference, Room, Text
from ..plain import plain_line
from .escape import PRINTED, Latex, escape_latex
from .math import latex_math


def latex_line(line: Line, style: MathStyle) -> Latex:
    """Return the source of a line of text with formulas and references; these start no line."""
    source = "".join(latex_inline(part, style) for part in line)
    # a reference stays with the word before it; between the members of a list a line may end
    return Latex(source.replace(r" \byresult", r"~\byresult").replace(r",~\byresult", r", \byresult"))


@singledispatch
def latex_inline(part: object, style: MathStyle) -> Latex:
    """Return the source of a part of a line."""
    raise NotImplementedError(f"no LaTeX for a {type(part).__name__}")


@latex_inline.register
def _(part: Text, style: MathStyle) -> Latex:
    text = escape_latex(part.text)
    return Latex(rf"\textbf{{{text}}}") if part.strong else text


@latex_inline.register
def _(part: Math, style: MathStyle) -> Latex:
    return Latex(f"${latex_math(part.term, style, inline=True)}$")


@latex_inline.register
def _(part: Reference, style: MathStyle) -> Latex:
    return Latex(rf"\byresult{{{part.number}}}")


@latex_inline.register
def _(part: Room, style: MathStyle) -> Latex:
    return Latex(rf"\phantom{{{part.digits}}}")


def latex_title(line: Line, style: MathStyle) -> Latex:
    """Return the source of a title, with a plain form for bookmarks where the two differ."""
    source = latex_line(line, style)
    plain = plain_line(line, style)
    if source == plain:
        return source
    return Latex(rf"\texorpdfstring{{{source}}}{{{bookmark(plain)}}}")


def bookmark(text: str) -> Latex:
    """Return the source of text in a PDF bookmark or in the document's properties."""
    return Latex("".join(_in_bookmark(c) for c in text if c.isprintable()))


def _in_bookmark(c: str) -> str:
    if c in r"\{}$&#%_^~":
        return rf"\{c}" if c in "{}$&#%_" else rf"\unichar{{{ord(c)}}}"
    return c if c.isascii() or c in PRINTED else rf'\unichar{{"{ord(c):04X}}}'
