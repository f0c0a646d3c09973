"""Every mistake of vary_texts.yaml gives exactly the text that stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.errors import ProblemError
from symbackprop.spec import read_problem

TEXTS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("vary_texts.yaml").read_text(encoding="utf-8")
)
BASES = [name for name in TEXTS if name != "cases"]


@pytest.mark.parametrize("case", TEXTS["cases"], ids=lambda case: case["case"])
def test_error_text(case: dict[str, Any]) -> None:
    vary = "".join(f"  {line}\n" for line in case["vary"].splitlines())
    text = f"{TEXTS[case['base']].rstrip()}\nvary:\n{vary}"
    for change in case.get("changes", ()):
        assert change["from"] in text
        text = text.replace(change["from"], change["to"], 1)
    with pytest.raises(ProblemError) as caught:
        read_problem(text, "p.yaml")
    assert str(caught.value) == case["text"]


@pytest.mark.parametrize("base", BASES)
def test_the_bases_are_problems(base: str) -> None:
    assert read_problem(TEXTS[base]).vary is None
    assert read_problem(f"{TEXTS[base].rstrip()}\nvary: {{weights: auto}}\n").vary is not None
