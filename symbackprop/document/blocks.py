"""The document tree: all that a renderer sees.

Everything is decided here: which lines there are, where they break, what is numbered, what is
boxed. A renderer and its templates only place what they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..formulas.terms import Number, Term

# --- inline text -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; `strong` for emphasis."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Math:
    """A formula inside a line of text."""

    term: Term


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to a numbered result, printed as "(7)"."""

    number: int


@dataclass(frozen=True, slots=True)
class Room:
    """Empty room as wide as some digits, which lines up the decimal points of a column."""

    digits: str


#: Size of the type, in points, where a document asks for no other.
TEXT_SIZE = 10.5

Inline = Text | Math | Reference | Room
Line = tuple[Inline, ...]


# --- how formulas look -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MathStyle:
    """Choices of notation that concern the printing of every formula of a document.

    exp: "power" prints e to the x, "call" prints exp(x). number_sign: what stands before a factor
    that begins with a digit. decimal: the decimal mark. total: every derivative is written with an
    upright d.
    """

    exp: Literal["power", "call"] = "power"
    number_sign: Literal["times", "dot", "star"] = "times"
    decimal: Literal[".", ","] = "."
    total: bool = False


# --- blocks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A section title (level 1) or the title of a part of a section (level 2).

    Level 1 headings of a document are numbered 1, 2, ... by the composer in `number`. `aside` stands at the
    end of the line: how many points there are.
    """

    level: Literal[1, 2]
    title: Line
    number: str = ""
    aside: Line = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `small` for remarks in a lighter, smaller type."""

    content: Line
    small: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of lines."""

    items: tuple[Line, ...]
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One physical line of a derivation: left side, relation, right side.

    All relations of a derivation are aligned. An empty `left` continues the line above. Each member of
    the chain is a relation and the term after it: `(("=", a), ("=", b))` reads "= a = b". A first
    relation "" continues the right side of the line above, set `indent` em further right than what
    follows the relations.
    `number` is printed at the end of the line as "(7)" and is the target of `Reference(7)`.
    `note` is the reason for the line, set small in a narrow column beside it. `points` are what the
    line is worth on a worksheet.
    """

    left: Term | None
    chain: tuple[tuple[str, Term], ...]  # relation: "=", "approx", "from" (arrow to the left), ""
    indent: float = 0.0
    number: int | None = None
    note: Line = ()
    points: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """Aligned lines that stay together on one page, with their title if there is one."""

    rows: tuple[Row, ...]
    title: Line = ()


Cell = Line


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head; columns are aligned "left", "right" or "center".

    `breakable` tables may run over pages and repeat their head. `widths`, in em, are those of the columns
    where they are known, so that an engine need not find them. The type may be `small`, or even `tiny`.
    """

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    align: tuple[str, ...]
    caption: Line = ()
    breakable: bool = False
    small: bool = False
    widths: tuple[float, ...] = ()
    tiny: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A circle of a network diagram, its centre at x and y cm from the top left corner.

    role "elided" stands for units left out: three dots, one above the other, without a circle;
    `key` is then empty and the label says nothing.
    """

    key: str
    x: float
    y: float
    label: Term
    role: Literal["input", "hidden", "output", "elided"]


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a diagram: a name, and its value where it is known."""

    term: Term
    value: Number | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """An arrow between two units; `at` is where the centre of the label stands.

    `at` is a fraction of the way between the centres of the two units. The label is set on white
    ground, after all lines are drawn: level, or if `sloped` turned along the line. With `bend` the
    line is the quadratic Bezier curve whose middle lies `bend` cm above (negative: below) the middle
    of the straight line, so that its control point lies `2 * bend` cm above it; `at` is then the
    curve's parameter.
    """

    source: str
    target: str
    label: Label | None
    at: float
    bend: float = 0.0
    sloped: bool = False
    below: Label | None = None  # a second label under the line; the first then stands above it


@dataclass(frozen=True, slots=True)
class BiasMark:
    """A bias of a unit: a short vertical arrow into its circle from above, or from `below`.

    The label is set at the arrow's tail, centred.
    """

    target: str
    label: Label
    below: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture of the network, or of a computation graph, left to right.

    Everything lies within 0 <= x <= width and 0 <= y <= height (y grows downwards), but for the
    column labels: each is a small line of text centred at its x, below the picture.
    """

    units: tuple[Unit, ...]
    connections: tuple[Connection, ...]
    biases: tuple[BiasMark, ...]
    width: float  # in cm, as all lengths of a diagram
    height: float
    alternative: str  # for readers who cannot see it
    column_labels: tuple[tuple[float, str], ...] = ()
    radius: float = 0.42  # of the circles
    bias_arrow: float = 0.28  # length of a bias's arrow, outside the circle
    label_size: float = 7.5  # type size of the labels of connections and biases, in pt
    unit_size: float = 9.0  # type size of the names in the circles, in pt


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot, with its name: a formula or words."""

    label: str | Term
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A line plot with axes, readable in black and white."""

    series: tuple[Series, ...]
    x_label: str
    y_label: Line
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    alternative: str
    caption: Line = ()
    width: float = 11.0  # cm
    height: float = 5.5


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: what it counts, how long it is from 0 to 1, and the number at its end."""

    label: Line
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Level bars below one another, the longest as many cm as `length`."""

    bars: tuple[Bar, ...]
    alternative: str
    caption: Line = ()
    length: float = 8.0


