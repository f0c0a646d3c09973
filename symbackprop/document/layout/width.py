"""Predicted printed widths of formulas, so that lines break before an engine sees them.

The unit is the em of the text. The glyph widths are those of Computer Modern and its relatives
(Latin Modern, New Computer Modern), the wider of two engines where they differ: an estimate is
meant to err a little on the wide side and never much on the narrow one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from itertools import pairwise
from math import floor

from ...formulas.brackets import arrange
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
from ..blocks import Inline, Line, Math, MathStyle, Reference, Room, Text
from .glyphs import (
    DIGIT,
    DISPLAY,
    ITALIC,
    MARK,
    MINUS,
    SCALE,
    SCRIPT_SPACE,
    SCRIPTSCRIPT,
    TEXT,
    UPRIGHT,
    WORD_SCALE,
    begins_with_word,
    ends_with_word,
    name_width,
    runs_width,
    script,
    text_width,
)
from .heights import BRACKETS, FRACTION, bracket_width, height, matrix_bracket_width, set_large

THIN = 0.1667  # before and after a sum sign
MEDIUM = 0.2223  # beside an operator between terms
THICK = 0.2778  # beside a relation
RULE_PADDING = 0.24  # what a fraction adds to its wider part
CASES_PADDING = 1.2  # the brace of a definition by cases
RESULT_PADDING = 0.65  # what the box of a result adds
FRAME = 0.28  # what the frame of a gap adds, with the clearance on both sides

COLUMN_GAP = 0.95  # between the columns of a matrix
_DOTS = {"across": 1.2, "down": 0.3, "diagonal": 1.3}

_OPERATORS = {
    "plus": MINUS,
    "minus": MINUS,
    "+": MINUS,
    "-": MINUS,
    "times": MINUS,
    "dot": MARK,
    "star": 0.5,
    "hadamard": MINUS,
}
_RELATIONS = {"=": 0.778, "approx": 0.778, "from": 1.0, "to": 1.0}
_AROUND = {"sqrt": 0.84, "abs": 0.557, "floor": 0.888}  # functions that are signs around their argument


def width(term: Term, style: MathStyle) -> float:
    """Return the predicted printed width, in em, of an arranged term in a displayed line."""
    return _width(term, style, DISPLAY)


def line_width(line: Line, style: MathStyle) -> float:
    """Return the predicted width, in em, of a line of text with its formulas."""
    return sum(_inline_width(item, style) for item in line)


def _inline_width(item: Inline, style: MathStyle) -> float:
    match item:
        case Text(text):
            return text_width(text)
        case Math(Partial(of=Symbol() as of, by=by)):  # side by side, with a slash
            return _width(of, style, TEXT) + _width(by, style, TEXT) + 1.8
        case Math(term):
            return width(arrange(term, style.number_sign), style)
        case Reference():
            return 2.0
        case Room(digits):
            return text_width(digits)


def relation_width(relation: str) -> float:
    """Return the width, in em, that a relation takes with the space on both of its sides."""
    if not relation:
        return 0.0
    return _RELATIONS[relation] + 2 * THICK if relation in _RELATIONS else operator_width(relation)


def operator_width(operator: str) -> float:
    """Return the width, in em, of an operator between two terms of a displayed line."""
    return _OPERATORS[operator] + 2 * MEDIUM if operator else 0.0


def gap_width(sign: str, before: Term, after: Term, style: MathStyle) -> float:
    """Return the width, in em, of the gap between two factors: a sign with its space, or hardly any."""
    return operator_width(sign) if sign else _apart(before, after, style, DISPLAY)


def left_width(lefts: Iterable[Term | None], style: MathStyle) -> float:
    """Return the common width of the left sides of a derivation, in em."""
    return max(
        (width(arrange(left, style.number_sign), style) for left in lefts if left is not None), default=0.0
    )


@singledispatch
def _width(term: Term, style: MathStyle, size: int) -> float:
    """Return the width of a term set in one of the four styles."""
    raise NotImplementedError(f"no width is known for {type(term).__name__}")


def _apart(before: Term, after: Term, style: MathStyle, size: int) -> float:
    """Return the space between two factors that stand side by side without a sign."""
    if size > TEXT:
        return 0.0
    if isinstance(before, Matrix) or isinstance(after, Matrix):
        return THIN
    return THIN if _is_spelled(after, style) or begins_with_word(after) or ends_with_word(before) else 0.0


def _is_spelled(term: Term, style: MathStyle) -> bool:
    """Whether a term begins with the name of a function, as in tanh z, or with a sum sign."""
    if isinstance(term, Call) and term.name is None and len(term.function) > 1:
        return term.function not in _AROUND and (term.function != "exp" or style.exp == "call")
    return isinstance(term, Summation)


def _between(operator: str, size: int) -> float:
    if not operator:
        return 0.0
    return _OPERATORS[operator] * SCALE[size] + (2 * MEDIUM if size <= TEXT else 0.0)


@_width.register
def _(term: Symbol, style: MathStyle, size: int) -> float:
    return name_width(term.name, size)


@_width.register
def _(term: Number, style: MathStyle, size: int) -> float:
    marks = sum(letter in ".," for letter in term.text)
    digits = len(term.text) - marks - term.negative
    total = (DIGIT * digits + MARK * marks + MINUS * term.negative) * SCALE[size]
    if term.exponent is None:
        return total
    power = str(term.exponent)
    exponent = DIGIT * len(power) + (MINUS - DIGIT) * power.startswith("-")
    return (
        total
        + _between(style.number_sign, size)
        + 2 * DIGIT * SCALE[size]
        + exponent * SCALE[script(size)]
        + SCRIPT_SPACE
    )


@_width.register
def _(term: Sum, style: MathStyle, size: int) -> float:
    total = _width(term.terms[0], style, size)
    for item in term.terms[1:]:
        inner = item.term if isinstance(item, Negation) else item
        total += _between("plus", size) + _width(inner, style, size)
    return total


@_width.register
def _(term: Product, style: MathStyle, size: int) -> float:
    signs = term.sign if isinstance(term.sign, tuple) else (term.sign,) * (len(term.factors) - 1)
    total = _width(term.factors[0], style, size)
    for sign, (before, item) in zip(signs, pairwise(term.factors), strict=True):
        total += _between(sign, size) if sign else _apart(before, item, style, size)
        total += _width(item, style, size)
    return total


@_width.register
def _(term: Negation, style: MathStyle, size: int) -> float:
    lead = THIN if size <= TEXT and _is_spelled(term.term, style) else 0.0
    return MINUS * SCALE[size] + lead + _width(term.term, style, size)


@_width.register
def _(term: Fraction, style: MathStyle, size: int) -> float:
    if term.inline:
        slash = DIGIT * SCALE[size]
        return _width(term.numerator, style, size) + slash + _width(term.denominator, style, size)
    part = min(size + 1, SCRIPTSCRIPT)
    parts = _width(term.numerator, style, part), _width(term.denominator, style, part)
    return max(parts) + RULE_PADDING


@_width.register
def _(term: Power, style: MathStyle, size: int) -> float:
    exponent = _width(term.exponent, style, script(size)) + SCRIPT_SPACE
    if isinstance(term.base, Symbol):  # the exponent stands above the subscript
        return name_width(term.base.name, size, exponent)
    return _width(term.base, style, size) + exponent


@_width.register
def _(term: Call, style: MathStyle, size: int) -> float:
    inside = sum(_width(item, style, size) for item in term.arguments)
    if term.function == "exp" and term.name is None and style.exp == "power":
        small = script(size)
        inside = sum(_width(item, style, small) for item in term.arguments)
        return ITALIC["e"] * SCALE[size] + inside + SCRIPT_SPACE
    if term.name is None and term.function in _AROUND:
        return inside + _AROUND[term.function] * SCALE[size]
    name = name_width(term.name, size) if term.name else runs_width(term.function, size)
    tallest = max((height(item) for item in term.arguments), default=0)
    commas = (MARK * SCALE[size] + THIN) * (len(term.arguments) - 1)
    return name + inside + commas + 2 * BRACKETS["round"][tallest] * SCALE[size]


@_width.register
def _(term: Partial, style: MathStyle, size: int) -> float:
    part = min(size + 1, SCRIPTSCRIPT)
    mark = (UPRIGHT["d"] if term.total or style.total else 0.594) * SCALE[part]
    below = mark + _width(term.by, style, part)
    if isinstance(term.of, Symbol):
        return max(mark + _width(term.of, style, part), below) + RULE_PADDING
    return below + RULE_PADDING + _width(term.of, style, size)


@_width.register
def _(term: Group, style: MathStyle, size: int) -> float:
    bracket = BRACKETS[term.bracket][height(term.term) if size == DISPLAY else 0]
    return 2 * bracket * SCALE[size] + _width(term.term, style, size)


@_width.register
def _(term: Torn, style: MathStyle, size: int) -> float:
    brackets = sum(bracket_width(bracket, term.term) for bracket in (*term.opens, *term.closes))
    return brackets * SCALE[size] + _width(term.term, style, size)


@_width.register
def _(term: Underbrace, style: MathStyle, size: int) -> float:
    # fractions below a brace are kept legible
    label = TEXT if height(term.label) >= FRACTION else script(size)
    return max(_brace_width(_width(term.term, style, size)), _width(term.label, style, label))


def _brace_width(covered: float) -> float:
    """Return the width of the brace under a term: short ones come in steps of half an em."""
    if covered > 4.03:
        return covered
    return max(1.72, 0.53 + 0.5 * floor((covered + 0.03) / 0.5))


@_width.register
def _(term: Words, style: MathStyle, size: int) -> float:
    return text_width(term.text) * WORD_SCALE[size]


@_width.register
def _(term: Summation, style: MathStyle, size: int) -> float:
    small = script(size)
    bounds = [_width(bound, style, small) for bound in (term.lower, term.upper) if bound is not None]
    widest = max(bounds, default=0.0)
    sign = max(1.45, widest) if size == DISPLAY else (1.06 * SCALE[size] + widest)
    return sign + THIN + _width(term.term, style, size)


@_width.register
def _(term: Comparison, style: MathStyle, size: int) -> float:
    spaces = 2 * THICK if size <= TEXT else 0.0
    relation = _RELATIONS["="] * SCALE[size] + spaces
    return _width(term.left, style, size) + relation + _width(term.right, style, size)


@_width.register
def _(term: Cases, style: MathStyle, size: int) -> float:
    values = max(_width(value, style, TEXT) for value in term.values)
    conditions = max(
        _width(condition, style, TEXT) + (0.0 if isinstance(condition, Words) else text_width("if "))
        for condition in term.conditions
    )
    return CASES_PADDING + values + 1.0 + conditions


@_width.register
def _(term: Result, style: MathStyle, size: int) -> float:
    if term.width:  # what fills a gap is set so that it fits
        return term.width + FRAME
    return _width(term.term, style, size) + RESULT_PADDING


@_width.register
def _(term: Blank, style: MathStyle, size: int) -> float:
    return term.width + FRAME


@_width.register
def _(term: Slot, style: MathStyle, size: int) -> float:
    return 0.0  # it stands in a box of a known width


@_width.register
def _(term: Elided, style: MathStyle, size: int) -> float:
    return _DOTS[term.dots] * SCALE[size]


@_width.register
def _(term: Continuation, style: MathStyle, size: int) -> float:
    return _between(term.operator, size) + _width(term.term, style, size)


@_width.register
def _(term: Matrix, style: MathStyle, size: int) -> float:
    columns = zip(*term.rows, strict=True)
    inner = max(size, TEXT)
    entries = sum(
        max(_width(entry, style, DISPLAY if set_large(entry) else inner) for entry in column)
        for column in columns
    )
    gaps = COLUMN_GAP * (term.shape[1] - 1)
    return 2 * matrix_bracket_width(term) * SCALE[size] + gaps + entries


@_width.register
def _(term: Transposed, style: MathStyle, size: int) -> float:
    mark = 0.74 * SCALE[script(size)] + SCRIPT_SPACE
    if isinstance(term.term, Symbol):  # the mark stands above the subscript
        return name_width(term.term.name, size, mark)
    return _width(term.term, style, size) + mark


@_width.register
def _(term: Shape, style: MathStyle, size: int) -> float:
    digits = len(f"{term.rows}{term.columns}")
    return DIGIT * digits * SCALE[size] + _between("times", size)


@_width.register
def _(term: Padded, style: MathStyle, size: int) -> float:
    return (term.before + term.after) + _width(term.term, style, size)
