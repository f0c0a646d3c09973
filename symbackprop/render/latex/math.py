"""Formulas as LaTeX source, node by node; brackets and signs are decided in `brackets`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from itertools import pairwise

from ...document.blocks import MathStyle
from ...document.layout.heights import FRACTION, HIGH, height, set_large
from ...formulas.brackets import arrange
from ...formulas.names import runs
from ...formulas.terms import (
    HAND,
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
    walk,
)
from .brackets import bracket, bracketed, is_tall
from .escape import Latex, escape_latex
from .names import argument, glue, latex_name, piece

RELATIONS = {
    "=": "=",
    "approx": r"\approx",
    "from": r"\leftarrow",
    "to": r"\rightarrow",
    "+": "+",
    "-": "-",
    "times": r"\times",
    "dot": r"\cdot",
    "star": "*",
    "hadamard": r"\odot",
    "": "",
}
_OPERATORS = {
    "plus": "+",
    "minus": "-",
    "times": r"\times",
    "dot": r"\cdot",
    "star": "*",
    "hadamard": r"\odot",
}
_COMPARISONS = {"greater": ">", "greater_equal": r"\geq", "less": "<", "less_equal": r"\leq", "equal": "="}
_SIGNS = {"": " ", "dot": r" \cdot ", "times": r" \times ", "star": " * ", "hadamard": r" \odot "}
_DOTS = {"across": r"\cdots", "down": r"\vdots", "diagonal": r"\ddots"}
_FUNCTIONS = frozenset(
    [
        "exp",
        "ln",
        "log",
        "lg",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "sec",
        "csc",
        "cot",
        "arcsin",
        "arccos",
        "arctan",
        "max",
        "min",
        "sup",
        "inf",
        "arg",
        "det",
        "dim",
        "gcd",
        "deg",
        "Pr",
    ]
)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a formula is printed: the document's style and where the formula stands.

    inline: in a line of text, where a bare derivative takes a slash. label: below a brace, where
    fractions are kept legible.
    """

    style: MathStyle
    inline: bool = False
    label: bool = False


def latex_math(term: Term, style: MathStyle = MathStyle(), *, inline: bool = False) -> Latex:
    """Return the LaTeX source of a formula, to stand in math mode.

    `inline` prints a derivative that stands alone with a slash, as in a line of text.
    """
    setting = Setting(style, inline)
    arranged = arrange(term, style.number_sign)
    if inline and isinstance(arranged, Partial) and isinstance(arranged.of, Symbol):
        above, below = _differentials(arranged, setting)
        return Latex(f"{above}/{below}")
    return Latex(tex(arranged, setting))


# --- terms -----------------------------------------------------------------------------------


@singledispatch
def tex(term: Term, setting: Setting) -> str:
    """Return the LaTeX source of an arranged term."""
    raise NotImplementedError(f"no LaTeX for a {type(term).__name__}")


@tex.register
def _(term: Symbol, setting: Setting) -> str:
    return latex_name(term.name)


@tex.register
def _(term: Number, setting: Setting) -> str:
    text = term.text.replace("−", "-")
    if setting.style.decimal == ",":
        text = text.replace(".", "{,}")
    if term.exponent is None:
        return text
    sign = {"dot": r"\cdot", "star": "*"}.get(setting.style.number_sign, r"\times")
    return f"{text} {sign} 10^{argument(str(term.exponent))}"


@tex.register
def _(term: Sum, setting: Setting) -> str:
    first, *rest = term.terms
    source = tex(first, setting)
    for item in rest:
        if isinstance(item, Negation):
            source += f" - {tex(item.term, setting)}"
        else:
            source += f" + {tex(item, setting)}"
    return source


@tex.register
def _(term: Product, setting: Setting) -> str:
    signs = (term.sign,) * (len(term.factors) - 1) if isinstance(term.sign, str) else term.sign
    source = tex(term.factors[0], setting)
    for sign, (left, right) in zip(signs, pairwise(term.factors), strict=True):
        source += (_SIGNS[sign] if sign else _between(left, right)) + tex(right, setting)
    return source


def _between(left: Term, right: Term) -> str:
    """Return what parts two factors side by side: a little space at a fraction's bar and at words."""
    if isinstance(left, Words) or isinstance(right, Words):
        spaced = (isinstance(left, Words) and left.text.endswith(" ")) or (
            isinstance(right, Words) and right.text.startswith(" ")
        )
        return " " if spaced else r" \ "
    return r" \, " if any(is_tall(factor) or _is_word(factor) for factor in (left, right)) else " "


def _is_word(term: Term) -> bool:
    return isinstance(term, Symbol) and runs(term.name.base)[0][0] == "word"


@tex.register
def _(term: Negation, setting: Setting) -> str:
    return f"-{tex(term.term, setting)}"


@tex.register
def _(term: Fraction, setting: Setting) -> str:
    above, below = tex(term.numerator, setting), tex(term.denominator, setting)
    if term.inline:
        return f"{above} / {below}"
    return _fraction(_kept_clear(above, term.numerator), _kept_clear(below, term.denominator), setting)


def _kept_clear(written: str, term: Term) -> str:
    """Return what stands beside a line: a gap in it, which has a frame, is kept off."""
    framed = any(isinstance(part, Blank) or (isinstance(part, Result) and part.width) for part in walk(term))
    return rf"{written}\apart" if framed else written


def _fraction(above: str, below: str, setting: Setting) -> str:
    command = "tfrac" if setting.label else "frac"
    return f"\\{command}{{{above}}}{{{below}}}"


