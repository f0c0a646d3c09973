"""Pages copied out of a long run, so that nothing in them tells of the other pages of the run."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from .fonts import FontCutter
from .pages import PageCopier, Source, plain

#: By the operators of a page's content, which kind of resource is named before them, and how these are called.
_KINDS: Mapping[bytes, str] = {
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
_LETTERS: Mapping[str, str] = {
    "/Font": "F", "/XObject": "X", "/ExtGState": "G", "/ColorSpace": "C", "/Pattern": "P", "/Shading": "S",
    "/Properties": "M",
}  # fmt: skip

_TOKEN = re.compile(
    rb"/(?P<name>[^\s/()<>\[\]{}%]+)\s+(?:[-+\d.]+\s+)?(?P<operator>Tf|Do|gs|cs|CS|scn|SCN|sh|BDC|DP)(?!\S)"
    rb"|\((?P<text>(?:[^\\()]|\\.)*)\)"
    rb"|<(?P<hexadecimal>[0-9A-Fa-f\s]*)>"
    rb"|(?<!\S)(?P<state>[qQ])(?!\S)",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|\r?\n|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_INLINE_IMAGE = re.compile(rb"(?<!\S)BI\s.*?\sID\s", re.DOTALL)


@dataclass
class _Font:
    """A font of the run on its way into a part: the copy that is filled in at the end, the codes shown."""

    font: Object
    copy: Dictionary
    codes: set[int] = field(default_factory=set)


class SheetCopier(PageCopier):
    """Copies the pages of one sheet: resources are named in the order in which they are used.

    `finish` must follow the last page: then it is known which glyphs of each font are shown.
    """

    def __init__(self, into: Pdf, cutter: FontCutter) -> None:
        """Copy into a PDF, with what is known of the fonts of the run."""
        super().__init__(into)
        self._cutter = cutter
        self._fonts: dict[tuple[int, int], _Font] = {}
        self._named: dict[tuple[str, bytes], str] = {}
        self._forms: dict[bytes, Object] = {}

    def copy(self, source: Source, page: Page) -> Object:
        """Return a copy of a page, not in the order of pages yet."""
        contents = page.obj.get("/Contents")
        parts = list(contents) if isinstance(contents, Array) else [contents]
        content = b"\n".join(part.read_bytes() for part in parts if isinstance(part, Stream))
        if _INLINE_IMAGE.search(content):
            return super().copy(source, page)
        copy = Dictionary(Type=Name.Page, MediaBox=plain(page.mediabox))
        self._keep(source, page, copy)
        written, copy.Resources = self._rewritten(source, content, page.resources)
        copy.Contents = Stream(self.into, zlib.compress(written), Filter=Name.FlateDecode)
        return self.into.make_indirect(copy)

    def finish(self) -> None:
        """Fill in the fonts."""
        self._cutter.fill(
            self.into, [(one.font, one.copy, frozenset(one.codes)) for one in self._fonts.values()]
        )

    def _rewritten(self, source: Source, content: bytes, resources: Any) -> tuple[bytes, Dictionary]:
        """Return a content with the names of this part, and the resources that it names."""
        kept: dict[str, dict[str, Object]] = {}
        pieces: list[bytes] = []
        at = 0
        font: _Font | None = None
        states: list[_Font | None] = []
        for token in _TOKEN.finditer(content):
            if (text := token["text"]) is not None:
                if font is not None:
                    font.codes.update(_unescaped(text) if b"\\" in text else text)
            elif (name := token["name"]) is not None:
                kind, operator = _KINDS[token["operator"]], token["operator"]
                entry = resources.get(kind, Dictionary()).get(f"/{name.decode('latin-1')}")
                if entry is not None:
                    new = self._name(kind, source, entry)
                    pieces += [content[at : token.start("name")], new.encode()]
                    at = token.end("name")
                    kept.setdefault(kind, {})[f"/{new}"] = self._resource(kind, source, entry)
                if operator == b"Tf":
                    font = self._fonts.get(entry.objgen) if entry is not None else None
            elif (digits := token["hexadecimal"]) is not None:
                if font is not None:
                    even = b"".join(digits.split())
                    font.codes.update(bytes.fromhex((even + b"0" * (len(even) % 2)).decode()))
            elif token["state"] == b"q":
                states.append(font)
            elif states:
                font = states.pop()
        pieces.append(content[at:])
        return b"".join(pieces), Dictionary({kind: Dictionary(named) for kind, named in kept.items()})

    def _name(self, kind: str, source: Source, entry: Object) -> str:
        key = kind, source.key(entry)
        if key not in self._named:
            count = sum(1 for other, _ in self._named if other == kind)
            self._named[key] = f"{_LETTERS[kind]}{count + 1}"
        return self._named[key]

    def _resource(self, kind: str, source: Source, entry: Object) -> Object:
        if kind == "/Font" and self._cutter.cuts(entry):
            if entry.objgen not in self._fonts:
                self._fonts[entry.objgen] = _Font(entry, self.into.make_indirect(Dictionary()))
            return self._fonts[entry.objgen].copy
        if kind == "/XObject" and entry.get("/Subtype") == Name.Form:
            return self._form(source, entry)
        return self._shared(source, entry)

    def _form(self, source: Source, form: Object) -> Object:
        key = source.key(form)
        if key not in self._forms:
            written, resources = self._rewritten(
                source, form.read_bytes(), form.get("/Resources", Dictionary())
            )
            copy = Stream(self.into, zlib.compress(written), Filter=Name.FlateDecode)
            for name in ("/Type", "/Subtype", "/FormType", "/BBox", "/Matrix"):
                if name in form:
                    copy[name] = plain(form[name])
            if "/Group" in form:
                copy.Group = self._transferred(source, form.Group)
            copy.Resources = resources
            self._forms[key] = self.into.make_indirect(copy)
        return self._forms[key]


def _unescaped(text: bytes) -> bytes:
    """Return the bytes that a string of a content stands for."""

    def meant(escape: re.Match[bytes]) -> bytes:
        if escape[1]:
            return bytes([int(escape[1], 8) & 0xFF])
        return _ESCAPED.get(escape[2], escape[2]) if escape[2] else b""

    return _ESCAPE.sub(meant, text)
