"""A class of 500: the marks are exact, and they are there in seconds."""

from __future__ import annotations

import random
import time
from collections import Counter

from simulated import Student, networks, paper_of, student

from symbackprop.marking.explaining import explain
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper

STUDENTS, SEED = 500, 2026

#: By what an answer deserves: how it is found, but for numbers that are the same by chance.
FOUND = {
    "right": ("right", "carried"),
    "follow_through": ("follow_through",),
    "wrong": ("wrong",),
    "nothing": ("blank", "unreadable"),
}


def classmates() -> list[tuple[Paper, Student]]:
    lot = random.Random(SEED)
    drawn = networks(lot)
    found = []
    for number in range(STUDENTS):
        network = next(drawn)
        found.append((paper_of(network, number), student(network, lot)))
    return found


def test_marks_are_exact() -> None:
    mates = classmates()
    began = time.process_time()
    markings = [mark(sheet, one.answers) for sheet, one in mates]
    seconds = time.process_time() - began
    counted: Counter[str] = Counter()
    unjust, otherwise = [], 0
    for marking, (_, one) in zip(markings, mates, strict=True):
        for item in marking.items:
            deserved = one.deserved[item.question.key]
            counted[deserved] += 1
            otherwise += item.status not in FOUND[deserved]
            if item.points != (deserved in ("right", "follow_through")):
                unjust.append(f"{deserved}, {one.slipped}: {explain(marking, item.question.item)}")
    answers = sum(counted.values())
    print(f"{STUDENTS} students, {answers} answers ({dict(counted)}), marked in {seconds:.1f} s")
    assert not unjust, "\n".join(unjust)
    assert otherwise < answers / 1000
    assert min(counted["wrong"], counted["follow_through"]) > 500
    assert seconds < 20
