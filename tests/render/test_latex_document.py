"""Sheets as LaTeX: the source reads well, stands alone and makes sound pages."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from latex_sample import (
    BACKWARD,
    BLOCKS,
    HIDDEN,
    PARAMETERS,
    PLAIN,
    POLICY,
    TERMS,
    curves,
    document,
    equals,
    network,
    num,
    sym,
    words,
)

from symbackprop.document.blocks import (
    Beside,
    Derivation,
    Document,
    Heading,
    Math,
    Paragraph,
    Row,
    Table,
    Text,
    Together,
)
from symbackprop.document.layout.pages import EM, LINE_WIDTH
from symbackprop.document.worksheet.composing import TEXT_WIDTH
from symbackprop.engines.tex import compile_with_log
from symbackprop.formulas.terms import Number
from symbackprop.render.latex import render_latex


def body(*blocks: object) -> str:
    """Return what stands between the title and the end of a sheet of these blocks."""
    source = render_latex(document(blocks=blocks, subtitle=()))
    return (
        source.split("\\sheettitle{Two-output sigmoid network}\n")[1]
        .split("\\label{\\sheet.lastpage}")[0]
        .strip()
    )


def test_a_derivation_reads_well() -> None:
    assert body(HIDDEN, PLAIN) == "\n".join(
        [
            r"\begin{derivation}[Hidden unit $1$]",
            r"  z_1 &= x_1 w_1 + x_2 w_3 + b_1 & & \reason[1]{net input: each input times its weight, plus "
            r"the bias} \\",
            r"      &= 0.05 \times 0.15 + 0.10 \times 0.25 + 0.40 = \result{0.4325} \resultno{1} \\",
            r"  a_1 &= \sigma(z_1) = \frac{1}{1 + e^{-z_1}} = \result{0.606470487} \resultno{2} "
            r"& \reason{activation} \\",
            r"\end{derivation}",
            "",
            r"\begin{derivation*}",
            r"  E &= \frac{(0.01 - 0.687987956)^2}{2} + "
            r"\frac{(0.99 - 0.812345678)^2}{2} = \result{0.245634821} \resultno{9} \\",
            r"\end{derivation*}",
        ]
    )


def test_headings_count_as_latex_counts() -> None:
    blocks = [
        Heading(1, words(name), number) for name, number in (("A", "1"), ("B", "4"), ("C", "5"), ("D", ""))
    ]
    assert body(*blocks, Heading(1, words("E"), "A"), Heading(2, words("F"))).split("\n\n") == [
        r"\section{A}",
        "\\setcounter{section}{3}\n\\section{B}",
        r"\section{C}",
        r"\section*{D}",
        r"\section*{A\quad E}",
        r"\subsection{F}",
    ]


def test_a_table() -> None:
    table = Table(
        (words("a & b"), (Math(sym("w")),)), (((Math(num("-1")),), words("[x]")),), ("right", "center")
    )
    assert body(table) == "\n".join(
        [
            r"\fitwidth{\begin{tabular}{@{}rc@{}}",
            r"  \toprule",
            r"  a \& b & $w$ \\",
            r"  \midrule",
            r"  $-1$ & {[}x] \\",
            r"  \bottomrule",
            r"\end{tabular}}",
        ]
    )


def test_a_table_breaks_only_where_pages_do() -> None:
    assert r"\begin{runningtable}" in body(PARAMETERS)
    assert r"\begin{runningtable}" not in body(Together((PARAMETERS,)))
    assert r"\begin{runningtable}" not in body(Beside((PARAMETERS,), ()))


def test_a_reason_runs_on_beside_the_lines_without_one() -> None:
    notes = ["a", "", "", "b", "c", ""]
    rows = tuple(Row(None, equals(sym("x")), note=words(note) if note else ()) for note in notes)
    source = body(Derivation(rows))
    assert re.findall(r"\\reason.*?}", source) == [r"\reason[2]{a}", r"\reason{b}", r"\reason[1]{c}"]


def test_brackets_in_a_title_do_not_end_it() -> None:
    assert r"\begin{derivation*}[{a [b] c}]" in body(Derivation((Row(sym("x"), ()),), words("a [b] c")))


def test_the_answer_to_a_blank_is_nowhere_in_the_source() -> None:
    assert "31415926" not in render_latex(document())


def test_what_opens_a_section_stays_with_what_follows() -> None:
    opening = Paragraph(words("Opening."))
    heading = Heading(1, words("Section"), "1")
    assert "\\opening{Opening.}\n\n\\begin{derivation}" in body(heading, opening, HIDDEN)
    assert "\\opening{" not in body(heading, HIDDEN, opening, HIDDEN)
    assert "\\opening{" not in body(heading, opening)


def test_points_that_coincide_on_paper_are_one() -> None:
    plot = curves(1)
    many = tuple((i / 100, 0.5) for i in range(10_001))
    source = body(replace(plot, series=(replace(plot.series[0], points=many),)))
    assert source.count("(") < 700


def test_a_diagram_reads_well() -> None:
    source = body(network())
    assert r"\fitwidth{\begin{network}{7.5}{9}(8, 5.1)(0, -0.5)" + "\n" in source
    assert r"\netunit(0.42,3.7){0.84}{$x_1$}" in source
    # from circle to circle, 0.42 cm from their middles; a head 1.6 mm long, 1.2 mm wide, cut in to 1.08 mm
    assert r"\netlink(0.84,3.7)(3.472,3.7)(3.42,3.64)(3.58,3.7)(3.42,3.76)" in source
    assert r"\netlabel(2.21,3.7){$w_1$~$0.15$}" in source  # in the middle between 0.42 and 4
    assert r"\netlink(4,4.4)(4,4.228)(3.94,4.28)(4,4.12)(4.06,4.28)" in source
    assert r"\netbias(4,4.45)[b]{$b_{11}$~$0.35$}" in source
    assert r"\netunit[\thicklines](7.58,3.7){0.84}{$\hat{y}_1$}" in source
    assert r"\netlayer(0.42, -0.4){input}" in source
    assert "tikz" not in render_latex(document(blocks=(network(),)))


def test_arrows_end_on_the_circles() -> None:
    place = r"\(([\d.-]+),([\d.-]+)\)"
    found = re.search(rf"\\netlink{place}{place}{place}{place}{place}", body(network()).split("\n")[3])
    assert found
    start, notch, one, tip, other = zip(*[map(float, found.groups())] * 2, strict=True)
    assert math.dist(start, (0.42, 0.9)) == pytest.approx(0.42, abs=2e-3)
    assert math.dist(tip, (4.0, 3.7)) == pytest.approx(0.42, abs=2e-3)
    assert math.dist(start, tip) == pytest.approx(math.hypot(3.58, 2.8) - 0.84, abs=2e-3)
    assert math.dist(notch, tip) == pytest.approx(0.108, abs=2e-3)
    assert math.dist(one, other) == pytest.approx(0.12, abs=2e-3)


def test_a_diagram_says_where_its_sizes_differ() -> None:
    source = body(replace(network((3, 4, 4, 2)), radius=0.3))
    assert r"\begin{network}{6.5}{9}" in source
    assert r"{0.6}{$x_1$}" in source
    assert re.search(r"\\netlabel\[-?[\d.]+\]\(", source)
    assert r"\netbend(" in source
    assert r"\netdots(0.42,0.2)" in source


def test_tikz_is_loaded_where_something_needs_it() -> None:
    assert r"\usepackage{tikz}" in render_latex(document(blocks=(curves(1),)))
    assert r"\usepackage{tikz}" not in render_latex(document(blocks=(HIDDEN,)))


def test_the_same_sheet_gives_the_same_bytes() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from latex_sample import document; "
        "from symbackprop.render.latex import render_latex; print(render_latex(document()))"
    )
    here = Path(__file__).parent
    path = os.pathsep.join([str(here.parent.parent), *sys.path])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(here)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().decode().strip() == render_latex(document()).strip()


def test_no_date_and_no_place_of_the_machine_is_in_the_source() -> None:
    assert not re.search(r"20\d\d-|\\today|/home/|/tmp/", render_latex(document()))


# --- pages -----------------------------------------------------------------------------------


def problems(log: str) -> list[str]:
    """Return what a log complains of."""
    pattern = r"Overfull.*|.*set smaller.*|.*[Uu]ndefined.*|.*Font shape.*|Missing character.*|.*multiply.*"
    return re.findall(pattern, log)


SOUND = tuple(
    block for block in BLOCKS if not (isinstance(block, Beside) and isinstance(block.left[0], Heading))
)


@pytest.fixture(scope="module")
def sheet(tex_engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sheet of every block as PDF."""
    pdf, log = compile_with_log(render_latex(document(blocks=SOUND)), tex_engine)
    assert problems(log) == []
    file = tmp_path_factory.mktemp("latex") / "sheet.pdf"
    file.write_bytes(pdf)
    return file


