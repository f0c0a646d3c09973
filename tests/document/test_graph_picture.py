"""The picture of a computation graph: every label legible, whatever the graph."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import solve
from symbackprop.document.blocks import Diagram, Label, MathStyle
from symbackprop.document.layout.width import width
from symbackprop.document.pictures.graph_picture import APART, draw_graph
from symbackprop.document.pictures.placing import Box, Path
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Number, Symbol
from symbackprop.solution import Solution

POINT = 0.0352778

Edge = tuple[str, str]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[Edge]]:
    """Return a graph without cycles that runs to one end, node n(k) after the nodes it uses."""
    count = draw(st.integers(2, 12))
    nodes = [f"n{number}" for number in range(count)]
    edges = []
    for number in range(1, count):
        sources = draw(st.sets(st.integers(0, number - 1), min_size=0, max_size=4))
        edges += [(nodes[source], nodes[number]) for source in sorted(sources)]
    used = {source for source, _ in edges}
    edges += [(node, nodes[-1]) for node in nodes[:-1] if node not in used]
    return nodes, edges


def labels_of(nodes: list[str], texts: list[str]) -> dict[str, tuple[Label | None, Label | None]]:
    return {
        node: (Label(Number(texts[index % len(texts)])), Label(Number(texts[(index + 1) % len(texts)])))
        for index, node in enumerate(nodes)
    }


def drawn(nodes: list[str], edges: list[Edge], texts: list[str]) -> Diagram | None:
    return draw_graph(
        {node: Symbol(Name("n", (node[1:],))) for node in nodes}, edges, labels_of(nodes, texts)
    )


def paths_of(diagram: Diagram) -> list[Path]:
    at = {unit.key: (unit.x, unit.y) for unit in diagram.units}
    return [Path(at[link.source], at[link.target], link.bend) for link in diagram.connections]


def label_boxes(diagram: Diagram) -> list[list[Box]]:
    """Return by connection the rectangle of each label: above the line, and below it."""
    found = []
    for path, link in zip(paths_of(diagram), diagram.connections, strict=True):
        x, y = path.at(link.at)
        found.append(
            [
                Box(x, y + side * APART, width(label.term, MathStyle()) * diagram.label_size * POINT / 2,
                    0.4 * diagram.label_size * POINT)
                for side, label in ((-1, link.label), (1, link.below)) if label is not None
            ]
        )  # fmt: skip
    return found


@settings(max_examples=60, deadline=None)
@given(graphs(), st.lists(st.sampled_from(["1", "-0.5", "0.8808", "-0.07110"]), min_size=1, max_size=4))
def test_nothing_is_ever_on_top_of_anything(graph: tuple[list[str], list[Edge]], texts: list[str]) -> None:
    nodes, edges = graph
    diagram = drawn(nodes, edges, texts)
    if diagram is None:  # too crowded to be legible: then there is no picture
        assert len(edges) > 3
        return
    assert [(link.source, link.target) for link in diagram.connections] == edges
    circles = [Box(unit.x, unit.y, diagram.radius, diagram.radius) for unit in diagram.units]
    groups = label_boxes(diagram)
    for first, second in combinations(groups, 2):
        assert not any(one.overlap(other) for one in first for other in second)
    for box in (box for group in groups for box in group):
        assert not any(box.overlap(circle) for circle in circles)
        assert box.x - box.across >= -0.01
        assert box.x + box.across <= diagram.width + 0.01
        assert box.y - box.down >= -0.01
        assert box.y + box.down <= diagram.height + 0.01
    for path in paths_of(diagram):  # no line runs through a circle that is not its end
        others = [c for c in circles if (c.x, c.y) not in (path.start, path.end)]
        assert not any(path.inside(circle) > 0.02 for circle in others)
    for one, other in combinations(circles, 2):
        assert not one.overlap(other)


def test_usual_graphs_have_a_picture() -> None:
    chain = [f"n{number}" for number in range(8)]
    assert drawn(chain, list(pairwise(chain)), ["0.8808"]) is not None
    wide = [f"n{number}" for number in range(9)]
    assert drawn(wide, [(node, "n8") for node in wide[:-1]], ["-0.07110", "0.5"]) is not None
    diamond = ["n0", "n1", "n2", "n3"]
    edges = [("n0", "n1"), ("n0", "n2"), ("n0", "n3"), ("n1", "n3"), ("n2", "n3")]
    assert drawn(diamond, edges, ["-0.5"]) is not None


def test_a_graph_of_too_many_columns_has_none() -> None:
    chain = [f"n{number}" for number in range(20)]
    assert drawn(chain, list(pairwise(chain)), ["1"]) is None


def picture(solution: Solution) -> Diagram:
    (diagram,) = (block for block in solution.document().blocks if isinstance(block, Diagram))
    return diagram


def test_the_example_says_every_value_and_derivative_in_words() -> None:
    """The values are those of the cs231n notes' max gate: f = (x + y) max(y, z)."""
    solution = solve("computation-graph")
    text = picture(solution).alternative
    assert "x is 1.5, the derivative by it \N{MINUS SIGN}0.5; it goes into s." in text.replace(
        "-", "\N{MINUS SIGN}"
    )
    assert "it goes into s and m." in text
    assert "f is" in text
    assert text.endswith("it is the end.")
