"""Fonts of a part of a PDF: each holds the glyphs that the part shows, and says nothing of the others."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

from .charstrings import UnknownFont
from .pages import plain
from .type1 import Program, cut, read_program

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CHARACTER = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f ]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.DOTALL)
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f ]+)>")

_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<00> <FF>
endcodespacerange
%s
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
_MOST = 100  # lines of a block


@dataclass(frozen=True)
class _Cut:
    """A cut program: its file as it stands in a PDF, the length of its parts, the mark before its name."""

    file: bytes
    head: int
    body: int
    mark: str


@dataclass
class FontCutter:
    """Cuts the fonts of one PDF; what is cut once is known again."""

    _programs: dict[tuple[int, int], Program | None] = field(default_factory=dict)
    _cut: dict[tuple[object, ...], _Cut | None] = field(default_factory=dict)
    _names: dict[tuple[int, int], Mapping[int, str]] = field(default_factory=dict)
    _texts: dict[tuple[int, int], Mapping[int, str]] = field(default_factory=dict)

    def cuts(self, font: Object) -> bool:
        """Whether a font is one that can be cut: a Type 1 font that is embedded."""
        return font.get("/Subtype") == Name.Type1 and self._program(font) is not None

    def fill(self, into: Pdf, shown: Iterable[tuple[Object, Dictionary, frozenset[int]]]) -> None:
        """Fill in the fonts of a part.

        Arguments:
            into: the part.
            shown: each font of the whole, an empty dictionary for its copy, and the codes that are shown.
        """
        programs: dict[tuple[int, int], list[tuple[Object, Dictionary, frozenset[int]]]] = {}
        for one in shown:
            programs.setdefault(one[0].FontDescriptor.FontFile.objgen, []).append(one)
        for several in programs.values():
            self._fill(into, several)

    def _fill(self, into: Pdf, several: list[tuple[Object, Dictionary, frozenset[int]]]) -> None:
        """Fill in fonts that share a program."""
        own: dict[int, str] = {}
        glyphs: set[str] = set()
        for font, _, codes in several:
            names = self._encoding(font)
            used = {code: names[code] for code in codes if code in names}
            glyphs.update(used.values())
            if "/Encoding" not in font:
                own.update(used)
        first = several[0][0]
        made = self._made(first, frozenset(glyphs), tuple(sorted(own.items())))
        descriptor = None
        for font, copy, codes in several:
            if made is None:  # written in a way not known here: it comes as it is
                whole = into.copy_foreign(font)
                for key in whole.keys():  # noqa: SIM118
                    copy[key] = whole[key]
                continue
            if descriptor is None:
                descriptor = self._descriptor(into, first, made, glyphs)
            self._write(into, font, copy, codes, made, descriptor)

    def _write(
        self, into: Pdf, font: Object, copy: Dictionary, codes: frozenset[int], made: _Cut, descriptor: Object
    ) -> None:
        names, texts = self._encoding(font), self._text(font)
        low, high = min(codes, default=0), max(codes, default=0)
        first, widths = int(font.FirstChar), font.Widths
        copy.Type, copy.Subtype, copy.BaseFont = Name.Font, Name.Type1, descriptor.FontName
        copy.FirstChar, copy.LastChar, copy.FontDescriptor = low, high, descriptor
        copy.Widths = Array(
            [
                widths[code - first] if code in codes and 0 <= code - first < len(widths) else 0
                for code in range(low, high + 1)
            ]
        )
        if "/Encoding" in font:
            differences: list[Any] = []
            for code in sorted(code for code in codes if code in names):
                differences += [code, Name(f"/{names[code]}")]
            copy.Encoding = Dictionary(Type=Name.Encoding, Differences=Array(differences))
        said = {code: texts[code] for code in sorted(codes) if code in texts}
        if said:
            content = zlib.compress(_unicode(said).encode("ascii"))
            copy.ToUnicode = into.make_indirect(Stream(into, content, Filter=Name.FlateDecode))

    def _descriptor(self, into: Pdf, font: Object, made: _Cut, glyphs: set[str]) -> Object:
        old = font.FontDescriptor
        new = Dictionary({key: plain(old[key]) for key in old.keys() if key != "/FontFile"})  # noqa: SIM118
        new.FontName = Name(f"/{made.mark}+{_name(font)}")
        new.CharSet = String("".join(f"/{glyph}" for glyph in sorted(glyphs)))
        new.FontFile = into.make_indirect(
            Stream(into, made.file, Filter=Name.FlateDecode, Length1=made.head, Length2=made.body, Length3=0)
        )
        return into.make_indirect(new)

    def _made(self, font: Object, glyphs: frozenset[str], own: tuple[tuple[int, str], ...]) -> _Cut | None:
        key = (font.FontDescriptor.FontFile.objgen, glyphs, own)
        if key not in self._cut:
            program = self._program(font)
            assert program is not None
            digest = hashlib.sha256(repr((_name(font), sorted(glyphs), own)).encode()).digest()
            mark = "".join(chr(65 + byte % 26) for byte in digest[:6])
            try:
                data, head, body = cut(program, glyphs, f"{mark}+{_name(font)}", dict(own))
            except UnknownFont:
                self._cut[key] = None
            else:
                self._cut[key] = _Cut(zlib.compress(data), head, body, mark)
        return self._cut[key]

    def _program(self, font: Object) -> Program | None:
        file = font.get("/FontDescriptor", Dictionary()).get("/FontFile")
        if not isinstance(file, Stream):
            return None
        if file.objgen not in self._programs:
            try:
                program = read_program(file.read_bytes(), int(file.Length1), int(file.Length2))
            except UnknownFont:
                self._programs[file.objgen] = None
            else:
                self._programs[file.objgen] = program
        return self._programs[file.objgen]

    def _encoding(self, font: Object) -> Mapping[int, str]:
        """Return the glyphs of a font by their codes."""
        if font.objgen not in self._names:
            encoding = font.get("/Encoding")
            if isinstance(encoding, Dictionary):
                self._names[font.objgen] = _differences(encoding)
            else:
                program = self._program(font)
                self._names[font.objgen] = program.encoding if program else {}
        return self._names[font.objgen]

    def _text(self, font: Object) -> Mapping[int, str]:
        """Return what the codes of a font mean, in hexadecimal UTF-16."""
        if font.objgen not in self._texts:
            content = font.get("/ToUnicode")
            self._texts[font.objgen] = _meanings(content.read_bytes()) if isinstance(content, Stream) else {}
        return self._texts[font.objgen]


def _name(font: Object) -> str:
    return str(font.BaseFont).removeprefix("/").rpartition("+")[2]


def _differences(encoding: Dictionary) -> dict[int, str]:
    names: dict[int, str] = {}
    code = 0
    for entry in encoding.get("/Differences", Array()):
        if isinstance(entry, Name):
            names[code] = str(entry).removeprefix("/")
            code += 1
        else:
            code = int(entry)
    return names


def _meanings(content: bytes) -> dict[int, str]:
    """Return what a ToUnicode table says, by code."""
    found: dict[int, str] = {}
    for kind, lines in _BLOCK.findall(content):
        if kind == b"bfchar":
            for code, text in _CHARACTER.findall(lines):
                found[int(code, 16)] = _hex(text)
            continue
        for low, high, text, several in _RANGE.findall(lines):
            codes = range(int(low, 16), int(high, 16) + 1)
            if text:
                start, digits = int(text, 16), len(text)
                found.update((code, f"{start + code - codes.start:0{digits}X}") for code in codes)
            else:
                found.update(zip(codes, map(_hex, _HEXADECIMAL.findall(several)), strict=False))
    return found


def _hex(text: bytes) -> str:
    return text.replace(b" ", b"").decode("ascii").upper()


def _unicode(said: Mapping[int, str]) -> str:
    lines = [f"<{code:02X}> <{text}>" for code, text in said.items()]
    blocks = (lines[at : at + _MOST] for at in range(0, len(lines), _MOST))
    return _UNICODE % "\n".join(
        "\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks
    )
