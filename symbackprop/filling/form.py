"""A form: a finished PDF with marks in it, taken apart so that filling it in is putting bytes together."""

from __future__ import annotations

import io
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import pikepdf
from pikepdf import Dictionary, Name, Object, Pdf, Stream

from ..document.marks import NoForm, Place
from ..production.objects import object_text, stream_entries, text_string
from ..production.pdf_file import PdfFile
from .content import Gap, PageReader, Spot
from .deflating import Piece, deflated, piece_of
from .patches import Patches
from .places import marks_in
from .runs import Run, written


@dataclass(frozen=True)
class Saying:
    """What is said of a formula: texts, and between them the names of the values that are said.

    before, after: the rest of the object, around the text.
    """

    number: int
    texts: tuple[str, ...]
    names: tuple[str, ...]
    before: bytes
    after: bytes

    def filled(self, values: Mapping[str, Run]) -> bytes:
        """Return the object with values said."""
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            run = values[name]
            apart = bool(run.exponent) and _OPERATOR.search(parts[-1])
            parts += (f"open bracket {run.says} close bracket" if apart else run.says, text)
        return self.before + text_string("".join(parts)) + self.after


@dataclass(frozen=True)
class Form:
    """A PDF whose marks are replaced by values.

    body: the objects that are the same on every paper. contents: of each page the number of its stream, and
    its parts. gaps: those among the parts, each once. sayings: what is said of formulas. resources: of the
    pages, each without its end, where what is painted is named. catalog, properties: the numbers of these
    objects. sign: between a number and a power of ten.
    """

    body: PdfFile
    contents: tuple[tuple[int, tuple[Piece | Gap | Spot, ...]], ...]
    gaps: tuple[Gap, ...]
    sayings: tuple[Saying, ...]
    resources: tuple[tuple[int, bytes], ...]
    catalog: int
    properties: int
    sign: str

    def filled(self, values: Mapping[str, Run], patches: Patches | None = None) -> bytes:
        """Return the PDF with values for all its marks.

        Arguments:
            values: by the names of the places.
            patches: what is painted, by the names of the spots; where there is none, nothing is painted.

        Raises:
            NoForm: a value has a character that the fonts of the form have not.
        """
        file = self.body.copy()
        painted = patches.put(file) if patches else {}
        entries = b"".join(b"/%s %d 0 R" % (name.encode(), at) for name, at in painted.items())
        for number, start in self.resources:
            file.put(number, b"%s/XObject<<%s>>>>" % (start, entries))
        # what is said stands apart: who joins files need not unpack it
        file.pack(1)
        for saying in self.sayings:
            file.put(saying.number, saying.filled(values))
        file.pack(1)
        put: dict[int, bytes] = {
            id(gap): written(values[gap.place.name], gap.mark, gap.place, self.sign) for gap in self.gaps
        }
        for number, parts in self.contents:
            put.update((id(part), _painting(part, painted)) for part in parts if isinstance(part, Spot))
            data = deflated([cast(Piece | bytes, put.get(id(part), part)) for part in parts])
            file.put_stream(number, b"/Filter/FlateDecode", data)
        return file.written(self.catalog, self.properties)


def _painting(spot: Spot, painted: Container[str]) -> bytes:
    """Return what paints a spot, nothing if there is nothing to paint."""
    return b"q %s cm/%s Do Q" % (spot.matrix, spot.name.encode()) if spot.name in painted else b""


