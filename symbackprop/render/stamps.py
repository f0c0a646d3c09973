"""Symbols of black and white modules, as runs of black: what every format draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

#: The side of a stamp's symbol, in millimetres.
SYMBOL_SIDE = 11.0


def black_runs(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where each run of black modules of a row begins, and how long it is."""
    start = 0
    for black, run in groupby(modules):
        length = sum(1 for _ in run)
        if black:
            yield start, length
        start += length
