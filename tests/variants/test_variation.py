"""A student's numbers depend on seed, identity and student alone, on every machine and in every process."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest

from symbackprop.notation.notation import NotationChoice
from symbackprop.spec import Problem, load_problem, problem_from_mapping
from symbackprop.variants import Quality, Variation, VariationError, variation_of
from symbackprop.variants.stream import VERSION

ROSTER = ("4711", "4712", "Łukasz", "李", "عبد", 'O\'Neill, "Peg"')


def numbers(variation: Variation, student: str, seed: int | str = 2026) -> dict[str, str]:
    return {key: str(number) for key, number in variation.draw(seed, student).numbers.items()}


def small(**vary: Any) -> Problem:
    return problem_from_mapping(
        {
            "title": "Small",
            "network": {
                "inputs": ["0.5"],
                "targets": ["0.9"],
                "layers": [{"units": 1, "activation": "sigmoid", "weights": [["0.3"]], "biases": ["0.1"]}],
                "learning_rate": "0.1",
            },
            **({"vary": vary} if vary else {}),
        }
    )


def test_the_numbers_are_the_words_of_sha_256() -> None:
    """The draws of a problem with two lists, made again from the hash itself."""
    tens, ones = ["0.1", "0.2", "0.3"], ["0.4", "0.5", "0.6", "0.7", "0.8"]
    variation = variation_of(
        small(inputs=tens, weights=ones, targets="fixed", biases="fixed", quality={"digits": None})
    )
    for student in ROSTER:
        key = sha256(json.dumps([VERSION, "7", variation.identity, student]).encode()).digest()
        words = sha256(key + (0).to_bytes(8, "big")).digest()
        first, second = (int.from_bytes(words[at : at + 8], "big") for at in (0, 8))
        assert numbers(variation, student, 7) == {"x1": tens[first % 3], "w1_1_1": ones[second % 5]}


def test_neither_order_nor_roster_matter() -> None:
    problem = load_problem("shared-bias")
    alone = {student: numbers(variation_of(problem), student) for student in ROSTER}
    together = variation_of(problem)
    assert {student: numbers(together, student) for student in reversed(ROSTER)} == alone
    assert numbers(together, ROSTER[0]) == alone[ROSTER[0]]  # and once more
    assert len({tuple(each.values()) for each in alone.values()}) == len(ROSTER)


def test_a_seed_is_its_digits_and_a_name_is_its_characters() -> None:
    variation = variation_of(load_problem("shared-bias"))
    assert numbers(variation, "1", 2026) == numbers(variation, "1", "2026")
    assert numbers(variation, "1", 2026) != numbers(variation, "1", 2027)
    assert numbers(variation, "Zo\u00eb") == numbers(
        variation, "Zoe\u0308"
    )  # composed, and as a Mac writes it


SCRIPT = """
import json
from symbackprop.spec import load_problem
from symbackprop.variants import variation_of
found = {}
for name in ("shared-bias", "or-gate", "convolution", "xor"):
    variation = variation_of(load_problem(name))
    variant = variation.draw(2026, "4711")
    found[name] = [variation.identity, {key: str(number) for key, number in variant.numbers.items()}]
print(json.dumps(found))
"""


def test_neither_pythons_hashing_nor_its_process_matter() -> None:
    found = []
    for seed in ("0", "1", "4242"):
        made = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(made.stdout))
    assert found[0] == found[1] == found[2]
    for name, (identity, drawn) in found[0].items():
        variation = variation_of(load_problem(name))
        assert identity == variation.identity
        assert drawn == numbers(variation, "4711")


def _in_another_process(variation: Variation, student: str) -> Mapping[str, str]:
    return numbers(variation, student)


def test_a_variation_goes_to_other_processes() -> None:
    problem = problem_from_mapping(
        {
            "title": "Sizes",
            "network": {
                "inputs": ["0.5", "0.1"],
                "targets": ["0.9"],
                "layers": [
                    {"units": 2, "activation": "sigmoid", "weights": [["0.3", "0.1"], ["0.2", "0.4"]]},
                    {"units": 1, "activation": "sigmoid", "weights": [["0.3", "0.5"]]},
                ],
                "learning_rate": "0.1",
            },
            "vary": {"layers": {"1": {"units": [2, 3]}}, "w1_1_1": "w1_1_2 + 0.1"},
        }
    )
    variation = variation_of(problem, asked=["loss", "grad.w1_1_1"], quality=Quality(digits=3))
    here = {student: numbers(variation, student) for student in ROSTER[:3]}
    assert len(pickle.dumps(variation)) < 100_000
    again = pickle.loads(pickle.dumps(variation))
    assert (again.identity, again.asked, again.quality) == (
        variation.identity,
        variation.asked,
        variation.quality,
    )
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {student: pool.submit(_in_another_process, variation, student) for student in here}
        assert {student: job.result() for student, job in jobs.items()} == here


def test_an_error_goes_to_other_processes() -> None:
    error = VariationError("no variant", {"a saturated unit": 3})
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.rejected) == ("no variant", {"a saturated unit": 3})


# --- identity ----------------------------------------------------------------------------------------


def changed(**changes: Any) -> Problem:
    return replace(load_problem("shared-bias"), **changes)


def test_texts_and_notation_do_not_change_the_numbers() -> None:
    own = variation_of(load_problem("shared-bias"))
    for problem in (
        changed(title="Another title"),
        changed(introduction="Another text", name="another-file"),
        changed(notation=NotationChoice("delta-rule")),
        changed(epochs=5),
        changed(listing="numpy"),
    ):
        variation = variation_of(problem)
        assert variation.identity == own.identity
        assert numbers(variation, "4711") == numbers(own, "4711")


def test_what_decides_the_numbers_changes_the_identity() -> None:
    problem = load_problem("shared-bias")
    places = replace(problem.rounding, default=replace(problem.rounding.default, digits=3))
    weight = replace(problem.weights[0], value=problem.weights[1].value)
    found = [
        variation_of(problem).identity,
        variation_of(changed(rounding=places)).identity,
        variation_of(changed(weights=(weight, *problem.weights[1:]))).identity,
        variation_of(changed(frozen=frozenset())).identity,
        variation_of(changed(learning_rate=problem.weights[0].value)).identity,
        variation_of(problem, asked=["loss"]).identity,
        variation_of(problem, quality=Quality(digits=3)).identity,
        variation_of(problem, quality=Quality(conditions=(_never,))).identity,
        variation_of(small()).identity,
        variation_of(small(weights="0.1 to 0.5 by 0.1")).identity,
        variation_of(small(weights="0.1 to 0.6 by 0.1")).identity,
        variation_of(small(b1_1="w1_1_1 + 0.1")).identity,
        variation_of(small(b1_1="w1_1_1 + 0.2")).identity,
    ]
    assert len(set(found)) == len(found)
    assert all(len(identity) == 64 and int(identity, 16) for identity in found)
    assert (
        variation_of(small(b1_1="w1_1_1 + 0.1")).identity == variation_of(small(b1_1="w1_1_1+0.1")).identity
    )


def _never(variant: object) -> None:
    return None


def test_what_is_usual_is_not_in_the_identity() -> None:
    """A condition that is added later, and off, changes nobody's numbers."""
    own = variation_of(small()).identity
    assert variation_of(small(), quality=Quality()).identity == own
    assert variation_of(small(), quality=Quality(attempts=500, effort=Fraction(1, 4))).identity == own


