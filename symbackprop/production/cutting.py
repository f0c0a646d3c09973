"""Pages copied out of a long run, so that nothing in them tells of the other pages of the run."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from .contents import ContentReader, has_inline_image, joined
from .fonts import FontCutter
from .pages import PageCopier, Source, plain

#: How the resources of each kind are called: F1, F2, ...
_LETTERS: Mapping[str, str] = {
    "/Font": "F", "/XObject": "X", "/ExtGState": "G", "/ColorSpace": "C", "/Pattern": "P", "/Shading": "S",
    "/Properties": "M",
}  # fmt: skip


@dataclass
class _Font:
    """A font of the run on its way into a part: the codes that are shown, and where it is named."""

    font: Object
    codes: set[int] = field(default_factory=set)
    places: list[tuple[Dictionary, str]] = field(default_factory=list)


class SheetCopier(PageCopier):
    """Copies the pages of one sheet: resources are named in the order in which they are used.

    `finish` must follow the last page: then it is known which glyphs of each font are shown.
    """

    def __init__(self, into: Pdf, cutter: FontCutter, reader: ContentReader) -> None:
        """Copy into a PDF, with what is known of the fonts and the contents of the run."""
        super().__init__(into)
        self._cutter, self._reader = cutter, reader
        self._fonts: dict[tuple[int, int], _Font] = {}
        self._named: dict[tuple[str, bytes], bytes] = {}
        self._counts: dict[str, int] = {}
        self._forms: dict[bytes, Object] = {}

    def copy(self, source: Source, page: Page) -> Object:
        """Return a copy of a page, not in the order of pages yet."""
        contents = page.obj.get("/Contents")
        parts = list(contents) if isinstance(contents, Array) else [contents]
        content = b"\n".join(part.read_bytes() for part in parts if isinstance(part, Stream))
        if has_inline_image(content):
            return super().copy(source, page)
        copy = Dictionary(Type=Name.Page, MediaBox=plain(page.mediabox))
        self._keep(source, page, copy)
        written, copy.Resources = self._rewritten(source, content, page.resources)
        copy.Contents = Stream(self.into, zlib.compress(written), Filter=Name.FlateDecode)
        return self.into.make_indirect(copy)

    def finish(self) -> None:
        """Put the fonts in place."""
        fonts = list(self._fonts.values())
        cut = self._cutter.cut_all(self.into, [(one.font, frozenset(one.codes)) for one in fonts])
        for one, font in zip(fonts, cut, strict=True):
            for resources, name in one.places:
                resources[name] = font

    def _rewritten(self, source: Source, content: bytes, resources: Any) -> tuple[bytes, Dictionary]:
        """Return a content with the names of this part, and the resources that it names."""
        kept: dict[str, Dictionary] = {}
        renamed: dict[tuple[str, bytes], bytes] = {}

        def rename(kind: str, name: bytes) -> bytes:
            if (kind, name) not in renamed:
                entry = resources.get(kind, Dictionary()).get(f"/{name.decode('latin-1')}")
                renamed[kind, name] = name if entry is None else self._name(kind, source, entry)
                if entry is not None:
                    new = f"/{renamed[kind, name].decode()}"
                    self._put(kept.setdefault(kind, Dictionary()), new, kind, source, entry)
            return renamed[kind, name]

        pieces = self._reader.read(content)
        written = joined(pieces, rename)
        fonts = resources.get("/Font", Dictionary())
        for piece in pieces:
            for name, codes in piece.shown.items():
                entry = None if name is None else fonts.get(f"/{name.decode('latin-1')}")
                if entry is not None and entry.objgen in self._fonts:
                    self._fonts[entry.objgen].codes |= codes
        return written, Dictionary(kept)

    def _name(self, kind: str, source: Source, entry: Object) -> bytes:
        key = kind, source.key(entry)
        if key not in self._named:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._named[key] = f"{_LETTERS[kind]}{self._counts[kind]}".encode()
        return self._named[key]

    def _put(self, resources: Dictionary, name: str, kind: str, source: Source, entry: Object) -> None:
        """Put a resource among the others of its kind; a font that is to be cut comes there at the end."""
        if kind == "/Font" and self._cutter.cuts(entry):
            self._fonts.setdefault(entry.objgen, _Font(entry)).places.append((resources, name))
        elif kind == "/XObject" and entry.get("/Subtype") == Name.Form:
            resources[name] = self._form(source, entry)
        else:
            resources[name] = self._shared(source, entry)

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
