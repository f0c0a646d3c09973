"""Any words, any patterns, any networks: a sheet, or an error that says what to mend."""

from __future__ import annotations

import json
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.descents import descent
from oracles.expression_graphs import graphs
from oracles.networks import Net, nets
from oracles.stacks import maps, sequences, tokens, vectors

from symbackprop.adjusting import SheetOptions, adjusted_sheet
from symbackprop.document.blocks import Steps
from symbackprop.engines.typst import compile_typst
from symbackprop.errors import SymbackpropError
from symbackprop.formulas.terms import Blank, walk
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst
from symbackprop.render.typst.blocks import blocks_in
from symbackprop.spec import problem_from_mapping
from symbackprop.spec.problem import Problem
from symbackprop.spec.worksheets import load_worksheet, of_problem
from symbackprop.worksheets import Sheet, make_sheet

from .doubles import WAYS, another_sheet, solved

#: What the formats act on, what fonts lack, and what worksheets themselves use as marks.
AWKWARD = st.sampled_from(
    [
        "$",
        "\\$",
        "\\input{x}",
        "#let",
        "#",
        "%",
        "&",
        "_",
        "^",
        "~",
        "{",
        "}",
        "[",
        "]",
        "*",
        "=",
        "- ",
        "--",
        "''",
        "``",
        "\\",
        "\\\\",
        "//",
        "/*",
        "<a>",
        "@b",
        "⟦0:act.h1⟧",
        "say⟦x⟧",
        "⟦",
        "李",
        "عبد",
        "Łukasz",
        "é",
        "e\u0301",
        "∂E/∂w",
        "😀",
        "\u200b",
        "\u202e",
        "((( title )))",
        "((* if x *))",
        "1. ",
        "+ ",
        "\u00a0",
        "]]",
        '"',
        "'",
        "(1) [1]",
    ]
)
WORDS = st.lists(st.one_of(AWKWARD, st.text(max_size=6)), max_size=5).map(" ".join)


def written(sheet: dict[str, Any]) -> Sheet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.json"
        path.write_text(json.dumps(sheet), encoding="utf-8", errors="surrogatepass")
        return make_sheet(path)


# --- any words ----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.fixed_dictionaries(dict.fromkeys(("title", "course", "term", "date", "time", "aids"), WORDS)),
    WORDS,
    WORDS,
)
def test_any_words_print_in_every_format(fields: dict[str, str], instructions: str, label: str) -> None:
    text = instructions.replace("\\", "").replace("$", "\\$")
    head = [label[:20] or "Name", "Number"]
    sheet = {
        **fields,
        "instructions": text,
        "head": head,
        "problems": [{"problem": "or-gate-full", "ask": "act.h1"}],
    }
    try:
        made = written(sheet)
    except SymbackpropError:
        assert (
            any(not char.isprintable() for char in "".join([*fields.values(), text, *head]))
            or not head[0].strip()
        )
        return
    title = " ".join(fields["title"].split()) or "OR gate, forward and backward"
    for paper in ("sheet", "key"):
        document = made.document(paper)
        plain = render_plain(document)
        assert plain.split("\n")[1] == title
        assert "(1)" in plain
        latex = render_latex(document).partition(r"\begin{document}")[2]
        assert latex.count(r"\begin{") == latex.count(r"\end{") - 1
        lines = sum(isinstance(block, Steps) for block in blocks_in(document.blocks))
        assert latex.count(r"\begin{steps}") == lines
        assert re.findall("^#steps\\(", render_typst(document), re.M) == ["#steps("] * lines


@settings(max_examples=12)
@given(WORDS, WORDS, WORDS)
def test_any_words_compile(title: str, course: str, instructions: str) -> None:
    """The embedded engine sets them as a PDF that can be read aloud."""
    text = instructions.replace("\\", "").replace("$", "\\$")
    sheet = {
        "title": title,
        "course": course,
        "instructions": text,
        "problems": [{"problem": "or-gate-full", "ask": "act.h1"}],
    }
    try:
        made = written(sheet)
    except SymbackpropError:
        return
    for paper in ("sheet", "key"):
        assert compile_typst(render_typst(made.document(paper)), standard="ua-1").startswith(b"%PDF")


AUTHORS = "Netze & Co. 50 % #3 _a_ $x \\alpha ~ ^ {b} [c] \"d\" 'e' ⟦0:act.h1⟧ Łukasz"


def test_awkward_words_compile_with_latex(tex_engine: str) -> None:
    from symbackprop.engines.tex import compile_with_log

    sheet = {
        "title": AUTHORS,
        "course": AUTHORS,
        "aids": AUTHORS,
        "instructions": AUTHORS.replace("\\", "").replace("$", "\\$"),
        "head": ["50 % & _x_", "#1 [2]"],
        "problems": [{"problem": "or-gate-full", "ask": "act.h1", "title": AUTHORS}],
    }
    pdf, _ = compile_with_log(render_latex(written(sheet).document("key")), tex_engine)
    assert pdf.startswith(b"%PDF")


