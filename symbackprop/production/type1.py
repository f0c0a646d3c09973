"""Type 1 font programs, cut down to the glyphs that are shown.

The format is Adobe's "Type 1 Font Format" (1990): a clear head, then a part encrypted twice, with the glyphs
and the subroutines that they call. What is cut is the same bytes from whichever larger program it is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .charstrings import Calls, Key, UnknownFont, find_calls, renumbered

_PROGRAM_KEY, _GLYPH_KEY, _LEAD = 55665, 4330, 4

_SUBROUTINES = re.compile(rb"/Subrs\s+(\d+)\s+array\s*")
_SUBROUTINE = re.compile(rb"dup\s+(\d+)\s+(\d+)\s+(\S+) ")
_GLYPHS = re.compile(rb"/CharStrings\s+(\d+)\s+dict dup begin\s*")
_GLYPH = re.compile(rb"/(\S+)\s+(\d+)\s+(\S+) ")
_LENGTH = re.compile(rb"/lenIV\s+(-?\d+)")
_WORD = re.compile(rb" ?([^\n\r]*)[\n\r]+")
_ENCODING = re.compile(rb"/Encoding\s+(?:StandardEncoding|256\s+array.*?readonly)\s+def\s*", re.DOTALL)
_NAME = re.compile(rb"(/FontName\s+/)(\S+)")
_ENTRY = re.compile(rb"dup\s+(\d+)\s*/(\S+)\s+put")

#: So many subroutines, the first, are known to interpreters by their numbers; a program has them in any case.
_FIXED = 4


@dataclass(frozen=True)
class Program:
    """A font program taken apart: texts between the parts, and the parts, each with the words around it.

    subroutines, glyphs: their charstrings, still encrypted.
    """

    head: bytes
    private: bytes
    subroutines: Mapping[int, bytes]
    between: bytes
    glyphs: Mapping[str, bytes]
    tail: bytes
    words: tuple[bytes, bytes, bytes]  # what reads a charstring, what ends a subroutine, what ends a glyph
    opened: dict[Key, bytes] = field(default_factory=dict, compare=False, repr=False)
    calls: dict[Key, Calls] = field(default_factory=dict, compare=False, repr=False)
    found: dict[str, tuple[list[str], list[int]]] = field(default_factory=dict, compare=False, repr=False)

    def charstring(self, name: Key) -> bytes:
        """Return the charstring of a glyph, or of a subroutine.

        Raises:
            UnknownFont: there is none.
        """
        if name not in self.opened:
            found = self.subroutines.get(name) if isinstance(name, int) else self.glyphs.get(name)
            if found is None:
                raise UnknownFont(name)
            self.opened[name] = decrypted(found, _GLYPH_KEY)[_LEAD:]
        return self.opened[name]

    def calls_of(self, glyph: str) -> tuple[list[str], list[int]]:
        """Return the glyphs that a glyph is composed of, and the subroutines it calls."""
        if glyph not in self.found:
            self.found[glyph] = find_calls(glyph, self.charstring, self.calls)
        return self.found[glyph]

    @property
    def encoding(self) -> dict[int, str]:
        """The glyphs of the program's own encoding, by their codes."""
        found = _ENCODING.search(self.head)
        return {
            int(code): name.decode("latin-1") for code, name in _ENTRY.findall(found[0] if found else b"")
        }


def read_program(data: bytes, head: int, encrypted: int) -> Program:
    """Return a font program, taken apart.

    Arguments:
        data: the program.
        head: how many bytes its clear part has.
        encrypted: how many the encrypted one has.

    Raises:
        UnknownFont: it is written in a way that is not known here.
    """
    plain = decrypted(data[head : head + encrypted], _PROGRAM_KEY)[_LEAD:]
    lead = _LENGTH.search(plain)
    if lead and int(lead[1]) != _LEAD:
        raise UnknownFont("lenIV")
    words = [b"RD", b"NP", b"ND"]
    subroutines: dict[int, bytes] = {}
    start = _SUBROUTINES.search(plain)
    at = begin = start.start() if start else 0
    if start:
        at = start.end()
        while entry := _SUBROUTINE.match(plain, at):
            end = entry.end() + int(entry[2])
            subroutines[int(entry[1])] = plain[entry.end() : end]
            words[0], (words[1], at) = entry[3], _word(plain, end)
    there = _GLYPHS.search(plain, at)
    if there is None:
        raise UnknownFont("CharStrings")
    between = plain[at : there.start()]
    glyphs: dict[str, bytes] = {}
    at = there.end()
    while entry := _GLYPH.match(plain, at):
        end = entry.end() + int(entry[2])
        glyphs[entry[1].decode("latin-1")] = plain[entry.end() : end]
        words[0], (words[2], at) = entry[3], _word(plain, end)
    private = plain[:begin] if start else plain[: there.start()]
    if not start:
        between = b""
    return Program(
        data[:head], private, subroutines, between, glyphs, plain[at:], (words[0], words[1], words[2])
    )


