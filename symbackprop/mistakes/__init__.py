"""Mistakes people make in backpropagation, each a change to the very sweep that makes the right answer.

`MISTAKES` is the library. `wrong_values` makes the wrong answers to a question, `distractors` a
multiple-choice item of them, `distinguishable` says which mistakes a question tells apart, and `explain`
finds what explains a wrong number.
"""

from __future__ import annotations

from .catalogue import MISTAKES
from .choices import Choice, Choices, distractors
from .distinguishing import Answer, Distinction, distinguishable
from .explaining import explain
from .explanation import Explanation, Wanted
from .hand import Written
from .mistake import Change, Mistake
from .mistaken import Mistaken
from .reading import Reading
from .sweep import Sweep
from .wrong_values import sweep_of, wrong_values

__all__ = [
    "MISTAKES",
    "Answer",
    "Change",
    "Choice",
    "Choices",
    "Distinction",
    "Explanation",
    "Mistake",
    "Mistaken",
    "Reading",
    "Sweep",
    "Wanted",
    "Written",
    "distinguishable",
    "distractors",
    "explain",
    "sweep_of",
    "wrong_values",
]
