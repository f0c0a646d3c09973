"""The content of a page, taken apart at the marks in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pikepdf import Object, Page

from ..document.marks import NoForm, Place
from ..production.contents import INSIDE, unescaped
from .glyphs import Font, read_font
from .places import marks_in
from .runs import Mark

_STRING = rb"\(" + INSIDE + rb"\)"
#: A piece of text as the embedded engine writes it: font, size, matrix, and what is shown.
_TEXT = re.compile(
    rb"/(?P<font>\w+) (?P<size>[\d.]+) Tf (?P<matrix>[-\d. ]+) Tm"
    rb"(?P<shown>\[(?:" + _STRING + rb"|[-\d. ])*\]TJ|" + _STRING + rb"Tj)",
    re.DOTALL,
)
_ITEM = re.compile(rb"(" + _STRING + rb")|(-?[\d.]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gap:
    """A mark on a page, and the place that it stands for."""

    mark: Mark
    place: Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to be painted: with a name or a symbol, whose origin is where the mark begins."""

    name: str
    matrix: bytes


Part = bytes | Gap | Spot


@dataclass
class PageReader:
    """Reads the pages of a form; what it has found of marks is counted, and gaps that are alike are one."""

    places: Mapping[str, Place]
    spots: Mapping[str, str]  # what has no name is left out
    said: Collection[str]  # marks that can be said, not printed
    found: dict[str, int] = field(default_factory=dict)
    gaps: dict[tuple[str, bytes, float, float, float], Gap] = field(default_factory=dict)
    _fonts: dict[tuple[int, int], Font | None] = field(default_factory=dict)
    _known: dict[tuple[bytes, bytes], _Shown] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put together what to look for."""
        self._marks = frozenset([*self.places, *self.spots, *self.said])

    def read(self, page: Page) -> Iterator[Part]:
        """Yield the content of a page as bytes, and between them gaps and spots.

        Raises:
            NoForm: a mark stands where it cannot be replaced.
        """
        fonts = {
            name[1:].encode(): self._font(font) for name, font in page.resources.get("/Font", {}).items()
        }
        content = page.obj.Contents.read_bytes()
        held: list[bytes] = []
        at = 0
        for text in _TEXT.finditer(content):
            font = fonts.get(text["font"])
            if font is None:
                continue
            shown = self._shown(text["shown"], text["font"], font)
            matches = list(marks_in(shown.text, self._marks))
            if not matches:
                continue
            held.append(content[at : text.start("shown")])
            at = text.end("shown")
            for part in self._opened(shown, matches, text):
                if isinstance(part, bytes):
                    held.append(part)
                    continue
                yield b"".join(held)
                held = []
                yield part
        yield b"".join([*held, content[at:]])

    def _shown(self, operation: bytes, name: bytes, font: Font) -> _Shown:
        """Return what an operation shows; of most there are several that are alike."""
        found = self._known.get((name, operation))
        if found is None or found.font is not font:
            found = self._known[name, operation] = _Shown.of(operation, font)
        return found

    def _font(self, font: Object) -> Font | None:
        if font.objgen not in self._fonts:
            self._fonts[font.objgen] = read_font(font)
        return self._fonts[font.objgen]

    def _opened(
        self, shown: _Shown, matches: Sequence[tuple[re.Match[str], str]], text: re.Match[bytes]
    ) -> Iterator[Part]:
        """Yield what shows a text with marks in it."""
        marks = [mark for _, mark in matches]
        for mark in marks:
            self.found[mark] = self.found.get(mark, 0) + 1
        if not all(mark in self.places or mark in self.spots for mark in marks):
            raise NoForm(f"{', '.join(marks)} cannot be printed")
        if marks[0] in self.spots:
            if not self.spots[marks[0]]:
                return
            if len(shown.text) != len(matches[0][0][0]):
                raise NoForm(f"the mark {marks[0]} does not stand alone")
            yield b" ET "
            yield Spot(self.spots[marks[0]], text["matrix"])
            yield b" BT"
            return
        yield b"["
        at = 0
        for match, code in matches:
            yield shown.operand(at, match.start())
            point = next((i for i, letter in enumerate(match[0]) if letter in ".,"), len(match[0]))
            width = shown.width(match.start(), match.end())
            before = shown.width(match.start(), match.start() + point)
            key = (code, text["font"], float(text["size"]), round(width, 2), round(before, 2))
            if key not in self.gaps:
                there = Mark(shown.font, b"/" + text["font"], *key[2:])
                self.gaps[key] = Gap(there, self.places[code])
            yield self.gaps[key]
            at = match.end()
        yield shown.operand(at, len(shown.text)) + b"]TJ"


@dataclass(frozen=True)
class _Shown:
    """The text that an operator shows: its characters, their codes, and the moves before them."""

    font: Font
    text: str
    codes: tuple[int, ...]
    moves: tuple[float, ...]

    @classmethod
    def of(cls, operation: bytes, font: Font) -> _Shown:
        letters: list[str] = []
        codes: list[int] = []
        moves = [0.0]
        for item in _ITEM.finditer(operation):
            if item[2]:
                moves[-1] += float(item[2])
                continue
            raw = unescaped(item[1][1:-1])
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
        return sum(self.font.widths.get(code, 0.0) for code in self.codes[start:end]) - inner

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
