"""Parts of a problem on a sheet: blocks that are the same whatever the numbers, or items that show some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...formulas.terms import Result, Slot, walk
from ..blocks import Block, Steps
from .filling import FILLED, slotted
from .planning import Group

#: Degrees at which numbers are seen that differ from student to student.
SHOWING_NUMBERS = frozenset({"worked", "result", "choice"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a task: finished blocks, or a group of items whose lines show numbers.

    slotted: for each block its key with slots for the numbers, where it has one. room: the width of the
    narrowest slot of each quantity in it.
    """

    blocks: tuple[Block, ...] = ()
    slotted: tuple[Steps | None, ...] = ()
    room: tuple[Mapping[str, float], ...] = ()
    group: Group | None = None

    def shows_numbers(self, *, key: bool) -> bool:
        """Whether it, or its key, shows numbers of items otherwise than alone in a box."""
        if self.group is not None:
            return True
        pairs = zip(self.blocks, self.slotted, strict=True)
        return key and any(slots is None and isinstance(block, FILLED) for block, slots in pairs)


def lasting_part(*blocks: Block, task: int) -> Part:
    """Return a part of blocks that are the same whatever the numbers."""
    lasting = tuple(replace(block, lasting=True) if isinstance(block, Steps) else block for block in blocks)
    pairs = tuple(slotted(block, task) for block in lasting)
    return Part(lasting, pairs, tuple(_narrowest(block) for block in pairs))


def _narrowest(block: Steps | None) -> Mapping[str, float]:
    """Return by quantity the width of its narrowest slot."""
    found: dict[str, float] = {}
    rows = () if block is None else block.rows
    for part in (part for row in rows for _, term in row.chain for part in walk(term)):
        if isinstance(part, Result) and isinstance(part.term, Slot):
            key = part.term.name.partition(":")[2]
            found[key] = min(part.width, found.get(key, part.width))
    return found


def slots_of(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the quantities whose numbers are put into slots, each once."""
    yield from dict.fromkeys(key for part in parts for room in part.room for key in room)
