"""The content of a page, taken apart at the marks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Object, Page, String

from .glyphs import Font, read_font
from ..document.marks import NoForm, Place
from .places import found_mark
from .runs import Mark

#: Operators that show text: the ones that a form may have around a mark.
SHOWING = ("Tj", "TJ")


@dataclass(frozen=True, slots=True)
class Gap:
    """A mark on a page, and the place that it stands for."""

    mark: Mark
    place: Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to be painted: with a name or a symbol, whose origin is where the mark begins."""

    name: str
    matrix: tuple[float, ...]


Part = bytes | Gap | Spot


@dataclass
class PageReader:
    """Reads the pages of a form; what it has found of marks is counted."""

    places: Mapping[str, Place]
    spots: Mapping[str, str]  # what has no name is left out
    pattern: re.Pattern[str]
    found: dict[str, int] = field(default_factory=dict)
    _fonts: dict[tuple[int, int], Font | None] = field(default_factory=dict)

    def read(self, page: Page) -> list[Part]:
        """Return the content of a page as bytes, and between them gaps and spots.

        Raises:
            NoForm: a mark stands where it cannot be replaced.
        """
        fonts = {name.encode(): self._font(font) for name, font in page.resources.get("/Font", {}).items()}
        parts: list[Part] = []
        instructions: list[pikepdf.ContentStreamInstruction] = []
        name, size, matrix = b"", 0.0, ()  # type: ignore[var-annotated]
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            operands = instruction.operands
            if operator == "Tf":
                name, size = str(operands[0]).encode(), float(operands[1])  # type: ignore[arg-type]
            elif operator == "Tm":
                matrix = tuple(map(float, operands))  # type: ignore[arg-type]
            font = fonts.get(name)
            if operator in SHOWING and font is not None:
                shown = _Shown.of(operands[0], font)
                matches = list(self.pattern.finditer(shown.text))
                if matches:
                    parts.append(pikepdf.unparse_content_stream(instructions) + b"\n")
                    instructions = []
                    parts += self._opened(shown, matches, name, size, matrix)
                    continue
            instructions.append(instruction)
        parts.append(pikepdf.unparse_content_stream(instructions))
        return list(_merged(parts))

    def _font(self, font: Object) -> Font | None:
        if font.objgen not in self._fonts:
            self._fonts[font.objgen] = read_font(font)
        return self._fonts[font.objgen]

    def _opened(
        self, shown: _Shown, matches: list[re.Match[str]], name: bytes, size: float, matrix: tuple[float, ...]
    ) -> Iterator[Part]:
        """Yield what shows a text with marks in it."""
        marks = [self._counted(match) for match in matches]
        if marks[0] in self.spots:
            if not self.spots[marks[0]]:
                return
            if len(shown.text) != len(matches[0][0]) or len(matrix) != 6:
                raise NoForm(f"the mark {marks[0]} does not stand alone")
            yield b"ET\n"
            yield Spot(self.spots[marks[0]], matrix)
            yield b"BT\n"
            return
        yield b"["
        at = 0
        for match, code in zip(matches, marks, strict=True):
            place = self.places[code]
            yield shown.operand(at, match.start())
            point = next((i for i, letter in enumerate(match[0]) if letter in ".,"), len(match[0]))
            width = shown.width(match.start(), match.end())
            before = shown.width(match.start(), match.start() + point)
            yield Gap(Mark(shown.font, name, size, width, before), place)
            at = match.end()
        yield shown.operand(at, len(shown.text)) + b"]TJ\n"

    def _counted(self, match: re.Match[str]) -> str:
        code = found_mark(match)
        self.found[code] = self.found.get(code, 0) + 1
        return code


@dataclass(frozen=True)
class _Shown:
    """The text that an operator shows: its characters, their codes, and the moves before them."""

    font: Font
    text: str
    codes: tuple[int, ...]
    moves: tuple[float, ...]

    @classmethod
    def of(cls, operand: Object, font: Font) -> _Shown:
        items = list(operand) if isinstance(operand, Array) else [operand]  # type: ignore[call-overload]
        letters: list[str] = []
        codes: list[int] = []
        moves = [0.0]
        for item in items:
            if not isinstance(item, String):
                moves[-1] += float(item)
                continue
            raw = bytes(item)
            for first, second in zip(raw[::2], raw[1::2], strict=True):
                code = first << 8 | second
                text = font.texts.get(code, "\N{REPLACEMENT CHARACTER}")
                # of a ligature, which is no part of a mark, one character stands for all
                letters.append(text if len(text) == 1 else "\N{REPLACEMENT CHARACTER}")
                codes.append(code)
                moves.append(0.0)
        return cls(font, "".join(letters), tuple(codes), tuple(moves))

    def width(self, start: int, end: int) -> float:
        """Return how far some characters go, in thousandths of the type's size."""
        inner = sum(self.moves[start + 1 : end])
        return sum(map(self.font.width, self.codes[start:end])) - inner

    def operand(self, start: int, end: int) -> bytes:
        """Return some characters as a part of the operand of TJ, with the move after the last one."""
        out: list[bytes] = []
        for place in range(start, end):
            if self.moves[place]:
                out.append(b"%.6g " % self.moves[place])
            out.append(b"<%04x>" % self.codes[place])
        if self.moves[end]:
            out.append(b"%.6g " % self.moves[end])
        return b"".join(out).replace(b"><", b"")


def _merged(parts: list[Part]) -> Iterator[Part]:
    """Yield parts with no two pieces of bytes beside each other."""
    held: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            held.append(part)
            continue
        if held:
            yield b"".join(held)
            held = []
        yield part
    if held:
        yield b"".join(held)
