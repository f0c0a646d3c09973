"""From the sheet to its key: what belongs into each gap and each room, in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...formulas.terms import Blank, Partial, Result, Slot, Symbol, Term, walk
from ..blocks import Block, Filled, Options, Row, Steps, Together, WorkSpace
from .items import Lines

#: Blocks into which something is filled.
FILLED = (Steps, WorkSpace, Options)


def filled(block: Block, lines: Lines) -> Block:
    """Return a block of a sheet with every gap filled: the same lines in the same places.

    Args:
        block: the block.
        lines: of the block's task, with the values that are filled in.
    """
    if isinstance(block, Steps):
        return _filled(block, lines.gaps.fill)
    if isinstance(block, WorkSpace):
        return Filled(lines.work(block.answer, block.part), block.height, block.kept, block.part)
    if isinstance(block, Options):
        return Together((replace(block, ticked=True), lines.feedback(block.key)))
    return block


def slotted(block: Block, task: int) -> Steps | None:
    """Return lasting lines with a slot in each gap, None where more than single numbers belong into gaps.

    Args:
        block: the block.
        task: of which problem it is, which its slots are named after.
    """
    if not (isinstance(block, Steps) and block.lasting):
        return None
    terms = (term for row in block.rows for _, term in row.chain)
    answers = [part.answer for term in terms for part in walk(term) if isinstance(part, Blank)]
    if not all(isinstance(answer, Symbol | Partial) and answer.key for answer in answers):
        return None

    def slot(gap: Blank) -> Term:
        return Result(Slot(slot_name(task, getattr(gap.answer, "key", ""))), gap.width, gap.height)

    return _filled(block, slot)


def slot_name(task: int, key: str) -> str:
    """Return the name of the slot of a quantity: its problem and its key."""
    return f"{task}:{key}"


def _filled(block: Steps, fill: Callable[[Blank], Term]) -> Steps:
    def visit(term: Term) -> Term:
        return fill(term) if isinstance(term, Blank) else term.rebuilt(visit)

    def row_with(row: Row) -> Row:
        return replace(row, chain=tuple((relation, visit(term)) for relation, term in row.chain))

    return replace(block, rows=tuple(map(row_with, block.rows)))
