"""The fonts of a PDF that text is filled into: which code shows a character, and how wide it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pikepdf import Array, Name, Object

from ..document.marks import NoForm

_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f]+)>")


#: So many texts are kept.
MOST_SHOWN = 1000


@dataclass(frozen=True)
class Font:
    """A font whose codes have two bytes.

    texts: what each code shows. glyphs: of each character its code in hexadecimal digits, and its width.
    widths: of the codes, in thousandths of the type's size, as all widths here.
    """

    texts: Mapping[int, str]
    glyphs: Mapping[str, tuple[str, float]]
    widths: Mapping[int, float]
    _shown: dict[str, tuple[bytes, float]] = field(default_factory=dict, compare=False, repr=False)

    def shown(self, text: str) -> tuple[bytes, float]:
        """Return a text as an operand that shows it, and its width.

        Raises:
            NoForm: a character of it is not in the font.
        """
        found = self._shown.get(text)
        if found is None:
            try:
                glyphs = [self.glyphs[letter] for letter in text]
            except KeyError as error:
                raise NoForm(f"the font of the form has no {error}") from None
            codes = "".join([code for code, _ in glyphs]).encode()
            found = b"<%s>" % codes, sum([width for _, width in glyphs])
            if len(self._shown) >= MOST_SHOWN:
                self._shown.clear()
            self._shown[text] = found  # a number stands in several places of a paper
        return found


def read_font(font: Object) -> Font | None:
    """Return a font of a page, None for one whose codes do not have two bytes or whose text is not known."""
    if font.get("/Subtype") != Name.Type0 or font.get("/Encoding") != Name("/Identity-H"):
        return None
    if "/ToUnicode" not in font:
        return None
    texts = dict(_texts(font.ToUnicode.read_bytes()))
    descendant = font.DescendantFonts[0]
    default = float(descendant.get("/DW", 1000))
    given = dict(_widths(descendant.get("/W", Array())))
    widths = {code: given.get(code, default) for code in texts}
    glyphs: dict[str, tuple[str, float]] = {}
    for code, text in texts.items():
        glyphs.setdefault(text, (f"{code:04x}", widths[code]))
    return Font(texts, glyphs, widths)


def _texts(table: bytes) -> Iterator[tuple[int, str]]:
    for part in _CHARACTERS.finditer(table):
        entries = _HEXADECIMAL.findall(part[1])
        for code, text in zip(entries[::2], entries[1::2], strict=True):
            yield int(code, 16), _text(text)
    for part in _RANGES.finditer(table):
        if b"[" in part[1]:
            raise NoForm("a font has a table of ranges by lists")
        entries = _HEXADECIMAL.findall(part[1])
        for low, high, text in zip(entries[::3], entries[1::3], entries[2::3], strict=True):
            first = _text(text)
            for step in range(int(high, 16) - int(low, 16) + 1):
                yield int(low, 16) + step, first[:-1] + chr(ord(first[-1]) + step)


def _text(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _widths(entries: Object) -> Iterator[tuple[int, float]]:
    """Yield codes with their widths: "first [w w w]", or "first last w" (ISO 32000-1, 9.7.4.3)."""
    at = 0
    items = list(entries)
    while at < len(items):
        first = int(items[at])
        if isinstance(items[at + 1], Array):
            for step, width in enumerate(items[at + 1]):
                yield first + step, float(width)
            at += 2
        else:
            for code in range(first, int(items[at + 1]) + 1):
                yield code, float(items[at + 2])
            at += 3
