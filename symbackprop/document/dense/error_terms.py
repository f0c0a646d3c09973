"""Error terms on the page: derived one by one, referred to by number, in tables where they are many."""

from __future__ import annotations

from collections.abc import Sequence

from ...formulas.terms import Term
from ...keys import key, parse_key
from ...showing import MANY_GROUPS, MOST_TABULATED
from ...spec.problem import Bias, Weight
from ..blocks import Line, Reference, Together
from ..layout.tables import in_columns
from ..sheet import Lines, Sheet, line

#: Up to this many error terms are derived in one block.
FEW_REUSED = 2

#: More references than this are given as a range.
FEW_REFERENCES = 4


def add_reused(sheet: Sheet, parameters: Sequence[Weight | Bias]) -> None:
    """Add the error terms that the gradients refer to and that have not been shown."""
    add_error_terms(sheet, [key("grad", parameter.name) for parameter in parameters])


def add_error_terms(sheet: Sheet, quantities: Sequence[str]) -> None:
    """Add the error terms that some quantities refer to and that have not been shown."""
    wanted: dict[str, None] = {}
    for quantity in quantities:
        for part in sheet.ledger.uses(quantity) if sheet.graph.joint else ():
            if parse_key(part).through:  # through one output's error a softmax has a sum too
                collect_error_terms(sheet, part, wanted)
        collect_error_terms(sheet, quantity, wanted)
    if not wanted:
        return
    lines = Lines(sheet, "Used again below")
    tables = tables_of_terms(sheet, list(wanted))
    for index, quantity in enumerate(wanted):
        if quantity in tables:
            if tables[quantity]:
                lines.finish()
                add_table_of_terms(sheet, tables[quantity])
                lines = Lines(sheet)
            continue
        if index and len(wanted) > FEW_REUSED:
            lines.finish()  # one by one, so that a page may end between them
            lines = Lines(sheet)
        left = sheet.term(quantity)
        chain = sheet.chain(quantity)
        note = (
            line("the derivative by a net input is common to all that comes before it")
            if sheet.first_time("reused")
            else ()
        )
        if _same_as_shown(sheet, quantity, lines, left):
            continue
        lines.add(left, ("=", chain), note=note)
        add_value(sheet, lines, quantity)
    lines.finish()


def tables_of_terms(sheet: Sheet, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return the error terms of a short sheet that stand in a table, all of a layer at its last."""
    if not sheet.selection.is_short:
        return {}
    layer_of = {unit: index for index, layer in enumerate(sheet.problem.layers) for unit in layer.units}
    groups: dict[tuple[int, int | None], list[str]] = {}
    for quantity in wanted:
        parts = parse_key(quantity)
        groups.setdefault((layer_of[parts.subject], parts.sample), []).append(quantity)
    found: dict[str, list[str]] = {}
    for group in groups.values():
        rest = group[FEW_REUSED if len(sheet.problem.layers) <= MANY_GROUPS else 1 :]
        if len(rest) > 1:
            found.update({quantity: [] for quantity in rest})
            found[rest[-1]] = rest  # the table stands where the last of them would
    return found


def add_table_of_terms(sheet: Sheet, quantities: Sequence[str]) -> None:
    """Add a table of error terms that a short sheet does not derive one by one."""
    sheet.text("The others that are used, in the same way:")
    listed = [quantity for quantity in quantities if sheet.known(quantity)]
    shown = listed[:MOST_TABULATED]
    pairs = [(line(sheet.term(quantity)), line(sheet.value(quantity))) for quantity in shown]
    sheet.add(in_columns(pairs, (line("Derivative"), line("value"))))
    sheet.blocks[-2:] = [Together(tuple(sheet.blocks[-2:]))]  # not the words alone at the foot of a page
    left_out = len(listed) - len(pairs)
    if left_out:
        sheet.text(f"And {left_out} more, left out here.", small=True)


def collect_error_terms(sheet: Sheet, quantity: str, wanted: dict[str, None]) -> None:
    """Collect the error terms that a quantity refers to and that have not been shown, first ones first."""
    for used in sheet.ledger.uses(quantity):
        given = used not in sheet.ledger.formulas
        if parse_key(used).kind == "dE_dnet" and not (given or sheet.numbered(used) or used in wanted):
            collect_error_terms(sheet, used, wanted)
            wanted[used] = None


def _same_as_shown(sheet: Sheet, quantity: str, lines: Lines, left: Term) -> bool:
    """Refer to a bias gradient instead of deriving the same number again."""
    parts = parse_key(quantity)
    for bias in sheet.problem.biases:
        gradient = key("grad", bias.name)
        if (
            parts.kind == "dE_dnet"
            and not sheet.problem.thresholds
            and bias.targets == (parts.subject,)
            and parts.sample is None
            and sheet.numbered(gradient)
            and sheet.ledger.shown(gradient) == sheet.ledger.shown(quantity)
        ):
            ((_, reference),) = sheet.references([gradient])
            lines.add(
                left,
                ("=", sheet.term(gradient)),
                ("=", sheet.result(quantity)),
                result=quantity,
                note=line("already found as ", reference, ": the bias adds the factor 1"),
            )
            return True
    return False


def add_value(sheet: Sheet, lines: Lines, quantity: str, *, formula: bool = True) -> None:
    """Add the formula, the numbers and the result of a quantity whose left side stands above."""
    if formula and sheet.formula(quantity) != sheet.chain(quantity):
        lines.add(None, ("=", sheet.formula(quantity)))
    if not sheet.known(quantity):
        numbers = sheet.numbers(quantity)
        if numbers != sheet.formula(quantity):
            lines.add(None, ("=", numbers))
        return
    lines.add(
        None,
        *sheet.worked(quantity),
        *sheet.again(quantity),
        result=quantity,
        note=sheet.case_note(quantity, by_note(sheet, quantity)),
    )


def by_note(sheet: Sheet, quantity: str) -> Line:
    """Return "by (7) and (9)" for the error terms that the numbers take from above."""
    used = [u for u in sheet.ledger.uses(quantity) if parse_key(u).kind in ("dE_dnet", "grad", "dE_dact")]
    return sources(sheet, sheet.references(used))


def sources(sheet: Sheet, found: Sequence[tuple[str, Reference]]) -> Line:
    """Return "with a from (7) and b from (9)", nothing where nothing is referred to."""
    if not found:
        return ()
    if len(found) > FEW_REFERENCES:
        return line("with the values from ", found[0][1], " to ", found[-1][1])
    parts: list[str | Term | Reference] = ["with "]
    for index, (used_key, reference) in enumerate(found):
        if index:
            parts.append(" and " if index == len(found) - 1 else ", ")
        parts += [sheet.term(used_key), " from ", reference]
    return line(*parts)
