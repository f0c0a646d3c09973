"""The published JSON Schema of problem files, made from their form."""

from __future__ import annotations

from typing import Any

from ..notation.notation import OPTIONS
from ..notation.presets import PRESETS
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
    _add_general_networks(schema)
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


def sheet_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of sheet files, which may hold problems themselves."""
    from .worksheet import FADING
    from .worksheet_forms import SheetForm

    schema = SheetForm.model_json_schema(by_alias=True, mode="validation")
    problem = json_schema()
    definitions = problem.pop("$defs")
    for name in ("$schema", "examples"):
        del problem[name]
    _drop_titles(schema)
    schema["$defs"] = {**definitions, **schema["$defs"], "Problem": problem}
    for form in (schema, schema["$defs"]["TaskForm"]):
        words = form["properties"]["fade"]["anyOf"][0]["oneOf"]
        words[0], words[1] = {"enum": [*FADING]}, {**words[1], "minItems": 1}
    task = schema["$defs"]["TaskForm"]["properties"]["problem"]
    task["anyOf"] = [{"type": "string"}, {"$ref": "#/$defs/Problem"}]
    return {
        "$schema": DIALECT,
        **schema,
        "title": "symbackprop sheet file",
        "description": "A worksheet of one or several problems. In error messages, items of lists are "
        "counted from 1.",
        "examples": [_SHEET_EXAMPLE],
    }


_SHEET_EXAMPLE = {
    "title": "Week 3",
    "course": "Machine Learning",
    "instructions": "Show your work; $sigma(z) = 1/(1 + exp(-z))$.",
    "points": {"grad.*": 2, "other": 1},
    "problems": [
        {"problem": "two-output-sigmoid", "ask": "forward", "as": "substitution"},
        {
            "problem": "two-output-sigmoid",
            "title": "Gradients",
            "ask": ["grad.w5", "grad.w1"],
            "as": "derivation",
        },
    ],
}


def _add_general_networks(schema: dict[str, Any]) -> None:
    """Add networks of layers of any type, and computation graphs in the place of a network."""
    from ..layers import LAYER_TYPES
    from .general_forms import NOT_IN_GRAPHS, GeneralProblemForm, GraphProblemForm

    for form in (GeneralProblemForm, GraphProblemForm):
        schema["$defs"] |= form.model_json_schema(by_alias=True, mode="validation")["$defs"]
    kinds = []
    for name, layer in LAYER_TYPES.items():
        made = layer.model_json_schema(by_alias=True, mode="validation")
        schema["$defs"] |= made.pop("$defs", {})
        made["properties"]["type"] = {"const": name, "description": "The type of the layer."}
        if name != "dense":
            made["required"] = ["type", *made.get("required", [])]
        schema["$defs"][f"{name}_layer"] = made
        kinds.append({"$ref": f"#/$defs/{name}_layer"})
    network = schema["$defs"]["GeneralNetworkForm"]["properties"]
    network["layers"] |= {"items": {"anyOf": kinds}, "contains": {"required": ["type"]}}
    for name in NOT_IN_GRAPHS:
        schema["$defs"]["GraphForm"]["properties"].pop(name, None)
    written = schema["properties"]["network"]
    dense = {key: written.pop(key) for key in ("$ref", "allOf") if key in written}
    both = {"anyOf": [dense, {"$ref": "#/$defs/GeneralNetworkForm"}]}
    schema["properties"]["network"] = {"description": "The network and its data.", **written, **both}
    schema["properties"]["graph"] = {
        "$ref": "#/$defs/GraphForm",
        "description": "A free computation graph, in the place of a network.",
    }
    schema.pop("required", None)
    schema["oneOf"] = [{"required": ["network"]}, {"required": ["graph"]}]


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
