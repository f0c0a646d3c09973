"""Formulas in Typst's math markup, one function per kind of term.

The markup uses Typst's own words plus the few that `look.typ.j2` defines: `result`, `blank` and
`mark` (the decimal comma).
"""

from __future__ import annotations

import re
from functools import singledispatch

from ...document.blocks import MathStyle
from ...document.layout.heights import set_large
from ...formulas.brackets import arrange
from ...formulas.names import GREEK, Name
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
    children,
    walk,
)
from .names import piece, side_by_side, typst_name
from .source import Typst, typst_string

SIGNS = {
    "": "",
    "dot": "dot.op",
    "times": "times",
    "star": "ast.op",
    "hadamard": "dot.o",
    "plus": "+",
    "minus": "-",
}
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DOTS = {"across": "dots.h.c", "down": "dots.v", "diagonal": "dots.down"}
COMPARISONS = {"greater": ">", "greater_equal": "gt.eq", "less": "<", "less_equal": "lt.eq", "equal": "="}
RELATIONS = {"=": "=", "approx": "approx", "from": "arrow.l", "to": "arrow.r", "+": "+", "-": "-"} | SIGNS
_OPERATORS = frozenset(["exp", "ln", "log", "tanh", "sinh", "cosh", "sin", "cos", "tan", "max", "min"])
_NUMBER = re.compile(r"-?[0-9]+(?:[./][0-9]+)?")
#: How far a bracket reaches around a fraction in display style, when a brace below must not count.
_TALL = "2.45em"
_SHAPES = {"round": "paren", "square": "bracket"}


def typst_math(term: Term, style: MathStyle = MathStyle(), *, inline: bool = False) -> Typst:
    """Return a formula as math markup, without the dollar signs around it.

    Arguments:
        term: the formula as it is meant; its brackets are arranged here.
        style: the document's choices of notation.
        inline: for a line of text, where a derivative that stands alone takes a slash.
    """
    arranged = arrange(term, style.number_sign)
    match arranged:
        case Partial(of=Symbol()) if inline:
            return Typst(" \\/ ".join(_differentials(arranged, style)))
        case _:
            return Typst(_markup(arranged, style))


# --- one function per kind of term ---------------------------------------------------------------


@singledispatch
def _markup(term: Term, style: MathStyle) -> str:
    """Return the markup of an arranged term."""
    raise NotImplementedError(f"no Typst markup for {type(term).__name__}")


@_markup.register
def _(term: Symbol, style: MathStyle) -> str:
    return typst_name(term.name)


@_markup.register
def _(term: Number, style: MathStyle) -> str:
    if not _NUMBER.fullmatch(term.text):
        return typst_string(term.text)
    text = term.text.replace("/", "\\/")
    if style.decimal == ",":
        text = text.replace(".", "#mark;")
    return text if term.exponent is None else f"{text} {SIGNS[style.number_sign]} 10^({term.exponent})"


@_markup.register
def _(term: Words, style: MathStyle) -> str:
    return typst_string(term.text)


@_markup.register
def _(term: Sum, style: MathStyle) -> str:
    first, *rest = term.terms
    parts = [_markup(first, style)]
    for item in rest:
        match item:
            case Negation(inner):
                parts += ["-", _markup(inner, style)]
            case _:
                parts += ["+", _markup(item, style)]
    return side_by_side(parts)


@_markup.register
def _(term: Negation, style: MathStyle) -> str:
    return side_by_side(["-", _markup(term.term, style)])


@_markup.register
def _(term: Product, style: MathStyle) -> str:
    signs = term.sign if isinstance(term.sign, tuple) else (term.sign,) * (len(term.factors) - 1)
    first, *rest = term.factors
    parts, before = [_markup(first, style)], first
    for sign, factor in zip(signs, rest, strict=True):
        text = _markup(factor, style)
        parts += [SIGNS[sign] if sign else _gap(before, factor), text]
        before = factor
    return side_by_side(parts)


