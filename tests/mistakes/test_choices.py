"""Multiple-choice items: one right answer, three that mean something, all different as printed."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop import Rounding, RoundingPolicy, load_problem, solve
from symbackprop.errors import SymbackpropError
from symbackprop.mistakes import MISTAKES, distractors, wrong_values

SOLUTION = solve("two-output-sigmoid")
ASKED = ("net.h1", "act.h1", "net.o1", "loss", "dE_dnet.o1", "grad.w5", "grad.w1", "new.w1", "act.o1@1")


def _number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize("key", ASKED)
def test_an_item(key: str) -> None:
    item = distractors(SOLUTION.ledger, SOLUTION.graph, SOLUTION.problem, key, seed=2026)
    assert len(item.choices) == 4
    assert item.choices[item.right].shown == SOLUTION[key].shown
    assert sum(choice.right for choice in item.choices) == 1
    assert len({_number(choice.shown) for choice in item.choices}) == 4
    wrong = [choice for choice in item.choices if not choice.right]
    assert len({choice.mistake for choice in wrong}) == 3
    made = {
        (one.mistake, one.shown)
        for one in wrong_values(SOLUTION.ledger, SOLUTION.graph, SOLUTION.problem, key)
    }
    for choice in wrong:
        assert choice.feedback == MISTAKES[choice.mistake].student
        assert (choice.mistake, choice.shown) in made
        assert choice.shows.endswith(tuple("0123456789⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert [choice["shown"] for choice in item.to_data()["choices"]] == [c.shown for c in item.choices]


def test_the_seed_decides_all() -> None:
    def item(seed: int) -> list[tuple[str, str]]:
        found = distractors(SOLUTION.ledger, SOLUTION.graph, SOLUTION.problem, "grad.w1", seed=seed)
        return [(choice.shown, choice.mistake) for choice in found.choices]

    assert item(1) == item(1)
    assert len({tuple(item(seed)) for seed in range(12)}) > 6
    places = {[mistake for _, mistake in item(seed)].index("") for seed in range(24)}
    assert places == {0, 1, 2, 3}  # the right answer may stand anywhere


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), key=st.sampled_from(ASKED), digits=st.integers(3, 6))
def test_all_differ_at_the_printed_digits(seed: int, key: str, digits: int) -> None:
    policy = RoundingPolicy(Rounding(digits, "significant"))
    solution = solve(replace(load_problem("two-output-sigmoid"), epochs=1, rounding=policy))
    item = distractors(solution.ledger, solution.graph, solution.problem, key, seed=seed)
    assert len({_number(choice.shown) for choice in item.choices}) == 4


def test_too_few_different_answers() -> None:
    with pytest.raises(SymbackpropError) as error:
        distractors(SOLUTION.ledger, SOLUTION.graph, SOLUTION.problem, "act.h1", 60)
    assert re.fullmatch(
        r"act\.h1: there are only \d+ wrong answers that differ from 0\.606470487 and from one another at "
        r"the "
        r"printed digits; 60 were asked for\. More digits \(--digits\), or fewer choices\.",
        str(error.value),
    )
