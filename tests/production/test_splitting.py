"""A long run cut into sheets, read back by pypdf and PyMuPDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pypdf
import pytest

from symbackprop.engines.tex import compile_tex
from symbackprop.errors import SymbackpropError
from symbackprop.production.joining import join_pdfs
from symbackprop.production.splitting import split_pdf

from .test_joining import pictures, read, sheet, valid

#: Three sheets as one LaTeX document: of 2, 3 and 1 pages; links inside each, to the others and to the web.
SHEET = r"""
\setcounter{page}{1}\section{%(name)s}\label{start-%(key)s}
See page~\pageref{end-%(key)s}, section~\ref{end-%(key)s} and \hyperref[start-%(other)s]{another's sheet}.
\begin{equation} \frac{%(key)s}{7} = x_1 w_1 \label{sum-%(key)s} \end{equation} %(more)s
%(breaks)s
\subsection{The end of %(name)s}\label{end-%(key)s} Equation~\eqref{sum-%(key)s},
\href{https://example.org/%(key)s}{the web}.
\clearpage
"""
TEX = (
    r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{amsmath}\usepackage{tikz}"
    r"\usepackage[hidelinks,bookmarksnumbered]{hyperref}"
    r"\hypersetup{pdftitle={All},pdfauthor={An author},pdflang={en}}"
    r"\begin{document}"
    + SHEET % {"name": "Anna", "key": "1", "other": "2", "more": "", "breaks": r"\clearpage"}
    + SHEET
    % {
        "name": "Bob",
        "key": "2",
        "other": "3",
        "more": r"\texttt{typed}",
        "breaks": r"\clearpage x \clearpage",
    }
    + SHEET
    % {
        "name": "Carl",
        "key": "3",
        "other": "1",
        "more": r"\tikz\shade[left color=black] (0,0) rectangle (1,1);",
        "breaks": "",
    }
    + r"\end{document}"
)
COUNTS, TITLES = [2, 3, 1], ["Anna", "Bob", "Łukasz 李"]


@pytest.fixture(scope="module")
def run(tex_engine: str) -> bytes:
    return compile_tex(TEX, tex_engine)


@pytest.fixture(scope="module")
def parts(run: bytes) -> list[bytes]:
    return split_pdf(run, COUNTS, TITLES)


def fonts(pdf: bytes) -> set[str]:
    """Return the names of the fonts in a PDF, whether a page uses them or not."""
    reader = read(pdf)
    found: set[str] = set()
    for number in range(1, reader.trailer["/Size"]):
        thing: Any = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
        if isinstance(thing, dict) and thing.get("/Type") == "/Font" and "/DescendantFonts" not in thing:
            found.add(thing["/BaseFont"].partition("+")[2])
    return found


def used_fonts(pdf: bytes, pages: range) -> set[str]:
    with pymupdf.open(stream=pdf) as document:
        return {font[3].partition("+")[2] for number in pages for font in document.get_page_fonts(number)}


def links(pdf: bytes) -> list[list[object]]:
    """Return where the links of each page lead: to a page, or to an address."""
    with pymupdf.open(stream=pdf) as document:
        return [[link.get("uri") or link["page"] for link in page.get_links()] for page in document]


def test_every_page_looks_as_in_the_run(run: bytes, parts: list[bytes], tmp_path: Path) -> None:
    assert [len(read(part).pages) for part in parts] == COUNTS
    assert [picture for part in parts for picture in pictures(part)] == pictures(run)
    for part in parts:
        valid(part, tmp_path)


def test_links_inside_a_sheet_work_and_those_out_of_it_are_gone(parts: list[bytes]) -> None:
    # on the first page: number of the last page, section there, and equation and the web where that is
    assert links(parts[0]) == [[1, 1], [0, "https://example.org/1"]]
    assert links(parts[1]) == [[2, 2], [], [0, "https://example.org/2"]]
    assert links(parts[2]) == [[0, 0, 0, "https://example.org/3"]]


def test_a_link_leads_to_the_very_place(run: bytes, parts: list[bytes]) -> None:
    """Each link of a sheet leads to the same height on the page as in the run, where names are looked up."""
    with pymupdf.open(stream=run) as document:
        places = document.resolve_names()
    found = [
        place["to"][1]
        for name, place in places.items()
        if name.startswith("subsection") and place["page"] == 1
    ]
    with pymupdf.open(stream=parts[0]) as document:
        height = document[1].rect.height
        target = document[0].get_links()[1]["to"]
    assert found == [pytest.approx(height - target.y, abs=0.01)]


def test_bookmarks_of_its_own(parts: list[bytes]) -> None:
    def outline(pdf: bytes) -> list[Any]:
        with pymupdf.open(stream=pdf) as document:
            return [tuple(item) for item in document.get_toc()]

    assert outline(parts[0]) == [(1, "1 Anna", 1), (2, "1.1 The end of Anna", 2)]
    assert outline(parts[1]) == [(1, "2 Bob", 1), (2, "2.1 The end of Bob", 3)]
    assert outline(parts[2]) == [(1, "3 Carl", 1), (2, "3.1 The end of Carl", 1)]


def test_only_what_a_sheet_needs(run: bytes, parts: list[bytes]) -> None:
    for part, pages in zip(parts, (range(2), range(2, 5), range(5, 6)), strict=True):
        assert fonts(part) == used_fonts(run, pages)
    typewriter = {name for name in fonts(run) if "Mono" in name}
    assert (
        typewriter and typewriter <= fonts(parts[1]) and not typewriter & (fonts(parts[0]) | fonts(parts[2]))
    )
    assert b"/ShadingType" not in parts[0]
    for part, others in zip(parts, ("Bob Carl", "Anna Carl", "Anna Bob"), strict=True):
        reader = read(part)
        assert not reader.named_destinations and "/Names" not in reader.root_object
        text = " ".join(page.extract_text() for page in reader.pages)
        assert not set(others.split()) & set(text.split())


def test_properties(parts: list[bytes]) -> None:
    for part, title in zip(parts, TITLES, strict=True):
        metadata = read(part).metadata
        assert metadata is not None and (metadata.title, metadata.author) == (title, "An author")
        assert read(part).root_object.get("/Lang") == "en"


def test_the_same_run_gives_the_same_bytes(run: bytes, parts: list[bytes]) -> None:
    assert split_pdf(run, COUNTS, TITLES) == parts
    assert len({part[-400:] for part in parts}) == 3  # and identifiers of their own


def test_a_sheet_is_the_same_wherever_in_a_run_it_stands(need_tex: Callable[[str], str]) -> None:
    one = r"\section*{Sheet}\addcontentsline{toc}{section}{Sheet}\label{l%d} $%s$ \hyperref[m%d]{on} "
    one += r"\clearpage\setcounter{page}{2}\phantomsection\label{m%d} $x_1$ \clearpage\setcounter{page}{1}"
    sheets = [one % (n, "0123456789" if n % 2 else "9876543210", n, n) for n in range(4)]
    start = r"\documentclass{article}\usepackage[hidelinks]{hyperref}\begin{document}"
    run = compile_tex(start + "".join(sheets) + r"\end{document}", need_tex("pdflatex"))
    first, second, third, fourth = split_pdf(run, [2] * 4, ["Sheet"] * 4)
    assert first == third and second == fourth and first != second


def test_what_was_joined_is_split_again(tmp_path: Path) -> None:
    sheets = [sheet("Anna", 2), sheet("Bob", 3), sheet("Carl", 1)]
    joined = join_pdfs(list(zip("ABC", sheets, strict=True)), even=False, title="All")
    parts = split_pdf(joined, COUNTS, TITLES)
    assert [picture for part in parts for picture in pictures(part)] == pictures(joined)
    for part, title in zip(parts, "ABC", strict=True):
        valid(part, tmp_path)
        assert [item.title for item in pypdf.PdfReader(io.BytesIO(part)).outline] == [title]


@pytest.mark.parametrize(
    ("counts", "titles", "message"),
    [
        ([1], [], "0 titles for 1 parts; expected one for each"),
        (
            [1],
            ["a"],
            "the parts have 1 pages in all; expected the 2 of the PDF, and at least one for each part",
        ),
        (
            [2, 0],
            ["a", "b"],
            "the parts have 2 pages in all; expected the 2 of the PDF, and at least one for each part",
        ),
        ([], [], "the parts have 0 pages in all; expected the 2 of the PDF, and at least one for each part"),
    ],
)
def test_numbers_that_do_not_fit(counts: list[int], titles: list[str], message: str) -> None:
    with pytest.raises(SymbackpropError) as error:
        split_pdf(sheet("Anna", 2), counts, titles)
    assert str(error.value) == message


def test_what_is_no_pdf() -> None:
    with pytest.raises(SymbackpropError, match=r"^this PDF cannot be split: "):
        split_pdf(b"nothing", [1], ["a"])
