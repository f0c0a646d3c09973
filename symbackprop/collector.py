"""The garbage collector, paused where it would only cost time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many objects may be passed by before the collector looks through all of them once.
MOST_UNSEEN = 3_000_000

_unseen = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from running.

    Reading a large problem, and a sweep, makes objects by the hundred thousand and keeps them all. The
    collector would look through all of them, and through SymPy, again and again: a third of the whole time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            _pass_by()
            gc.enable()


def _pass_by() -> None:
    """Take what is new for old, so that it is not looked through at once, three times over."""
    global _unseen
    _unseen += gc.get_count()[0]
    if _unseen > MOST_UNSEEN:
        _unseen = 0
        gc.collect()
    elif not gc.get_freeze_count():  # a program that has frozen objects of its own keeps them so
        gc.freeze()
        gc.unfreeze()
