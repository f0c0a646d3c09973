"""The garbage collector, paused where it would only cost time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from running.

    Reading a large problem, and a sweep, makes objects by the hundred thousand, keeps them all and closes
    no cycle. The collector would look through all of them, and through SymPy, again and again: a third of
    the whole time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
