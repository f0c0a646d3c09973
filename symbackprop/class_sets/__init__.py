"""Class sets: a different sheet for each student of a roster, the keys, and what the marking goes by."""

from __future__ import annotations

from .grading import FeedbackSheets, grade_class
from .loading import LoadedClass, load_class
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