@tex.register
def _(term: Power, setting: Setting) -> str:
    return f"{tex(term.base, setting)}^{argument(tex(term.exponent, setting))}"


@tex.register
def _(term: Call, setting: Setting) -> str:
    arguments = ", ".join(tex(item, setting) for item in term.arguments)
    if term.name is None and term.function == "exp" and setting.style.exp == "power":
        return f"e^{argument(arguments)}"
    if term.name is None and term.function == "sqrt":
        return rf"\sqrt{{{arguments}}}"
    if term.name is None and term.function == "abs":
        return rf"\lvert {arguments} \rvert"
    if term.name is None and term.function == "floor":
        return rf"\lfloor {arguments} \rfloor"
    inside = bracketed(arguments, "round", term.arguments)
    gap = r"\!" if inside.startswith(r"\left") else ""
    return _function(term) + gap + inside


def _function(term: Call) -> str:
    if term.name is not None:
        return latex_name(term.name)
    if term.function in _FUNCTIONS:
        return f"\\{term.function}"
    if all(kind in ("letter", "greek") for kind, _ in runs(term.function)):
        return piece(term.function)
    return rf"\operatorname{{{escape_latex(term.function)}}}"


@tex.register
def _(term: Partial, setting: Setting) -> str:
    above, below = _differentials(term, setting)
    fraction = _fraction(above, below, setting)
    return fraction if isinstance(term.of, Symbol) else fraction + tex(term.of, setting)


def _differentials(term: Partial, setting: Setting) -> tuple[str, str]:
    d = r"\mathrm{d}" if term.total or setting.style.total else r"\partial"
    of = tex(term.of, setting) if isinstance(term.of, Symbol) else ""
    return glue([d, of]), glue([d, tex(term.by, setting)])


@tex.register
def _(term: Comparison, setting: Setting) -> str:
    return f"{tex(term.left, setting)} {_COMPARISONS[term.relation]} {tex(term.right, setting)}"


@tex.register
def _(term: Cases, setting: Setting) -> str:
    lines = []
    for value, condition in zip(term.values, term.conditions, strict=True):
        reason = "" if isinstance(condition, Words) else r"\text{if } "
        lines.append(f"{tex(value, setting)} & {reason}{tex(condition, setting)}")
    return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"


@tex.register
def _(term: Elided, setting: Setting) -> str:
    return _DOTS[term.dots]


@tex.register
def _(term: Matrix, setting: Setting) -> str:
    entries = [entry for row in term.rows for entry in row]
    stretch = _STRETCH[HIGH if any(map(set_large, entries)) else min(max(map(height, entries)), FRACTION)]
    rows = r" \\ ".join(" & ".join(_cell(entry, setting) for entry in row) for row in term.rows)
    return rf"\begin{{entries}}{stretch}{{{term.shape[1]}}} {rows} \end{{entries}}"


#: How far apart the rows of a matrix stand, by the height of its highest entry.
_STRETCH = ("", "[1.3]", "[1.45]", "[1.9]", "[2.6]")


def _cell(entry: Term, setting: Setting) -> str:
    size = r"\displaystyle " if set_large(entry) else ""
    return size + tex(entry, setting)


@tex.register
def _(term: Transposed, setting: Setting) -> str:
    return rf"{tex(term.term, setting)}^{{\mathsf{{T}}}}"


@tex.register
def _(term: Slot, setting: Setting) -> str:
    return term.mark


@tex.register
def _(term: Shape, setting: Setting) -> str:
    return rf"{term.rows} \times {term.columns}"


@tex.register
def _(term: Padded, setting: Setting) -> str:
    before, after = (_room(room) for room in (term.before, term.after))
    return before + tex(term.term, setting) + after


def _room(width: float) -> str:
    return rf"\hspace{{{width:.3g}em}}" if width else ""


@tex.register
def _(term: Continuation, setting: Setting) -> str:
    return f"{{}} {_OPERATORS[term.operator]} {tex(term.term, setting)}"


@tex.register
def _(term: Torn, setting: Setting) -> str:
    opens = "".join(bracket(kind, "l", term.term) for kind in term.opens)
    closes = "".join(bracket(kind, "r", term.term) for kind in term.closes)
    return opens + tex(term.term, setting) + closes


@tex.register
def _(term: Group, setting: Setting) -> str:
    return bracketed(tex(term.term, setting), term.bracket, (term.term,))


@tex.register
def _(term: Underbrace, setting: Setting) -> str:
    label = tex(term.label, replace(setting, label=True))
    return rf"\factor{{{tex(term.term, setting)}}}{{{label}}}"


@tex.register
def _(term: Words, setting: Setting) -> str:
    return rf"\text{{{escape_latex(term.text)}}}"


@tex.register
def _(term: Summation, setting: Setting) -> str:
    source = r"\sum"
    if term.lower is not None:
        source += f"_{{{tex(term.lower, setting)}}}"
    if term.upper is not None:
        source += f"^{argument(tex(term.upper, setting))}"
    return f"{source} {tex(term.term, setting)}"


@tex.register
def _(term: Result, setting: Setting) -> str:
    if term.width:
        return rf"\answer{_high(term.height)}{{{term.width:g}em}}{{{tex(term.term, setting)}}}"
    return rf"\result{{{tex(term.term, setting)}}}"


@tex.register
def _(term: Blank, setting: Setting) -> str:
    return rf"\blank{_high(term.height)}{{{term.width:g}em}}"


def _high(height: float) -> str:
    """Return the height of a gap in lines written by hand, where it is not one."""
    return "" if height == HAND else f"[{height / HAND:.3g}]"
