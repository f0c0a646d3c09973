"""What a page's content names and shows: resources, and codes of characters in each font."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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


def _inside(depth: int) -> bytes:
    pair = rb"|\(" + _inside(depth - 1) + rb"\)" if depth else b""
    return rb"(?:[^\\()]|\\." + pair + rb")*+"


#: What stands between the brackets of a string. Pairs of brackets may stand in it as they are (ISO 32000-1,
#: 7.3.4.2), here within each other at most so often.
INSIDE = _inside(4)

_TOKEN = re.compile(
    rb"/(?P<name>[^\s/()<>\[\]{}%]+)\s+(?:[-+\d.]+\s+)?(?P<operator>Tf|Do|gs|cs|CS|scn|SCN|sh|BDC|DP)(?!\S)"
    rb"|\((?P<text>" + INSIDE + rb")\)"
    rb"|<(?P<hexadecimal>[0-9A-Fa-f\s]*)>"
    rb"|(?<!\S)(?:(?P<q>q)|(?P<Q>Q))(?!\S)",
    re.DOTALL,
)
_FONT = re.compile(rb"/([^\s/()<>\[\]{}%]+)(?= [-+\d.]+ Tf(?!\S))")
_NAMED = re.compile(rb"/([^\s/()<>\[\]{}%]+)(?=\s+(?:[-+\d.]+\s+)?(Do|gs|cs|CS|scn|SCN|sh|BDC|DP)(?!\S))")
_SIZE = re.compile(rb"^ [-+\d.]+ Tf")
_STRING = re.compile(rb"\(((?:[^\\()]|\\.)*)\)", re.DOTALL)
_STRANGE = re.compile(rb"[()<>]|Tf")
_STATE = re.compile(rb"(?<!\S)[qQ](?!\S)")
_ESCAPE = re.compile(rb"\\(?:[0-7]{1,3}|\r?\n|.)", re.DOTALL)
#: What each escape stands for: a backslash before any other letter is none (ISO 32000-1, 7.3.4.2).
_MEANT = (
    {b"\\%c" % byte: b"%c" % byte for byte in range(256)}
    | {
        b"\\n": b"\n",
        b"\\r": b"\r",
        b"\\t": b"\t",
        b"\\b": b"\b",
        b"\\f": b"\f",
        b"\\\n": b"",
        b"\\\r\n": b"",
    }
    | {b"\\%0*o" % (digits, code): b"%c" % (code & 0xFF) for digits in (1, 2, 3) for code in range(8**digits)}
)
_INLINE_IMAGE = re.compile(rb"(?<!\S)BI\s.*?\sID\s", re.DOTALL)

Named = tuple[str, bytes]  # the kind of a resource, and its name without the slash


@dataclass(frozen=True)
class Content:
    """A content, taken apart.

    texts: what stands between the names: one more than there are names.
    names: the resources that are named, place by place.
    shown: by font the codes that are shown in it.
    """

    texts: Sequence[bytes]
    names: Sequence[Named]
    shown: Mapping[bytes, set[int]]

    def renamed(self, names: Mapping[Named, bytes]) -> bytes:
        """Return the content with other names for its resources."""
        parts = [b""] * (2 * len(self.names) + 1)
        parts[::2] = self.texts
        parts[1::2] = [b"/" + names[name] for name in self.names]
        return b"".join(parts)


@dataclass(frozen=True)
class _Piece:
    """What follows the choice of a font: the codes that are shown, and whether anything else is named."""

    codes: frozenset[int]
    names: bool


@dataclass
class ContentReader:
    """Reads contents; what follows the choice of a font, on one page as on many others, is read once."""

    _known: dict[bytes, _Piece | None] = field(default_factory=dict)

    def read(self, content: bytes) -> Content:
        """Return what a content holds."""
        return self._read_plain(content) or read_any(content)

    def _read_plain(self, content: bytes) -> Content | None:
        """Return what a content holds if it is as pdfTeX writes it, else None; see `read_any`.

        pdfTeX chooses a font at the beginning of every text, and between the texts it shows nothing: so
        whatever is shown between two choices is shown in the font that was chosen first.
        """
        first, *rest = _FONT.split(content)
        texts, names = list[bytes](), list[Named]()
        shown: dict[bytes, set[int]] = {}
        start = self._piece(first)
        if start is None or start.codes:
            return None
        _add(texts, names, first, start)
        fonts = {name: ("/Font", name) for name in rest[::2]}
        for name, text in zip(rest[::2], rest[1::2], strict=True):
            piece = self._known.get(text) or self._piece(text)
            if piece is None:
                return None
            names.append(fonts[name])
            if piece.names:
                _add(texts, names, text, piece)
            else:
                texts.append(text)
            if name in shown:
                shown[name] |= piece.codes
            else:
                shown[name] = set(piece.codes)
        return Content(texts, names, {name: codes for name, codes in shown.items() if codes})

    def _piece(self, text: bytes) -> _Piece | None:
        if text not in self._known:
            self._known[text] = _read_piece(text)
        return self._known[text]


def has_inline_image(content: bytes) -> bool:
    """Whether there is a picture inside a content, where any bytes may stand."""
    return b"BI" in content and _INLINE_IMAGE.search(content) is not None


def _read_piece(text: bytes) -> _Piece | None:
    """Return what stands in a content up to the next choice of a font; None where that is not sure."""
    parts = _STRING.split(_SIZE.sub(b"", text, count=1))
    strings, outside = parts[1::2], b" ".join(parts[::2])
    if _STRANGE.search(outside) or (strings and _STATE.search(b" ".join(parts[:-1:2]))):
        return None  # the font may change, or change back
    named = _NAMED.search(outside) is not None
    if named and any(b"/" in string for string in strings):
        return None
    return _Piece(frozenset(b"".join([unescaped(string) for string in strings])), named)


def _add(texts: list[bytes], names: list[Named], text: bytes, piece: _Piece) -> None:
    """Add the text that follows a name, and the names that stand in it."""
    if not piece.names:
        texts.append(text)
        return
    begun, *rest = _NAMED.split(text)
    texts += [begun, *rest[2::3]]
    names += [(KINDS[operator], name) for name, operator in zip(rest[::3], rest[1::3], strict=True)]


def read_any(content: bytes) -> Content:
    """Return what any content holds."""
    texts: list[bytes] = []
    names: list[Named] = []
    shown: dict[bytes, set[int]] = {}
    font: bytes | None = None
    states: list[bytes | None] = []
    at = 0
    for token in _TOKEN.finditer(content):
        codes = b""
        match token.lastgroup:
            case "text":
                codes = unescaped(token["text"])
            case "operator":
                names.append((KINDS[token["operator"]], token["name"]))
                texts.append(content[at : token.start("name") - 1])
                at = token.end("name")
                if token["operator"] == b"Tf":
                    font = token["name"]
            case "hexadecimal":
                digits = b"".join(token["hexadecimal"].split())
                codes = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
            case "q":
                states.append(font)
            case _:
                font = states.pop() if states else font
        if codes and font is not None:
            shown.setdefault(font, set()).update(codes)
    texts.append(content[at:])
    return Content(texts, names, shown)


def unescaped(text: bytes) -> bytes:
    """Return the bytes that a string of a content stands for."""
    return _ESCAPE.sub(lambda escape: _MEANT[escape[0]], text) if b"\\" in text else text
