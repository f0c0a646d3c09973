"""The published JSON Schema of problem files, made from their form."""

from __future__ import annotations

from typing import Any

from ..notation import OPTIONS
from ..presets import PRESETS
from .model import ProblemForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_EXAMPLE = {
    "title": "Two outputs",
    "network": {
        "inputs": [0.05, 0.10],
        "targets": [0.01, 0.99],
        "layers": [
            {
                "units": 2,
                "activation": "sigmoid",
                "weights": [[0.15, 0.25], [0.20, 0.30]],
                "biases": [0.40, 0.35],
            },
            {
                "units": 2,
                "activation": "sigmoid",
                "weights": [[0.40, 0.50], [0.45, 0.55]],
                "biases": [0.25, 0.60],
            },
        ],
        "loss": "half_squared_error",
        "learning_rate": 0.01,
    },
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of problem files."""
    schema = ProblemForm.model_json_schema(by_alias=True, mode="validation")
    notation = schema["$defs"]["NotationForm"]
    notation["properties"]["preset"] = {
        "enum": [*PRESETS, None],
        "description": "The notation to start from.",
    }
    for key, allowed in OPTIONS.items():
        kind: dict[str, Any] = {"enum": list(allowed)} if isinstance(allowed, tuple) else {"type": "boolean"}
        notation["properties"][key] = {**kind, "description": f"Notation option {key}."}
    notation["additionalProperties"] = False
    _drop_titles(schema)
    return {
        "$schema": DIALECT,
        **schema,
        "title": "symbackprop problem file",
        "description": "A neural network, its data and what is asked. In error messages, items of lists are "
        "counted from 1.",
        "examples": [_EXAMPLE],
    }


def _drop_titles(schema: Any) -> None:
    """Remove the titles that only repeat a field's or a form's name."""
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for value in schema.values():
            _drop_titles(value)
    elif isinstance(schema, list):
        for value in schema:
            _drop_titles(value)
