"""The command line as a user meets it: a process of its own, its texts, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from symbackprop.spec import example_names

TWO_OUTPUT = "two-output-sigmoid"


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symbackprop", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100", **environment},
        timeout=120,
        check=False,
    )


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """Return the message of a run that was refused: exit code 2, one message, no traceback."""
    assert result.returncode == 2, result
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return result.stderr


def test_solve_writes_tex_and_pdf_into_outputs(tmp_path: Path) -> None:
    result = run("solve", TWO_OUTPUT, "--engine", "typst", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    tex, pdf = tmp_path / f"outputs/{TWO_OUTPUT}.tex", tmp_path / f"outputs/{TWO_OUTPUT}.pdf"
    assert result.stdout.split() == [f"outputs/{TWO_OUTPUT}.tex", f"outputs/{TWO_OUTPUT}.pdf"]
    assert tex.read_text().startswith("%") or "\\documentclass" in tex.read_text()
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert sorted(p.name for p in tex.parent.iterdir()) == [tex.stem + ".pdf", tex.stem + ".tex"]


def test_solve_takes_a_problem_file_and_all_formats(tmp_path: Path) -> None:
    assert run("new", "mine.yaml", cwd=tmp_path).returncode == 0
    result = run(
        "solve", "mine.yaml", "-o", "sheets/today", "--format", "tex,typ,json,txt,pdf", "--engine", "typst",
        "--paper", "letter", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    names = sorted(p.name for p in (tmp_path / "sheets/today").iterdir())
    assert names == [f"mine.{suffix}" for suffix in ("json", "pdf", "tex", "txt", "typ")]
    assert "letterpaper" in (tmp_path / "sheets/today/mine.tex").read_text()


def test_json_goes_to_standard_output(tmp_path: Path) -> None:
    result = run("solve", TWO_OUTPUT, "--format", "json", "-o", "-", cwd=tmp_path)
    quantities = json.loads(result.stdout)["quantities"]
    assert quantities["net.h1"] == {"value": "0.4325", "exact": "173/400", "shown": "0.4325"}
    assert quantities["grad.w1"]["shown"] == "0.483364546e-3"
    assert not list(tmp_path.iterdir())


def test_options_change_the_sheet(tmp_path: Path) -> None:
    def quantities(*options: str) -> dict[str, dict[str, str]]:
        result = run("solve", "shared-bias", "--format", "json", "-o", "-", *options, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        data: dict[str, dict[str, str]] = json.loads(result.stdout)["quantities"]
        return data

    # exact value of act.h1: 0.6010878788483698 (shared_bias.yaml)
    assert quantities("--digits", "3")["act.h1"]["shown"] == "0.601"
    assert quantities("--rounding", "significant,half_even,digits=5")["act.h1"]["shown"] == "0.60109"
    assert "act.h1@4" in quantities("--epochs", "4")
    assert "new.b1" not in quantities()
    # updated_biases of shared_bias.yaml
    assert quantities("--update-biases")["new.b1"]["value"].startswith("0.235310212934071")
    assert quantities("--notation", "z-a")["act.h1"]["shown"] == "0.60108"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--format", "docx"), "--format: no format 'docx'; expected some of tex, pdf, typ, json, txt"),
        (("--paper", "a5"), "--paper: given 'a5'; expected one of a4, letter"),
        (
            ("--engine", "word"),
            "--engine: given 'word'; expected one of auto, typst, latexmk, pdflatex, lualatex, tectonic",
        ),
        (("--digits", "0"), "--digits: given 0; expected a whole number from"),
        (("--epochs", "0"), "--epochs: given 0; expected a whole number above zero"),
        (
            ("--notation", "mine"),
            "--notation: given 'mine'; expected one of z-a, net-out, sum-output, h-a, delta-rule",
        ),
        (
            ("--rounding", "sideways"),
            "--rounding: 'sideways' is not part of a rounding; expected some of places",
        ),
        (("--rounding", "mode=up"), "--rounding: mode=up; expected one of half_even, half_up, truncate"),
        (("--rounding", "digits=two"), "--rounding: digits=two; expected a whole number"),
        (("--format", "tex,pdf", "-o", "-"), "-o -: standard output takes one format; given tex, pdf"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    message = refused(run("solve", "xor", *arguments, cwd=tmp_path))
    assert text in message
    assert not (tmp_path / "outputs").exists()


def test_epochs_without_a_learning_rate_are_explained(tmp_path: Path) -> None:
    message = refused(run("solve", "or-gate", "--epochs", "3", cwd=tmp_path))
    assert message == "symbackprop: --epochs: the problem has no learning rate, so nothing is updated\n"


def test_an_unknown_problem_names_the_examples(tmp_path: Path) -> None:
    message = refused(run("solve", "two-outputs-sigmoid", cwd=tmp_path))
    assert "two-output-sigmoid" in message and "delta-rule" in message


def test_an_unwritable_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    message = refused(run("solve", "or-gate", "--format", "json", "-o", "taken", cwd=tmp_path))
    assert message.startswith("symbackprop: taken/or-gate.json: cannot be written: ")
    assert message.endswith("choose another folder with -o\n")


def test_a_folder_that_is_read_only_is_explained(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    (tmp_path / "locked").mkdir(mode=0o500)
    message = refused(run("solve", "or-gate", "--format", "json", "-o", "locked", cwd=tmp_path))
    assert "Permission denied" in message


def test_nothing_is_left_when_one_format_fails(tmp_path: Path) -> None:
    templates = tmp_path / "mine" / "latex"
    templates.mkdir(parents=True)
    (templates / "title.tex.j2").write_text("first line\n((* nonsense *))\n")
    result = run("solve", "or-gate", "--format", "json,tex", "--templates", "mine", cwd=tmp_path)
    message = refused(result)
    assert "title.tex.j2" in message and ":2" in message
    assert not (tmp_path / "outputs").exists()


def test_examples_are_listed_with_a_line_each(tmp_path: Path) -> None:
    result = run("examples", cwd=tmp_path)
    names = [line.split()[0] for line in result.stdout.splitlines()]
    assert names == list(example_names())
    data = json.loads(run("examples", "--json", cwd=tmp_path).stdout)
    assert [item["name"] for item in data] == names and all(item["summary"] for item in data)
    shown = run("examples", "--show", "xor", cwd=tmp_path).stdout
    assert "seed: 0" in shown
    assert "no built-in example 'xr'" in refused(run("examples", "--show", "xr", cwd=tmp_path))


def test_schema_is_json(tmp_path: Path) -> None:
    schema = json.loads(run("schema", cwd=tmp_path).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_new_does_not_replace_a_file(tmp_path: Path) -> None:
    assert run("new", cwd=tmp_path).stdout == "problem.yaml\n"
    assert "problem.yaml is already there" in refused(run("new", cwd=tmp_path))
    assert run("new", "--force", cwd=tmp_path).returncode == 0


def test_same_problem_gives_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("0", "1", "777"):
        run(
            "solve", "xor", "--format", "tex,typ,json,pdf", "--engine", "typst", "-o", f"out{seed}",
            cwd=tmp_path, PYTHONHASHSEED=seed,
        )  # fmt: skip
    for suffix in ("tex", "typ", "json", "pdf"):
        contents = {(tmp_path / f"out{seed}" / f"xor.{suffix}").read_bytes() for seed in ("0", "1", "777")}
        assert len(contents) == 1, suffix
