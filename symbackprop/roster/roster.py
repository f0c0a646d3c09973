"""The students of a class."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ProblemError

#: More students than this are a slip of the keyboard.
MOST_STUDENTS = 100_000


class RosterError(ProblemError):
    """A class list that cannot be used; the text reads like that of any other file's error."""


@dataclass(frozen=True)
class Student:
    """One student.

    id: text that is never read as a number, so "007" stays "007". name: as it is printed on a sheet, ""
    where a line for it is left free. line: where the student stands in the file, None if in none.
    """

    id: str
    name: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Skipped:
    """A line of a class list that is no student, such as Canvas's "Points Possible"."""

    line: int
    text: str


@dataclass(frozen=True)
class Roster:
    """The students of a class in the order of the list, no id twice."""

    students: tuple[Student, ...]
    file: str = ""
    skipped: tuple[Skipped, ...] = ()


def numbered_roster(count: int) -> Roster:
    """Return so many students without a name.

    The ids are "001", "002" and so on. They do not depend on the count, so a larger class has the
    sheets of the smaller one and some more.

    Raises:
        RosterError: the count is not positive, or far too large.
    """
    if not 0 < count <= MOST_STUDENTS:
        raise RosterError(
            "not a number of students", field="count", given=count, expected=f"1 to {MOST_STUDENTS}"
        )
    return Roster(tuple(Student(f"{number:03}") for number in range(1, count + 1)))
