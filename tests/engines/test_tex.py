"""TeX engines: what they make, what they say when they fail, what they may not do."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from symbackprop.engines.tex import ENGINES, available_engines, compile_tex, compile_with_log, first_error
from symbackprop.errors import RenderError

NeedTex = Callable[[str], str]
SHEET = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_makes_a_pdf(engine: str, need_tex: NeedTex) -> None:
    pdf = compile_tex(SHEET % r"See page~\pageref{end}.\newpage Here.\label{end}", need_tex(engine))
    assert pdf.startswith(b"%PDF-")


def test_references_are_right(tex_engine: str) -> None:
    log = compile_with_log(SHEET % r"See page~\pageref{end}.\newpage Here.\label{end}", tex_engine)[1]
    assert "undefined" not in log


def test_the_same_source_gives_the_same_file(need_tex: NeedTex) -> None:
    first = compile_tex(SHEET % r"$x^2$", need_tex("pdflatex"))
    time.sleep(1.1)  # into another second
    assert compile_tex(SHEET % r"$x^2$", "pdflatex") == first


def test_the_first_engine_found_is_taken(need_tex: NeedTex) -> None:
    need_tex("pdflatex")
    assert compile_tex(SHEET % "x").startswith(b"%PDF-")


# --- failures --------------------------------------------------------------------------------


def test_a_failure_names_the_first_error_and_its_line(tex_engine: str) -> None:
    with pytest.raises(RenderError) as error:
        compile_tex(SHEET % "fine\n\n$x + \\undefinedcommand$", tex_engine)
    assert str(error.value) == (
        f"{tex_engine} failed: Undefined control sequence. (line 5: $x + \\undefinedcommand$)"
    )


def test_a_missing_package(tex_engine: str) -> None:
    with pytest.raises(RenderError, match=r"File `nosuchpackage\.sty' not found"):
        compile_tex(
            "\\documentclass{article}\\usepackage{nosuchpackage}\\begin{document}x\\end{document}", tex_engine
        )


def test_a_sheet_without_an_end(tex_engine: str) -> None:
    with pytest.raises(RenderError, match="failed: "):
        compile_tex("\\documentclass{article}\\begin{document}x", tex_engine)


def test_a_sheet_without_pages(tex_engine: str) -> None:
    with pytest.raises(RenderError, match="made no PDF"):
        compile_tex(SHEET % "", tex_engine)


def test_a_sheet_that_hangs_is_stopped(tex_engine: str) -> None:
    start = time.monotonic()
    with pytest.raises(RenderError, match=f"{tex_engine} took longer than 1 s and was stopped"):
        compile_tex(SHEET % r"\loop\iftrue\repeat", tex_engine, timeout=1)
    assert time.monotonic() - start < 5


def test_what_an_engine_started_is_stopped_with_it(need_tex: NeedTex) -> None:
    need_tex("latexmk")
    start = time.monotonic()
    with pytest.raises(RenderError, match="was stopped"):
        compile_tex(SHEET % r"\loop\iftrue\repeat", "latexmk", timeout=1.2)
    assert time.monotonic() - start < 6


@pytest.mark.parametrize("attack", [r"\immediate\write18{touch %s}", r"\input{|touch %s}"])
def test_there_is_no_shell(tex_engine: str, attack: str, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    with suppress(RenderError):
        compile_tex(SHEET % (attack % target + " x"), tex_engine)
    assert not target.exists()


def test_files_outside_the_scratch_folder_are_not_written(tex_engine: str, tmp_path: Path) -> None:
    target = tmp_path / "written.txt"
    source = rf"\newwrite\f \immediate\openout\f={target}\immediate\write\f{{x}}\immediate\closeout\f x"
    with suppress(RenderError):
        compile_tex(SHEET % source, tex_engine)
    assert not target.exists()


def test_files_outside_the_scratch_folder_are_not_read(tmp_path: Path, need_tex: NeedTex) -> None:
    need_tex("pdflatex")
    (tmp_path / "secret.tex").write_text("secret", encoding="utf-8")
    with pytest.raises(RenderError):
        compile_tex(SHEET % rf"\input{{{tmp_path}/secret.tex}}", "pdflatex")


def test_nothing_is_left_behind(tex_engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    compile_tex(SHEET % "x", tex_engine)
    with pytest.raises(RenderError):
        compile_tex(SHEET % r"\bad", tex_engine)
    assert list(tmp_path.iterdir()) == []


# --- engines that are not there --------------------------------------------------------------


def only(monkeypatch: pytest.MonkeyPatch, *engines: str) -> None:
    """Let only these engines be found."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in engines else None)


def test_a_missing_engine_names_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "pdflatex", "latexmk")
    assert available_engines() == ("latexmk", "pdflatex")
    with pytest.raises(RenderError) as error:
        compile_tex("x", "tectonic")
    assert str(error.value) == (
        "tectonic was not found on this machine; found: latexmk, pdflatex. "
        "The engine typst is built in and needs no TeX"
    )


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    with pytest.raises(RenderError) as error:
        compile_tex("x")
    assert str(error.value) == (
        "no TeX engine was found on this machine. The engine typst is built in and needs no TeX"
    )
    with pytest.raises(RenderError, match="lualatex was not found on this machine; no other TeX engine"):
        compile_tex("x", "lualatex")


def test_an_unknown_engine() -> None:
    with pytest.raises(RenderError, match="'word' is not a TeX engine; expected one of latexmk, pdflatex"):
        compile_tex("x", "word")


# --- logs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (
            "./sheet.tex:3: Missing $ inserted.\n<inserted text>\nl.3 a_b\n",
            "Missing $ inserted. (line 3: third)",
        ),
        ("! Undefined control sequence.\nl.2 \\x\n      y\n", "Undefined control sequence. (line 2: second)"),
        (
            "/usr/a.sty:9: Undefined control sequence.\nl.9 \\oops\n",
            "Undefined control sequence. (line 9: \\oops)",
        ),
        (
            "! Emergency stop.\n! LaTeX Error: File `x.sty' not found.\n",
            "LaTeX Error: File `x.sty' not found.",
        ),
        ("! Emergency stop.\n*** (job aborted)\n", "*** (job aborted)"),
        ("", "no message"),
    ],
)
def test_the_first_real_error_of_a_log(log: str, message: str) -> None:
    assert first_error(log, "first\nsecond\nthird\n") == message


def test_an_engine_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from symbackprop.engines.tex import _environment

    monkeypatch.setenv("SECRET_TOKEN", "x")
    environment = _environment()
    assert "SECRET_TOKEN" not in environment
    assert environment["PATH"] == os.environ["PATH"]
