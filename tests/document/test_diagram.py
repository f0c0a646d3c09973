"""The network's picture: everything in it, in its place, and legible."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise
from math import hypot

import pytest

from symbackprop.document.blocks import Connection, Diagram, Label, MathStyle, Unit
from symbackprop.document.layout.width import width
from symbackprop.document.pictures.diagram import MOST_LABELS, network_diagram, shows_every_value
from symbackprop.document.pictures.placing import Box, Path, place
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Number, Symbol, Term
from symbackprop.spec.problem import Bias, Layer, Problem, Weight


def network(*sizes: int, shared: bool = False, skips: Sequence[tuple[str, str]] = ()) -> Problem:
    """Return a fully connected network with units x1.., h1_1.. and o1.."""
    chance = random.Random(1)
    last = len(sizes) - 1

    def unit(layer: int, index: int) -> str:
        return f"x{index}" if layer == 0 else f"o{index}" if layer == last else f"h{layer}_{index}"

    layers = [
        Layer(str(layer), tuple(unit(layer, index) for index in range(1, size + 1)))
        for layer, size in enumerate(sizes)
    ]
    ends = [
        (source, target)
        for before, after in pairwise(layers)
        for target in after.units
        for source in before.units
    ]
    weights = tuple(
        Weight(f"w{index}", source, target, Number(f"{chance.uniform(-1, 1):.2f}"))
        for index, (source, target) in enumerate([*ends, *skips], start=1)
    )
    if shared:
        biases = tuple(Bias(f"b{layer.name}", layer.units, Number("0.35")) for layer in layers[1:])
    else:
        receivers = [unit for layer in layers[1:] for unit in layer.units]
        biases = tuple(
            Bias(f"b{index}", (to,), Number("0.10")) for index, to in enumerate(receivers, start=1)
        )
    return Problem("", tuple(layers), (), weights, biases)


def name_of(unit: str) -> Term:
    return Symbol(Name(unit[0], tuple(unit[1:].split("_"))))


def draw(problem: Problem, **options: float | bool) -> Diagram:
    values = {parameter.name: parameter.value for parameter in problem.parameters}

    def label(name: str) -> Label:
        return Label(Symbol(Name(name[0], (name[1:],))), values[name])

    return network_diagram(problem, name_of, label, **options)  # type: ignore[arg-type]


SHAPES = [(2, 2, 2), (1, 1, 1), (1, 1), (2, 4, 1), (3, 3, 3), (3, 5, 4, 2), (5, 5, 5), (8, 8), (64, 64, 10)]


def path_of(diagram: Diagram, connection: Connection) -> Path:
    at = {unit.key: (unit.x, unit.y) for unit in diagram.units}
    return Path(at[connection.source], at[connection.target], connection.bend)


def boxes(diagram: Diagram) -> list[Box]:
    """Return the printed rectangles of the labels of connections."""
    found = []
    for connection in diagram.connections:
        if connection.label is not None:
            path, label = path_of(diagram, connection), connection.label
            wide = width(label.term, MathStyle())
            if label.value is not None:
                wide += 0.3 + width(label.value, MathStyle())
            em = diagram.label_size * 0.0353
            direction = path.direction(connection.at) if connection.sloped else (1.0, 0.0)
            found.append(Box(*path.at(connection.at), wide * em / 2, 0.8 * em / 2, direction))
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_the_picture_keeps_to_its_frame(shape: tuple[int, ...]) -> None:
    diagram = draw(network(*shape))
    assert diagram.width <= 9.5 + 0.001
    assert diagram.height <= 7.5 + 0.001
    for unit in diagram.units:
        assert diagram.radius - 0.002 <= unit.x <= diagram.width - diagram.radius + 0.002
        assert diagram.radius - 0.002 <= unit.y <= diagram.height - diagram.radius + 0.002


@pytest.mark.parametrize("shape", SHAPES)
def test_circles_are_clear_of_each_other(shape: tuple[int, ...]) -> None:
    diagram = draw(network(*shape))
    for index, one in enumerate(diagram.units):
        for other in diagram.units[:index]:
            assert hypot(one.x - other.x, one.y - other.y) > 2.2 * diagram.radius


@pytest.mark.parametrize("shape", SHAPES)
def test_labels_are_clear_of_each_other_and_of_circles(shape: tuple[int, ...]) -> None:
    diagram = draw(network(*shape))
    labels = boxes(diagram)
    circles = [Box(unit.x, unit.y, diagram.radius, diagram.radius) for unit in diagram.units]
    for index, label in enumerate(labels):
        assert not any(label.overlap(other) > 0.03 for other in labels[:index])
        assert not any(label.overlap(circle) > 0.03 for circle in circles)


def test_layers_are_columns_from_left_to_right() -> None:
    diagram = draw(network(3, 5, 4, 2))
    columns: dict[float, list[Unit]] = {}
    for unit in diagram.units:
        columns.setdefault(unit.x, []).append(unit)
    assert [len(units) for _, units in sorted(columns.items())] == [3, 5, 4, 2]
    middles = [(units[0].y + units[-1].y) / 2 for units in columns.values()]
    assert max(middles) - min(middles) < 0.01
    assert [text for _, text in diagram.column_labels] == ["inputs", "hidden 1", "hidden 2", "outputs"]
    assert [unit.role for unit in diagram.units] == ["input"] * 3 + ["hidden"] * 9 + ["output"] * 2


def test_a_small_network_shows_every_value_on_level_labels() -> None:
    diagram = draw(network(2, 2, 2))
    assert len(diagram.connections) == 8
    for connection in diagram.connections:
        assert connection.label is not None
        assert connection.label.value is not None
        assert not connection.sloped
    assert diagram.label_size == 7.5


def test_crowded_labels_turn_along_their_lines_and_keep_their_values() -> None:
    diagram = draw(network(4, 4, 4))
    assert all(one.sloped and one.label and one.label.value for one in diagram.connections)


def test_five_by_five_has_names_in_half_a_page_and_values_in_a_whole_one() -> None:
    narrow, wide = draw(network(5, 5, 5)), draw(network(5, 5, 5), max_width=15.0)
    assert all(one.label is not None and one.label.value is None for one in narrow.connections)
    assert all(one.label is not None and one.label.value is not None for one in wide.connections)


def test_it_is_known_whether_all_values_are_shown() -> None:
    for shape, every in (((2, 2, 2), True), ((5, 5, 5), False), ((8, 8), False), ((64, 1), False)):
        assert shows_every_value(draw(network(*shape)), network(*shape)) == every
    shared = network(2, 2, 2, shared=True)
    assert shows_every_value(draw(shared), shared)


def test_values_are_left_out_on_request() -> None:
    diagram = draw(network(2, 2, 2), show_values=False)
    assert all(one.label is not None and one.label.value is None for one in diagram.connections)
    assert all(mark.label.value is None for mark in diagram.biases)


def test_many_connections_have_no_labels() -> None:
    assert all(one.label is None for one in draw(network(8, 8)).connections)
    mixed = draw(network(2, 8, 8))
    labelled = [one for one in mixed.connections if one.label is not None]
    assert len(labelled) == 16 <= MOST_LABELS


def test_a_large_layer_is_drawn_in_part() -> None:
    diagram = draw(network(64, 64, 10))
    assert [unit.key for unit in diagram.units[:6]] == ["x1", "x2", "x3", "x4", "", "x64"]
    assert diagram.units[4].role == "elided"
    assert len(diagram.units) == 6 + 6 + 10
    shown = {unit.key for unit in diagram.units}
    assert all({one.source, one.target} <= shown for one in diagram.connections)
    assert [text for _, text in diagram.column_labels] == ["64 inputs", "64 hidden", "outputs"]


def test_biases_come_from_outside_where_they_can() -> None:
    diagram = draw(network(2, 2, 2))
    assert {mark.target: mark.below for mark in diagram.biases} == {
        "h1_1": False,
        "h1_2": True,
        "o1": False,
        "o2": True,
    }


def test_a_shared_bias_has_a_mark_at_each_receiver() -> None:
    diagram = draw(network(2, 2, 2, shared=True))
    assert [(mark.target, str(mark.label.term.name)) for mark in diagram.biases] == [  # type: ignore[attr-defined]
        ("h1_1", "b_1"),
        ("h1_2", "b_1"),
        ("o1", "b_2"),
        ("o2", "b_2"),
    ]


@pytest.mark.parametrize(
    "problem",
    [
        network(1, 1, 1, skips=[("x1", "o1")]),
        network(2, 2, 1, skips=[("x1", "o1"), ("x2", "o1")]),
        network(3, 3, 2, 1, skips=[("x1", "o1"), ("x3", "h2_2")]),
        network(2, 3, 3, 3, 2, skips=[("x1", "o2"), ("h1_2", "o1")]),
    ],
)
def test_connections_that_skip_a_layer_go_round_the_units(problem: Problem) -> None:
    diagram = draw(problem)
    assert diagram.height <= 7.5 + 0.001
    for connection in diagram.connections:
        path = path_of(diagram, connection)
        for unit in diagram.units:
            if unit.key not in (connection.source, connection.target):
                distances = [
                    hypot(x - unit.x, y - unit.y) for x, y in map(path.at, [i / 50 for i in range(51)])
                ]
                assert min(distances) > diagram.radius


def test_the_alternative_names_units_and_parameters() -> None:
    assert draw(network(2, 1)).alternative == (
        "Network with 2 inputs x_1, x_2; 1 output o_1. Weights: w_1 = -0.73 from x_1 to o_1, "
        "w_2 = 0.69 from x_2 to o_1. Biases: b_1 = 0.10 of o_1."
    )
    assert draw(network(64, 64, 10)).alternative.startswith(
        "Network with 64 inputs x_1 to x_64; 64 hidden units h_1,1 to h_1,64; 10 outputs o_1, o_2,"
    )


def test_long_names_shrink_to_fit_their_circles() -> None:
    problem = network(2, 2, 2)
    diagram = network_diagram(
        problem, lambda unit: Symbol(Name("output", (unit,))), lambda name: Label(Symbol(Name("w")))
    )
    assert 3 < diagram.unit_size < draw(problem).unit_size == 9.0


def test_the_picture_is_the_same_every_time() -> None:
    assert draw(network(4, 4, 4)) == draw(network(4, 4, 4))


def test_drawing_is_quick() -> None:
    draw(network(2, 2, 2))
    start = time.perf_counter()
    draw(network(2, 2, 2))
    assert time.perf_counter() - start < 0.1


def test_sloped_boxes_measure_their_distance_along_their_own_sides() -> None:
    diagonal = (0.5**0.5, 0.5**0.5)
    one = Box(0, 0, 1.0, 0.1, diagonal)
    assert one.overlap(Box(0.4, -0.4, 1.0, 0.1, diagonal)) == 0.0
    assert one.overlap(Box(0.4, 0.4, 1.0, 0.1, diagonal)) > 0
    assert one.inside((-5, -5), (5, 5)) == pytest.approx(2.0)
    assert one.inside((-5, 5), (5, -5)) == pytest.approx(0.2)
    assert one.inside((0, 3), (3, 3)) == 0.0


def test_labels_without_room_are_reported() -> None:
    crowded = [Path((0, 0), (4, index * 0.01)) for index in range(20)]
    assert not place(crowded, [(1.0, 0.3)] * 20, [], []).clear
    assert place(crowded[:1], [(1.0, 0.3)], [], []).clear
