"""How high terms are, and so how wide the brackets around them."""

from __future__ import annotations

from ...formulas.terms import (
    Blank,
    Cases,
    Elided,
    Fraction,
    Group,
    Matrix,
    Number,
    Partial,
    Power,
    Result,
    Summation,
    Symbol,
    Term,
    Underbrace,
    children,
    walk,
)

FLAT, SCRIPTED, HIGH_SCRIPTS, FRACTION, HIGH = range(5)  # heights of terms, by which brackets grow
#: Brackets, by the height of what is inside them.
BRACKETS = {"round": (0.389, 0.46, 0.56, 0.675, 0.88), "square": (0.283, 0.33, 0.42, 0.53, 0.64)}


def height(term: Term) -> int:
    """Return how high a term is."""
    match term:
        case Symbol(name):
            both = bool(name.sub and (name.sup or name.primes))
            return (HIGH_SCRIPTS if any("(" in piece for piece in name.sup) else SCRIPTED) if both else FLAT
        case Blank():
            return FRACTION
        case Result(width=wide) if wide:  # fills a gap
            return FRACTION
        case Number() | Elided():
            return FLAT
        case Summation():
            return HIGH
        case Matrix() if term.shape[0] > 1:
            return HIGH
        case Partial(of, by):
            parts = max(height(by), height(of) if isinstance(of, Symbol) else FLAT)
            return max(FRACTION if parts == FLAT else HIGH, FLAT if isinstance(of, Symbol) else height(of))
        case Underbrace(inner):  # its label hangs below the brackets around it
            return height(inner)
    highest = max(map(height, children(term)), default=FLAT)
    match term:
        case Cases() | Fraction(inline=False):
            return FRACTION if highest == FLAT else HIGH
        case Power(Symbol()):
            return max(highest, SCRIPTED)
        case Power() if highest < FRACTION:
            return HIGH_SCRIPTS
        case Group() if highest in (SCRIPTED, HIGH_SCRIPTS):
            return HIGH_SCRIPTS
    return highest


def bracket_width(bracket: str, content: Term) -> float:
    """Return the width, in em, of one bracket around arranged content in a displayed line."""
    return BRACKETS[bracket][height(content)]


#: The square bracket of a matrix of one row, and of more.
_MATRIX_BRACKETS = (0.46, 0.67)


def matrix_bracket_width(term: Matrix) -> float:
    """Return the width, in em, of one bracket of a matrix."""
    return _MATRIX_BRACKETS[min(term.shape[0], len(_MATRIX_BRACKETS)) - 1]


def set_large(entry: Term) -> bool:
    """Whether an entry of a matrix is set as large as a displayed line: one with a fraction of its own."""
    return any(isinstance(part, Fraction) and not part.inline for part in walk(entry))
