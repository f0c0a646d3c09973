"""The bytes of a class list to text."""

from __future__ import annotations

import codecs
import re
import unicodedata

from ..spec.text.reader import refuse_control_characters
from .roster import RosterError

# the longer marks first: UTF-32's begins like UTF-16's
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "an Excel or LibreOffice workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"<", "a web page or XML"),
)
_EXPECTED = "a CSV file"
_SAVE = "Save it as CSV (in Excel: Save As, CSV UTF-8)."
_AS_UTF8 = "Save it as UTF-8 (in Excel: Save As, CSV UTF-8), or name its encoding."


def decode_list(content: bytes, file: str = "", encoding: str | None = None) -> tuple[str, bool]:
    """Return the text of a class list, and whether its encoding is no more than a guess.

    The encoding is the one that is named; else that of the byte order mark; else UTF-8 where the bytes are
    UTF-8; else Windows-1252, which western Excel writes and which holds Latin-1: then it is a guess.

    Raises:
        RosterError: the bytes are those of another kind of file, or of no text in that encoding.
    """
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise RosterError(f"this is {kind}", expected=_EXPECTED, hint=_SAVE, file=file)
    name = encoding or ""
    for mark, marked in _MARKS:
        if content.startswith(mark):
            content, name = content[len(mark) :], name or marked
            break
    name = name or _utf16_without_mark(content)
    if not name and b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise RosterError(
            "holds NUL bytes, so it is a binary file", expected=_EXPECTED, hint=_SAVE, file=file, line=line
        )
    guessed = False
    if not name:
        name = "utf-8"
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            name, guessed = "cp1252", True
    text = _decoded(content, name, file)
    refuse_control_characters(text, file, RosterError)
    return text, guessed


def garbled(name: str) -> bool:
    """Return whether a name read as Windows-1252 was surely written in another encoding.

    Central European, Cyrillic, Chinese or Macintosh bytes give symbols between letters, three accented
    letters in a row, or an accented capital after a small letter. No western name has these.
    """
    return bool(_UNLIKELY.search(name)) or any(
        unicodedata.category(letter)[0] not in "LMZ"
        and unicodedata.category(letter) not in ("Nd", "Pd")
        and letter not in _IN_NAMES
        for letter in name
    )


def garbled_error(text: str, file: str, line: int | None) -> RosterError:
    """Build the error for text that `garbled` has found."""
    return RosterError(
        "the file is not UTF-8, and as Windows-1252 this is no name",
        given=text,
        expected="text in UTF-8",
        hint=_AS_UTF8,
        file=file,
        line=line,
    )


def _decoded(content: bytes, name: str, file: str) -> str:
    try:
        return content.decode(name)
    except LookupError:
        raise RosterError(
            "no such encoding", field="encoding", given=name, expected="utf-8, cp1250, gb18030 or the like"
        ) from None
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(name, "replace")
        raise RosterError(
            f"byte 0x{content[error.start]:02x} is not text in {_title(name)}",
            expected="text in UTF-8",
            hint=_AS_UTF8,
            file=file,
            line=before.count("\n") + 1,
        ) from None
    except UnicodeError as error:
        raise RosterError(f"is not text in {_title(name)}: {error}", hint=_AS_UTF8, file=file) from None


def _title(name: str) -> str:
    return {"cp1252": "UTF-8 or Windows-1252"}.get(name, name.upper().removesuffix("-LE").removesuffix("-BE"))


def _utf16_without_mark(content: bytes) -> str:
    """Return which UTF-16 this is, if every other byte is mostly NUL and the rest never is."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    if not content or len(content) % 2 or max(even, odd) < len(content) / 4:
        return ""
    return "utf-16-le" if not even else "utf-16-be" if not odd else ""


_IN_NAMES = "'’‘`´.,()·/“”\"_&@"
_ACCENTED = "À-ÖØ-öø-ÿŠŒŽšœžŸƒ"
_UNLIKELY = re.compile(rf"[{_ACCENTED}]{{3}}|[a-zà-öø-ÿ][À-ÖØ-ÞŠŒŽŸ]")