def read_form(
    pdf: bytes,
    places: Mapping[str, Place],
    *,
    said: Mapping[str, str],
    spots: Mapping[str, str],
    sign: str = "\N{MULTIPLICATION SIGN}",
) -> Form:
    """Return a PDF with marks as a form.

    Arguments:
        pdf: as the embedded engine writes it.
        places: what each mark stands for.
        said: by mark the name of the value, of marks that are said and not printed.
        spots: by mark the name of what is painted there.
        sign: between a number and a power of ten.

    Raises:
        NoForm: a mark is missing, stands more often than it may, or where it cannot be replaced.
    """
    names = {**{mark: place.name for mark, place in places.items()}, **said}
    with pikepdf.open(io.BytesIO(pdf)) as source:
        reader = PageReader(places, spots, said)
        resources = shared_resources(source)
        contents = tuple(
            (
                page.obj.Contents.objgen[0],
                tuple(piece_of(part) if isinstance(part, bytes) else part for part in reader.read(page)),
            )
            for page in source.pages
        )
        check_found(reader.found, places, spots)
        if missing := spots.keys() - reader.found.keys():
            raise NoForm(f"the marks {', '.join(sorted(missing))} were not found, and would stand there")
        sayings = tuple(_sayings(source, names))
        apart = {number for number, _ in contents} | {one.number for one in sayings}
        body = body_of(source, apart | set(resources.values()))
        return Form(
            body,
            contents,
            tuple(reader.gaps.values()),
            sayings,
            tuple((number, text.rstrip().removesuffix(b">>")) for text, number in resources.items()),
            source.Root.objgen[0],
            source.trailer.Info.objgen[0],
            sign,
        )


def shared_resources(source: Pdf) -> dict[bytes, int]:
    """Let all pages with the same resources refer to one object; return the number of each by its text.

    Raises:
        NoForm: there are pictures already, or resources that are no objects.
    """
    found: dict[bytes, Object] = {}
    for page in source.pages:
        resources = page.obj.Resources
        if not resources.is_indirect or "/XObject" in resources:
            raise NoForm("the pages have pictures, or resources that are no objects")
        page.obj.Resources = found.setdefault(object_text(resources), resources)
    return {text: resources.objgen[0] for text, resources in found.items()}


def check_found(found: Mapping[str, int], places: Mapping[str, Place], spots: Mapping[str, str]) -> None:
    """Raise NoForm unless every mark was found, and none of those that stand once more often."""
    for mark, place in places.items():
        count = found.get(mark, 0)
        if count == 0 or (count > 1 and place.once):
            raise NoForm(f"the mark {mark} of {place.name} stands {count} times")
    if missing := [name for mark, name in spots.items() if name and mark not in found]:
        raise NoForm(f"there is no mark of {missing[0]}")


def body_of(source: Pdf, apart: set[int]) -> PdfFile:
    """Return all objects of a PDF but those that differ from paper to paper; tags stand apart."""
    body = PdfFile()
    tags: list[tuple[int, bytes]] = []
    for thing in source.objects:
        number = thing.objgen[0]
        body.last = max(body.last, number)
        if number in apart:
            continue
        if isinstance(thing, Stream):
            body.put_stream(number, stream_entries(thing), thing.read_raw_bytes())
        elif isinstance(thing, Dictionary) and thing.get("/Type") == Name.StructElem:
            tags.append((number, object_text(thing)))
        else:
            body.put(number, object_text(thing))
    body.pack()
    for number, text in tags:
        body.put(number, text)
    body.pack()
    return body


#: After these words a power of ten is one thing only in brackets: "square root of", "e to the minus".
_OPERATOR = re.compile(r"\b(?:of|the)(?: minus)? $")

_ALTERNATIVE = b"/Alt "


def _sayings(source: Pdf, names: Mapping[str, str]) -> Iterator[Saying]:
    """Yield what is said of formulas and pictures with marks in it."""
    for thing in source.objects:
        if not isinstance(thing, Dictionary) or "/Alt" not in thing:
            continue
        text = str(thing.Alt)
        matches = list(marks_in(text, names))
        if not matches:
            continue
        ends = [0, *(match.end() for match, _ in matches)]
        starts = [*(match.start() for match, _ in matches), len(text)]
        said = tuple(names[mark] for _, mark in matches)
        rest = Dictionary({key: value for key, value in thing.items() if key != "/Alt"})
        before = object_text(rest).rstrip().removesuffix(b">>") + _ALTERNATIVE
        texts = tuple(text[end:start] for end, start in zip(ends, starts, strict=True))
        yield Saying(thing.objgen[0], texts, said, before, b">>")
