"""Whole documents as LaTeX source."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...document.blocks import Document, Fields, Filled, Options, Stamp, Steps, WorkSpace
from ..environment import environment, fill
from ..slots import put_in
from ..speech import speak
from ..stamps import black_runs
from .blocks import Writer
from .escape import Latex
from .math import latex_math
from .text import bookmark, latex_line

#: The usual size of the text, in TeX points (72.27 to the inch).
FONT_SIZE = 10.5

#: What the preamble loads, and what a fragment asks the author to load.
PACKAGES = ("amsmath", "graphicx", "xcolor", "booktabs", "longtable", "multicol", "pict2e", "hyperref")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of type with their line spacing, as the arguments of `fontsize`.

    small, footnote: "" where they are LaTeX's own.
    """

    section: Latex
    part: Latex
    title: Latex
    small: Latex
    footnote: Latex


def sizes_of(size: float) -> Sizes:
    """Return the sizes that go with a size of the text, in points; titles grow less than the rest."""
    scale = size / FONT_SIZE

    def sized(points: float, apart: float, most: float = 1000.0) -> Latex:
        factor = min(scale, most / points)
        return Latex(f"{{{points * factor:.4g}}}{{{apart * factor:.4g}}}")

    usual = scale == 1.0
    return Sizes(
        section=sized(13, 16),
        part=sized(11.5, 14),
        title=sized(19, 23, 24.0),
        small=Latex("") if usual else sized(9.0, 11.2),
        footnote=Latex("") if usual else sized(8.0, 10.0),
    )


#: The blocks that only worksheets and their keys have, and what is defined for them.
ON_PAPER = (Fields, Filled, Options, Steps, WorkSpace)


@dataclass(frozen=True, slots=True)
class Properties:
    """What the templates print of a document besides its blocks."""

    kind: str
    title: str
    subtitle: Latex
    language: str
    paper: str
    running_head: str
    bookmark: Latex
    keywords: Latex
    slug: str
    size: float
    leading: float
    sizes: Sizes
    stamp: Stamp | None
    symbol: Latex
    drawn: bool
    on_paper: bool


def render_latex(
    document: Document,
    *,
    fragment: bool = False,
    templates: Path | None = None,
    kept: dict[int, tuple[Steps, Latex]] | None = None,
) -> str:
    r"""Return the LaTeX source of a document.

    The source stands alone and compiles with pdflatex, lualatex and tectonic. With `fragment` it is
    the body only, to be \input into the author's own document, with the definitions that it needs.
    `templates` is a folder whose `latex` subfolder is searched for templates before the shipped ones.
    `kept` is what was written of lasting lines on other papers of a class, and is kept for further ones.

    Raises:
        RenderError: a template failed; the text names its file and line.
    """
    jinja = environment("latex", templates, source_type=Latex)
    writer = Writer(jinja, document.style, lasting={} if kept is None else kept)
    blocks = writer.write_all(document.blocks)
    properties = Properties(
        kind=document.kind,
        title=document.title,
        subtitle=latex_line(document.subtitle, document.style),
        language=document.language,
        paper=document.paper,
        running_head=document.running_head,
        bookmark=bookmark(document.title),
        keywords=bookmark(", ".join(document.keywords)),
        slug=_slug(document.title),
        size=document.size,
        leading=round(document.size * 13.5 / FONT_SIZE, 2),
        sizes=sizes_of(document.size),
        stamp=document.stamp,
        symbol=Latex("") if document.stamp is None else _symbol(document.stamp.modules),
        drawn=any(r"\tikz" in block or r"{tikz" in block for block in blocks),
        on_paper=_on_paper(document),
    )
    template = "fragment.tex.j2" if fragment else "document.tex.j2"
    packages = PACKAGES + ("tikz",) * properties.drawn
    source = fill(jinja, template, document=properties, blocks=blocks, fragment=fragment, packages=packages)
    if document.numbers:
        source = put_in(
            source,
            document.numbers,
            lambda number: latex_math(number, document.style),
            lambda number: speak(number, document.style),
        )
    tidy = "\n".join([line.rstrip(" \t") for line in source.split("\n")])
    return re.sub(r"\n{3,}", "\n\n", tidy).rstrip("\n") + "\n"


def _on_paper(document: Document) -> bool:
    """Whether a document is a worksheet, a key or any other paper of a class: these have one preamble."""
    return document.stamp is not None or any(
        isinstance(block, ON_PAPER) or getattr(block, "aside", ()) for block in document.blocks
    )


@lru_cache(maxsize=16)  # the same on a sheet and its key
def _symbol(modules: tuple[tuple[bool, ...], ...]) -> Latex:
    """Return a QR symbol as its runs of black: from the left, from the bottom, how long."""
    height = len(modules)
    runs = [
        f"\\run{{{start}}}{{{height - row - 1}}}{{{length}}}"
        for row, line in enumerate(modules)
        for start, length in black_runs(line)
    ]
    lines = ["".join(runs[at : at + 6]) for at in range(0, len(runs), 6)]
    return Latex("".join(f"{line}%\n" for line in lines))


def _slug(title: str) -> str:
    """Return a title as a short word for the names of link targets."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:40] or "sheet"
