"""A class by LaTeX: many papers in one run, each as if it had been set alone."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
import pypdf
import pytest

from symbackprop.adjusting import SheetOptions, adjusted_sheet
from symbackprop.class_sets import ClassPlan, PaperMaker, produce_class, setting
from symbackprop.class_sets.producing import REPORT
from symbackprop.document.blocks import Document, Heading, NewPage, Paragraph, Text
from symbackprop.engines import tex
from symbackprop.engines.tex import compile_tex
from symbackprop.engines.together import compile_together
from symbackprop.errors import RenderError
from symbackprop.production import SerialExecutor
from symbackprop.production.splitting import split_pdf
from symbackprop.render.latex import render_latex
from symbackprop.render.latex.run import latex_runs
from symbackprop.roster import Student, file_names
from symbackprop.spec.worksheets import load_worksheet

NAMES = ("Łukasz Żółć", "Anna O'Hara", "Zoë Quirijn-Xavier", "李小明", "عبد", "Ada (7) \\ Byron")
CLASS = tuple(Student(f"10{number:02}", name) for number, name in enumerate(NAMES, start=1))

#: Items of this degree show numbers in other ways than boxes do, so that their papers are typeset.
RESULTS = SheetOptions(degree="result")


@pytest.fixture(scope="module")
def plan(need_tex: Callable[[str], str]) -> ClassPlan:
    engine = need_tex("pdflatex")
    return ClassPlan(
        adjusted_sheet(load_worksheet("two-output-sigmoid"), RESULTS),
        CLASS,
        dict(file_names(CLASS)),
        "2026",
        keys="both",
        engine=engine,
    )


@pytest.fixture(scope="module")
def made(plan: ClassPlan) -> list[dict[str, bytes]]:
    maker = PaperMaker(plan)
    return maker.many(maker.jobs())


def pdfs(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.endswith(".pdf")}


def pictures(pdf: bytes) -> list[bytes]:
    """Return how each page looks."""
    with pymupdf.open(stream=pdf) as document:
        return [page.get_pixmap(dpi=110).samples for page in document]


def texts(pdf: bytes) -> list[str]:
    with pymupdf.open(stream=pdf) as document:
        return [page.get_text() for page in document]


# --- as if set alone ------------------------------------------------------------------------------


def test_every_page_looks_as_if_it_had_been_set_alone(plan: ClassPlan, made: list[dict[str, bytes]]) -> None:
    maker = PaperMaker(plan)
    for job, files in list(zip(maker.jobs(), made, strict=True))[:3]:
        drawn = maker._draw(job.name)
        for paper, pdf in zip(("sheet", "key", "brief"), pdfs(files).values(), strict=True):
            alone = compile_tex(render_latex(drawn.document(paper)), "pdflatex")
            assert pictures(pdf) == pictures(alone), (job.name, paper)
            assert texts(pdf) == texts(alone)


def test_every_page_has_its_own_numbers_and_owner(made: list[dict[str, bytes]]) -> None:
    for student, files in zip(CLASS, made, strict=True):
        code = json.loads(next(content for path, content in files.items() if path.startswith("records/")))
        for pdf in pdfs(files).values():
            pages = texts(pdf)
            for number, text in enumerate(pages, start=1):
                assert f"{number}/{len(pages)}" in re.sub(r"\s", "", text)
                assert code["code"] in text and student.id in text
                others = "|".join(other.id for other in CLASS if other is not student)
                assert not re.search(rf"(?<![\d.])({others})(?!\d)", text)


def test_properties_and_bookmarks_are_those_of_the_paper(made: list[dict[str, bytes]]) -> None:
    kinds = {"": "worksheet", "-key": "answer key", "-answers": "answers"}
    for files in made:
        for path, pdf in pdfs(files).items():
            reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
            ending = next(kind for kind in ("-key", "-answers", "") if path.endswith(f"{kind}.pdf"))
            assert reader.metadata and reader.metadata.title == "Two outputs, one bias per unit"
            assert reader.metadata["/Keywords"] == f"backpropagation, {kinds[ending]}"
            assert reader.trailer["/Root"]["/Lang"] == "en"
            pages = [reader.get_destination_page_number(one) for one in reader.outline]  # type: ignore[arg-type]
            assert pages == sorted(pages) and (ending == "-answers") == (not pages)
            titles = [one.title for one in reader.outline]  # type: ignore[union-attr]
            assert ending == "-answers" or titles[0] == "1 Forward pass"


def test_links_lead_to_the_paper_itself(need_tex: Callable[[str], str]) -> None:
    from symbackprop.worksheets import make_sheet

    document = make_sheet("two-output-sigmoid").document("key")
    source = render_latex(document)
    linked = source.replace(
        r"\end{document}", "\\hypertarget{\\sheet.99}{there}\\newpage\\byresult{99}\n\\end{document}"
    )
    for pdf in compile_together([document] * 3, [linked] * 3, need_tex("pdflatex")):
        with pymupdf.open(stream=pdf) as opened:
            links = [link["page"] for page in opened for link in page.get_links()]
            assert links == [opened.page_count - 2]


# --- the same bytes -------------------------------------------------------------------------------


def test_the_bytes_do_not_depend_on_the_others(plan: ClassPlan, made: list[dict[str, bytes]]) -> None:
    jobs = PaperMaker(plan).jobs()
    for order in ([2, 0], [5, 4, 3, 2, 1, 0], [1]):
        again = PaperMaker(plan).many([jobs[number] for number in order])
        for number, files in zip(order, again, strict=True):
            assert files == made[number], order


def test_the_bytes_do_not_depend_on_the_process(plan: ClassPlan, made: list[dict[str, bytes]]) -> None:
    code = (
        "import sys, hashlib\n"
        "from symbackprop.adjusting import SheetOptions, adjusted_sheet\n"
        "from symbackprop.class_sets import ClassPlan, PaperMaker\n"
        "from symbackprop.roster import Student, file_names\n"
        "from symbackprop.spec.worksheets import load_worksheet\n"
        "students = (Student('1003', sys.argv[1]), Student('9', 'Someone Else'))\n"
        "sheet = adjusted_sheet(load_worksheet('two-output-sigmoid'), SheetOptions(degree='result'))\n"
        "plan = ClassPlan(sheet, students, dict(file_names(students)), '2026', keys='both', engine='pdflatex')\n"
        "maker = PaperMaker(plan)\n"
        "files = maker.many(maker.jobs())[0]\n"
        "print(sorted((path, hashlib.sha256(content).hexdigest()) for path, content in files.items()))\n"
    )
    import hashlib

    wanted = sorted((path, hashlib.sha256(content).hexdigest()) for path, content in made[2].items())
    done = subprocess.run(
        [sys.executable, "-c", code, NAMES[2]],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(wanted)


def test_nothing_of_other_papers_is_in_a_file(made: list[dict[str, bytes]]) -> None:
    """Of the bold font, which prints the names alone, each file has the letters of one student's name."""
    for student, files in zip(CLASS[:3], made[:3], strict=True):
        reader = pypdf.PdfReader(io.BytesIO(pdfs(files)[next(iter(pdfs(files)))]), strict=True)
        fonts: dict[str, Any] = {}
        for page in reader.pages:
            for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
                thing = font.get_object()
                fonts.setdefault(thing["/BaseFont"].rpartition("+")[2], []).append(thing)
        glyphs = {
            name
            for font in fonts["LMRoman9-Bold"]
            for name in font["/FontDescriptor"]["/CharSet"].strip("/").split("/")
        }
        plain = {letter for letter in student.name if letter.isascii() and letter.isalpha()}
        assert {name for name in glyphs if len(name) == 1} == plain


