"""Long lists of pairs, set side by side in one table."""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Line, Table


def in_columns(
    pairs: Sequence[tuple[Line, Line]],
    head: tuple[Line, Line],
    *,
    columns: int = 3,
    caption: Line = (),
) -> Table:
    """Return a table that lists pairs down its columns, each of a name and a number."""
    down = max(1, -(-len(pairs) // columns))
    columns = max(1, -(-len(pairs) // down))
    rows = []
    for index in range(down):
        row: list[Line] = []
        for position in range(index, columns * down, down):
            row += pairs[position] if position < len(pairs) else ((), ())
        rows.append(tuple(row))
    return Table(
        head * columns,
        tuple(rows),
        ("left", "right") * columns,
        caption=caption,
        breakable=down > 24,
        small=True,
    )
