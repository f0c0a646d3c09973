"""Files of answers: wide and long, in the dialects that people have, and what is said of faults."""

from __future__ import annotations

import builtins
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop.checkcode import check_code
from symbackprop.errors import ProblemError
from symbackprop.marking.answers import AnswerFile, Expected, read_answers

ITEMS = {"1": "net.h1", "2": "act.h1", "3": "grad.w5"}
ADA, BO, LI = (check_code("sheet", student) for student in ("1001", "007", "s3"))
CLASS = (
    Expected("1001", "Ada Lovelace", ADA, ITEMS),
    Expected("007", "Bo Łuk", BO, ITEMS),
    Expected("s3", "李小明", LI, ITEMS),
)


def read(
    tmp_path: Path, content: str | bytes, papers: tuple[Expected, ...] = CLASS, **options: Any
) -> AnswerFile:
    path = tmp_path / "answers.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_answers(path, papers, **options)


def texts(found: AnswerFile) -> dict[str, Mapping[str, str]]:
    return {student: submission.answers for student, submission in found.submissions.items()}


def faults(found: AnswerFile) -> list[str]:
    return [str(fault).rpartition("/")[2] for fault in found.faults]


WANTED = {"1001": {"1": "0.43", "2": "0,61", "3": "1/3"}, "007": {"1": "0.5"}}


@pytest.mark.parametrize(
    "content",
    [
        f'id,name,code,1,2,3\n1001,Ada Lovelace,{ADA},0.43,"0,61",1/3\n007,Bo Łuk,{BO},0.5,,\n',
        f"ID;Name;Code;1;2;3\n1001;Ada Lovelace;{ADA};0.43;0,61;1/3\n007;Bo Łuk;{BO};0.5;;\n",
        "id\t1\t2\t3\n1001\t0.43\t0,61\t1/3\n7\t0.5\t\t\n",
        "sep=;\r\nid;1;2;3\r\n1001;0.43;0,61;1/3\r\n007;0.5;;\r\n",
        "Student ID;net.h1;act.h1;grad.w5\n1001;0.43;0,61;1/3\n007;0.5;;\n",
        "Matrikelnummer;Frage 1;Frage 2;Frage 3\n1001;0.43;0,61;1/3\n007;0.5;;\n",
        "ID number;State;Q1;Q2;Q3;Notes\n1001;Finished;0.43;0,61;1/3;late\n7.0;Finished;0.5;;;\n",
        "id;1 net.h1;2: act.h1;(3)\n1001;0.43;0,61;1/3\n007;0.5;;\n",
        "Homework 2\n\nid;1;2;3\n1001;0.43;0,61;1/3\n007;0.5;;\n",
        f"code;1;2;3\n{ADA.lower()};0.43;0,61;1/3\n{BO.replace('-', ' ')};0.5;;\n",
        "student id;item;answer\n1001;1;0.43\n1001;2;0,61\n1001;3;1/3\n007;1;0.5\n",
        'id,question,answer\n1001,net.h1,0.43\n007,Q1,0.5\n1001,act.h1,"0,61"\n1001,3,1/3\n',
        f"Code\tItem\tAnswer\n{ADA}\t1\t0.43\n{ADA}\t2\t0,61\n{ADA}\t3\t1/3\n{BO}\t1\t0.5\n",
        'id,1,2,3\n="1001",0.43,"0,61",1/3\n="007",0.5,,\n',
    ],
)
def test_one_class_in_many_files(tmp_path: Path, content: str) -> None:
    for data in (content.encode(), b"\xef\xbb\xbf" + content.encode(), content.encode("utf-16")):
        found = read(tmp_path, data)
        assert texts(found) == WANTED
        assert faults(found) == []
        assert found.absent == ("s3",) and found.withheld == ()


