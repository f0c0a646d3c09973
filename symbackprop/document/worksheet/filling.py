"""From the sheet to its key: what belongs into each gap and each room, in its place."""

from __future__ import annotations

from dataclasses import replace

from ...formulas.terms import Blank, Result, Term
from ..blocks import Block, Filled, Row, Steps, Together, WorkSpace
from .items import Lines


def filled(block: Block, lines: Lines) -> Block:
    """Return a block of a sheet with every gap filled: the same lines in the same places.

    Args:
        block: the block.
        lines: of the block's task, with the values that are filled in.
    """
    if isinstance(block, Steps):
        return replace(block, rows=tuple(filled_row(row, lines) for row in block.rows))
    if isinstance(block, WorkSpace):
        return Filled(lines.work(block.answer, block.part), block.height)
    if isinstance(block, Together):
        return Together(tuple(filled(inner, lines) for inner in block.blocks))
    return block


def filled_row(row: Row, lines: Lines) -> Row:
    """Return a line with its gaps filled, each with a box as wide as the gap."""
    ledger = lines.gaps.ledger

    def fill(term: Term) -> Term:
        if isinstance(term, Blank):
            return Result(ledger.substituted(term.answer), term.width, term.height)
        return term.rebuilt(fill)

    return replace(row, chain=tuple((relation, fill(term)) for relation, term in row.chain))
