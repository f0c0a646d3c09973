"""Blocks of a document as calls of the functions that the templates define.

What is decided here is only how a block is written down; how it looks is decided in the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod

from ...brackets import arrange
from ...document.blocks import (
    Beside,
    Block,
    Bullets,
    Derivation,
    Diagram,
    Document,
    Heading,
    Inline,
    Line,
    Math,
    MathStyle,
    Paragraph,
    Plot,
    Reference,
    Row,
    Table,
    Text,
    Together,
)
from ...document.width import width
from ...terms import Term, walk
from ..speech import speak, speak_row
from .math import RELATIONS, typst_math
from .pictures import diagram, plot
from .source import Typst, escape_typst, typst_string

#: A formula of up to this many terms is never parted at the end of a line of text.
SHORT = 8
#: A line of a derivation is measured when its predicted width comes near the column's 33 em.
LONG = 26.0

_ALIGNMENTS = {"left": "left", "right": "right", "center": "center"}


def blocks_in(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks and the blocks inside them, in reading order."""
    for block in blocks:
        yield block
        match block:
            case Beside(left, right):
                yield from blocks_in((*left, *right))
            case Together(inner):
                yield from blocks_in(inner)


def numbered(document: Document) -> frozenset[int]:
    """Return the numbers of the lines that references can point to."""
    derivations = (block for block in blocks_in(document.blocks) if isinstance(block, Derivation))
    return frozenset(row.number for block in derivations for row in block.rows if row.number is not None)


def _long(row: Row, style: MathStyle) -> bool:
    """Whether a line may be too long for the column of formulas, by a rough guess of its width."""
    terms = [arrange(term, style.number_sign) for _, term in row.chain]
    if row.left is not None:
        terms.append(arrange(row.left, style.number_sign))
    return row.indent + sum(width(term, style) for term in terms) + 2 * len(row.chain) > LONG


@dataclass
class Writer:
    """Writes the blocks of one document, in their order.

    It knows how deep the last heading was, because the title of a derivation is a heading one level
    below its section's, and which numbers have been given a label, because a label stands once.
    """

    document: Document
    depth: int = 0
    labelled: set[int] = field(default_factory=set)
    targets: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Collect the numbers that references can point to."""
        self.targets = numbered(self.document)

    # --- lines of text -----------------------------------------------------------------------

    def line(self, content: Line) -> Typst:
        """Return a line of text with its formulas and references."""
        return Typst("".join(self.inline(item) for item in content))

    @singledispatchmethod
    def inline(self, item: Inline) -> str:
        """Return a piece of a line."""
        raise NotImplementedError(f"no Typst for {type(item).__name__}")

    @inline.register
    def _(self, item: Text) -> str:
        text = escape_typst(item.text)
        return f"#strong[{text}];" if item.strong else text

    @inline.register
    def _(self, item: Math) -> str:
        return self.formula(item.term)

    @inline.register
    def _(self, item: Reference) -> str:
        return f"#refer({item.number});" if item.number in self.targets else f"({item.number})"

    def formula(self, term: Term) -> Typst:
        """Return a formula inside a line, with its spoken alternative."""
        style = self.document.style
        says = typst_string(speak(term, style))
        function = "formula" if sum(1 for _ in walk(term)) <= SHORT else "long-formula"
        return Typst(f"#{function}({says}, ${typst_math(term, style, inline=True)}$);")

    # --- blocks ------------------------------------------------------------------------------

    def blocks(self, blocks: Iterable[Block]) -> Typst:
        """Return blocks one below the other."""
        return Typst("\n".join(self.block(block) for block in blocks))

    @singledispatchmethod
    def block(self, block: Block) -> str:
        """Return a block."""
        raise NotImplementedError(f"no Typst for {type(block).__name__}")

    @block.register
    def _(self, block: Heading) -> str:
        self.depth = min(block.level, self.depth + 1)
        number = f"#section-number({typst_string(block.number)});" if block.number else ""
        return f"\n#heading(level: {self.depth})[{number}{self.line(block.title)}]\n"

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
            lines.append(f"  title: heading(level: {min(self.depth + 1, 3)})[{self.line(block.title)}],")
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
    def _(self, block: Table) -> str:
        lines = [
            "#ruled(",
            f"  align: ({', '.join(_ALIGNMENTS[side] for side in block.align)},),",
            f"  head: ({self.cells(block.head)},),",
        ]
        if block.caption:
            lines.append(f"  caption: [{self.line(block.caption)}],")
        lines += [f"  {name}: true," for name in ("breakable", "small") if getattr(block, name)]
        lines += [f"  {self.cells(cells)}," for cells in block.rows]
        return "\n".join([*lines, ")"])

    def cells(self, cells: Iterable[Line]) -> str:
        """Return cells of a table, separated by commas."""
        return ", ".join(f"[{self.line(cell)}]" for cell in cells)

    @block.register
    def _(self, block: Diagram) -> str:
        return diagram(block, self.formula)

    @block.register
    def _(self, block: Plot) -> str:
        return plot(block, self.line)

    @block.register
    def _(self, block: Beside) -> str:
        left, right = self.blocks(block.left), self.blocks(block.right)
        return f"#beside({100 * block.share:g}%)[\n{left}\n][\n{right}\n]"

    @block.register
    def _(self, block: Together) -> str:
        return f"#together[\n{self.blocks(block.blocks)}\n]"
