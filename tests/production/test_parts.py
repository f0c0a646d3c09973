"""What this package has written is read back without a library, and as a library reads it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import pikepdf
import pymupdf
import pytest

from symbackprop.class_sets.making import ClassPlan, PaperMaker
from symbackprop.errors import SymbackpropError
from symbackprop.production import parts
from symbackprop.production.joining import join_pdfs
from symbackprop.production.objects import referring
from symbackprop.roster import Student
from symbackprop.spec.worksheets import load_worksheet

from .test_joining import pictures, sheet

STUDENTS = tuple(Student(f"70{number}", name) for number, name in enumerate(("Łukasz", "Zoë", "Анна"), 1))


@cache
def papers() -> tuple[tuple[str, bytes], ...]:
    """Return sheets and keys that are filled in: the writer of this package has written them."""
    plan = ClassPlan(load_worksheet("xor"), STUDENTS, {one.id: one.id for one in STUDENTS}, "1")
    maker = PaperMaker(plan)
    files = [item for job in maker.jobs() for item in maker(job).items()]
    return tuple((path, content) for path, content in files if path.endswith(".pdf"))


def objects(data: bytes) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yield what a PDF has at each number, as pikepdf reads it."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        other = parts._AnyPart(pdf)
        for thing in pdf.objects:
            held = other.get(thing.objgen)
            if held is not None:
                yield thing.objgen[0], held.text, held.data


def test_objects_are_those_that_pikepdf_reads() -> None:
    for _, data in papers():
        own = parts._own(data)
        assert own is not None
        count = 0
        for number, text, content in objects(data):
            held = own.get((number, 0))
            assert held is not None
            if b"/ObjStm" in held.text or b"/XRef" in held.text:
                continue
            assert normal(held.text, content) == normal(text, content) and held.data == content
            count += 1
        assert count > 100


def normal(text: bytes, content: bytes | None) -> bytes:
    """Return an object, or the dictionary of a stream, as pikepdf writes it."""
    named = referring(text, lambda number, generation: b"/Ref-%d-%d" % (number, generation))
    unparsed: bytes = pikepdf.Object.parse(named if content is None else b"<<%s>>" % named).unparse()
    return unparsed


def test_a_file_is_joined_as_if_a_library_had_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = join_pdfs(papers(), even=True, title="all")
    monkeypatch.setattr(parts, "_own", lambda data: None)
    slow = join_pdfs(papers(), even=True, title="all")
    assert pictures(quick) == pictures(slow)
    with pymupdf.open(stream=quick) as one, pymupdf.open(stream=slow) as other:
        assert [page.get_text() for page in one] == [page.get_text() for page in other]
        assert one.get_toc() == other.get_toc()
    assert abs(len(quick) - len(slow)) < 0.02 * len(slow)


def test_a_joined_file_is_joined_again() -> None:
    made = [(name, sheet(name, pages)) for name, pages in (("Anna", 2), ("Ben", 1))]
    once = join_pdfs(made, even=False, title="once")
    assert parts._own(once) is not None and parts._own(made[0][1]) is None
    twice = join_pdfs([("once", once)], even=False, title="twice")
    assert pictures(twice) == pictures(once) == [page for _, pdf in made for page in pictures(pdf)]


def test_a_file_that_was_damaged_is_named() -> None:
    (_, data) = papers()[0]
    cut = data[: len(data) // 2]
    with pytest.raises(SymbackpropError, match="Anna: this PDF cannot be joined: "):
        join_pdfs([("Anna", cut)], even=True, title="all")
    # the packs of objects are damaged, the table is not
    at = data.index(b"/Type/ObjStm")
    start = data.index(b"stream\n", at) + 20
    bad = data[:start] + bytes(200) + data[start + 200 :]
    with pytest.raises(SymbackpropError, match="Anna: this PDF cannot be joined: "):
        join_pdfs([("Anna", bad)], even=True, title="all")
