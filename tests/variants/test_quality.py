"""Each condition, measured by hand on the variants of problems that would often break it."""

from __future__ import annotations

import math
from dataclasses import fields
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx, fmpq

from symbackprop.formulas.names import Name
from symbackprop.formulas.terms import Call, Cases, Comparison, Number, Sum, Symbol, Words
from symbackprop.numbers.digits import as_double
from symbackprop.numbers.rounding import Rounding, RoundingPolicy
from symbackprop.spec import Problem, problem_from_mapping
from symbackprop.spec.choosing import exact
from symbackprop.spec.vary_forms import QualityForm
from symbackprop.variants import Quality, Variant, VariationError, summary, variation_of
from symbackprop.variants.answers import Answers, as_printed
from symbackprop.variants.kinks import distances, kinks_of


def network(
    activation: str = "sigmoid",
    units: int = 2,
    vary: dict[str, Any] | None = None,
    **top: Any,
) -> Problem:
    """A 2-N-1 network whose numbers are all small."""
    hidden = [["0.1", "0.4"], ["-0.3", "0.2"], ["0.2", "-0.1"], ["0.3", "-0.4"]]
    output = ["0.7", "-0.5", "0.4", "0.6"]
    return problem_from_mapping(
        {
            "title": "A network",
            "network": {
                "inputs": ["0.5", "-0.2"],
                "targets": ["0.9"],
                "layers": [
                    {
                        "units": units,
                        "activation": activation,
                        "weights": hidden[:units],
                        "biases": ["0.1", "-0.1", "0.2", "-0.2"][:units],
                    },
                    {
                        "units": 1,
                        "activation": "sigmoid",
                        "weights": [output[:units]],
                        "biases": ["0.2"],
                    },
                ],
                "learning_rate": "0.1",
                **top.pop("network", {}),
            },
            **({} if vary is None else {"vary": vary}),
            **top,
        }
    )


def drawn(problem: Problem, count: int = 25, quality: Quality | None = None) -> list[Variant]:
    variation = variation_of(problem, quality=quality)
    return [variation.draw(1, str(student)) for student in range(count)]


def value(variant: Variant, key: str) -> float:
    return float(variant.ledger.significant(key))


def slopes(variant: Variant) -> list[float]:
    """s(z)(1 - s(z)) of every unit, as a part of the steepest, 1/4."""
    sigmoids = [1 / (1 + math.exp(-value(variant, f"net.{unit}"))) for unit in ("h1", "h2", "o1")]
    return [4 * a * (1 - a) for a in sigmoids]


WIDE = {"weights": "-4 to 4 by 0.5", "inputs": "-1 to 1 by 0.25"}


def test_no_unit_is_saturated() -> None:
    found = drawn(network(vary=WIDE))
    assert all(slope >= 0.1 for variant in found for slope in slopes(variant))
    assert summary(found).rejected["a saturated unit"] > 5
    free = drawn(network(vary={**WIDE, "quality": {"saturation": None, "digits": None}}))
    assert any(slope < 0.1 for variant in free for slope in slopes(variant))
    strict = drawn(network(vary={**WIDE, "quality": {"saturation": "0.5"}}), 10)
    assert all(slope >= 0.5 for variant in strict for slope in slopes(variant))


def significant(text: str) -> int:
    return len(text.partition("e")[0].replace(".", "").replace("-", "").lstrip("0"))


@pytest.mark.parametrize("carry", ["exact", "shown"])
def test_no_answer_vanishes(carry: str) -> None:
    rounding = {"digits": 3, "kind": "places", "zeros": "keep", "scientific_below": None, "carry": carry}
    vary = {"weights": "-0.5 to 0.5 by 0.01", "inputs": "-0.5 to 0.5 by 0.01"}
    problem = network(vary=vary, rounding=rounding)
    asked = ("grad.w2_1_1", "grad.w2_1_2", "net.h1")

    def digits(variant: Variant) -> list[int]:
        return [significant(str(variant.ledger.shown(key))) for key in asked]

    variation = variation_of(problem, asked=asked)
    assert variation.notes == ()
    found = [variation.draw(1, str(student)) for student in range(25)]
    assert all(min(digits(variant)) >= 2 for variant in found)
    assert summary(found).rejected["a vanishing answer"] > 5
    variation = variation_of(problem, asked=asked, quality=Quality(digits=None))
    assert any(min(digits(variation.draw(1, str(student)))) < 2 for student in range(25))