def text_of(file: Path) -> str:
    """Return the text of a PDF file."""
    return pdf_text(file.read_bytes())


def pdf_text(pdf: bytes) -> str:
    """Return a PDF's text."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def test_pages_have_their_numbers_and_heads(sheet: Path) -> None:
    first, second, *_, last = text_of(sheet).rstrip("\f").split("\f")
    count = len(text_of(sheet).rstrip("\f").split("\f"))
    assert first.rstrip().endswith(f"1 / {count}") or f"1/{count}" in re.sub(r"\s", "", first)[-6:]
    assert re.sub(r"\s", "", last).endswith(f"{count}/{count}")
    assert "Two-output sigmoid network" in second.splitlines()[0]
    assert "Two-output sigmoid network" not in first.splitlines()[0]


def test_reasons_stand_beside_their_lines(sheet: Path) -> None:
    lines = text_of(sheet).splitlines()
    (line,) = [line for line in lines if "4.833645" in line]
    assert "(5)" in line and "tiny: the two" in line


def test_the_pdf_names_itself(sheet: Path) -> None:
    if not shutil.which("pdfinfo"):
        pytest.skip("pdfinfo is not installed")
    info = subprocess.run(["pdfinfo", sheet], capture_output=True, check=True, text=True).stdout
    assert "Two-output sigmoid network" in info
    assert "backpropagation, chain rule" in info
    assert "CreationDate" not in info


def test_the_same_sheet_gives_the_same_pdf(tex_engine: str) -> None:
    source = render_latex(document(blocks=(HIDDEN,)))
    assert compile_with_log(source, tex_engine)[0] == compile_with_log(source, tex_engine)[0]


def test_a_letter_page_holds_the_same_lines(need_tex: Callable[[str], str]) -> None:
    source = render_latex(document(blocks=SOUND[:4], paper="letter"))
    assert source.startswith(r"\documentclass[letterpaper]{article}")
    assert problems(compile_with_log(source, need_tex("pdflatex"))[1]) == []


def test_a_derivation_is_never_torn(need_tex: Callable[[str], str]) -> None:
    blocks = tuple(
        part
        for _ in range(4)
        for part in (Heading(1, words("Section"), ""), Heading(2, words("Part")), BACKWARD)
    )
    pdf, log = compile_with_log(render_latex(document(blocks=blocks)), need_tex("pdflatex"))
    assert "Overfull" not in log
    pages = pdf_text(pdf).rstrip("\f").split("\f")
    assert len(pages) == 4
    assert all(
        page.index("Section") < page.index("Part") < page.index("(3)") < page.index("(8)") for page in pages
    )


def page_count(pdf: bytes) -> int:
    """Return a PDF's number of pages."""
    if not shutil.which("pdfinfo"):
        pytest.skip("pdfinfo is not installed")
    info = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = re.search(r"Pages:\s+(\d+)", info)
    assert found
    return int(found[1])


