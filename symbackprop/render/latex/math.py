"""Formulas as LaTeX source, node by node; brackets and signs are decided in `brackets`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import singledispatch

from ...brackets import arrange
from ...document.blocks import MathStyle
from ...names import Name, runs
from ...terms import (
    Blank,
    Call,
    Cases,
    Comparison,
    Continuation,
    Elided,
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Result,
    Sum,
    Summation,
    Symbol,
    Term,
    Torn,
    Underbrace,
    Words,
    children,
)
from .escape import Latex, escape_latex

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
    "": "",
}
_OPERATORS = {"plus": "+", "minus": "-", "times": r"\times", "dot": r"\cdot", "star": "*"}
_COMPARISONS = {"greater": ">", "greater_equal": r"\geq", "less": "<", "less_equal": r"\leq", "equal": "="}
_SIGNS = {"": " ", "dot": r" \cdot ", "times": r" \times ", "star": " * "}
_FUNCTIONS = frozenset(
    ["exp", "ln", "log", "lg", "sin", "cos", "tan", "sinh", "cosh", "tanh", "coth", "sec", "csc", "cot", "arcsin", "arccos", "arctan", "max", "min", "sup", "inf", "arg", "det", "dim", "gcd", "deg", "Pr"]
)
_BRACKETS = {"round": ("(", ")"), "square": ("[", "]")}
_SIZES = ("", "bigg", "Bigg")  # for terms without fractions, with fractions, with fractions in fractions
_WIDE_ACCENTS = {"hat": "widehat", "tilde": "widetilde", "bar": "overline", "dot": "dot"}


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


# --- names -----------------------------------------------------------------------------------


def latex_name(name: Name) -> Latex:
    """Return the LaTeX source of a name: letters italic, words upright, Greek letters as such."""
    source = r"\,".join(_piece(word) for word in name.base.split())
    if name.accent:
        wide = len(name.base) > 1 and runs(name.base)[0][0] != "greek"
        accent = _WIDE_ACCENTS[name.accent] if wide else name.accent
        source = f"\\{accent}{{{source}}}"
    sup = ",".join(map(_piece, name.sup))
    if name.primes:
        source += "^{" + r"\prime" * name.primes + sup + "}" if sup else "'" * name.primes
    if name.sub:
        source += "_" + _argument(",".join(map(_piece, name.sub)))
    if sup and not name.primes:
        source += "^" + _argument(sup)
    return Latex(source)


def _piece(text: str) -> str:
    return _glue(_RUNS[kind](run) for kind, run in runs(text))


_RUNS = {
    "letter": str,
    "digits": str,
    "greek": lambda run: f"\\{run}",
    "word": lambda run: rf"\mathrm{{{run}}}",
    "sign": lambda run: "".join(_sign(c) for c in run),
}


def _sign(c: str) -> str:
    if c == " ":
        return r"\,"
    return c if c in "()+-*,." else rf"\text{{{escape_latex(c)}}}"


def _argument(source: str) -> str:
    return source if len(source) == 1 else f"{{{source}}}"


_CONTROL_WORD = re.compile(r"\\[A-Za-z]+$")


def _glue(parts: Iterable[str]) -> str:
    """Put pieces side by side, with a space where a command would swallow the next letter."""
    source = ""
    for part in parts:
        gap = " " if part[:1].isalpha() and _CONTROL_WORD.search(source) else ""
        source += gap + part
    return source


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
    return f"{text} {sign} 10^{_argument(str(term.exponent))}"


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
    first, *rest = term.factors
    signs = (term.sign,) * len(rest) if isinstance(term.sign, str) else term.sign
    source = tex(first, setting)
    for sign, factor in zip(signs, rest, strict=True):
        source += _SIGNS[sign] + tex(factor, setting)
    return source


@tex.register
def _(term: Negation, setting: Setting) -> str:
    return f"-{tex(term.term, setting)}"


@tex.register
def _(term: Fraction, setting: Setting) -> str:
    above, below = tex(term.numerator, setting), tex(term.denominator, setting)
    return f"{above} / {below}" if term.inline else _fraction(above, below, setting)


def _fraction(above: str, below: str, setting: Setting) -> str:
    command = "tfrac" if setting.label else "frac"
    return f"\\{command}{{{above}}}{{{below}}}"


@tex.register
def _(term: Power, setting: Setting) -> str:
    return f"{tex(term.base, setting)}^{_argument(tex(term.exponent, setting))}"


@tex.register
def _(term: Call, setting: Setting) -> str:
    arguments = ", ".join(tex(item, setting) for item in term.arguments)
    if term.name is None and term.function == "exp" and setting.style.exp == "power":
        return f"e^{_argument(arguments)}"
    if term.name is None and term.function == "sqrt":
        return rf"\sqrt{{{arguments}}}"
    if term.name is None and term.function == "abs":
        return rf"\lvert {arguments} \rvert"
    brackets = _brackets(arguments, "round", term.arguments)
    gap = r"\!" if brackets.startswith(r"\left") else ""
    return _function(term) + gap + brackets


def _function(term: Call) -> str:
    if term.name is not None:
        return latex_name(term.name)
    if term.function in _FUNCTIONS:
        return f"\\{term.function}"
    if all(kind in ("letter", "greek") for kind, _ in runs(term.function)):
        return _piece(term.function)
    return rf"\operatorname{{{escape_latex(term.function)}}}"


@tex.register
def _(term: Partial, setting: Setting) -> str:
    above, below = _differentials(term, setting)
    fraction = _fraction(above, below, setting)
    return fraction if isinstance(term.of, Symbol) else fraction + tex(term.of, setting)


def _differentials(term: Partial, setting: Setting) -> tuple[str, str]:
    d = r"\mathrm{d}" if term.total else r"\partial"
    of = tex(term.of, setting) if isinstance(term.of, Symbol) else ""
    return _glue([d, of]), _glue([d, tex(term.by, setting)])


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
    return r"\cdots"


@tex.register
def _(term: Continuation, setting: Setting) -> str:
    return f"{{}} {_OPERATORS[term.operator]} {tex(term.term, setting)}"


@tex.register
def _(term: Torn, setting: Setting) -> str:
    size = _SIZES[min(_height(term.term), 2)]
    opens = "".join(_sized(size, "l", _BRACKETS[bracket][0]) for bracket in term.opens)
    closes = "".join(_sized(size, "r", _BRACKETS[bracket][1]) for bracket in term.closes)
    return opens + tex(term.term, setting) + closes


def _sized(size: str, side: str, bracket: str) -> str:
    return rf"\{size}{side}{bracket} " if size else bracket


@tex.register
def _(term: Group, setting: Setting) -> str:
    return _brackets(tex(term.term, setting), term.bracket, (term.term,))


def _brackets(inside: str, bracket: str, terms: tuple[Term, ...]) -> str:
    """Put brackets around source, as tall as its fractions are; labels below braces do not count."""
    left, right = _BRACKETS[bracket]
    height = max(map(_height, terms), default=0)
    if not height:
        return f"{left}{inside}{right}"
    if any(map(_braced, terms)):
        size = _SIZES[min(height, 2)]
        return f"{_sized(size, 'l', left)}{inside} {_sized(size, 'r', right)}"
    return rf"\left{left} {inside} \right{right}"


def _height(term: Term) -> int:
    """Return how many fractions or sum signs are stacked in a term."""
    own = (
        1
        if isinstance(term, Fraction | Partial | Summation | Cases) and not getattr(term, "inline", False)
        else 0
    )
    inner = (term.term,) if isinstance(term, Underbrace) else tuple(children(term))
    if isinstance(term, Partial):
        inner = () if isinstance(term.of, Symbol) else (term.of,)
    elif isinstance(term, Blank):
        inner = ()
    heights = max(map(_height, inner), default=0)
    return own + heights if isinstance(term, Fraction) else max(own, heights)


def _braced(term: Term) -> bool:
    return isinstance(term, Underbrace) or any(map(_braced, children(term)))


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
        source += f"^{_argument(tex(term.upper, setting))}"
    return f"{source} {tex(term.term, setting)}"


@tex.register
def _(term: Result, setting: Setting) -> str:
    return rf"\result{{{tex(term.term, setting)}}}"


@tex.register
def _(term: Blank, setting: Setting) -> str:
    return rf"\blank{{{term.width:g}em}}"
