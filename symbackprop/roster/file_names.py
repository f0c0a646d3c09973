"""A file name for every student: safe everywhere, its own, and always the same.

The name is ASCII. Letters beyond it are stored in two ways (macOS takes é apart), have no agreed small form
(ß, İ), come out garbled from many programs for archives, count double or triple where lengths are counted in
bytes, and turn the line around where scripts run from right to left. So 李 is written li and Łukasz lukasz.
An underscore and the id always follow, so none is a name that Windows reserves (con, nul) or ends in a dot.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from .roster import RosterError, Student

#: The most characters of a name, and of an id, in a file name.
LONGEST_PART = 40

_DIGEST_LENGTH = 8
_CAPITAL_ID = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_SMALL_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def file_names(students: Iterable[Student]) -> Mapping[str, str]:
    """Return by the id of each student the name of a file, without an ending.

    A name is made of the student's own name and id and of nothing else, so neither another order
    nor a late student changes it: `anna-kowalska_1001`, `li-xiao-ming_S007`. No two are the same, also where
    capitals do not count, since the id can be read off it:

    - NAME_ID     an id of digits, capitals and single hyphens;
    - NAME__ID    the same with small letters, so that s1 and S1 differ;
    - NAME_ID_DIGEST  any other id, in the letters that it has, with 8 characters of its SHA-256.

    Raises:
        RosterError: an id stands twice.
    """
    names: dict[str, str] = {}
    for student in students:
        if student.id in names:
            raise RosterError("an id stands twice", field="id", given=student.id, expected="each id once")
        names[student.id] = f"{_slug(student.name) or 'student'}_{_id_part(student.id)}"
    return names


def _id_part(id_: str) -> str:
    if len(id_) <= LONGEST_PART:
        if _CAPITAL_ID.fullmatch(id_):
            return id_
        if _SMALL_ID.fullmatch(id_):
            return f"_{id_}"
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()
    return f"{_slug(id_) or 'id'}_{base64.b32encode(digest).decode()[:_DIGEST_LENGTH].lower()}"


def _slug(text: str) -> str:
    """Return text in small ASCII letters, digits and single hyphens."""
    from anyascii import anyascii

    spaced = (
        # each Chinese character is a syllable of its own: xiao-ming
        f" {letter} " if unicodedata.name(letter, "").startswith("CJK UNIFIED") else letter
        for letter in unicodedata.normalize("NFC", text[: 4 * LONGEST_PART])
    )
    plain = anyascii("".join(spaced)).lower().replace("'", "").replace("`", "")
    return re.sub(r"[^a-z0-9]+", "-", plain)[: LONGEST_PART + 1].strip("-")[:LONGEST_PART].rstrip("-")
