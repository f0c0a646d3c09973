"""The formula sheet: what a problem takes, in the course's notation, and none of its numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.document.blocks import Heading, NewPage
from symbackprop.engines.typst import compile_typst
from symbackprop.formulas.terms import Number
from symbackprop.numbers.digits import number_value
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst
from symbackprop.spec import example_names, load_problem
from symbackprop.worksheets import make_sheet

from .doubles import sheet_of


def formulas(name: str) -> str:
    return render_plain(sheet_of(name).document("formulas"))


def test_the_sigmoid_network_of_the_article() -> None:
    """Checked against the textbook: net input, sigmoid and its derivative, loss, chain rule, update."""
    text = formulas("two-output-sigmoid")
    for written in (
        "zⱼ^{(l)} = Σ_{i} aᵢ^{(l-1)} w_{i,j}^{(l)} + bⱼ^{(l)}",
        "σ(z)  = 1/(1 + exp(−z))",
        "σ′(z) = σ(z)(1 − σ(z))",
        "Eₖ      = 1/2 · (yₖ − ŷₖ)²",
        "E_total = Σ_{k} Eₖ",
        "∂Eₖ/∂ŷₖ = ŷₖ − yₖ",
        "∂E_total/∂zₖ            = ∂E_total/∂ŷₖ · σ′(zₖ)",
        "= (Σ_{k} δₖ^{(l+1)} w_{j,k}^{(l+1)}) · σ′(zⱼ^{(l)})",
        "∂E_total/∂w_{i,j}^{(l)} = δⱼ^{(l)} · aᵢ^{(l-1)}",
        "W                       ← W − η ∂E_total/∂W",
    ):
        assert written in text, written


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("delta-rule", ["= −∂E/∂aⱼ^{(l)} =", "= −δⱼ^{(l)} · yᵢ^{(l-1)}", "w_{i,j}^{(l)} yᵢ^{(l-1)}"]),
        (
            "softmax-classes",
            ["∂ŷᵢ/∂zᵢ = (e^zᵢS − e^zᵢe^zᵢ)/S² = ŷᵢ(1 − ŷᵢ)", "= ŷᵢ − yᵢ", "Eₖ      = −yₖln(ŷₖ)"],
        ),
        (
            "deep-network",
            ["f(h)  = {h if h > 0; 0.1 h otherwise}", "f′(h) = {1 if h > 0; 0.1 otherwise}", "At h = 0, "],
        ),
        (
            "adam",
            [
                "mₜ = β₁mₜ₋₁ + (1 − β₁)gₜ",
                "wₜ = wₜ₋₁ − η m̂ₜ/(sqrt(v̂ₜ) + ε)",
                "Epsilon stands outside the root.",
            ],
        ),
        (
            "mini-batches",
            ["E     = 1/N · Σ_{s} Eₛ", "∂E/∂w = 1/N · Σ_{s} ∂Eₛ/∂w", "vₜ = μ vₜ₋₁ + gₜ", "ηₜ₊₁ = η₀γ"],
        ),
        (
            "weight-decay",
            ["norm = sqrt(Σ_{w} (∂E/∂w)²)", "κ    = {c/norm if norm > c; 1 otherwise}", "λ₂w₁₁"],
        ),
        (
            "lstm",
            [
                "c₁      = f₁c₀ + i₁g₁",
                "h₁      = o₁tanh(c₁)",
                "∂E/∂v = Σ_{u} ∂E/∂u · ∂u/∂v",
                "w ← w − η ∂E/∂w",
            ],
        ),
        ("batch-norm", ["x̂₁^{[1]} = (h₁^{(1),[1]} − μ₁)/sqrt(v₁ + 0.01)", "y₁^{[1]} = γ₁x̂₁^{[1]} + β₁"]),
        ("attention", ["a₁₁ = e^e₁₁/(e^e₁₁ + e^e₁₂ + e^e₁₃)", "e₁₁ = s₁₁/sqrt(2)"]),
        ("computation-graph", ["m = max(y, z)", "∂f/∂v = Σ_{u} ∂f/∂u · ∂u/∂v"]),
    ],
)
def test_what_each_kind_of_problem_takes(name: str, expected: list[str]) -> None:
    text = formulas(name)
    for written in expected:
        assert written in text, written


def test_a_network_without_biases_has_none_on_the_sheet() -> None:
    assert "bias" not in formulas("delta-rule").partition("Unit i")[2] and "bias" in formulas("adam")


def test_no_learning_rate_no_update() -> None:
    assert "←" not in formulas("or-gate") and "←" in formulas("two-output-sigmoid")


def scaled(number: Number | None) -> Number | None:
    if number is None:
        return None
    value = number_value(number) * 3
    return Number(str(value.p) if value.q == 1 else str(value))


@pytest.mark.parametrize(
    "name", ["two-output-sigmoid", "deep-network", "softmax-classes", "adam", "weight-decay"]
)
def test_none_of_the_problems_numbers_stands_there(name: str) -> None:
    """With every input, weight, bias and rate three times as large, the page is the same."""
    problem = load_problem(name)
    other = replace(
        problem,
        samples=tuple(
            replace(one, inputs={unit: scaled(number) for unit, number in one.inputs.items()})
            for one in problem.samples  # type: ignore[misc]
        ),
        weights=tuple(replace(weight, value=scaled(weight.value)) for weight in problem.weights),
        biases=tuple(replace(bias, value=scaled(bias.value)) for bias in problem.biases),
        learning_rate=scaled(problem.learning_rate),
        ties=(),
    )
    assert make_sheet(other).document("formulas") == make_sheet(problem).document("formulas")


@pytest.mark.parametrize("name", example_names())
def test_every_example_has_one_that_can_be_printed(name: str) -> None:
    document = sheet_of(name).document("formulas")
    assert "Backward pass" in render_plain(document)
    assert compile_typst(render_typst(document), standard="ua-1").startswith(b"%PDF")


def test_formulas_and_hints_begin_pages_of_their_own_at_the_end_of_the_sheet() -> None:
    blocks = sheet_of("or-gate-full", formula_sheet=True, hints=True).document("sheet").blocks
    pages = [place for place, block in enumerate(blocks) if isinstance(block, NewPage)]
    assert [blocks[place + 1] for place in pages] == [
        block for block in blocks if isinstance(block, Heading) and not block.number
    ]
    assert len(pages) == 2 and pages[0] > 0.5 * pages[1] > 0
    key = sheet_of("or-gate-full", formula_sheet=True, hints=True).document("key").blocks
    assert not any(isinstance(block, NewPage) for block in key)


def test_what_two_problems_need_alike_stands_once(tmp_path: Path) -> None:
    sheet = tmp_path / "s.yaml"
    sheet.write_text("formula_sheet: true\nproblems: [{problem: or-gate-full}, {problem: or-gate-full}]\n")
    assert render_plain(make_sheet(sheet).document("formulas")).count("The sigmoid function") == 1
    sheet.write_text("formula_sheet: true\nproblems: [{problem: or-gate-full}, {problem: adam}]\n")
    text = render_plain(make_sheet(sheet).document("formulas"))
    assert re.search("^Two updates by Adam$", text, re.M) and text.count("Half squared error") == 2
