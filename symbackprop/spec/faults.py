"""Faults in a problem and their places: field path, file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProblemError

#: A place in a problem: keys and list positions (counted from 0) from the top.
Path = tuple[str | int, ...]

#: How many faults one error reports.
MOST_REPORTED = 5


class Fault(ValueError):
    """What is wrong with one value, before its place is known.

    `inside` names further keys below the value that is being checked.
    """

    def __init__(self, message: str, *, expected: str = "", hint: str = "", inside: Path = ()) -> None:
        """Keep the parts; `given` is added where the place is known."""
        super().__init__(message)
        self.message, self.expected, self.hint, self.inside = message, expected, hint, inside


@dataclass(frozen=True)
class Written:
    """What an author wrote: nested dicts, lists, texts, booleans and None, with the line of each field.

    Numbers stay texts, so that every digit is kept. `within` is the field of the file that holds the data,
    of a problem that is written inside a sheet; paths, and lines by path, begin at the data.
    """

    data: object
    file: str = ""
    lines: Mapping[Path, int] = field(default_factory=dict)
    within: Path = ()

    def error(
        self,
        path: Path,
        message: str,
        *,
        given: object = None,
        expected: str = "",
        hint: str = "",
    ) -> ProblemError:
        """Build the error about the field at `path`; a graph's fields are those of a network."""
        if path[:1] == ("network",) and isinstance(self.data, dict) and "graph" in self.data:
            path = ("graph", *path[1:])
        line = self.line(path)
        if line is None and any(isinstance(part, int) for part in path):
            hint = f"{hint} (Items are counted from 1.)".strip()
        return ProblemError(
            message,
            field=field_path(path, field_path(self.within)),
            given=None if given is None else shown(given),
            expected=expected,
            hint=hint,
            file=self.file,
            line=line,
        )

    def line(self, path: Path) -> int | None:
        """Return the line of the field, or of the nearest field around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return self.lines.get(())

    def at(self, path: Path) -> object:
        """Return the value at `path`, or None if there is none."""
        value: Any = self.data
        for part in path:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def existing(self, location: Sequence[str | int]) -> Path:
        """Return the location without the parts that are not in the data."""
        value: Any = self.data
        path: list[str | int] = []
        for part in location:
            if isinstance(value, dict):
                inside = part in value
            else:
                inside = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
            if inside:
                value = value[part]
                path.append(part)
        return tuple(path)


def field_path(path: Path, within: str = "") -> str:
    """Return the path as authors read it: `network.layers[2].weights`, items counted from 1."""
    text = within
    if len(path) > 10:
        return field_path(path[:8], within) + "..."
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            key = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in part)
            text += f'["{key[:40]}{"..." if len(key) > 40 else ""}"]'
    return text


def shown(value: object) -> str:
    """Return a value as an error text shows it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        keys = ", ".join(str(key)[:20] for key in list(value)[:4])
        return f"a mapping ({keys})" if value else "an empty mapping"
    if isinstance(value, list):
        if value and len(value) <= 4 and all(isinstance(item, str) for item in value):
            return f"[{', '.join(value)}]"
        return f"a list of {len(value)}" if value else "an empty list"
    return value if isinstance(value, str) else repr(value)


def joined(errors: Sequence[ProblemError]) -> ProblemError:
    """Return one error whose text has a line for each of the first few."""
    ordered = sorted(errors, key=lambda error: error.line or 0)
    first = ordered[0]
    texts = [str(error) for error in ordered[:MOST_REPORTED]]
    if len(ordered) > MOST_REPORTED:
        texts.append(f"... and {len(ordered) - MOST_REPORTED} more")
    first.args = ("\n".join(texts),)
    return first


_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