def _gap(before: Term, after: Term) -> str:
    """Return what parts two factors side by side: a space beside words, a thin one beside long names."""
    match before, after:
        case (Words(text), _) if text[-1:].strip():
            return '" "'
        case (_, Words(text)) if text[:1].strip():
            return '" "'
        case (Matrix(), _) | (_, Matrix()):
            return "thin"
        case (Symbol(name), _) if _long(name):
            return "thin"
        case (_, Symbol(name)) if _long(name):
            return "thin"
        case _:
            return ""


def _long(name: Name) -> bool:
    """Whether a name is a word, which must not run into its neighbour."""
    return len(name.base) > 1 and name.base not in GREEK


@_markup.register
def _(term: Fraction, style: MathStyle) -> str:
    if term.inline:
        return side_by_side([_markup(term.numerator, style), "\\/", _markup(term.denominator, style)])
    return f"frac({_kept_clear(term.numerator, style)}, {_kept_clear(term.denominator, style)})"


def _kept_clear(term: Term, style: MathStyle) -> str:
    """Return what stands beside a line: a gap in it, which has a frame, is kept off."""
    written = _markup(term, style)
    framed = any(isinstance(part, Blank) or (isinstance(part, Result) and part.width) for part in walk(term))
    return f"{written} apart" if framed else written


@_markup.register
def _(term: Power, style: MathStyle) -> str:
    return f"{_markup(term.base, style)}^({_markup(term.exponent, style)})"


@_markup.register
def _(term: Call, style: MathStyle) -> str:
    arguments = [_markup(argument, style) for argument in term.arguments]
    inside = "\\, ".join(arguments)
    if term.name is None:
        match term.function:
            case "exp" if style.exp == "power":
                return f"e^({inside})"
            case "sqrt":
                return f"sqrt({', '.join(_kept_clear(item, style) for item in term.arguments)})"
            case "abs" | "floor":
                return f"{term.function}({inside}, size: #100%)"
    name = _function(term)
    gap = "" if name.endswith('"') else " "  # after a word it would be printed
    return f"{name}{gap}{_bracketed('(', inside, ')', term.arguments)}"


def _function(term: Call) -> str:
    """Return the name of a function: the author's, a known operator, or a letter."""
    if term.name is not None:
        return typst_name(term.name)
    if term.function in _OPERATORS:
        return term.function
    name = piece(term.function)
    return f"op({name})" if name.startswith('"') else name


@_markup.register
def _(term: Partial, style: MathStyle) -> str:
    above, below = _differentials(term, style)
    fraction = f"frac({above}, {below})"
    return fraction if isinstance(term.of, Symbol) else side_by_side([fraction, _markup(term.of, style)])


def _differentials(term: Partial, style: MathStyle) -> tuple[str, str]:
    """Return what stands above and below the bar of a derivative."""
    sign = "dif" if term.total or style.total else "partial"
    of = _markup(term.of, style) if isinstance(term.of, Symbol) else ""
    return side_by_side([sign, of]), side_by_side([sign, _markup(term.by, style)])


@_markup.register
def _(term: Group, style: MathStyle) -> str:
    opening, closing = ("(", ")") if term.bracket == "round" else ("[", "]")
    return _bracketed(opening, _markup(term.term, style), closing, (term.term,))


def _bracketed(opening: str, inside: str, closing: str, terms: tuple[Term, ...]) -> str:
    """Return brackets as tall as what they hold, braces below it and their labels left out."""
    text = f"{opening}{inside}{closing}"
    if not any(map(tall, terms)):
        return text
    braced = any(isinstance(node, Underbrace) for term in terms for node in walk(term))
    return f"lr({text}, size: #{_TALL if braced else '100%'})"


@_markup.register
def _(term: Torn, style: MathStyle) -> str:
    grown = tall(term.term)
    opens = [_lone(f"{_SHAPES[bracket]}.l", grown) for bracket in term.opens]
    closes = [_lone(f"{_SHAPES[bracket]}.r", grown) for bracket in term.closes]
    return side_by_side([*opens, _markup(term.term, style), *closes])


def _lone(bracket: str, grown: bool) -> str:
    """Return a bracket whose partner is on another line."""
    return f"lr({bracket}, size: #{_TALL})" if grown else bracket


