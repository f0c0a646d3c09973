"""The hint page: one sentence for each item, shared by items alike, and never a number of an answer."""

from __future__ import annotations

import re

import pytest

from symbackprop.document.blocks import Bullets, Math, Text
from symbackprop.document.worksheet.hints import ranges
from symbackprop.formulas.terms import Number, walk
from symbackprop.render.plain import render_plain
from symbackprop.spec import example_names
from symbackprop.worksheets import Sheet

from .doubles import sheet_of


def hint_lines(sheet: Sheet) -> list[str]:
    text = render_plain(sheet.document("hints"))
    return [" ".join(part.split()) for part in re.split("^• ", text, flags=re.M)[1:]]


def numbers(words: str) -> list[int]:
    """Read the numbers of items before a hint: "(1), (3), ..., (9)", "(3) to (5)"."""
    found: list[int] = []
    parts = words.partition(":")[0].split(", ")
    for place, part in enumerate(parts):
        if part == "...":
            found += range(
                2 * found[-1] - found[-2], int(parts[place + 1].strip("()")), found[-1] - found[-2]
            )
            continue
        first, _, last = part.partition(" to ")
        found += range(int(first.strip("()")), int((last or first).strip("()")) + 1)
    return found


@pytest.mark.parametrize("name", example_names())
def test_every_item_has_one_hint(name: str) -> None:
    sheet = sheet_of(name)
    lines = hint_lines(sheet)
    found = [number for words in lines for number in numbers(words)]
    assert sorted(found) == [answer.number for answer in sheet.answers]
    sentences = [words.partition(": ")[2] for words in lines]
    assert len(sentences) == len(set(sentences))
    (bullets,) = [block for block in sheet.document("hints").blocks if isinstance(block, Bullets)]
    for (_, first, *_), sentence in zip(bullets.items, sentences, strict=True):
        assert isinstance(first, Math) or sentence[0].isupper()
        assert sentence.endswith(".") and not sentence.endswith("..")


@pytest.mark.parametrize("name", [name for name in example_names() if name != "own-activation"])
def test_no_hint_holds_a_number_of_the_problem(name: str) -> None:
    """But for one in the name of a loss, the Huber loss with delta 0.1."""
    (bullets,) = [block for block in sheet_of(name).document("hints").blocks if isinstance(block, Bullets)]
    for first, *rest in bullets.items:
        assert isinstance(first, Text)
        for part in rest:
            if isinstance(part, Math):
                assert not any(isinstance(term, Number) for term in walk(part.term))
            else:
                assert not re.search(r"\d\.\d", getattr(part, "text", ""))


def test_the_paths_of_the_article() -> None:
    """A hidden weight acts through both outputs, an output weight through one."""
    lines = hint_lines(sheet_of("two-output-sigmoid"))
    assert "(1), (3), (5), (7): Net input: each input times its weight, plus the bias." in lines
    assert "(12), (14): It reaches the error through z₃ alone: one path." in lines
    assert "(18), (20): a_z1 feeds both units of the next layer, so both paths count." in lines
    assert lines[-1] == "(24) to (35): One step against the gradient."


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("shared-bias", "It is shared by two units: the sum of what comes through each; a bias carries 1."),
        ("delta-rule", "The slope of F times what comes back from the unit it feeds."),
        ("softmax-classes", "Each unit's exponential over the sum of all, so the outputs sum to 1."),
        ("adam", "First moment: running mean of the gradients."),
        ("mini-batches", "By the schedule, with the number of updates made before."),
        ("lstm", "The state: the output gate times the tanh of the cell."),
        ("lstm", "Used in several places: the sum over all of them."),
        ("computation-graph", "The larger of the two passes its derivative on; the other receives none."),
        ("deep-network", "Put the net input into the leaky ReLU function."),
        (
            "matrix-form",
            "What comes back from the two units it feeds, times the slope of the activation: the",
        ),
        ("weight-decay", "The length of all gradients as one vector."),
    ],
)
def test_a_hint_says_where_the_item_stands(name: str, sentence: str) -> None:
    assert any(sentence in words for words in hint_lines(sheet_of(name)))


@pytest.mark.parametrize("name", ["xor", "gru", "transformer-block"])
def test_many_items_alike_share_a_few_hints(name: str) -> None:
    sheet = sheet_of(name)
    assert len(sheet.answers) > 100 and len(hint_lines(sheet)) <= 24


def test_numbers_of_items_as_they_are_read() -> None:
    assert ranges([3]) == "(3)"
    assert ranges([3, 4]) == "(3), (4)"
    assert ranges([3, 4, 5, 9]) == "(3) to (5), (9)"
    assert ranges([1, 3, 5, 7, 9]) == "(1), (3), ..., (9)"
    assert ranges([1, 3, 5, 7]) == "(1), (3), (5), (7)"
