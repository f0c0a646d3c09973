"""Charstrings of Type 1 fonts: which subroutines a glyph calls, and the same calls under other numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = int | str

_CALL, _RETURN, _END, _ESCAPE = 10, 11, 14, 12
_SEAC, _DIVIDE, _CALL_OTHER, _POP = 6, 12, 16, 17
_DEEPEST = 10


class UnknownFont(Exception):
    """A font program that is written in a way not known here; it can be used as it is."""


@dataclass
class Calls:
    """Where a charstring has the numbers of subroutines: from byte to byte, and the number."""

    places: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Value:
    """A number on the stack; `where` it is written: in which charstring, from byte to byte."""

    number: float
    where: tuple[Key, int, int] | None = None


@dataclass
class _Run:
    """One glyph being drawn: only what decides which subroutines are called."""

    charstring: Callable[[Any], bytes]
    calls: dict[Key, Calls]
    stack: list[_Value] = field(default_factory=list)
    handed: list[_Value] = field(default_factory=list)
    called: dict[int, None] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)

    def draw(self, key: Key, depth: int = 0) -> bool:
        """Run a charstring; return whether the glyph is complete."""
        code, at = self.charstring(key), 0
        while at < len(code):
            first = code[at]
            if first >= 32:
                number, end = _number(code, at)
                self.stack.append(_Value(number, (key, at, end)))
                at = end
                continue
            at += 1
            if first == _CALL:
                if self._call(depth):
                    return True
            elif first == _RETURN:
                return False
            elif first == _END:
                return True
            elif first == _ESCAPE:
                second = code[at]
                at += 1
                if self._escape(second):
                    return True
            else:
                self.stack.clear()
        return False

    def _call(self, depth: int) -> bool:
        value = self.stack.pop()
        if value.where is None or depth >= _DEEPEST:
            raise UnknownFont("a call whose number is computed")
        key, start, end = value.where
        number = int(value.number)
        self.calls.setdefault(key, Calls()).places[start, end] = number
        self.called[number] = None
        return self.draw(number, depth + 1)

    def _escape(self, second: int) -> bool:
        if second == _SEAC:
            self.parts += [_STANDARD[int(value.number)] for value in self.stack[-2:]]
            return True
        if second == _DIVIDE:
            self.stack.pop()
            self.stack[-1] = _Value(0.0)
        elif second == _CALL_OTHER:
            self.stack.pop()
            for _ in range(int(self.stack.pop().number)):
                self.handed.append(self.stack.pop())
        elif second == _POP:
            self.stack.append(self.handed.pop() if self.handed else _Value(0.0))
        else:
            self.stack.clear()
        return False


def find_calls(
    glyph: str, charstring: Callable[[Any], bytes], calls: dict[Key, Calls]
) -> tuple[list[str], list[int]]:
    """Return the glyphs that a glyph is composed of, and the subroutines it calls, in order.

    Arguments:
        glyph: its name.
        charstring: returns the charstring of a glyph or of a subroutine.
        calls: where the numbers stand is added here.

    Raises:
        UnknownFont: it calls in a way that is not known here.
    """
    run = _Run(charstring, calls)
    try:
        run.draw(glyph)
    except (IndexError, KeyError):
        raise UnknownFont(f"the glyph {glyph}") from None
    return run.parts, list(run.called)


def renumbered(code: bytes, calls: Calls, numbers: Mapping[int, int]) -> bytes:
    """Return a charstring that calls the same subroutines by their new numbers."""
    parts, at = [], 0
    for (start, end), old in sorted(calls.places.items()):
        parts += [code[at:start], _written(numbers.get(old, old))]
        at = end
    return b"".join([*parts, code[at:]])


def _number(code: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and where it ends."""
    first = code[at]
    if first <= 246:
        return first - 139, at + 1
    if first <= 250:
        return (first - 247) * 256 + code[at + 1] + 108, at + 2
    if first <= 254:
        return -(first - 251) * 256 - code[at + 1] - 108, at + 2
    return int.from_bytes(code[at + 1 : at + 5], "big", signed=True), at + 5


def _written(number: int) -> bytes:
    if number <= 107:
        return bytes([number + 139])
    if number <= 1131:
        high, low = divmod(number - 108, 256)
        return bytes([247 + high, low])
    return b"\xff" + number.to_bytes(4, "big", signed=True)


#: The accents and letters that composed glyphs name by their codes in Adobe's standard encoding.
_STANDARD: Mapping[int, str] = {
    **{code: chr(code) for code in (*range(65, 91), *range(97, 123))},
    193: "grave", 194: "acute", 195: "circumflex", 196: "tilde", 197: "macron", 198: "breve",
    199: "dotaccent", 200: "dieresis", 202: "ring", 203: "cedilla", 205: "hungarumlaut",
    206: "ogonek", 207: "caron", 245: "dotlessi",
}  # fmt: skip
