"""Readings of one formula: chain rule, simplified, common factor; what each form writes out."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import flint
import pytest
from oracles.networks import FORMS, Net, any_net, build_net

from symbackprop import Solution, Step, solve
from symbackprop.derivation.forms import (
    WRITTEN_OUT,
    chain_rule,
    common_factor_out,
    simplified,
)
from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import (
    Fraction,
    Group,
    Negation,
    Number,
    Partial,
    Power,
    Product,
    Sum,
    Symbol,
    Term,
    Underbrace,
    keys,
    rebuild,
    walk,
)
from symbackprop.numbers.evaluate import evaluate
from symbackprop.render.plain import plain_math
from symbackprop.spec import example_names

X, Y, Z = (Symbol(Name(letter), letter) for letter in "xyz")
ONE, TWO = Number("1"), Number("2")


def used(step: Step) -> tuple[str, ...]:
    """Return the quantities in a step's formula, in reading order."""
    return keys(step.formula)


@cache
def solution(name: str) -> Solution:
    return solve(name)


# --- the examples' derivations ----------------------------------------------------------------

READINGS = [
    # example, quantity, chain rule in symbols, simplified
    (
        "two-output-sigmoid",
        "grad.w5",
        "∂E_total/∂ŷ₁ · ∂ŷ₁/∂z₃ · ∂z₃/∂w₅",
        "(ŷ₁ − y₁) · ŷ₁(1 − ŷ₁) · a_z1",
    ),
    (
        "two-output-sigmoid",
        "grad.w1",
        "(∂E_total/∂z₃ · ∂z₃/∂a_z1 + ∂E_total/∂z₄ · ∂z₄/∂a_z1) · ∂a_z1/∂z₁ · ∂z₁/∂w₁",
        "(∂E_total/∂z₃ · w₅ + ∂E_total/∂z₄ · w₆) · a_z1(1 − a_z1) · x₁",
    ),
    (
        "two-output-sigmoid",
        "grad.b2",
        "(∂E_total/∂z₃ · ∂z₃/∂a_z2 + ∂E_total/∂z₄ · ∂z₄/∂a_z2) · ∂a_z2/∂z₂ · ∂z₂/∂b₂",
        "(∂E_total/∂z₃ · w₇ + ∂E_total/∂z₄ · w₈) · a_z2(1 − a_z2)",
    ),
    ("shared-bias", "grad.w1", "∂E₁/∂w₁ + ∂E₂/∂w₁", "∂E₁/∂w₁ + ∂E₂/∂w₁"),
    (
        "shared-bias",
        "grad.w1|o2",
        "∂E_total/∂outputₒ₂ · ∂outputₒ₂/∂sumₒ₂ · ∂sumₒ₂/∂outputₕ₁ · ∂outputₕ₁/∂sumₕ₁ · ∂sumₕ₁/∂w₁",
        "∂E_total/∂outputₒ₂ · ∂outputₒ₂/∂sumₒ₂ · w₇ · ∂outputₕ₁/∂sumₕ₁ · i₁",
    ),
    ("or-gate", "dE_dnet.o1", "∂E/∂aₒ · ∂aₒ/∂hₒ", "(aₒ − y_train) · aₒ(1 − aₒ)"),
    ("or-gate", "grad.w1", "δₒ · ∂hₒ/∂a₁ · ∂a₁/∂h₁ · ∂h₁/∂w₁", "δₒ · w₅ · a₁(1 − a₁) · i₁"),
    ("or-gate", "grad.b1", "δₒ · ∂hₒ/∂a₂ · ∂a₂/∂h₂ · ∂h₂/∂b₁", "δₒ · w₆ · a₂(1 − a₂)"),
    ("delta-rule", "step.w11", "η · δ₃ · x₁", "η · δ₃ · x₁"),
]


@pytest.mark.parametrize(
    ("name", "key", "chain", "short"), READINGS, ids=[f"{n}-{k}" for n, k, *_ in READINGS]
)
def test_readings_of_the_examples(name: str, key: str, chain: str, short: str) -> None:
    step = solution(name)[key]
    assert plain_math(step.chain) == chain
    assert plain_math(step.formula) == short
    formula = step.ledger.formulas[key]
    assert chain_rule(formula) == step.chain
    assert simplified(formula) == step.formula


