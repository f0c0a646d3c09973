"""No text in an answer crashes the marking, and none earns marks by accident."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from by_hand import KEYS, paper, work
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.marking.characters import plain_characters
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper, Scheme
from symbackprop.marking.result import Marked

STRINGS, SEED = 100_000, 2026
RIGHT = work()


def anything(lot: random.Random) -> str:
    points = [
        lot.choice((lot.randrange(32, 127), lot.randrange(sys.maxunicode))) for _ in range(lot.randrange(12))
    ]
    return "".join(map(chr, points)).encode("utf-8", "replace").decode("utf-8")


def symbols(lot: random.Random) -> str:
    return "".join(lot.choices("0123456789.,'-+eE^*x×·10 /%=()⁻²−½१d", k=lot.randrange(1, 12)))


def decimal(lot: random.Random) -> str:
    return (
        f"{lot.choice('-+ −')}{lot.randrange(3)}{lot.choice('.,')}{lot.randrange(10 ** lot.randrange(1, 9))}"
    )


def scientific(lot: random.Random) -> str:
    mantissa = f"{lot.uniform(-9, 9):.{lot.randrange(6)}f}"
    return f"{mantissa}{lot.choice(('e', 'E', '·10^', ' x 10^'))}{lot.randrange(-9, 3)}"


def fraction(lot: random.Random) -> str:
    return f"{lot.randrange(-99, 99)}/{lot.randrange(99)}"


def nearly_right(lot: random.Random) -> str:
    text = list(f"{RIGHT[lot.choice(KEYS)]:.{lot.randrange(2, 7)}f}")
    place = lot.randrange(len(text))
    text[place : place + lot.randrange(2)] = lot.choice(
        ("", "0", "7", ".", ",", " ", "e", "x", "--", "\u0663")
    )
    return "".join(text)


KINDS: tuple[Callable[[random.Random], str], ...] = (
    anything, symbols, decimal, scientific, fraction, nearly_right,
)  # fmt: skip


def earned_by_its_number(marked: Marked, text: str) -> bool:
    """Return whether a text that earned marks is a number near the right one, read with plain Python."""
    plain = plain_characters(text).replace(" ", "").replace("'", "").replace(",", ".").rpartition("=")[2]
    plain = plain.replace("*", "").replace("x", "").replace("·", "")
    mantissa, ten, power = plain.partition("10^")
    found = set()
    for spelled in (plain, f"{mantissa}e{power}" if ten else plain, plain.strip('().,$%"')):
        try:
            found.add(Fraction(spelled.rstrip("%")) / (100 if "%" in plain else 1))
        except (ValueError, ZeroDivisionError):
            continue
    right = RIGHT[marked.question.key]
    return any(abs(float(value) - right) <= 0.0001 for value in found)


def apart() -> Paper:
    """Return the same questions, each in a problem of its own: there nothing follows from anything."""
    sheet = paper()
    questions = tuple(replace(question, part=part) for part, question in enumerate(sheet.questions))
    return replace(sheet, parts=sheet.parts * len(questions), questions=questions)


def test_one_hundred_thousand_strings() -> None:
    lot = random.Random(SEED)
    alone, together = apart(), paper()
    earned = 0
    for number in range(STRINGS // len(KEYS) + 1):
        answers = {key: lot.choice(KINDS)(lot) for key in KEYS}
        marking = mark(together if number % 20 == 0 else alone, answers)
        for item in marking.items:
            if item.points:
                earned += 1
                text = answers[item.question.key]
                assert item.status == "follow_through" or earned_by_its_number(item, text), (text, item)
    assert 50 < earned < STRINGS // 50  # numbers that happen to be right are among them


@settings(max_examples=300)
@given(st.lists(st.text(max_size=30), min_size=len(KEYS), max_size=len(KEYS)), st.sampled_from((0, 1)))
def test_any_texts(texts: list[str], share: int) -> None:
    marking = mark(paper(), dict(zip(KEYS, texts, strict=True)), Scheme(fewer_digits=Fraction(share)))
    assert 0 <= marking.total <= marking.points


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(st.floats(), st.fractions(), st.decimals(), st.integers()).map(str),
        min_size=13,
        max_size=13,
    )
)
def test_any_numbers(texts: list[str]) -> None:
    marking = mark(paper(), dict(zip(KEYS, texts, strict=True)))
    assert 0 <= marking.total <= marking.points
