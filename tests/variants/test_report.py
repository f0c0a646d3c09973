"""What is said of many variants."""

from __future__ import annotations

from symbackprop.formulas.terms import Number
from symbackprop.spec import load_problem
from symbackprop.variants import Summary, Variant, summary, variation_of
from symbackprop.variants.refusal import counted


def made(attempts: int, rejected: dict[str, int], **numbers: str) -> Variant:
    own = variation_of(load_problem("computation-graph")).draw(1, "x")
    drawn = {key: Number(text) for key, text in numbers.items()}
    return Variant(own.problem, own.graph, own.ledger, attempts, rejected, drawn)


def test_counts_are_added_up_and_the_most_frequent_come_first() -> None:
    found = summary(
        [
            made(4, {"a saturated unit": 3}, x="1"),
            made(1, {}, x="2"),
            made(8, {"a saturated unit": 2, "a vanishing answer": 5}, x="1"),
        ]
    )
    assert found == Summary(3, 13, {"a saturated unit": 5, "a vanishing answer": 5}, 1)
    assert list(found.rejected) == ["a saturated unit", "a vanishing answer"]
    assert found.rejection_rate == 10 / 13
    assert str(found) == (
        "3 variants in 13 draws; 10 rejected: a saturated unit 5, a vanishing answer 5. With the same "
        "numbers as an earlier one: 1."
    )


def test_one_variant_and_none() -> None:
    assert str(summary([made(1, {})])) == "1 variant in 1 draw."
    assert str(summary([])) == "0 variants in 0 draws."
    assert summary([]).rejection_rate == 0


def test_counts_in_words() -> None:
    assert counted({"b": 1, "a": 1, "c": 7}) == "c 7, a 1, b 1"
