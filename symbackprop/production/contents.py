"""What a page's content names and shows: resources, and codes of characters in each font."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: By the operators of a content, which kind of resource is named before them.
KINDS: Mapping[bytes, str] = {
    b"Tf": "/Font",
    b"Do": "/XObject",
    b"gs": "/ExtGState",
    b"cs": "/ColorSpace",
    b"CS": "/ColorSpace",
    b"scn": "/Pattern",
    b"SCN": "/Pattern",
    b"sh": "/Shading",
    b"BDC": "/Properties",
    b"DP": "/Properties",
}

_TOKEN = re.compile(
    rb"/(?P<name>[^\s/()<>\[\]{}%]+)\s+(?:[-+\d.]+\s+)?(?P<operator>Tf|Do|gs|cs|CS|scn|SCN|sh|BDC|DP)(?!\S)"
    rb"|\((?P<text>(?:[^\\()]|\\.)*)\)"
    rb"|<(?P<hexadecimal>[0-9A-Fa-f\s]*)>"
    rb"|(?<!\S)(?:(?P<q>q)|(?P<Q>Q))(?!\S)",
    re.DOTALL,
)
_NAMED = re.compile(rb"/([^\s/()<>\[\]{}%]+)(?=\s+(?:[-+\d.]+\s+)?(Tf|Do|gs|cs|CS|scn|SCN|sh|BDC|DP)(?!\S))")
_STRING = re.compile(rb"\(((?:[^\\()]|\\.)*)\)", re.DOTALL)
_SPACED = re.compile(rb"\((?:[^\\()\s]|\\.)*\s", re.DOTALL)
_STATE = re.compile(rb"(?<!\S)[qQ](?!\S)")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|\r?\n|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_INLINE_IMAGE = re.compile(rb"(?<!\S)BI\s.*?\sID\s", re.DOTALL)

#: TeX ends every piece of text with this, and begins the next one with the name of its font. What TeX writes
#: into a string is never a line end, so that this stands in none.
_END_OF_TEXT = b"\nET\n"

Named = tuple[str, bytes]  # the kind of a resource, and its name without the slash


@dataclass(frozen=True)
class Piece:
    """A piece of content.

    texts: what stands between the names: one more than there are places.
    names: the resources that are named, each once, in the order in which they come first.
    places: which of them is named, place by place.
    shown: by font the codes that are shown in it; None stands for the font that was in force before.
    """

    texts: tuple[bytes, ...]
    names: tuple[Named, ...]
    places: tuple[int, ...]
    shown: Mapping[bytes | None, frozenset[int]]
    written: dict[tuple[bytes, ...], bytes] = field(default_factory=dict, compare=False, repr=False)

    def renamed(self, names: tuple[bytes, ...]) -> bytes:
        """Return the piece with other names for its resources."""
        if names not in self.written:
            parts = [self.texts[0]]
            for place, text in zip(self.places, self.texts[1:], strict=True):
                parts += (names[place], text)
            self.written[names] = b"".join(parts)
        return self.written[names]


@dataclass
class ContentReader:
    """Reads contents; a piece that many pages have is read once."""

    known: dict[bytes, Piece] = field(default_factory=dict)

    def read(self, content: bytes) -> list[Piece]:
        """Return the pieces that a content consists of; in none but the first a font of before is used."""
        pieces = [self._piece(text) for text in content.split(_END_OF_TEXT)]
        if any(None in piece.shown for piece in pieces):
            return [self._piece(content)]
        return pieces

    def _piece(self, text: bytes) -> Piece:
        if text not in self.known:
            self.known[text] = _read(text)
        return self.known[text]


def joined(pieces: list[Piece], rename: Callable[[str, bytes], bytes]) -> bytes:
    """Return the content that pieces make up, its resources under other names."""
    return _END_OF_TEXT.join(
        piece.renamed(tuple([rename(kind, name) for kind, name in piece.names])) for piece in pieces
    )


def has_inline_image(content: bytes) -> bool:
    """Whether there is a picture inside a content, where any bytes may stand."""
    return b"BI" in content and _INLINE_IMAGE.search(content) is not None


def _read(content: bytes) -> Piece:
    return _read_plain(content) or _read_any(content)


def _read_plain(content: bytes) -> Piece | None:
    """Return what a piece holds if it is as TeX writes text, else None; see `_read_any`.

    TeX has no spaces in its strings, so that what looks like a name and its operator is one, and a whole
    piece can be taken apart at once.
    """
    if b"<" in content or _SPACED.search(content):
        return None
    first, *rest = _NAMED.split(content)
    if _STRING.search(first):
        return None
    texts, names, places = [first], dict[Named, int](), list[int]()
    shown: dict[bytes | None, set[int]] = {}
    codes: set[int] | None = None
    for name, operator, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        places.append(names.setdefault((KINDS[operator], name), len(names)))
        texts[-1] += b"/"
        texts.append(text)
        if operator == b"Tf":
            codes = shown.setdefault(name, set())
        for string in _STRING.findall(text):
            if codes is None:
                return None
            codes.update(_unescaped(string) if b"\\" in string else string)
        if codes is not None and _STATE.search(text):  # the font may change back
            return None
    return _piece(texts, names, places, shown)


def _read_any(content: bytes) -> Piece:
    """Return what a piece of any content holds."""
    texts: list[bytes] = []
    names: dict[Named, int] = {}
    places: list[int] = []
    shown: dict[bytes | None, set[int]] = {}
    font: bytes | None = None
    states: list[bytes | None] = []
    at = 0
    for token in _TOKEN.finditer(content):
        match token.lastgroup:
            case "text":
                text = token["text"]
                shown.setdefault(font, set()).update(_unescaped(text) if b"\\" in text else text)
            case "operator":
                places.append(names.setdefault((KINDS[token["operator"]], token["name"]), len(names)))
                texts.append(content[at : token.start("name")])
                at = token.end("name")
                if token["operator"] == b"Tf":
                    font = token["name"]
            case "hexadecimal":
                digits = b"".join(token["hexadecimal"].split())
                codes = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
                shown.setdefault(font, set()).update(codes)
            case "q":
                states.append(font)
            case _:
                font = states.pop() if states else font
    texts.append(content[at:])
    return _piece(texts, names, places, shown)


def _piece(
    texts: list[bytes], names: dict[Named, int], places: list[int], shown: dict[bytes | None, set[int]]
) -> Piece:
    codes_of = {font: frozenset(codes) for font, codes in shown.items() if codes}
    return Piece(tuple(texts), tuple(names), tuple(places), codes_of)


def _unescaped(text: bytes) -> bytes:
    """Return the bytes that a string of a content stands for."""

    def meant(escape: re.Match[bytes]) -> bytes:
        if escape[1]:
            return bytes([int(escape[1], 8) & 0xFF])
        return _ESCAPED.get(escape[2], escape[2]) if escape[2] else b""

    return _ESCAPE.sub(meant, text)
