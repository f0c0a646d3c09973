"""Every example of the guide is run: whole problem files are solved, Python sessions compared."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from symbackprop import read_problem, solve
from symbackprop.guide import guide_page, guide_topics
from symbackprop.render.plain import render_plain
from symbackprop.worksheets import make_sheet

README = Path(__file__).resolve().parent.parent / "README.md"
TOPICS = list(guide_topics())
BLOCKS = [
    pytest.param(block, id=f"{topic}-{number}")
    for topic in TOPICS
    for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", guide_page(topic), re.M | re.S), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_an_example_is_a_whole_problem_file_or_sheet(block: str, tmp_path: Path) -> None:
    """It is read, solved and typeset as text."""
    if re.search("^problems:", block, re.M):
        (tmp_path / "sheet.yaml").write_text(block, encoding="utf-8")
        sheet = make_sheet(tmp_path / "sheet.yaml")
        assert sheet.answers and render_plain(sheet.document("key"))
        return
    solution = solve(read_problem(block, "example.yaml"))
    assert solution.to_text()


@pytest.mark.parametrize("topic", TOPICS)
def test_python_sessions_run_as_printed(topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sessions of a page, in order, in one namespace."""
    monkeypatch.chdir(tmp_path)
    sessions = re.findall(r"^```pycon\n(.*?)^```", guide_page(topic), re.M | re.S)
    test = doctest.DocTestParser().get_doctest("".join(sessions), {}, topic, None, None)
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(test, clear_globs=True).failed == 0


@pytest.mark.parametrize("topic", TOPICS)
def test_the_readme_leads_to_every_page(topic: str) -> None:
    """A page that nothing links to is never read."""
    assert f"symbackprop/guide/{topic}.md" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", TOPICS)
def test_links_between_pages_lead_somewhere(topic: str) -> None:
    """Relative links name pages that exist."""
    for target in re.findall(r"\]\(([a-z-]+)\.md\)", guide_page(topic)):
        assert target in TOPICS
