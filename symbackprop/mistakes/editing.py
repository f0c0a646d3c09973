"""Changes to a formula at one place: every way of applying a local change somewhere inside a term."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..formulas.terms import Negation, Partial, Product, Sum, Symbol, Term, Underbrace
from ..rules.activation import rational


def edits(term: Term, change: Callable[[Term], Iterable[Term]]) -> Iterator[Term]:
    """Yield the term with `change` applied at one place, for every place and every change there.

    A label under a brace is a name and stays as it is.
    """
    yield from change(term)
    if isinstance(term, Underbrace):
        for inner in edits(term.term, change):
            yield Underbrace(inner, term.label)
        return
    if isinstance(term, Partial):  # a name too
        return
    for index, part in enumerate(term.parts()):
        for changed in edits(part, change):
            yield _with_part(term, index, changed)


def _with_part(term: Term, index: int, changed: Term) -> Term:
    count = iter(range(len(term.parts())))
    return term.rebuilt(lambda part: changed if next(count) == index else part)


def swapped(term: Term, key: str, instead: Term) -> Term:
    """Return a formula that reads another term wherever it reads a quantity; labels stay."""
    if isinstance(term, Underbrace):
        return Underbrace(swapped(term.term, key, instead), term.label)
    if isinstance(term, Symbol | Partial):
        return instead if term.key == key else term
    return term.rebuilt(lambda part: swapped(part, key, instead))


def swapped_all(term: Term, instead: Callable[[str], Term | None]) -> Term:
    """Return a formula with every quantity replaced for which `instead` gives something; labels stay."""
    if isinstance(term, Underbrace):
        return Underbrace(swapped_all(term.term, instead), term.label)
    if isinstance(term, Symbol | Partial):
        return (term.key and instead(term.key)) or term
    return term.rebuilt(lambda part: swapped_all(part, instead))


def without_term(total: Sum, index: int) -> Term:
    """Return a sum without one of its terms."""
    return summed([*total.terms[:index], *total.terms[index + 1 :]])


def without_factor(product: Product, index: int) -> Term:
    """Return a product without one of its factors."""
    return multiplied([*product.factors[:index], *product.factors[index + 1 :]], product)


def summed(terms: list[Term]) -> Term:
    """Return the sum of terms, a single one as it is."""
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def multiplied(factors: list[Term], like: Product) -> Term:
    """Return the product of factors, with the sign of another product; a single one as it is."""
    return factors[0] if len(factors) == 1 else Product(tuple(factors), like.sign)


def turned(term: Term) -> Term:
    """Return minus a term, as a summand is written: minus minus a is a."""
    return term.term if isinstance(term, Negation) else Negation(term)


def bare(term: Term) -> Term:
    """Return what stands above a brace."""
    while isinstance(term, Underbrace):
        term = term.term
    return term


def key_of(term: Term) -> str:
    """Return the key of a quantity that stands by itself, "" for anything else."""
    inner = bare(term)
    return inner.key if isinstance(inner, Symbol | Partial) else ""


def is_number(term: Term, *values: str) -> bool:
    """Return whether a term is a number, one of these: "1/2" also where it is written 0.5."""
    found = rational(bare(term))
    return found is not None and str(found) in values
