"""Joined PDFs, read back by pypdf, PyMuPDF, qpdf and MuPDF."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pymupdf
import pypdf
import pytest
from pikepdf import Name

from symbackprop.engines.typst import compile_typst
from symbackprop.errors import SymbackpropError
from symbackprop.production.joining import join_pdfs
from symbackprop.production.splitting import split_pdf

A4, LETTER = (595.28, 841.89), (612.0, 792.0)


def sheet(name: str, pages: int, paper: str = "a4", more: str = "") -> bytes:
    """Return a sheet with formulas, numbers of its own, a link and tags, as the engine makes it."""
    body = " #pagebreak() ".join(
        f"= Part {page} of {name}\n"
        f'#math.equation(alt: "x", $sum x_{page} w_{page} = {len(name) * page}/7$) {more}'
        for page in range(1, pages + 1)
    )
    return compile_typst(
        f'#set document(title: "{name}")\n#set page(paper: "{paper}")\n'
        f'#set text(font: "New Computer Modern", lang: "en")\n{body}\n#link("https://example.org")[there]'
    )


@pytest.fixture(scope="module")
def parts() -> list[tuple[str, bytes]]:
    return [
        ("Łukasz Żółć", sheet("Lukasz", 1)),
        ("李小明", sheet("Li", 2)),
        ("عبد", sheet("Abd", 3, "us-letter")),
        ("Anna (1 0 R)", sheet("Anna", 4)),
    ]


def test_a_picture_that_refers_to_itself_is_joined() -> None:
    with pikepdf.open(io.BytesIO(sheet("Anna", 1))) as pdf:
        picture = pdf.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        picture.PieceInfo = pdf.make_indirect(pikepdf.Dictionary(Of=picture))
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Own=picture))
        pdf.pages[0].Contents = pdf.make_stream(b"/Own Do")
        out = io.BytesIO()
        pdf.save(out)
    whole = join_pdfs([("Anna", out.getvalue()), ("Ben", out.getvalue())], even=False, title="both")
    with pikepdf.open(io.BytesIO(whole)) as joined:
        for page in joined.pages:
            own = page.Resources.XObject.Own
            assert own.PieceInfo.Of.objgen == own.objgen and own.read_bytes() == b"0 0 9 9 re f"


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def pictures(pdf: bytes) -> list[bytes]:
    """Return how each page looks."""
    with pymupdf.open(stream=pdf) as document:
        return [page.get_pixmap(dpi=60).samples for page in document]


def valid(pdf: bytes, folder: Path) -> None:
    """Check a PDF with the programs that are here."""
    file = folder / "checked.pdf"
    file.write_bytes(pdf)
    if shutil.which("qpdf"):
        done = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    if shutil.which("mutool"):
        done = subprocess.run(["mutool", "info", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, done.stderr
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, done.stderr


def font_files(pdf: bytes) -> list[bytes]:
    """Return the font files in a PDF, each as often as it is there."""
    reader, found = read(pdf), []
    for number in range(1, reader.trailer["/Size"]):
        thing: Any = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
        if isinstance(thing, dict) and "/FontFile3" in thing:
            found.append(thing["/FontFile3"].get_data())
    return found


def with_picture() -> bytes:
    """Return a PDF of a page with a picture whose dictionary holds numbers and a truth value."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(60, 60))
    picture = pdf.make_stream(
        bytes(range(0, 240, 20)), Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2, BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB, Interpolate=True, Decode=[0, 1, 0, 1, 0, Decimal("0.5")],
    )  # fmt: skip
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
    page.obj.Contents = pdf.make_stream(b"q 50 0 0 50 5 5 cm /I Do Q")
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


def cut_out(pdf: bytes) -> bytes:
    return split_pdf(pdf, [1], ["A"])[0]


def test_every_page_is_there_and_looks_as_before(parts: list[tuple[str, bytes]], tmp_path: Path) -> None:
    joined = join_pdfs(parts, even=False, title="Class")
    assert pictures(joined) == [picture for _, part in parts for picture in pictures(part)]
    texts = [page.extract_text() for page in read(joined).pages]
    assert texts == [page.extract_text() for _, part in parts for page in read(part).pages]
    assert "Part 2 of Anna" in texts[7]
    valid(joined, tmp_path)


