"""Sheets of networks of any shape: what stands where, what is said once, how much is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unicodedata import normalize

import pytest

from symbackprop import Solution, example_names, problem_from_mapping, solve
from symbackprop.document.blocks import (
    Beside,
    Block,
    Derivation,
    Heading,
    Math,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
    Together,
)
from symbackprop.document.layout.pages import estimated_pages
from symbackprop.document.layout.width import left_width, relation_width, width
from symbackprop.document.sheet import EQUATIONS
from symbackprop.formulas.terms import Matrix, Number, Product, Result, Term, walk
from symbackprop.render.plain import plain_math
from tests.benchmarks import sequences

GENERAL = [name for name in example_names() if solve(name).problem.architecture is not None]


@pytest.fixture(scope="module", params=GENERAL)
def solution(request: pytest.FixtureRequest) -> Solution:
    return solve(request.param)


def blocks(solution: Solution) -> Iterator[Block]:
    """Yield all blocks of a sheet, those inside others too."""
    waiting: list[Block] = list(solution.document().blocks)
    while waiting:
        block = waiting.pop(0)
        if isinstance(block, Beside):
            waiting[:0] = [*block.left, *block.right]
        elif isinstance(block, Together):
            waiting[:0] = block.blocks
        else:
            yield block


def rows(solution: Solution) -> list[Row]:
    return [row for block in blocks(solution) if isinstance(block, Derivation) for row in block.rows]


def notes(solution: Solution) -> list[str]:
    return [words(row.note) for row in rows(solution) if row.note]


def words(content: tuple[object, ...]) -> str:
    found = []
    for part in content:
        match part:
            case Text(text):
                found.append(text)
            case Math(term):
                found.append(plain_math(term))
            case Reference(number):
                found.append(f"({number})")
    return "".join(found)


def graph(nodes: dict[str, Any], **fields: Any) -> Solution:
    return solve(problem_from_mapping({"title": "A graph", "graph": {"nodes": nodes, **fields}}))


def network(problem: dict[str, Any], *show: str) -> Solution:
    return solve(replace(problem_from_mapping(problem), show=show))


# --- every general example ---------------------------------------------------------------------


def test_results_are_what_the_ledger_shows(solution: Solution) -> None:
    """Every boxed number is the shown value of the quantity on the left of its derivation."""
    names = {plain_math(step.ledger.term(step.key)): step for step in solution}
    left, checked = "", 0
    for row in rows(solution):
        left = plain_math(row.left) if row.left is not None else left
        for _, term in row.chain:
            if isinstance(term, Result) and left in names:
                assert plain_math(term.term) == plain_math(Number.parse(names[left].shown)), left
                checked += 1
    assert checked > 5


def test_no_row_runs_under_the_notes(solution: Solution) -> None:
    style = solution.document().style
    for block in blocks(solution):
        if isinstance(block, Derivation):
            left = left_width([row.left for row in block.rows if row.left is not None], style)
            for row in block.rows:
                taken = sum(relation_width(relation) + width(term, style) for relation, term in row.chain)
                assert left + row.indent + taken <= EQUATIONS + 0.5, plain_math(row.chain[0][1])


def test_nothing_is_multiplied_by_one_in_symbols(solution: Solution) -> None:
    """A factor of one drops out of the local derivatives, and so does the loss's derivative by itself."""
    one = Number("1")
    for row in rows(solution):
        symbolic = [term for _, term in row.chain if not isinstance(term, Result | Number)]
        for term in symbolic[:1] if row.left is not None else []:
            assert not any(isinstance(node, Product) and one in node.factors for node in walk(term))


def test_no_note_but_where_numbers_come_from_is_given_twice(solution: Solution) -> None:
    said = [note for note in notes(solution) if not note.startswith(("with ", "from ", "here "))]
    assert len(said) == len(set(said))


def test_a_line_that_introduces_values_stays_with_them(solution: Solution) -> None:
    top = solution.document().blocks
    for block, following in pairwise(top):
        if isinstance(block, Paragraph) and words(block.content) in ("Similarly:", "Together:"):
            assert isinstance(following, Table)
            assert following.breakable


# --- wording -----------------------------------------------------------------------------------


def test_the_seed_is_stated_once_and_left_out_of_products() -> None:
    """f = (x + y) max(y, z): df/dm = s, without df/df; dy counts on both paths: -0.5 + 1 = 0.5."""
    solution = solve("computation-graph")
    lines = [[plain_math(term) for _, term in row.chain] for row in rows(solution)]
    lefts = [plain_math(row.left) if row.left is not None else "" for row in rows(solution)]
    assert lines[lefts.index("∂f/∂f")] == ["1"]
    assert lines[lefts.index("∂f/∂m")] == ["s", "1"]
    assert not any("∂f/∂f ·" in text for line in lines for text in line)
    assert [note for note in notes(solution) if "left out" in note] == [
        "the derivative of a variable by itself; as a factor it is left out below"
    ]


def test_the_reason_of_a_slope_stands_in_the_backward_pass() -> None:
    solution = solve("attention")
    found = [(index, row) for index, row in enumerate(rows(solution)) if "quotient rule" in words(row.note)]
    ((index, row),) = found
    assert row.left is not None
    assert plain_math(row.left).startswith("∂E/∂e")
    error = next(i for i, other in enumerate(rows(solution)) if other.left and plain_math(other.left) == "E")
    assert index > error


