"""Files of students' answers: from CSV or a workbook to each student's texts by item."""

from __future__ import annotations

from .errors import AnswerError
from .finding import Expected
from .reading_answers import AnswerFile, Submission, read_answers

__all__ = ["AnswerError", "AnswerFile", "Expected", "Submission", "read_answers"]
