"""Marks of their own for all places of numbers on a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod

from ...formulas.terms import Number
from ..blocks import Beside, Block, Diagram, Label, Line, Math, Table, Together
from ..marks import NUMBERS, Marks, NoForm, Place, Shape, Side

#: How a number stands in a column that is aligned to a side: at the right, points stand below each other.
SIDES: Mapping[str, Side] = {"left": "left", "center": "center", "right": "point"}


@dataclass
class MarkPlaces:
    """Gives each place of a number a mark of its own.

    names: of the values, by the marks that stand in the document so far. shapes: of the values, by name.
    """

    names: Mapping[str, str]
    shapes: Mapping[str, Shape]
    marks: Marks
    places: dict[str, Place] = field(default_factory=dict)

    @singledispatchmethod
    def block(self, block: Block) -> Block:
        """Return a block with marks of its own.

        Raises:
            NoForm: a number stands in it where it has no place of its own.
        """
        if any(found in self.names for found in NUMBERS.findall(repr(block))):
            raise NoForm(f"a {type(block).__name__} shows numbers")
        return block

    @block.register
    def _(self, block: Beside) -> Block:
        return replace(block, left=self._all(block.left), right=self._all(block.right))

    @block.register
    def _(self, block: Together) -> Block:
        return replace(block, blocks=self._all(block.blocks))

    @block.register
    def _(self, block: Diagram) -> Block:
        # what is said of the picture keeps the marks of the values
        connections = tuple(
            replace(one, label=self._label(one.label), below=self._label(one.below))
            for one in block.connections
        )
        biases = tuple(replace(one, label=self._label(one.label) or one.label) for one in block.biases)
        return replace(block, connections=connections, biases=biases)

    @block.register
    def _(self, block: Table) -> Block:
        rows = tuple(
            tuple(self._cell(cell, side) for cell, side in zip(row, block.align, strict=True))
            for row in block.rows
        )
        return replace(block, rows=rows)

    def _all(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        return tuple(self.block(block) for block in blocks)

    def _label(self, label: Label | None) -> Label | None:
        if label is None:
            return None
        if isinstance(label.term, Number):
            return replace(label, term=self._own(label.term, "center"))
        return label if label.value is None else replace(label, value=self._own(label.value, "left"))

    def _cell(self, cell: Line, side: str) -> Line:
        if len(cell) == 1 and isinstance(cell[0], Math) and isinstance(cell[0].term, Number):
            return (Math(self._own(cell[0].term, SIDES[side])),)
        if any(found in self.names for found in NUMBERS.findall(repr(cell))):
            raise NoForm("a cell shows more than a number")
        return cell

    def _own(self, number: Number, side: Side) -> Number:
        """Return a mark for this place alone; a number that is the same on all papers stays."""
        name = self.names.get(number.magnitude.text)
        if name is None:
            return number
        mark = self.marks.new(self.shapes[name])
        self.places[mark.magnitude.text] = Place(name, side)
        return mark
