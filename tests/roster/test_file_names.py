"""File names of students: safe on every system, unique, and the same whoever else is in the class."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.roster import RosterError, Student, file_names, numbered_roster

#: Names that Windows keeps for devices, whatever the ending.
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?")

TEXT = st.text(max_size=60) | st.sampled_from(
    ["con", "NUL", ".", "..", "a/b", "-rf", "~", "CON.pdf", "a\0b", "İ", "ß"]
)
CLOSE = st.text("aA1-_. 李é", max_size=4)


@pytest.mark.parametrize(
    ("student", "name"),
    [
        (Student("1001", "Anna Kowalska"), "anna-kowalska_1001"),
        (Student("007", "Łukasz Żółć"), "lukasz-zolc_007"),
        (Student("S007", "Seán O'Neil-Smith, Jr."), "sean-oneil-smith-jr_S007"),
        (Student("asmith12", "Anna Smith"), "anna-smith__asmith12"),
        (Student("A-12", "李小明"), "li-xiao-ming_A-12"),
        (Student("5", "김철수"), "gimcheolsu_5"),
        (Student("5", "Иван Щербаков"), "ivan-shcherbakov_5"),
        (Student("5", "عبد"), "bd_5"),
        (Student("001"), "student_001"),
        (Student("con", "nul"), "nul__con"),
        # sha256 of the ids, in base32: worked out with coreutils
        (Student("a.b@x.edu", "Anna"), "anna_a-b-x-edu_DIGEST"),
        (Student("李", "!!!"), "student_li_DIGEST"),
    ],
)
def test_examples(student: Student, name: str) -> None:
    digests = {"a.b@x.edu": "ex5sen7v", "李": "yftgpsty"}
    assert file_names([student])[student.id] == name.replace("DIGEST", digests.get(student.id, ""))


@settings(max_examples=500)
@given(
    st.lists(st.tuples(TEXT | CLOSE, TEXT | CLOSE), min_size=1, max_size=12, unique_by=lambda pair: pair[0])
)
def test_safe_unique_and_independent_of_the_others(pairs: list[tuple[str, str]]) -> None:
    students = [Student(id_, name) for id_, name in pairs]
    names = file_names(students)
    assert len({name.casefold() for name in names.values()}) == len(students)
    for student in students:
        name = names[student.id]
        assert re.fullmatch(r"[a-z0-9][A-Za-z0-9_-]*[A-Za-z0-9]", name)
        assert len(name) <= 95 and not RESERVED.fullmatch(name)
        assert file_names([student]) == {student.id: name}
    random.Random(0).shuffle(students)
    assert file_names(students) == names


def test_ids_that_differ_in_capitals_only() -> None:
    names = file_names([Student(one, "Anna") for one in ("s1", "S1", "aB", "Ab", "AB", "ab")])
    assert len({name.casefold() for name in names.values()}) == 6


def test_a_name_cannot_pass_for_anothers_id() -> None:
    students = [
        Student("b-1", "a"),
        Student("1", "a b"),
        Student("1-1", "a-b"),
        Student("A_B", ""),
        Student("B", "a"),
    ]
    assert len(set(file_names(students).values())) == 5


def test_numbered_students() -> None:
    assert list(file_names(numbered_roster(2).students).values()) == ["student_001", "student_002"]


def test_an_id_that_stands_twice() -> None:
    with pytest.raises(RosterError) as caught:
        file_names([Student("1", "A"), Student("1", "B")])
    assert str(caught.value) == "id: an id stands twice; given 1; expected each id once"
