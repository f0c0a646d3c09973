"""LaTeX source of a form: in the place of a mark a gap of its width that can be found in the PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ...document.blocks import Document, MathStyle
from ...document.layout.width import width
from ...document.marks import NoForm
from ...formulas.terms import Number
from .document import render_latex

_MACROS = r"""
% a place of a form: \formplace{its mark}{its width, in em}{its width before the point}
\makeatletter
\newcommand{\formplace}[3]{\hbox{\vphantom{0}\pdfliteral{FORMPLACE #1 \f@size\space #2 #3}%
  \hskip#2\dimexpr\f@size pt\relax}}
\makeatother
\renewcommand{\drawnonce}[1]{}
"""
_BEGINNING = "\\begin{document}"
#: The one square of a symbol that stands for the symbol's place.
_SQUARE = r"\run{0}{0}{1}"


def render_latex_form(
    document: Document, marks: Iterable[str], symbol: str, *, templates: Path | None = None
) -> str:
    """Return the LaTeX source of a form, for pdflatex.

    In the content of a page, "FORMPLACE" then stands where a mark would, with the mark, the size of the type
    in TeX's points, its width in em and how much of it is before the point.

    Arguments:
        document: with marks; its stamp has a symbol of one black square.
        marks: those that are to be replaced.
        symbol: the mark of the symbol.
        templates: a user's folder of templates.

    Raises:
        NoForm: the templates leave no place for the symbol.
        RenderError: a template failed.
    """
    head, beginning, body = render_latex(document, templates=templates).partition(_BEGINNING)
    if _SQUARE not in body:
        raise NoForm("the templates print no symbol")
    lines = [line for line in body.split("\n") if not line.lstrip().startswith("%")]
    body = _pattern(marks).sub(_place, "\n".join(lines))
    body = body.replace(_SQUARE, rf"\put(0,0){{\formplace{{{symbol}}}{{0}}{{0}}}}")
    return head + _MACROS + beginning + body


#: A mark of so many digits stands nowhere else, whatever stands around it; a shorter one may be a length.
_LONG = 7


def _pattern(marks: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds marks: short ones alone in a formula, where no lengths are."""
    longest_first = sorted(marks, key=len, reverse=True)
    written = [(mark, re.escape(mark).replace(r"\.", r"(?:\.|\{,\})")) for mark in longest_first]
    long = "|".join(text for mark, text in written if sum(map(str.isdigit, mark)) >= _LONG)
    short = "|".join(text for mark, text in written if sum(map(str.isdigit, mark)) < _LONG)
    alone = rf"(?<=\$)(-?)({short or '(?!)'})(?=\$)"
    anywhere = rf"(-?)(?<![\d.,])({long or '(?!)'})(?!(?:[.,]|\{{,\}})?\d)"
    return re.compile(f"{alone}|{anywhere}")


def _place(match: re.Match[str]) -> str:
    sign, mark = match[1] or match[3] or "", (match[2] or match[4]).replace("{,}", ".")
    style = MathStyle()
    whole = mark.partition(".")[0]
    wide, before = (width(Number(sign + text), style) for text in (mark, whole))
    return rf"\formplace{{{mark}}}{{{wide:.4f}}}{{{before:.4f}}}"