def test_as_few_digits_as_the_problem_has_are_allowed() -> None:
    """An input of 0 makes two gradients 0, here as there; where it stands may change."""
    problem = network(network={"inputs": ["1", "0"]})
    variation = variation_of(problem)
    assert "answers of fewer than 2 digits with the problem's own numbers: 2 in 25" in variation.notes
    places = set()
    for student in range(25):
        variant = variation.draw(1, str(student))
        zeros = [key for key in variant.ledger if key.startswith("grad.") and value(variant, key) == 0]
        places.add(tuple(zeros))
    assert places == {("grad.w1_1_1", "grad.w1_2_1"), ("grad.w1_1_2", "grad.w1_2_2")}


def test_no_value_is_near_a_kink() -> None:
    vary = {
        "weights": "-0.2 to 0.2 by 0.01",
        "biases": "-0.1 to 0.1 by 0.01",
        "quality": {"living_and_dead": None, "digits": None},
    }
    found = drawn(network("leaky_relu", vary=vary), 40)
    assert all(abs(value(each, f"net.h{unit}")) >= 0.01 for each in found for unit in (1, 2))
    assert summary(found).rejected["a value near a kink"] > 5
    vary["quality"]["kink"] = None  # type: ignore[index]
    free = drawn(network("leaky_relu", vary=vary), 40)
    assert any(abs(value(each, f"net.h{unit}")) < 0.01 for each in free for unit in (1, 2))


def test_the_kinks_of_a_loss_count_too() -> None:
    huber = {"loss": {"kind": "huber", "delta": "0.3"}}
    found = drawn(network(network=huber, vary={"targets": "0.1 to 0.9 by 0.01"}), 40)
    assert all(abs(abs(value(each, "residual.o1")) - 0.3) >= 0.01 for each in map(_complete, found))
    assert summary(found).rejected["a value near a kink"] > 0


def _complete(variant: Variant) -> Variant:
    from symbackprop.derivation.solving import complete

    complete(variant.graph, variant.ledger)
    return variant


def test_relu_layers_have_living_and_dead_units() -> None:
    def dead(variant: Variant) -> int:
        return sum(value(variant, f"act.h{unit}") == 0 for unit in range(1, 5))

    vary = {"weights": "-1 to 1 by 0.1"}
    found = drawn(network("relu", 4, vary))
    assert all(1 <= dead(variant) <= 3 for variant in found)
    free = drawn(network("relu", 4, {**vary, "quality": {"living_and_dead": None}}), 60)
    assert any(dead(variant) in (0, 4) for variant in free)


def test_two_units_need_not_be_a_living_and_a_dead_one() -> None:
    """Both are living with the problem's own numbers: two living ones will do, but not two dead."""
    problem = network("relu", vary={"weights": "-1 to 1 by 0.1"}, network={"inputs": ["0.1", "0.9"]})
    dead = [sum(value(v, f"act.h{unit}") == 0 for unit in (1, 2)) for v in drawn(problem, 30)]
    assert set(dead) == {0, 1}


def test_a_layer_that_cannot_have_dead_units_need_not() -> None:
    positive = {"weights": "0.1 to 0.9 by 0.1", "inputs": "0.1 to 0.9 by 0.1", "biases": "0.1 to 0.5 by 0.1"}
    for variant in drawn(network("relu", 4, positive), 5):
        assert all(value(variant, f"act.h{unit}") > 0 for unit in range(1, 5))


