"""Blocks of a document as calls of the functions that the templates define.

What is decided here is only how a block is written down; how it looks is decided in the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod

from ...document.blocks import (
    BarChart,
    Beside,
    Block,
    Bullets,
    Code,
    Derivation,
    Diagram,
    Document,
    Fields,
    Filled,
    Heading,
    Line,
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
from ...document.layout.matrices import matrices_in
from ...document.layout.width import width
from ...formulas.brackets import arrange
from ...formulas.terms import Term
from ..speech import speak_row
from .calls import call, number
from .diagram import diagram
from .math import RELATIONS, typst_math
from .plot import plot
from .source import Typst, escape_typst, typst_string
from .tables import table
from .text import formula, line

#: A line of a derivation is measured when its predicted width comes near the column's 33 em.
LONG = 26.0
#: A derivation with a matrix of more rows is measured: it may be higher than a page.
HIGH = 4


def blocks_in(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks and the blocks inside them, in reading order."""
    for block in blocks:
        yield block
        match block:
            case Beside(left, right):
                yield from blocks_in((*left, *right))
            case Together(inner) | Filled(inner):
                yield from blocks_in(inner)


def numbered(document: Document) -> frozenset[int]:
    """Return the numbers of the lines that references can point to."""
    found: set[int] = set()
    for block in blocks_in(document.blocks):
        if isinstance(block, Derivation | Steps):
            found.update(row.number for row in block.rows if row.number is not None)
        elif isinstance(block, Options) and block.number is not None:
            found.add(block.number)
    return frozenset(found)


def _long(row: Row, style: MathStyle) -> bool:
    """Whether a line may be too long for the column of formulas, by a rough guess of its width."""
    terms = [arrange(term, style.number_sign) for _, term in row.chain]
    if row.left is not None:
        terms.append(arrange(row.left, style.number_sign))
    return row.indent + sum(width(term, style) for term in terms) + 2 * len(row.chain) > LONG


def _is_high(row: Row, than: int = HIGH) -> bool:
    """Whether a line has a matrix of more rows than this."""
    return any(part.shape[0] > than for _, term in row.chain for part in matrices_in(term))


def _joined(block: WorkSpace | Filled) -> str:
    """Return how a room is joined to what is above and below: to its other parts without a seam."""
    index, parts = block.part
    above, below = index > 0, index < parts - 1
    return (", above: 0pt" * above) + (", below: 0pt" * below) + (", kept: true" * block.kept)


