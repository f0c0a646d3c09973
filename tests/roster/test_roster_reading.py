"""Class lists as Moodle, Canvas, Excel and people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.roster import Skipped, Student, numbered_roster, read_roster
from symbackprop.roster.reading import parse_roster


def students(text: str | bytes, encoding: str = "utf-8") -> list[tuple[str, str]]:
    """Return id and name of each student."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return [(student.id, student.name) for student in parse_roster(content).students]


MOODLE = (
    "First name,Surname,ID number,Email address\r\n"
    "Łukasz,Kowalski,007,l.kowalski@example.edu\r\n"
    "李,明,1002,li@example.edu\r\n"
    "عبد,الرحمن,1003,abd@example.edu\r\n"
    "Anna,Kowalski,1004,anna@example.edu\r\n"
    "Anna,Kowalski,1005,anna2@example.edu\r\n"
)
IN_MOODLE = [
    ("007", "Łukasz Kowalski"),
    ("1002", "明李"),  # as in Chinese, the family name first and no space
    ("1003", "عبد الرحمن"),
    ("1004", "Anna Kowalski"),
    ("1005", "Anna Kowalski"),
]
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (1234),Current Score\n"
    '    Points Possible,,,,,10,"(read only)"\n'
    '"Müller, Jörg",51,M01,jmueller,A,9,90\n'
    '"O\'Neil, Seán",52,M02,soneil,A,8,80\n'
    '"Student, Test",53,,4ab9,A,,\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_moodles_participants_in_every_encoding_with_every_separator(encoding: str, separator: str) -> None:
    assert students(MOODLE.replace(",", separator), encoding) == IN_MOODLE


def test_moodles_other_lists() -> None:
    marking = (
        "Identifier,Full name,ID number,Email address,Status,Grade,Online text\n"
        'Participant 8,Łukasz Kowalski,007,l@x.edu,No submission,,"two\nlines, and ""quotes"""\n'
    )
    assert students(marking) == [("007", "Łukasz Kowalski")]
    without_numbers = "Vorname,Nachname,E-Mail-Adresse,Gruppen\nJörg,Groß,j@x.de,Übung 1\n"
    assert students(without_numbers) == [("j@x.de", "Jörg Groß")]
    numbers_left_empty = MOODLE.replace("007", "").replace("1002", "").replace("1003", "")
    numbers_left_empty = numbers_left_empty.replace("1004", "").replace("1005", "")
    assert students(numbers_left_empty)[0] == ("l.kowalski@example.edu", "Łukasz Kowalski")


def test_canvas_has_lines_that_are_no_students() -> None:
    roster = parse_roster(CANVAS.encode())
    assert [(one.id, one.name) for one in roster.students] == [("M01", "Jörg Müller"), ("M02", "Seán O'Neil")]
    assert roster.skipped == (
        Skipped(2, "Points Possible, 10, (read only)"),
        Skipped(5, "Student, Test, 53, 4ab9, A"),
    )
    posting = CANVAS.replace("    Points", ",,,,,Manual Posting,\n    Points")
    assert len(parse_roster(posting.encode()).students) == 2
    without_sis = "Student,ID,Section,Quiz\nPoints Possible,,,10\nJörg Müller,51,A,9\nTest Student,53,A,\n"
    assert students(without_sis) == [("51", "Jörg Müller")]


def test_a_person_who_is_called_like_canvass_test_student_stays_elsewhere() -> None:
    assert students("Name,Matrikelnummer\nTest Student,4\n") == [("4", "Test Student")]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_lists_without_utf8(encoding: str) -> None:
    text = (
        "Nachname;Vorname;Matrikelnr.\nMüller;Jörg;12\nStraße;Noël;13\nde la Peña;Mª José;14\nGal·la;Zoé;15\n"
    )
    assert students(text, encoding) == [
        ("12", "Jörg Müller"),
        ("13", "Noël Straße"),
        ("14", "Mª José de la Peña"),
        ("15", "Zoé Gal·la"),
    ]
    assert students("Name;ID\nŠime Žilić;1".replace("ć", "c"), "cp1252") == [("1", "Šime Žilic")]


def test_another_encoding_can_be_named(tmp_path: Path) -> None:
    for name, encoding in (("Łukasz Żółć", "cp1250"), ("Щербаков Иван", "cp1251"), ("李小明", "gb18030")):
        file = tmp_path / "list.csv"
        file.write_bytes(f"ID,Name\n7,{name}\n".encode(encoding))
        assert read_roster(file, encoding=encoding).students == (Student("7", name, 2),)


def test_one_column_for_the_whole_name() -> None:
    text = (
        'name;student id\n"Kowalski, Jan";1\n"King, Martin Luther, Jr.";2\n"Davis, Jr.";3\n'
        '"van der Berg, Anna";4\n"李, 小明";5\nPlato;6\n"a, b, c";7\n'
    )
    assert students(text) == [
        ("1", "Jan Kowalski"),
        ("2", "Martin Luther King, Jr."),
        ("3", "Davis, Jr."),
        ("4", "Anna van der Berg"),
        ("5", "李小明"),
        ("6", "Plato"),
        ("7", "a, b, c"),
    ]


