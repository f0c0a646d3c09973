"""A form that pdflatex has set: places are found by what the source has written into the pages there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Object, Page

from ..document.marks import NoForm, Place
from .content import Gap, Spot
from .deflating import Piece, piece_of
from .form import Form, body_of, check_found, shared_resources
from .glyphs import Font, read_font
from .runs import Mark

#: What stands in a content where a mark would be (`render.latex.form`).
_FOUND = re.compile(rb"FORMPLACE ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\s")

#: The name of the font of what is filled in, in every page's resources.
_NAME = "/Filled"

#: A point of TeX, in those of a PDF.
_POINT = 72 / 72.27


def read_tex_form(
    pdf: bytes,
    places: Mapping[str, Place],
    *,
    spots: Mapping[str, str],
    letters: bytes,
    sign: str = "\N{MULTIPLICATION SIGN}",
) -> Form:
    """Return a PDF of pdflatex with places in it as a form.

    Arguments:
        pdf: as pdflatex writes it.
        places: what each mark stands for.
        spots: by mark the name of what is painted there; what has no name may be missing.
        letters: a PDF of the embedded engine with all characters that values need, in one font.
        sign: between a number and a power of ten.

    Raises:
        NoForm: a mark is missing, or stands more often than it may.
    """
    with pikepdf.open(io.BytesIO(pdf)) as source, pikepdf.open(io.BytesIO(letters)) as other:
        (font,) = other.pages[0].resources.Font.values()
        known = read_font(font)
        if known is None:
            raise NoForm("the font of values cannot be read")
        there = source.copy_foreign(font)
        for page in source.pages:
            page.obj.Resources.Font[_NAME] = there
        reader = _Reader(places, spots, known)
        resources = shared_resources(source)
        contents = tuple((_content(page).objgen[0], tuple(_parts(reader, page))) for page in source.pages)
        check_found(reader.found, places, spots)
        body = body_of(source, {number for number, _ in contents} | set(resources.values()))
        return Form(
            body,
            contents,
            tuple(reader.gaps.values()),
            (),
            tuple((number, text.rstrip().removesuffix(b">>")) for text, number in resources.items()),
            source.Root.objgen[0],
            source.trailer.Info.objgen[0],
            sign,
        )


def _content(page: Page) -> Object:
    content = page.obj.Contents
    if not isinstance(content, pikepdf.Stream):
        raise NoForm("the content of a page is in several pieces")
    return content


def _parts(reader: _Reader, page: Page) -> Iterator[Piece | Gap | Spot]:
    for part in reader.read(_content(page).read_bytes()):
        yield piece_of(part) if isinstance(part, bytes) else part


@dataclass
class _Reader:
    places: Mapping[str, Place]
    spots: Mapping[str, str]
    font: Font
    found: dict[str, int] = field(default_factory=dict)
    gaps: dict[tuple[bytes, ...], Gap] = field(default_factory=dict)

    def read(self, content: bytes) -> Iterator[bytes | Gap | Spot]:
        """Yield a content as bytes, and between them gaps and spots."""
        at, before = 0, b""
        for match in _FOUND.finditer(content):
            mark = match[1].decode()
            self.found[mark] = self.found.get(mark, 0) + 1
            start = before + content[at : match.start()]
            at = match.end()
            if mark in self.spots:
                yield start
                yield Spot(self.spots[mark], b"1 0 0 1 0 0")
                before = b"\n"
                continue
            size, wide, to_point = (float(match[number]) for number in (2, 3, 4))
            name = _NAME.encode()
            yield start + b"BT %s %.6g Tf[" % (name, size * _POINT)
            key = match.groups()
            if key not in self.gaps:
                shown = Mark(self.font, name, size * _POINT, 1000 * wide, 1000 * to_point)
                self.gaps[key] = Gap(shown, self.places[mark])
            yield self.gaps[key]
            before = b"]TJ ET\n"
        yield before + content[at:]
