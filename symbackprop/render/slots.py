"""Numbers put into a source text that was written with slots for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..formulas.terms import Term

_MARK = re.compile("(say)?\N{LEFT WHITE SQUARE BRACKET}(.*?)\N{RIGHT WHITE SQUARE BRACKET}")


def put_in(
    source: str, numbers: Mapping[str, Term], write: Callable[[Term], str], say: Callable[[Term], str]
) -> str:
    """Return a source text with every slot's number in its place.

    Args:
        source: the text.
        numbers: by the names of the slots.
        write: writes a number as a formula of the format.
        say: says a number as it is read aloud.

    What an author has written in the same brackets stays as it is.
    """
    written = {name: write(number) for name, number in numbers.items()}
    said = {name: say(number) for name, number in numbers.items()}
    return _MARK.sub(lambda mark: (said if mark[1] else written).get(mark[2], mark[0]), source)
