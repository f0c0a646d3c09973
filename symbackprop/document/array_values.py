"""Many values at once: whole vectors and matrices as such, everything else in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..keys import parse_key
from ..layers.naming import printed
from ..names import Name
from ..notation import is_derivative
from ..terms import Partial, Symbol, Term
from .matrices import matrix_of
from .sheet import Lines, Sheet, line
from .tables import in_columns

#: Columns of names and values that stand side by side.
COLUMNS = 4


def add_values(sheet: Sheet, quantities: Sequence[str], head: str) -> None:
    """Add the values of some quantities; where they belong to a vector or matrix, all of it."""
    values = _sorted_out(sheet, quantities)
    for text, rows in values.arrays.items():
        lines = Lines(sheet)
        lines.add(_name(sheet, text, rows[0][0]), ("=", matrix_of(rows, sheet.value)))
        lines.finish()
    pairs = [(line(sheet.term(quantity)), line(sheet.value(quantity))) for quantity in values.others]
    if pairs:
        sheet.add(in_columns(pairs, (line(head), line("value")), columns=COLUMNS))


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
