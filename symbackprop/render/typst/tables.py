"""Tables in Typst: as tables, or where their widths are known as lines, which is much quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...document.blocks import Line, Math, MathStyle, Room, Table, Text
from ...document.layout.alignment import APART
from ...document.layout.width import line_width
from ...formulas.terms import Symbol, walk
from .math import plain_number
from .source import Typst
from .text import formula

_ALIGNMENTS = {"left": "left", "right": "right", "center": "center"}

#: How much of the free room of a column is before what stands in it.
_BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}

#: Writes a line of text.
Write = Callable[[Line], Typst]


def table(block: Table, style: MathStyle, room: float, line: Write) -> str:
    """Return a table; room: the width there is, in em."""
    if block.widths:
        return _listing(block, style, line)
    lines = [
        "#ruled(",
        f"  align: ({', '.join(_ALIGNMENTS[side] for side in block.align)},),",
        f"  head: ({_cells(block.head, line)},),",
    ]
    if block.caption:
        lines.append(f"  caption: [{line(block.caption)}],")
    flags = {
        "breakable": block.breakable,
        "small": block.small,
        "tall": any(map(_has_both_scripts, block.rows)),
        "check": _width(block, style) > room,
    }
    lines += [f"  {name}: true," for name, wanted in flags.items() if wanted]
    lines += [f"  {_cells(cells, line)}," for cells in block.rows]
    return "\n".join([*lines, ")"])


def _cells(cells: Iterable[Line], line: Write) -> str:
    """Return cells of a table, separated by commas."""
    return ", ".join(f"[{line(cell)}]" for cell in cells)


def _width(block: Table, style: MathStyle) -> float:
    """Return a rough guess of a table's width, in em."""
    columns = zip(block.head, *block.rows, strict=True)
    return sum(1.1 + max(line_width(cell, style) for cell in column) for column in columns)


def _has_both_scripts(cells: Sequence[Line]) -> bool:
    """Whether a name in a row has both scripts, for which a line of text makes no room."""
    return any(
        isinstance(part, Symbol) and bool(part.name.sub and part.name.sup)
        for cell in cells
        for item in cell
        if isinstance(item, Math)
        for part in walk(item.term)
    )


def _listing(block: Table, style: MathStyle, line: Write) -> str:
    """Return a table of known widths, each row a line of its own."""
    rows = [f"  [{_row(cells, block, style, line)}]," for cells in (block.head, *block.rows)]
    size = "0.762em" if block.tiny else "0.857em" if block.small else "1em"  # of 10.5 pt: 8 and 9
    wide = sum(block.widths) + APART * (len(block.widths) - 1)
    continued = [str(index) for index, cells in enumerate(block.rows[1:]) if not cells[0]]
    options = f"width: {wide:.2f}em, " + (f"kept: ({', '.join(continued)},), " if continued else "")
    options += "apart: 0.42em, " if any(map(_has_both_scripts, block.rows)) else ""
    return "\n".join([f"#listing({size}, {options}", *rows, ")"])


def _row(cells: Sequence[Line], block: Table, style: MathStyle, line: Write) -> str:
    """Return a row of a listing: texts with the room between them, formulas in boxes."""
    parts: list[str] = []
    gap = 0.0
    for content, wide, side in zip(cells, block.widths, block.align, strict=True):
        if not content:
            gap += wide + APART
            continue
        if not all(_has_known_width(item, style) for item in content):
            fill = "#h(1fr)" if side == "right" else ""
            match content:
                case (Math(term),):
                    written = formula(term, style, whole=True)
                case _:
                    written = line(content)
            parts.append(f"#h({gap:.3f}em);#box(width: {wide:.2f}em)[{fill}{written}];")
            gap = APART
            continue
        taken = min(line_width(content, style), wide)
        before = (wide - taken) * _BEFORE[side]
        # room at the end is part of the gap: that is quicker than digits that are hidden
        ends = len(content) > 1 and isinstance(content[-1], Room)
        kept, room = (content[:-1], content[-1:]) if ends else (content, ())
        parts.append(f"#h({gap + before:.3f}em);{line(kept)}")
        gap = wide - taken - before + APART + line_width(room, style)
    return "".join(parts)


def _has_known_width(item: object, style: MathStyle) -> bool:
    """Whether the predicted width of a piece of a line is right: that of texts and plain numbers is."""
    return isinstance(item, Text | Room) or (
        isinstance(item, Math) and plain_number(item.term, style) is not None
    )