@pytest.mark.parametrize(("weight", "through"), [("w1", "a_z1"), ("w3", "a_z1"), ("b1", "a_z1")])
def test_hidden_parameters_take_both_paths(weight: str, through: str) -> None:
    text = plain_math(solution("two-output-sigmoid")[f"grad.{weight}"].chain)
    for output in ("z₃", "z₄"):
        assert f"∂E_total/∂{output} · ∂{output}/∂{through}" in text


def test_delta_rule_error_terms() -> None:
    solved = solution("delta-rule")
    assert used(solved["delta.o1"]) == ("act.o1", "residual.o1")
    assert used(solved["delta.h1"]) == ("act.h1", "w13", "delta.o1")
    assert used(solved["new.w11"]) == ("w11", "step.w11")
    assert plain_math(solved["new.w11"].formula) == "w_{1,1} + Δ w_{1,1}"


def test_shared_bias_adds_up_every_unit_it_enters() -> None:
    """The sum that worked examples forget: one term for each unit the bias feeds."""
    solved = solve(replace(solution("shared-bias").problem, frozen=frozenset()))
    formula = solved.ledger.formulas["grad.b1|o1"]
    assert isinstance(formula, Sum) and len(formula.terms) == 2
    chain = plain_math(chain_rule(formula))
    assert "∂sumₕ₁/∂b₁" in chain and "∂sumₕ₂/∂b₁" in chain
    assert plain_math(solved["grad.b1"].formula) == "∂E₁/∂b₁ + ∂E₂/∂b₁"


def test_a_batch_adds_up_every_sample() -> None:
    text = plain_math(solution("xor")["step.w11"].formula)
    assert text.count("δ₁") == 4
    assert used(solution("xor")["step.w11"]) == (
        "learning_rate", *(key for s in range(1, 5) for key in (f"delta.h1#{s}", f"x1#{s}"))
    )  # fmt: skip


def test_common_factor_of_the_total_error() -> None:
    loss = solution("two-output-sigmoid")["loss"].formula
    assert plain_math(loss) == "1/2 · (y₁ − ŷ₁)² + 1/2 · (y₂ − ŷ₂)²"
    assert plain_math(common_factor_out(loss)) == "1/2 · [(y₁ − ŷ₁)² + (y₂ − ŷ₂)²]"


# --- the readings themselves ------------------------------------------------------------------


def test_simplified() -> None:
    local = Underbrace(ONE, Partial(X, Y))
    assert simplified(Product((X, local, Z), "dot")) == Product((X, Z), "dot")
    assert simplified(Product((X, local))) == X
    assert simplified(Product((local, local))) == ONE
    assert simplified(Product((X, local)), keep_ones=True) == Product((X, ONE))
    assert simplified(Sum((ONE, X))) == Sum((ONE, X))
    assert simplified(Negation(local)) == Negation(ONE)
    assert simplified(Product((X, Number("1.0")))) == Product((X, Number("1.0")))  # as written, not by value


def test_chain_rule() -> None:
    local = Underbrace(Power(X, TWO), Partial(X, Y))
    assert chain_rule(Product((X, local), "dot")) == Product((X, Partial(X, Y)), "dot")
    assert chain_rule(Sum((X, Y))) == Sum((X, Y))


def test_common_factor_out() -> None:
    half = Fraction(ONE, TWO)
    assert common_factor_out(Sum((Product((half, X)), Product((half, Y))))) == Product(
        (half, Group(Sum((X, Y)), "square"))
    )
    longer = Sum((Product((half, X, Z)), Product((half, Y))))
    assert common_factor_out(longer) == Product((half, Group(Sum((Product((X, Z)), Y)), "square")))
    for unchanged in (
        X,
        Sum((X,)),
        Sum((Product((half, X)), Y)),
        Sum((Product((half, X)), Product((X, Y)))),
        Sum((Product((half, X)), Negation(Product((half, Y))))),
    ):
        assert common_factor_out(unchanged) == unchanged


# --- no reading changes a value ----------------------------------------------------------------


def by_value(term: Term, values: dict[Term, Term]) -> Term:
    """Return a chain in symbols with each local derivative replaced by the formula it names."""
    if isinstance(term, Partial) and not term.key:
        return values[term]
    return rebuild(term, lambda child: by_value(child, values))


