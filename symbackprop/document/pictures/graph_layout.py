"""Where the nodes of a computation graph stand: columns, and the order within them.

Nodes stand in columns by their distance from the end; within a column they are ordered so that lines cross
little (the barycentre heuristic of Sugiyama, Tagawa and Toda, 1981). A line that passes a column on its way
is led through a place of its own there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ROUNDS = 12  # of the ordering within columns
Edge = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """Where everything stands: columns of nodes, and of the places that long edges pass."""

    columns: list[list[str]]
    places: Mapping[Edge, list[str]]


def lay_out_graph(nodes: Sequence[str], edges: Sequence[Edge]) -> Layout:
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
    return Layout(_ordered(columns, places), places)


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
        height = {item: level(column, row) for column in columns for row, item in enumerate(column)}
        for index in indices:
            column = columns[index]
            wanted = {
                item: sum(height[other] for other in near[item]) / max(1, len(near[item])) for item in column
            }
            column.sort(key=lambda item: wanted[item])
            height |= {item: level(column, row) for row, item in enumerate(column)}
        crossings = _crossings(columns, places)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def level(column: Sequence[str], row: int) -> float:
    """Return how many rows below the middle an item of a column stands."""
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
