"""The head of a worksheet: lines to fill in, facts, instructions, how to work, and the table of marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...formulas.terms import Blank, Words
from ...spec.worksheet import Worksheet
from ..blocks import Beside, Block, Field, Fields, Line, Math, Paragraph, Table, Text
from ..layout.glyphs import text_width
from ..sheet import line
from .items import points_text
from .planning import Plan
from .wording import HEAD, typographic

#: How many lines to fill in stand side by side.
MOST_FIELDS = 4

#: How far apart they are, as a share of the width; the size of their labels, and the room after those, in em.
APART, SMALLER, AFTER_LABEL = 0.02, 0.9, 0.5

#: Widths of the table of marks, in em: its first column, a column of marks, the total, and a box for marks.
FIRST, EACH, TOTAL, BOX = 4.6, 3.3, 3.6, 2.2


def head(worksheet: Worksheet, plans: Sequence[Plan], known: Sequence[str], room: float) -> list[Block]:
    """Return the blocks before the first problem.

    Args:
        worksheet: what the sheet says of itself.
        plans: of its problems.
        known: what is known of the lines to fill in, in their order.
        room: the width of a line, in em.
    """
    blocks: list[Block] = [*_fields(worksheet.head, known)]
    facts = [f"Time: {worksheet.time}"] if worksheet.time else []
    facts += [f"Permitted aids: {worksheet.aids}"] if worksheet.aids else []
    if facts:
        blocks.append(Paragraph(line(" \N{MIDDLE DOT} ".join(facts))))
    blocks += [Paragraph(line(*paragraph)) for paragraph in worksheet.instructions]
    how = Paragraph((Text(_how(plans)),), small=True)
    worth = _worth(plans)
    if not any(worth):
        return [*blocks, how]
    needed = FIRST + EACH * len(worth) + TOTAL
    what = "Problem" if len(plans) > 1 else "Section"
    if needed <= 0.6 * room:
        share = round(1 - needed / room - 0.03, 3)
        return [*blocks, Beside((how,), (_marks(worth, 1, len(worth), what),), share)]
    most = max(1, int((room - FIRST - TOTAL) / EACH))
    rows = -(-len(worth) // most)
    most = -(-len(worth) // rows)
    tables = [_marks(worth, first, most, what) for first in range(1, len(worth) + 1, most)]
    return [*blocks, how, *tables]


def _fields(labels: Sequence[str], known: Sequence[str]) -> Iterator[Fields]:
    """Yield the lines to fill in, not too many of them side by side."""
    texts = [*known, *[""] * len(labels)]
    rows = -(-len(labels) // MOST_FIELDS)
    for number in range(rows):
        places = range(number * len(labels) // rows, (number + 1) * len(labels) // rows)
        widths = {place: HEAD.get(labels[place], 1.0) for place in places}
        total = sum(widths.values())
        yield Fields(
            tuple(
                Field(typographic(labels[at]), round(wide / total, 3), typographic(texts[at]))
                for at, wide in widths.items()
            )
        )


def known_rooms(labels: Sequence[str], room: float) -> tuple[float, ...]:
    """Return how wide, in em, what is known of each line to fill in may be; room: the width of a line."""
    return tuple(
        room * (field.share - APART) - SMALLER * text_width(field.label) - AFTER_LABEL
        for row in _fields(labels, ())
        for field in row.fields
    )


def _how(plans: Sequence[Plan]) -> str:
    degrees = {item.degree for one in plans for item in one.items}
    what = "Write each result into its numbered box"
    if degrees <= {"worked", "choice"}:
        what = "Tick the right result of each item"
    parts = [f"{what}; what it is worth stands in square brackets." if any(_worth(plans)) else f"{what}."]
    if "choice" in degrees and degrees - {"worked", "choice"}:
        parts.append("Where there are results to choose from, tick the right one.")
    if "worked" in degrees:
        parts.append("Lines without empty boxes are worked examples.")
    if degrees & {"result", "substitution"}:
        parts.append("An empty box inside a line stands for one number.")
    return " ".join(parts)


def _worth(plans: Sequence[Plan]) -> list[Fraction]:
    """Return what each section is worth, or each problem where there are several."""
    return [one.points for one in plans] if len(plans) > 1 else [part.points for part in plans[0].sections]


def _marks(worth: Sequence[Fraction], first: int, most: int, what: str) -> Table:
    """Return the table of marks from the column with a number on; the total stands in the last one."""
    shown = worth[first - 1 : first - 1 + most]
    ends = first - 1 + most >= len(worth)
    numbers = [line(str(number)) for number in range(first, first + len(shown))]
    points = [line(points_text(one)) for one in shown]
    boxes: list[Line] = [(Math(Blank(Words(""), BOX)),)] * (len(shown) + ends)
    if ends:
        numbers.append(line("total"))
        points.append(line(points_text(sum(worth, Fraction()))))
    rows = ((line("points"), *points), (line("marks"), *boxes))
    return Table((line(what), *numbers), rows, ("left", *("center",) * len(numbers)))
