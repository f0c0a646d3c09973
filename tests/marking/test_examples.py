"""Every built-in example as a paper: right answers are right, and no answer breaks the marking."""

from __future__ import annotations

import random

import pytest

from symbackprop import example_names, load_problem
from symbackprop.marking.catalogue import built_in_library
from symbackprop.marking.explaining import explain
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper, Question, solved
from symbackprop.marking.results.feedback import feedback
from symbackprop.render.plain import render_plain

#: So many quantities of an example are asked.
MOST = 40


def sheet(name: str) -> Paper:
    part = solved(load_problem(name))
    known = [key for key in part.ledger if part.ledger.known(key)]
    step = max(1, len(known) // MOST)
    questions = tuple(Question(str(number), key) for number, key in enumerate(known[::step], 1))
    return Paper("s1", "Ada", "", (part,), questions)


@pytest.mark.parametrize("name", example_names())
def test_an_example(name: str) -> None:
    paper = sheet(name)
    right = {q.item: str(paper.of(q).ledger.shown(q.key)) for q in paper.questions}
    marking = mark(paper, right)
    assert {item.status for item in marking.items} == {"right"}
    lot = random.Random(name)
    for _ in range(3):
        answers = dict(right)
        for item in lot.sample(sorted(answers), len(answers) // 4 + 1):
            text = answers[item]
            answers[item] = lot.choice((f"-{text}", "0", "", text[:-1], f"{text}1", "0.5", "7e3", "1/3", "x"))
        marking = mark(paper, answers, library=built_in_library())
        assert 0 <= marking.total <= marking.points
        assert render_plain(feedback(marking, name))
        for item in marking.items:
            assert f"item {item.question.item}: {item.question.key}" in explain(marking, item.question.item)
            if answers[item.question.item] == right[item.question.item]:
                assert item.status == "right", explain(marking, item.question.item)
