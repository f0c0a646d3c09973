"""What is asked: by which words, in which order, in which sections, and what is left open."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from symbackprop.document.worksheet.places import pass_of, stage_of
from symbackprop.keys import parse_key
from symbackprop.spec import example_names
from symbackprop.spec.worksheet import SETS
from symbackprop.worksheets import Sheet

from .doubles import sheet_of


def asked(name: str, **options: Any) -> list[str]:
    return [answer.key for answer in sheet_of(name, **options).answers]


def sections(sheet: Sheet) -> dict[str, list[str]]:
    """Return the sections of a sheet with the keys of their items."""
    return {
        section.title: [item.key for group in section.groups for item in group.items]
        for plan in sheet.composer.plans
        for section in plan.sections
    }


# --- the words of ask ---------------------------------------------------------------------------------


def test_the_forward_pass_of_the_article() -> None:
    expected = [f"{kind}.{unit}" for unit in ("h1", "h2", "o1", "o2") for kind in ("net", "act")]
    assert asked("two-output-sigmoid", ask="forward") == expected
    assert asked("two-output-sigmoid", ask="error") == [*expected, "loss"]


def test_the_output_layer_asks_for_nothing_of_the_hidden_layers_parameters() -> None:
    found = asked("two-output-sigmoid", ask="output")
    assert [key for key in found if key.startswith("new.")] == [
        f"new.{name}" for name in ("w5", "w6", "w7", "w8", "b3", "b4")
    ]
    assert not {"grad.w1", "new.w1", "grad.b1"} & set(found)
    assert {"net.h1", "act.o1", "grad.w5"} <= set(found)


def test_everything_asks_for_all_that_leads_to_the_new_values() -> None:
    found = asked("or-gate-full")
    assert found[:2] == ["net.h1", "act.h1"] and "loss" in found
    gradients = [key for key in found if key.startswith("grad.")]
    assert gradients[:2] == ["grad.w5", "grad.w6"]  # the output layer comes first
    assert {f"grad.w{number}" for number in range(1, 7)} <= set(gradients)
    assert asked("or-gate-full", ask="gradients") == [key for key in found if key != "loss"]


def test_a_key_asks_for_itself_alone_and_there_is_room_for_what_leads_to_it() -> None:
    sheet = sheet_of("two-output-sigmoid", ask="grad.w5,new.w5")
    assert [answer.key for answer in sheet.answers] == ["grad.w5", "new.w5"]
    (plan,) = sheet.composer.plans
    assert set(plan.on_the_way) == {"net.h1", "act.h1", "net.h2", "act.h2", "net.o1", "act.o1"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("act.*", ["act.h1", "act.h2", "act.o1", "act.o2"]),
        ("grad.w[15]", ["grad.w5", "grad.w1"]),
        ("new.b?", ["new.b1", "new.b2", "new.b3", "new.b4"]),
        ("act.o?@1", ["act.o1@1", "act.o2@1"]),
    ],
)
def test_patterns_mean_the_first_pass_unless_they_name_another(word: str, expected: list[str]) -> None:
    assert asked("two-output-sigmoid", ask=word) == expected


def test_a_pattern_means_whole_gradients_unless_it_names_the_parts() -> None:
    assert asked("shared-bias", ask="grad.w1*") == ["grad.w1"]
    assert asked("shared-bias", ask="grad.w1|*") == ["grad.w1|o1", "grad.w1|o2"]


def test_the_second_pass() -> None:
    found = asked("delta-rule", ask="second_pass")
    later = [key for key in found if parse_key(key).passes == 1]
    assert [key for key in later if not key.startswith("new.")][-1] == "loss@1"
    assert {"act.o1@1", "net.h1@1"} <= set(later)


def test_what_only_repeats_another_quantity_is_asked_once() -> None:
    """The loss of a computation graph is its last node, by the same name."""
    assert asked("computation-graph")[:3] == ["act.s", "act.m", "act.f"]
    assert "loss" not in asked("computation-graph")
    assert asked("computation-graph", ask="loss") == ["act.f"]


@pytest.mark.parametrize("name", ["two-output-sigmoid", "adam", "batch-norm", "delta-rule"])
@pytest.mark.parametrize("word", SETS)
def test_every_set_works_or_says_why_not(name: str, word: str) -> None:
    found = asked(name, ask=word)
    assert len(found) == len(set(found)) > 5


# --- the order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", example_names())
def test_nothing_is_asked_before_what_it_is_made_of(name: str) -> None:
    sheet = sheet_of(name)
    (one,) = sheet.solved
    places = {item.key: place for place, item in enumerate(sheet.composer.plans[0].items)}
    for key, place in places.items():
        for used in one.ledger.uses(key):
            assert places.get(used, -1) < place, f"{key} before {used}"


@pytest.mark.parametrize("name", ["mini-batches", "adam", "weight-decay", "xor"])
def test_nor_where_the_second_pass_is_asked(name: str) -> None:
    sheet = sheet_of(name, ask="everything,second_pass")
    (one,) = sheet.solved
    places = {item.key: place for place, item in enumerate(sheet.composer.plans[0].items)}
    for key, place in places.items():
        assert all(places.get(used, -1) < place for used in one.ledger.uses(key))


def test_sections_are_in_the_order_of_the_work() -> None:
    assert list(sections(sheet_of("adam"))) == [
        "Forward pass",
        "Error",
        "Backward pass: output layer",
        "Backward pass: hidden layer",
        "New parameters",
    ]
    assert list(sections(sheet_of("lstm"))) == [
        "Forward pass",
        "Error",
        "Backward pass",
        "Gradients",
        "New parameters",
    ]
    later = sections(sheet_of("mini-batches", ask="second_pass"))
    assert list(later)[-2:] == ["Forward pass with the new parameters", "Error with the new parameters"]


def test_rates_norms_and_moments_belong_to_the_update() -> None:
    assert sections(sheet_of("mini-batches"))["New parameters"][0] == "learning_rate"
    update = sections(sheet_of("weight-decay"))["New parameters"]
    assert update[:3] == ["squared_norm", "gradient_norm", "clip_factor"]
    assert sections(sheet_of("adam"))["New parameters"][:5] == [
        "m.w1_1_1@1",
        "v.w1_1_1@1",
        "m_hat.w1_1_1@1",
        "v_hat.w1_1_1@1",
        "new.w1_1_1",
    ]


def test_error_terms_go_by_sample_and_unit() -> None:
    found = sections(sheet_of("two-output-sigmoid"))["Backward pass: output layer"]
    assert found[:2] == ["dE_dnet.o1", "dE_dnet.o2"]
    batch = sections(sheet_of("xor"))["Backward pass: output layer"]
    assert batch[:4] == [f"delta.o1#{sample}" for sample in (1, 2, 3, 4)]


def test_a_quantity_of_an_update_belongs_to_the_pass_before_it() -> None:
    assert [
        pass_of(parse_key(key)) for key in ("new.w1", "new.w1@2", "m.w1@1", "grad.w1@1", "clipped.w1@1")
    ] == [
        0,
        1,
        0,
        1,
        1,
    ]
    assert [
        stage_of(parse_key(key)) for key in ("net.h1", "loss", "dE_dnet.h1", "grad.w1", "new.w1", "penalty")
    ] == [
        0,
        1,
        2,
        3,
        4,
        1,
    ]


# --- titles -------------------------------------------------------------------------------------------


def titles(sheet: Sheet) -> list[str]:
    return [
        group.title
        for plan in sheet.composer.plans
        for section in plan.sections
        for group in section.groups
        if group.title
    ]


def test_units_and_stages_are_named() -> None:
    assert titles(sheet_of("two-output-sigmoid")) == [
        "Hidden unit 1",
        "Hidden unit 2",
        "Output unit 1",
        "Output unit 2",
    ]
    assert titles(sheet_of("mini-batches"))[0] == "Hidden unit 1, sample 1"
    assert titles(sheet_of("lstm")) == [
        "Time step 1",
        "Time step 2",
        "Back through: Time step 2",
        "Back through: Time step 1",
    ]
    assert titles(sheet_of("computation-graph")) == []


# --- fading -------------------------------------------------------------------------------------------


def degrees(sheet: Sheet) -> dict[str, str]:
    return {item.key: item.degree for plan in sheet.composer.plans for item in plan.items}


def test_the_first_path_is_worked_and_the_next_ones_leave_more_and_more_open() -> None:
    found = degrees(sheet_of("two-output-sigmoid", fade="medium"))
    units = ("h1", "h2", "o1", "o2")
    assert [found[f"act.{unit}"] for unit in units] == ["worked", "substitution", "formula", "derivation"]
    assert [found[f"net.{unit}"] for unit in units] == ["worked", "substitution", "formula", "derivation"]


def test_of_time_steps_the_first_is_worked() -> None:
    (plan,) = sheet_of("lstm", fade="medium").composer.plans
    first, second = [
        [item.degree for item in group.items] for group in plan.sections[0].groups if len(group.items) > 1
    ]
    assert first == ["worked"] * len(second) and second == ["substitution"] * len(first)


def test_what_would_give_away_an_asked_number_is_not_worked() -> None:
    """A gradient is made of activations that are asked: its own numbers would show them."""
    for name in ("two-output-sigmoid", "adam", "mini-batches", "convolution"):
        for fade in ("light", "medium"):
            sheet = sheet_of(name, fade=fade)
            (plan,), (one,) = sheet.composer.plans, sheet.solved
            for item in plan.items:
                if item.degree == "worked":
                    derived = [used for used in one.ledger.uses(item.key) if used in one.ledger.formulas]
                    assert set(derived) <= plan.seen


def test_one_alone_of_its_kind_is_asked() -> None:
    assert degrees(sheet_of("two-output-sigmoid", fade="medium"))["loss"] == "substitution"


def test_worked_items_have_no_number_and_no_points() -> None:
    sheet = sheet_of("two-output-sigmoid", fade="light")
    (plan,) = sheet.composer.plans
    worked = [item for item in plan.items if item.degree == "worked"]
    assert worked and all(item.number is None and item.points == 0 for item in worked)
    assert sheet.composer.points == Fraction(len(sheet.answers))
    assert [answer.number for answer in sheet.answers] == list(range(1, len(sheet.answers) + 1))


def test_a_sheet_of_worked_examples_alone_can_be_made() -> None:
    sheet = sheet_of("or-gate-full", degree="worked")
    assert sheet.answers == ()
    for paper in ("sheet", "key", "brief", "hints", "formulas"):
        assert sheet.document(paper).blocks is not None
