"""Class sets: a different sheet for each student of a roster, the keys, and what the marking goes by."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .making import ClassPlan, PaperMaker
from .producing import ClassSet, produce_class

__all__ = [
    "ClassPlan",
    "ClassSet",
    "FeedbackSheets",
    "LoadedClass",
    "PaperMaker",
    "grade_class",
    "load_class",
    "produce_class",
]

if TYPE_CHECKING:
    from .grading import FeedbackSheets, grade_class
    from .loading import LoadedClass, load_class

#: What marks a class needs much that making one does not: it is imported when it is first used.
_MARKING = {
    "FeedbackSheets": "grading",
    "LoadedClass": "loading",
    "grade_class": "grading",
    "load_class": "loading",
}


def __getattr__(name: str) -> Any:
    module = _MARKING.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{module}", __name__), name)
