"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import SymbackpropError


class OutputError(SymbackpropError):
    """A file or folder that cannot be written."""


def write_files(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files, creating their folders; each is put in place whole, after all are on disk.

    Raises:
        OutputError: a folder or file that cannot be written; nothing half-written is left.
    """
    waiting: list[tuple[str, Path]] = []
    try:
        for path, content in contents.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                if path.is_dir():
                    raise IsADirectoryError(21, "Is a directory")
                handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
                waiting.append((name, path))
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.chmod(name, 0o644)
            except OSError as error:
                raise OutputError(
                    f"{path}: cannot be written: {error.strerror or error}; choose another folder with -o"
                ) from None
        for name, path in waiting:
            try:
                os.replace(name, path)
            except OSError as error:
                raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
        waiting.clear()
    finally:
        for name, _ in waiting:
            Path(name).unlink(missing_ok=True)
    return list(contents)
