"""A worksheet is worked on paper: every number that the answers depend on stands on it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from symbackprop.document.blocks import MathStyle, Table
from symbackprop.document.sheet import line
from symbackprop.errors import ProblemError
from symbackprop.render.plain import render_plain
from symbackprop.render.plain.document import plain_line
from symbackprop.render.typst.blocks import blocks_in
from symbackprop.spec import load_problem
from symbackprop.spec.load import problem_from_mapping
from symbackprop.spec.worksheet import Task, Worksheet
from symbackprop.worksheets import Sheet, make_sheet

Data = dict[str, Any]


def numbers(count: int, seed: int, zeros: float = 0.0) -> list[str]:
    """Return so many numbers, all different but for the zeros."""
    draw = random.Random(seed)
    found = draw.sample(range(1, 9999), count)
    return ["0" if draw.random() < zeros else f"{'-' * draw.randint(0, 1)}0.{number:04}" for number in found]


def layer(incoming: int, units: int, seed: int, **more: str) -> Data:
    every = numbers((incoming + 1) * units, seed)
    rows = [every[start : start + incoming] for start in range(0, incoming * units, incoming)]
    return {"units": units, "activation": "tanh", "weights": rows, "biases": every[-units:], **more}


def network(*sizes: int, zeros: float = 0.0, samples: int = 1, **more: str) -> Data:
    """Return a problem of dense layers."""
    layers = [layer(a, b, seed, **more) for seed, (a, b) in enumerate(pairwise(sizes))]
    data: Data = {"layers": layers}
    if samples > 1:
        data["samples"] = [
            {"inputs": numbers(sizes[0], 50 + s), "targets": numbers(sizes[-1], 500 + s)}
            for s in range(samples)
        ]
    else:
        data |= {"inputs": numbers(sizes[0], 50, zeros), "targets": numbers(sizes[-1], 500)}
    return {"network": data, "rounding": {"digits": 5}}


def sheet_of(data: Data, *ask: str, **options: Any) -> Sheet:
    problem = problem_from_mapping(data)
    return make_sheet(Worksheet((Task(problem, ask=ask or ("everything",), **options),)))


def given_tables(sheet: Sheet) -> Iterator[Table]:
    """Yield the tables before the first item."""
    for block in blocks_in(sheet.document("sheet").blocks):
        if isinstance(block, Table):
            yield block


def printed_givens(sheet: Sheet) -> set[tuple[str, str]]:
    """Return the names with their values, from tables of pairs and from tables of samples."""
    found = set()
    for table in given_tables(sheet):
        head = [plain_line(cell, MathStyle()) for cell in table.head]
        for row in table.rows:
            cells = [plain_line(cell, MathStyle()).strip() for cell in row]
            if head[0] == "Given" and head[1].startswith("sample"):
                found |= {(f"{cells[0]}#{h.split()[1]}", c) for h, c in zip(head[1:], cells[1:], strict=True)}
            else:
                found |= set(zip(cells[::2], cells[1::2], strict=False))
    return found


LARGE = {
    "wide": network(6, 8, 5),
    "inputs": network(30, 4, 2),
    "general": network(12, 14, 2, type="dense"),
    "many inputs": network(160, 2, 1, type="dense"),
}


@pytest.mark.parametrize("picture", ["filled", "blank", "none"])
@pytest.mark.parametrize("name", LARGE)
def test_every_number_that_is_needed_is_on_the_sheet(name: str, picture: str) -> None:
    sheet = sheet_of(LARGE[name], picture=picture)
    ledger, printed = sheet.solved[0].ledger, printed_givens(sheet)
    needed = sheet.composer.plans[0].needed
    problem = sheet.solved[0].problem
    assert {parameter.name for parameter in problem.parameters} | set(problem.inputs) <= needed
    for quantity in needed:
        number = ledger.given(quantity)
        assert number is not None
        called, value = (plain_line(line(part), MathStyle()) for part in (ledger.term(quantity), number))
        assert quantity == "learning_rate" or (called, value) in printed, quantity
    assert "problem file" not in render_plain(sheet.document("sheet"))


@pytest.mark.parametrize("sizes", [(3, 2, 1), (18, 2, 1)])
@pytest.mark.parametrize("more", [{}, {"type": "dense"}], ids=["dense", "general"])
def test_every_sample_is_on_the_sheet(sizes: tuple[int, ...], more: dict[str, str]) -> None:
    count = 45 if sizes[0] == 3 else 10
    data = network(*sizes, samples=count, **more)
    sheet = sheet_of(data, "net.o1#1", "loss")
    values = {value for _, value in printed_givens(sheet)}
    for sample in data["network"]["samples"]:
        for number in (*sample["inputs"], *sample["targets"]):
            assert number.replace("-", "\N{MINUS SIGN}") in values
    for table in given_tables(sheet):
        assert len(table.head) <= 10


def test_inputs_that_are_zero_are_said_in_words() -> None:
    sheet = sheet_of(network(40, 3, 1, zeros=0.5))
    zeros = sheet.solved[0].problem.samples[0].inputs.values()
    count = sum(1 for number in zeros if number.text == "0")
    assert f"The other {count} inputs are zero." in render_plain(sheet.document("sheet"))
    assert not any(name.startswith("x") and value == "0" for name, value in printed_givens(sheet))


def test_only_parameters_that_are_needed_are_listed() -> None:
    sheet = sheet_of(network(6, 8, 5), "act.h3")
    text = render_plain(sheet.document("sheet"))
    assert "The parameters at the start; nothing that is asked depends on the other 94." in text
    parameters = [name for name, _ in printed_givens(sheet) if name[:1] in ("w", "b")]
    assert len(parameters) == 7


def test_a_large_matrix_is_printed_without_dots() -> None:
    every = numbers(28, 7)
    rows = [every[start : start + 2] for start in range(0, 28, 2)]
    layers = [
        {"type": "embedding", "name": "words", "table": rows},
        {"type": "dense", "units": 1, "activation": "tanh", "weights": [["0.5", "-0.25"]]},
    ]
    sheet = sheet_of({"network": {"inputs": ["13"], "targets": ["1"], "layers": layers}})
    values = {value for _, value in printed_givens(sheet)}
    assert {number.replace("-", "\N{MINUS SIGN}") for number in every} <= values


def test_too_many_numbers_are_refused_with_what_to_do() -> None:
    data = network(60, 20, 2)
    with pytest.raises(ProblemError) as caught:
        sheet_of(data)
    assert str(caught.value) == (
        "ask: what is asked depends on 1,324 given numbers, too many to print and to work with by hand; given "
        "everything; expected what at most 1,000 numbers lead to. Take smaller layers, or give the activations "
        "of a layer under `given:` and ask only for what follows from them."
    )
    given = {f"h{number}": "0.5" for number in range(1, 21)}
    assert sheet_of(data | {"given": given}, "net.o1", "act.o1").answers


def test_built_in_examples_refer_to_no_file() -> None:
    for name in ("xor", "deep-network", "transformer-block"):
        assert "problem file" not in render_plain(make_sheet(load_problem(name)).document("sheet"))
