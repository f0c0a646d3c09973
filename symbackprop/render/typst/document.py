"""A whole document as Typst source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...document.blocks import (
    BarChart,
    Block,
    Derivation,
    Diagram,
    Document,
    Fields,
    Filled,
    Options,
    Plot,
    Stamp,
    Steps,
    WorkSpace,
)
from ...document.layout.glyphs import text_width
from ...formulas.brackets import arrange
from ..environment import environment, fill
from ..slots import put_in
from ..speech import speak
from ..stamps import black_runs
from .blocks import Writer, blocks_in
from .math import typst_answer
from .source import Typst, typst_string

#: How much wider than predicted a text may be, in bold type.
MOST_WIDER = 1.3

_LANGUAGE = re.compile(r"(?P<lang>[A-Za-z]{2,3})(?:[-_](?P<region>[A-Za-z]{2}))?(?:[-_].*)?")

#: By the template that says how they look, the blocks for which it is read: what a document lacks takes time.
_PARTS: Mapping[str, tuple[type[Block], ...]] = {
    "derivation": (Derivation,),
    "pictures": (Diagram, Plot, BarChart),
    "worksheet": (Steps, WorkSpace, Filled, Fields, Options),
}
_PAPERS = {"a4": "a4", "letter": "us-letter"}


def _stamp(stamp: Stamp) -> str:
    """Return what every page says, as a dictionary of Typst's; a QR symbol as runs of black in each row.

    All of it are strings: the sources of a class then share their syntax, and what is alike is laid out once.
    """
    runs = " ".join(
        f"{row},{start},{length}"
        for row, modules in enumerate(stamp.modules)
        for start, length in black_runs(modules)
    )
    text, code = typst_string(stamp.text), typst_string(stamp.code)
    marks = "".join(f"{typst_string(mark)}, " for mark in stamp.marks)
    return f'(text: {text}, code: {code}, side: {len(stamp.modules)}, runs: "{runs}", marks: ({marks}))'


#: What the fonts would make dashes, quotes and other signs of.
_LIGATURE = re.compile("--|''|``|,,|[!?]`")


def _room(text: str, room: float, sure: float) -> Typst:
    """Return the room of a text, nothing if it surely takes no more than is `sure`: measuring takes time."""
    fits = text.isascii() and MOST_WIDER * text_width(text) <= sure
    return Typst("" if fits else f"{room:.3f}em")


def render_patches(
    stamp: Stamp,
    known: Sequence[tuple[str, float]],
    room: float,
    size: float,
    templates: Path | None = None,
) -> str:
    """Return the Typst source of what is painted on the forms of a student's papers, a page for each.

    Arguments:
        stamp: what every page says: its text and its code are a page each.
        known: what is known of the lines of the head, as the name, and its room in em: a page each.
        room: the width of a line, in em.
        size: of the papers' type, in points.
        templates: a user's folder, whose `typst/` is searched before the shipped templates.

    Raises:
        RenderError: a template is missing or wrong; the text names its file and line.
    """
    texts = (stamp.text, *(text for text, _ in known))
    source = fill(
        environment("typst", templates, source_type=Typst),
        "patches.typ.j2",
        size=Typst(f"{size:g}pt"),
        text=typst_string(stamp.text),
        room=_room(stamp.text, room, room / 2),  # half a line is there at the least
        code=typst_string(stamp.code),
        known=[(typst_string(text), _room(text, wide, wide)) for text, wide in known],
        ligatures=any(map(_LIGATURE.search, texts)),
    )
    return str(source)


def render_typst(
    document: Document, *, templates: Path | None = None, kept: dict[int, tuple[Steps, str]] | None = None
) -> str:
    """Return the complete Typst source of a document; it needs no other file and no package.

    Arguments:
        document: what to print.
        templates: a user's folder, whose `typst/` is searched before the shipped templates.
        kept: what was written of lasting lines on other papers of a class, and is kept for further ones.

    Raises:
        RenderError: a template is missing or wrong; the text names its file and line.
    """
    writer = Writer(document, kept={} if kept is None else kept)
    kinds = {type(block) for block in blocks_in(document.blocks)}
    language = _LANGUAGE.fullmatch(document.language)
    source = fill(
        environment("typst", templates, source_type=Typst),
        "document.typ.j2",
        document=document,
        parts=[part for part, blocks in _PARTS.items() if kinds.intersection(blocks)],
        subtitle=writer.line(document.subtitle),
        blocks=list(writer.each(document.blocks)),
        title=typst_string(document.title),
        keywords=Typst(f"({''.join(f'{typst_string(word)}, ' for word in document.keywords)})"),
        lang=typst_string(language["lang"].lower() if language else "en"),
        region=typst_string(language["region"].upper()) if language and language["region"] else "",
        paper=typst_string(_PAPERS[document.paper]),
        size=Typst(f"{document.size:g}pt"),
        stamp="" if document.stamp is None else Typst(_stamp(document.stamp)),
    )
    if not document.numbers:
        return str(source)
    style = document.style
    return put_in(
        source,
        document.numbers,
        lambda number: typst_answer(arrange(number, style.number_sign), style),
        lambda number: speak(number, style),
    )