def assert_readings_agree(solved: Solution) -> int:
    compared = 0
    with flint.ctx.workprec(200):
        for key, formula in solved.ledger.formulas.items():
            if not all(solved.ledger.known(used) for used in (key, *keys(formula))):
                continue  # parameters that the example leaves open
            value = evaluate(formula, solved.ledger.values)
            braces = {part.label: part.term for part in walk(formula) if isinstance(part, Underbrace)}
            for reading in (
                simplified(formula),
                simplified(formula, keep_ones=True),
                common_factor_out(formula),
                common_factor_out(simplified(formula)),
                by_value(chain_rule(formula), braces),
            ):
                again = evaluate(reading, solved.ledger.values)
                assert again.ball.overlaps(value.ball), (key, plain_math(reading))
                if again.exact is not None and value.exact is not None:
                    assert again.exact == value.exact, (key, plain_math(reading))
                compared += 1
    return compared


@pytest.mark.parametrize("name", example_names())
def test_readings_of_examples_have_one_value(name: str) -> None:
    assert assert_readings_agree(solution(name)) >= 50


def test_readings_of_random_networks_have_one_value() -> None:
    assert sum(assert_readings_agree(solve(any_net(seed).problem())) for seed in range(60)) > 5000


# --- what a form shows by name ----------------------------------------------------------------


def wide(outputs: int) -> Net:
    return build_net(random.Random(1), (1, 1, outputs), ("tanh", "sigmoid"), dense=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_unit_that_feeds_many_has_an_error_term_of_its_own(form: str) -> None:
    few, many = (
        solve(replace(wide(outputs), form=form).problem()) for outputs in (WRITTEN_OUT, WRITTEN_OUT + 1)
    )
    assert "dE_dnet.h1" not in used(few["grad.w1_1_1"]) or form in ("delta_rule", "tables")
    if form in ("chain", "delta"):
        assert used(few["grad.w1_1_1"])[: 2 * WRITTEN_OUT] == tuple(
            key for n in range(1, WRITTEN_OUT + 1) for key in (f"dE_dnet.o{n}", f"w2_{n}_1")
        )
        assert used(many["grad.w1_1_1"]) == ("dE_dnet.h1", "x1")


def test_what_each_form_refers_to() -> None:
    net = build_net(random.Random(2), (2, 2, 2), ("sigmoid", "sigmoid"), dense=True)
    net = replace(net, frozen=(), biases=(("b1", ("h1", "h2"), "0.5"),))
    uses = {form: used(solve(replace(net, form=form).problem())["grad.w1_1_1"]) for form in FORMS}
    assert uses["chain"] == uses["delta"] == (
        "dE_dnet.o1", "w2_1_1", "dE_dnet.o2", "w2_2_1", "act.h1", "x1"
    )  # fmt: skip
    assert uses["components"] == ("grad.w1_1_1|o1", "grad.w1_1_1|o2")
    rule = solve(replace(net, form="delta_rule").problem())
    assert used(rule["step.w1_1_1"]) == ("learning_rate", "delta.h1", "x1")
    assert used(rule["delta.h1"]) == ("act.h1", "w2_1_1", "delta.o1", "w2_2_1", "delta.o2")


@pytest.mark.parametrize("form", FORMS)
def test_the_part_of_a_sample_is_not_named_as_the_whole(form: str) -> None:
    """Otherwise a sheet says that a gradient is the sum of itself and itself."""
    net = build_net(random.Random(8), (2, 2, 1), ("tanh", "sigmoid"), samples=2, dense=True)
    solved = solve(replace(net, form=form).problem())
    for name in net.parameters:
        names = {plain_math(solved[f"grad.{name}{mark}"].name) for mark in ("", "#1", "#2")}
        assert len(names) == 3, names


@pytest.mark.parametrize("name", ["two-output-sigmoid", "delta-rule", "shared-bias"])
def test_uses_are_the_quantities_in_the_formula(name: str) -> None:
    for step in solution(name):
        assert step.uses == keys(step.formula), step.key


def test_a_rewritten_formula_uses_only_what_is_there() -> None:
    for seed in range(40):
        solved = solve(any_net(seed).problem())
        for step in solved:
            assert all(key in solved.ledger for key in step.uses), (seed, step.key)
        derived = list(solved.ledger.formulas)
        place = {key: index for index, key in enumerate(derived)}
        for key in derived:  # nothing is used before it is derived
            assert all(place.get(other, -1) < place[key] for other in solved.ledger.uses(key)), key
