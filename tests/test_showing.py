"""How much is shown: the selection itself, restricted ledgers, and the sheets of each form."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from symbackprop import ProblemError, SymbackpropError, problem_from_mapping, read_problem, solve
from symbackprop.document.blocks import Derivation, Diagram, Heading, Math, Paragraph, Table, Text
from symbackprop.notation.notation import NotationChoice
from symbackprop.render.latex import render_latex
from symbackprop.showing import MOST_TABULATED, UnknownName, select
from symbackprop.solution import Solution
from symbackprop.spec import Dense, dense_problem
from symbackprop.spec.problem import Problem

PARAMETERS = (("w1", "w2", "b1"), ("w3", "b2"))
UNITS = (("h1", "h2", "h3"), ("o1",))
FED = {"w1": ("h1",), "w2": ("h2",), "b1": ("h1",), "w3": ("o1",), "b2": ("o1",)}
PRESETS = ("z-a", "sum-output", "h-a", "delta-rule")


def network(*sizes: int, **rest: object) -> Problem:
    """Return a sigmoid network with different weights of two decimals, made without a random generator."""

    def numbers(count: int, start: int) -> list[float]:
        return [((37 * (start + k)) % 199 - 99) / 100 for k in range(count)]

    layers = [
        Dense(
            to,
            "sigmoid",
            weights=[numbers(before, 7 * i + row) for row in range(to)],
            biases=numbers(to, i),
        )
        for i, (before, to) in enumerate(pairwise(sizes))
    ]
    return dense_problem(
        title="Shown",
        inputs=numbers(sizes[0], 3),
        targets=[0.5] * sizes[-1],
        layers=layers,
        learning_rate="0.5",
        **rest,
    )


def titles(solution: Solution) -> list[str]:
    """Return the titles of the derivations of single parameters."""
    found = []
    for block in solution.document().blocks:
        if isinstance(block, Derivation) and block.title:
            first = block.title[0]
            if isinstance(first, Text) and first.text.strip() in ("Weight", "Bias"):
                found.append(" ".join(str(part.term.key) for part in block.title if isinstance(part, Math)))
    return found


def texts(solution: Solution) -> str:
    parts = []
    for block in solution.document().blocks:
        if isinstance(block, Paragraph | Heading):
            content = block.content if isinstance(block, Paragraph) else block.title
            parts.append("".join(part.text for part in content if isinstance(part, Text)))
    return "\n".join(parts)


# --- the selection ---------------------------------------------------------------------------


def test_names_patterns_and_groups() -> None:
    def derived(*words: str) -> tuple[str, ...]:
        return select(words, PARAMETERS, UNITS, FED).split(("w1", "w2", "b1", "w3", "b2")).derived

    assert derived("w2", "b2") == ("w2", "b2")
    assert derived("b*") == ("b1", "b2")
    assert derived("layer:1") == ("w1", "w2", "b1")
    assert derived("outputs") == ("w3", "b2")
    assert derived("all") == ("w1", "w2", "b1", "w3", "b2")
    assert derived("representative") == ("w1", "b1", "w3", "b2")  # a weight and the bias of the same unit
    assert derived("representative", "w2") == ("w2", "w3", "b2")


def test_what_a_list_does_not_name_is_left_out() -> None:
    selection = select(("w2",), PARAMETERS, UNITS, FED)
    assert selection.restricted
    assert selection.split(("w1", "w2")) == (("w2",), (), ("w1",))
    assert selection.omitted == ("w1", "b1", "w3", "b2")
    # of the units the one that w2 enters is derived first, the others are tabulated
    assert selection.split_units(UNITS[0]) == (("h2",), ("h1", "h3"), ())


def test_representatives_tabulate_only_so_many() -> None:
    large = tuple(f"w{k}" for k in range(500))
    selection = select(("representative",), (large,), (), {})
    derived, tabulated, omitted = selection.split(large)
    assert derived == ("w0", "w499")  # nothing is known of what they enter: taken to enter the same
    assert len(tabulated) == MOST_TABULATED
    assert len(omitted) == 500 - 2 - MOST_TABULATED
    assert not selection.restricted


def test_of_many_groups_the_ends_are_derived() -> None:
    groups = tuple((f"w{k}a", f"w{k}b") for k in range(9))
    derived = select(("representative",), groups, (), {name: (name,) for g in groups for name in g})
    assert derived.split([name for group in groups for name in group]).derived == ("w0a", "w7a", "w8a")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("w22", r"'w22' fits no parameter; expected one of w1, w2, b1, .*Did you mean w2\?"),
        ("representativ", r"Did you mean representative\?"),
        ("layer:3", r"'layer:3' fits no parameter; expected layer:1 to layer:2"),
        ("layer:x", r"expected layer:1 to layer:2"),
        ("q*", r"'q\*' fits no parameter"),
    ],
)
def test_unknown_words(word: str, message: str) -> None:
    with pytest.raises(UnknownName, match=message):
        select((word,), PARAMETERS, UNITS, FED)


# --- problem files and Python ----------------------------------------------------------------

FILE = """\
title: Shown
show: {show}
network:
  inputs: [0.05, 0.10]
  targets: [0.01]
  layers:
    - {{units: 2, activation: sigmoid, weights: [[0.15, 0.25], [0.20, 0.30]], biases: [0.40, 0.35]}}
    - {{units: 1, activation: sigmoid, weights: [[0.40, 0.50]], biases: [0.25]}}
  learning_rate: 0.01
