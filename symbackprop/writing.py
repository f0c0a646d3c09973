"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from .errors import SymbackpropError

#: How the names of files that are not whole yet begin and end, where they are kept in one folder.
PARTIAL = (".partial-", ".tmp")

#: So many files wait for the disk at the same time: it takes them together.
_TOGETHER = 16


class OutputError(SymbackpropError):
    """A file or folder that cannot be written; `code` is the system's number of the reason."""

    def __init__(self, path: Path, error: OSError) -> None:
        """Say which file, why, and what helps."""
        self.code = error.errno
        hint = _HINTS.get(error.errno or 0, "choose another folder with -o")
        super().__init__(f"{path}: cannot be written: {error.strerror or error}; {hint}")


def write_files(
    contents: Mapping[Path, bytes],
    *,
    scratch: Path | None = None,
    ready: Callable[[], object] = lambda: None,
) -> list[Path]:
    """Write files, creating their folders; each is put in place whole, after all are on disk.

    Arguments:
        contents: what to write where.
        scratch: the folder for files that are not whole yet, on the same disk, where `sweep` finds those
            of a process that was killed; next to each file if not given.
        ready: called when all are on disk and none is in place yet.

    Raises:
        OutputError: a folder or file that cannot be written; nothing half-written is left.
    """
    waiting: list[tuple[str, Path]] = []
    handles: list[int] = []
    try:
        with ThreadPoolExecutor(_TOGETHER) as pool:
            for path, content in contents.items():
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    if path.is_dir():
                        raise IsADirectoryError(errno.EISDIR, "Is a directory")
                    handle, name = _partial(path, scratch)
                    waiting.append((name, path))
                    handles.append(handle)
                    _write(handle, content)
                    os.chmod(name, 0o644)
                    if len(handles) >= _TOGETHER:
                        _to_disk(handles, pool)
                except OSError as error:
                    raise OutputError(path, error) from None
            try:
                _to_disk(handles, pool)
            except OSError as error:
                raise OutputError(waiting[-1][1], error) from None
        ready()
        for name, path in waiting:
            try:
                os.replace(name, path)
            except OSError as error:
                raise OutputError(path, error) from None
        waiting.clear()
    finally:
        for handle in handles:
            os.close(handle)
        for name, _ in waiting:
            Path(name).unlink(missing_ok=True)
    return list(contents)


def sweep(scratch: Path) -> None:
    """Remove the files that a killed process has left unfinished in its scratch folder."""
    for path in scratch.glob(f"{PARTIAL[0]}*{PARTIAL[1]}"):
        with suppress(OSError):  # what cannot be removed does no harm
            path.unlink()


def _partial(path: Path, scratch: Path | None) -> tuple[int, str]:
    if scratch is None:
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    return tempfile.mkstemp(dir=scratch, prefix=PARTIAL[0], suffix=PARTIAL[1])


def _write(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _to_disk(handles: list[int], pool: Executor) -> None:
    """Wait until files are on disk, all at the same time, and close them."""
    if len(handles) == 1:
        os.fsync(handles[0])
    else:
        list(pool.map(os.fsync, handles))
    while handles:
        os.close(handles.pop())


_FULL = "free some space and run it again"
_HINTS = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.ENAMETOOLONG: "choose a shorter name"}
