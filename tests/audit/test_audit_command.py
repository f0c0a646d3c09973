"""`symbackprop audit` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .articles import audit_data


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symbackprop", "audit", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
        timeout=120,
        check=False,
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "or.json").write_text(json.dumps(audit_data("or_gate")), encoding="utf-8")
    return tmp_path


def test_text(page: Path) -> None:
    made = run("or.json", cwd=page)
    assert made.returncode == 1, made.stderr
    assert made.stdout.splitlines() == [
        "2-2-1 sigmoid network for the OR gate, backward pass from given activations: 15 figures: 11 "
        "right, 4 wrong by "
        "themselves",
        "Rounding: rounded to nearest, full precision carried, 3 decimals (act 2, loss 6, grad 5); it "
        "gives 11 of 15 "
        "figures",
        "  others: rounded half up, full precision carried 11; rounded to nearest, displayed values "
        "carried 11; rounded "
        "half up, displayed values carried 11",
        "",
        "grad.w1     -0.00122, should be -0.00026: activation derivative omitted",
        "              −0.122 × 0.01 × 1 = −0.00122",
        "grad.w2     -0.00244, should be -0.00050: activation derivative omitted",
        "              −0.122 × 0.02 × 1 = −0.00244",
        "grad.b2     -0.00122, should be -0.00026: activation derivative omitted",
        "              −0.122 × 0.01 = −0.00122",
        "grad.b1     -0.00244, should be -0.00050: activation derivative omitted",
        "              −0.122 × 0.02 = −0.00244",
    ]
    assert list(page.iterdir()) == [page / "or.json"]


def test_json(page: Path) -> None:
    made = run("or.json", "--json", cwd=page)
    assert made.returncode == 1
    data = json.loads(made.stdout)
    assert data["convention"]["rounding"] == "half_even"
    assert data["summary"] == {"right": 11, "convention": 0, "inherited": 0, "own": 4, "unexplained": 0}
    assert {"quantity", "printed", "verdict", "from", "mistake", "shows"} <= data["figures"][0].keys()
    wrong = next(one for one in data["figures"] if one["quantity"] == "grad.w1")
    assert (wrong["printed"], wrong["verdict"], wrong["from"]) == ("-0.00122", "own", [])
    assert (wrong["mistake"], wrong["shows"]) == (
        "activation_derivative_omitted",
        "−0.122 × 0.01 × 1 = −0.00122",
    )


def test_files(page: Path) -> None:
    made = run("or.json", "--format", "text,json,tex,pdf,typ", "-o", "sheets", "--engine", "typst", cwd=page)
    assert made.returncode == 1, made.stderr
    assert made.stdout.split() == [
        f"sheets/audit-or.{suffix}" for suffix in ("txt", "json", "tex", "pdf", "typ")
    ]
    assert (page / "sheets/audit-or.pdf").read_bytes().startswith(b"%PDF-")
    assert "\\documentclass" in (page / "sheets/audit-or.tex").read_text(encoding="utf-8")


def test_one_format_to_standard_output(page: Path) -> None:
    made = run("or.json", "--format", "tex", "-o", "-", cwd=page)
    assert made.returncode == 1
    assert "\\documentclass" in made.stdout


def test_no_fault_is_exit_code_0(page: Path) -> None:
    (page / "fine.yaml").write_text(
        "problem: delta-rule\nfigures: [{quantity: net.h1, printed: 0.21}]\n", encoding="utf-8"
    )
    made = run("fine.yaml", cwd=page)
    assert made.returncode == 0
    assert made.stdout.endswith("No figure is wrong.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.yaml",), "symbackprop: none.yaml: no such file; expected a problem file"),
        (
            ("or.json", "--format", "doc"),
            "symbackprop: --format: no format 'doc'; expected some of text, json,",
        ),
        (("or.json", "--format", ","), "symbackprop: --format: nothing given; expected some of text, json,"),
        (
            ("or.json", "--format", "tex,pdf", "-o", "-"),
            "symbackprop: -o -: standard output takes one format; given tex, pdf",
        ),
        (("or.json", "--paper", "a5"), "symbackprop: --paper: given 'a5'; expected one of a4, letter"),
        (
            ("or.json", "--format", "pdf", "--engine", "x"),
            "symbackprop: no engine 'x'; expected one of auto,",
        ),
    ],
)
def test_what_cannot_be_used(page: Path, arguments: tuple[str, ...], message: str) -> None:
    made = run(*arguments, cwd=page)
    assert made.returncode == 2
    assert made.stderr.startswith(message)
    assert made.stdout == ""
    assert "Traceback" not in made.stderr
    assert list(page.iterdir()) == [page / "or.json"]


def test_the_same_bytes_in_every_process(page: Path) -> None:
    made = {
        subprocess.run(
            [sys.executable, "-m", "symbackprop", "audit", "or.json", "--json"],
            cwd=page,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            timeout=120,
            check=False,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(made) == 1