def _word(plain: bytes, at: int) -> tuple[bytes, int]:
    found = _WORD.match(plain, at)
    if found is None:
        raise UnknownFont("end of a charstring")
    return found[1], found.end()


def cut(
    program: Program, glyphs: Iterable[str], name: str, encoding: Mapping[int, str]
) -> tuple[bytes, int, int]:
    """Return a font program with these glyphs alone, and how many bytes its first two parts have.

    Arguments:
        program: the larger program.
        glyphs: the names of the glyphs.
        name: the name of the font.
        encoding: the glyphs of its own encoding, by their codes.

    Raises:
        UnknownFont: a glyph is not there, or it is drawn in a way that is not known here.
    """
    kept, called = _needed(program, glyphs)
    numbers = {number: number for number in range(_FIXED) if number in program.subroutines}
    for number in called:
        numbers.setdefault(number, max(len(numbers), _FIXED))
    read, after_subroutine, after_glyph = program.words

    def written(key: Key) -> bytes:
        code = program.charstring(key)
        return _sealed(renumbered(code, program.calls[key], numbers) if key in program.calls else code)

    parts = [program.private]
    if program.subroutines:
        parts.append(b"/Subrs %d array\n" % (max(numbers.values()) + 1))
        for old, new in sorted(numbers.items(), key=lambda pair: pair[1]):
            code = written(old)
            parts.append(b"dup %d %d %s %s %s\n" % (new, len(code), read, code, after_subroutine))
    parts.append(program.between)
    parts.append(b"/CharStrings %d dict dup begin\n" % len(kept))
    for glyph in kept:
        code = written(glyph)
        parts.append(b"/%s %d %s %s %s\n" % (glyph.encode("latin-1"), len(code), read, code, after_glyph))
    parts.append(program.tail)
    entries = "".join(f"dup {code} /{glyph} put\n" for code, glyph in sorted(encoding.items()))
    table = (
        f"/Encoding 256 array\n0 1 255 {{1 index exch /.notdef put}} for\n{entries}readonly def\n"
        if encoding
        else "/Encoding StandardEncoding def\n"
    ).encode("latin-1")
    head = _ENCODING.sub(lambda _: table, program.head, count=1)
    head = _NAME.sub(lambda found: found[1] + name.encode("latin-1"), head, count=1)
    body = encrypted(bytes(_LEAD) + b"".join(parts), _PROGRAM_KEY)
    return head + body, len(head), len(body)


def _needed(program: Program, glyphs: Iterable[str]) -> tuple[list[str], list[int]]:
    """Return the glyphs that these are drawn with, and the subroutines that they call, in order."""
    kept: list[str] = []
    called: dict[int, None] = dict.fromkeys(range(_FIXED))
    waiting = [".notdef", *sorted(set(glyphs) - {".notdef"})]
    while waiting:
        glyph = waiting.pop(0)
        if glyph in kept:
            continue
        kept.append(glyph)
        parts, numbers = program.calls_of(glyph)
        called.update(dict.fromkeys(numbers))
        waiting += parts
    return [".notdef", *sorted(set(kept) - {".notdef"})], [n for n in called if n in program.subroutines]


def decrypted(data: bytes, key: int) -> bytes:
    """Return the plain bytes of encrypted ones, with the random ones they begin with."""
    plain = bytearray(len(data))
    for index, cipher in enumerate(data):
        plain[index] = cipher ^ (key >> 8)
        key = ((cipher + key) * 52845 + 22719) & 0xFFFF
    return bytes(plain)


def encrypted(data: bytes, key: int) -> bytes:
    """Return bytes encrypted, as `decrypted` reads them."""
    cipher = bytearray(len(data))
    for index, plain in enumerate(data):
        cipher[index] = one = plain ^ (key >> 8)
        key = ((one + key) * 52845 + 22719) & 0xFFFF
    return bytes(cipher)


@lru_cache(maxsize=8192)
def _sealed(code: bytes) -> bytes:
    """Return a charstring encrypted; the same glyphs come again from run to run."""
    return encrypted(bytes(_LEAD) + code, _GLYPH_KEY)
