"""Shortcuts taken for speed: each gives what the long way gives."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from flint import ctx

from symbackprop import solve
from symbackprop.derivation.forms import chain_of, chain_rule, simplified, simplified_of
from symbackprop.derivation.ledger import as_written
from symbackprop.formulas.terms import Cases, Term, replace_keys, walk
from symbackprop.keys import _KEY as PATTERN
from symbackprop.keys import Key, key, parse_key
from symbackprop.solution import Solution
from symbackprop.spec import example_names, load_problem


@pytest.fixture(scope="module", params=[name for name in example_names() if name != "xor"])
def solution(request: pytest.FixtureRequest) -> Solution:
    solved = solve(request.param)
    solved.keys()
    return solved


def test_readings_of_formulas(solution: Solution) -> None:
    ledger = solution.ledger

    def place(key: str, term: Term) -> Term:
        return as_written(ledger.shown(key)) if ledger.known(key) else term

    for name, formula in ledger.formulas.items():
        assert chain_of(name, formula) == ledger.chain(name) == chain_rule(formula)
        assert simplified_of(name, formula) == ledger.simplified(name) == simplified(formula)
        if not any(isinstance(part, Cases) for part in walk(formula)):  # of cases only the one that holds
            assert ledger.substituted(formula) == replace_keys(formula, place)


def test_keys_taken_apart(solution: Solution) -> None:
    for text in solution.ledger.all_keys():
        match = PATTERN.fullmatch(text)
        assert match is not None
        parts = parse_key(text)
        assert (parts.kind, parts.subject) == (match["kind"] or "", match["subject"])
        assert str(parts) == text
        assert solution.ledger.term(text) == solution.ledger.vocabulary[text]


@pytest.mark.parametrize(
    "text", ["w5", "net.h1", "h1.w5", "act.", ".w5", "loss", "grad.a.b", "w 5", "new.1w"]
)
def test_forms_of_keys(text: str) -> None:
    match = PATTERN.fullmatch(text)
    if match is None:
        with pytest.raises(ValueError, match="not a quantity key"):
            parse_key(text)
    else:
        assert parse_key(text) == Key(match["kind"] or "", match["subject"])


@pytest.mark.parametrize("ends", [{}, {"through": "o1"}, {"sample": 2}, {"sample": 3, "passes": 2}])
def test_a_key_is_written_in_one_way(ends: dict[str, Any]) -> None:
    assert key("grad", "w5", **ends) == str(Key("grad", "w5", **ends))


def test_terms_by_name_are_the_terms_of_their_keys(solution: Solution) -> None:
    words = solution.ledger.vocabulary
    for passes in (0, 1, 2):
        for parameter in solution.problem.parameters:
            name = parameter.name
            assert words.parameters(passes)[name] is words[words.parameter(name, passes)]
            assert words.gradients(passes)[name] is words[key("grad", name, passes=passes)]
        for unit in solution.problem.units:
            assert words.sent(None, passes)[unit] is words[words.activation(unit, None, passes)]


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("failing", [True, False])
def test_collector_and_precision_are_left_as_found(
    collecting: bool, failing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    problem = load_problem("two-output-sigmoid")
    if failing:
        monkeypatch.setattr("symbackprop.derivation.solving.sweep_all", fail)
    (gc.enable if collecting else gc.disable)()
    try:
        with ctx.workprec(77):
            if failing:
                with pytest.raises(RuntimeError, match="on purpose"):
                    solve(problem)
            else:
                solve(problem).keys()
            assert gc.isenabled() == collecting
            assert ctx.prec == 77
    finally:
        gc.enable()