@dataclass
class Writer:
    """Writes the blocks of one document, in their order.

    depth: of the last heading, because the title of a derivation is a heading one level below its
    section's. labelled: the numbers that have a label already, because a label stands once. targets:
    the numbers that references can point to. room: the width there is, in em, to measure wide tables.
    kept: what was written of lasting lines, by their identity.
    """

    document: Document
    depth: int = 0
    labelled: set[int] = field(default_factory=set)
    targets: frozenset[int] = frozenset()
    room: float = 44.0
    kept: dict[int, tuple[Steps, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Collect the numbers that references can point to."""
        self.targets = numbered(self.document)

    # --- lines of text -----------------------------------------------------------------------

    def line(self, content: Line) -> Typst:
        """Return a line of text with its formulas and references."""
        return line(content, self.document.style, self.targets)

    def formula(self, term: Term) -> Typst:
        """Return a formula inside a line, with its spoken alternative."""
        return formula(term, self.document.style)

    # --- blocks ------------------------------------------------------------------------------

    def blocks(self, blocks: Sequence[Block]) -> Typst:
        """Return blocks one below the other."""
        return Typst("\n".join(self.each(blocks)))

    def each(self, blocks: Sequence[Block]) -> Iterator[Typst]:
        """Yield blocks one by one; a paragraph that opens a section stays with what it leads to."""
        for before, block, after in zip((None, *blocks), blocks, (*blocks[1:], None), strict=False):
            match before, block, after:
                case Heading(), Paragraph(content, small=False), (
                    Derivation() | Table() | Diagram() | Plot() | BarChart() | Heading()
                ):
                    yield Typst(f"#lead[{self.line(content)}]")
                case Heading(), Paragraph(content, small=True), Table() | Steps() | WorkSpace() | Filled():
                    yield Typst(f"#remark(stays: true)[{self.line(content)}]")
                case _:
                    yield Typst(self.block(block))

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return a block."""
        raise NotImplementedError(f"no Typst for {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        self.depth = min(block.level, self.depth + 1)
        number = f"#section-number({typst_string(block.number)});" if block.number else ""
        aside = f"#aside[{self.line(block.aside)}]" if block.aside else ""
        # outlines begin at level 1; where a document has parts alone, these still look like parts
        part = " <part>" if block.level > self.depth else ""
        return f"\n#heading(level: {self.depth})[{number}{self.line(block.title)}{aside}]{part}\n"

    @block.register
    def _(self, block: Paragraph) -> str:
        return f"#{'remark' if block.small else 'prose'}[{self.line(block.content)}]"

    @block.register
    def _(self, block: Bullets) -> str:
        count = max(1, block.columns)
        length = -(-len(block.items) // count)  # filled column by column, as they are read
        columns = [block.items[start : start + length] for start in range(0, len(block.items), length or 1)]
        lists = ["  (" + ", ".join(f"[{self.line(item)}]" for item in column) + ",)," for column in columns]
        return "\n".join([f"#bullets({count},", *lists, ")"])

    @block.register
    def _(self, block: Derivation) -> str:
        lines = ["#derivation("]
        if block.title:
            title = f"heading(level: {min(self.depth + 1, 3)})[{self.line(block.title)}]"
            lines.append(f"  title: {title if self.depth else f'[#{title} <part>]'},")
        if any(_is_high(row) for row in block.rows):
            lines.append("  high: true,")
        if any(_is_high(row, 1) for row in block.rows):
            lines.append("  matrices: true,")
        lines += [f"  {self.row(row)}," for row in block.rows]
        return "\n".join([*lines, ")"])

    def row(self, row: Row) -> str:
        """Return a line of a derivation."""
        style = self.document.style
        left = "none" if row.left is None else f"${typst_math(row.left, style)}$"
        chain = " ".join(
            f"{RELATIONS[relation]} {typst_math(term, style)}".strip() for relation, term in row.chain
        )
        parts = [str(typst_string(speak_row(row, style))), left, f"${chain}$"]
        if row.chain and not row.chain[0][0]:
            parts.append(f"indent: {row.indent:g}")
        if row.number is not None:
            parts.append(f"number: {row.number}")
            if row.number not in self.labelled:
                parts.append("target: true")
                self.labelled.add(row.number)
        if row.note:
            parts.append(f"note: [{self.line(row.note)}]")
        if _long(row, style):
            parts.append("check: true")
        return f"row({', '.join(parts)})"

    @block.register
    def _(self, block: Steps) -> str:
        if not block.lasting:
            return self.steps(block)
        if id(block) not in self.kept:
            self.kept[id(block)] = (block, self.steps(block))
        return self.kept[id(block)][1]

    def steps(self, block: Steps) -> str:
        """Return the lines of a worksheet."""
        lines = [f"#steps({block.side:.2f}em,"]
        if block.title:
            lines.append(f"  title: [{self.line(block.title)}],")
        if block.kept:
            lines.append("  kept: true,")
        lines += [f"  {self.step(row)}," for row in block.rows]
        return "\n".join([*lines, ")"])

    def step(self, row: Row) -> str:
        """Return a line of the steps of a worksheet."""
        style = self.document.style
        left = "none" if row.left is None else f"${typst_math(row.left, style)}$"
        chain = " ".join(
            f"{RELATIONS[relation]} {typst_math(term, style)}".strip() for relation, term in row.chain
        )
        parts = [str(typst_string(speak_row(row, style))), left, f"${chain}$"]
        if row.chain and not row.chain[0][0]:
            parts.append(f"indent: {row.indent:g}")
        if row.number is not None:
            self.labelled.add(row.number)
            parts.append(f"number: {row.number}")
        if row.points:
            parts.append(f"points: [{escape_typst(row.points)}]")
        return f"step({', '.join(parts)})"

    @block.register
    def _(self, block: WorkSpace) -> str:
        return f"#work-space({typst_string(block.ruling)}, {block.height:g}cm{_joined(block)})"

    @block.register
    def _(self, block: Filled) -> str:
        return f"#filled({block.height:g}cm{_joined(block)})[\n{self.blocks(block.blocks)}\n]"

    @block.register
    def _(self, block: Options) -> str:
        options = [self.formula(term) for term in block.options]
        ticked = block.answer if block.ticked else None
        parts = [
            f"{block.side:.2f}em",
            "none" if block.number is None else str(block.number),
            f"[{escape_typst(block.points)}]" if block.points else "none",
            *([f"columns: {block.columns}"] if 0 < block.columns < len(options) else []),
            *(
                f"({'true' if place == ticked else 'false'}, [{option}])"
                for place, option in enumerate(options)
            ),
        ]
        if block.number is not None:
            self.labelled.add(block.number)
        return f"#options({', '.join(parts)})"

    @block.register
    def _(self, block: Fields) -> str:
        fields = [
            f"  ({100 * field.share:g}%, {typst_string(field.label)}, {typst_string(field.text)}),"
            for field in block.fields
        ]
        return "\n".join(["#fields(", *fields, ")"])

    @block.register
    def _(self, block: Table) -> str:
        return table(block, self.document.style, self.room, self.line)

    @block.register
    def _(self, block: Diagram) -> str:
        return diagram(block, self.formula)

    @block.register
    def _(self, block: Plot) -> str:
        return plot(block, self.line)

    @block.register
    def _(self, block: BarChart) -> str:
        named = [f"length: {number(block.length)}"]
        if block.caption:
            named.append(f"caption: [{self.line(block.caption)}]")
        bars = [
            f"([{self.line(bar.label)}], {number(bar.share)}, [{escape_typst(bar.text)}])"
            for bar in block.bars
        ]
        return call("bars", typst_string(block.alternative), *named, items=bars)

    @block.register
    def _(self, block: Code) -> str:
        lines = [f"  {typst_string(line)}," for line in block.lines]
        return "\n".join([f"#code-listing({typst_string(block.language)},", *lines, ")"])

    @block.register
    def _(self, block: Beside) -> str:
        whole = self.room
        self.room = whole * block.share
        left = self.blocks(block.left)
        self.room = whole * (1 - block.share) - 2
        right = self.blocks(block.right)
        self.room = whole
        return f"#beside({100 * block.share:g}%)[\n{left}\n][\n{right}\n]"

    @block.register
    def _(self, block: NewPage) -> str:
        return "#pagebreak(weak: true)"

    @block.register
    def _(self, block: Together) -> str:
        return f"#together[\n{self.blocks(block.blocks)}\n]"
