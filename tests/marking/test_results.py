"""Feedback sheets, the results of a class, and why an answer has its mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from by_hand import KEYS, paper, work, written
from test_diagnosing import LIBRARY

from symbackprop.document.blocks import BarChart, Document
from symbackprop.engines.typst import compile_typst
from symbackprop.errors import SymbackpropError
from symbackprop.marking.answers import Expected, read_answers
from symbackprop.marking.class_marking import class_results
from symbackprop.marking.explaining import explain
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper, Scheme
from symbackprop.marking.result import Marking
from symbackprop.marking.results.class_page import class_page
from symbackprop.marking.results.class_results import ClassResults, answers_csv, points_csv
from symbackprop.marking.results.counting import distribution, item_statistics, mistake_statistics
from symbackprop.marking.results.feedback import feedback
from symbackprop.render.latex import render_latex
from symbackprop.render.plain import render_plain
from symbackprop.render.typst import render_typst

SHEET = paper()


def student(number: int, answers: Mapping[str, str], scheme: Scheme = Scheme()) -> Marking:
    sheet = replace(SHEET, student=f"{number:03}", name=f"Student {number}")
    return mark(sheet, answers, scheme, LIBRARY)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


# --- explanations -----------------------------------------------------------------------------------


def test_why_an_answer_has_its_mark() -> None:
    # z_h1 = 0.15 - 0.48 + 0.15 = -0.18; without its bias -0.33, and sigmoid(-0.33) = 0.41824
    marking = student(1, {"1": "-0.33", "2": "0,4182", "3": "n/a", "4": "x"})
    assert explain(marking, "2") == (
        "Student 1 (001), item 2: act.h1, 1 point\n"
        "written: '0,4182', read as 0.4182\n"
        "compared with the right answer: 0.4551, accepted from 0.45505 to 0.45515: no\n"
        "compared with what follows from the answers to 1, as they are written: 0.4182, accepted from "
        "0.41815 to "
        "0.41825: yes\n"
        "mark: 1 of 1: right given the student's own earlier answers\n"
    )
    assert "written: 'n/a', no answer\nmark: 0 of 1: no answer\n" in explain(marking, "3")
    assert "written: 'x', no number: no number\nmark: 0 of 1: not a number\n" in explain(marking, "act.h2")
    assert "written: nothing" in explain(marking, "13")
    with pytest.raises(SymbackpropError, match=r"no item '14' on the sheet of 001; expected one of 1, 2, 3"):
        explain(marking, "14")


def test_why_a_fitting_answer_earns_nothing() -> None:
    marking = student(1, {"act.h1": "0", **{key: "" for key in KEYS if key != "act.h1"}, "net.o1": "0.1746"})
    # net.o1 = 0 * 0.9 - 0.6441 * 0.35 + 0.4 = 0.1746
    assert (
        "yes, but the answer to 2 leaves nothing to work out: it is zero, which makes what follows vanish\n"
        in explain(marking, "5")
    )
    why = "nothing that follows from it earns marks: the answer to 2 leaves nothing to work out: it is zero"
    assert why in explain(marking, "2") and why in explain(marking, "5")
    said = render_plain(feedback(marking, "Homework"))
    assert "it follows from your answer to 2, but your answer to 2 leaves nothing to work out" in said


def test_the_mistake_in_an_explanation() -> None:
    v = work({"net.o1": lambda z: z - 0.4})
    text = explain(student(1, written(v)), "net.o1")
    assert "gives 0.1842 from right values: no bias (bias_left_out)" in text


# --- feedback ---------------------------------------------------------------------------------------


def test_everything_right() -> None:
    said = lines(render_plain(feedback(student(1, written(work())), "Homework 2")))
    assert said[:3] == ["FEEDBACK", "Homework 2", "Student 1 · 001 · K7Q2"]
    assert "You have 13 of 13 points. Everything is right: well done." in said
    assert not any(word in line for line in said for word in ("Right:", "Remarks", "Your answer"))


def test_what_is_simply_right_is_counted_and_the_rest_in_the_table() -> None:
    answers = {**written(work({"net.o1": lambda z: z - 0.4})), "net.h1": "n/a"}
    said = lines(render_plain(feedback(student(1, answers), "Homework 2")))
    assert any(line.startswith("Right: 2 to 4") for line in said)
    rows = [line.split()[0] for line in said if line[:1].isdigit() and " of 1 " in line]
    # 1 has no answer, 5 lacks its bias, and what follows from 5 is right given that
    assert rows[:2] == ["1", "5"] and "6" in rows and not {"2", "3", "4"} & set(rows)


def test_a_remark_for_what_went_wrong() -> None:
    answers = written(work({"net.o1": lambda z: z - 0.4}))
    answers |= {"net.h1": "(0.18)", "act.h2": "0.64", "net.h2": "five", "new.w1_1_2": "0.1234"}
    said = render_plain(feedback(student(1, answers), "Homework 2"))
    assert "“(0.18)” may be 0.18 or -0.18. Please tell which one you mean." in said
    assert "“five” could not be read as a number (no number)." in said
    assert "right as far as it goes, but more digits are asked for: 0.6441." in said
    assert "The bias is missing." in said
    assert "this one is not right; compare your work with the worked solution." in said
    assert "right given your 5" in said


def test_the_same_is_said_once_of_several_answers() -> None:
    # an activation of 0 is none of a sigmoid: all that follows from it fits and earns nothing
    v = work({"act.h1": lambda a: 0.0})
    said = " ".join(render_plain(feedback(student(1, written(v)), "Homework 2")).split())
    assert said.count("but your answer to 2 leaves nothing to work out") == 1
    assert "these follow from earlier answers of yours, but your answer to 2 leaves nothing" in said


def test_what_is_said_of_several_answers_is_said_in_the_plural() -> None:
    answers = {**written(work()), "net.h1": "3.1234", "net.h2": "2.7777"}
    said = " ".join(render_plain(feedback(student(1, answers), "Homework 2")).split())
    assert "these are not right; compare your work" in said and "this one is not right" not in said


def test_items_are_counted_as_spans() -> None:
    from symbackprop.marking.results.feedback import _spans

    items = [str(number) for number in range(1, 13)]
    assert _spans(["3"], items) == "3"
    assert _spans(["9", "1", "2"], items) == "1, 2 and 9"
    assert _spans(["4", "5", "6", "10", "11", "12"], items) == "4 to 6 and 10 to 12"


def test_an_endless_answer_is_cut() -> None:
    said = render_plain(feedback(student(1, {"net.h1": "1" * 400, "act.h1": "1e-400"}), "Homework 2"))
    assert max(map(len, said.splitlines())) < 110
    assert "1" * 24 + "..." in said and "1e-400" in said


def test_right_answers_can_be_kept_back() -> None:
    answers = {**written(work()), "net.h1": "0.1234"}
    shown = render_plain(feedback(student(1, answers), "Homework 2"))
    hidden = render_plain(feedback(student(1, answers), "Homework 2", answers=False))
    assert "Right answer" in shown and "−0.1800" in shown
    assert "Right answer" not in hidden and "−0.1800" not in hidden


# --- the class --------------------------------------------------------------------------------------


def results() -> ClassResults:
    slips = {"net.o1": lambda z: z - 0.4}
    markings = (
        student(1, written(work())),
        student(2, written(work(slips))),
        student(3, {**written(work()), "net.h1": "=2+2", "act.h1": "1,234e9", "loss": ""}),
        student(4, {}),
    )
    return ClassResults("Homework 2", markings, ("answers.csv:9: no such item",), ("Bo (7)",), ("Cy (8)",))


def test_the_numbers_of_a_class() -> None:
    markings = results().markings
    assert [marking.total for marking in markings] == [13, 12, 10, 0]
    assert distribution(markings) == [1, 0, 0, 0, 0, 0, 0, 1, 0, 2]
    found = item_statistics(markings)
    assert [one.item for one in found] == [str(number) for number in range(1, 14)]
    assert [found[place].share for place in (0, 2, 4, 6)] == [Fraction(n, 4) for n in (2, 3, 2, 2)]
    assert found[4].statuses == {"right": 2, "wrong": 1, "blank": 1}
    (made,) = mistake_statistics(markings)
    assert (made.mistake, made.times, list(made.students), made.items) == (
        "bias_left_out", 1, ["002"], {"5": 1},
    )  # fmt: skip


def test_the_csv_files() -> None:
    rows = list(csv.reader(io.StringIO(points_csv(results()))))
    assert rows[0] == ["id", "name", "code", "points", "out of", *(str(number) for number in range(1, 14))]
    assert rows[2] == ["002", "Student 2", "K7Q2", "12", "13", *"1111011111111"]
    rows = list(csv.reader(io.StringIO(answers_csv(results()))))
    assert len(rows) == 1 + 4 * 13
    found = "0.1842,0.1842,wrong,0,1,0.5842,bias_left_out,,wrong"
    assert rows[18] == ["002", "Student 2", "5", "net.o1", *found.split(",")]
    # no spreadsheet takes what a student wrote for a formula
    assert rows[27][4] == "'=2+2"
    half = student(1, written(work({"net.h1": lambda z: z - 0.15})), Scheme(follow_through=Fraction(1, 2)))
    row = points_csv(ClassResults("Homework", (half,))).splitlines()[1].split(",")
    assert row[6] == "0.5" and Fraction(row[3]) == half.total


def all_charts(page: Document) -> list[BarChart]:
    return [block for block in page.blocks if isinstance(block, BarChart)]


def test_the_page_of_a_class() -> None:
    page = class_page(results())
    points, items, mistakes = all_charts(page)
    assert [bar.text for bar in points.bars] == ["1", "0", "0", "0", "0", "0", "0", "1", "0", "2"]
    assert [bar.share for bar in items.bars][:5] == [0.5, 0.5, 0.75, 0.75, 0.5]
    assert [bar.text for bar in mistakes.bars] == ["1"]
    said = render_plain(page)
    assert "4 papers marked. Mean 8.75 of 13 points, median 11." in said
    for words in ("answers.csv:9: no such item", "Bo (7)", "Cy (8)", "Student 3, item 1: “=2+2”"):
        assert words in said
    assert compile_typst(render_typst(page)) and r"\begin{tikzpicture}" in render_latex(page)
    assert compile_typst(render_typst(feedback(results().markings[1], "Homework 2")))


def test_an_empty_class() -> None:
    assert all_charts(class_page(ClassResults("Homework 2", ()))) == []
    assert points_csv(ClassResults("Homework 2", ())) == "id,name,code,points,out of\n"


class Set:
    """A class of three with the same numbers."""

    title = "Homework 2"
    papers: Mapping[str, Expected] = {
        one: Expected(one, f"Student {one}", "", {asked.item: asked.key for asked in SHEET.questions})
        for one in ("1", "2", "3")
    }

    def paper(self, student: str) -> Paper:
        return replace(SHEET, student=student, name=f"Student {student}")


def test_marking_a_class(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("id,1,2\n1,-0.18,0.4551\n2,-0.18,0.4551\n9,1,1\n", encoding="utf-8")
    class_set = Set()
    read = read_answers(path, class_set.papers.values())
    marking = mark(class_set.paper("1"), read.submissions["1"].answers)
    found = class_results(class_set, read, {"1": marking, "2": "its numbers are lost"})
    assert [(marking.student, marking.total) for marking in found.markings] == [("1", 2)]
    assert [fault.rpartition("/")[2] for fault in found.faults] == [
        "answers.csv:4: no student of the class; given 9; expected an id of the class",
        "Student 2 (2): the paper cannot be marked: its numbers are lost",
    ]
    assert (found.withheld, found.absent) == (("Student 2 (2)",), ("Student 3 (3)",))


def test_marks_are_the_same_whenever_they_are_made() -> None:
    assert answers_csv(results()) == answers_csv(results())
    assert render_typst(class_page(results())) == render_typst(class_page(results()))
