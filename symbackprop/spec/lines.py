"""The lines in which fields were written: kept as they are read, looked up only when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from .faults import Path, field_path

Place = TypeVar("Place", Path, str)


class _Later(Mapping[Place, int]):
    """Lines by place, looked up in a dictionary that is made when first asked for."""

    def _made(self) -> dict[Place, int]:
        raise NotImplementedError

    def __getitem__(self, place: Place) -> int:
        """Return the line of a place."""
        return self._made()[place]

    def __iter__(self) -> Iterator[Place]:
        """Iterate over the places."""
        return iter(self._made())

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self._made())


class Lines(_Later[Path]):
    """Lines by field path; the paths of a list's items are written out when one is first asked for.

    A large network has a hundred thousand numbers, each in some line that nobody asks for.
    """

    def __init__(self) -> None:
        """Start without any."""
        self._single: dict[Path, int] = {}
        self._lists: list[tuple[Path, Sequence[int]]] = []

    def __setitem__(self, path: Path, line: int) -> None:
        """Enter the line of a field."""
        self._single[path] = line

    def add_items(self, path: Path, lines: Sequence[int]) -> None:
        """Enter the lines of a list's items."""
        self._lists.append((path, lines))

    def _made(self) -> dict[Path, int]:
        for path, lines in self._lists:
            self._single.update(((*path, index), line) for index, line in enumerate(lines))
        self._lists.clear()
        return self._single


class FieldLines(_Later[str]):
    """The same by field path as authors read it: `network.layers[2].weights`."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        """Take the lines."""
        self._lines = lines
        self._by_text: dict[str, int] | None = None

    def _made(self) -> dict[str, int]:
        if self._by_text is None:
            self._by_text = {field_path(path): line for path, line in self._lines.items()}
        return self._by_text
