"""Pages copied out of a long run, so that nothing in them tells of the other pages of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from .contents import ContentReader, has_inline_image
from .fonts import FontCutter
from .objects import KEPT, object_text, plain, stream_entries, value_text, with_copies
from .pdf_file import PdfFile

#: How the resources of each kind are called: F1, F2, ...
_LETTERS: Mapping[str, str] = {
    "/Font": "F", "/XObject": "X", "/ExtGState": "G", "/ColorSpace": "C", "/Pattern": "P", "/Shading": "S",
    "/Properties": "M",
}  # fmt: skip

Number = tuple[int, int]  # of an object of the run


@dataclass
class Run:
    """A long PDF that is cut into sheets, and what is known of its fonts and contents."""

    pdf: Pdf
    cutter: FontCutter = field(default_factory=FontCutter)
    reader: ContentReader = field(default_factory=ContentReader)
    resources: dict[Number, _Resources] = field(default_factory=dict)

    def resources_of(self, thing: Object) -> _Resources:
        """Return the resources of a page or form; many of them share theirs."""
        if not thing.is_indirect:
            return _Resources(thing)
        return self.resources.setdefault(thing.objgen, _Resources(thing))


@dataclass
class _Resources:
    """Resources by kind and name; each is looked up in the PDF once."""

    thing: Object
    known: dict[tuple[str, bytes], Object | None] = field(default_factory=dict)

    def get(self, kind: str, name: bytes) -> Object | None:
        key = kind, name
        if key not in self.known:
            self.known[key] = self.thing.get(kind, Dictionary()).get(f"/{name.decode('latin-1')}")
        return self.known[key]


class SheetCopier:
    """Copies the pages of one sheet into a file: resources are named in the order in which they are used.

    `finish` must follow the last page: then it is known which glyphs of each font are shown.
    """

    def __init__(self, into: PdfFile, run: Run) -> None:
        """Copy from a run into a file."""
        self.into, self.run = into, run
        self._numbers: dict[Number, int] = {}
        self._fonts: dict[Number, tuple[Object, int, set[int]]] = {}
        self._named: dict[tuple[str, Number | bytes], bytes] = {}
        self._counts: dict[str, int] = {}

    def page(self, page: Page) -> bytes:
        """Return the entries of a copy of a page, without its parent and its links."""
        contents = page.obj.get("/Contents")
        parts = list(contents) if isinstance(contents, Array) else [contents]
        content = b"\n".join(part.read_bytes() for part in parts if isinstance(part, Stream))
        kept = {key: page.obj[key] for key in KEPT if key in page.obj}
        entries = b"".join(b"%s %s" % (key.encode(), self.copied(value)) for key, value in kept.items())
        if has_inline_image(content):
            written, resources = content, self.copied(page.resources)
        else:
            written, resources = self._rewritten(content, page.resources)
        return b"/Type/Page/MediaBox %s%s/Resources %s/Contents %d 0 R" % (
            plain(page.mediabox).unparse(),
            entries,
            resources,
            self.into.add_packed(written),
        )

    def finish(self) -> None:
        """Put the fonts in place."""
        fonts = list(self._fonts.values())
        whole = self.run.cutter.cut_all(
            self.into, [(font, number, frozenset(codes)) for font, number, codes in fonts]
        )
        for font, number in whole:  # written in a way not known: they come as they are
            self.into.put(number, self._with_copies(object_text(font)))

    def copied(self, value: Any) -> bytes:
        """Return a value as it stands in the file, with all that it refers to."""
        if isinstance(value, Object) and value.is_indirect:
            return b"%d 0 R" % self._copy(value)
        return self._with_copies(value_text(value))

    def _copy(self, thing: Object) -> int:
        """Copy an object of the run and return its number in the file."""
        if thing.objgen not in self._numbers:
            number = self._numbers[thing.objgen] = self.into.reserve()
            if isinstance(thing, Stream):
                entries = self._with_copies(stream_entries(thing))
                self.into.put_stream(number, entries, thing.read_raw_bytes())
            else:
                self.into.put(number, self._with_copies(object_text(thing)))
        return self._numbers[thing.objgen]

    def _with_copies(self, text: bytes) -> bytes:
        return with_copies(text, self.run.pdf, self._copy)

    def _rewritten(self, content: bytes, resources: Object) -> tuple[bytes, bytes]:
        """Return a content with the names of this sheet, and the resources that it names."""
        found = self.run.resources_of(resources)
        read = self.run.reader.read(content)
        kept: dict[str, dict[bytes, bytes]] = {}
        renamed: dict[tuple[str, bytes], bytes] = {}
        for kind, name in dict.fromkeys(read.names):
            entry = found.get(kind, name)
            new = renamed[kind, name] = name if entry is None else self._name(kind, entry)
            if entry is not None:
                kept.setdefault(kind, {})[new] = self._resource(kind, entry)
        for name, codes in read.shown.items():
            font = found.get("/Font", name)
            if font is not None and font.objgen in self._fonts:
                self._fonts[font.objgen][2].update(codes)
        entries = b"".join(
            b"%s<<%s>>" % (kind.encode(), b"".join(b"/%s %s" % one for one in sorted(named.items())))
            for kind, named in sorted(kept.items())
        )
        return read.renamed(renamed), b"<<%s>>" % entries

    def _name(self, kind: str, entry: Object) -> bytes:
        key = kind, entry.objgen if entry.is_indirect else entry.unparse()
        if key not in self._named:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._named[key] = f"{_LETTERS[kind]}{self._counts[kind]}".encode()
        return self._named[key]

    def _resource(self, kind: str, entry: Object) -> bytes:
        """Return a resource as it is referred to."""
        if kind == "/Font" and self.run.cutter.cuts(entry):
            if entry.objgen not in self._fonts:
                self._fonts[entry.objgen] = entry, self.into.reserve(), set()
            return b"%d 0 R" % self._fonts[entry.objgen][1]
        if kind == "/XObject" and entry.get("/Subtype") == Name.Form:
            return b"%d 0 R" % self._form(entry)
        return self.copied(entry)

    def _form(self, form: Object) -> int:
        if form.objgen not in self._numbers:
            number = self._numbers[form.objgen] = self.into.reserve()
            content = form.read_bytes()
            written, resources = self._rewritten(content, form.get("/Resources", Dictionary()))
            entries = b"".join(
                b"%s %s" % (name.encode(), self.copied(form[name]))
                for name in ("/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Group")
                if name in form
            )
            self.into.put_packed(number, written, entries + b"/Resources " + resources)
        return self._numbers[form.objgen]
