"""Problems: reading them, checking them, and what they consist of."""

from __future__ import annotations

from typing import Any

from .catalogue import example_names, example_path, example_summaries, starter_text
from .load import load_problem, problem_from_mapping, read_problem
from .problem import Problem
from .python import Dense, dense_problem

__all__ = [
    "Dense",
    "Problem",
    "dense_problem",
    "example_names",
    "example_path",
    "example_summaries",
    "json_schema",
    "load_problem",
    "problem_from_mapping",
    "read_problem",
    "sheet_schema",
    "starter_text",
]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of problem files."""
    from .schema import json_schema as build

    return build()


def sheet_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of sheet files."""
    from .schema import sheet_schema as build

    return build()