@dataclass(frozen=True, slots=True)
class Code:
    """A program, line by line as it is run; it may run over pages."""

    lines: tuple[str, ...]
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Beside:
    """Two groups of blocks side by side; `share` is the left one's part of the width."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    share: float = 0.55


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that must not be parted by a page break."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """The end of a page: what follows begins another one, unless it begins one anyway."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Aligned lines over the whole width of a worksheet, without reasons beside them.

    `side` em are left of the relations: known beforehand, so that no engine has to measure anything.
    `lasting` lines are the same object on every paper of a class, so that a renderer may keep what it has
    written. `kept` lines stay on the page of what follows.
    """

    rows: tuple[Row, ...]
    side: float
    title: Line = ()
    lasting: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class WorkSpace:
    """Room to work in by hand, `height` cm high.

    `answer` are the keys of the quantities whose work belongs there. No renderer prints it:
    `document.worksheet.filling` puts the work in the room's place on keys. Room that would not fit on the
    rest of many a page is divided: `part` says which of how many parts this is. `kept` room stays on the page
    of what follows.
    """

    ruling: Literal["lined", "grid", "empty"]
    height: float
    answer: tuple[str, ...]
    part: tuple[int, int] = (0, 1)
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """What is written into the room of a worksheet, on a key: blocks in a frame of at least `height` cm.

    `part` says, as for the room, which of how many parts this is.
    """

    blocks: tuple[Block, ...]
    height: float
    kept: bool = False
    part: tuple[int, int] = (0, 1)


@dataclass(frozen=True, slots=True)
class Options:
    """Results to choose from, each with a box to be ticked, A, B, C and so on; `side` em are left of them.

    key: of which quantity. answer: the place of the right one, from 0. No renderer shows it before it is
    `ticked`, as on a key. columns: how many of them stand side by side, 0 for all.
    """

    key: str
    options: tuple[Term, ...]
    answer: int
    side: float = 0.0
    number: int | None = None
    points: str = ""
    ticked: bool = False
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a sheet's head to be filled in by hand, or the text that is known: its part of the width."""

    label: str
    share: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """The lines of a sheet's head, side by side: name, number, signature."""

    fields: tuple[Field, ...]


Block = (
    Heading
    | Paragraph
    | Bullets
    | Derivation
    | Table
    | Diagram
    | Plot
    | Code
    | Beside
    | Together
    | NewPage
    | Steps
    | WorkSpace
    | Filled
    | Fields
    | Options
    | BarChart
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every page of one student's paper says: whose it is, and the code that ties papers together.

    `modules` is the code as a QR symbol, True for black, row by row. On a form, which has no symbol yet,
    `marks` stand in its place. `number` is the student's alone, for where no font shows the name.
    """

    text: str
    code: str
    modules: tuple[tuple[bool, ...], ...] = ()
    marks: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole sheet; `numbers` are those of its slots, by name."""

    kind: str  # "Worked solution"
    title: str
    subtitle: Line
    blocks: tuple[Block, ...]
    style: MathStyle = MathStyle()
    language: str = "en"
    paper: Literal["a4", "letter"] = "a4"
    running_head: str = ""
    keywords: tuple[str, ...] = field(default=())
    stamp: Stamp | None = None
    size: float = TEXT_SIZE
    numbers: Mapping[str, Term] = field(default_factory=dict)
