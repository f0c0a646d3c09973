"""What a problem file asks to be shown."""

from __future__ import annotations

from dataclasses import replace

from ..showing import UnknownName, selection_of
from .faults import Path, Written
from .problem import Problem


def with_show(problem: Problem, words: str | list[str] | None, written: Written) -> Problem:
    """Return the problem with the words of its field `show`.

    Raises:
        ProblemError: a word fits no parameter and no layer.
    """
    if words is None:
        return problem
    listed = [words] if isinstance(words, str) else words
    split = [part.strip() for word in listed for part in word.split(",") if part.strip()]
    if not split:
        raise written.error(("show",), "nothing to show", expected="parameters, or `show` left out")
    shown = replace(problem, show=tuple(split))
    try:
        selection_of(shown)
    except UnknownName as error:
        place: Path = ("show",)
        if isinstance(words, list):
            index = next(number for number, text in enumerate(words) if error.word in text)
            place = ("show", index)
        raise written.error(
            written.existing(place),
            "fits no parameter",
            given=error.word,
            expected=error.expected,
            hint=error.hint,
        ) from None
    return shown