# --- page totals ----------------------------------------------------------------------------------


def long(pages: int) -> Document:
    """Return a document of so many pages, and of as many blocks as any other."""
    blocks = [Paragraph((Text("x"),)), NewPage()] * (pages - 1)
    blocks += [Paragraph((Text("y"),))] * (20 - len(blocks))
    return Document("Worksheet", "Title", (), (Heading(1, (Text("Start"),), "1"), *blocks))


def test_a_wrong_total_is_put_right_in_the_same_run(
    need_tex: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    started = tex._run
    monkeypatch.setattr(tex, "_run", lambda *given: runs.append(given) or started(*given))
    documents = [long(pages) for pages in (3, 3, 1, 4, 3)]
    sources = [render_latex(document) for document in documents]
    made = compile_together(documents, sources, need_tex("pdflatex"))
    assert len(runs) == 1
    for pages, pdf in zip((3, 3, 1, 4, 3), made, strict=True):
        said = [re.sub(r"\s", "", text)[-3:] for text in texts(pdf)]
        assert said == [f"{number}/{pages}" for number in range(1, pages + 1)]
    assert made[0] == made[1] == made[4]


def test_documents_of_other_preambles_are_set_in_runs_of_their_own() -> None:
    small, large = long(1), replace(long(1), size=16.0)
    sources = [render_latex(one) for one in (small, large, small)]
    runs = latex_runs(sources, ["a"] * 3)
    assert [run.numbers for run in runs] == [(0, 2), (1,)]
    assert set(runs[0].files) == {"sheet.tex", "paper1.tex", "paper2.tex"}


def test_a_template_without_a_document_is_refused() -> None:
    with pytest.raises(RenderError, match=r"a template leaves out \\begin\{document\}"):
        latex_runs(["nothing"], ["a"])


def test_other_engines_set_them_singly(need_tex: Callable[[str], str]) -> None:
    document = long(2)
    (pdf,) = compile_together([document], [render_latex(document)], need_tex("lualatex"))
    assert len(texts(pdf)) == 2


def test_pages_that_nobody_needs_are_left_out(need_tex: Callable[[str], str]) -> None:
    document = long(3)
    whole = compile_tex(render_latex(document), need_tex("pdflatex"))
    first, second = split_pdf(whole, [1, 2], [None, "Kept"], ["", "some words"])
    assert first == b"" and len(texts(second)) == 2


# --- names and failures ---------------------------------------------------------------------------


def test_a_name_that_fonts_lack_gives_way_to_the_number(made: list[dict[str, bytes]]) -> None:
    for student, files in zip(CLASS, made, strict=True):
        lacking = student.name in ("李小明", "عبد")
        record = json.loads(next(content for path, content in files.items() if path.startswith("records/")))
        assert record.get("nameless", False) is lacking and record["name"] == student.name
        first = texts(next(iter(pdfs(files).values())))[0]
        assert student.id in first
        assert ("?" in first) is False
        if not lacking:
            assert student.name.split()[0] in first.replace("’", "'")


@pytest.mark.parametrize("engine", ["pdflatex", "typst"])
def test_the_report_says_whose_name_is_missing(
    engine: str, plan: ClassPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "typst":
        from symbackprop.engines import typst

        compiled = typst.compile_typst

        def without(source: str, **options: Any) -> bytes:
            if "李" in source:
                raise RenderError("Typst: no font shows 李 (U+674E); install a font that does")
            return compiled(source, **options)

        monkeypatch.setattr(typst, "compile_typst", without)
    two = replace(plan, students=(CLASS[1], CLASS[3]), engine=engine, keys="none")
    made = produce_class(two, tmp_path, executor=SerialExecutor())
    assert made.production.complete and made.nameless == ("1004",)
    assert made.summary().endswith("\nwithout the name, which no font shows: 1 paper; report.txt says whose")
    report = (tmp_path / REPORT).read_text(encoding="utf-8")
    assert report.endswith(
        "The number stands for the name, which no font shows, on the papers of:\n  1004  李小明\n"
    )


def test_a_paper_that_fails_is_named_and_the_others_are_made(
    plan: ClassPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = setting.render_latex

    def broken(document: Document, **options: Any) -> str:
        source = rendered(document, **options)
        spoilt = document.stamp is not None and "1002" in document.stamp.text
        return source.replace(r"\thispagestyle{first}", r"\nosuchcommand") if spoilt else source

    monkeypatch.setattr(setting, "render_latex", broken)
    three = replace(plan, students=CLASS[:3], keys="none")
    production = produce_class(three, tmp_path, executor=SerialExecutor()).production
    assert [failure.job for failure in production.failed] == [plan.names["1002"]]
    assert "pdflatex failed: Undefined control sequence" in production.failed[0].reason
    assert list(production.made) == [plan.names["1001"], plan.names["1003"]]
    assert len(list((tmp_path / "sheets").glob("*.pdf"))) == 2
