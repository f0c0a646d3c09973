"""Presets and naming options: names change, values do not; every name prints in every format."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import Solution, problem_from_mapping, solve
from symbackprop.formulas.names import ACCENTS, GREEK, Name
from symbackprop.notation.notation import LETTERS, OPTIONS, NotationChoice
from symbackprop.notation.presets import PRESETS, notation_of
from symbackprop.render.latex.names import latex_name
from symbackprop.render.plain.math import plain_name
from symbackprop.render.speech import speak_name
from symbackprop.render.typst.names import typst_name
from symbackprop.spec.problem import Problem

SMALL: dict[str, Any] = {
    "title": "2-2-2",
    "network": {
        "inputs": ["0.05", "0.10"],
        "targets": ["0.01", "0.99"],
        "layers": [
            {"units": 2, "activation": "sigmoid", "weights": [["0.15", "0.25"], ["0.20", "0.30"]],
             "biases": ["0.40", "0.35"]},
            {"units": 2, "activation": "sigmoid", "weights": [["0.40", "0.50"], ["0.45", "0.55"]],
             "biases": "0.60"},
        ],
        "learning_rate": "0.5",
    },
}  # fmt: skip
DEEP: dict[str, Any] = {
    "title": "2-3-2-1",
    "network": {
        "inputs": [["0.5", "-1"], ["1", "0.25"], ["-0.75", "2"]],
        "targets": ["1", "0", "0.5"],
        "layers": [
            {"units": 3, "activation": "tanh", "weights": [["0.1", "-0.2"], ["0.3", "0.4"], ["-0.5", "0.6"]],
             "biases": ["0.1", "0.2", "0.3"]},
            {"units": 2, "activation": "sigmoid", "weights": [["0.7", "0.8", "-0.9"], ["0.2", "-0.3", "0.5"]],
             "biases": "0.25"},
            {"units": 1, "activation": "sigmoid", "weights": [["1.5", "-1.25"]], "biases": ["0.05"]},
        ],
        "learning_rate": "0.5",
    },
}  # fmt: skip


@cache
def problem(deep: bool) -> Problem:
    return problem_from_mapping(DEEP if deep else SMALL)


@cache
def solved(preset: str, deep: bool) -> Solution:
    return solve(replace(problem(deep), notation=NotationChoice(preset)))


KEYS = {
    False: ("net.h1", "act.o2", "loss", "dE_dnet.h2", "grad.w1_2_1", "grad.b2", "new.w2_1_2", "new.b1_1"),
    True: ("net.h2_1#3", "act.o1#2", "loss", "dE_dnet.h1_3#1", "grad.w1_3_2", "grad.b2", "new.w2_2_3"),
}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("deep", [False, True], ids=["2-2-2", "2-3-2-1 batch"])
def test_values_do_not_depend_on_the_preset(preset: str, deep: bool) -> None:
    own, plain = solved(preset, deep), solved("z-a", deep)
    assert {key: own[key].digits(25) for key in KEYS[deep]} == {
        key: plain[key].digits(25) for key in KEYS[deep]
    }


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("deep", [False, True], ids=["2-2-2", "2-3-2-1 batch"])
def test_no_two_parameters_or_units_are_printed_alike(preset: str, deep: bool) -> None:
    words = solved(preset, deep).ledger.vocabulary
    own = problem(deep)
    computed = [unit for layer in own.layers[1:] for unit in layer.units]
    for names in ([p.name for p in own.parameters], [f"net.{u}" for u in computed], list(own.inputs)):
        assert len({words[name] for name in names}) == len(names)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_makes_every_format(preset: str) -> None:
    solution = solved(preset, True)
    for text in (solution.to_latex(), solution.to_typst(), solution.to_text()):
        assert solution["loss"].shown in text


def test_each_preset_names_its_source() -> None:
    assert len(PRESETS) >= 10
    assert all(notation.source and notation.title for notation in PRESETS.values())


#: What textbooks write, term by term: preset, key, the plain form.
WRITTEN = [
    ("numbered", "w1_2_1", "w₃"),
    ("numbered", "w2_1_1", "w₅"),
    ("layered", "w1_2_1", "w₂₁⁽¹⁾"),
    ("layered-from-to", "w1_2_1", "w₁₂⁽¹⁾"),
    ("in-out-err", "w1_2_1", "w₁₄"),
    ("in-out-err", "net.h2", "I₄"),
    ("in-out-err", "delta.o1", "Err₅"),
    ("in-out-err", "target.o1", "T₅"),
    ("nielsen", "w1_2_1", "w₂₁²"),
    ("nielsen", "dE_dnet.o1", "δ₁³"),
    ("nielsen", "act.o1", "a₁³"),
    ("ng", "net.h2", "z₂^{[1]}"),
    ("bishop", "w1_2_1", "w₂₁⁽¹⁾"),
    ("bishop", "act.h2", "z₂⁽¹⁾"),
    ("goodfellow", "act.h2", "h₂⁽¹⁾"),
    ("pdp", "w1_2_1", "w₄₁"),
    ("pdp", "net.h2", "net₄"),
    ("mitchell", "act.o2", "o₆"),
    ("haykin", "net.h1", "v₁⁽¹⁾"),
    ("russell-norvig", "delta.h1", "Δ₃"),
    ("russell-norvig", "w1_2_1", "w₁₄"),
    ("hagan", "dE_dnet.h1", "s₁¹"),
]


@pytest.mark.parametrize(("preset", "key", "written"), WRITTEN)
def test_textbook_names(preset: str, key: str, written: str) -> None:
    name = solved(preset, False).ledger.term(key).name  # type: ignore[attr-defined]
    assert plain_name(name) == written


def test_samples_stand_before_the_unit_in_pdp() -> None:
    name = solved("pdp", True).ledger.term("net.h1_1#2").name  # type: ignore[attr-defined]
    assert name == Name("net", ("2", "3"))


def test_samples_take_square_brackets_where_layers_are_in_round_ones() -> None:
    name = solved("layered", True).ledger.term("net.h1_1#2").name  # type: ignore[attr-defined]
    assert name == Name("z", ("1",), ("(1)", "[2]"))


SKIPPING = {
    "title": "A weight past a layer",
    "network": {
        "layers": [
            {"units": ["x1", "x2"]},
            {"units": ["h1"], "activation": "tanh"},
            {"units": ["o1"], "activation": "identity"},
        ],
        "inputs": [1, 2],
        "targets": [0],
        "weights": [
            {"name": "a", "from": "x1", "to": "h1", "value": "0.1"},
            {"name": "b", "from": "x2", "to": "h1", "value": "0.2"},
            {"name": "c", "from": "h1", "to": "o1", "value": "0.3"},
            {"name": "d", "from": "x1", "to": "o1", "value": "0.4"},
        ],
    },
}


def test_a_weight_past_a_layer_names_both_layers() -> None:
    given = {**SKIPPING, "notation": {"weights": "layered"}}
    solution = solve(problem_from_mapping(given))
    names = [solution.ledger.term(name).name for name in "abcd"]  # type: ignore[attr-defined]
    assert len(set(names)) == 4
    assert names[3] == Name("w", ("11",), ("(2,0)",))
    assert "Past a layer both are named" in " ".join(solution.to_text().split())


def test_the_index_order_stands_on_the_sheet() -> None:
    def text(preset: str) -> str:
        return " ".join(solved(preset, False).to_text().split())

    assert "w₁₂⁽¹⁾ is layer 1, to unit 1 from unit 2; the inputs are layer 0." in text("layered")
    assert "w₂₁⁽¹⁾ is layer 1, from unit 2 to unit 1; the inputs are layer 0." in text("layered-from-to")
    assert "w₁₂² is layer 2, to unit 1 from unit 2; the inputs are layer 1." in text("nielsen")
    assert "w₁₃ is from unit 1 to unit 3; the units are numbered through" in text("in-out-err")
    assert "The indices of a weight" not in text("numbered")


# --- signs of error terms -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "form", "descends"),
    [
        ({"form": "delta"}, "delta", False),
        ({"form": "delta", "delta_sign": "descent"}, "delta_rule", True),
        ({"form": "delta_rule"}, "delta_rule", True),
        ({"form": "delta_rule", "delta_sign": "loss"}, "delta", False),
        ({"form": "tables"}, "tables", False),
        ({"form": "tables", "delta_sign": "descent"}, "tables", True),
        ({"form": "chain", "delta_sign": "descent"}, "chain", False),
    ],
)
def test_form_and_sign(options: dict[str, str], form: str, descends: bool) -> None:
    notation = notation_of(NotationChoice("z-a", {}, options))
    assert (notation.form, notation.descends) == (form, descends)


# --- arbitrary names and options ------------------------------------------------------------------

PIECES = st.from_regex(r"[A-Za-z0-9]{1,3}|\((?:new|[0-9])\)", fullmatch=True)
BASES = st.one_of(st.sampled_from(sorted(GREEK)), st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True))
NAMES = st.builds(
    Name,
    BASES,
    st.lists(PIECES, max_size=2).map(tuple),
    st.lists(PIECES, max_size=2).map(tuple),
    st.sampled_from(["", *ACCENTS]),
    st.integers(0, 2),
)


@given(NAMES)
def test_any_name_prints_in_every_format_and_is_read_back(name: Name) -> None:
    assert Name.parse(str(name)) == name
    for render in (latex_name, typst_name, plain_name, speak_name):
        text = str(render(name))
        assert text and text.count("{") == text.count("}") and text.count("(") == text.count(")")


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        option: st.booleans() if allowed is bool else st.sampled_from(allowed)
        for option, allowed in OPTIONS.items()
        if option != "form"
    },
)


@settings(max_examples=25)
@given(CHOICES, st.dictionaries(st.sampled_from(LETTERS), NAMES, max_size=4), st.booleans())
def test_any_options_and_letters_leave_the_values(
    options: dict[str, Any], letters: dict[str, Name], deep: bool
) -> None:
    solution = solve(replace(problem(deep), notation=NotationChoice("z-a", {}, options, letters)))
    for key in KEYS[deep]:
        assert solution[key].digits(20) == solved("z-a", deep)[key].digits(20)
    assert solution["loss"].shown.replace(".", options.get("decimal", ".")) in solution.to_latex().replace(
        "{,}", ","
    )
