"""Whose answers a line holds: the student by id, as spreadsheets leave ids, or by the check code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...checkcode import CodeError, normal_code


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of one student's paper: whose it is, its check code, its quantity keys by item number."""

    student: str
    name: str
    code: str
    items: Mapping[str, str]

    @property
    def called(self) -> str:
        """The student for a message: name and id."""
        return f"{self.name} ({self.student})" if self.name else self.student


class Finder:
    """Finds the paper that a line of answers belongs to."""

    def __init__(self, papers: Iterable[Expected]) -> None:
        """Take the papers of the class."""
        self.papers = {paper.student: paper for paper in papers}
        self._folded: dict[str, list[Expected]] = {}
        self._codes: dict[str, list[Expected]] = {}
        self._names: dict[str, list[Expected]] = {}
        for paper in self.papers.values():
            self._folded.setdefault(_folded(paper.student), []).append(paper)
            self._codes.setdefault(plain_code(paper.code), []).append(paper)
            self._names.setdefault(_name(paper.name), []).append(paper)

    def by_id(self, text: str) -> Expected | None:
        """Return the paper with this id: 007 where a spreadsheet made 7 of it, in capitals or not.

        None if there is none, or if it might be one of several.
        """
        return self.papers.get(text) or _only(self._folded.get(_folded(text), []))

    def by_code(self, text: str) -> Expected | None:
        """Return the paper with this check code, None if there is none."""
        return _only(self._codes.get(plain_code(text), [])) if plain_code(text) else None

    def by_name(self, text: str) -> Expected | None:
        """Return the paper of the only student with this name."""
        return _only(self._names.get(_name(text), [])) if text else None


def plain_code(text: str) -> str:
    """Return a check code without what may differ in the way it is typed."""
    try:
        return normal_code(text)
    except CodeError:
        return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper()


def mistyped(text: str) -> str:
    """Return why a text can be the code of no sheet at all, "" where it can."""
    try:
        normal_code(text)
    except CodeError as error:
        return str(error)
    return ""


def _only(found: list[Expected]) -> Expected | None:
    return found[0] if len(found) == 1 else None


def _folded(text: str) -> str:
    """Return an id without what spreadsheets change: case, spaces, leading zeros, ".0" at its end."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    number = re.fullmatch(r"0*(\d+?)(?:\.0+)?", plain)
    return number[1] if number is not None else plain


def _name(text: str) -> str:
    """Return the words of a name in no order, so that "Lovelace, Ada" is "Ada Lovelace"."""
    return " ".join(sorted(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())))
