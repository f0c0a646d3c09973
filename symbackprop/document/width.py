"""Predicted printed widths of formulas, so that lines break before an engine sees them.

The unit is the em of the text. The glyph widths are those of Computer Modern and its relatives
(Latin Modern, New Computer Modern), the wider of two engines where they differ: an estimate is
meant to err a little on the wide side and never much on the narrow one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch

from ..brackets import arrange
from ..names import Name, runs
from ..terms import (
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
from .blocks import MathStyle

# The four styles of a formula: a display, the parts of its fractions, scripts, scripts of scripts.
DISPLAY, TEXT, SCRIPT, SCRIPTSCRIPT = range(4)
_SCALE = (1.0, 1.0, 0.80, 0.70)  # small letters are set 0.7 and 0.5 high, but drawn wider
_WORD_SCALE = (1.0, 1.0, 0.76, 0.66)

MEDIUM = 0.2223  # beside an operator between terms
THICK = 0.2778  # beside a relation
SCRIPT_SPACE = 0.056  # after every script
RULE_PADDING = 0.24  # what a fraction adds to its wider part
CASES_PADDING = 1.2  # the brace of a definition by cases
RESULT_PADDING = 0.65  # what the box of a result adds
DIGIT, MARK, MINUS = 0.5, 0.278, 0.778


def _table(text: str) -> dict[str, float]:
    """Read "a:529 b:443" as widths in thousandths of an em."""
    return {key: int(size) / 1000 for key, _, size in (item.rpartition(":") for item in text.split())}


_ITALIC = _table(
    "a:529 b:443 c:433 d:544 e:466 f:597 g:513 h:576 i:345 j:469 k:552 l:318 m:878 n:600 o:497 p:518 "
    "q:482 r:479 s:469 t:361 u:572 v:521 w:743 x:572 y:526 z:509 A:750 B:809 C:788 D:856 E:796 F:782 "
    "G:786 H:912 I:525 J:661 K:921 L:681 M:1079 N:912 O:791 P:782 Q:791 R:783 S:673 T:732 U:792 V:806 "
    "W:1083 X:907 Y:803 Z:754 alpha:643 beta:618 gamma:573 delta:482 epsilon:466 zeta:511 eta:532 "
    "theta:497 iota:354 kappa:576 lambda:583 mu:603 nu:558 xi:484 pi:606 rho:530 sigma:607 tau:550 "
    "upsilon:576 phi:654 chi:626 psi:687 omega:658 Gamma:625 Delta:833 Theta:778 Lambda:694 Xi:667 "
    "Pi:750 Sigma:722 Upsilon:778 Phi:722 Psi:778 Omega:722"
)
_UPRIGHT = _table(
    "a:511 b:556 c:444 d:556 e:444 f:385 g:513 h:563 i:278 j:306 k:539 l:283 m:841 n:563 o:500 p:556 "
    "q:555 r:392 s:394 t:389 u:563 v:536 w:731 x:544 y:536 z:444 A:750 B:708 C:722 D:764 E:681 F:653 "
    "G:785 H:750 I:361 J:514 K:778 L:625 M:917 N:750 O:778 P:681 Q:778 R:760 S:556 T:722 U:750 V:758 "
    "W:1037 X:754 Y:766 Z:611 .:278 ,:278 ;:278 ::278 -:333 (:389 ):389 [:278 ]:278 /:500 ':278 !:278 +:778 *:500 "
    "=:778"
) | {" ": 0.334}
_SIGNS = {"-": MINUS, "+": MINUS, "(": 0.389, ")": 0.389, "*": 0.5, ",": MARK, " ": 0.25}
_OPERATORS = {"plus": MINUS, "minus": MINUS, "+": MINUS, "-": MINUS, "times": MINUS, "dot": MARK, "star": 0.5}
_RELATIONS = {"=": 0.778, "approx": 0.778, "from": 1.0, "to": 1.0}
_BRACKETS = {"round": (0.389, 0.675, 0.88), "square": (0.283, 0.53, 0.64)}  # by the height of what is inside
_AROUND = {"sqrt": 0.84, "abs": 0.557}  # functions that are signs around their argument


def width(term: Term, style: MathStyle) -> float:
    """Return the predicted printed width, in em, of an arranged term in a displayed line."""
    return _width(term, style, DISPLAY)


def text_width(text: str) -> float:
    """Return the predicted width, in em, of upright text set at the size of its surroundings."""
    return sum(_UPRIGHT.get(letter, DIGIT) for letter in text)


def relation_width(relation: str) -> float:
    """Return the width, in em, that a relation takes with the space on both of its sides."""
    if not relation:
        return 0.0
    return _RELATIONS[relation] + 2 * THICK if relation in _RELATIONS else operator_width(relation)


def operator_width(operator: str) -> float:
    """Return the width, in em, of an operator between two terms of a displayed line."""
    return _OPERATORS[operator] + 2 * MEDIUM if operator else 0.0


def bracket_width(bracket: str, content: Term) -> float:
    """Return the width, in em, of one bracket around arranged content in a displayed line."""
    return _BRACKETS[bracket][_height(content)]


def left_width(lefts: Iterable[Term | None], style: MathStyle) -> float:
    """Return the common width of the left sides of a derivation, in em."""
    return max(
        (width(arrange(left, style.number_sign), style) for left in lefts if left is not None), default=0.0
    )


@singledispatch
def _width(term: Term, style: MathStyle, size: int) -> float:
    """Return the width of a term set in one of the four styles."""
    raise NotImplementedError(f"no width is known for {type(term).__name__}")


def _height(term: Term) -> int:
    """Return 0 for a term as high as a line of text, 1 for a fraction, 2 for anything higher."""
    if isinstance(term, Summation):
        return 2
    if isinstance(term, Partial):
        return max(1, 0 if isinstance(term.of, Symbol) else _height(term.of))
    inner = max(map(_height, _beside(term)), default=0)
    if isinstance(term, Cases) or (isinstance(term, Fraction) and not term.inline):
        return min(inner + 1, 2)
    return inner


def _beside(term: Term) -> Iterator[Term]:
    """Yield the sub-terms that stand on the line of a term or make it higher."""
    if isinstance(term, Underbrace):  # its label hangs below the brackets around it
        return iter((term.term,))
    return iter(()) if isinstance(term, Blank | Symbol | Number | Elided) else children(term)


def _between(operator: str, size: int) -> float:
    if not operator:
        return 0.0
    return _OPERATORS[operator] * _SCALE[size] + (2 * MEDIUM if size <= TEXT else 0.0)


def _script(size: int) -> int:
    return min(max(size, TEXT) + 1, SCRIPTSCRIPT)


def _runs_width(text: str, size: int) -> float:
    total = 0.0
    for kind, run in runs(text):
        if kind == "digits":
            total += DIGIT * len(run) * _SCALE[size]
        elif kind == "sign":
            total += sum(_SIGNS.get(sign, DIGIT) for sign in run) * _SCALE[size]
        elif kind == "word":
            total += text_width(run) * _WORD_SCALE[size]
        else:
            total += _ITALIC[run] * _SCALE[size]
    return total


def _scripts_width(pieces: tuple[str, ...], size: int) -> float:
    if not pieces:
        return 0.0
    comma = MARK * _SCALE[size] * (len(pieces) - 1)
    return sum(_runs_width(piece, size) for piece in pieces) + comma + SCRIPT_SPACE


def _name_width(name: Name, size: int, above: float = 0.0) -> float:
    """Return the width of a name with what is set `above` besides its own superscripts."""
    script = _script(size)
    above += _scripts_width(name.sup, script) + 0.28 * name.primes * _SCALE[size]
    return _runs_width(name.base, size) + max(_scripts_width(name.sub, script), above)


@_width.register
def _(term: Symbol, style: MathStyle, size: int) -> float:
    return _name_width(term.name, size)


@_width.register
def _(term: Number, style: MathStyle, size: int) -> float:
    marks = sum(letter in ".," for letter in term.text)
    digits = len(term.text) - marks - term.negative
    total = (DIGIT * digits + MARK * marks + MINUS * term.negative) * _SCALE[size]
    if term.exponent is None:
        return total
    power = str(term.exponent)
    exponent = DIGIT * len(power) + (MINUS - DIGIT) * power.startswith("-")
    return total + _between("times", size) + 2 * DIGIT * _SCALE[size] + exponent * _SCALE[_script(size)] + SCRIPT_SPACE


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
    return sum(_width(item, style, size) for item in term.factors) + sum(_between(sign, size) for sign in signs)


@_width.register
def _(term: Negation, style: MathStyle, size: int) -> float:
    return MINUS * _SCALE[size] + _width(term.term, style, size)


@_width.register
def _(term: Fraction, style: MathStyle, size: int) -> float:
    if term.inline:
        slash = DIGIT * _SCALE[size]
        return _width(term.numerator, style, size) + slash + _width(term.denominator, style, size)
    part = min(size + 1, SCRIPTSCRIPT)
    parts = _width(term.numerator, style, part), _width(term.denominator, style, part)
    return max(parts) + RULE_PADDING


@_width.register
def _(term: Power, style: MathStyle, size: int) -> float:
    exponent = _width(term.exponent, style, _script(size)) + SCRIPT_SPACE
    if isinstance(term.base, Symbol):  # the exponent stands above the subscript
        return _name_width(term.base.name, size, exponent)
    return _width(term.base, style, size) + exponent


@_width.register
def _(term: Call, style: MathStyle, size: int) -> float:
    inside = sum(_width(item, style, size) for item in term.arguments)
    if term.function == "exp" and term.name is None and style.exp == "power":
        script = _script(size)
        inside = sum(_width(item, style, script) for item in term.arguments)
        return _ITALIC["e"] * _SCALE[size] + inside + SCRIPT_SPACE
    if term.name is None and term.function in _AROUND:
        return inside + _AROUND[term.function] * _SCALE[size]
    name = _name_width(term.name, size) if term.name else _runs_width(term.function, size)
    tallest = max((_height(item) for item in term.arguments), default=0)
    commas = (MARK * _SCALE[size] + 0.167) * (len(term.arguments) - 1)
    return name + inside + commas + 2 * _BRACKETS["round"][tallest] * _SCALE[size]


@_width.register
def _(term: Partial, style: MathStyle, size: int) -> float:
    part = min(size + 1, SCRIPTSCRIPT)
    mark = (_UPRIGHT["d"] if term.total else 0.594) * _SCALE[part]
    below = mark + _width(term.by, style, part)
    if isinstance(term.of, Symbol):
        return max(mark + _width(term.of, style, part), below) + RULE_PADDING
    return below + RULE_PADDING + _width(term.of, style, size)


@_width.register
def _(term: Group, style: MathStyle, size: int) -> float:
    bracket = _BRACKETS[term.bracket][_height(term.term) if size == DISPLAY else 0]
    return 2 * bracket * _SCALE[size] + _width(term.term, style, size)


@_width.register
def _(term: Torn, style: MathStyle, size: int) -> float:
    brackets = sum(bracket_width(bracket, term.term) for bracket in (*term.opens, *term.closes))
    return brackets * _SCALE[size] + _width(term.term, style, size)


@_width.register
def _(term: Underbrace, style: MathStyle, size: int) -> float:
    label = TEXT if _height(term.label) else _script(size)  # fractions below a brace are kept legible
    return max(_width(term.term, style, size) + 0.1, _width(term.label, style, label))


@_width.register
def _(term: Words, style: MathStyle, size: int) -> float:
    return text_width(term.text) * _WORD_SCALE[size]


@_width.register
def _(term: Summation, style: MathStyle, size: int) -> float:
    script = _script(size)
    bounds = [_width(bound, style, script) for bound in (term.lower, term.upper) if bound is not None]
    widest = max(bounds, default=0.0)
    sign = max(1.45, widest) if size == DISPLAY else (1.06 * _SCALE[size] + widest)
    return sign + 0.17 + _width(term.term, style, size)


@_width.register
def _(term: Comparison, style: MathStyle, size: int) -> float:
    spaces = 2 * THICK if size <= TEXT else 0.0
    relation = _RELATIONS["="] * _SCALE[size] + spaces
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
    return _width(term.term, style, size) + RESULT_PADDING


@_width.register
def _(term: Blank, style: MathStyle, size: int) -> float:
    return term.width + 0.08  # its frame


@_width.register
def _(term: Elided, style: MathStyle, size: int) -> float:
    return 1.2 * _SCALE[size]


@_width.register
def _(term: Continuation, style: MathStyle, size: int) -> float:
    return _between(term.operator, size) + _width(term.term, style, size)