def test_a_derivation_longer_than_a_page_still_prints(need_tex: Callable[[str], str]) -> None:
    rows = tuple(Row(sym(f"x_{i}"), equals(TERMS["Fraction"]), number=i) for i in range(60))
    pdf, log = compile_with_log(render_latex(document(blocks=(Derivation(rows),))), need_tex("pdflatex"))
    assert problems(log) == []
    assert page_count(pdf) >= 3


def test_reasons_go_below_lines_that_leave_no_room_for_them(need_tex: Callable[[str], str]) -> None:
    import pymupdf

    row = Row(sym("x"), equals(Number("1" * 75)), note=words("reason"))
    pdf, log = compile_with_log(render_latex(document(blocks=(Derivation((row,)),))), need_tex("pdflatex"))
    assert problems(log) == []
    with pymupdf.open(stream=pdf, filetype="pdf") as opened:
        (line,), (reason,) = (opened[0].search_for(searched) for searched in ("1" * 75, "reason"))
    assert line.x0 > reason.x0 and line.y1 - 4 < reason.y0 < line.y1 + 10


def test_a_line_that_is_too_wide_is_set_smaller(need_tex: Callable[[str], str]) -> None:
    row = Row(sym("x"), equals(*(Number("0.123456789"),) * 12), number=1, note=words("long"))
    log = compile_with_log(render_latex(document(blocks=(Derivation((row,)),))), need_tex("pdflatex"))[1]
    assert "Overfull" not in log
    assert "it is set smaller" in log


