"""Marks: right, carried, within the tolerance, following from own answers; and what earns nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from by_hand import KEYS, STEPS, paper, problem, sigmoid, work, written

from symbackprop import NotationChoice
from symbackprop.formulas.terms import Number
from symbackprop.marking.accepting import Tolerance
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper, Question, Scheme, solved
from symbackprop.marking.reading import Ambiguous, Written

#: What depends on act.h1, from the network's picture.
AFTER_H1 = {
    "net.o1", "act.o1", "loss", "dE_dnet.o1", "grad.w2_1_1", "new.w2_1_1", "dE_dnet.h1", "grad.w1_1_2",
    "new.w1_1_2",
}  # fmt: skip


def statuses(sheet: Paper, answers: Mapping[str, str], scheme: Scheme = Scheme()) -> dict[str, str]:
    return {item.question.key: item.status for item in mark(sheet, answers, scheme).items}


def test_right_answers() -> None:
    marking = mark(paper(), written(work()))
    assert {item.status for item in marking.items} == {"right"}
    assert marking.total == marking.points == len(KEYS)


def test_more_digits_are_fine_if_they_are_right() -> None:
    exact = work()
    assert set(statuses(paper(), written(exact, 9)).values()) == {"right"}
    # grad.w2_1_1 = -0.034... : five digits of which the last two are wrong
    wrong = f"{exact['grad.w2_1_1'] + 0.0006:.6f}"
    assert statuses(paper(["grad.w2_1_1"]), {"1": wrong}) == {"grad.w2_1_1": "wrong"}


def test_rounded_values_carried_on() -> None:
    # with two places this student differs from the right answers in the second half
    rounded, exact = work(rounding=2), work()
    different = {key for key in KEYS if f"{rounded[key]:.2f}" != f"{exact[key]:.2f}"}
    assert different
    found = statuses(paper(digits=2), written(rounded, 2))
    assert found == {key: "carried" if key in different else "right" for key in KEYS}
    assert mark(paper(digits=2), written(rounded, 2)).total == len(KEYS)


def test_exact_values_where_the_sheet_carries_rounded_ones() -> None:
    sheet, exact = paper(digits=2, carry="shown"), work()
    right = {key: str(sheet.parts[0].ledger.shown(key)) for key in KEYS}
    found = statuses(sheet, written(exact, 2))
    assert found == {key: "right" if right[key] == f"{exact[key]:.2f}" else "carried" for key in KEYS}
    assert "carried" in found.values()


@pytest.mark.parametrize("rounding", [None, 4])
def test_follow_through(rounding: int | None) -> None:
    # the bias of h1 is left out; the student goes on with what comes out, rounded or not
    own = work({"net.h1": lambda z: z - 0.15}, rounding=rounding)
    found = statuses(paper(), written(own))
    assert found["net.h1"] == "wrong"
    assert found["net.h2"] == found["act.h2"] == "right"
    exact = work()
    for key in {"act.h1", *AFTER_H1}:
        same = f"{own[key]:.4f}" == f"{exact[key]:.4f}"
        assert found[key] == ("right" if same else "follow_through"), key
    assert sum(status == "follow_through" for status in found.values()) >= 8


def test_follow_through_earns_the_marks_set_for_it() -> None:
    own = work({"net.h1": lambda z: z - 0.15})
    scheme = Scheme(follow_through=Fraction(1, 2))
    marking = mark(paper(["net.h1", "act.h1"]), written(own), scheme)
    assert [item.points for item in marking.items] == [0, Fraction(1, 2)]
    sheet = paper(["net.h1", "act.h1"])
    full = replace(sheet.questions[1], follow_through=Fraction(1), points=Fraction(3))
    marking = mark(replace(sheet, questions=(sheet.questions[0], full)), written(own), scheme)
    assert [item.points for item in marking.items] == [0, 3]


def test_two_slips_in_a_row() -> None:
    own = work({"net.h1": lambda z: z - 0.15, "dE_dnet.o1": lambda d: -d})
    found = statuses(paper(), written(own))
    assert found["net.h1"] == found["dE_dnet.o1"] == "wrong"
    assert found["act.o1"] == found["grad.w2_1_1"] == found["new.w1_1_2"] == "follow_through"


def test_blank_and_unasked_steps_are_passed_through() -> None:
    own = written(work({"net.h1": lambda z: z - 0.15}, rounding=4))
    found = statuses(paper(), {key: own[key] for key in ("net.h1", "net.o1", "act.o1")})
    assert found["act.h1"] == "blank"
    assert found["net.o1"] == found["act.o1"] == "follow_through"
    found = statuses(paper(["net.h1", "grad.w2_1_1"]), own)
    assert found == {"net.h1": "wrong", "grad.w2_1_1": "follow_through"}


def test_right_in_itself_stays_right_after_a_wrong_answer() -> None:
    answers = written(work())
    answers["act.h1"] = "0.7000"
    found = statuses(paper(), answers)
    assert found["act.h1"] == "wrong"
    assert all(found[key] == "right" for key in KEYS if key != "act.h1")


def test_an_answer_that_follows_from_another_wrong_one_is_wrong() -> None:
    own = work({"net.h1": lambda z: z - 0.15})
    answers = written(own)
    answers["act.o1"] = f"{sigmoid(own['net.o1'] + 0.3):.4f}"
    assert statuses(paper(), answers)["act.o1"] == "wrong"


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("net.h1", "0", "it is zero, which makes what follows vanish"),
        ("act.h1", "0.0000", "it is zero, which makes what follows vanish"),
        ("act.h1", "1.2000", "it is outside the values from 0 to 1 that the function takes"),
        ("act.h1", "-0.4", "it is outside the values from 0 to 1 that the function takes"),
        ("act.h1", "1", "it is outside the values from 0 to 1 that the function takes"),
        ("net.h1", "-500", "it is more than 1000 times too large"),
        ("act.h1", "0.0004", "it is more than 1000 times too small"),
    ],
)
def test_an_emptied_problem_earns_nothing_downstream(key: str, value: str, why: str) -> None:
    own = work({key: lambda _: float(value)})
    answers = {**written(own), key: value}
    marking = mark(paper(), answers)
    item = marking[key].question.item
    assert marking[key].emptied == f"{item} leaves nothing to work out: {why}"
    assert {marked.emptied for marked in marking.items} <= {"", marking[key].emptied}
    exact = work()
    after = KEYS[KEYS.index(key) + 1 :]
    for later in after:
        if f"{own[later]:.4f}" != f"{exact[later]:.4f}":
            assert marking[later].points == 0, later


def test_a_vanishing_consequence_earns_nothing() -> None:
    # act.o1 answered with the target itself: the error term, and everything after, is zero
    own = work({"act.o1": lambda _: 0.99999})
    marking = mark(paper(), {**written(own), "act.o1": "0.99999"})
    assert marking["act.o1"].status == "wrong" and not marking["act.o1"].emptied
    assert marking["dE_dnet.o1"].points == marking["grad.w2_1_1"].points == 0


def test_two_names_for_one_thing_do_not_vouch_for_each_other() -> None:
    right = work()["dE_dnet.o1"]
    wrong = {"dE_dnet.o1": f"{2 * right:.4f}", "delta.o1": f"{-2 * right:.4f}"}
    found = statuses(paper(["dE_dnet.o1", "delta.o1"]), wrong)
    assert found == {"dE_dnet.o1": "wrong", "delta.o1": "follow_through"}
    found = statuses(paper(["delta.o1", "dE_dnet.o1"]), wrong)
    assert found == {"delta.o1": "wrong", "dE_dnet.o1": "follow_through"}


def test_relations_of_the_delta_rule() -> None:
    v = work()
    delta = -2 * v["dE_dnet.o1"]
    keys = ["delta.o1", "grad.w2_1_1", "step.w2_1_1", "new.w2_1_1"]
    gradient = -delta * v["act.h1"]
    answers = [delta, gradient, -0.5 * gradient, 0.9 - 0.5 * gradient]
    texts = {str(number): f"{value:.4f}" for number, value in enumerate(answers, 1)}
    expected = dict(zip(keys, ["wrong", *["follow_through"] * 3], strict=True))
    assert statuses(paper(keys), texts) == expected
    # a wrong step, and the new weight that it makes
    texts = {"1": f"{-v['dE_dnet.o1']:.4f}", "3": "0.2000", "4": "1.1000"}
    found = statuses(paper(keys), texts)
    assert (found["step.w2_1_1"], found["new.w2_1_1"]) == ("wrong", "follow_through")


def test_by_the_displayed_formula_past_an_own_answer() -> None:
    # grad.w1_1_2 worked out by the whole chain from own dE_dnet.o1, past a wrong dE_dnet.h1
    v = work({"dE_dnet.o1": lambda d: 2 * d})
    answers = {**written(v), "dE_dnet.h1": "0.0500"}
    assert statuses(paper(), answers)["grad.w1_1_2"] == "follow_through"


def test_tolerance() -> None:
    v = work()
    off = {"1": f"{v['net.h1'] + 0.0009:.4f}"}
    assert statuses(paper(["net.h1"]), off) == {"net.h1": "wrong"}
    scheme = Scheme(tolerance=Tolerance(absolute=Number("0.001")))
    assert statuses(paper(["net.h1"]), off, scheme) == {"net.h1": "tolerance"}
    sheet = paper(["net.h1"])
    own = replace(sheet.questions[0], tolerance=Tolerance(absolute=Number("0.0001")))
    assert statuses(replace(sheet, questions=(own,)), off, scheme) == {"net.h1": "wrong"}


def test_fewer_digits_than_asked() -> None:
    v = work()
    texts = {"1": f"{v['act.h1']:.2f}"}  # 0.46 for 0.4552
    assert mark(paper(["act.h1"]), texts).items[0].status == "fewer_digits"
    assert mark(paper(["act.h1"]), texts).total == 0
    assert mark(paper(["act.h1"]), texts, Scheme(fewer_digits=Fraction(1, 2))).total == Fraction(1, 2)
    one_digit = {"1": f"{v['act.h1']:.1f}"}
    assert statuses(paper(["act.h1"]), one_digit, Scheme(fewer_digits=Fraction(1))) == {"act.h1": "wrong"}
    own = work({"net.h1": lambda z: z - 0.15}, rounding=3)
    found = statuses(paper(), written(own, 3), Scheme(fewer_digits=Fraction(1)))
    assert found["net.h1"] == "wrong"
    assert found["act.o1"] == found["dE_dnet.o1"] == "follow_through"


def test_zeros_that_a_spreadsheet_drops_are_no_missing_digits() -> None:
    sheet = Paper("s1", "Ada", "", (solved(problem()),), (Question("1", "new.b2_1"), Question("2", "net.h1")))
    # net.h1 = 0.15 - 0.48 + 0.15 = -0.18
    assert statuses(sheet, {"2": "-0.18"})["net.h1"] == "right"


def test_a_decimal_comma_and_what_is_asked_back() -> None:
    # the other answers tell that this student's comma is a decimal mark
    answers = {
        key: text.replace(".", ",") for key, text in written(work({"net.h1": lambda _: 1.234})).items()
    }
    assert statuses(paper(), {**answers, "net.h1": "1,234"})["act.h1"] == "follow_through"
    # nothing tells whether brackets mean minus: net.h1 is -0.18
    asked = mark(paper(["net.h1"]), {"1": "(0.18)"}).items[0]
    assert (asked.status, asked.points) == ("ambiguous", 0)
    # neither 1.234 nor 1234 is right, so there is nothing to ask
    assert statuses(paper(["act.h1"]), {"1": "1,234"}) == {"act.h1": "wrong"}


def test_the_decimal_mark_of_the_sheet_where_a_students_own_does_not_tell() -> None:
    german = replace(problem(3), notation=NotationChoice(options={"decimal": ","}))
    part = solved(german)
    sheet = Paper("s1", "Ada", "", (part,), (Question("1", "act.h1"),))
    points, commas = paper(["act.h1"], digits=3), sheet
    wide = {"1": "1,234"}
    assert isinstance(mark(points, wide).items[0].reading, Ambiguous)
    assert isinstance(mark(commas, wide).items[0].reading, Written)
    assert isinstance(mark(commas, wide, Scheme(decimal_mark=".")).items[0].reading, Ambiguous)


def test_a_quantity_that_is_asked_twice() -> None:
    policy = problem(again={"loss~2": {"digits": 2}})
    questions = (Question("1", "loss"), Question("2", "loss~2"))
    sheet = Paper("s1", "Ada", "", (solved(policy),), questions)
    loss = work()["loss"]
    assert statuses(sheet, {"1": f"{loss:.4f}", "2": f"{loss:.2f}"}) == {"loss": "right", "loss~2": "right"}
    assert statuses(sheet, {"1": f"{loss:.4f}", "2": "9"}) == {"loss": "right", "loss~2": "wrong"}


def test_two_problems_on_one_sheet() -> None:
    one, two = solved(problem()), solved(problem(2))
    questions = (Question("1", "net.h1"), Question("2", "act.h1", part=1), Question("3", "act.h1"))
    sheet = Paper("s1", "Ada", "", (one, two), questions)
    wrong = "0.3000"
    follows = STEPS["act.h1"]({"net.h1": 0.3})
    # what is wrong in the first problem is no excuse in the second
    marking = mark(sheet, {"1": wrong, "2": f"{follows:.2f}", "3": f"{follows:.4f}"})
    assert [item.status for item in marking.items] == ["wrong", "wrong", "follow_through"]