"""


def test_the_field_of_a_problem_file() -> None:
    assert read_problem(FILE.format(show="w1_1_1")).show == ("w1_1_1",)
    assert read_problem(FILE.format(show="[w1_1_1, 'b2_*']")).show == ("w1_1_1", "b2_*")
    assert read_problem(FILE.format(show="w1_1_1,outputs")).show == ("w1_1_1", "outputs")


def test_a_wrong_name_in_a_problem_file() -> None:
    with pytest.raises(ProblemError) as caught:
        read_problem(FILE.format(show="[w1_1_1, w2_1_3]"), "mine.yaml")
    text = str(caught.value)
    assert text.startswith("mine.yaml:2: show[2]: fits no parameter; given w2_1_3; expected one of w1_1_1, ")
    assert text.endswith("Did you mean w2_1_2?")


def test_an_empty_field() -> None:
    with pytest.raises(ProblemError, match="nothing to show"):
        read_problem(FILE.format(show="[]"))


def test_show_in_python_replaces_the_field() -> None:
    problem = read_problem(FILE.format(show="w1_1_1"))
    assert titles(solve(problem)) == ["w1_1_1"]
    assert titles(solve(problem, show="w2_1_2,b1_1")) == ["w2_1_2", "b1_1"]
    assert len(titles(solve(problem, show=["all"]))) == 9
    with pytest.raises(SymbackpropError, match="'w9' fits no parameter"):
        solve(problem, show="w9")


# --- restricted ledgers ----------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_restricted_values_are_those_of_the_whole(preset: str) -> None:
    problem = replace(network(3, 4, 3), notation=NotationChoice(preset))
    whole, some = solve(problem), solve(problem, show="w1_2_3,b2_1")
    assert {key for key in some.ledger if key.startswith("grad.") and "|" not in key} == {
        "grad.w1_2_3",
        "grad.b2_1",
    }
    for key in ("net.h2", "dE_dnet.h2", "grad.w1_2_3", "grad.b2_1", "new.w1_2_3", "loss"):
        assert some[key].value == whole[key].value
    assert "net.h1@1" not in some.ledger  # what follows the update of all is not there


def test_what_a_sheet_leaves_out_is_still_to_be_had() -> None:
    problem = network(2, 3, 1)
    some = solve(problem, show="w2_1_1")
    assert some["grad.w1_1_1"].value == solve(problem)["grad.w1_1_1"].value
    assert some.to_json() == solve(problem).to_json()
    assert some.keys() == solve(problem).keys()


def test_clipping_by_the_norm_of_all_needs_all() -> None:
    problem = problem_from_mapping(
        {
            "title": "Clipped",
            "network": {
                "inputs": [1, 2],
                "targets": [0],
                "layers": [{"units": 1, "activation": "identity", "weights": [["0.5", "0.25"]]}],
                "learning_rate": 1,
                "clip": {"norm": "0.1"},
            },
        }
    )
    some = solve(problem, show="w1_1_1")
    # gradient (1, 2) of length sqrt 5, cut to 0.1
    assert float(some["new.w1_1_1"].value) == pytest.approx(0.5 - 0.1 / 5**0.5, abs=1e-15)


# --- sheets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_only_what_is_asked_for_is_derived(preset: str) -> None:
    solution = solve(replace(network(3, 4, 2), notation=NotationChoice(preset)), show="w1_2_3")
    assert {title.split()[0] for title in titles(solution)} == {"w1_2_3"}
    text = texts(solution)
    assert "The other 25 parameters are left out here" in text
    assert "what follows once all are updated" in text
    assert "Forward pass with the new parameters" not in text


def test_the_summary_has_only_what_is_shown() -> None:
    document = solve(network(3, 4, 2), show="w1_2_3,b2_2").document()
    table = [block for block in document.blocks if isinstance(block, Table)][-1]
    assert [row[0][0].term.key for row in table.rows] == ["w1_2_3", "b2_2"]


def test_a_frozen_parameter_that_is_asked_for_has_its_gradient_shown() -> None:
    solution = solve(network(2, 2, 1, frozen=["b*"]), show="b1_1")
    assert titles(solution) == ["b1_1"]
    assert "new.b1_1" not in solution.ledger


def test_a_long_sum_keeps_the_term_that_is_differentiated() -> None:
    latex = render_latex(solve(network(30, 2, 1), show="w1_1_17").document())
    # x17 w1_1_17 stands between the dots in the derivative of the net input
    assert r"x_{17}" in latex.replace(" ", "")


@pytest.mark.parametrize("preset", PRESETS)
def test_no_swell(preset: str) -> None:
    # SymPy's derivative of the whole loss is 6.7 million characters of LaTeX here
    problem = replace(network(*[4] * 7), notation=NotationChoice(preset))
    solution = solve(problem, show="w1_1_1")
    assert len(render_latex(solution.document())) < 150_000
    assert solution.pages <= 12
    gradient = solution["grad.w1_1_1"]
    assert len(str(gradient)) < 3000


def test_no_swell_with_depth() -> None:
    def length(depth: int) -> int:
        return len(render_latex(solve(network(*[4] * (depth + 1)), show="w1_1_1").document()))

    lengths = [length(depth) for depth in (10, 20, 40)]
    # linear in the depth: each layer adds the same again, whatever the number of paths
    assert (lengths[2] - lengths[1]) / (lengths[1] - lengths[0]) < 2.6


def test_of_many_layers_the_picture_shows_both_ends() -> None:
    document = solve(network(*[3] * 21), show="representative").document()
    (diagram,) = [block for block in document.blocks if isinstance(block, Diagram)]
    labels = [text for _, text in diagram.column_labels]
    assert labels == ["inputs", "hidden 1", "hidden 2", "15 more", "hidden 18", "hidden 19", "outputs"]
    columns = sorted({unit.x for unit in diagram.units})
    assert all(right - left > 2 * diagram.radius for left, right in pairwise(columns))
