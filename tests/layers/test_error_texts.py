"""Every mistake of error_texts.yaml gives exactly the text that stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .errors import refusal

TEXTS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("error_texts.yaml").read_text(encoding="utf-8")
)
CASES = [(group["base"], case) for group in TEXTS.values() for case in group["cases"]]


@pytest.mark.parametrize(("base", "case"), CASES, ids=lambda value: str(value)[:60])
def test_error_text(base: str, case: dict[str, str]) -> None:
    assert str(refusal(base.replace("FIELDS", case["fields"]))) == case["text"]


@pytest.mark.parametrize(
    ("group", "place"), [("dense", "layers[2].type"), ("combining", "layers[2].layers[1].type")]
)
def test_an_unknown_type(group: str, place: str) -> None:
    fields = "type: denes" if group == "dense" else "type: residual, layers: [{type: denes}]"
    found = str(refusal(TEXTS[group]["base"].replace("FIELDS", fields)))
    assert found.startswith(f"p.yaml:7: network.{place}: unknown type of layer; given denes; expected a map")
    assert found.endswith("Did you mean dense?")
