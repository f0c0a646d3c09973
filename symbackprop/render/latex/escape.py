"""Plain text as LaTeX source: any Unicode text prints, under pdflatex and lualatex alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Self

from ...formulas.names import GREEK
from ..environment import Source

_ASCII = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}

# TeX's plain epsilon and phi are the lunate and the stroked letters, which Unicode has separately
_GREEK = {letter: name for name, letter in GREEK.items()} | {
    "ε": "varepsilon", "φ": "varphi", "ϑ": "vartheta", "ϕ": "phi", "ϵ": "epsilon",
}  # fmt: skip
_SYMBOLS = {
    "−": "-",
    "∂": r"\partial",
    "∇": r"\nabla",
    "≈": r"\approx",
    "≠": r"\neq",
    "≤": r"\leq",
    "≥": r"\geq",
    "≪": r"\ll",
    "≫": r"\gg",
    "≡": r"\equiv",
    "∼": r"\sim",
    "∝": r"\propto",
    "∞": r"\infty",
    "∑": r"\sum",
    "∏": r"\prod",
    "∫": r"\int",
    "√": r"\surd",
    "∈": r"\in",
    "∉": r"\notin",
    "∘": r"\circ",
    "⋅": r"\cdot",
    "∙": r"\bullet",
    "⊙": r"\odot",
    "⊗": r"\otimes",
    "⊕": r"\oplus",
    "∀": r"\forall",
    "∃": r"\exists",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "⇒": r"\Rightarrow",
    "⇐": r"\Leftarrow",
    "⇔": r"\Leftrightarrow",
    "↦": r"\mapsto",
    "⟨": r"\langle",
    "⟩": r"\rangle",
    "ℓ": r"\ell",
    "ℝ": r"\mathrm{R}",
    "′": r"{}^{\prime}",
    "″": r"{}^{\prime\prime}",
}
_MATH = {
    **{letter: rf"\ensuremath{{\{name}}}" for letter, name in _GREEK.items()},
    **{symbol: rf"\ensuremath{{{source}}}" for symbol, source in _SYMBOLS.items()},
}
_RAISED = {
    **{c: rf"\textsuperscript{{{d}}}" for c, d in zip("⁰⁴⁵⁶⁷⁸⁹ⁿⁱ⁽⁾", "0456789ni()", strict=True)},
    **{c: rf"\textsubscript{{{d}}}" for c, d in zip("₀₁₂₃₄₅₆₇₈₉₍₎", "0123456789()", strict=True)},
    "⁺": r"\textsuperscript{+}",
    "⁻": r"\textsuperscript{\ensuremath{-}}",
}
_OTHER = {
    "…": r"\dots{}",
    "‐": "-",
    "‑": "-",
    "‒": "–",
    "―": "—",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2009": r"\,",
}
_TABLE = {**_ASCII, **_MATH, **_RAISED, **_OTHER}

#: Characters beyond ASCII that stand in the source as they are: fonts in the T1 and TS1 encodings have them.
PRINTED = frozenset(map(chr, range(0xA1, 0x17F))) - frozenset(
    "\u00ad\u0126\u0127\u0138\u013f\u0140\u0149\u0166\u0167"
) | frozenset("ƒȘșȚț–—‘’‚“”„†‡•‰‹›€™№℃")

_LIGATURE = re.compile(r"(?<=([-,'<>`]))(?=\1)|(?<=[!?])(?=`)")
_FRONT = re.compile(r"^( *)([\[*])")  # what a line break or a list's item before it would take for its own


class Latex(Source):
    """LaTeX source text."""

    __slots__ = ()

    @classmethod
    def escape(cls, text: str) -> Self:
        """Return source that prints this text; see `escape_latex`."""
        return cls(_escape(text))


def escape_latex(text: str) -> Latex:
    r"""Return LaTeX source that prints any text.

    Marks that TeX would act on or join to a ligature print as themselves, also at the start. Line
    ends and tabs become spaces, invisible characters vanish, and a character that T1 fonts lack and
    that has no sign of its own becomes `\otherchar{CODE}`: the character itself where the engine's
    font has it, else a boxed question mark.
    """
    return Latex(_escape(text))


@lru_cache(maxsize=4096)
def _escape(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    text = _LIGATURE.sub("\0", unicodedata.normalize("NFC", text).replace("\0", "\ufffd"))
    source = "".join(_TABLE.get(c) or _character(c) for c in text)
    return _FRONT.sub(r"\1{\2}", source)


def _character(c: str) -> str:
    if " " <= c <= "~" or c in PRINTED:
        return c
    if c == "\0":  # between two marks that would join
        return r"\/"
    category = unicodedata.category(c)
    if category in ("Zs", "Zl", "Zp") or c in "\t\n\v\f\r\x85":
        return " "
    if category == "Cf":
        return ""
    if category in ("Cc", "Cs"):
        c = "\ufffd"
    return rf"\otherchar{{{ord(c):04X}}}"
