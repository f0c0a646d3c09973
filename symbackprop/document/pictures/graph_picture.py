"""The picture of a computation graph: values above, derivatives below each edge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Literal

from ...formulas.terms import Fraction, Negation, Number, Symbol, Term
from ...keys import key, parse_key
from ...network.graph import operands
from ...network.operations import LayerActivation, NetInput, Node, Operation, UnitActivation
from .. import wording
from ..blocks import Connection, Diagram, Label, MathStyle, Unit
from ..layout.width import width
from ..sheet import Sheet
from .columns import POINT
from .graph_layout import Edge, Layout, lay_out_graph, level
from .placing import Box, Path, Placement, Point, place

#: Larger graphs have no picture.
MOST_NODES, MOST_EDGES, MOST_COLUMNS, MOST_ROWS = 30, 44, 8, 8

#: Distances in cm: between the centres of circles, and round the picture.
WIDEST, COLUMN, MARGIN = 14.4, 3.2, 0.6

#: Distances of rows in cm and sizes of labels in pt that are tried, until all labels are legible.
TRIED = ((1.25, 7.0), (1.6, 7.0), (2.0, 7.0), (1.6, 6.5), (2.2, 6.5))
TALLEST = 14.0

RADIUS, CLEAR = 0.42, 0.12
APART = 0.175  # from a line to the middle of a label above or below it, as the renderers have it

#: So many cm of other lines a label may hide on average: at first, and if that cannot be had.
HIDING = (0.05, 0.2)


def graph_picture(sheet: Sheet, seen: Callable[[str], bool] = lambda _: True) -> Diagram | None:
    """Return the picture; None for several samples, and where the graph is too large to be legible.

    seen: which quantities are shown with their values.
    """
    if len(sheet.problem.samples) > 1:
        return None
    shown = (NetInput, Node, UnitActivation, LayerActivation)
    operations = [op for op in sheet.graph.operations if isinstance(op, shown)]
    edges = list(dict.fromkeys((source, op.key) for op in operations for source in _sources(op, sheet)))
    nodes = list(dict.fromkeys([*(source for source, _ in edges), *(op.key for op in operations)]))
    if len(nodes) > MOST_NODES or len(edges) > MOST_EDGES or not edges:
        return None
    slopes = {node: slope_key(sheet, node) for node in nodes}
    shown_values = {item for item in (*nodes, *slopes.values()) if sheet.known(item) and seen(item)}
    values = {item: Label(sheet.value(item)) for item in nodes if item in shown_values}
    derivatives = {node: Label(sheet.value(slopes[node])) for node in nodes if slopes[node] in shown_values}
    labels = {node: (values.get(node), derivatives.get(node)) for node in nodes}
    names = {node: sheet.term(node) for node in nodes}
    diagram = draw_graph(names, edges, labels, sheet.style)
    return None if diagram is None else replace(diagram, alternative=_described(sheet, edges, shown_values))


def end_of(sheet: Sheet) -> str | None:
    """Return the key of the node that nothing uses, where there is one alone."""
    used = {source for op in sheet.graph.operations for source in operands(op)}
    ends = [op.key for op in sheet.graph.operations if isinstance(op, Node) and op.key not in used]
    return ends[0] if len(ends) == 1 else None


def draw_graph(
    names: Mapping[str, Term],
    edges: Sequence[Edge],
    labels: Mapping[str, tuple[Label | None, Label | None]],
    style: MathStyle = MathStyle(),
) -> Diagram | None:
    """Return a picture of nodes and edges, None where no size of it has all labels legible.

    labels: by node the labels that stand above and below each edge that leaves it.
    """
    layout = lay_out_graph(list(names), edges)
    if len(layout.columns) > MOST_COLUMNS or max(map(len, layout.columns)) > MOST_ROWS:
        return None
    for hiding, (row, size) in product(HIDING, TRIED):
        if (max(map(len, layout.columns)) - 1) * row > TALLEST:
            continue
        points = _points(layout, row)
        paths = [_path(points, edge, layout, names) for edge in edges]
        sizes = [_size([label for label in labels[source] if label], size, style) for source, _ in edges]
        circles = [Box(*points[node], RADIUS, RADIUS) for node in names]
        if any(_hit(path, circles) for path in paths):
            continue
        placement = place(paths, sizes, (), circles)
        if placement.clear and placement.hidden <= hiding * len(edges):
            return _diagram(names, edges, labels, points, paths, placement, size)
    return None


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


# --- places ------------------------------------------------------------------------------------


def _points(layout: Layout, row: float) -> dict[str, Point]:
    apart = min(COLUMN, WIDEST / max(1, len(layout.columns) - 1))
    middle = (max(map(len, layout.columns)) - 1) * row / 2 + MARGIN
    return {
        item: (MARGIN + number * apart, middle + level(column, place) * row)
        for number, column in enumerate(layout.columns)
        for place, item in enumerate(column)
    }


def _path(points: Mapping[str, Point], edge: Edge, layout: Layout, names: Mapping[str, Term]) -> Path:
    """Return the way of an edge; a long one is bent through the places that are kept free for it."""
    (x0, y0), (x1, y1) = start, end = points[edge[0]], points[edge[1]]
    between = layout.places[edge]
    if not between:
        return Path(start, end)
    off = [y0 + (y1 - y0) * (points[p][0] - x0) / (x1 - x0) - points[p][1] for p in between]
    wanted = max(off, key=abs)
    circles = [Box(*points[node], RADIUS, RADIUS) for node in names]
    bends = [wanted + sign * step * 0.15 for step in range(25) for sign in (1, -1)]
    ways = (Path(start, end, round(bend, 3)) for bend in bends)
    return min(ways, key=lambda way: 10 * _hit(way, circles) + abs(way.bend - wanted))


def _hit(path: Path, circles: Sequence[Box]) -> float:
    """Return the length of a path's part that lies too near to circles that are not its ends."""
    return sum(
        path.inside(replace(circle, across=circle.across + CLEAR, down=circle.down + CLEAR))
        for circle in circles
        if (circle.x, circle.y) not in (path.start, path.end)
    )


