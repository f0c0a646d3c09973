"""All given numbers, where a sheet cannot refer to the problem file: worksheets are worked on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..derivation.ledger import as_written
from ..formulas.terms import Number, Term
from ..keys import key
from ..numbers.constants import Constant
from ..numbers.digits import number_value
from .blocks import TEXT_SIZE, Block, Line, Paragraph, Table
from .layout.tables import in_columns
from .layout.width import line_width
from .sheet import Sheet, line

#: What a column takes beside its widest cell, in em.
PADDING = 1.4

#: So many samples stand side by side, and so many rows of a table below each other.
MOST_SAMPLES, MOST_ROWS = 8, 12


@dataclass(frozen=True, slots=True)
class WholeGivens:
    """Which given numbers are to be listed in full: all that are needed for what is asked.

    needed: their keys. room: the width of a line, in em of the text.
    """

    needed: Collection[str]
    room: float


def listed(
    sheet: Sheet, quantities: Sequence[str], head: str, room: float, caption: Line = ()
) -> Iterator[Table]:
    """Yield the values of some quantities in tables with as many columns as there is room for.

    None of them is high: what is read down its columns stands on one page.
    """
    pairs = [(line(sheet.term(quantity)), line(_written(sheet, quantity))) for quantity in quantities]
    heads = (line(head), line("value"))
    wide = sum(
        PADDING + max(line_width(cell, sheet.style) for cell in column)
        for column in zip(heads, *pairs, strict=True)
    )
    columns = max(1, int(room * TEXT_SIZE / 9 / wide))
    for first in range(0, len(pairs), columns * MOST_ROWS):
        part = pairs[first : first + columns * MOST_ROWS]
        yield in_columns(part, heads, columns=columns, caption=() if first else caption)


def _written(sheet: Sheet, quantity: str) -> Term:
    number = sheet.ledger.given(quantity)
    return sheet.value(quantity) if number is None else as_written(number)


def whole_inputs(sheet: Sheet, whole: WholeGivens) -> Iterator[Block]:
    """Yield the inputs of the only sample; those that are zero are not listed one by one."""
    (sample,) = sheet.problem.samples
    needed = [
        unit for unit in sheet.problem.inputs if unit in whole.needed and sample.inputs[unit] is not None
    ]
    others = [unit for unit in needed if not is_zero(sample.inputs[unit])]
    zeros = len(needed) - len(others)
    if others:
        yield from listed(sheet, others, "Input", whole.room)
    if zeros:
        count = f"The other {zeros} inputs are" if zeros > 1 else "The other input is"
        yield Paragraph(line(f"{count} zero." if others else "All inputs are zero."))


def whole_parameters(sheet: Sheet, names: Sequence[str], whole: WholeGivens, start: str) -> Iterator[Block]:
    """Yield the parameters that are needed."""
    needed = [name for name in names if name in whole.needed]
    if not needed:
        return
    left_out = len(names) - len(needed)
    rest = f"; nothing that is asked depends on the other {left_out}" if left_out else ""
    yield from listed(sheet, needed, "Parameter", whole.room, line(f"{start}{rest}."))


def whole_samples(sheet: Sheet) -> Iterator[Table]:
    """Yield tables of the samples, some of them side by side, with a row for each input and target."""
    problem = sheet.problem
    for first in range(0, len(problem.samples), MOST_SAMPLES):
        samples = problem.samples[first : first + MOST_SAMPLES]
        rows = [
            (line(sheet.term(unit)), *(line(as_written(sample.inputs[unit])) for sample in samples))
            for unit in problem.inputs
        ]
        rows += [
            (
                line(sheet.term(key("target", unit))),
                *(line(as_written(sample.targets[unit])) for sample in samples),
            )
            for unit in problem.samples[0].targets
        ]
        head = (line("Given"), *(line(f"sample {number}") for number, _ in enumerate(samples, first + 1)))
        align = ("left", *["right"] * len(samples))
        yield Table(head, tuple(rows), align, breakable=True, small=True)


def is_zero(number: Number | None) -> bool:
    """Return whether a given number is zero."""
    return number is not None and not isinstance(number, Constant) and number_value(number) == 0
