"""How tall brackets are; which there are is decided in `symbackprop.formulas.brackets`."""

from __future__ import annotations

from ...formulas.terms import (
    Blank,
    Cases,
    Fraction,
    Matrix,
    Partial,
    Result,
    Summation,
    Symbol,
    Term,
    Underbrace,
    children,
)

_BRACKETS = {"round": ("(", ")"), "square": ("[", "]")}
_SIZES = ("", "bigg", "Bigg")  # for terms without fractions, with fractions, with fractions in fractions


def is_tall(term: Term) -> bool:
    """Whether a factor is a fraction or a matrix, which a little space parts from its neighbours."""
    return isinstance(term, Fraction | Partial | Summation | Matrix) and not getattr(term, "inline", False)


def bracketed(inside: str, bracket: str, terms: tuple[Term, ...]) -> str:
    """Put brackets around source, as tall as its fractions are; labels below braces do not count."""
    left, right = _BRACKETS[bracket]
    height = max(map(_height, terms), default=0)
    if not height:
        return f"{left}{inside}{right}"
    if any(map(_braced, terms)):
        size = _SIZES[min(height, 2)]
        return f"{_sized(size, 'l', left)}{inside}{_sized(size, 'r', right)}"
    return rf"\left{left} {inside} \right{right}"


def _height(term: Term) -> int:
    """Return how many fractions or sum signs are stacked in a term."""
    own = int(is_tall(term) or isinstance(term, Cases))
    inner = (term.term,) if isinstance(term, Underbrace) else tuple(children(term))
    if isinstance(term, Partial):
        inner = () if isinstance(term.of, Symbol) else (term.of,)
    elif isinstance(term, Blank) or (isinstance(term, Result) and term.width):
        return 1
    heights = max(map(_height, inner), default=0)
    return own + heights if isinstance(term, Fraction) else max(own, heights)


def _braced(term: Term) -> bool:
    return isinstance(term, Underbrace) or any(map(_braced, children(term)))


def bracket(kind: str, side: str, term: Term) -> str:
    """Return one bracket, "l"eft or "r"ight, as tall as an expression next to it is."""
    return _sized(_SIZES[min(_height(term), 2)], side, _BRACKETS[kind][side == "r"])


def _sized(size: str, side: str, bracket: str) -> str:
    if not size:
        return bracket
    return rf"\{size}l{bracket} " if side == "l" else rf" \{size}r{bracket}"
