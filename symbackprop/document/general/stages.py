"""The forward and backward pass of a network of any shape, stage by stage, each quantity on its own lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...derivation.joint import combined
from ...formulas.terms import Number, Term
from ...keys import parse_key
from ...network.architecture import Stage
from ...network.operations import LayerActivation, NetInput, Node, Operation, UnitActivation
from ...rules import activation_rule
from ...showing import ALL, MOST_TABULATED
from ..blocks import Line
from ..dense.slopes import add_slopes
from ..sheet import Lines, Sheet, line
from .array_values import add_introduced
from .derivatives import add_derivative, family
from .step_tables import add_step_tables

#: A stage with more quantities than this shows the first of each family in full and tabulates the others.
MANY_QUANTITIES = 14
REPRESENTATIVES = 2

#: Of more stages alike, such as time steps, the first two and the last are shown in full.
MANY_ALIKE = 4

#: Quantities of the forward pass that stand in one block, which stays on one page.
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
        if run.brief and _add_rows(sheet, run, lambda operation: vocabulary.shifted(operation.key, passes)):
            continue
        full, rest = _representatives(sheet, quantities, run)
        for group in _grouped(full, quantities):
            lines = Lines(sheet)
            for quantity in group:
                _add_forward(sheet, lines, quantity, quantities[quantity])
            lines.finish()
        _add_rest(sheet, rest)


def add_stages_backward(sheet: Sheet, stages: Sequence[Stage], passes: int = 0) -> None:
    """Add the backward pass, the stages in reverse; every derivative from those of what uses the variable."""
    passed_over = _passed_over(sheet)
    for run in _runs(sheet, stages, reversed(range(len(stages)))):
        own = {
            quantity: operation
            for stage in run.stages
            for operation in reversed(stage.operations)
            if (quantity := _derivative(sheet, operation, passes)) in sheet.ledger
            and not (operation.key.startswith("act.") and parse_key(operation.key).subject in passed_over)
        }
        if not own:
            continue
        if len(stages) > 1:
            sheet.part(f"Back through: {run.title}")
        made = [op for stage in run.stages for op in stage.operations]
        kinds = [op.activation for op in made if isinstance(op, UnitActivation | LayerActivation)]
        add_slopes(sheet, list({kind.name: kind for kind in kinds}.values()))
        if run.brief and _add_rows(sheet, run, lambda operation: _derivative(sheet, operation, passes)):
            continue
        full, rest = _representatives(sheet, own, run)
        for quantity in full:
            lines = Lines(sheet)
            add_derivative(sheet, lines, quantity, reason_for(sheet, own[quantity]))
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
        if len(self.stages) == 1:
            return first
        ends = [re.fullmatch(r"(.*\bstep) (\d+)", title) for title in (first, last)]
        if ends[0] is not None and ends[1] is not None and ends[0][1] == ends[1][1]:
            return f"{ends[0][1]}s {ends[0][2]} to {ends[1][2]}"
        return f"{first} to {last}"


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


def _add_forward(sheet: Sheet, lines: Lines, quantity: str, operation: Operation) -> None:
    if isinstance(operation, UnitActivation):
        rule = activation_rule(operation.activation)
        first = sheet.first_time(f"activation {rule.name}")
        net = sheet.term(str(parse_key(quantity)._replace(kind="net")))
        if quantity not in sheet.ledger.formulas:
            note = line("given")
            lines.add(sheet.term(quantity), ("=", sheet.result(quantity)), result=quantity, note=note)
            return
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
    if quantity not in sheet.ledger.formulas:
        note = line("given")
    if isinstance(formula, Number) or (isinstance(operation, Node) and not sheet.ledger.uses(quantity)):
        lines.add(sheet.term(quantity), ("=", sheet.result(quantity)), result=quantity, note=note)
        return
    if isinstance(operation, Node) and operation.because and sheet.first_time(operation.because):
        note = line(operation.because)
    lines.derive(quantity, note=note)


def _passed_over(sheet: Sheet) -> frozenset[str]:
    """Return the outputs of a softmax and the like whose derivative is taken together with the loss's."""
    layers = sheet.graph.joint.values()
    return frozenset(layer.unit for layer in layers if combined(sheet.graph, layer))


def _derivative(sheet: Sheet, operation: Operation, passes: int) -> str:
    parts = parse_key(sheet.ledger.vocabulary.shifted(operation.key, passes))
    return str(parts._replace(kind=f"dE_d{parts.kind}"))


def reason_for(sheet: Sheet, operation: Operation) -> Line:
    """Return why the chain rule has the terms that it has, and those the values that they have."""
    for slope in sheet.slopes.get(operation.key, ()):
        if sheet.first_time(f"slope {slope}"):
            return line(slope)
    if sheet.users.get(operation.key, 0) > 1 and sheet.first_time("several users"):
        return line("used in several places: the sum over all of them")
    return ()


def _add_rows(sheet: Sheet, run: _Run, quantity_of: Callable[[Operation], str]) -> bool:
    """Add the values of stages alike as the rows of tables, if they are so much alike."""
    steps = [[quantity_of(operation) for operation in stage.operations] for stage in run.stages]
    return add_step_tables(sheet, [stage.title for stage in run.stages], steps)


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
    elided = add_introduced(sheet, "Similarly:", listed, "Quantity")
    if elided or len(listed) < len(known):
        sheet.text("Not every value is shown here; --format json lists them all.", small=True)
