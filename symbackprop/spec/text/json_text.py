"""JSON text to plain data with line numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any

from ...errors import ProblemError
from ..faults import Path, Written, field_path
from ..lines import Lines
from .yaml_text import DEEPEST

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[A-Za-z0-9+\-._]+")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|Infinity)|NaN")
#: A whole list of numbers, such as a row of a weight matrix; nothing in it is tried twice.
_ROW = re.compile(
    r"\[{0}{1}(?:{0},{0}{1})*+{0}\]".format(r"[ \t\r\n]*+", r"-?[0-9]++(?:\.[0-9]*+)?+(?:[eE][+-]?[0-9]++)?+")
)
_ITEM = re.compile(r"[^\[\], \t\r\n]+")
_CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


class NotJson(ProblemError):
    """Text that is not JSON."""


def parse_json(text: str, file: str = "") -> Written:
    """Read JSON text; numbers stay as they are written.

    Raises:
        NotJson: the text is not JSON.
        ProblemError: it has a field twice or is nested too deeply.
    """
    return _Scanner(text, file).document()


class _Scanner:
    """One pass over the text, at most `DEEPEST` calls deep."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.position = 0
        self.lines = Lines()
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> Written:
        self._skip()
        self.lines[()] = self._line()
        data = self._value((), 0)
        self._skip()
        if self.position < len(self.text):
            raise self._error("text after the end of the document")
        return Written(data, self.file, self.lines)

    def _value(self, path: Path, depth: int) -> Any:
        if depth > DEEPEST:
            raise ProblemError(
                "nested too deeply",
                field=field_path(path),
                expected=f"at most {DEEPEST} levels",
                file=self.file,
                line=self._line(),
            )
        mark = self.text[self.position : self.position + 1]
        if mark == "{":
            return self._mapping(path, depth)
        if mark == "[":
            return self._list(path, depth)
        if mark == '"':
            return self._string()
        match = _WORD.match(self.text, self.position)
        word = match[0] if match else ""
        if word in _CONSTANTS:
            self.position += len(word)
            return _CONSTANTS[word]
        if _NUMBER.fullmatch(word):
            self.position += len(word)
            return word
        raise self._error("a value is missing or not valid", path)

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._step()
        while self._peek() != "}":
            if found:
                self._expect(",", "a comma or }")
            if self._peek() != '"':
                raise self._error("a field name is missing", path, expected='a name between " "')
            line = self._line()
            key = self._string()
            place = (*path, key)
            if key in found:
                raise ProblemError(
                    f"written twice, first in line {self.lines[place]}",
                    field=field_path(place),
                    expected="each field once",
                    file=self.file,
                    line=line,
                )
            self._skip()
            self._expect(":", "a colon")
            self.lines[place] = line
            self._skip()
            found[key] = self._value(place, depth + 1)
            self._skip()
        self._step()
        return found

    def _list(self, path: Path, depth: int) -> list[Any]:
        row = _ROW.match(self.text, self.position)
        if row is not None and depth < DEEPEST:
            return self._row(row, path)
        found: list[Any] = []
        lines: list[int] = []
        self._step()
        while self._peek() != "]":
            if found:
                self._expect(",", "a comma or ]")
                self._skip()
            lines.append(self._line())
            found.append(self._value((*path, len(found)), depth + 1))
            self._skip()
        self._step()
        self.lines.add_items(path, lines)
        return found

    def _row(self, row: re.Match[str], path: Path) -> list[str]:
        """Read a list of numbers at once."""
        items = _ITEM.findall(row[0])
        lines = [self._line()] * len(items)
        if "\n" in row[0]:
            starts = (row.start() + item.start() for item in _ITEM.finditer(row[0]))
            lines = [bisect_right(self.starts, start) for start in starts]
        self.lines.add_items(path, lines)
        self.position = row.end()
        return items

    def _string(self) -> str:
        try:
            text, self.position = scanstring(self.text, self.position + 1, True)
        except JSONDecodeError as error:
            self.position = error.pos
            raise self._error(error.msg.removesuffix(" at").lower()) from None
        return str(text)

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def _step(self) -> None:
        self.position += 1
        self._skip()

    def _peek(self) -> str:
        mark = self.text[self.position : self.position + 1]
        if not mark:
            raise self._error("the text ends too early")
        return mark

    def _expect(self, mark: str, expected: str) -> None:
        if self._peek() != mark:
            raise self._error("something is missing", expected=expected)
        self._step()

    def _line(self) -> int:
        return bisect_right(self.starts, self.position)

    def _error(self, message: str, path: Path = (), expected: str = "") -> NotJson:
        line = self._line()
        column = self.position - self.starts[line - 1] + 1
        rest = self.text[self.position : self.position + 20].split("\n")[0].strip()
        return NotJson(
            f"not valid JSON at column {column}: {message}",
            field=field_path(path),
            given=rest or None,
            expected=expected,
            file=self.file,
            line=line,
        )
