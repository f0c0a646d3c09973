"""One run at a time in a folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SymbackpropError
from ..writing import OutputError

#: How long to wait for another run, in seconds: a killed one lets go at once, its processes a little later.
PATIENCE = 3.0


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make a folder if it is missing and keep other runs out of it, where the system can.

    The lock is on the folder itself and ends with the process: one that is killed leaves nothing behind.

    Raises:
        SymbackpropError: another run is at work there.
        OutputError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = _opened(folder)
    except OSError as error:
        raise OutputError(folder, error) from None
    try:
        if handle is not None:
            _lock(handle, folder)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(folder: Path) -> int | None:
    """Open a folder, where the system knows locks on folders."""
    try:
        import fcntl  # noqa: F401
    except ImportError:  # Windows
        return None
    return os.open(folder, os.O_RDONLY)


def _lock(handle: int, folder: Path) -> None:
    import fcntl

    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise SymbackpropError(
                    f"{folder}: another run is at work in this folder; wait for it, or choose another folder"
                ) from None
            time.sleep(0.05)
        except OSError:  # a file system without locks
            return
