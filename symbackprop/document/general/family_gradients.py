"""The gradients of the parameters in a network of any shape, one matrix, vector or kernel after the other."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.terms import Sum, Term
from ...keys import key, parse_key
from ..blocks import Line
from ..layout.breaking import elide
from ..layout.tables import in_columns
from ..sheet import LONG_SUM, Lines, Sheet, line
from .array_values import add_introduced, are_array, array_name
from .derivatives import add_derivative, add_symbols

#: Of more shares of one gradient the first are derived, the others listed.
MANY_SHARES, FIRST_SHARES = 4, 2

#: The gradient of a matrix or vector of as many entries is shown as a whole at the end.
MANY_ENTRIES = 4

#: Columns of the shares of a gradient that are listed and not derived.
SHARE_COLUMNS = 3

#: So many single parameters in a row are named in the title of their gradients.
MOST_NAMED = 4

Family = tuple[str, Sequence[str]]


def add_gradients(sheet: Sheet) -> None:
    """Add the gradients of all parameters that are trained."""
    found = families(sheet)
    derived = [family for family in found if sheet.selection.split(family[1]).derived]
    groups = _groups(derived)
    for group in groups:
        if len(found) > 1 and any(_trained(sheet, names) for _, names in group):
            sheet.part(*_title(sheet, group))
        for _, names in group:
            add_family_gradients(sheet, names)
    others = [name for family in found if family not in derived for name in family[1]]
    rest = _trained(sheet, sheet.selection.split(others).tabulated)
    if not sheet.selection.restricted and any(map(sheet.known, rest)):
        sheet.part("The other gradients")
        add_introduced(sheet, "In the same way:", [g for g in rest if sheet.known(g)], "Gradient")


def families(sheet: Sheet) -> list[Family]:
    """Return the trained parameters by what their course calls the whole matrix, vector or kernel."""
    architecture = sheet.problem.architecture
    assert architecture is not None
    found: dict[str, list[str]] = {}
    for parameter in architecture.parameters:
        if parameter.name not in sheet.problem.frozen:
            found.setdefault(parameter.family or parameter.name, []).append(parameter.name)
    return list(found.items())


def add_family_gradients(sheet: Sheet, names: Sequence[str], passes: int = 0) -> None:
    """Add the gradients of the parameters of one family, the first ones in full where there are many."""
    found = _trained(sheet, names, passes)
    derived = frozenset(key("grad", name, passes=passes) for name in sheet.selection.split(names).derived)
    full = [gradient for gradient in found if gradient in derived]
    for gradient in full:
        if in_steps(sheet, gradient) and not sheet.first_time("shares of the time steps"):
            _add_over_steps(sheet, gradient)
        else:
            _add_shares(sheet, gradient)
            _add_alone(sheet, gradient)
    if sheet.selection.restricted:
        return
    if len(full) < len(found):
        rest = [gradient for gradient in found if gradient not in derived and sheet.known(gradient)]
        if rest:
            add_introduced(sheet, "Similarly:", rest, "Gradient")
    elif len(found) >= MANY_ENTRIES and are_array(sheet, found):
        add_introduced(sheet, "Together:", found, "Gradient")


def in_steps(sheet: Sheet, gradient: str) -> bool:
    """Return whether a gradient is the sum of shares of time steps."""
    used = [parse_key(u) for u in sheet.ledger.uses(gradient)] if gradient in sheet.ledger.formulas else []
    steps = set(sheet.graph.parts.values())
    return bool(used) and all(parts.kind == "grad" and parts.through in steps for parts in used)


def _trained(sheet: Sheet, names: Sequence[str], passes: int = 0) -> list[str]:
    found = (key("grad", name, passes=passes) for name in names)
    return [gradient for gradient in found if gradient in sheet.ledger]


def _groups(found: Sequence[Family]) -> list[list[Family]]:
    """Return the families one by one, single parameters in a row together."""
    groups: list[list[Family]] = []
    for family in found:
        if len(family[1]) == 1 and groups and all(len(names) == 1 for _, names in groups[-1]):
            groups[-1].append(family)
        else:
            groups.append([family])
    return groups


def _title(sheet: Sheet, group: Sequence[Family]) -> list[str | Term]:
    """Return "Gradient by W_xi", or by up to so many matrices or single parameters."""
    terms = [term for family in group for term in _printed(sheet, family)]
    if len(terms) == 1:
        return ["Gradient by ", terms[0]]
    if len(terms) > MOST_NAMED:
        return ["Gradients by ", terms[0], " to ", terms[-1]]
    words: list[str | Term] = ["Gradients by "]
    for index, term in enumerate(terms):
        words += ["" if not index else " and " if index == len(terms) - 1 else ", ", term]
    return words


def _printed(sheet: Sheet, family: Family) -> list[Term]:
    """Return what a family is called: its matrices and vectors, or its parameters one by one."""
    architecture = sheet.problem.architecture
    assert architecture is not None
    own = frozenset(family[1])
    arrays = [
        name
        for name, rows in architecture.arrays.items()
        if own.issuperset(unit for row in rows for unit in row)
    ]
    if len(own) > 1 and arrays:
        return [array_name(sheet, name) for name in arrays]
    return [sheet.term(name) for name in family[1]]


def _add_alone(sheet: Sheet, gradient: str) -> None:
    lines = Lines(sheet)
    add_derivative(sheet, lines, gradient, _reason(sheet, gradient))
    lines.finish()


def _add_shares(sheet: Sheet, gradient: str) -> None:
    """Add the shares that a gradient is the sum of: the samples' or the time steps'."""
    shares = [u for u in sheet.ledger.uses(gradient) if parse_key(u).kind == "grad" and u in sheet.ledger]
    few = len(shares) <= MANY_SHARES
    first = shares if few or sheet.first_time("shares listed") else []
    for share in first if few else first[:FIRST_SHARES]:
        if in_steps(sheet, share) and not sheet.first_time("shares of the time steps"):
            _add_over_steps(sheet, share)  # a sample's share, which is itself a sum over time steps
        else:
            lines = Lines(sheet)
            add_derivative(sheet, lines, share)
            lines.finish()
    if not few:
        listed = shares[FIRST_SHARES:] if first else shares
        pairs = [
            (line(sheet.term(share)), line(sheet.value(share))) for share in listed if sheet.known(share)
        ]
        if pairs:
            sheet.add(in_columns(pairs, (line("Share"), line("value")), columns=SHARE_COLUMNS))


def _add_over_steps(sheet: Sheet, gradient: str) -> None:
    """Add a gradient as one sum, each time step's share worked out inside it."""
    lines = Lines(sheet)
    inner: list[Term] = []
    for share in sheet.ledger.uses(gradient):
        formula = sheet.formula(share)
        inner += formula.terms if isinstance(formula, Sum) else (formula,)
    whole = elide(Sum(tuple(inner)), LONG_SUM)
    symbols = [sheet.formula(gradient), whole]
    add_symbols(sheet, lines, sheet.term(gradient), symbols, _reason(sheet, gradient))
    if sheet.known(gradient):
        numbers, shares = sheet.substituted(whole), sheet.numbers(gradient)
        steps = (numbers, sheet.result(gradient)) if numbers == shares else (
            numbers, shares, sheet.result(gradient))  # fmt: skip
        lines.add(None, *(("=", step) for step in steps), result=gradient)
    sheet.number(gradient)  # now, so that the numbers follow the lines
    lines.finish()


def _reason(sheet: Sheet, gradient: str) -> Line:
    users = sheet.graph.receivers.get(parse_key(gradient).subject, ())
    if len(users) > 1 and sheet.first_time("shared parameter"):
        return line("one parameter, used in several places: the sum over all of them")
    return ()