def test_latin_1(tmp_path: Path) -> None:
    content = "id;Prüfcode;1\n1001;;0,5\n".encode("cp1252")
    assert texts(read(tmp_path, content)) == {"1001": {"1": "0,5"}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            f"id,code,1\n1001,{BO},0.4\n",
            f"answers.csv:2: code: the check code is not that of Ada Lovelace (1001); given {BO}; "
            f"expected {ADA}. "
            "It is the code of Bo Łuk (007).",
        ),
        (
            f"id,code,1\n1001,{check_code('another')},0.4\n",
            f"answers.csv:2: code: the check code is not that of Ada Lovelace (1001); given "
            f"{check_code('another')}; "
            f"expected {ADA}. It belongs to another sheet, or to another seed.",
        ),
        (
            "id,code,1\n1001,K7Q,0.4\n",
            f"answers.csv:2: code: the check code is not that of Ada Lovelace (1001); given K7Q; expected "
            f"{ADA}. "
            "'K7Q' is no check code: it has 3 characters; expected 8, such as K7QF-2MXG.",
        ),
        ("id,1\n999,0.4\n", "answers.csv:2: no student of the class; given 999; expected an id of the class"),
        (
            "id,name,1\n1010,\"Lovelace, Ada\",0.4\n",
            "answers.csv:2: no student of the class; given 1010 (Lovelace, Ada); expected an id of the "
            "class. "
            "Ada Lovelace (1001) is in the class.",
        ),
        (
            "id,name,1\n,Nobody,0.4\n",
            "answers.csv:2: whose answers are these?; given Nobody; expected an id, or a check code of "
            "the class",
        ),
        (
            "id,1\n1001,0.4\n\n1001,0.5\n",
            "answers.csv:4: Ada Lovelace (1001) has a line already, line 2; expected one line for each "
            "student. "
            "Neither is marked; delete the one that does not count.",
        ),
        (
            "id,item,answer\n1001,1,0.4\n1001,2,0.6\n1001,net.h1,0.5\n",
            "answers.csv:4: Ada Lovelace (1001) has another answer to 1 already, line 2; given 0.5; "
            "expected one answer to each item, such as 0.4. Neither is marked; delete the one that does "
            "not count.",
        ),
        (
            "id,item,answer\n1001,7,0.4\n",
            "answers.csv:2: no such item; given 7; expected the number or the quantity key of an item. "
            "The items of this sheet are 1, 2, 3.",
        ),
        (
            "id,1,grad.w6\n1001,0.4,0.1\n",
            "answers.csv:1: no such item; given grad.w6; expected the number or the quantity key of an item. "
            "Did you mean grad.w5?",
        ),
        (
            "id,1,Q9\n1001,0.4,0.1\n",
            "answers.csv:1: no such item; given Q9; expected the number or the quantity key of an item. "
            "The items of this sheet are 1, 2, 3.",
        ),
        (
            "id,1,2\n1001,0,43,0,61\n",
            "answers.csv:2: more cells than there are headings; given 1001, 0, 43, 0, 61; expected 3. "
            "Where commas separate the cells, a number with a decimal comma stands in quotes.",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_line(tmp_path: Path, content: str, expected: str) -> None:
    found = read(tmp_path, content)
    assert faults(found) == [expected]
    named = "1001" in found.withheld
    assert named == any(
        words in expected for words in ("check code is not", "has a line", "has another answer")
    )
    if named:
        assert "1001" not in found.submissions and "1001" not in found.absent


def test_the_others_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, f"id,code,1\n1001,{BO},0.4\n007,{BO},0.5\ns3,,0.6\n")
    assert texts(found) == {"007": {"1": "0.5"}, "s3": {"1": "0.6"}}
    assert len(found.faults) == 1


