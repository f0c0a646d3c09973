"""symbackprop: the complete backpropagation derivation of any network, right to the last printed digit.

>>> from symbackprop import solve
>>> solution = solve("two-output-sigmoid")
>>> print(solution["net.h1"])
z₁ = x₁ w₁ + x₂ w₃ + b₁ = 0.05 × 0.15 + 0.10 × 0.25 + 0.40 = 0.4325
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.3.0"

#: Where each public name lives. Imported when first used, so that `--help` costs no SymPy.
_PUBLIC = {
    "ClassPlan": "class_sets",
    "MISTAKES": "mistakes",
    "distinguishable": "mistakes",
    "distractors": "mistakes",
    "load_class": "class_sets",
    "make_sheet": "worksheets",
    "produce_class": "class_sets",
    "wrong_values": "mistakes",
    "CustomLoss": "spec.custom",
    "Dense": "spec",
    "Document": "document.blocks",
    "Gradients": "bulk",
    "Layer": "layers",
    "Function": "spec.custom",
    "Name": "formulas.names",
    "NotationChoice": "notation.notation",
    "Problem": "problem",
    "ProblemError": "errors",
    "Rounding": "numbers.rounding",
    "RoundingPolicy": "numbers.rounding",
    "Solution": "solution",
    "Step": "step",
    "SymbackpropError": "errors",
    "check": "oracles",
    "each": "layers.own",
    "example_names": "spec",
    "from_keras": "importing",
    "from_torch": "importing",
    "gradients": "bulk",
    "json_schema": "spec",
    "load_problem": "spec",
    "mapping_from_keras": "importing",
    "mapping_from_torch": "importing",
    "problem_from_mapping": "spec",
    "read_problem": "spec",
    "solve": "solution",
    "write_problem": "importing",
}

__all__ = [
    "MISTAKES",
    "ClassPlan",
    "CustomLoss",
    "Dense",
    "Document",
    "Function",
    "Gradients",
    "Layer",
    "Name",
    "NotationChoice",
    "Problem",
    "ProblemError",
    "Rounding",
    "RoundingPolicy",
    "Solution",
    "Step",
    "SymbackpropError",
    "__version__",
    "check",
    "distinguishable",
    "distractors",
    "each",
    "example_names",
    "from_keras",
    "from_torch",
    "gradients",
    "json_schema",
    "load_class",
    "load_problem",
    "make_sheet",
    "mapping_from_keras",
    "mapping_from_torch",
    "problem_from_mapping",
    "produce_class",
    "read_problem",
    "solve",
    "write_problem",
    "wrong_values",
]

if TYPE_CHECKING:
    from .bulk.gradients import Gradients, gradients
    from .class_sets import ClassPlan, load_class, produce_class
    from .document.blocks import Document
    from .errors import ProblemError, SymbackpropError
    from .formulas.names import Name
    from .importing.from_keras import from_keras, mapping_from_keras
    from .importing.from_torch import from_torch, mapping_from_torch
    from .importing.problem_file import write_problem
    from .layers import TypedLayer as Layer
    from .layers.own import each
    from .mistakes import MISTAKES, distinguishable, distractors, wrong_values
    from .notation.notation import NotationChoice
    from .numbers.rounding import Rounding, RoundingPolicy
    from .oracles.check import check
    from .problem import Problem
    from .solution import Solution, solve
    from .spec import (
        Dense,
        example_names,
        json_schema,
        load_problem,
        problem_from_mapping,
        read_problem,
    )
    from .spec.custom import CustomLoss, Function
    from .step import Step
    from .worksheets import make_sheet


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
