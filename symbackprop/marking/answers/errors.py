"""What can be wrong with a file of answers."""

from __future__ import annotations

from ...errors import ProblemError


class AnswerError(ProblemError):
    """A file of answers, or a line of one, that cannot be used.

    The text reads like that of any other file's error: file, line, field, what was given, what was expected.
    """
