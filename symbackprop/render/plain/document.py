"""Documents as plain Unicode text."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from functools import singledispatch
from itertools import zip_longest

from ...document.blocks import (
    BarChart,
    Beside,
    Bullets,
    Code,
    Derivation,
    Diagram,
    Document,
    Fields,
    Filled,
    Heading,
    Line,
    Math,
    MathStyle,
    NewPage,
    Options,
    Paragraph,
    Plot,
    Reference,
    Room,
    Row,
    Steps,
    Table,
    Text,
    Together,
    WorkSpace,
)
from ..slots import put_in
from .math import MINUS, plain_math

WIDTH = 96
BAR_WIDTH = 40
_RELATIONS = {
    "=": "=",
    "approx": "≈",
    "from": "←",
    "to": "→",
    "+": "+",
    "-": MINUS,
    "times": "×",
    "dot": "·",
    "star": "*",
    "": "",
}
_ALIGN = {"left": str.ljust, "right": str.rjust, "center": str.center}


def render_plain(document: Document) -> str:
    """Return a whole document as plain text, at most some 100 characters wide where it can be."""
    style = document.style
    head = [document.kind.upper(), document.title, plain_line(document.subtitle, style)]
    parts = ["\n".join(line for line in head if line)]
    parts += [plain_block(block, style) for block in document.blocks]
    text = "\n\n".join(part for part in parts if part) + "\n"
    if not document.numbers:
        return text
    return put_in(
        text,
        document.numbers,
        lambda number: plain_math(number, style),
        lambda number: plain_math(number, style),
    )


def plain_line(line: Line, style: MathStyle) -> str:
    """Return a line of text with its formulas and references."""
    return "".join(_inline(part, style) for part in line)


@singledispatch
def _inline(part: object, style: MathStyle) -> str:
    raise NotImplementedError(f"no plain text for a {type(part).__name__}")


@_inline.register
def _(part: Text, style: MathStyle) -> str:
    return part.text


@_inline.register
def _(part: Math, style: MathStyle) -> str:
    return plain_math(part.term, style)


@_inline.register
def _(part: Reference, style: MathStyle) -> str:
    return f"({part.number})"


@_inline.register
def _(part: Room, style: MathStyle) -> str:
    return " " * len(part.digits)


@singledispatch
def plain_block(block: object, style: MathStyle) -> str:
    """Return a block as plain text."""
    raise NotImplementedError(f"no plain text for a {type(block).__name__}")


@plain_block.register
def _(block: Heading, style: MathStyle) -> str:
    title = f"{block.number} {plain_line(block.title, style)}".strip()
    if block.aside:
        title += f"  ({plain_line(block.aside, style)})"
    return f"{title}\n{'─' * WIDTH}" if block.level == 1 else title


@plain_block.register
def _(block: Paragraph, style: MathStyle) -> str:
    return _wrapped(plain_line(block.content, style))


def _wrapped(text: str, first: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
    )


@plain_block.register
def _(block: Bullets, style: MathStyle) -> str:
    return "\n".join(_wrapped(plain_line(item, style), "• ") for item in block.items)


@plain_block.register(Derivation)
@plain_block.register(Steps)
def _(block: Derivation | Steps, style: MathStyle) -> str:
    lefts = ["" if row.left is None else plain_math(row.left, style) for row in block.rows]
    margin = max(map(_length, lefts), default=0)
    title = plain_line(block.title, style)
    lines = [_row(row, _pad(left, margin), style) for left, row in zip(lefts, block.rows, strict=True)]
    return "\n".join([title, *lines] if title else lines)


def _row(row: Row, left: str, style: MathStyle) -> str:
    """Return a row: left side, chain, number, and the note on the same line or below."""
    chain = " ".join(
        f"{_RELATIONS[relation]} {plain_math(term, style)}".strip() for relation, term in row.chain
    )
    continued = bool(row.chain) and not row.chain[0][0]
    further = " " * (2 + round(2 * row.indent)) if continued else ""  # below the right side above
    text = f"  {left} {further}{chain}".rstrip()
    if row.number is not None:
        text += f"  ({row.number})"
    if row.points:
        text += f" [{row.points}]"
    note = plain_line(row.note, style)
    if not note:
        return text
    if _length(text) + _length(note) + 6 <= WIDTH:
        return f"{text}    [{note}]"
    return f"{text}\n{_wrapped(f'[{note}]', ' ' * 6)}"


@plain_block.register
def _(block: Table, style: MathStyle) -> str:
    head = [plain_line(cell, style) for cell in block.head]
    rows = [[plain_line(cell, style) for cell in row] for row in block.rows]
    columns = zip_longest(*([head] if any(head) else []), *rows, fillvalue="")
    widths = [max(map(_length, column)) for column in columns]
    lines = [_cells(row, widths, block.align) for row in rows]
    if any(head):
        lines = [_cells(head, widths, block.align), "─" * (sum(widths) + 2 * len(widths) - 2), *lines]
    caption = plain_line(block.caption, style)
    return "\n".join([caption, *lines] if caption else lines)


def _cells(cells: Iterable[str], widths: list[int], align: tuple[str, ...]) -> str:
    return "  ".join(
        _pad(cell, width, side) for cell, width, side in zip(cells, widths, align, strict=False)
    ).rstrip()


@plain_block.register
def _(block: Diagram, style: MathStyle) -> str:
    return _wrapped(f"[{block.alternative}]")


@plain_block.register
def _(block: Plot, style: MathStyle) -> str:
    caption = plain_line(block.caption, style)
    return _wrapped(f"[{block.alternative}]") + (f"\n{_wrapped(caption)}" if caption else "")


@plain_block.register
def _(block: BarChart, style: MathStyle) -> str:
    labels = [plain_line(bar.label, style) for bar in block.bars]
    margin = max(map(_length, labels), default=0)
    lines = [
        f"  {_pad(label, margin)} │{'█' * round(bar.share * BAR_WIDTH)} {bar.text}".rstrip()
        for label, bar in zip(labels, block.bars, strict=True)
    ]
    caption = plain_line(block.caption, style)
    return "\n".join([*lines, _wrapped(caption)] if caption else lines)


@plain_block.register
def _(block: Code, style: MathStyle) -> str:
    return "\n".join(f"    {line}".rstrip() for line in block.lines)


@plain_block.register
def _(block: Beside, style: MathStyle) -> str:
    return "\n\n".join(plain_block(part, style) for part in (*block.left, *block.right))


@plain_block.register(Together)
@plain_block.register(Filled)
def _(block: Together | Filled, style: MathStyle) -> str:
    return "\n\n".join(plain_block(part, style) for part in block.blocks)


@plain_block.register
def _(block: NewPage, style: MathStyle) -> str:
    return ""


@plain_block.register
def _(block: WorkSpace, style: MathStyle) -> str:
    return "\n".join(["  " + "_" * (WIDTH - 2)] * max(1, int(block.height / 0.9)))


@plain_block.register
def _(block: Options, style: MathStyle) -> str:
    options = [
        f"[{'x' if block.ticked and place == block.answer else ' '}] {'ABCDEFGH'[place]} "
        f"{plain_math(term, style)}"
        for place, term in enumerate(block.options)
    ]
    ending = "" if block.number is None else f"  ({block.number})"
    return "  " + "    ".join(options) + ending + (f" [{block.points}]" if block.points else "")


@plain_block.register
def _(block: Fields, style: MathStyle) -> str:
    width = WIDTH - 2 * len(block.fields)
    return "  ".join(
        f"{field.label}: {field.text}".ljust(round(width * field.share), "_") for field in block.fields
    )


def _length(text: str) -> int:
    """Return how many columns a terminal takes for a text."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)


def _pad(text: str, width: int, side: str = "left") -> str:
    return _ALIGN[side](text, width - _length(text) + len(text))