def test_no_two_answers_of_a_kind_are_printed_alike() -> None:
    rounding = {"digits": 1, "kind": "places", "zeros": "keep", "scientific_below": None}
    vary = {"weights": "-1 to 1 by 0.05", "inputs": "-3 to 3 by 0.05", "quality": {"digits": 1}}
    problem = network(vary=vary, rounding=rounding)
    asked = ["act.h1", "act.h2", "act.o1", "net.h1", "net.h2", "net.o1"]

    def alike(variant: Variant) -> bool:
        shown = [(key[:3], str(variant.ledger.shown(key))) for key in asked]
        return len(set(shown)) < len(shown)

    variation = variation_of(problem, asked=asked)
    found = [variation.draw(1, str(student)) for student in range(40)]
    assert not any(map(alike, found))
    assert summary(found).rejected["two equal answers"] > 0
    variation = variation_of(problem, asked=asked, quality=Quality(distinct_answers=False))
    assert any(alike(variation.draw(1, str(student))) for student in range(40))


def test_equal_numbers_are_no_accident() -> None:
    def equal(variant: Variant) -> bool:
        weights = [exact(each.value) for each in variant.problem.weights if each.value is not None]
        return len(set(weights)) < len(weights)

    vary = {"weights": "-0.4 to 0.4 by 0.1"}
    assert not any(map(equal, drawn(network(vary=vary))))  # six weights of eight numbers
    assert any(map(equal, drawn(network(vary={**vary, "quality": {"distinct": False}}))))
    few = variation_of(network(vary={"weights": [-1, "0.5", 1]}))
    assert few.notes == ("equal numbers cannot be avoided: 4 weights of 3 numbers",)
    hidden = [w.value for w in few.draw(1, "x").problem.weights if w.name.startswith("w2")]
    assert len(set(hidden)) == 2  # where they can be avoided, in the second layer, they are


def test_a_range_that_crosses_zero_leaves_it_out() -> None:
    vary = {"weights": "-0.3 to 0.3 by 0.1", "inputs": "0 to 0.3 by 0.1"}
    weights = {str(w.value) for each in drawn(network(vary=vary), 60) for w in each.problem.weights}
    assert weights == {"-0.3", "-0.2", "-0.1", "0.1", "0.2", "0.3"}
    vary["quality"] = {"nonzero": False, "digits": None}  # type: ignore[assignment]
    weights = {str(w.value) for each in drawn(network(vary=vary), 60) for w in each.problem.weights}
    assert "0.0" in weights


@pytest.mark.parametrize(
    ("loss", "half"),
    [("half_squared_error", False), ("mean_squared_error", False), ("binary_cross_entropy", True)],
)
def test_a_rate_of_one_half_is_left_out_where_it_hides_a_mistake(loss: str, half: bool) -> None:
    problem = network(network={"loss": loss}, vary={"learning_rate": "0.4 to 0.6 by 0.1"})
    rates = {str(variant.problem.learning_rate) for variant in drawn(problem, 30)}
    assert rates == ({"0.4", "0.5", "0.6"} if half else {"0.4", "0.6"})
    only = network(network={"loss": loss}, vary={"learning_rate": "0.5"})
    assert str(drawn(only, 1)[0].problem.learning_rate) == "0.5"
    on = network(
        network={"loss": loss}, vary={"learning_rate": [0.5, 0.1], "quality": {"learning_rate": False}}
    )
    assert {str(variant.problem.learning_rate) for variant in drawn(on, 30)} == {"0.5", "0.1"}


def test_about_as_many_numbers_are_negative_as_are_expected() -> None:
    """Fifteen numbers of either sign: a half are expected to be negative, and a quarter more or less."""
    vary = dict.fromkeys(("weights", "inputs", "biases"), "-1 to 1 by 0.02")

    def negative(variant: Variant) -> int:
        return sum(number.negative for key, number in variant.numbers.items() if key != "target.o1")

    found = drawn(network(units=3, vary=vary), 60)
    assert len(found[0].numbers) == 16  # the target is positive
    assert all(abs(negative(variant) - 15 / 2) <= 15 / 4 for variant in found)
    free = drawn(network(units=3, vary={**vary, "quality": {"effort": 0}}), 60)
    assert all(abs(negative(variant) - 15 / 2) <= 1 for variant in free)


