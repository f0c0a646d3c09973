"""What a dense network's sheet says: the case that holds, each thing once, names as a course has them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from flint import fmpq

from symbackprop import Solution, solve
from symbackprop.document.blocks import (
    Derivation,
    Heading,
    Line,
    Math,
    Paragraph,
    Plot,
    Reference,
    Table,
    Text,
)
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Cases, Comparison, Number, Result, Symbol, Words, walk
from symbackprop.proofs.deciding import holding, reasons
from symbackprop.render.plain import plain_math
from symbackprop.spec.load import problem_from_mapping

NETWORK: dict[str, Any] = {
    "inputs": [0.5, -0.2],
    "targets": [0.1, 0.9],
    "layers": [
        {"units": 3, "activation": "relu", "weights": [[0.15, -0.25], [0.2, 0.3], [-0.4, 0.1]],
         "biases": [0.35, -0.1, 0.05]},
        {"units": 2, "activation": "identity", "weights": [[0.4, -0.5, 0.3], [0.45, 0.55, -0.2]],
         "biases": [0.25, 0.6]},
    ],
    "loss": {"kind": "huber", "delta": 0.4},
    "learning_rate": 0.5,
}  # fmt: skip
FORMS = ("chain", "components", "delta", "delta_rule", "tables", "matrix")


def sheet(network: dict[str, Any] | None = None, **further: Any) -> Solution:
    return solve(problem_from_mapping({"network": NETWORK | (network or {}), **further}))


def said(line: Line) -> str:
    """Return a line of text, its formulas in the plain form."""
    parts = []
    for item in line:
        match item:
            case Text(text):
                parts.append(text)
            case Math(term):
                parts.append(plain_math(term))
            case Reference(number):
                parts.append(f"({number})")
    return "".join(parts)


def derivations(solution: Solution) -> list[Derivation]:
    return [block for block in solution.document().blocks if isinstance(block, Derivation)]


def notes(solution: Solution) -> list[str]:
    return [said(row.note) for block in derivations(solution) for row in block.rows if row.note]


# --- cases -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_numbers_have_the_case_that_holds(form: str) -> None:
    """Branches stand in symbols only: wherever a line has cases, it has symbols."""
    solution = sheet(notation={"form": form})
    found = 0
    for block in derivations(solution):
        for row in block.rows:
            for _, term in row.chain:
                for part in walk(term):
                    if isinstance(part, Cases):
                        found += 1
                        assert any(isinstance(inner, Symbol) for inner in walk(part)), plain_math(part)
    assert found > 4


def test_the_reason_for_a_case_stands_beside_it() -> None:
    """h1: 0.5 x 0.15 + 0.2 x 0.25 + 0.35 = 0.475 is above zero, h2: 0.1 - 0.06 - 0.1 = -0.06 is not."""
    found = notes(sheet())
    assert any(note.endswith("here zₕ₁ > 0") for note in found)
    assert any(note.endswith("here zₕ₂ ≤ 0") for note in found)
    # the output 0.44 is within 0.4 of its target 0.1
    assert "here |y₁ − ŷ₁| ≤ 0.4" in "\n".join(found).replace("abs(y₁ − ŷ₁)", "|y₁ − ŷ₁|")


def test_a_step_of_a_chosen_case() -> None:
    solution = sheet()
    assert str(solution["act.h1"]).endswith("otherwise} = 0.475")
    assert str(solution["act.h2"]).endswith("otherwise} = 0")
    assert plain_math(solution["grad.w1_1_1"].substituted).count("otherwise") == 0


def test_an_open_case_stays_open() -> None:
    """Where a value is not known no case is chosen, and no reason given; of three cases each has its own."""
    z = Symbol(Name("z"), "net.h1")
    above, below = Comparison(z, "greater", Number("1")), Comparison(z, "less", Number("-1"))
    choice = Cases((Number("1"), Number("-1"), z), (above, below, Words("otherwise")))
    assert holding(choice, {}) is None and reasons(choice, {}) == ()
    for value, index, reason in ((2, 0, (above,)), (-2, 1, (below,)), (0, 2, ())):
        assert holding(choice, {"net.h1": fmpq(value)}) == index
        assert reasons(choice, {"net.h1": fmpq(value)}) == reason


def test_the_displayed_values_decide_where_they_are_carried() -> None:
    """0.004 is above zero, but shown, and carried, as 0.00 it is not."""
    layers = [{"units": 1, "activation": "relu", "weights": [[0.004]], "biases": [0]}]
    network = {"inputs": [1], "targets": [1], "layers": layers, "loss": "half_squared_error"}
    rounding = {"digits": 2, "kind": "places"}
    exact, shown = (sheet(network, rounding=rounding | {"carry": carry}) for carry in ("exact", "shown"))
    assert [plain_math(reason) for reason in exact.ledger.reasons("act.o1")] == ["zₒ₁ > 0"]
    assert [plain_math(reason) for reason in shown.ledger.reasons("act.o1")] == ["zₒ₁ ≤ 0"]


# --- nothing twice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_no_number_is_equal_to_itself(form: str) -> None:
    """No line says 1 = 1, nor a number and then the same number as its result."""
    for solution in (sheet(notation={"form": form}), solve("own-activation")):
        for block in derivations(solution):
            for row in block.rows:
                terms = [term.term if isinstance(term, Result) else term for _, term in row.chain]
                for left, right in itertools.pairwise(terms):
                    assert not (isinstance(left, Number) and left == right), plain_math(left)


def test_the_others_are_only_the_others() -> None:
    """A table of "the other parameters" does not repeat those that are derived above it."""
    solution = solve("deep-network")
    blocks = solution.document().blocks
    for before, table in itertools.pairwise(blocks):
        if not (isinstance(before, Paragraph) and said(before.content).startswith("The other parameters of")):
            continue
        assert isinstance(table, Table)
        names = {said(cell) for row in table.rows for cell in row[::2] if cell}
        titles = {said(block.title).partition(" ")[2] for block in derivations(solution) if block.title}
        assert names and not names & titles
    summary = next(
        block
        for heading, block in itertools.pairwise(blocks)
        if isinstance(heading, Heading) and said(heading.title) == "New parameters"
    )
    assert isinstance(summary, Table)
    assert len(summary.rows) == len(solution.problem.parameters)  # so that no new value is used unseen


def test_references_to_error_terms_are_complete() -> None:
    found = notes(sheet(notation={"form": "delta_rule"}))
    assert any("δₒ₁ from" in note and "δₒ₂ from" in note for note in found)


# --- words and names -----------------------------------------------------------------------------------


def test_a_kink_is_told_in_the_letters_of_the_sheet() -> None:
    texts = [
        said(block.content)
        for block in solve("deep-network").document().blocks
        if isinstance(block, Paragraph)
    ]
    assert "At h = 0, the kink of leaky ReLU, its derivative is taken as the small slope." in texts


def test_the_author_s_function_is_called_by_its_letter() -> None:
    solution = solve("own-activation")
    assert "activation: f" in notes(solution)
    assert any(said(block.title) == "The derivative of f" for block in derivations(solution))


def test_the_source_of_an_output_s_error_term() -> None:
    """Only half the squared error leaves target minus output."""
    texts = {loss: notes(sheet({"loss": loss}, notation={"form": "delta_rule"})) for loss in
             ("half_squared_error", "mean_absolute_error")}  # fmt: skip
    assert any("target minus output" in note for note in texts["half_squared_error"][3:])
    assert any("minus the loss's own derivative" in note for note in texts["mean_absolute_error"])


def test_the_subtitle_has_no_dot_at_the_start_of_a_line() -> None:
    assert " ·" not in said(sheet().document().subtitle).replace("\N{NO-BREAK SPACE}·", "")


def test_later_updates_are_marked_apart_from_the_layer() -> None:

    solution = sheet(epochs=3, notation={"preset": "layered"})

    names = [plain_math(solution[f"new.w1_1_1@{passes}"].name) for passes in (2, 3)]
    assert all("t=" in name and "),(" not in name and ", (" not in name for name in names), names
    assert len(set(names)) == 2


def test_curves_have_the_names_of_their_parameters() -> None:
    plots = [block for block in solve("adam").document().blocks if isinstance(block, Plot)]
    labels = [series.label for series in plots[-1].series]
    assert [plain_math(label) for label in labels if not isinstance(label, str)][:1] == ["w₁₁⁽¹⁾"]
    assert len(labels) == 4
    for source in (solve("adam").to_latex(), solve("adam").to_typst()):
        assert "w1_1_1]" not in source and "{w1\\_1\\_1}" not in source


def test_a_wide_table_of_an_update_is_parted() -> None:
    """Adam has four moments: with gradient, step and new value they do not stand side by side."""
    solution = solve("adam")
    heads = [
        [said(cell) for cell in block.head]
        for block in solution.document().blocks
        if isinstance(block, Table)
    ]
    assert ["Parameter", "step", "new value"] in heads
    assert max(map(len, heads)) <= 8


def test_a_schedule_states_its_settings() -> None:
    assert any("γ = 1/2" in note and "s = 1" in note for note in notes(solve("mini-batches")))
    assert "⌊t/s⌋" in solve("mini-batches").to_text()
    assert r"\lfloor" in solve("mini-batches").to_latex()


def test_a_long_penalty_is_differentiated_in_short() -> None:
    found = next(
        block
        for block in derivations(solve("weight-decay"))
        if said(block.title).startswith("The penalty's part")
    )
    assert "⋯" in plain_math(found.rows[0].chain[0][1]) or "..." in plain_math(found.rows[0].chain[0][1])