def tall(term: Term) -> bool:
    """Whether a term is taller than a line of text, labels of braces not counted."""
    match term:
        case Fraction(inline=False) | Partial() | Summation() | Cases() | Matrix():
            return True
        case Underbrace(inner):
            return tall(inner)
        case Power(base):
            return tall(base)
        case Blank():
            return True
        case Result(width=wide) if wide:
            return True
        case _:
            return any(tall(node) for node in children(term))


@_markup.register
def _(term: Underbrace, style: MathStyle) -> str:
    label = _markup(term.label, style)
    return f"underbrace({_markup(term.term, style)}, {f'inline({label})' if tall(term.label) else label})"


@_markup.register
def _(term: Summation, style: MathStyle) -> str:
    lower = f"_({_markup(term.lower, style)})" if term.lower is not None else ""
    upper = f"^({_markup(term.upper, style)})" if term.upper is not None else ""
    return side_by_side([f"sum{lower}{upper}", _markup(term.term, style)])


@_markup.register
def _(term: Comparison, style: MathStyle) -> str:
    return side_by_side([_markup(term.left, style), COMPARISONS[term.relation], _markup(term.right, style)])


@_markup.register
def _(term: Cases, style: MathStyle) -> str:
    rows = [
        f"{_markup(value, style)} & quad{_condition(condition, style)}"
        for value, condition in zip(term.values, term.conditions, strict=True)
    ]
    return f"cases({', '.join(rows)})"


def _condition(condition: Term, style: MathStyle) -> str:
    text = _markup(condition, style)
    return text if isinstance(condition, Words) else f'"if "{text}'


@_markup.register
def _(term: Result, style: MathStyle) -> str:
    if term.width:
        if term.scale != 1.0:
            size = f"size: #{term.scale:g}em, "
            return f"answer(#{term.width:g}, {_high(term.height)}{size}{_markup(term.term, style)})"
        return f"answer(#{term.width:g}, {_high(term.height)}{typst_answer(term.term, style)})"
    return f"result({_markup(term.term, style)})"


@_markup.register
def _(term: Blank, style: MathStyle) -> str:
    return (
        f"blank(#{term.width:g})"
        if term.height == HAND
        else f"blank(#{term.width:g}, high: #{term.height:g})"
    )


def typst_answer(term: Term, style: MathStyle) -> str:
    """Return what stands in the box of an answer: a plain number as a string, anything else as a formula."""
    text = plain_number(term, style)
    return _markup(term, style) if text is None else f"#{typst_string(text)}"


def plain_number(term: Term, style: MathStyle) -> str | None:
    """Return a number with nothing but digits, a point and a sign as text; None for any other term.

    As text it looks the same and takes a third of the time.
    """
    if not (isinstance(term, Number) and term.exponent is None and _DECIMAL.fullmatch(term.text)):
        return None
    return term.text.replace("-", "\N{MINUS SIGN}").replace(".", style.decimal)


def _high(height: float) -> str:
    return "" if height == HAND else f"high: #{height:g}, "


@_markup.register
def _(term: Elided, style: MathStyle) -> str:
    return _DOTS[term.dots]


@_markup.register
def _(term: Matrix, style: MathStyle) -> str:
    rows = (", ".join(_cell(entry, style) for entry in row) for row in term.rows)
    return f"entries({'; '.join(rows)};)"


def _cell(entry: Term, style: MathStyle) -> str:
    text = _markup(entry, style)
    return f"display({text})" if set_large(entry) else text


@_markup.register
def _(term: Transposed, style: MathStyle) -> str:
    return f"{_markup(term.term, style)}^upright(sans(T))"


@_markup.register
def _(term: Slot, style: MathStyle) -> str:
    return term.mark


@_markup.register
def _(term: Shape, style: MathStyle) -> str:
    return f"{term.rows} times {term.columns}"


@_markup.register
def _(term: Padded, style: MathStyle) -> str:
    return f"padded(#{term.before:.3g}, {_markup(term.term, style)}, #{term.after:.3g})"


@_markup.register
def _(term: Continuation, style: MathStyle) -> str:
    return side_by_side([f"nothing {SIGNS[term.operator]}", _markup(term.term, style)])
