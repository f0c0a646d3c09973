"""The forward and backward pass of a network of any shape, stage by stage, each quantity on its own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..architecture import Stage
from ..keys import key, parse_key
from ..operations import LayerActivation, NetInput, Node, Operation, UnitActivation
from ..rules import activation_rule
from ..showing import ALL, MOST_TABULATED
from ..terms import Number, Sum, Term
from .array_values import add_values
from .blocks import Line, Reference
from .breaking import elide
from .sheet import LONG_SUM, Lines, Sheet, line
from .slopes import add_slopes
from .tables import in_columns

#: A stage with more quantities than this shows the first of each family in full and tabulates the others.
MANY_QUANTITIES = 14
REPRESENTATIVES = 2

#: Of more stages alike, such as time steps, the first two and the last are shown in full.
MANY_ALIKE = 4

#: Columns of the shares of a gradient that are listed and not derived.
SHARE_COLUMNS = 3

#: Quantities derived in one block, which stays on one page.
TOGETHER = 2


def add_stages_forward(sheet: Sheet, stages: Sequence[Stage], passes: int = 0) -> None:
    """Add the forward pass, a part for each stage."""
    vocabulary = sheet.ledger.vocabulary
    for run in _runs(sheet, stages, range(len(stages))):
        quantities = {
            vocabulary.shifted(operation.key, passes): operation
            for stage in run.stages
            for operation in stage.operations
        }
        if len(stages) > 1:
            sheet.part(run.title)
            note = run.stages[0].note
            if note and sheet.first_time(f"note {note}"):
                sheet.text(note)
        full, rest = _representatives(sheet, quantities, run)
        for group in _grouped(full, quantities):
            lines = Lines(sheet)
            for quantity in group:
                _add_forward(sheet, lines, quantity, quantities[quantity])
            lines.finish()
        _add_rest(sheet, rest)


def add_stages_backward(sheet: Sheet, stages: Sequence[Stage], passes: int = 0) -> None:
    """Add the backward pass, the stages in reverse; every derivative from those of what uses the variable."""
    for run in _runs(sheet, stages, reversed(range(len(stages)))):
        own = {
            quantity: operation
            for stage in run.stages
            for operation in reversed(stage.operations)
            if (quantity := _derivative(sheet, operation, passes)) in sheet.ledger
        }
        if not own:
            continue
        if len(stages) > 1:
            sheet.part(f"Back through: {run.title}")
        kinds = [op.activation for op in own.values() if isinstance(op, UnitActivation | LayerActivation)]
        add_slopes(sheet, list({kind.name: kind for kind in kinds}.values()))
        full, rest = _representatives(sheet, own, run)
        for group in _grouped(full, own):
            lines = Lines(sheet)
            for quantity in group:
                add_derivative(sheet, lines, quantity, _reason(sheet, own[quantity]))
            lines.finish()
        _add_rest(sheet, rest)


@dataclass(frozen=True)
class _Run:
    """Stages shown together: one in full, or several in a row by their values alone."""

    stages: tuple[Stage, ...]
    brief: bool

    @property
    def title(self) -> str:
        """The stage's own title, or that of the first and of the last."""
        first, last = self.stages[0].title, self.stages[-1].title
        return first if len(self.stages) == 1 else f"{first} to {last}"


def _runs(sheet: Sheet, stages: Sequence[Stage], order: Iterable[int]) -> list[_Run]:
    """Return the stages in an order; of many alike the first two and the last stand alone."""
    alike: dict[str, list[int]] = {}
    for index, stage in enumerate(stages):
        alike.setdefault(re.sub(r"\d+", "#", stage.title), []).append(index)
    brief = {
        index
        for indices in alike.values()
        if len(indices) > MANY_ALIKE and ALL not in sheet.selection.asked
        for index in indices[2:-1]
    }
    runs: list[_Run] = []
    for index in order:
        if index in brief and runs and runs[-1].brief:
            runs[-1] = _Run((*runs[-1].stages, stages[index]), True)
        else:
            runs.append(_Run((stages[index],), index in brief))
    return runs


