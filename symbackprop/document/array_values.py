"""Many values at once: whole vectors and matrices as such, everything else in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..keys import parse_key
from ..layers.naming import printed
from ..names import Name
from ..notation import is_derivative
from ..terms import Partial, Symbol, Term
from .blocks import Beside, Derivation, MathStyle
from .breaking import lay_out
from .matrices import matrix_of
from .sheet import EQUATIONS, Sheet, line
from .tables import in_columns
from .width import left_width, width

#: Columns of names and values that stand side by side.
COLUMNS = 4

#: From so many matrices on they stand in two columns, where each is narrower than HALF (in em).
FEW, HALF = 3, 19.0
RELATION = 1.4  # the width of an equals sign with its space


def add_values(sheet: Sheet, quantities: Sequence[str], head: str) -> None:
    """Add the values of some quantities; where they belong to a vector or matrix, all of it."""
    values = _sorted_out(sheet, quantities)
    blocks = [_equation(sheet, text, rows) for text, rows in values.arrays.items()]
    half = (len(blocks) + 1) // 2
    narrow = all(block_width(block, sheet.style) <= HALF for block in blocks)
    if narrow and len(blocks) >= FEW:
        sheet.add(Beside(tuple(blocks[:half]), tuple(blocks[half:]), share=0.485))
    else:
        for block in blocks:
            sheet.add(block)
    pairs = [(line(sheet.term(quantity)), line(sheet.value(quantity))) for quantity in values.others]
    if pairs:
        sheet.add(in_columns(pairs, (line(head), line("value")), columns=COLUMNS))


def _equation(sheet: Sheet, text: str, rows: list[list[str]]) -> Derivation:
    """Return the line that says what a vector or matrix is."""
    return equation(_name(sheet, text, rows[0][0]), matrix_of(rows, sheet.value), sheet.style)


def equation(left: Term, right: Term, style: MathStyle) -> Derivation:
    """Return a derivation of one line, as wide as the column of equations at the most."""
    return Derivation(
        tuple(
            lay_out(left, [("=", right)], available=EQUATIONS, left_width=left_width([left], style), style=style)
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
        if name is None or len(whole) * len(whole[0]) < 2 or not all(sheet.known(key) for row in whole for key in row):
            others.append(quantity)
        else:
            found[str(parts._replace(subject=name))] = whole
    return _Values(found, others)


def array_name(name: str) -> Symbol:
    """Return the bold name of a vector or matrix: W_xh as W with subscript xh, W1 as W with superscript (1)."""
    own = printed(name)
    sup = (f"({own.sub[0]})",) if own.sub and own.sub[0].isdigit() else ()
    return Symbol(replace(own, bold=True, sub=() if sup else own.sub, sup=(*own.sup, *sup)))


def _name(sheet: Sheet, text: str, first: str) -> Term:
    """Return the bold name of a vector or matrix, or the derivative of the loss by it."""
    parts = parse_key(text)
    own = printed(parts.subject)
    sup = (f"({own.sub[0]})",) if own.sub and own.sub[0].isdigit() else ()
    bold = replace(own, bold=True, sub=() if sup else own.sub, sup=(*own.sup, *sup))
    name: Term = Symbol(bold)
    if parts.kind == "net":
        name = Symbol(Name(sheet.notation.net, (parts.subject,), bold=True))
    if parts.kind == "target":  # by the targets' own letter, a capital for a matrix
        letter = Name.parse(sheet.notation.target)
        base = letter.base.upper() if own.base.isupper() and len(letter.base) == 1 else letter.base
        name = Symbol(replace(bold, base=base))
    if is_derivative(parts.kind):
        term = sheet.term(first)
        if isinstance(term, Partial):
            return Partial(term.of, name)
    return name
