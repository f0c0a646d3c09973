"""The README's examples are run and give what it prints."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symbackprop import read_problem, solve
from symbackprop.command_line import app

README = Path(__file__).resolve().parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def printed_as(expected: str) -> re.Pattern[str]:
    """Return a pattern for what is printed; `...` stands for what differs from run to run."""
    return re.compile(re.escape(expected).replace(re.escape("..."), "[^\\n]*"))


@pytest.mark.parametrize("block", blocks("pycon"), ids=lambda block: block.splitlines()[0][4:44])
def test_python_examples(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)
    assert result.attempted and not result.failed


def test_console_examples(tmp_path: Path) -> None:
    """Run all commands in order, in one folder, as a reader would."""
    commands = 0
    for block in blocks("console"):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            name, *arguments = shlex.split(command)
            assert name == "symbackprop"
            result = subprocess.run(
                [sys.executable, "-m", "symbackprop", *arguments],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                env={**os.environ, "COLUMNS": "120"},
                check=False,
            )
            assert result.returncode == 0, result.stderr
            assert printed_as(expected).fullmatch(result.stdout), command
            commands += 1
    assert commands >= 5


@pytest.mark.parametrize("block", blocks("yaml"), ids=["compact", "explicit"])
def test_problem_files(block: str) -> None:
    assert solve(read_problem(block))["loss"].value > 0


def test_every_option_of_solve_is_in_the_readme_and_the_other_way_round() -> None:
    shown = CliRunner().invoke(app, ["solve", "--help"], terminal_width=200).output
    in_help = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help", "--output"}
    table = TEXT[TEXT.index("## Options of `solve`") : TEXT.index("Exit codes")]
    in_readme = set(re.findall(r"--[a-z][a-z-]+", table))
    assert in_help == in_readme


def test_the_changelog_names_this_version() -> None:
    from symbackprop import __version__

    assert f"## {__version__} " in (README.parent / "CHANGELOG.md").read_text(encoding="utf-8")
