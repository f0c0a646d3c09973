"""Formulas as one line of Unicode text.

Scripts are raised and lowered where Unicode has the signs (`w₅`, `a²`) and
written out where it has not (`w_new`), fractions take a slash and the brackets it needs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, singledispatch
from itertools import pairwise

from ...document.blocks import MathStyle
from ...formulas.brackets import arrange
from ...formulas.names import GREEK, Name, runs
from ...formulas.precedence import ATOM, POWER, PRODUCT, level
from ...formulas.terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Continuation,
    Elided,
    Fraction,
    Group,
    Matrix,
    Negation,
    Number,
    Padded,
    Partial,
    Power,
    Product,
    Result,
    Shape,
    Slot,
    Sum,
    Summation,
    Symbol,
    Term,
    Torn,
    Transposed,
    Underbrace,
    Words,
)

MINUS = "\N{MINUS SIGN}"
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307"}
_RAISED = dict(zip("0123456789+-=()niTxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀˣʸᶻ", strict=True))
_LOWERED = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_CLOSED = frozenset({*_LOWERED.values(), *_RAISED.values(), ")", "]"})
_PRIMES = ("", "′", "″", "‴")
_SIGNS = {"dot": " · ", "times": " × ", "star": " * ", "hadamard": " ⊙ "}
_OPERATORS = {"plus": "+", "minus": MINUS, "times": "×", "dot": "·", "star": "*", "hadamard": "⊙"}
_DOTS = {"across": "⋯", "down": "⋮", "diagonal": "⋱"}
#: Where Unicode's bold letters begin, and the plain letters that they are the bold ones of.
_BOLD = {"A": 0x1D400, "a": 0x1D41A, "0": 0x1D7CE, "Α": 0x1D6A8, "α": 0x1D6C2}
_COMPARISONS = {"greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤", "equal": "="}
_BRACKETS = {"round": ("(", ")"), "square": ("[", "]")}


def plain_math(term: Term, style: MathStyle = MathStyle()) -> str:
    """Return a formula as one line of Unicode text."""
    return plain(arrange(term, style.number_sign), style)


@lru_cache(maxsize=4096)
def plain_name(name: Name) -> str:
    """Return a name in Unicode: `w₅`, `ŷ₁`, `z′₁`, `w_new`."""
    base = " ".join(_piece(word) for word in name.base.split())
    if name.bold:
        base = "".join(map(_bold, base))
    if name.accent:
        base = unicodedata.normalize("NFC", base + _ACCENTS[name.accent])
    base += _PRIMES[name.primes] if name.primes < len(_PRIMES) else "′" * name.primes
    return base + _script(name.sub, _LOWERED, "_") + _script(name.sup, _RAISED, "^")


def _bold(letter: str) -> str:
    """Return a letter or digit in bold where Unicode has it."""
    for first, code in _BOLD.items():
        place = ord(letter) - ord(first)
        if 0 <= place < (10 if first == "0" else 26):
            return chr(code + place)
    return letter


def _piece(text: str) -> str:
    return "".join(GREEK[run] if kind == "greek" else run for kind, run in runs(text))


#: Between single letters, x h, that are set apart to be no word: here nothing would tell them from one.
_APART = re.compile(r"(?<=\b[A-Za-z]) (?=[A-Za-z]\b)")


def _script(pieces: tuple[str, ...], signs: dict[str, str], mark: str) -> str:
    """Return scripts as raised or lowered signs if all are to be had, else after a mark."""
    text = _APART.sub("", ",".join(map(_piece, pieces)))
    if not text:
        return ""
    if all(c in signs for c in text) and not any(len(run) > 1 and run.isalpha() for _, run in runs(text)):
        return "".join(signs[c] for c in text)
    return f"{mark}{text}" if text.isalnum() else f"{mark}{{{text}}}"


@singledispatch
def plain(term: Term, style: MathStyle) -> str:
    """Return an arranged term as Unicode text."""
    raise NotImplementedError(f"no plain text for a {type(term).__name__}")


@plain.register
def _(term: Symbol, style: MathStyle) -> str:
    return plain_name(term.name)


@plain.register
def _(term: Number, style: MathStyle) -> str:
    text = term.text.replace("-", MINUS).replace(".", style.decimal)
    if term.exponent is None:
        return text
    return f"{text} × 10{''.join(_RAISED[c] for c in str(term.exponent))}"


@plain.register
def _(term: Sum, style: MathStyle) -> str:
    first, *rest = term.terms
    text = plain(first, style)
    for item in rest:
        if isinstance(item, Negation):
            text += f" {MINUS} {plain(item.term, style)}"
        else:
            text += f" + {plain(item, style)}"
    return text


@plain.register
def _(term: Product, style: MathStyle) -> str:
    signs = (term.sign,) * (len(term.factors) - 1) if isinstance(term.sign, str) else term.sign
    text = plain(term.factors[0], style)
    for sign, (left, right) in zip(signs, pairwise(term.factors), strict=True):
        shown = plain(right, style)
        text += (_SIGNS[sign] if sign else _between(left, text, shown)) + shown
    return text


def _between(left: Term, before: str, after: str) -> str:
    """Return what parts two factors side by side.

    A dot after a slash, whose denominator would seem to go on, nothing where a script or a bracket
    does, else a space.
    """
    if isinstance(left, Fraction | Partial):
        return " · "
    return "" if before[-1:] in _CLOSED | {" "} or after[:1] in ("(", "[") else " "


@plain.register
def _(term: Negation, style: MathStyle) -> str:
    return MINUS + plain(term.term, style)


@plain.register
def _(term: Fraction, style: MathStyle) -> str:
    return f"{_part(term.numerator, PRODUCT, style)}/{_part(term.denominator, POWER, style)}"


def _part(term: Term, least: int, style: MathStyle) -> str:
    """Return the part of a fraction, in brackets where the slash would mislead."""
    text = plain(term, style)
    misleading = level(term) < least or isinstance(term, Fraction | Partial) or text.startswith(MINUS)
    return f"({text})" if misleading else text


@plain.register
def _(term: Power, style: MathStyle) -> str:
    return plain(term.base, style) + _raised(term.exponent, style)


def _raised(exponent: Term, style: MathStyle) -> str:
    text = plain(exponent, style).replace(MINUS, "-").replace(" ", "")
    if all(c in _RAISED for c in text):
        return "".join(_RAISED[c] for c in text)
    text = plain(exponent, style)
    return f"^{text}" if level(exponent) == ATOM and text.isalnum() else f"^({text})"


@plain.register
def _(term: Call, style: MathStyle) -> str:
    if term.name is None and term.function == "exp" and style.exp == "power":
        return "e" + _raised(term.arguments[0], style)
    if term.name is None and term.function == "floor":
        return f"⌊{plain(term.arguments[0], style)}⌋"
    name = _piece(term.function) if term.name is None else plain_name(term.name)
    return f"{name}({', '.join(plain(item, style) for item in term.arguments)})"


@plain.register
def _(term: Partial, style: MathStyle) -> str:
    d = "d" if term.total or style.total else "∂"
    by = plain(term.by, style)
    if isinstance(term.of, Symbol):
        return f"{d}{plain(term.of, style)}/{d}{by}"
    return f"{d}/{d}{by} {plain(term.of, style)}"


@plain.register
def _(term: Group, style: MathStyle) -> str:
    left, right = _BRACKETS[term.bracket]
    return f"{left}{plain(term.term, style)}{right}"


@plain.register
def _(term: Underbrace, style: MathStyle) -> str:
    text = plain(term.term, style)
    if isinstance(term.label, Shape):  # what no other place says is set small behind: W₂ₓ₃
        text += "".join(_LOWERED[sign] for sign in f"{term.label.rows}x{term.label.columns}")
    return text


@plain.register
def _(term: Words, style: MathStyle) -> str:
    return term.text


@plain.register
def _(term: Summation, style: MathStyle) -> str:
    bounds = [("_", term.lower), ("^", term.upper)]
    scripts = "".join(f"{mark}{{{plain(bound, style)}}}" for mark, bound in bounds if bound is not None)
    return f"Σ{scripts} {plain(term.term, style)}"


@plain.register
def _(term: Comparison, style: MathStyle) -> str:
    return f"{plain(term.left, style)} {_COMPARISONS[term.relation]} {plain(term.right, style)}"


@plain.register
def _(term: Cases, style: MathStyle) -> str:
    cases = []
    for value, condition in zip(term.values, term.conditions, strict=True):
        reason = "" if isinstance(condition, Words) else "if "
        cases.append(f"{plain(value, style)} {reason}{plain(condition, style)}")
    return f"{{{'; '.join(cases)}}}"


@plain.register
def _(term: Result, style: MathStyle) -> str:
    return f"[{plain(term.term, style)}]" if term.width else plain(term.term, style)


@plain.register
def _(term: Blank, style: MathStyle) -> str:
    return "_" * max(3, round(2 * term.width))


@plain.register
def _(term: Elided, style: MathStyle) -> str:
    return _DOTS[term.dots]


@plain.register
def _(term: Matrix, style: MathStyle) -> str:
    return f"[{'; '.join(', '.join(plain(entry, style) for entry in row) for row in term.rows)}]"


@plain.register
def _(term: Transposed, style: MathStyle) -> str:
    return f"{plain(term.term, style)}ᵀ"


@plain.register
def _(term: Slot, style: MathStyle) -> str:
    return term.mark


@plain.register
def _(term: Shape, style: MathStyle) -> str:
    return f"{term.rows} × {term.columns}"


@plain.register
def _(term: Padded, style: MathStyle) -> str:
    return plain(term.term, style)


@plain.register
def _(term: Continuation, style: MathStyle) -> str:
    return f"{_OPERATORS[term.operator]} {plain(term.term, style)}"


@plain.register
def _(term: Torn, style: MathStyle) -> str:
    opens = "".join(_BRACKETS[bracket][0] for bracket in term.opens)
    closes = "".join(_BRACKETS[bracket][1] for bracket in term.closes)
    return opens + plain(term.term, style) + closes
