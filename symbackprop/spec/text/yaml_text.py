"""YAML text to plain data with line numbers, event by event, so that nothing is ever expanded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from ...errors import ProblemError
from ..faults import Path, Written, field_path
from ..lines import Lines

#: Deeper nesting than any problem needs.
DEEPEST = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALAR: Any = yaml.ScalarEvent
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def parse_yaml(text: str, file: str = "") -> Written:
    """Read YAML text; scalars stay as they are written, except null, true and false.

    Anchors, aliases, tags, duplicate keys and several documents are refused.

    Raises:
        ProblemError: the text is not YAML, or holds something refused.
    """
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from None
    return Written(builder.top, file, builder.lines)


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


class _Builder:
    """Puts parse events together to plain data."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.top: Any = None
        self.lines = Lines()
        self.documents = 0
        self.stack: list[tuple[Any, Path]] = []  # open containers
        self.keys: list[tuple[str, int] | None] = []  # the key waiting for its value, one per open container
        self.item_lines: list[list[int]] = []  # of the items so far, one list per open container

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if type(event) is _SCALAR and self.stack and not event.anchor and not event.tag:
            container = self.stack[-1][0]
            if type(container) is list:  # most of a large file: the numbers of matrices
                container.append(event.value if event.style else _meant(event.value))
                self.item_lines[-1].append(line)
                return
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._error("a second document starts here", line, expected="one document in a file")
        elif isinstance(event, yaml.AliasEvent):
            raise self._error(
                "aliases are not supported", line, given=f"*{event.anchor}", expected="the value written out"
            )
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_marks(event, line)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            else:
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            _, path = self.stack.pop()
            self.keys.pop()
            lines = self.item_lines.pop()
            if lines:
                self.lines.add_items(path, lines)

    def _refuse_marks(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            raise self._error(
                "anchors are not supported", line, given=f"&{event.anchor}", expected="the value written out"
            )
        if event.tag is not None:
            raise self._error(
                "tags are not supported",
                line,
                given=_short_tag(event.tag),
                expected="the value without a tag",
            )

    def _scalar(self, event: Any, line: int) -> None:
        if self.stack and isinstance(self.stack[-1][0], dict) and self.keys[-1] is None:
            self._key(event.value, line)
            return
        self._put(event.value if event.style else _meant(event.value), line)

    def _key(self, key: str, line: int) -> None:
        mapping, path = self.stack[-1]
        if key in mapping:
            first = self.lines.get((*path, key))
            raise ProblemError(
                f"written twice, first in line {first}",
                field=field_path((*path, key)),
                expected="each field once",
                file=self.file,
                line=line,
            )
        self.keys[-1] = (key, line)

    def _open(self, container: Any, line: int) -> None:
        if self.stack and isinstance(self.stack[-1][0], dict) and self.keys[-1] is None:
            raise self._error("a list or mapping stands where a field name is expected", line)
        if len(self.stack) >= DEEPEST:
            raise self._error("nested too deeply", line, expected=f"at most {DEEPEST} levels")
        path = self._put(container, line)
        self.stack.append((container, path))
        self.keys.append(None)
        self.item_lines.append([])

    def _put(self, value: Any, line: int) -> Path:
        if not self.stack:
            self.top = value
            self.lines[()] = line
            return ()
        container, path = self.stack[-1]
        if isinstance(container, dict):
            key, line = self.keys[-1] or ("", line)
            self.keys[-1] = None
            container[key] = value
            place: Path = (*path, key)
            self.lines[place] = line
        else:
            place = (*path, len(container))
            container.append(value)
            self.item_lines[-1].append(line)
        return place

    def _error(
        self, message: str, line: int, *, given: str | None = None, expected: str = ""
    ) -> ProblemError:
        field = ""
        if self.stack:
            path, key = self.stack[-1][1], self.keys[-1]
            field = field_path((*path, key[0]) if key else path)
        return ProblemError(message, field=field, given=given, expected=expected, file=self.file, line=line)


def _meant(text: str) -> object:
    """Return what a plain scalar says: null, true, false, or its text."""
    return None if text in _NULLS else _BOOLEANS.get(text, text)


def _syntax_error(error: yaml.YAMLError, text: str, file: str) -> ProblemError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    if mark is None:  # a character that YAML forbids
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
        return ProblemError(f"not valid YAML: {problem}", file=file, line=line)
    rows = text.splitlines()
    row = rows[mark.line] if mark.line < len(rows) else ""
    hint = ""
    if row[mark.column : mark.column + 1] == "\t":
        hint = "Indent with spaces; YAML does not allow tabs there."
    elif problem.startswith("mapping values are not allowed"):
        hint = "Check the indentation, and put a text that holds a colon between quotation marks."
    message = f"not valid YAML at column {mark.column + 1}: {problem}"
    return ProblemError(message, given=row.strip() or None, hint=hint, file=file, line=mark.line + 1)


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