# --- fragments -------------------------------------------------------------------------------

BOOK = r"""\documentclass{%s}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\fi
\usepackage{%s}
\begin{document}
Before.
%s
Between.
%s
After.
\end{document}
"""


@pytest.mark.parametrize(("document_class", "engine"), [("article", "lualatex"), ("book", "pdflatex")])
def test_a_fragment_works_in_the_authors_document(
    need_tex: Callable[[str], str], document_class: str, engine: str
) -> None:
    blocks = tuple(block for block in SOUND if not isinstance(block, Together) and block is not BLOCKS[-4])
    fragment = render_latex(document(blocks=blocks), fragment=True)
    packages = re.search(r"\\usepackage\{(.*)\}", fragment)
    assert packages and "documentclass" not in fragment
    second = render_latex(document(blocks=(HIDDEN, POLICY), title="Another"), fragment=True)
    source = BOOK % (document_class, packages[1], fragment, second)
    log = compile_with_log(source, need_tex(engine))[1]
    assert "Overfull" not in log
    assert "multiply" not in log


def test_a_fragment_does_without_links(need_tex: Callable[[str], str]) -> None:
    fragment = render_latex(document(blocks=(HIDDEN, Heading(1, (Math(sym("x")),), "1"))), fragment=True)
    source = BOOK % ("article", "amsmath,graphicx,xcolor,pict2e,tikz", fragment, "")
    assert compile_with_log(source, need_tex("pdflatex"))[0]


# --- widths that others reckon with -----------------------------------------------------------


def test_the_page_is_as_wide_as_documents_reckon_with(need_tex: Callable[[str], str]) -> None:
    source = render_latex(document(blocks=(Paragraph((Text("x"),)),))).replace(
        "\\label{\\sheet.lastpage}",
        "\\typeout{WIDTHS \\the\\textwidth\\space\\the\\fontdimen6\\font}\\label{\\sheet.lastpage}",
    )
    log = compile_with_log(source, need_tex("pdflatex"))[1]
    found = re.search(r"WIDTHS ([\d.]+)pt ([\d.]+)pt", log)
    assert found
    width, em = map(float, found.groups())
    assert em == pytest.approx(EM, rel=0.01)
    assert width / em == pytest.approx(LINE_WIDTH, rel=0.02)
    assert width * 25.4 / 72.27 == pytest.approx(TEXT_WIDTH, rel=0.01)


def test_languages(need_tex: Callable[[str], str]) -> None:
    sheet = Document("Lösung", "Zwei Ausgänge", (), (POLICY,), language="de")
    assert "pdflang = {de}" in render_latex(sheet)
    assert compile_with_log(render_latex(sheet), need_tex("pdflatex"))
