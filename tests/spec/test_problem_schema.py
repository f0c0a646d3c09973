"""The published JSON Schema."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
import yaml

from symbackprop.guide import guide_page, guide_topics
from symbackprop.spec import (
    example_names,
    example_path,
    json_schema,
    read_problem,
    sheet_schema,
    starter_text,
)

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SHEETS = jsonschema.Draft202012Validator(sheet_schema())


def example() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(starter_text())
    return data


def test_the_schema_is_valid_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] and SCHEMA["description"]
    for sample in SCHEMA["examples"]:
        VALIDATOR.validate(sample)


@pytest.mark.parametrize("name", example_names())
def test_the_examples_are_valid(name: str) -> None:
    VALIDATOR.validate(yaml.safe_load(example_path(name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=f"{topic}-{number}")
        for topic in guide_topics()
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", guide_page(topic), re.M | re.S), 1)
    ],
)
def test_the_examples_of_the_guide_are_valid(block: str) -> None:
    data = yaml.safe_load(block)
    (SHEETS if "problems" in data else VALIDATOR).validate(data)


def test_the_starter_file_is_valid() -> None:
    VALIDATOR.validate(example())


def test_every_field_is_described() -> None:
    for name, form in [("problem", SCHEMA), *SCHEMA["$defs"].items()]:
        for field, schema in form.get("properties", {}).items():
            target = SCHEMA["$defs"].get(schema.get("$ref", "").rpartition("/")[2], {})
            assert schema.get("description") or target.get("description"), (
                f"{name}.{field} has no description"
            )


@pytest.mark.parametrize(
    "change",
    [
        {"titel": "T"},
        {"network": None},
        {"epochs": 0},
        {"epochs": 1.5},
        {"rounding": {"digits": -1}},
        {"rounding": {"mode": "trunc"}},
        {"notation": {"form": "chian"}},
        {"notation": {"bias_factor": "yes"}},
        {"notation": {"preset": "none"}},
        {"frozen": 3},
    ],
)
def test_typical_mistakes_are_refused(change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**example(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"learnig_rate": 1},
        {"learning_rate": "fast"},
        {"learning_rate": True},
        {"layers": 3},
        {"layers": [{"activation": "tanh"}]},
        {"layers": [{"units": 0, "activation": "tanh"}]},
        {"layers": [{"units": 1, "activation": "sigmod"}]},
        {"layers": [{"units": ["$x$"], "activation": "tanh"}]},
        {"loss": "rmse"},
        {"inputs": "1"},
        {"weights": [{"name": "w1", "from": "x1"}]},
        {"weights": [{"name": "w1", "from": "x1", "to": "h1", "value": "0x1"}]},
        {"layout": "column"},
        {"initialisation": {"seed": -1}},
    ],
)
def test_typical_mistakes_in_the_network_are_refused(change: dict[str, Any]) -> None:
    data = example()
    assert not VALIDATOR.is_valid({**data, "network": {**data["network"], **change}})


def test_the_example_of_the_schema_is_a_problem() -> None:
    assert read_problem(yaml.safe_dump(SCHEMA["examples"][0])).title == "Two outputs"
