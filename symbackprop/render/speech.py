"""Formulas as a teacher reads them aloud: plain English that says where everything ends.

A formula heard must be as certain as a formula seen. So brackets are spoken, a fraction that is more
than one thing over another has a beginning and an end, and so have roots and long exponents.
"""

from __future__ import annotations

from functools import lru_cache, singledispatch

from ..document.blocks import MathStyle, Row
from ..formulas.brackets import arrange
from ..formulas.names import Name, runs
from ..formulas.terms import (
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

_OPERATORS = {
    "": "times",
    "dot": "times",
    "times": "times",
    "star": "times",
    "hadamard": "times entry by entry",
    "plus": "plus",
    "minus": "minus",
}
_RELATIONS = {
    "": "",
    "=": "equals",
    "approx": "is approximately",
    "from": "becomes",
    "to": "goes to",
    "+": "plus",
    "-": "minus",
    "times": "times",
    "dot": "times",
    "star": "times",
    "hadamard": "times entry by entry",
}
_COMPARISONS = {
    "greater": "is greater than",
    "greater_equal": "is greater than or equal to",
    "less": "is less than",
    "less_equal": "is less than or equal to",
    "equal": "equals",
}
_BRACKETS = {
    "round": ("open bracket", "close bracket"),
    "square": ("open square bracket", "close square bracket"),
}
_SIGNS = {"+": "plus", "-": "minus", "*": "star", "(": "open bracket", ")": "close bracket", ",": "comma"}
_PRIMES = {1: "prime", 2: "double prime", 3: "triple prime"}
_FUNCTIONS = {"ln": "natural log", "abs": "absolute value", "max": "maximum", "min": "minimum"}
_POWERS = {"2": "squared", "3": "cubed"}


def speak(term: Term, style: MathStyle = MathStyle()) -> str:
    """Return the English words for a formula, brackets as they are printed."""
    return _speak(arrange(term, style.number_sign), style).rstrip(",")


def speak_row(row: Row, style: MathStyle = MathStyle()) -> str:
    """Return the English words for a line of a derivation."""
    parts = [speak(row.left, style)] if row.left is not None else []
    for relation, term in row.chain:
        parts += [_RELATIONS[relation], speak(term, style)]
    return _sentence(*parts)


@lru_cache(maxsize=4096)
def speak_name(name: Name) -> str:
    """Return the English words for a name: "y hat 1", "z prime 1", "w 5 superscript new"."""
    parts = [
        "bold" if name.bold else "",
        _piece(name.base),
        name.accent,
        _PRIMES.get(name.primes, f"{name.primes} primes" if name.primes else ""),
    ]
    parts += [_piece(piece) for piece in name.sub]
    if name.sup:
        parts += ["superscript", *map(_raised, name.sup)]
    return _sentence(*parts)


def _raised(piece: str) -> str:
    """Return the words for a superscript; "(2)" is 2 in brackets."""
    if piece.startswith("(") and piece.endswith(")") and not set(piece[1:-1]) & set("()"):
        return f"{_piece(piece[1:-1])} in brackets"
    return _piece(piece)


def _piece(piece: str) -> str:
    words = []
    for kind, text in runs(piece):
        if kind == "sign":
            words += [_SIGNS.get(sign, sign) for sign in text]
        elif kind == "greek" and text[0].isupper():
            words.append(f"capital {text.lower()}")
        else:
            words.append(text)
    return _sentence(*words)


def _sentence(*parts: str) -> str:
    return " ".join(" ".join(parts).split()).replace(" ,", ",")


def _simple(term: Term) -> bool:
    """Whether a term is one thing, so that its end is heard."""
    match term:
        case Symbol() | Blank() | Words() | Slot():
            return True
        case Number():
            return term.exponent is None and "/" not in term.text
        case Negation(inner) | Result(inner):
            return _simple(inner)
        case _:
            return False


# --- one function per kind of term ---------------------------------------------------------------


@singledispatch
def _speak(term: Term, style: MathStyle) -> str:
    """Return the words for an arranged term."""
    raise NotImplementedError(f"no words for {type(term).__name__}")


@_speak.register
def _(term: Symbol, style: MathStyle) -> str:
    return speak_name(term.name)


@_speak.register
def _(term: Number, style: MathStyle) -> str:
    text = term.magnitude.text.replace("/", " over ")
    sign = "minus " if term.negative else ""
    if term.exponent is None:
        return sign + text
    minus = "minus " if term.exponent < 0 else ""
    return f"{sign}{text} times 10 to the {minus}{abs(term.exponent)}"


@_speak.register
def _(term: Words, style: MathStyle) -> str:
    return _sentence(term.text)


@_speak.register
def _(term: Sum, style: MathStyle) -> str:
    first, *rest = term.terms
    parts = [_speak(first, style)]
    for item in rest:
        match item:
            case Negation(inner):
                parts += ["minus", _speak(inner, style)]
            case _:
                parts += ["plus", _speak(item, style)]
    return _sentence(*parts)


@_speak.register
def _(term: Negation, style: MathStyle) -> str:
    return f"minus {_speak(term.term, style)}"


@_speak.register
def _(term: Product, style: MathStyle) -> str:
    first, *rest = term.factors
    parts, worded = [_speak(first, style)], isinstance(first, Words)
    signs = term.sign if isinstance(term.sign, tuple) else (term.sign,) * len(rest)
    for sign, factor in zip(signs, rest, strict=True):
        parts += ["" if worded or isinstance(factor, Words) else _OPERATORS[sign], _speak(factor, style)]
        worded = isinstance(factor, Words)
    return _sentence(*parts)


@_speak.register
def _(term: Fraction, style: MathStyle) -> str:
    text = f"{_speak(term.numerator, style)} over {_speak(term.denominator, style)}"
    if _simple(term.numerator) and _simple(term.denominator):
        return text
    return f"fraction {text}, end fraction"


@_speak.register
def _(term: Power, style: MathStyle) -> str:
    base = _speak(term.base, style)
    match term.exponent:
        case Number(text, None) if text in _POWERS:
            return f"{base} {_POWERS[text]}"
        case _:
            return _raise(base, term.exponent, style)


def _raise(base: str, exponent: Term, style: MathStyle) -> str:
    """Return the words for a power; one that does not end by itself has an end."""
    text = f"{base} to the {_speak(exponent, style)}"
    return text if _simple(exponent) else f"{text}, end exponent"


@_speak.register
def _(term: Call, style: MathStyle) -> str:
    inside = " comma ".join(_speak(argument, style) for argument in term.arguments)
    simple = len(term.arguments) == 1 and _simple(term.arguments[0])
    if term.name is None:
        match term.function:
            case "exp" if style.exp == "power":
                return _raise("e", term.arguments[0], style)
            case "sqrt":
                return f"square root of {inside}" + ("" if simple else ", end root")
    name = speak_name(term.name) if term.name else _FUNCTIONS.get(term.function, term.function)
    return f"{name} of {inside}" if simple else f"{name} of open bracket {inside} close bracket"


@_speak.register
def _(term: Partial, style: MathStyle) -> str:
    mark = "d" if term.total or style.total else "partial"
    by = f"over {mark} {_speak(term.by, style)}"
    match term.of:
        case Symbol():
            return f"{mark} {_speak(term.of, style)} {by}"
        case _:
            return f"{mark} {by} of {_speak(term.of, style)}"


@_speak.register
def _(term: Group, style: MathStyle) -> str:
    opening, closing = _BRACKETS[term.bracket]
    return f"{opening} {_speak(term.term, style)} {closing}"


@_speak.register
def _(term: Torn, style: MathStyle) -> str:
    opens = [_BRACKETS[bracket][0] for bracket in term.opens]
    closes = [_BRACKETS[bracket][1] for bracket in term.closes]
    return _sentence(*opens, _speak(term.term, style), *closes)


@_speak.register
def _(term: Underbrace, style: MathStyle) -> str:
    return f"{_speak(term.term, style)}, labelled {_speak(term.label, style)},"


@_speak.register
def _(term: Summation, style: MathStyle) -> str:
    lower = _speak(term.lower, style) if term.lower is not None else ""
    upper = _speak(term.upper, style) if term.upper is not None else ""
    bounds = f"from {lower} to {upper}" if lower and upper else f"over {lower}" if lower else ""
    return _sentence("the sum", bounds, "of", _speak(term.term, style))


@_speak.register
def _(term: Comparison, style: MathStyle) -> str:
    return _sentence(_speak(term.left, style), _COMPARISONS[term.relation], _speak(term.right, style))


@_speak.register
def _(term: Cases, style: MathStyle) -> str:
    cases = []
    for value, condition in zip(term.values, term.conditions, strict=True):
        reason = "" if isinstance(condition, Words) else "if "
        cases.append(f"{_speak(value, style)} {reason}{_speak(condition, style)}")
    return f"by cases: {'; '.join(cases)}; end of cases"


@_speak.register
def _(term: Result, style: MathStyle) -> str:
    return _speak(term.term, style)


@_speak.register
def _(term: Blank, style: MathStyle) -> str:
    return "blank"


@_speak.register
def _(term: Elided, style: MathStyle) -> str:
    return "and so on"


@_speak.register
def _(term: Matrix, style: MathStyle) -> str:
    rows, columns = term.shape
    if columns == 1 or rows == 1:
        kind = "column vector" if columns == 1 else "row vector"
        entries = "; ".join(_speak(entry, style) for row in term.rows for entry in row)
        return f"{kind} {entries}; end of vector"
    spoken = (
        f"row {number}: {', '.join(_speak(entry, style) for entry in row)}"
        for number, row in enumerate(term.rows, start=1)
    )
    return f"matrix of {rows} rows and {columns} columns, {'; '.join(spoken)}; end of matrix"


@_speak.register
def _(term: Transposed, style: MathStyle) -> str:
    return f"{_speak(term.term, style)} transposed"


@_speak.register
def _(term: Slot, style: MathStyle) -> str:
    return f"say{term.mark}"


@_speak.register
def _(term: Shape, style: MathStyle) -> str:
    return f"{term.rows} by {term.columns}"


@_speak.register
def _(term: Padded, style: MathStyle) -> str:
    return _speak(term.term, style)


@_speak.register
def _(term: Continuation, style: MathStyle) -> str:
    return f"{_OPERATORS[term.operator]} {_speak(term.term, style)}"