def add_derivative(sheet: Sheet, lines: Lines, quantity: str, reason: Line = ()) -> None:
    """Add a derivative of the loss: chain rule in symbols, local derivatives in place, numbers, result."""
    chain, formula = sheet.chain(quantity), sheet.formula(quantity)
    if isinstance(chain, Number):
        lines.add(sheet.term(quantity), ("=", sheet.result(quantity)), result=quantity, note=reason)
        sheet.number(quantity)
        return
    lines.add(sheet.term(quantity), ("=", chain), note=reason)
    if formula != chain and not isinstance(formula, Number):
        lines.add(None, ("=", formula))
    if not sheet.known(quantity):
        return
    numbers = sheet.numbers(quantity)
    steps = [] if isinstance(numbers, Number) else [("=", numbers)]
    note = from_where(sheet, quantity)
    lines.add(None, *steps, ("=", sheet.result(quantity)), result=quantity, note=note)
    sheet.number(quantity)  # now, so that the next lines may refer to it


def from_where(sheet: Sheet, quantity: str) -> Line:
    """Return "with dE/dz from (7)" for up to two derivatives that the numbers take from above."""
    used = [u for u in sheet.ledger.uses(quantity) if parse_key(u).kind in ("dE_dnet", "grad", "dE_dact")]
    found = sheet.references(used)
    if not found:
        return ()
    if len(found) > 2:
        numbers: list[str | Term | Reference] = ["from "]
        for index, (_, reference) in enumerate(found[:6]):
            numbers += [", " if index else "", reference]
        return line(*numbers, " ..." if len(found) > 6 else "")
    parts: list[str | Term | Reference] = ["with "]
    for index, (used_key, reference) in enumerate(found):
        parts += [" and " if index else "", sheet.term(used_key), " from ", reference]
    return line(*parts)


def _add_forward(sheet: Sheet, lines: Lines, quantity: str, operation: Operation) -> None:
    if isinstance(operation, UnitActivation):
        rule = activation_rule(operation.activation)
        first = sheet.first_time(f"activation {rule.name}")
        net = sheet.term(str(parse_key(quantity)._replace(kind="net")))
        call = sheet.activation_call(quantity, net)
        chain: list[tuple[str, Term]] = [] if call is None else [("=", call)]
        chain.append(("=", sheet.formula(quantity)))
        if sheet.known(quantity):
            numbers = sheet.numbers(quantity)
            chain += [] if isinstance(numbers, Number) else [("=", numbers)]
            chain.append(("=", sheet.result(quantity)))
        note = line(f"activation: the {rule.title} function") if first else ()
        lines.add(sheet.term(quantity), *chain, result=quantity if sheet.known(quantity) else "", note=note)
        return
    first_net = isinstance(operation, NetInput) and sheet.first_time("net input")
    note = line("net input: each input times its weight, summed") if first_net else ()
    formula = sheet.formula(quantity)
    if isinstance(formula, Number) or (isinstance(operation, Node) and not sheet.ledger.uses(quantity)):
        lines.add(sheet.term(quantity), ("=", sheet.result(quantity)), result=quantity, note=note)
        return
    if isinstance(operation, Node) and operation.because and sheet.first_time(operation.because):
        note = line(operation.because)
    lines.derive(quantity, note=note)


def _derivative(sheet: Sheet, operation: Operation, passes: int) -> str:
    parts = parse_key(sheet.ledger.vocabulary.shifted(operation.key, passes))
    return str(parts._replace(kind=f"dE_d{parts.kind}"))


def _reason(sheet: Sheet, operation: Operation) -> Line:
    """Return why the chain rule has the terms that it has."""
    parts = parse_key(operation.key)
    if parts.kind != "act":
        return ()
    users = sheet.users.get(operation.key, 0)
    if users > 1 and sheet.first_time("several users"):
        return line("used in several places: the sum over all of them")
    if isinstance(operation, Node) and operation.because and sheet.first_time(f"back {operation.because}"):
        return line(operation.because)
    return ()


def family(quantity: str) -> str:
    """Return what quantities of the same kind share: the key without the numbers of its elements."""
    parts = parse_key(quantity)
    base, *rest = parts.subject.split("_")
    kept = [part for part in rest if not part.isdigit()]
    return f"{parts.kind}.{base.rstrip('0123456789')}_{'_'.join(kept)}"


def _representatives(sheet: Sheet, quantities: Iterable[str], run: _Run) -> tuple[list[str], list[str]]:
    """Return the quantities to be derived in full and those to be tabulated."""
    everything = list(quantities)
    if run.brief:
        return [], everything
    if ALL in sheet.selection.asked or len(everything) <= MANY_QUANTITIES:
        return everything, []
    most = 1 if sheet.selection.is_short else REPRESENTATIVES
    seen: dict[str, int] = {}
    full: list[str] = []
    rest: list[str] = []
    for quantity in everything:
        number = seen[family(quantity)] = seen.get(family(quantity), 0) + 1
        (full if number <= most else rest).append(quantity)
    return (full, rest) if len(rest) > 1 else (everything, [])


