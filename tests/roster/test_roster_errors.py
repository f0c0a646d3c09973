"""What is wrong with a class list: the texts, with file and line."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.errors import ProblemError, SymbackpropError
from symbackprop.roster import RosterError, numbered_roster, read_roster
from symbackprop.roster.reading import parse_roster

ID_EXAMPLES = "expected a heading such as id, ID number, student number, Matrikelnummer, SIS User ID"
SAVE = "Save it as CSV (in Excel: Save As, CSV UTF-8)."
AS_UTF8 = "Save it as UTF-8 (in Excel: Save As, CSV UTF-8), or name its encoding."


def refusal(content: str | bytes, encoding: str | None = None) -> str:
    with pytest.raises(RosterError) as caught:
        parse_roster(content.encode() if isinstance(content, str) else content, "class.csv", encoding)
    assert isinstance(caught.value, ProblemError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "class.csv: the file is empty; expected a line for each student"),
        ("\ufeff\n;;\n", "class.csv: the file is empty; expected a line for each student"),
        (
            "ID,Name\n\n",
            "class.csv:1: no student stands below the headings; expected a line for each student",
        ),
        (
            "ID,Name\n1,Anna\n\n1,Bob\n",
            "class.csv:4: id: the id of line 2 again; given 1; expected an id of its own for every student",
        ),
        (
            "Name;Matrikelnr\nAnna;1\nBob;\n",
            "class.csv:3: Matrikelnr: no id; given Bob; expected an id for every student",
        ),
        ("ID,Name\n1,\n", "class.csv:2: name: no name; given id 1; expected the student's name"),
        (
            "ID,Name\n1,Anna\n2,Kowalski, Jan\n",
            "class.csv:3: more cells than there are headings; given 2, Kowalski, Jan; expected 2. "
            'A name with a comma stands in quotes: "Kowalski, Anna".',
        ),
        (
            "ID,Name\n1.23457E+08,Anna\n",
            "class.csv:2: ID: Excel has cut this id short; given 1.23457E+08; expected the whole id. "
            "Format the column as text before pasting the ids.",
        ),
        (
            "ID,Name\n1," + "x" * 201 + "\n",
            "class.csv:2: name: far too long; given "
            + "x" * 60
            + "...; expected at most 200 characters; is a quote never closed?",
        ),
        ('ID,Name\n1,A\n2,"B\n3,C\n', "class.csv:3: a quote is opened and never closed"),
        (
            'ID,Name\n1,"A"B\n',
            'class.csv:2: text stands after a closing quote; a " inside a cell is written ""',
        ),
        (
            'ID;Name\n1;"A"B\n',
            'class.csv:2: text stands after a closing quote; a " inside a cell is written ""',
        ),
        (
            "ID,Name\n1," + "x" * 140_000,
            "class.csv:2: a cell is longer than 131072 characters; is a quote never closed?",
        ),
        ("ID,Name\n1,A\x07\n", "class.csv:2: holds the control character U+0007; expected printable text"),
        (
            "ID,Jina\n1,Anna\n",
            "class.csv:1: no column of names was found; given ID, Jina; expected a heading such as name, "
            "first name and last name, Vorname and Nachname, 姓名",
        ),
        (
            "Title\n\nName,Group\nAnna,A\n",
            f"class.csv:3: no column of ids was found; given Name, Group; {ID_EXAMPLES}",
        ),
        (
            "Nr;Name\n1;Anna\n",
            f"class.csv:1: no column of ids was found; given Nr, Name; {ID_EXAMPLES}. Nr seems to count "
            "the lines; call it id if a student keeps the number when the list changes.",
        ),
        ("Anna\nBob\n", f"class.csv:1: no column of ids was found; given Anna; {ID_EXAMPLES}"),
        (
            "1,1001,Anna\n2,1002,Bob\n",
            "class.csv:1: 2 columns could be the ids, and there are no headings; given 1, 1001, Anna; "
            "expected a first line with the headings, such as id, ID number, student number, "
            "Matrikelnummer, SIS User ID",
        ),
        (
            b"ID,Name\n1,A\x00\n",
            f"class.csv:2: holds NUL bytes, so it is a binary file; expected a CSV file. {SAVE}",
        ),
        (
            b"PK\x03\x04rest",
            f"class.csv: this is an Excel or LibreOffice workbook; expected a CSV file. {SAVE}",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            f"class.csv: this is an old Excel workbook; expected a CSV file. {SAVE}",
        ),
        (b"<html><table>", f"class.csv: this is a web page or XML; expected a CSV file. {SAVE}"),
        (b"%PDF-1.7\n\xff", f"class.csv: this is a PDF; expected a CSV file. {SAVE}"),
        (
            b"ID,Name\n1,\x81\n",
            f"class.csv:2: byte 0x81 is not text in UTF-8 or Windows-1252; expected text in UTF-8. {AS_UTF8}",
        ),
        (
            "ID,Name\n1,A\n".encode("utf-16") + b"\x00",
            f"class.csv:3: byte 0x00 is not text in UTF-16; expected text in UTF-8. {AS_UTF8}",
        ),
    ],
)
def test_refused(content: str | bytes, expected: str) -> None:
    assert refusal(content) == expected


def test_several_faults_at_once() -> None:
    text = "ID,Name\n,A\n" + "1,B\n" * 7
    lines = refusal(text).splitlines()
    assert lines[0].startswith("class.csv:2: ID: no id; given A")
    assert lines[1].startswith("class.csv:4: id: the id of line 3 again")
    assert lines[-1] == "... and 2 more" and len(lines) == 6


@pytest.mark.parametrize(
    ("name", "encoding", "read_as"),
    [
        ("Łukasz", "cp1250", "£ukasz"),
        ("Michał", "iso8859-2", "Micha³"),
        ("Щербаков", "cp1251", "Ùåðáàêîâ"),
        ("Щербаков", "koi8-r", "ýÅÒÂÁËÏ×"),
        ("李小明", "gb18030", "ÀîÐ¡Ã÷"),
        ("김철수", "euc-kr", "±èÃ¶¼ö"),
        ("José", "mac-roman", "JosŽ"),
    ],
)
def test_a_name_garbled_by_a_guessed_encoding(name: str, encoding: str, read_as: str) -> None:
    place = "class.csv:3: the file is not UTF-8, and as Windows-1252 this is no name"
    assert (
        refusal(f"ID,Name\n1,Anna\n2,{name}\n".encode(encoding))
        == f"{place}; given {read_as}; expected text in UTF-8. {AS_UTF8}"
    )


def test_headings_garbled_by_a_guessed_encoding() -> None:
    text = refusal("Фамилия;Логин\nB;a\n".encode("cp1251"))
    assert text.startswith("class.csv:1: the file is not UTF-8, and as Windows-1252 this is no name")


def test_a_symbol_in_another_column_is_no_fault() -> None:
    content = "Name,ID,Frage §3 (5 €)\nJörg,1,½\n".encode("cp1252")
    assert parse_roster(content).students[0].name == "Jörg"


def test_a_named_encoding_that_does_not_fit() -> None:
    assert refusal(b"ID\n1", "utf-99") == (
        "encoding: no such encoding; given utf-99; expected utf-8, cp1250, gb18030 or the like"
    )
    assert refusal(b"ID\n1", "zlib").startswith("encoding: no such encoding; given zlib")
    assert refusal(b"ID\n\xff", "utf-8").startswith("class.csv:2: byte 0xff is not text in UTF-8")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def text(path: Path) -> str:
        with pytest.raises(RosterError) as caught:
            read_roster(path)
        return str(caught.value)

    (tmp_path / "notes.csv").touch()
    (tmp_path / "other.yaml").touch()
    assert text(tmp_path / "x.csv") == (f"{tmp_path}/x.csv: no such file; expected a class list in CSV")
    assert text(tmp_path) == (
        f"{tmp_path}: this is a directory; expected a class list in CSV. It holds notes.csv."
    )


@pytest.mark.parametrize("count", [0, -3, 100_001])
def test_impossible_counts(count: int) -> None:
    with pytest.raises(RosterError) as caught:
        numbered_roster(count)
    assert str(caught.value) == (f"count: not a number of students; given {count}; expected 1 to 100000")


def outcome(content: bytes, encoding: str | None = None) -> None:
    """Read the bytes; anything but a roster or an error with a text is a failure."""
    try:
        roster = parse_roster(content, "class.csv", encoding)
    except SymbackpropError as error:
        assert str(error)
        return
    assert roster.students
    assert len({student.id for student in roster.students}) == len(roster.students)
    assert all(student.id.strip() and student.line for student in roster.students)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_bytes_give_a_traceback(content: bytes) -> None:
    outcome(content)


@settings(max_examples=200)
@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]))
def test_no_text_gives_a_traceback(text: str, encoding: str) -> None:
    outcome(text.encode(encoding, "replace"))


LISTS = [
    b'First name,Surname,ID number\n\xc5\x81ukasz,Kowalski,007\nAnna,"B, C",8\n',
    'Student;ID\n    Points Possible;\n"M\u00fcller, J\u00f6rg";5\n'.encode("cp1252"),
    "Name\tID\nAnna\t5\n".encode("utf-16"),
    b"1001,Anna Smith\n1002,Bob Lee\n",
]
PIECES = [
    b"\0",
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"\r",
    b"\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"sep=",
    b"ID",
    b"\xe9",
]


@settings(max_examples=400)
@given(st.sampled_from(LISTS), st.integers(0, 2**32), st.integers(1, 4))
def test_no_damage_gives_a_traceback(content: bytes, seed: int, changes: int) -> None:
    chance = random.Random(seed)
    for _ in range(changes):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.choice([0, 0, 1, 5]))
        content = content[:start] + chance.choice(PIECES) + content[end:]
    outcome(content)
    outcome(content, "latin-1")
