"""Fonts of a part of a PDF: each holds the glyphs that the part shows, and says nothing of the others."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
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
    """A cut program: its file as it stands in a PDF, the length of its parts, its name, its description."""

    file: bytes
    head: int
    body: int
    name: str
    descriptor: bytes


Shown = tuple[Object, frozenset[int]]  # a font, and the codes of it that are shown
Number = tuple[int, int]  # of an object


@dataclass
class FontCutter:
    """Cuts the fonts of one PDF; what is cut once is known again."""

    _programs: dict[Number, Program | None] = field(default_factory=dict)
    _files: dict[Number, Number | None] = field(default_factory=dict)
    _cut: dict[tuple[object, ...], _Cut | None] = field(default_factory=dict)
    _names: dict[Number, Mapping[int, str]] = field(default_factory=dict)
    _texts: dict[Number, Mapping[int, str]] = field(default_factory=dict)
    _fonts: dict[tuple[Number, frozenset[int]], tuple[bytes, bytes]] = field(default_factory=dict)

    def cuts(self, font: Object) -> bool:
        """Whether a font is one that can be cut: a Type 1 font that is embedded."""
        if font.objgen not in self._files:
            known = font.get("/Subtype") == Name.Type1 and self._program(font) is not None
            self._files[font.objgen] = font.FontDescriptor.FontFile.objgen if known else None
        return self._files[font.objgen] is not None

    def cut_all(self, into: Pdf, shown: Sequence[Shown]) -> list[Object]:
        """Return the fonts of a part, each cut down to the codes that are shown.

        Arguments:
            into: the part.
            shown: fonts that can be cut, with the codes.
        """
        programs: dict[object, list[int]] = {}
        for place, (font, _) in enumerate(shown):
            programs.setdefault(self._files[font.objgen], []).append(place)
        made: dict[int, Object] = {}
        for places in programs.values():
            fonts = self._cut_together(into, [shown[place] for place in places])
            made.update(zip(places, fonts, strict=True))
        return [made[place] for place in range(len(shown))]

    def _cut_together(self, into: Pdf, several: Sequence[Shown]) -> list[Object]:
        """Return fonts that share a program."""
        own: dict[int, str] = {}
        glyphs: set[str] = set()
        for font, codes in several:
            names = self._encoding(font)
            used = {code: names[code] for code in codes if code in names}
            glyphs.update(used.values())
            if "/Encoding" not in font:
                own.update(used)
        made = self._made(several[0][0], frozenset(glyphs), tuple(sorted(own.items())))
        if made is None:  # written in a way not known here: it comes as it is
            return [into.copy_foreign(font) for font, _ in several]
        descriptor = into.make_indirect(Object.parse(made.descriptor))
        lengths = {"Length1": made.head, "Length2": made.body, "Length3": 0}
        descriptor.FontFile = into.make_indirect(Stream(into, made.file, Filter=Name.FlateDecode, **lengths))
        fonts = []
        for font, codes in several:
            text, said = self._written(font, codes)
            copy = into.make_indirect(Object.parse(text))
            copy.BaseFont, copy.FontDescriptor = Name(made.name), descriptor
            if said:
                copy.ToUnicode = into.make_indirect(Stream(into, said, Filter=Name.FlateDecode))
            fonts.append(copy)
        return fonts

    def _written(self, font: Object, codes: frozenset[int]) -> tuple[bytes, bytes]:
        """Return a font as it stands in a PDF, without its name, and what its codes mean."""
        key = font.objgen, codes
        if key not in self._fonts:
            self._fonts[key] = self._write(font, codes)
        return self._fonts[key]

    def _write(self, font: Object, codes: frozenset[int]) -> tuple[bytes, bytes]:
        names, texts = self._encoding(font), self._text(font)
        low, high = min(codes, default=0), max(codes, default=0)
        first, widths = int(font.FirstChar), font.Widths
        copy = Dictionary(Type=Name.Font, Subtype=Name.Type1, FirstChar=low, LastChar=high)
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
        meanings = zlib.compress(_unicode(said).encode("ascii")) if said else b""
        return copy.unparse(resolved=True), meanings

    def _made(self, font: Object, glyphs: frozenset[str], own: tuple[tuple[int, str], ...]) -> _Cut | None:
        key = (font.FontDescriptor.FontFile.objgen, glyphs, own)
        if key not in self._cut:
            program = self._program(font)
            assert program is not None
            digest = hashlib.sha256(repr((_name(font), sorted(glyphs), own)).encode()).digest()
            mark = "".join(chr(65 + byte % 26) for byte in digest[:6])
            name = f"{mark}+{_name(font)}"
            try:
                data, head, body = cut(program, glyphs, name, dict(own))
            except UnknownFont:
                self._cut[key] = None
            else:
                descriptor = _descriptor(font.FontDescriptor, name, glyphs)
                self._cut[key] = _Cut(zlib.compress(data), head, body, f"/{name}", descriptor)
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


def _descriptor(old: Object, name: str, glyphs: Iterable[str]) -> bytes:
    """Return a font's description as it stands in a PDF, without the program."""
    new = Dictionary({key: plain(old[key]) for key in old.keys() if key != "/FontFile"})  # noqa: SIM118
    new.FontName = Name(f"/{name}")
    new.CharSet = String("".join(f"/{glyph}" for glyph in sorted(glyphs)))
    return new.unparse(resolved=True)


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
