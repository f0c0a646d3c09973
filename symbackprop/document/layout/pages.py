"""How many pages a document will have, predicted from its blocks before anything is typeset.

Lengths are in points. They lie between those of the two engines' templates, which differ by a few per cent; a
prediction is meant to be right to about 15 %, for a warning and not for a page number.
"""

from __future__ import annotations

from functools import singledispatch
from math import ceil

from ...formulas.terms import (
    Blank,
    Cases,
    Fraction,
    Matrix,
    Partial,
    Power,
    Product,
    Result,
    Summation,
    Symbol,
    Term,
    Underbrace,
    children,
)
from ..blocks import (
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
from .glyphs import text_width
from .width import width

EM = 10.5
CENTIMETRE = 28.45

#: Height of the text on a page.
PAGES = {"a4": 722.0, "letter": 674.0}
TITLE = 86.0  # of the sheet

LINE, SMALL_LINE = 15.0, 12.4
LINE_WIDTH, SMALL_WIDTH = 45.5, 52.0  # of running text, in em of its own type
NOTE_LINE, NOTE_WIDTH = 12.0, 11.5  # of the reasons beside a derivation
BETWEEN = 11.0  # two blocks
CODE_LINE = 9.8
TABLE_ROW, SMALL_TABLE_ROW, TABLE_FRAME = 18.8, 16.2, 20.0
SECTION, PART = 52.0, 32.0

#: Heights of formulas in a displayed line: a plain one, its fractions, what a brace adds to its label.
PLAIN, ROW_GAP = 10.4, 5.6
FRACTION_RULE, SCRIPTS, BRACE = 4.2, 2.2, 6.0

#: Height of a bar of a chart, with the room around it.
BAR = 14.0

#: Height of the lines of a sheet's head.
HEAD_FIELDS = 44.0


def estimated_pages(document: Document) -> int:
    """Return about how many pages a document will have."""
    height = PAGES[document.paper]
    filled, pages = TITLE, 1
    blocks = list(document.blocks)
    for index, block in enumerate(blocks):
        if isinstance(block, NewPage):
            pages, filled = pages + (filled > 0), 0.0
            continue
        piece = block_height(block, document.style)
        if isinstance(block, Heading) and index + 1 < len(blocks):  # never the last on a page
            needed = piece + min(_least(blocks[index + 1], document.style), height / 2)
        else:
            needed = min(_least(block, document.style), height)
        if filled + needed > height and filled > 0:
            pages, filled = pages + 1, 0.0
        filled += piece
        if filled > height:
            pages += int(filled // height)
            filled %= height
    return pages


def _least(block: Block, style: MathStyle) -> float:
    """Return the height that must be free on a page for a block to begin there."""
    if isinstance(block, Table) and block.breakable:
        return TABLE_FRAME + 3 * TABLE_ROW
    if isinstance(block, Code):
        return 3 * CODE_LINE
    if isinstance(block, Paragraph):
        return min(block_height(block, style), 2 * LINE)
    return block_height(block, style)


@singledispatch
def block_height(block: Block, style: MathStyle) -> float:
    """Return the height of a block, with the space around it."""
    raise NotImplementedError(f"no height is known for {type(block).__name__}")


@block_height.register
def _(block: Heading, style: MathStyle) -> float:
    return SECTION if block.level == 1 else PART


@block_height.register
def _(block: Paragraph, style: MathStyle) -> float:
    step, room = (SMALL_LINE, SMALL_WIDTH) if block.small else (LINE, LINE_WIDTH)
    return _lines(block.content, room, style) * step + BETWEEN * 0.7


@block_height.register
def _(block: Bullets, style: MathStyle) -> float:
    rows = sum(_lines(item, LINE_WIDTH / block.columns - 2.0, style) for item in block.items)
    return ceil(rows / block.columns) * LINE + BETWEEN


@block_height.register
def _(block: Derivation, style: MathStyle) -> float:
    total, reasons = 0.0, 0.0
    for row in block.rows:
        total += _row_height(row)
        if row.note:  # reasons stand below one another, each not above its own line
            reasons = max(reasons, total - PLAIN - ROW_GAP) + _lines(row.note, NOTE_WIDTH, style) * NOTE_LINE
    title = PART - BETWEEN if block.title else 0.0
    return title + max(total, reasons) + BETWEEN


@block_height.register
def _(block: Steps, style: MathStyle) -> float:
    return (PART - BETWEEN if block.title else 0.0) + sum(map(_row_height, block.rows)) + BETWEEN


def _row_height(row: Row) -> float:
    terms = [term for _, term in row.chain] + ([row.left] if row.left is not None else [])
    return max((term_height(term) for term in terms), default=PLAIN) + ROW_GAP


@block_height.register
def _(block: WorkSpace, style: MathStyle) -> float:
    return block.height * CENTIMETRE + BETWEEN


@block_height.register
def _(block: Filled, style: MathStyle) -> float:
    inside = sum(block_height(inner, style) for inner in block.blocks)
    return max(inside, block.height * CENTIMETRE) + BETWEEN


@block_height.register
def _(block: Options, style: MathStyle) -> float:
    lines = -(-len(block.options) // (block.columns or len(block.options)))
    return LINE * lines + BETWEEN


@block_height.register
def _(block: Fields, style: MathStyle) -> float:
    return HEAD_FIELDS


@block_height.register
def _(block: Table, style: MathStyle) -> float:
    step = SMALL_TABLE_ROW if block.small else TABLE_ROW
    tall = max((_cell(cell) for row in block.rows[:40] for cell in row), default=0.0)
    caption = SMALL_LINE * 1.5 if block.caption else 0.0
    return TABLE_FRAME + (len(block.rows) + 1) * max(step, tall) + caption + BETWEEN


def _cell(cell: Line) -> float:
    """Return the height of a cell's formulas, which are set as in running text."""
    return max((0.72 * term_height(part.term) + 5.0 for part in cell if isinstance(part, Math)), default=0.0)


@block_height.register
def _(block: Diagram, style: MathStyle) -> float:
    return block.height * CENTIMETRE + (18.0 if block.column_labels else 0.0) + BETWEEN


@block_height.register
def _(block: Code, style: MathStyle) -> float:
    return len(block.lines) * CODE_LINE + BETWEEN


@block_height.register
def _(block: Plot, style: MathStyle) -> float:
    return (block.height + 1.2) * CENTIMETRE + (SMALL_LINE if block.caption else 0.0) + BETWEEN


@block_height.register
def _(block: BarChart, style: MathStyle) -> float:
    return len(block.bars) * BAR + (SMALL_LINE if block.caption else 0.0) + 2 * BETWEEN


@block_height.register
def _(block: Beside, style: MathStyle) -> float:
    sides = (sum(block_height(inner, style) for inner in side) for side in (block.left, block.right))
    return max(sides) + BETWEEN


@block_height.register
def _(block: NewPage, style: MathStyle) -> float:
    return 0.0


@block_height.register
def _(block: Together, style: MathStyle) -> float:
    return sum(block_height(inner, style) for inner in block.blocks)


def _lines(content: Line, room: float, style: MathStyle) -> int:
    """Return over how many lines a text runs, `room` em wide."""
    total = 0.0
    for part in content:
        match part:
            case Text(text):
                total += text_width(text)
            case Math(term):
                total += min(width(term, style), room)
            case Reference():
                total += 1.6
            case Room(digits):
                total += 0.5 * len(digits)
    return max(1, ceil(total / room))


def term_height(term: Term) -> float:
    """Return the height of a formula in a displayed line."""
    match term:
        case Symbol(name):
            return PLAIN + (SCRIPTS if name.sub and (name.sup or name.primes) else 0.0)
        case Partial(of, by):
            below = PLAIN if not isinstance(by, Symbol) else term_height(by)
            if isinstance(of, Symbol):
                return term_height(of) + below + FRACTION_RULE
            return max(PLAIN + below + FRACTION_RULE, term_height(of))
        case Fraction(numerator, denominator, inline=False):
            return term_height(numerator) + term_height(denominator) + FRACTION_RULE
        case Underbrace(inner, label):
            return term_height(inner) + BRACE + 0.72 * term_height(label)
        case Product(factors) if any(isinstance(factor, Underbrace) for factor in factors):
            return _braced(factors)
        case Cases(values):
            return sum(max(15.0, 0.8 * term_height(value)) for value in values)
        case Matrix(rows):
            return sum(max((term_height(item) for item in row), default=PLAIN) + 3.0 for row in rows) + 3.0
        case Power(base):
            return term_height(base) + 1.5
        case Summation(inner):
            return max(28.0, term_height(inner))
        case Blank(height=high):
            return EM * high
        case Result(inner, wide, high) if wide:
            return max(EM * high, term_height(inner))
    return max(map(term_height, children(term)), default=PLAIN)


def _braced(factors: tuple[Term, ...]) -> float:
    """Return the height of factors on one line, their braces below: the highest above, the deepest below."""
    inner = [factor.term if isinstance(factor, Underbrace) else factor for factor in factors]
    labels = [0.72 * term_height(f.label) + BRACE for f in factors if isinstance(f, Underbrace)]
    return max(map(term_height, inner)) + max(labels)
