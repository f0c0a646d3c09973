"""The files that a sheet is made of, kept beside each other so that it can be loaded again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePath

from .catalogue import example_path
from .worksheet import Worksheet
from .worksheets import load_worksheet


@dataclass(frozen=True)
class SheetFiles:
    """The texts of a sheet and of its problems, by their names beside each other, the sheet's own first.

    kept: under which of these names a problem file is kept, by what the sheet calls it, where the two differ.
    """

    texts: Mapping[str, bytes] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def sheet(self) -> str:
        """The name of the sheet itself."""
        return next(iter(self.texts), "")


def load_sheet(path_or_example_name: str | os.PathLike[str]) -> tuple[Worksheet, SheetFiles]:
    """Return a worksheet as `load_worksheet` does, and the files it is made of.

    Problem files in the sheet's folder keep their names; those from elsewhere come to stand beside the sheet,
    in folders with a number where they are called alike.

    Raises:
        ProblemError: there is no such file or example, or it cannot be used.
    """
    argument = os.fspath(path_or_example_name)
    worksheet = load_worksheet(argument)
    path = Path(argument)
    if not path.is_file():
        path = example_path(argument)
    files = {task.called: Path(task.problem.source.file) for task in worksheet.tasks if task.called}
    places = {path.resolve(): path.name}
    for file in files.values():
        beside = PurePath(os.path.relpath(file, path.parent))
        if ".." not in beside.parts and not beside.is_absolute():
            places.setdefault(file.resolve(), beside.as_posix())
    for file in files.values():
        if file.resolve() not in places:
            taken = {name.casefold() for name in places.values()}
            places[file.resolve()] = next(name for name in _names(file) if name.casefold() not in taken)
    kept = {called: places[file.resolve()] for called, file in files.items()}
    return worksheet, SheetFiles(
        {name: file.read_bytes() for file, name in places.items()},
        {called: name for called, name in kept.items() if called != name},
    )


def _names(file: Path) -> Iterator[str]:
    """Yield names for a file from elsewhere: its own, then within folders."""
    yield file.name
    yield from (f"{number}/{file.name}" for number in count(2))