def test_clipping_is_met_as_in_the_problem_itself() -> None:
    problem = network(clip={"norm": "0.08"}, vary={"weights": "-1 to 1 by 0.1"})
    own = variation_of(problem)
    clipped = [value(own.draw(1, str(student)), "clip_factor") < 1 for student in range(25)]
    assert len(set(clipped)) == 1
    free = drawn(
        network(clip={"norm": "0.08"}, vary={"weights": "-1 to 1 by 0.1", "quality": {"effort": None}})
    )
    assert len({value(variant, "clip_factor") < 1 for variant in free}) == 2


def test_samples_stay_different() -> None:
    samples = [{"inputs": [f"0.{n}", "0.2"], "targets": ["0.5"]} for n in (1, 3, 4)]
    problem = problem_from_mapping(
        {
            "network": {
                "samples": samples,
                "layers": [{"units": 1, "activation": "tanh", "weights": [["0.3", "0.2"]]}],
                "learning_rate": "0.1",
            },
            "vary": {"x1": [0.1, 0.2, 0.3], "x2": "fixed"},
        }
    )
    found = drawn(problem, 30)
    assert all(len({str(s.inputs["x1"]) for s in variant.problem.samples}) == 3 for variant in found)
    assert summary(found).rejected["two equal samples"] > 0


# --- refusals and further conditions -----------------------------------------------------------------


def test_what_cannot_be_met_is_said() -> None:
    problem = network(vary={"weights": "50 to 60 by 1", "quality": {"attempts": 40, "effort": None}})
    with pytest.raises(VariationError) as caught:
        variation_of(problem).draw(2026, "4711")
    assert str(caught.value) == (
        "A network: no variant in 40 draws (seed 2026, student 4711); rejected for a saturated unit 40. What "
        "may help against a saturated unit: smaller weights and inputs, or quality: {saturation: null} under "
        "`vary:`."
    )
    assert caught.value.rejected == {"a saturated unit": 40}


def test_an_expression_that_leaves_the_range_of_a_target() -> None:
    problem = network(
        network={"loss": "binary_cross_entropy"},
        vary={"target.o1": "x1 + 2", "quality": {"attempts": 10}},
    )
    with pytest.raises(VariationError, match="a number that may not stand in its place 10"):
        variation_of(problem).draw(1, "x")


def test_an_expression_that_divides_by_zero() -> None:
    problem = network(vary={"b2_1": "1/(w1_1_1 - w1_1_1)", "quality": {"attempts": 5}})
    with pytest.raises(VariationError, match="a formula without a value 5"):
        variation_of(problem).draw(1, "x")


def test_further_conditions_see_the_solved_variant() -> None:
    def steep(variant: Variant) -> str | None:
        return None if value(variant, "grad.w2_1_1") < 0 else "an uphill gradient"

    found = drawn(network(), 20, Quality(conditions=(steep,)))
    assert all(value(variant, "grad.w2_1_1") < 0 for variant in found)
    assert summary(found).rejected["an uphill gradient"] > 0
    with pytest.raises(VariationError, match="rejected for nothing is good enough 500"):
        off = {"digits": None, "effort": None, "distinct_answers": False}
        quality = Quality(conditions=(lambda variant: "nothing is good enough",))
        drawn(network(vary={"quality": off}), 1, quality)


def test_what_the_file_says_comes_before_the_argument() -> None:
    problem = network(vary={"quality": {"digits": 3, "kink": None}})
    quality = variation_of(problem, quality=Quality(digits=1, effort=None)).quality
    assert (quality.digits, quality.kink, quality.effort) == (3, None, None)


def test_the_conditions_of_a_file_are_those_of_quality_with_the_same_defaults() -> None:
    own = {field.name: getattr(Quality(), field.name) for field in fields(Quality)}
    assert set(QualityForm.model_fields) == own.keys() - {"conditions"}
    for name, field in QualityForm.model_fields.items():
        default = own[name]
        if name == "attempts":
            assert field.default == default
            continue
        text = (
            str(default).lower()
            if isinstance(default, bool)
            else str(float(default))
            if isinstance(default, Fraction)
            else str(default)
        )
        assert (field.description or "").endswith(f"; {text}.")


