"""Whatever the names and ids, what is written as a class list is read back, through every dialect."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symbackprop.roster.reading import parse_roster

SEPARATORS = st.sampled_from([",", ";", "\t"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])

#: Every character that a person can type: no controls, surrogates, or invisible ones, and no odd spaces.
TYPED = st.characters(
    exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Zs"), exclude_characters="\ufffe\uffff"
)
TEXT = st.text(st.one_of(TYPED, st.sampled_from(" ,;\"'\t\n=#")), min_size=1, max_size=20)


def cleaned(text: str) -> str:
    """Return text as a reader of a list sees it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


IDS = st.lists(TEXT.map(cleaned), unique=True, min_size=1, max_size=6).filter(
    lambda ids: all(one and not one.startswith("=") and "E+" not in one.upper() for one in ids)
)


def written(rows: list[list[str]], separator: str, line_end: str, encoding: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=line_end).writerows(rows)
    return stream.getvalue().encode(encoding)


@settings(max_examples=300)
@given(IDS, st.data(), SEPARATORS, LINE_ENDS, ENCODINGS)
def test_two_columns_for_the_name(
    ids: list[str], data: st.DataObject, separator: str, line_end: str, encoding: str
) -> None:
    names = [(data.draw(TEXT.map(cleaned)), data.draw(TEXT.map(cleaned))) for _ in ids]
    assume(all(first and last and first[0] != "=" != last[0] for first, last in names))
    rows = [[one, last, first] for one, (first, last) in zip(ids, names, strict=True)]
    roster = parse_roster(written([["ID", "Surname", "First name"], *rows], separator, line_end, encoding))
    assert [student.id for student in roster.students] == ids
    for student, (first, last) in zip(roster.students, names, strict=True):
        assert student.name in (cleaned(f"{first} {last}"), cleaned(last + first))


WORDS = st.text(TYPED.filter(lambda one: one not in ",="), min_size=1, max_size=12).map(cleaned).filter(bool)


@settings(max_examples=300)
@given(IDS, st.data(), SEPARATORS, LINE_ENDS, ENCODINGS)
def test_one_column_for_the_name_in_either_order(
    ids: list[str], data: st.DataObject, separator: str, line_end: str, encoding: str
) -> None:
    names = [data.draw(WORDS) + " " + data.draw(WORDS) for _ in ids]
    rows = [[name, one] for one, name in zip(ids, names, strict=True)]
    roster = parse_roster(written([["Name", "Student ID"], *rows], separator, line_end, encoding))
    expected = list(zip(ids, map(cleaned, names), strict=True))
    assert [(student.id, student.name) for student in roster.students] == expected


def western(codec: str) -> Callable[[str], bool]:
    def writes(text: str) -> bool:
        try:
            text.encode(codec)
        except UnicodeEncodeError:
            return False
        return True

    return writes


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 10**9).map(str), unique=True, min_size=1, max_size=5),
    st.text(st.characters(codec="cp1252", categories=("L", "N", "P", "S")), min_size=1, max_size=12),
    SEPARATORS,
)
def test_any_western_name_when_its_encoding_is_named(ids: list[str], name: str, separator: str) -> None:
    assume("," not in name and not name.startswith("="))
    content = written([["ID", "Name"], *([one, name] for one in ids)], separator, "\r\n", "cp1252")
    roster = parse_roster(content, encoding="cp1252")
    assert [(student.id, student.name) for student in roster.students] == [
        (one, cleaned(name)) for one in ids
    ]


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 10**9).map(str), unique=True, min_size=2, max_size=5),
    st.lists(st.sampled_from(["Jörg", "Zoë", "François", "Núñez", "Ødegård", "Groß", "Ærø"]), min_size=1),
    SEPARATORS,
    st.booleans(),
)
def test_western_names_without_a_word_on_the_encoding(
    ids: list[str], names: list[str], separator: str, headings: bool
) -> None:
    rows = [[one, " ".join([*names[:3], "Ab" + "cd" * number])] for number, one in enumerate(ids)]
    top = [["ID", "Name"]] if headings else []
    roster = parse_roster(written([*top, *rows], separator, "\n", "latin-1"))
    assert [[student.id, student.name] for student in roster.students] == rows
