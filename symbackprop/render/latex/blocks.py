"""Blocks as LaTeX source: each is turned into the strings that its template places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from itertools import takewhile

from ...document.blocks import (
    BarChart,
    Beside,
    Bullets,
    Code,
    Derivation,
    Diagram,
    Fields,
    Filled,
    Heading,
    MathStyle,
    NewPage,
    Options,
    Paragraph,
    Plot,
    Row,
    Steps,
    Table,
    Together,
    WorkSpace,
)
from ..environment import Environment, fill
from .bars import bar_chart
from .diagrams import diagram
from .escape import Latex, escape_latex
from .math import RELATIONS, latex_math
from .plots import plot
from .text import latex_line, latex_title

#: How far the lines of a lined room are apart, in cm.
LINE_APART = 0.9


@dataclass
class Writer:
    """Writes blocks one after the other.

    boxed: inside a part of the page that cannot break, where tables must not either.
    kept: the block must stay on the page of the next one.
    sections: how many numbered headings LaTeX itself has counted so far.
    lasting: lasting lines that were written on other papers, by their identity, with what was written.
    """

    environment: Environment
    style: MathStyle
    boxed: bool = False
    kept: bool = False
    sections: list[int] = field(default_factory=lambda: [0])
    lasting: dict[int, tuple[Steps, Latex]] = field(default_factory=dict)

    def write(self, block: object) -> Latex:
        """Return the source of a block."""
        source: Latex = write(block, self)
        return Latex(source.strip("\n"))

    def write_all(self, blocks: Sequence[object]) -> list[Latex]:
        """Return the sources of blocks; what opens a section stays with what follows it."""
        neighbours = zip(blocks, (None, *blocks), (*blocks[1:], None), strict=False)
        return [
            Latex(
                self._opening(blocks[place : place + 3])
                + replace(
                    self, kept=isinstance(before, Heading) and not isinstance(after, Heading | None)
                ).write(block)
            )
            for place, (block, before, after) in enumerate(neighbours)
        ]

    def _opening(self, blocks: Sequence[object]) -> str:
        """Return what keeps a heading with the first lines of a table that may run over pages."""
        match blocks:
            case (Heading(), Table(breakable=True), *_) | (Heading(), Paragraph(), Table(breakable=True)):
                return "" if self.boxed else "\\roomfortable\n"
        return ""

    def fill(self, template: str, **context: object) -> Latex:
        """Return a template filled with strings."""
        source: Latex = fill(self.environment, f"{template}.tex.j2", **context)
        return source

    def in_box(self) -> Writer:
        """Return a writer for blocks that stay on one page."""
        return replace(self, boxed=True)


@singledispatch
def write(block: object, writer: Writer) -> Latex:
    """Return the source of a block."""
    raise NotImplementedError(f"no LaTeX for a {type(block).__name__}")


@write.register
def _(block: Heading, writer: Writer) -> Latex:
    title = latex_title(block.title, writer.style)
    aside = latex_line(block.aside, writer.style)
    if block.level == 2:
        return writer.fill("heading", level=2, title=title, number="", counter=None, aside=aside)
    counter = None
    if block.number.isdecimal():
        if int(block.number) != writer.sections[0] + 1:
            counter = int(block.number) - 1
        writer.sections[0] = int(block.number)
    return writer.fill("heading", level=1, title=title, number=block.number, counter=counter, aside=aside)


@write.register
def _(block: Paragraph, writer: Writer) -> Latex:
    return writer.fill(
        "paragraph", text=latex_line(block.content, writer.style), small=block.small, kept=writer.kept
    )


@write.register
def _(block: Bullets, writer: Writer) -> Latex:
    items = [latex_line(item, writer.style) for item in block.items]
    return writer.fill("bullets", items=items, columns=block.columns)


@write.register
def _(block: Derivation, writer: Writer) -> Latex:
    rows = [_row(row, block.rows[index + 1 :], writer.style) for index, row in enumerate(block.rows)]
    margin = min(max((len(row.left) for row in rows), default=0), _WIDEST_MARGIN)
    rows = [replace(row, left=Latex(row.left.rjust(margin))) for row in rows]
    title = latex_line(block.title, writer.style)
    if "]" in title:  # it stands in an optional argument
        title = Latex(f"{{{title}}}")
    notes = any(row.note for row in block.rows)
    return writer.fill("derivation", title=title, rows=rows, notes=notes)


_WIDEST_MARGIN = 24  # letters of the source, left of the aligned relations


@dataclass(frozen=True, slots=True)
class RowSource:
    """A row of a derivation; `free` rows below it have no note, so that its own may run on there."""

    left: Latex
    right: Latex
    number: int | None
    note: Latex
    free: int
    points: str = ""


def _row(row: Row, below: tuple[Row, ...], style: MathStyle) -> RowSource:
    left = Latex("") if row.left is None else latex_math(row.left, style)
    chain = (f"{RELATIONS[relation]} {latex_math(term, style)}".strip() for relation, term in row.chain)
    continued = bool(row.chain) and not row.chain[0][0]
    indent = rf"\further{{{row.indent:g}em}} " if continued else ""
    return RowSource(
        left=left,
        right=Latex(indent + " ".join(chain)),
        number=row.number,
        note=latex_line(row.note, style),
        free=sum(1 for _ in takewhile(lambda row: not row.note, below)),
        points=row.points,
    )


@write.register
def _(block: Steps, writer: Writer) -> Latex:
    if not block.lasting:
        return _steps(block, writer)
    if id(block) not in writer.lasting:
        writer.lasting[id(block)] = block, _steps(block, writer)
    return writer.lasting[id(block)][1]


def _steps(block: Steps, writer: Writer) -> Latex:
    rows = [_row(row, (), writer.style) for row in block.rows]
    title = latex_line(block.title, writer.style)
    return writer.fill("steps", title=title, rows=rows, side=Latex(f"{block.side:.2f}em"), kept=block.kept)


@write.register
def _(block: WorkSpace, writer: Writer) -> Latex:
    lines = max(1, int(block.height / LINE_APART))
    height = Latex(f"{block.height:g}cm")
    return writer.fill(
        "workspace", ruling=block.ruling, height=height, lines=lines, kept=block.kept, join=_join(block.part)
    )


@write.register
def _(block: Filled, writer: Writer) -> Latex:
    inner = writer.in_box()
    height = Latex(f"{block.height:g}cm")
    blocks, join = inner.write_all(block.blocks), _join(block.part)
    return writer.fill("filled", blocks=blocks, height=height, kept=block.kept, join=join)


def _join(part: tuple[int, int]) -> Latex:
    """Return how a part of a room is joined to what is above and below; nothing for a room in one part."""
    index, parts = part
    if parts == 1:
        return Latex("")
    return Latex((r"\roomgoeson" if index else r"\roomaround") + (r"\roomopen" if index < parts - 1 else ""))


@write.register
def _(block: Options, writer: Writer) -> Latex:
    options = [
        (Latex(r"\ticked" if block.ticked and place == block.answer else r"\tickbox"), "ABCDEFGH"[place],
         latex_math(term, writer.style))
        for place, term in enumerate(block.options)
    ]  # fmt: skip
    side = Latex(f"{block.side:.2f}em")
    columns = block.columns or len(options)
    rows = [options[start : start + columns] for start in range(0, len(options), columns)]
    return writer.fill("options", rows=rows, side=side, number=block.number, points=block.points)


@write.register
def _(block: Fields, writer: Writer) -> Latex:
    fields = [
        (Latex(f"{field.share - 0.02:.3f}"), escape_latex(field.label), escape_latex(field.text))
        for field in block.fields
    ]
    return writer.fill("fields", fields=fields)


@write.register
def _(block: Table, writer: Writer) -> Latex:
    style = writer.style
    rows = [[latex_line(cell, style) for cell in row] for row in block.rows]
    return writer.fill(
        "longtable" if block.breakable and not writer.boxed else "table",
        columns=Latex("".join({"left": "l", "right": "r", "center": "c"}[side] for side in block.align)),
        head=[latex_line(cell, style) for cell in block.head],
        headed=any(block.head),
        rows=rows,
        caption=latex_line(block.caption, style),
        size=Latex(r"\footnotesize" if block.tiny else r"\small" if block.small else ""),
        tiny=block.tiny,
        close=bool(block.widths),
    )


@write.register
def _(block: Diagram, writer: Writer) -> Latex:
    return writer.fill("diagram", diagram=diagram(block, writer.style))


@write.register
def _(block: Plot, writer: Writer) -> Latex:
    return writer.fill("plot", plot=plot(block, writer.style))


@write.register
def _(block: BarChart, writer: Writer) -> Latex:
    return writer.fill("bars", chart=bar_chart(block, writer.style))


@write.register
def _(block: Code, writer: Writer) -> Latex:
    return writer.fill("code", lines=[_verbatim(line) for line in block.lines])


def _verbatim(line: str) -> Latex:
    """Return a line as it stands between the marks of `verbatim`, which nothing in it may end."""
    ascii_only = line.encode("ascii", "replace").decode()
    return Latex(ascii_only.replace(r"\end{verbatim}", r"\end {verbatim}"))


@write.register
def _(block: Beside, writer: Writer) -> Latex:
    inner = writer.in_box()
    pictured = any(isinstance(part, Diagram | Plot | BarChart) for part in (*block.left, *block.right))
    return writer.fill(
        "beside",
        left=inner.write_all(block.left),
        right=inner.write_all(block.right),
        share=Latex(f"{block.share:.3f}"),
        rest=Latex(f"{0.97 - block.share:.3f}"),
        align=Latex("c" if pictured else "t"),
    )


@write.register
def _(block: NewPage, writer: Writer) -> Latex:
    return Latex(r"\clearpage")


@write.register
def _(block: Together, writer: Writer) -> Latex:
    blocks = list(block.blocks)
    heads = list(takewhile(lambda part: isinstance(part, Heading), blocks))
    inner = writer.in_box()
    return writer.fill(
        "together",
        heads=writer.write_all(heads),
        blocks=inner.write_all(blocks[len(heads) :]),
    )