def test_a_problem_in_which_nothing_varies() -> None:
    parts = ("inputs", "targets", "weights", "biases")
    with pytest.raises(VariationError) as caught:
        variation_of(network(vary=dict.fromkeys(parts, "fixed")))
    assert str(caught.value) == (
        "A network: nothing varies: every number stays, because `vary:` says so or because it is a "
        "convention (biases that start at 0), a truth table, an expression or null. A range such as "
        "`vary: {weights: -1 to 1 by 0.05}` makes variants"
    )


def test_an_answer_that_the_problem_does_not_have() -> None:
    with pytest.raises(VariationError) as caught:
        variation_of(network(), asked=["grad.w1_1_9"])
    assert str(caught.value).startswith("no quantity 'grad.w1_1_9' to ask for; did you mean grad.w1_1_")


def test_diagnosable_variants_tell_mistakes_apart() -> None:
    """With few digits many draws do not; those that are wanted do, question by question."""
    from symbackprop.mistakes import distinguishable, sweep_of

    problem = network(rounding={"digits": 2}, vary={"weights": "-1 to 1 by 0.1"})
    asked = ["grad.w1_1_1", "grad.w2_1_1"]
    variation = variation_of(problem, asked=asked, quality=Quality(diagnosable=True))
    drawn = [variation.draw("7", str(number)) for number in range(6)]
    for one in drawn:
        sweep = sweep_of(one.ledger, one.graph, one.problem)
        for key in asked:
            shown = [answer.shown for answer in distinguishable(sweep, key).answers]
            assert len(shown) == len(set(shown)) and one.ledger.shown(key) not in shown
            assert distinguishable(sweep, key).tells
    assert sum(one.rejected.get("two mistakes with the same number", 0) for one in drawn) > 0


# --- readings ------------------------------------------------------------------------------------------


def test_numbers_beyond_all_doubles_are_read_too() -> None:
    huge = fmpq(10) ** 400
    assert (as_double(huge), as_double(-huge), as_double(fmpq(1, 3))) == (math.inf, -math.inf, 1 / 3)
    wide = Rounding(3, "places", exponent=-9, scientific_below=None)
    answers = Answers(["net.h1", "net.h2", "net.o1"], RoundingPolicy(wide))
    with ctx.workprec(128):
        ball = arb(10) ** 5000 + arb(2).sqrt()
        assert answers.digits({"net.h1": ball, "net.h2": fmpq(0), "net.o1": fmpq(7, 10**12)}) == [
            100,
            None,
            1,
        ]


def test_a_tie_that_a_ball_cannot_tell_is_read_from_its_middle() -> None:
    """Half of the square of the root of 5 is 2.5: no precision tells on which side of the tie it is."""
    with ctx.workprec(128):
        tie = arb(5).sqrt() ** 2 / 2
        rounded = as_printed(tie, Rounding(0, "places", scientific_below=None))
    assert rounded.n in (2, 3) and rounded.unit == 0
    assert as_printed(fmpq(5, 2), Rounding(0, "places", scientific_below=None)).n == 2


def test_how_far_values_are_from_kinks() -> None:
    x, y, zero = Symbol(Name("x"), "x"), Symbol(Name("y"), "y"), Number("0")
    formulas = [
        Cases((x, zero), (Comparison(x, "greater", y), Words("otherwise"))),
        Call("abs", (Sum((x, Number("1"))),)),
        Call("max", (x, y, Number("5"))),
        Call("min", (x, y)),
        Call("abs", (Symbol(Name("z"), "z"),)),  # unknown here
    ]
    found = distances(kinks_of(formulas), {"x": fmpq(4), "y": fmpq(19, 4)})
    assert found == [0.75, 5.0, 0.25, 0.75]