def test_a_subtitle_counts_as_a_person_does() -> None:
    one = graph({"E": "(w*x - 1)^2"}, inputs={"x": 2}, parameters={"w": 0.3}, learning_rate=0.1)
    assert "1 computed value \N{MIDDLE DOT} 1 parameter \N{MIDDLE DOT}" in words(one.document().subtitle)
    none = graph({"E": "x^2"}, inputs={"x": 2})
    assert "parameter" not in words(none.document().subtitle)


def test_minus_a_number_is_not_said_twice() -> None:
    solution = graph({"n": "-x", "f": "exp(n)"}, inputs={"x": 2})
    row = next(row for row in rows(solution) if any(isinstance(term, Result) for _, term in row.chain))
    assert [plain_math(term) for _, term in row.chain][-1:] == [plain_math(Number("-2"))]
    assert len(row.chain) == 1


def test_numbers_that_follow_one_another_are_a_range() -> None:
    assert any(" to (" in note for note in notes(solve("char-rnn")))


# --- vectors and matrices ----------------------------------------------------------------------


def matrices(solution: Solution) -> dict[str, Matrix]:
    """Return the matrices of a sheet by what stands on their left."""
    return {
        normalize("NFKC", plain_math(row.left)): term  # bold letters as plain ones
        for row in rows(solution)
        if row.left is not None
        for _, term in row.chain
        if isinstance(term, Matrix)
    }


def entries(matrix: Matrix) -> list[list[str]]:
    return [[plain_math(number(entry)) for entry in row] for row in matrix.rows]


def number(term: Term) -> Term:
    return next(node for node in walk(term) if isinstance(node, Number))


def test_feature_maps_and_kernels_are_matrices() -> None:
    """The 3 x 3 map of a 2 x 2 kernel over a 4 x 4 image, and its kernel's gradient."""
    solution = solve("convolution")
    found = matrices(solution)
    assert {"K", "Z", "C", "∂E/∂Z", "∂E/∂C", "∂E/∂K"} <= set(found)
    shown = [[solution[f"act.c1_{i}_{j}"].shown for j in (1, 2, 3)] for i in (1, 2, 3)]
    assert entries(found["C"]) == [[plain_math(Number.parse(text)) for text in row] for row in shown]


def test_new_parameters_of_many_are_matrices() -> None:
    solution = solve("char-rnn")
    new = next(matrix for name, matrix in matrices(solution).items() if "new" in name and "W" in name)
    assert entries(new)[0][0] == plain_math(Number.parse(solution["new.W_xh_1_1"].shown))
    assert any("new" in name for name in matrices(solution))
    few = solve("attention")
    assert not any("new" in name for name in matrices(few))


# --- long sequences, and how much is shown -----------------------------------------------------


def test_many_time_steps_stand_in_tables_with_a_row_each() -> None:
    solution = network(sequences.lstm(steps=8))
    tables = [block for block in blocks(solution) if isinstance(block, Table) and words(block.head[0]) == "t"]
    forward = tables[0]
    assert [words(row[0]) for row in forward.rows] == ["3", "4", "5", "6", "7"]
    heads = [words(head) for table in tables for head in table.head]
    assert len({head for head in heads if "(t)" in head}) == 40  # 20 quantities, and their derivatives
    found = {
        (words(head), words(row[0])): words(row[index])
        for table in tables
        for row in table.rows
        for index, head in enumerate(table.head)
    }
    values = {value.lstrip("\N{MINUS SIGN}-") for value in found.values()}
    for key in ("act.h5_1", "act.c4_2", "dE_dact.h6_2"):
        shown = plain_math(Number.parse(solution[key].shown)).lstrip("\N{MINUS SIGN}-")
        assert shown in values, key


@pytest.mark.parametrize(
    ("problem", "show", "least", "most"),
    [
        (sequences.lstm(), (), 20, 60),
        (sequences.lstm(), ("representative",), 8, 20),
        (sequences.attention(), (), 12, 60),
        (sequences.attention(), ("representative",), 8, 20),
    ],
    ids=["lstm", "lstm-representative", "attention", "attention-representative"],
)
def test_long_sequences_make_sheets_that_can_be_read(
    problem: dict[str, Any], show: tuple[str, ...], least: int, most: int
) -> None:
    assert least <= estimated_pages(network(problem, *show).document()) <= most


def test_parameters_that_are_asked_for_are_the_only_ones_derived() -> None:
    asked = solve(replace(solve("attention").problem, show=("W_Q_1_1", "W_V_*")))
    titles = [words(block.title) for block in blocks(asked) if isinstance(block, Heading)]
    gradients = [title for title in titles if title.startswith("Gradient by")]
    assert len(gradients) == 2
    lefts = {plain_math(row.left) for row in rows(asked) if row.left is not None}
    assert len({left for left in lefts if left.startswith("∂E/∂W")}) == 5


def test_a_layer_that_is_asked_for_and_representatives() -> None:
    layer = solve(replace(solve("attention").problem, show=("layer:2",)))
    lefts = {plain_math(row.left) for row in rows(layer) if row.left is not None}
    assert len({left for left in lefts if left.startswith("∂E/∂W")}) == 4
    few = solve(replace(solve("lstm").problem, show=("representative",)))
    titles = [words(block.title) for block in blocks(few) if isinstance(block, Heading)]
    assert "The other gradients" in titles
