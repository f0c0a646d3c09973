"""Which names a word of a problem file stands for: one name, a pattern, or a whole vector or matrix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase


def fitting(word: str, names: Iterable[str]) -> list[str]:
    """Return the names that a word fits, in their order; none where it fits no name.

    `b1` is the name itself, `w2_*` a pattern. Where neither fits, `W_hh` stands for all elements of the
    matrix of this name, W_hh_1_1 and so on, as `x` does for x1 or x_1_1.
    """
    everything = list(names)
    found = [name for name in everything if name == word] or [n for n in everything if fnmatchcase(n, word)]
    if found or not word.isidentifier():
        return found
    element = re.compile(rf"{re.escape(word)}_?\d+(?:_\d+)*")
    return [name for name in everything if element.fullmatch(name)]
