"""Products of matrices in whichever layout a course uses, stated once and read in several ways.

Every statement is made for column vectors, weights with a row for each receiving unit, and derivatives
of the shape of what they are taken by: Z = W A + b 1^T. An `Item` says whether the sheet prints that
matrix or its transpose; products are turned accordingly, (X Y)^T = Y^T X^T, so that one statement
serves every layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...formulas.terms import Group, Matrix, Negation, Product, Shape, Sum, Term, Transposed, Underbrace


@dataclass(frozen=True, slots=True)
class Item:
    """A matrix under its printed name.

    term: the name, or a derivative or call that stands for a matrix. entries: what the name stands for,
    as it is printed. turned: what is printed is the transpose of what the statements mean.
    """

    term: Term
    entries: Matrix
    turned: bool = False

    def facing(self, turned: bool) -> Term:
        """Return the name as meant, or transposed, with the mark of transposition where that needs one."""
        return Transposed(self.term) if self.turned != turned else self.term


def product(factors: Sequence[Item | Term], turned: bool) -> Term:
    """Return the product X Y ... as meant, or its transpose; factors that are terms are numbers before it."""
    numbers = tuple(factor for factor in factors if isinstance(factor, Term))
    items = [factor for factor in factors if isinstance(factor, Item)]
    ordered = tuple(item.facing(turned) for item in (reversed(items) if turned else items))
    return _product((*numbers, *ordered))


def entrywise(factors: Sequence[Item | Term], turned: bool) -> Term:
    """Return the product entry by entry, as meant or transposed; terms come as they are to be printed."""
    placed = tuple(factor.facing(turned) if isinstance(factor, Item) else factor for factor in factors)
    return Product(placed, "hadamard") if len(placed) > 1 else placed[0]


def _product(factors: tuple[Term, ...]) -> Term:
    return factors[0] if len(factors) == 1 else Product(factors)


def total(terms: Sequence[Term]) -> Term:
    """Return a sum; of one term, the term."""
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


@dataclass
class Readings:
    """The readings of a formula of matrices: with shapes, with entries."""

    _entries: dict[Term, Matrix] = field(default_factory=dict)

    def name(self, item: Item) -> Item:
        """Take up an item, so that formulas with its name can be read."""
        self._entries[item.term] = item.entries
        return item

    def shaped(self, formula: Term) -> Term:
        """Return the formula with its shape below every matrix."""
        return self._read(formula, lambda name, entries: Underbrace(name, Shape(*entries.shape)))

    def written_out(self, formula: Term) -> Term:
        """Return the formula with the entries of every matrix."""
        return self._read(formula, lambda name, entries: entries)

    def _read(self, formula: Term, place: Callable[[Term, Matrix], Term]) -> Term:
        def visit(node: Term) -> Term:
            found = self._entries.get(node)
            if found is not None:
                return place(node, found)
            if isinstance(node, Transposed):
                below = self._entries.get(node.term)
                if below is not None:
                    return place(node, below.transposed)
            return node.rebuilt(visit)

        return visit(formula)


# --- formulas entry by entry that are one formula of matrices -------------------------------------


def lifted(formulas: Matrix, items: Sequence[Item], turned: bool) -> Term | None:
    """Return the formula of matrices that a matrix of formulas states, None where it states none.

    That is so if all entries are the same linear formula over the corresponding entries of the items:
    [y_1 - t_1, y_2 - t_2] is y - t. Items and formulas are laid out alike but for `turned` items.
    """
    found: Term | None = None
    tables = [(item, item.entries.transposed if item.turned != turned else item.entries) for item in items]
    for row, entries in enumerate(formulas.rows):
        for column, formula in enumerate(entries):
            names = {table.rows[row][column]: item.facing(turned) for item, table in tables}
            here = _lifted(formula, names)
            if here is None or (found is not None and here != found):
                return None
            found = here
    return found


def _lifted(formula: Term, names: dict[Term, Term]) -> Term | None:
    """Return a formula with matrices for its entries, None unless it is linear in them."""
    if formula in names:
        return names[formula]
    match formula:
        case Sum(terms):
            parts = [_lifted(term, names) for term in terms]
            return None if None in parts else Sum(tuple(part for part in parts if part is not None))
        case Negation(term):
            inner = _lifted(term, names)
            return None if inner is None else Negation(inner)
        case Group(term, _):
            return _lifted(term, names)
        case Product(factors, sign) if isinstance(sign, str):
            *numbers, last = factors
            inner = _lifted(last, names)
            if inner is None or any(_has_quantity(number) for number in numbers):
                return None
            return Product((*numbers, inner), "")
    return None


def _has_quantity(term: Term) -> bool:
    return bool(getattr(term, "key", "")) or any(_has_quantity(part) for part in term.parts())
