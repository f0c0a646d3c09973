"""Many values at once: whole vectors and matrices as such, everything else in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...formulas.names import Name
from ...formulas.terms import Elided, Partial, Symbol, Term, walk
from ...keys import key, parse_key
from ...layers.naming import printed
from ...notation.notation import is_derivative
from ..blocks import Beside, Block, Derivation, MathStyle, Table, Together
from ..layout.breaking import lay_out
from ..layout.matrices import matrix_of
from ..layout.tables import in_columns
from ..layout.width import left_width, width
from ..sheet import EQUATIONS, Sheet, line
from ..whole_givens import WholeGivens, listed

#: Columns of names and values that stand side by side.
COLUMNS = 4

#: Matrices that are narrower than this, in em, stand in two columns.
HALF = 19.0
RELATION = 1.4  # the width of an equals sign with its space


def add_values(sheet: Sheet, quantities: Sequence[str], head: str, whole: WholeGivens | None = None) -> None:
    """Add the values of some quantities; where they belong to a vector or matrix, all of it.

    whole: no dots stand for any of them; an array that is too large for the page is listed number by number.
    """
    values = _sorted_out(sheet, quantities)
    blocks: list[Derivation] = []
    tables: list[Table] = []
    for text, rows in values.arrays.items():
        block = _equation(sheet, text, rows)
        if whole is not None and elides(block):
            tables += listed(sheet, [quantity for row in rows for quantity in row], head, whole.room)
        else:
            blocks.append(block)
    add_side_by_side(sheet, blocks)
    for table in tables:
        sheet.add(table)
    pairs = [(line(sheet.term(quantity)), line(sheet.value(quantity))) for quantity in values.others]
    if pairs:
        sheet.add(in_columns(pairs, (line(head), line("value")), columns=COLUMNS))


def add_side_by_side(sheet: Sheet, blocks: Sequence[Derivation]) -> None:
    """Add matrices, two of them beside each other where both are narrow; a page may end between the rows."""
    waiting: Derivation | None = None
    for block in blocks:
        narrow = block_width(block, sheet.style) <= HALF
        if waiting is not None and narrow:
            sheet.add(Beside((waiting,), (block,), share=0.485))
            waiting = None
            continue
        if waiting is not None:
            sheet.add(waiting)
        waiting = block if narrow else None
        if not narrow:
            sheet.add(block)
    if waiting is not None:
        sheet.add(waiting)


def add_introduced(sheet: Sheet, words: str, quantities: Sequence[str], head: str) -> bool:
    """Add the values of some quantities after a line of text that stays with the first of them.

    Returns whether dots stand for some of them.
    """
    start = len(sheet.blocks)
    sheet.text(words)
    add_values(sheet, quantities, head)
    introduction, first, *rest = sheet.blocks[start:]
    elided = any(map(elides, (first, *rest)))
    if not (isinstance(first, Table) and first.breakable):
        sheet.blocks[start:] = [Together((introduction, first)), *rest]
    return elided


def elides(block: Block) -> bool:
    """Return whether dots stand for some entries of the matrices of a block."""
    if isinstance(block, Beside):
        return any(map(elides, (*block.left, *block.right)))
    terms = [term for row in block.rows for _, term in row.chain] if isinstance(block, Derivation) else []
    return any(isinstance(part, Elided) for term in terms for part in walk(term))


def _equation(sheet: Sheet, text: str, rows: list[list[str]]) -> Derivation:
    """Return the line that says what a vector or matrix is."""
    return equation(_name(sheet, text, rows[0][0]), matrix_of(rows, sheet.value), sheet.style)


def equation(left: Term, right: Term, style: MathStyle) -> Derivation:
    """Return a derivation of one line, as wide as the column of equations at the most."""
    return Derivation(
        tuple(
            lay_out(
                left, [("=", right)], available=EQUATIONS, left_width=left_width([left], style), style=style
            )
        )
    )


def block_width(block: Derivation, style: MathStyle) -> float:
    """Return the width in em of the widest line of a derivation."""
    return max(
        left_width([row.left] if row.left is not None else [], style)
        + sum(width(term, style) + RELATION for _, term in row.chain)
        for row in block.rows
    )


@dataclass(frozen=True)
class _Values:
    """Quantities to be listed: whole vectors and matrices, and the others one by one."""

    arrays: dict[str, list[list[str]]]
    others: list[str]


def _sorted_out(sheet: Sheet, listed: Sequence[str]) -> _Values:
    """Return the arrays that some of the quantities belong to, and those that belong to none."""
    assert sheet.problem.architecture is not None
    place = {
        unit: name for name, rows in sheet.problem.architecture.arrays.items() for row in rows for unit in row
    }
    found: dict[str, list[list[str]]] = {}
    others: list[str] = []
    for quantity in listed:
        parts = parse_key(quantity)
        name = place.get(parts.subject)
        rows = sheet.problem.architecture.arrays[name] if name else ()
        whole = [[str(parts._replace(subject=unit)) for unit in row] for row in rows]
        if name is None or len(whole) * len(whole[0]) < 2 or not _known(sheet, whole):
            others.append(quantity)
        else:
            found[str(parts._replace(subject=name))] = whole
    return _Values(found, others)


def _known(sheet: Sheet, rows: Sequence[Sequence[str]]) -> bool:
    return all(sheet.known(quantity) for row in rows for quantity in row)


def are_array(sheet: Sheet, quantities: Sequence[str]) -> bool:
    """Return whether some quantities make up whole vectors and matrices, all known."""
    values = _sorted_out(sheet, quantities)
    return bool(values.arrays) and not values.others and len(quantities) > 1


def array_name(sheet: Sheet, name: str) -> Symbol:
    """Return the bold name of a vector or matrix: W_xh has a subscript xh, W1 a superscript (1)."""
    architecture = sheet.problem.architecture
    own = architecture.names.get(name) if architecture is not None else None
    if own is None:
        own = printed(name)
        sup = (f"({own.sub[0]})",) if own.sub and own.sub[0].isdigit() else ()
        own = replace(own, sub=() if sup else own.sub, sup=(*own.sup, *sup))
    rows = architecture.arrays.get(name, ()) if architecture is not None else ()
    if len(rows) > 1 and len(rows[0]) > 1 and len(own.base) == 1:
        own = replace(own, base=own.base.upper())
    return Symbol(replace(own, bold=True))


def _name(sheet: Sheet, text: str, first: str) -> Term:
    """Return the bold name of a vector or matrix, or the derivative of the loss by it."""
    parts = parse_key(text)
    bold = array_name(sheet, parts.subject).name
    if parts.kind in ("net", "dE_dnet"):
        bold = _net_name(sheet, parts.subject, first)
    if parts.kind == "target":  # by the targets' own letter, a capital for a matrix
        letter = Name.parse(sheet.notation.target)
        base = letter.base.upper() if bold.base.isupper() and len(letter.base) == 1 else letter.base
        bold = replace(bold, base=base)
    name: Term = Symbol(bold)
    if is_derivative(parts.kind):
        term = sheet.term(first)
        if isinstance(term, Partial):
            return Partial(term.of, name)
    return name


def _net_name(sheet: Sheet, array: str, first: str) -> Name:
    """Return the bold name of net inputs: the layer's own, or that of the first entry without its place."""
    architecture = sheet.problem.architecture
    own = None
    if architecture is not None and key("act", array) not in architecture.names:  # that is a unit's
        own = architecture.names.get(key("net", array))
    if own is None:
        entry = sheet.term(str(parse_key(first)._replace(kind="net")))
        own = entry.name if isinstance(entry, Symbol) else Name(sheet.notation.net, (array,))
        own = replace(own, sub=tuple(p for p in ",".join(own.sub).split(",") if not p.isdigit()))
    return replace(own, bold=True)