def test_an_item_that_is_not_on_this_students_sheet(tmp_path: Path) -> None:
    other = Expected("2", "Cy", "", {"1": "net.h1", "2": "grad.w1"})
    found = read(tmp_path, "id,net.h1,grad.w5\n1001,0.4,0.1\n2,0.5,0.2\n", (CLASS[0], other))
    assert texts(found) == {"1001": {"1": "0.4", "3": "0.1"}, "2": {"1": "0.5"}}
    assert faults(found) == [
        "answers.csv:3: grad.w5 is not asked on the sheet of Cy (2); given 0.2; expected the number of "
        "an item"
    ]
    twice = Expected("2", "Cy", "", {"1": "net.h1", "2": "net.h1"})
    found = read(tmp_path, "id,net.h1\n2,0.5\n", (twice,))
    assert faults(found) == [
        "answers.csv:2: net.h1 is asked 2 times on the sheet of Cy (2); given 0.5; expected the number "
        "of an item"
    ]


def test_repeated_headings_and_the_same_answer_twice_are_no_faults(tmp_path: Path) -> None:
    found = read(tmp_path, "id,item,answer\n1001,1,0.4\nid,item,answer\n1001,1,0.4\n")
    assert (texts(found), faults(found)) == ({"1001": {"1": "0.4"}}, [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "the file is empty; expected a line for each student"),
        (
            "name,1,2\nAda,0.4,0.6\n",
            "no column of ids was found; given name, 1, 2; expected headings such as id, code, 1, 2, ... or "
            "id, item, answer",
        ),
        (
            "id,name\n1001,Ada\n",
            "no column of answers was found; given id, name; expected headings such as id, code, 1, 2, "
            "... or "
            "id, item, answer. The items of this sheet are 1, 2, 3.",
        ),
        ('id,1\n1001,"0.4\n', "a quote is opened and never closed"),
        (b"%PDF-1.7", "this is a PDF; expected a CSV file. Save it as CSV (in Excel: Save As, CSV UTF-8)."),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str | bytes, expected: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, content)
    assert str(caught.value).rpartition("answers.csv")[2].partition(": ")[2] == expected


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no such file; expected a file of answers"):
        read_answers(tmp_path / "none.csv", CLASS)
    with pytest.raises(ProblemError, match="this is a directory"):
        read_answers(tmp_path, CLASS)


# --- workbooks --------------------------------------------------------------------------------------


def workbook(path: Path, rows: list[list[str | float]]) -> None:
    """Write the least that is a workbook of Excel."""
    cells = "".join(
        "<row>" + "".join(
            f"<c><v>{cell!r}</v></c>" if isinstance(cell, float)
            else f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for cell in row
        ) + "</row>"
        for row in rows
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Answers" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')


def test_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "answers.xlsx"
    workbook(path, [["id", "1", 2.0, 3.0], ["1001", 0.1 + 0.2, "0,61", -1e-7], [7.0, "−0.5", "", 0.08]])
    found = read_answers(path, CLASS)
    assert texts(found) == {
        "1001": {"1": "0.3", "2": "0,61", "3": "-1e-07"},
        "007": {"1": "−0.5", "3": "0.08"},
    }


def test_a_broken_workbook_and_none_to_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answers.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing more")
    pytest.importorskip("python_calamine")
    with pytest.raises(ProblemError, match="the workbook cannot be read: "):
        read_answers(path, CLASS)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("python_calamine"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ProblemError) as caught:
        read_answers(path, CLASS)
    assert str(caught.value).partition(".xlsx: ")[2] == (
        "this is a workbook, and nothing is installed to read it; expected a CSV file. Save it as CSV "
        "(in Excel: "
        "Save As, CSV UTF-8), or: pip install 'symbackprop[excel]'"
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=6), st.sampled_from(",;\t"))
def test_any_file_is_read_or_refused(tmp_path: Path, rows: list[list[str]], separator: str) -> None:
    lines = [separator.join(row) for row in [["id", "code", "1", "2"], *rows]]
    try:
        found = read(tmp_path, "\n".join(lines).encode("utf-8", "surrogatepass"))
    except ProblemError:
        return
    assert set(found.submissions) <= {"1001", "007", "s3"}
