"""The gallery in outputs/: what the README's commands produce.

    python tests/gallery.py           make it anew
    python tests/gallery.py --check   exit with 1 if what is there is not what would be made

The PDFs and pictures come from the embedded engine, whose bytes depend on its version only. So a check
compares the bytes of the .tex and of the .typ that the PDF was made from, and the pages' texts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from symbackprop import Solution, example_names, solve
from symbackprop.engines.typst import compile_typst, first_page_png

OUTPUTS = Path(__file__).resolve().parent.parent / "outputs"


def sheet_files(solution: Solution) -> dict[str, bytes]:
    """Return the files of one example: .tex, .pdf and a picture of the first page."""
    source = solution.to_typst()
    name = solution.problem.name
    return {
        f"{name}.tex": solution.to_latex().encode(),
        f"{name}.pdf": compile_typst(source),
        f"{name}.png": first_page_png(source),
    }


def refresh() -> None:
    """Write the whole gallery."""
    OUTPUTS.mkdir(exist_ok=True)
    for name in example_names():
        for file, content in sheet_files(solve(name)).items():
            (OUTPUTS / file).write_bytes(content)
            print(OUTPUTS.name + "/" + file)


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [page.get_text() for page in document]


def stale() -> list[str]:
    """Return the files of the gallery that are missing or out of date, each with the reason."""
    found = []
    for name in example_names():
        fresh = sheet_files(solve(name))
        for file, content in fresh.items():
            path = OUTPUTS / file
            if not path.exists():
                found.append(f"{file} is missing")
            elif file.endswith(".tex") and path.read_bytes() != content:
                found.append(f"{file} differs from what is made now")
            elif file.endswith(".pdf") and page_texts(path.read_bytes()) != page_texts(content):
                found.append(f"{file} has other text than what is made now")
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