def _grouped(quantities: Sequence[str], operations: dict[str, Operation]) -> Iterable[list[str]]:
    """Yield the quantities in groups that stay together: those of one unit, a few at a time."""
    group: list[str] = []
    for quantity in quantities:
        unit = parse_key(quantity).subject
        if group and len(group) >= TOGETHER and parse_key(group[-1]).subject != unit:
            yield group
            group = []
        group.append(quantity)
    if group:
        yield group


def _add_rest(sheet: Sheet, rest: Sequence[str]) -> None:
    known = [quantity for quantity in rest if sheet.known(quantity)]
    if not known:
        return
    listed = known[:MOST_TABULATED] if sheet.selection.is_short else known
    sheet.text("Similarly:")
    add_values(sheet, listed, "Quantity")
    if len(listed) < len(known):
        left_out = f"{len(known) - len(listed)} more are left out here; --format json lists every value."
        sheet.text(left_out, small=True)


def add_family_gradients(sheet: Sheet, names: Sequence[str], passes: int = 0) -> None:
    """Add the gradients of the parameters of one family, the first ones in full where there are many."""
    found = [key("grad", name, passes=passes) for name in names]
    found = [gradient for gradient in found if gradient in sheet.ledger]
    shown = sheet.selection.split(names)
    derived = frozenset(key("grad", name, passes=passes) for name in shown.derived)
    full = [gradient for gradient in found if gradient in derived]
    rest = [gradient for gradient in found if gradient not in derived]
    for number, gradient in enumerate(full):
        lines = Lines(sheet)
        if number and in_steps(sheet, gradient):
            _add_over_steps(sheet, lines, gradient)
            lines.finish()
            continue
        shares = [u for u in sheet.ledger.uses(gradient) if parse_key(u).kind == "grad"]
        first = shares[:REPRESENTATIVES] if len(shares) > 4 else shares
        for share in first:
            if in_steps(sheet, share):  # a sample's share, which is itself a sum over time steps
                _add_over_steps(sheet, lines, share)
            elif share in sheet.ledger:
                add_derivative(sheet, lines, share)
        if not number and len(first) < len(shares):
            lines.finish()
            pairs = [(line(sheet.term(share)), line(sheet.value(share))) for share in shares[len(first) :]]
            sheet.add(in_columns(pairs, (line("Share"), line("value")), columns=SHARE_COLUMNS))
            lines = Lines(sheet)
        add_derivative(sheet, lines, gradient, _gradient_reason(sheet, gradient))
        lines.finish()
    if not sheet.selection.restricted:
        _add_rest(sheet, rest)


def in_steps(sheet: Sheet, gradient: str) -> bool:
    """Return whether a gradient is the sum of shares of time steps."""
    used = [parse_key(u) for u in sheet.ledger.uses(gradient)] if gradient in sheet.ledger.formulas else []
    steps = set(sheet.graph.parts.values())
    return bool(used) and all(parts.kind == "grad" and parts.through in steps for parts in used)


def _add_over_steps(sheet: Sheet, lines: Lines, gradient: str) -> None:
    """Add a gradient on one line, each time step's share worked out inside the sum."""
    inner: list[Term] = []
    for share in sheet.ledger.uses(gradient):
        formula = sheet.formula(share)
        inner += formula.terms if isinstance(formula, Sum) else (formula,)
    whole = elide(Sum(tuple(inner)), LONG_SUM)
    lines.add(sheet.term(gradient), ("=", sheet.formula(gradient)), note=_gradient_reason(sheet, gradient))
    lines.add(None, ("=", whole))
    if sheet.known(gradient):
        steps = (sheet.substituted(whole), sheet.numbers(gradient), sheet.result(gradient))
        lines.add(None, *(("=", step) for step in steps), result=gradient)
    sheet.number(gradient)  # now, so that the numbers follow the lines


def _gradient_reason(sheet: Sheet, gradient: str) -> Line:
    users = sheet.graph.receivers.get(parse_key(gradient).subject, ())
    if len(users) > 1 and sheet.first_time("shared parameter"):
        return line("one parameter, used in several places: the sum over all of them")
    return ()
