"""The gallery in outputs/: what the README's commands produce.

    python tests/gallery.py           make it anew
    python tests/gallery.py --check   exit with 1 if what is there is not what would be made

The PDFs and pictures come from the embedded engine, whose bytes depend on its version only. So a check
compares the bytes of the text files and of the .tex, and the pages' texts of the PDFs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from audit.articles import ARTICLES, audited

from symbackprop import Solution, example_names, solve
from symbackprop.audit.document import audit_document
from symbackprop.class_sets import ClassPlan, produce_class
from symbackprop.engines.typst import compile_typst, first_page_png
from symbackprop.production import SerialExecutor
from symbackprop.render.latex import render_latex
from symbackprop.render.typst import render_typst
from symbackprop.roster import Student, file_names
from symbackprop.spec.sheet_files import load_sheet
from symbackprop.spec.worksheet import FADING
from symbackprop.spec.worksheets import load_worksheet
from symbackprop.worksheets import PAPERS, content, make_sheet

OUTPUTS = Path(__file__).resolve().parent.parent / "outputs"

#: The example of the worksheets and of the class, and the class.
SHEET = "two-output-sigmoid"
CLASS = tuple(
    Student(f"10{number}", name)
    for number, name in enumerate(
        ("Łukasz Nowak", "Anna O'Hara", "Zoë Müller", "Анна Петрова", "María José Núñez"), start=1
    )
)


def sheet_files(solution: Solution) -> dict[str, bytes]:
    """Return the files of one example: .tex, .pdf and a picture of the first page."""
    source = solution.to_typst()
    name = solution.problem.name
    return {
        f"{name}.tex": solution.to_latex().encode(),
        f"{name}.pdf": compile_typst(source),
        f"{name}.png": first_page_png(source),
    }


def worksheet_files(fading: str) -> dict[str, bytes]:
    """Return a worksheet of one degree of fading, with its key."""
    worksheet = load_worksheet(SHEET)
    faded = replace(worksheet, tasks=tuple(replace(task, fade=FADING[fading]) for task in worksheet.tasks))
    sheet = make_sheet(faded)
    return {
        f"worksheets/{SHEET}-{fading}{PAPERS[paper]}.{format}": content(
            sheet.document(paper), format, engine="typst"
        )
        for paper in ("sheet", "key")
        for format in ("tex", "pdf")
    }


def class_files() -> dict[str, bytes]:
    """Return a class set of five, but for its manifest."""
    worksheet, sources = load_sheet(SHEET)
    plan = ClassPlan(worksheet, CLASS, dict(file_names(CLASS)), "2026")
    with tempfile.TemporaryDirectory() as name:
        produce_class(plan, name, sources=sources, executor=SerialExecutor())
        return {
            f"class/{path.relative_to(name).as_posix()}": path.read_bytes()
            for path in sorted(Path(name).rglob("*"))
            if path.is_file() and path.name != "manifest.json"
        }


def audit_files(article: str) -> dict[str, bytes]:
    """Return the report of the audit of a published article."""
    document = audit_document(audited(article))
    name = f"audit-{ARTICLES[article]}"
    return {
        f"{name}.tex": render_latex(document).encode(),
        f"{name}.pdf": compile_typst(render_typst(document)),
    }


def gallery() -> Iterator[dict[str, bytes]]:
    """Yield the files of the gallery, group by group."""
    for name in example_names():
        yield sheet_files(solve(name))
    for fading in FADING:
        yield worksheet_files(fading)
    for article in ARTICLES:
        yield audit_files(article)
    yield class_files()


def refresh() -> None:
    """Write the whole gallery."""
    for files in gallery():
        for file, fresh in files.items():
            path = OUTPUTS / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(fresh)
            print(f"{OUTPUTS.name}/{file}")


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [page.get_text() for page in document]


def stale() -> list[str]:
    """Return the files of the gallery that are missing or out of date, each with the reason."""
    found = []
    for files in gallery():
        for file, fresh in files.items():
            path = OUTPUTS / file
            if not path.exists():
                found.append(f"{file} is missing")
            elif file.endswith(".pdf"):
                if page_texts(path.read_bytes()) != page_texts(fresh):
                    found.append(f"{file} has other text than what is made now")
            elif not file.endswith(".png") and path.read_bytes() != fresh:
                found.append(f"{file} differs from what is made now")
    return found


def main() -> int:
    """Refresh or check the gallery."""
    if "--check" not in sys.argv[1:]:
        refresh()
        return 0
    problems = stale()
    for problem in problems:
        print(f"outputs/{problem}; make it anew with: python tests/gallery.py")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