def test_parts_of_odd_length_end_with_an_empty_page_of_their_size(
    parts: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    joined = join_pdfs(parts, even=True, title="Class")
    pages = read(joined).pages
    assert [not page.extract_text() for page in pages] == [
        *(False, True), *(False, False), *(False, False, False, True), *(False, False, False, False)
    ]  # fmt: skip
    sizes = [(float(page.mediabox.width), float(page.mediabox.height)) for page in pages]
    for (width, height), paper in zip(sizes, [A4] * 4 + [LETTER] * 4 + [A4] * 4, strict=True):
        assert (width, height) == pytest.approx(paper, abs=0.01)
    white = {byte for picture in (pictures(joined)[1], pictures(joined)[7]) for byte in picture}
    assert white == {255}
    valid(joined, tmp_path)


def test_a_bookmark_leads_to_each_part(parts: list[tuple[str, bytes]]) -> None:
    reader = read(join_pdfs(parts, even=True, title="Class"))
    found = [(item.title, reader.get_destination_page_number(item)) for item in reader.outline]
    assert found == [("Łukasz Żółć", 0), ("李小明", 2), ("عبد", 4), ("Anna (1 0 R)", 8)]


def test_properties(parts: list[tuple[str, bytes]]) -> None:
    reader = read(join_pdfs(parts, even=True, title="Übung 1 – 李"))
    assert reader.metadata is not None
    assert reader.metadata.title == "Übung 1 – 李" and reader.metadata.creator == "symbackprop"
    assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == "D:19800101000000Z"
    root = reader.root_object
    assert root["/Lang"] == "en" and root["/ViewerPreferences"]["/Duplex"] == "/DuplexFlipLongEdge"
    assert "/StructTreeRoot" not in root and "/MarkInfo" not in root
    single = read(join_pdfs(parts, even=False, title="x")).root_object
    assert "/Duplex" not in single["/ViewerPreferences"]


def test_fonts_that_are_the_same_are_there_once() -> None:
    same = [(str(number), sheet("Anna", 2)) for number in range(5)]
    joined = join_pdfs(same, even=True, title="x")
    files = font_files(joined)
    assert sorted(files) == sorted(font_files(same[0][1])) and len(set(files)) == len(files) > 1
    assert len(joined) < 2 * len(same[0][1])


def test_fonts_that_differ_stay_apart() -> None:
    different = [(letter, sheet(letter * 3, 1, more=letter)) for letter in "QXZ"]
    files = font_files(join_pdfs(different, even=True, title="x"))
    assert set(files) == {file for _, part in different for file in font_files(part)}
    assert len(files) == len(set(files))


def test_the_same_parts_give_the_same_bytes(parts: list[tuple[str, bytes]], tmp_path: Path) -> None:
    joined = join_pdfs(parts, even=True, title="Class")
    assert join_pdfs(parts, even=True, title="Class") == joined
    paths = [tmp_path / f"{number}.pdf" for number in range(len(parts))]
    for path, (_, content) in zip(paths, parts, strict=True):
        path.write_bytes(content)
    from_paths = [(name, path) for (name, _), path in zip(parts, paths, strict=True)]
    assert join_pdfs(iter(from_paths), even=True, title="Class") == joined
    code = (
        "import hashlib, sys; from pathlib import Path; "
        "from symbackprop.production.joining import join_pdfs; "
        "names, paths = sys.argv[1::2], map(Path, sys.argv[2::2]); "
        "joined = join_pdfs(zip(names, paths), even=True, title='Class'); "
        "print(hashlib.sha256(joined).hexdigest())"
    )
    arguments = [str(one) for pair in from_paths for one in pair]
    other = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(joined).hexdigest()


def test_a_joined_pdf_can_be_joined_again(parts: list[tuple[str, bytes]], tmp_path: Path) -> None:
    halves = [(str(n), join_pdfs(parts[2 * n : 2 * n + 2], even=True, title="Half")) for n in (0, 1)]
    whole = join_pdfs(halves, even=True, title="Whole")
    assert pictures(whole) == pictures(join_pdfs(parts, even=True, title="Whole"))
    valid(whole, tmp_path)


@pytest.mark.parametrize("made_of", [lambda pdf: join_pdfs([("A", pdf)], even=False, title="A"), cut_out])
def test_a_picture_stays_as_it_is(made_of: Callable[[bytes], bytes], tmp_path: Path) -> None:
    pdf = with_picture()
    made = made_of(pdf)
    assert pictures(made) == pictures(pdf)
    assert b"/Interpolate true" in made
    valid(made, tmp_path)


def test_what_cannot_be_joined(parts: list[tuple[str, bytes]], tmp_path: Path) -> None:
    with pytest.raises(SymbackpropError, match=r"^there is nothing to join; expected at least one PDF$"):
        join_pdfs([], even=True, title="x")
    with pytest.raises(SymbackpropError, match=r"^Bob: this PDF cannot be joined: "):
        join_pdfs([*parts, ("Bob", b"%PDF-1.7 nothing")], even=True, title="x")
    with pytest.raises(SymbackpropError, match=r"^Bob: this PDF cannot be joined: .*No such file"):
        join_pdfs([("Bob", tmp_path / "none.pdf")], even=True, title="x")