@pytest.mark.parametrize(
    ("headings", "name"),
    [
        ("First name,Surname,ID number", "A B"),
        ("FIRST NAME,LAST_NAME,student-id", "A B"),
        ("Vorname,Name,Matrikelnummer", "A B"),
        ("Prénom,Nom,Numéro d'identification", "A B"),
        ("Prenom,Nom de famille,Numéro étudiant", "A B"),
        ("Nombre,Apellido(s),Número de ID", "A B"),
        ("Nome,Cognome,Matricola", "A B"),
        ("Nome,Sobrenome,Número de identificação", "A B"),
        ("Imię,Nazwisko,Numer albumu", "A B"),
        ("Voornaam,Achternaam,Studentnummer", "A B"),
        ("Förnamn,Efternamn,ID-nummer", "A B"),
        ("Etunimi,Sukunimi,Opiskelijanumero", "A B"),
        ("Jméno,Příjmení,Osobní číslo", "A B"),
        ("Adı,Soyadı,Öğrenci No", "A B"),
        ("Keresztnév,Vezetéknév,Neptun kód", "B A"),
        ("Имя,Фамилия,Номер зачётной книжки", "A B"),
        ("Όνομα,Επώνυμο,Αριθμός Μητρώου", "A B"),
        ("名,姓,学号", "A B"),
        ("Tên,Họ,MSSV", "B A"),
        ("الاسم الأول,اسم العائلة,الرقم الجامعي", "A B"),
        ("שם פרטי,שם משפחה,תעודת זהות", "A B"),
    ],
)
def test_headings_of_the_common_languages(headings: str, name: str) -> None:
    assert students(f"{headings}\nA,B,12\n") == [("12", name)]
    first, last, number = headings.split(",")
    assert students(f"{number},{last},{first}\n12,B,A\n") == [("12", name)]


@pytest.mark.parametrize("heading", ["Name", "Nom", "Nombre", "Nome", "姓名", "이름", "الاسم", "ФИО", "Имя"])
def test_a_heading_for_the_whole_name(heading: str) -> None:
    assert students(f"{heading};ID\nAnna Smith;12\n") == [("12", "Anna Smith")]


def test_three_parts_of_a_name() -> None:
    text = "Фамилия,Имя,Отчество,Логин\nПетров,Иван,Ильич,ipetrov\n"
    assert students(text) == [("ipetrov", "Иван Ильич Петров")]


def test_a_title_above_the_headings() -> None:
    text = "Deep Learning 101;;\n;;\nWinter term;;\nName;ID;Mark\nAnna;12;\n"
    assert parse_roster(text.encode()).students == (Student("12", "Anna", 5),)


def test_without_headings() -> None:
    assert students("1001,Anna Smith\n1002,Bob Lee\n") == [("1001", "Anna Smith"), ("1002", "Bob Lee")]
    assert students("Anna\tSmith\ts1\tgroup A\nBob\tLee\ts2\tgroup A\n") == [
        ("s1", "Anna Smith"),
        ("s2", "Bob Lee"),
    ]
    assert students("Anna Smith;7;a@x.edu\n") == [("7", "Anna Smith")]
    assert students("Anna Smith,a@x.edu\nBob Lee,b@x.edu") == [
        ("a@x.edu", "Anna Smith"),
        ("b@x.edu", "Bob Lee"),
    ]
    # no quotes round a name with a comma: the semicolon separates
    assert students("Smith, Anna;1\nLee, Bob;2\n") == [("1", "Anna Smith"), ("2", "Bob Lee")]


def test_a_list_of_ids_alone() -> None:
    assert students("ID\n12\n13\n") == [("12", ""), ("13", "")]
    assert students("12\n13\n") == [("12", ""), ("13", "")]


def test_ids_are_text() -> None:
    text = 'ID,Name\n007,A\n7,B\n"=""0070""",C\n1e5,D\n١٢,E\n 8 ,F\n'
    assert [one for one, _ in students(text)] == ["007", "7", "0070", "1e5", "١٢", "8"]


def test_cells_over_several_lines_and_where_students_stand() -> None:
    text = 'ID,Name\n1,"Anna\nMaria  Smith"\n\n,\n2,Bob\n'
    assert parse_roster(text.encode()).students == (
        Student("1", "Anna Maria Smith", 2),
        Student("2", "Bob", 6),
    )


def test_invisible_characters_go_and_joiners_stay() -> None:
    text = "ID,Name\n\u200e12\u200b,\u202bعلی\u200cرضا\u202c\u00a0 B\n"
    assert students(text) == [("12", "علی\u200cرضا B")]
    assert students("ID,Name\n1,Zoe\u0308\n") == [("1", "Zo\u00eb")]


def test_excels_first_line_states_the_separator() -> None:
    assert parse_roster(b"sep=;\r\nID;Name\r\n1;a,b c\r\n").students == (Student("1", "b c a", 3),)
    assert students("sep=|\nID|Name\n1|A;B\n") == [("1", "A;B")]


def test_the_words_no_and_nr_are_no_ids_where_there_is_a_better_one() -> None:
    assert students("Nr;Name;Matrikelnummer\n1;A;77\n") == [("77", "A")]


def test_empty_cells_at_the_end_are_no_fault() -> None:
    assert students("ID,Name,,\n1,A,,\n2,B\n3,C,,,,\n") == [("1", "A"), ("2", "B"), ("3", "C")]


def test_numbered_rosters_grow_at_the_end() -> None:
    small, large = numbered_roster(30), numbered_roster(1200)
    assert small.students == large.students[:30]
    assert small.students[0] == Student("001") and large.students[-1] == Student("1200")
    assert len({student.id for student in large.students}) == 1200
