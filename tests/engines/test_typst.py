"""The embedded engine: reproducible, thread-safe, and clear about what is wrong."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from symbackprop.engines.typst import compile_typst, first_page_png
from symbackprop.errors import RenderError

SHEET = '#set document(title: "A")\n#set text(font: "New Computer Modern", lang: "en")\n= A\n'


def test_the_same_source_gives_the_same_bytes() -> None:
    first = compile_typst(SHEET + "x")
    compile_typst(SHEET + "y")
    assert compile_typst(SHEET + "x") == first
    code = (
        "import hashlib, sys; from symbackprop.engines.typst import compile_typst; "
        "print(hashlib.sha256(compile_typst(sys.argv[1])).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, SHEET + "x"], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_threads_may_compile_together() -> None:
    sources = [SHEET + f"number {number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(compile_typst, sources))
    assert together == [compile_typst(source) for source in sources]


def test_an_error_names_its_line() -> None:
    with pytest.raises(RenderError) as error:
        compile_typst(SHEET + "good\n#unknown\n")
    assert str(error.value) == "Typst: line 5: unknown variable: unknown"


def test_an_error_hands_on_the_hints() -> None:
    with pytest.raises(RenderError, match=r"line 4: unknown variable: dE; hint: .*adding spaces.*"):
        compile_typst(SHEET + "$dE$")


def test_the_standard_is_kept() -> None:
    with pytest.raises(RenderError, match="PDF/UA-1 error: missing alt text"):
        compile_typst(SHEET + "$x$")
    assert compile_typst(SHEET + "$x$", standard=None).startswith(b"%PDF-1.7")


def test_a_letter_that_no_font_has_is_named() -> None:
    with pytest.raises(RenderError) as error:
        compile_typst(SHEET + "\U00018b00")  # a Khitan sign
    assert str(error.value) == (
        "Typst: line 4: no font shows \U00018b00 (U+18B00); install a font that does, or write it another way"
    )


def test_a_picture_of_the_first_page() -> None:
    picture = first_page_png(SHEET + "one #pagebreak() two", resolution=72)
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (595, 842)
    with pytest.raises(RenderError, match="line 4: unknown variable"):
        first_page_png(SHEET + "#unknown")


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert compile_typst(SHEET + "\ud800")