def _size(labels: Sequence[Label], size: float, style: MathStyle) -> tuple[float, float]:
    """Return the width and height in cm of the labels of an edge, the line between them."""
    wide = max((width(label.term, style) for label in labels), default=0.0)
    return (wide * 1.04 + 0.6) * size * POINT, 2 * APART + 1.3 * size * POINT


def _diagram(
    names: Mapping[str, Term],
    edges: Sequence[Edge],
    labels: Mapping[str, tuple[Label | None, Label | None]],
    points: Mapping[str, Point],
    paths: Sequence[Path],
    placement: Placement,
    size: float,
) -> Diagram:
    circles = [Box(*points[node], RADIUS, RADIUS) for node in names]
    bends = [Box(*start, 0.02, 0.02) for path in paths for start, _ in path.segments]
    boxes = [*circles, *placement.boxes, *bends]
    left, right = min(b.x - b.across for b in boxes), max(b.x + b.across for b in boxes)
    top, bottom = min(b.y - b.down for b in boxes), max(b.y + b.down for b in boxes)
    inner, used = {target for _, target in edges}, {source for source, _ in edges}
    units = tuple(
        Unit(_node(node), round(points[node][0] - left, 3), round(points[node][1] - top, 3), name,
             _role(node, inner, used))
        for node, name in names.items()
    )  # fmt: skip
    connections = tuple(
        Connection(
            _node(source), _node(target), labels[source][0], at, bend=path.bend, below=labels[source][1]
        )
        for (source, target), path, at in zip(edges, paths, placement.at, strict=True)
    )
    return Diagram(
        units,
        connections,
        (),
        round(right - left, 3),
        round(bottom - top, 3),
        "",
        radius=RADIUS,
        label_size=size,
    )


def _node(item: str) -> str:
    return item.replace(".", "-")


def _role(item: str, inner: set[str], used: set[str]) -> Literal["input", "hidden", "output"]:
    return "input" if item not in inner else "hidden" if item in used else "output"


# --- labels ------------------------------------------------------------------------------------


def slope_key(sheet: Sheet, item: str) -> str:
    """Return the key of the loss's derivative by what a node carries."""
    parts = parse_key(item)
    if parts.subject in sheet.problem.inputs:
        return key("dE_dact", item)
    return f"dE_d{parts.kind}.{parts.subject}" if parts.kind else key("grad", item)


def _described(sheet: Sheet, edges: Sequence[Edge], shown: Collection[str]) -> str:
    """Return the picture in words: each node with its value and derivative where shown, and where it goes."""
    users: dict[str, list[str]] = {}
    for source, target in edges:
        users.setdefault(source, []).append(_words(sheet.term(target)))
    nodes = dict.fromkeys(node for edge in edges for node in edge)
    sentences = []
    for node in nodes:
        words = _words(sheet.term(node))
        if node in shown:
            words += f" is {_words(sheet.value(node))}"
        slope = slope_key(sheet, node)
        if slope in shown:
            words += f", the derivative by it {_words(sheet.value(slope))}"
        goes = list(dict.fromkeys(users.get(node, ())))
        words += f"; it goes into {wording.join(goes)}." if goes else "; it is the end."
        sentences.append(words)
    return " ".join(["Computation graph.", *sentences])


def _words(term: Term) -> str:
    """Return the name of a quantity or its number inside a sentence."""
    match term:
        case Symbol(name=name):
            return str(name)
        case Negation(term=inner):
            return f"minus {_words(inner)}"
        case Fraction(numerator=over, denominator=under):
            return f"{_words(over)}/{_words(under)}"
        case Number():
            return wording.number_text(term)
    return str(term)


__all__ = ["draw_graph", "end_of", "graph_picture"]
