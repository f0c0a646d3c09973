"""Pages of a small PDF as patches: what is painted on a form where its marks for names and symbols stand."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Object, Stream

from ..production.objects import object_text, referring, stream_entries, with_copies
from ..production.pdf_file import PdfFile
from ..render.stamps import black_runs


@dataclass(frozen=True)
class Patches:
    """Pages as they are painted, by name.

    objects: what they need, each referring to the others by their places. pages: the stream of each page.
    """

    objects: tuple[tuple[bytes, bytes | None], ...]
    pages: Mapping[str, tuple[bytes, bytes]]

    def put(self, file: PdfFile) -> dict[str, int]:
        """Write all into a file and return the numbers of the patches, by name."""
        numbers = [file.reserve() for _ in self.objects]

        def local(text: bytes) -> bytes:
            return referring(text, lambda place, _: b"%d 0 R" % numbers[place])

        for number, (text, data) in zip(numbers, self.objects, strict=True):
            if data is None:
                file.put(number, local(text))
            else:
                file.put_stream(number, local(text), data)
        return {name: file.add_stream(local(entries), data) for name, (entries, data) in self.pages.items()}


def symbol_patch(modules: Sequence[Sequence[bool]], side: float) -> tuple[bytes, bytes]:
    """Return a symbol of black modules, painted in a square of a side in points; True is black."""
    size = side / max(1, len(modules))
    bars = [
        b"%d %d %d 1 re" % (start, len(modules) - 1 - row, length)
        for row, line in enumerate(modules)
        for start, length in black_runs(line)
    ]
    data = zlib.compress(b"0 g %.6g 0 0 %.6g 0 0 cm\n%s f" % (size, size, b" ".join(bars)))
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %.6g %.6g]/Resources<<>>/Filter/FlateDecode"
    return entries % (side, side), data


def read_patches(pdf: bytes, names: Sequence[str]) -> Patches:
    """Return the pages of a PDF as patches.

    Arguments:
        pdf: a PDF of a page for each name. Its lower left corner comes to lie where the mark begins.
        names: of the pages, in their order.
    """
    places: dict[tuple[int, int], int] = {}
    objects: list[tuple[bytes, bytes | None]] = []
    with pikepdf.open(io.BytesIO(pdf)) as source:

        def place_of(thing: Object) -> int:
            if thing.objgen not in places:
                place = places[thing.objgen] = len(objects)
                objects.append((b"", None))
                data = thing.read_raw_bytes() if isinstance(thing, Stream) else None
                text = stream_entries(thing) if isinstance(thing, Stream) else object_text(thing)
                objects[place] = (with_copies(text, source, place_of), data)
            return places[thing.objgen]

        pages: dict[str, tuple[bytes, bytes]] = {}
        for name, page in zip(names, source.pages, strict=True):
            content = page.obj.Contents
            data = content.read_raw_bytes()
            filters = b"/Filter" + object_text(content.Filter) if "/Filter" in content else b""
            _, _, right, top = (float(side) for side in page.mediabox)
            # what reaches below the line, as a comma does, must not be cut off
            box = b"[%.6g %.6g %.6g %.6g]" % (-top, -top, right + top, 2 * top)
            resources = with_copies(object_text(page.obj.Resources), source, place_of)
            if page.obj.Resources.is_indirect:
                resources = b"%d 0 R" % place_of(page.obj.Resources)
            entries = b"/Type/XObject/Subtype/Form/BBox%s/Resources %s%s"
            pages[name] = (entries % (box, resources, filters), data)
    return Patches(tuple(objects), pages)
