"""The picture of a computation graph: values above, derivatives below each edge.

Nodes stand in columns by their distance from the end; within a column they are ordered so that lines cross
little (the barycentre heuristic of Sugiyama, Tagawa and Toda, 1981). A line that passes a column on its way
is led through a place of its own there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ..graph import operands
from ..keys import key, parse_key
from ..operations import LayerActivation, NetInput, Node, Operation, UnitActivation
from ..terms import Term
from .blocks import Connection, Diagram, Label, Unit
from .sheet import Sheet

#: Larger graphs have no picture.
MOST_NODES, MOST_EDGES, MOST_COLUMNS, MOST_ROWS = 30, 44, 8, 8

#: Distances between the centres of circles, in cm.
WIDEST, COLUMN, ROW, MARGIN = 14.4, 3.2, 1.25, 0.6

_ROUNDS = 12  # of the ordering within columns
Edge = tuple[str, str]


@dataclass(frozen=True)
class _Layout:
    """Where everything stands: columns of nodes, and of the places that long edges pass."""

    columns: list[list[str]]
    places: Mapping[Edge, list[str]]


def graph_picture(sheet: Sheet) -> Diagram | None:
    """Return the picture, None where the graph is too large for one or there are several samples."""
    if len(sheet.problem.samples) > 1:
        return None
    operations = [
        op
        for op in sheet.graph.operations
        if isinstance(op, NetInput | Node | UnitActivation | LayerActivation)
    ]
    edges = [(source, op.key) for op in operations for source in _sources(op, sheet)]
    nodes = list(dict.fromkeys([*(source for source, _ in edges), *(op.key for op in operations)]))
    if len(nodes) > MOST_NODES or len(edges) > MOST_EDGES or not edges:
        return None
    layout = _laid_out(nodes, edges)
    if len(layout.columns) > MOST_COLUMNS or max(map(len, layout.columns)) > MOST_ROWS:
        return None
    return _drawn(sheet, layout, edges)


def _sources(operation: Operation, sheet: Sheet) -> list[str]:
    if isinstance(operation, UnitActivation):
        return [str(parse_key(operation.key)._replace(kind="net"))]
    return [
        _own(used, sheet) for used in dict.fromkeys(operands(operation)) if not used.startswith("constant.")
    ]


def _own(used: str, sheet: Sheet) -> str:
    """Return the key of a source: an input goes by its own name."""
    parts = parse_key(used)
    return parts.subject if parts.kind == "act" and parts.subject in sheet.problem.inputs else used


def _laid_out(nodes: Sequence[str], edges: Sequence[Edge]) -> _Layout:
    """Return the columns, leaves as near to their users as they can stand."""
    users: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        users[source].append(target)
    behind: dict[str, int] = {}
    for node in reversed(nodes_in_order(nodes, edges)):
        behind[node] = max((behind[user] + 1 for user in users[node]), default=0)
    deepest = max(behind.values())
    columns: list[list[str]] = [[] for _ in range(deepest + 1)]
    for node in nodes:
        columns[deepest - behind[node]].append(node)
    places: dict[Edge, list[str]] = {}
    for edge in dict.fromkeys(edges):
        first, last = (deepest - behind[node] for node in edge)
        places[edge] = [f"{edge[0]}>{edge[1]}:{column}" for column in range(first + 1, last)]
        for column, place in zip(range(first + 1, last), places[edge], strict=True):
            columns[column].append(place)
    return _Layout(_ordered(columns, places), places)


def nodes_in_order(nodes: Sequence[str], edges: Sequence[Edge]) -> list[str]:
    """Return the nodes, each after all that it uses."""
    waiting: dict[str, set[str]] = {node: set() for node in nodes}
    for source, target in edges:
        waiting[target].add(source)
    order: list[str] = []
    done: set[str] = set()
    while len(order) < len(nodes):
        ready = [node for node in nodes if node not in done and waiting[node] <= done]
        order += ready
        done |= set(ready)
    return order


def _ordered(columns: list[list[str]], places: Mapping[Edge, list[str]]) -> list[list[str]]:
    """Return the columns, each ordered by where its neighbours stand, forth and back."""
    near: dict[str, list[str]] = defaultdict(list)
    for (source, target), between in places.items():
        way = [source, *between, target]
        for left, right in pairwise(way):
            near[left].append(right)
            near[right].append(left)
    best, fewest = [list(column) for column in columns], _crossings(columns, places)
    for number in range(_ROUNDS):
        indices = range(len(columns)) if number % 2 else reversed(range(len(columns)))
        height = {item: _level(column, row) for column in columns for row, item in enumerate(column)}
        for index in indices:
            column = columns[index]
            wanted = {
                item: sum(height[other] for other in near[item]) / max(1, len(near[item])) for item in column
            }
            column.sort(key=lambda item: wanted[item])
            height |= {item: _level(column, row) for row, item in enumerate(column)}
        crossings = _crossings(columns, places)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _level(column: Sequence[str], row: int) -> float:
    return row - (len(column) - 1) / 2


def _crossings(columns: Sequence[Sequence[str]], places: Mapping[Edge, list[str]]) -> int:
    row = {item: number for column in columns for number, item in enumerate(column)}
    steps: dict[int, list[tuple[int, int]]] = defaultdict(list)
    position = {item: number for number, column in enumerate(columns) for item in column}
    for (source, target), between in places.items():
        way = [source, *between, target]
        for left, right in pairwise(way):
            steps[position[left]].append((row[left], row[right]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for pairs in steps.values()
        for index, a in enumerate(pairs)
        for b in pairs[index + 1 :]
    )


def _drawn(sheet: Sheet, layout: _Layout, edges: Sequence[Edge]) -> Diagram:
    apart = min(COLUMN, WIDEST / max(1, len(layout.columns) - 1))
    tallest = max(map(len, layout.columns))
    height = (tallest - 1) * ROW + 2 * MARGIN
    points = {
        item: (MARGIN + number * apart, height / 2 + _level(column, row) * ROW)
        for number, column in enumerate(layout.columns)
        for row, item in enumerate(column)
    }
    inner = {target for _, target in edges}
    used = {source for source, _ in edges}
    entering = Counter(target for _, target in dict.fromkeys(edges))
    units = [
        Unit(_node(item), *points[item], _name(sheet, item), _role(item, inner, used))
        for column in layout.columns
        for item in column
        if ">" not in item
    ]
    connections = [
        Connection(
            _node(source), _node(target), _value(sheet, source), 0.32 if entering[target] > 2 else 0.45,
            bend=_bend(points, source, target, layout.places[source, target]), below=_slope(sheet, source),
        )
        for source, target in dict.fromkeys(edges)
    ]  # fmt: skip
    width = (len(layout.columns) - 1) * apart + 2 * MARGIN
    return Diagram(
        tuple(units), tuple(connections), (), width, height, _described(sheet, edges), label_size=7.0
    )


def _node(item: str) -> str:
    return item.replace(".", "-")


def _role(item: str, inner: set[str], used: set[str]) -> Literal["input", "hidden", "output"]:
    return "input" if item not in inner else "hidden" if item in used else "output"


def _bend(
    points: Mapping[str, tuple[float, float]], source: str, target: str, between: Sequence[str]
) -> float:
    """Return how far a long line is bent, so that it passes the places that are kept free for it."""
    if not between:
        return 0.0
    (x0, y0), (x1, y1) = points[source], points[target]
    off = [y0 + (y1 - y0) * (points[p][0] - x0) / (x1 - x0) - points[p][1] for p in between]
    return max(off, key=abs)


def _name(sheet: Sheet, item: str) -> Term:
    return sheet.term(item)


def _value(sheet: Sheet, item: str) -> Label | None:
    return Label(sheet.value(item)) if sheet.known(item) else None


def _slope(sheet: Sheet, item: str) -> Label | None:
    parts = parse_key(item)
    quantity = f"dE_d{parts.kind}.{parts.subject}" if parts.kind else key("grad", item)
    if parts.subject in sheet.problem.inputs:
        quantity = key("dE_dact", item)
    return Label(sheet.value(quantity)) if sheet.known(quantity) else None


def _described(sheet: Sheet, edges: Sequence[Edge]) -> str:
    from ..render.plain import plain_math

    def named(item: str) -> str:
        value = f" = {plain_math(sheet.value(item))}" if sheet.known(item) else ""
        return f"{plain_math(sheet.term(item))}{value}"

    users: dict[str, list[str]] = {}
    for source, target in edges:
        users.setdefault(source, []).append(plain_math(sheet.term(target)))
    lines = [
        f"{named(source)} goes to {' and '.join(dict.fromkeys(names))}" for source, names in users.items()
    ]
    return "Computation graph: " + "; ".join(lines) + "."


__all__ = ["graph_picture"]