def test_the_form_counts_where_displayed_values_are_carried_on() -> None:
    """There a form says where numbers are rounded."""
    carried = replace(load_problem("shared-bias").rounding, carry="shown")
    own = variation_of(changed(rounding=carried))
    assert variation_of(changed(rounding=carried, title="T")).identity == own.identity
    other = changed(rounding=carried, notation=NotationChoice("delta-rule"))
    assert variation_of(other).identity != own.identity


# --- what is asked -----------------------------------------------------------------------------------


def test_what_is_asked_by_default() -> None:
    assert variation_of(load_problem("or-gate-full")).asked == (
        *("net.h1", "act.h1", "net.h2", "act.h2", "net.o1", "act.o1", "loss"),
        *(f"grad.{name}" for name in ("w1", "w2", "w3", "w4", "w5", "w6", "b2", "b1", "b3")),
    )
    shown = variation_of(changed(show=("w5", "w6")))
    assert [key for key in shown.asked if key.startswith(("grad.", "new."))] == [
        *("grad.w5", "grad.w6", "new.w5", "new.w6")
    ]
    graph = variation_of(load_problem("computation-graph"))
    assert graph.asked[-3:] == ("dE_dact.x", "dE_dact.y", "dE_dact.z")


def test_answers_of_later_passes_and_of_other_forms_may_be_asked() -> None:
    asked = ["loss@1", "delta.h1", "grad.w1|o2", "new.w1@1", "residual.o1", "step.w5"]
    variation = variation_of(load_problem("shared-bias"), asked=asked)
    assert variation.asked == ("loss@1", "delta.h1", "grad.w1|o2", "new.w1", "residual.o1", "step.w5")
    variant = variation.draw(1, "x")
    assert all(key in variant.ledger for key in variation.asked)
    later = variation_of(load_problem("mini-batches"), asked=["loss@2", "new.w1_1_1@3"])
    assert all(later.draw(1, "x").ledger.known(key) for key in later.asked)


def test_how_many_ways_there_are() -> None:
    assert (
        variation_of(small(inputs=[1, 2, 3], weights="0.1 to 0.5 by 0.1", targets="fixed", biases=2)).ways
        == 15
    )
    assert variation_of(load_problem("xor")).ways == 1000**12


@pytest.mark.parametrize("name", ["shared-bias", "two-output-sigmoid", "or-gate"])
def test_one_derivation_serves_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule is differentiated and no formula derived once the first variant is made."""
    variation = variation_of(load_problem(name))
    variation.draw(1, "first")

    def forbidden(*arguments: object, **options: object) -> None:
        raise AssertionError("derived again")

    for place in ("symbackprop.variants.structure.derive", "symbackprop.derivation.ledger.Ledger.add"):
        monkeypatch.setattr(place, forbidden)
    for student in ROSTER:
        variation.draw(1, student)


def test_what_has_been_looked_up_is_no_part_of_the_identity() -> None:
    problem = load_problem("two-output-sigmoid")
    problem = replace(problem, rounding=replace(problem.rounding, roles={"grad": {"digits": 3}}))
    before = variation_of(problem).identity
    problem.rounding.of("grad.w1")
    assert variation_of(problem).identity == before
