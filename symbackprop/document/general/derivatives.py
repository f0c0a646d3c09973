"""One derivative of the loss on the sheet: the chain rule in symbols on one line, its numbers on the next."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.brackets import arrange
from ...formulas.terms import Number, Partial, Product, Sum, Symbol, Term
from ...keys import parse_key
from ..blocks import Line, Reference
from ..layout.width import relation_width, width
from ..sheet import EQUATIONS, Lines, Sheet, line

#: Kinds of quantities that are derivatives and stand, numbered, earlier on the sheet.
_DERIVATIVES = frozenset({"dE_dnet", "dE_dact", "grad"})

#: The numbers of so many results are given as sources.
MOST_SOURCES = 6

SEED_NOTE = "the derivative of a variable by itself; as a factor it is left out below"


def add_derivative(sheet: Sheet, lines: Lines, quantity: str, reason: Line = ()) -> None:
    """Add a derivative of the loss: chain rule and local derivatives in symbols, then numbers and result."""
    if quantity not in sheet.ledger.formulas:
        lines.add(sheet.term(quantity), ("=", sheet.result(quantity)), result=quantity, note=line("given"))
        sheet.number(quantity)
        return
    left, formula = sheet.term(quantity), _without_seed(sheet, sheet.formula(quantity))
    symbols: list[Term] = []
    for term in (_without_seed(sheet, sheet.chain(quantity)), formula):
        if not (isinstance(term, Number) or _looks_like(term, left) or term in symbols):
            symbols.append(term)
    if not sheet.known(quantity):
        add_symbols(sheet, lines, left, symbols, reason)
        return
    if is_seed(sheet, quantity):
        reason = line(SEED_NOTE)
    numbers, source = sheet.substituted(formula), from_where(sheet, quantity)
    said = isinstance(numbers, Number) or numbers == formula  # a fraction of numbers holds no symbol
    steps: list[tuple[str, Term]] = [] if said else [("=", numbers)]
    steps.append(("=", sheet.result(quantity)))
    if len(steps) == 1 or len(symbols) < 2:  # short enough for one line, if the page is as wide
        note = (*reason, *line("; "), *source) if reason and source else reason or source
        lines.add(left, *(("=", term) for term in symbols), *steps, result=quantity, note=note)
    else:
        add_symbols(sheet, lines, left, symbols, reason)
        lines.add(None, *steps, result=quantity, note=source)
    sheet.number(quantity)  # now, so that the next lines may refer to it


def add_symbols(sheet: Sheet, lines: Lines, left: Term, symbols: list[Term], reason: Line) -> None:
    """Add the symbols on one line; where they do not fit, the chain rule for the first of a kind only."""
    if not symbols:
        return
    taken = sum(relation_width("=") + width(arrange(term), sheet.style) for term in symbols)
    if taken + width(arrange(left), sheet.style) <= EQUATIONS:
        lines.add(left, *(("=", term) for term in symbols), note=reason)
        return
    kind = family(getattr(left, "key", "")) if getattr(left, "key", "") else ""
    if len(symbols) > 1 and kind and not sheet.first_time(f"long chain {kind}"):
        symbols = symbols[1:]
    for index, term in enumerate(symbols):
        lines.add(None if index else left, ("=", term), note=() if index else reason)


def is_seed(sheet: Sheet, quantity: str) -> bool:
    """Return whether a derivative is that of the end by itself: 1, whatever the numbers."""
    return parse_key(quantity).kind == "dE_dact" and sheet.ledger.formulas.get(quantity) == Number("1")


def from_where(sheet: Sheet, quantity: str) -> Line:
    """Return "with dE/dz from (7)", or "from (7) and (8)": where the numbers of a derivative stand."""
    used = [
        u for u in sheet.ledger.uses(quantity) if parse_key(u).kind in _DERIVATIVES and not is_seed(sheet, u)
    ]
    found = sheet.references(used)
    if not found:
        return ()
    if len(used) == 1:
        return line("with ", sheet.term(used[0]), " from ", found[0][1])
    runs = _runs(sorted(reference.number for _, reference in found))
    words: list[str | Term | Reference] = ["from "]
    for index, (first, last) in enumerate(runs[:MOST_SOURCES]):
        ending = index == len(runs) - 1 and len(found) == len(used)
        words += ["" if not index else " and " if ending else ", ", Reference(first)]
        words += [" to ", Reference(last)] if last > first else []
    if len(runs) > MOST_SOURCES:
        words.append(" ...")
    elif len(found) < len(used):
        words.append(" and the values listed")
    return line(*words)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of three numbers or more that follow one another; others by themselves."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return [
        run
        for first, last in runs
        for run in ([(first, last)] if last - first > 1 else [(n, n) for n in range(first, last + 1)])
    ]


def _without_seed(sheet: Sheet, term: Term) -> Term:
    """Return a formula without the factor dE/dE = 1 in its products."""
    if isinstance(term, Sum):
        return Sum(tuple(_without_seed(sheet, part) for part in term.terms))
    if not isinstance(term, Product):
        return Number("1") if _is_seed_term(sheet, term) else term
    factors = tuple(factor for factor in term.factors if not _is_seed_term(sheet, factor))
    if len(factors) == len(term.factors) or not factors or not isinstance(term.sign, str):
        return term
    return factors[0] if len(factors) == 1 else Product(factors, term.sign)


def _is_seed_term(sheet: Sheet, term: Term) -> bool:
    return isinstance(term, Partial) and bool(term.key) and is_seed(sheet, term.key)


def _looks_like(term: Term, other: Term) -> bool:
    """Return whether two derivatives are printed alike: a local one, and that of the loss by the same."""
    if isinstance(term, Partial) and isinstance(other, Partial):
        return _named(term.of) == _named(other.of) and _named(term.by) == _named(other.by)
    return term == other


def _named(term: Term) -> object:
    return term.name if isinstance(term, Symbol) else term


def family(quantity: str) -> str:
    """Return what quantities of the same kind share: the key without the numbers of its elements."""
    parts = parse_key(quantity)
    base, *rest = parts.subject.split("_")
    kept = [part for part in rest if not part.isdigit()]
    return f"{parts.kind}.{base.rstrip('0123456789')}_{'_'.join(kept)}"
