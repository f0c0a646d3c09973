"""Derivatives found by another process while this one is busy: importing SymPy takes longer than using it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ..errors import SymbackpropError
from ..rules.derivation import Derivatives, add_derivatives, found_derivatives
from ..spec.problem import Problem

#: Of problems with more parameters than this the derivation itself takes longer than importing SymPy.
MOST_PARAMETERS = 200


@contextmanager
def derivatives_beside(problems: Callable[[], Iterable[Problem]]) -> Iterator[Callable[[], None]]:
    """Begin to derive problems in another process; yield a function that waits for its derivatives.

    Whatever goes wrong there goes wrong here again, where it can be told: then nothing is taken over. Nothing
    is begun where there is no fork, or other threads that it would leave behind; large problems are left out.

    problems: reads them, in the other process, so that this one may read them at the same time.
    """
    if sys.platform != "linux" or threading.active_count() > 1:
        yield lambda: None
        return
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_derive, args=(problems, there), daemon=True)
    # Ctrl-C is for this process; the other never hears it, not even at first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    there.close()

    def wait() -> None:
        try:
            derivatives: Derivatives = here.recv()
        except EOFError:  # it was killed, or had no memory
            return
        add_derivatives(derivatives)

    try:
        yield wait
    finally:
        process.terminate()
        process.join()
        here.close()


def _derive(problems: Callable[[], Iterable[Problem]], there: Connection) -> None:
    from .solving import derive

    found: Derivatives = {}
    try:
        for problem in problems():
            if len(problem.parameters) <= MOST_PARAMETERS:
                derive(problem)
        found = found_derivatives()
    except SymbackpropError:
        pass
    with suppress(OSError):  # nobody waits any more
        there.send(found)
