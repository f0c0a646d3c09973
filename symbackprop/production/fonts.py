"""Fonts of a part of a PDF: each holds the glyphs that the part shows, and says nothing of the others.

Type 1 programs are cut here and in `type1`: fontTools reads and writes them, but cuts only TrueType and CFF.
Whole programs would take 960 KB in each paper, as what is encrypted cannot be compressed. Cutting costs a
quarter of what splitting a run does.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Stream, String

from .charstrings import UnknownFont
from .objects import plain
from .pdf_file import PdfFile
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
    name: bytes
    descriptor: bytes


@dataclass(frozen=True)
class _Written:
    """A font for some codes: its entries, what they mean, their glyphs, those of its own encoding."""

    text: bytes
    meaning: bytes
    glyphs: frozenset[str]
    own: Mapping[int, str]


Shown = tuple[Object, int, frozenset[int]]  # a font, its number in the part, the codes that are shown
Number = tuple[int, int]  # of an object


@dataclass
class FontCutter:
    """Cuts the fonts of one PDF; what is cut once is known again."""

    _programs: dict[Number, Program | None] = field(default_factory=dict)
    _files: dict[Number, Number | None] = field(default_factory=dict)
    _cut: dict[tuple[object, ...], _Cut | None] = field(default_factory=dict)
    _names: dict[Number, Mapping[int, str]] = field(default_factory=dict)
    _texts: dict[Number, Mapping[int, str]] = field(default_factory=dict)
    _fonts: dict[tuple[Number, frozenset[int]], _Written] = field(default_factory=dict)

    def cuts(self, font: Object) -> bool:
        """Whether a font is one that can be cut: a Type 1 font that is embedded."""
        if font.objgen not in self._files:
            known = font.get("/Subtype") == Name.Type1 and self._program(font) is not None
            self._files[font.objgen] = font.FontDescriptor.FontFile.objgen if known else None
        return self._files[font.objgen] is not None

    def cut_all(self, into: PdfFile, shown: Sequence[Shown]) -> list[tuple[Object, int]]:
        """Put the fonts of a part in place, each cut down to the codes that are shown.

        Arguments:
            into: the part.
            shown: fonts that can be cut, with the numbers they have in the part, and the codes.

        Returns:
            The fonts that could not be cut after all, with their numbers: written in a way not known here.
        """
        programs: dict[object, list[Shown]] = {}
        for one in shown:
            programs.setdefault(self._files[one[0].objgen], []).append(one)
        return [whole for several in programs.values() for whole in self._cut_together(into, several)]

    def _cut_together(self, into: PdfFile, several: Sequence[Shown]) -> list[tuple[Object, int]]:
        """Put fonts that share a program in place."""
        own: dict[int, str] = {}
        glyphs: set[str] = set()
        for font, _, codes in several:
            one = self._written(font, codes)
            glyphs |= one.glyphs
            own.update(one.own)
        made = self._made(several[0][0], frozenset(glyphs), tuple(sorted(own.items())))
        if made is None:
            return [(font, number) for font, number, _ in several]
        file = into.add_stream(
            b"/Filter/FlateDecode/Length1 %d/Length2 %d/Length3 0" % (made.head, made.body), made.file
        )
        descriptor = into.add(b"<<%s/FontFile %d 0 R>>" % (made.descriptor, file))
        for font, number, codes in several:
            one = self._written(font, codes)
            meaning = b""
            if one.meaning:
                meaning = b"/ToUnicode %d 0 R" % into.add_stream(b"/Filter/FlateDecode", one.meaning)
            into.put(
                number,
                b"<<%s/BaseFont %s/FontDescriptor %d 0 R%s>>" % (one.text, made.name, descriptor, meaning),
            )
        return []

    def _written(self, font: Object, codes: frozenset[int]) -> _Written:
        key = font.objgen, codes
        if key not in self._fonts:
            self._fonts[key] = self._write(font, codes)
        return self._fonts[key]

    def _write(self, font: Object, codes: frozenset[int]) -> _Written:
        names, texts = self._encoding(font), self._text(font)
        used = {code: names[code] for code in sorted(codes) if code in names}
        low, high = min(codes, default=0), max(codes, default=0)
        first, widths = int(font.FirstChar), font.Widths
        own = Dictionary(Type=Name.Font, Subtype=Name.Type1, FirstChar=low, LastChar=high)
        own.Widths = Array(
            [
                widths[code - first] if code in codes and 0 <= code - first < len(widths) else 0
                for code in range(low, high + 1)
            ]
        )
        if "/Encoding" in font:
            differences: list[Any] = []
            for code, name in used.items():
                differences += [code, Name(f"/{name}")]
            own.Encoding = Dictionary(Type=Name.Encoding, Differences=Array(differences))
        said = {code: texts[code] for code in sorted(codes) if code in texts}
        meaning = zlib.compress(_unicode(said).encode("ascii")) if said else b""
        builtin = {} if "/Encoding" in font else used
        return _Written(_entries(own), meaning, frozenset(used.values()), builtin)

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
                self._cut[key] = _Cut(zlib.compress(data), head, body, Name(f"/{name}").unparse(), descriptor)
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
    return _entries(new)


def _entries(thing: Dictionary) -> bytes:
    """Return the entries of a dictionary as they stand in a file."""
    return thing.unparse(resolved=True).strip()[2:-2].strip()


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