def test_the_mark_of_a_number_in_a_title_is_no_number() -> None:
    sheet = {"title": "⟦x⟧ and ⟦0:nothing⟧", "problems": [{"problem": "or-gate-full", "ask": "act.h1"}]}
    assert render_plain(written(sheet).document("key")).split("\n")[1] == "⟦x⟧ and ⟦0:nothing⟧"


FORMULAS = st.recursive(
    st.sampled_from(["x", "y_1", "hat y", "w_12", "2", "0.5", "sigma", "eta"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        st.tuples(st.sampled_from(["exp", "ln", "tanh", "f", "sigma"]), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        inner.map(lambda text: f"-({text})"),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.lists(FORMULAS, min_size=1, max_size=3))
def test_any_formula_in_the_instructions_prints_or_is_refused(formulas: list[str]) -> None:
    text = "Use " + " and ".join(f"${formula}$" for formula in formulas) + "."
    sheet = {"title": "F", "instructions": text, "problems": [{"problem": "or-gate-full", "ask": "act.h1"}]}
    try:
        made = written(sheet)
    except SymbackpropError as error:
        assert "instructions: a formula cannot be read" in str(error)
        return
    document = made.document("sheet")
    assert "$" not in render_plain(document)
    for render in (render_latex, render_typst):
        assert render(document)


# --- any patterns -------------------------------------------------------------------------------------

KEYS = tuple(solved("two-output-sigmoid")[0].ledger)
PATTERNS = st.one_of(
    st.sampled_from(KEYS),
    st.sampled_from(KEYS).flatmap(lambda key: st.integers(0, len(key)).map(lambda cut: key[:cut] + "*")),
    st.sampled_from(KEYS).map(lambda key: re.sub(r"\d", "?", key)),
    st.text(max_size=8),
    st.sampled_from(
        ["[", "[!", "*", "?", "**", "grad.[w", "@", "#", "|", "everything", "forward", "updates@2"]
    ),
)


@settings(max_examples=80)
@given(st.lists(PATTERNS, min_size=1, max_size=3))
def test_any_words_of_ask_give_a_sheet_or_a_text(words: list[str]) -> None:
    worksheet = load_worksheet("two-output-sigmoid")
    try:
        sheet = make_sheet(adjusted_sheet(worksheet, SheetOptions(ask=",".join(words))))
    except SymbackpropError as error:
        assert str(error).startswith("--ask: ")
        return
    assert sheet.answers
    assert render_plain(sheet.document("sheet"))


# --- any networks -------------------------------------------------------------------------------------


def check(problem: Problem, dice: random.Random) -> None:
    """Make the papers of a problem, and hold the sheet to what it promises."""
    way = dice.choice(WAYS)
    try:
        worksheet = adjusted_sheet(of_problem(problem), SheetOptions(**way))
        sheet = make_sheet(worksheet)
    except SymbackpropError as error:
        assert any(
            words in str(error)
            for words in ("digits", "divides by zero", "logarithm", "value", "computed", "batch")
        )
        return
    document, key = sheet.document("sheet"), sheet.document("key")
    assert document == another_sheet(sheet).document("sheet"), way
    assert [answer.number for answer in sheet.answers] == list(range(1, len(sheet.answers) + 1))
    for block in blocks_in(key.blocks):
        if isinstance(block, Steps):
            terms = (term for row in block.rows for _, term in row.chain)
            assert not any(isinstance(part, Blank) for term in terms for part in walk(term))
    for paper in ("sheet", "key", "brief", "formulas", "hints"):
        made = sheet.document(paper)
        assert render_plain(made) and render_latex(made)
    if dice.random() < 0.1:
        compile_typst(render_typst(document), standard="ua-1")
        compile_typst(render_typst(key), standard="ua-1")


@settings(max_examples=15)
@given(nets(), st.integers(0, 10**6))
def test_any_network_of_layers(net: Net, seed: int) -> None:
    check(net.problem(), random.Random(seed))


@pytest.mark.parametrize("seed", range(16))
def test_any_way_to_update(seed: int) -> None:
    dice = random.Random(seed)
    from oracles.networks import any_net

    mapping = any_net(seed).mapping()
    samples = len(mapping["network"].get("samples", [1]))
    changes = descent(dice, samples)
    rate = changes.pop("learning_rate", None)
    if rate is not None:
        mapping["network"]["learning_rate"] = rate
    check(problem_from_mapping({**mapping, **changes}), dice)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", [vectors, maps, sequences, tokens, graphs])
def test_networks_of_any_shape(kind: Any, seed: int) -> None:
    try:
        problem = problem_from_mapping(kind(seed))
    except SymbackpropError:
        return
    if len(problem.parameters) < 60:
        check(problem, random.Random(seed))
