"""Names of the elements of vectors and matrices: for keys, and as they are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..formulas.names import Name

_NUMBERED = re.compile(r"(?P<base>[A-Za-z]+)(?P<number>\d+)")


def element(name: str, index: Sequence[int]) -> str:
    """Return the name of an element: `W_xh` at (1, 2) is W_xh_1_2."""
    return "_".join([name, *map(str, index)])


def printed(name: str, index: Sequence[int] = ()) -> Name:
    """Return how a scalar, or an element of a vector or matrix, is printed.

    `W_xh` at (1, 2) is W with superscript xh and subscript 12; `h2` at (1,) is h with superscript (2) and
    subscript 1; `h2` alone is h with subscript 2.
    """
    base, _, mark = name.partition("_")
    numbered = _NUMBERED.fullmatch(base)
    own = [numbered["number"]] if numbered else []
    base = numbered["base"] if numbered else base
    marks = [_letters(part) for part in mark.split("_") if part]
    if not index:
        return Name(base, tuple([",".join([*own, *marks])] if own or marks else ()))
    places = "".join(map(str, index)) if max(index) < 10 else ",".join(map(str, index))
    sup = [f"({own[0]})"] if own else []
    sup = [",".join([*marks, *sup])] if marks or sup else []
    return Name(base, (places,), tuple(sup))


def _letters(mark: str) -> str:
    """Return a mark of two small letters as two letters: xi is from x to i, not the Greek xi."""
    return " ".join(mark) if len(mark) == 2 and mark.isalpha() and mark.islower() else mark


def net_name(unit: str, letter: str = "z") -> Name:
    """Return how the net input of a unit is printed: z with the unit's own marks (z_{o1}, z^{(1)}_2)."""
    name = element_name(unit)
    sub = "".join(name.sub)
    return Name(letter, (sub if name.sup and name.base in ("a", "h") else name.base + sub,), name.sup)


def element_name(unit: str) -> Name:
    """Return how a unit is printed by its name alone: `h2_1` is element 1 of h at 2."""
    base, *index = unit.split("_")
    if index and all(part.isdigit() for part in index):
        return printed(base, tuple(map(int, index)))
    stem = unit.rstrip("0123456789_")
    tail = [part for part in unit[len(stem) :].split("_") if part]
    return printed(stem, tuple(map(int, tail))) if "_" in stem and tail else printed(unit)
