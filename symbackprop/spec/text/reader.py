"""Problem files to plain data: what may be read at all, and in which format."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from ...errors import ProblemError
from ..faults import Written
from ..suggest import listed, near_name
from .json_text import NotJson, parse_json
from .yaml_text import parse_yaml

#: A larger file is refused without being read.
LARGEST_FILE = 4_000_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a problem file.

    Raises:
        ProblemError: it is missing, no regular file, too large, not readable, or not UTF-8 text.
    """
    return decode_text(read_bytes(path), os.fspath(path))


def read_bytes(
    path: str | os.PathLike[str],
    expected: str = "a problem file",
    error: type[ProblemError] = ProblemError,
    endings: tuple[str, ...] = (".yaml", ".yml", ".json"),
) -> bytes:
    """Return what a file holds.

    Args:
        path: the file.
        expected: what the file should be, as error texts say it.
        error: the kind of error to raise.
        endings: how the names of such files end, to name one where a folder is given.

    Raises:
        ProblemError: it is missing, no regular file, too large or not readable.
    """
    file = os.fspath(path)
    try:
        status = Path(file).stat()
        if stat.S_ISDIR(status.st_mode):
            raise error("this is a directory", expected=expected, hint=_inside(file, endings), file=file)
        if not stat.S_ISREG(status.st_mode):
            raise error("this is not a regular file", expected=expected, file=file)
        if status.st_size > LARGEST_FILE:
            raise _too_large(file, status.st_size, error)
        with Path(file).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise error("no such file", expected=expected, file=file) from None
    except PermissionError:
        raise error("no permission to read this file", file=file) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise error(f"cannot be read: {reason}", given=file, expected=expected) from None
    if len(content) > LARGEST_FILE:
        raise _too_large(file, len(content), error)
    return content


def decode_text(content: bytes, file: str = "") -> str:
    """Return the text of UTF-8 bytes, with or without a byte order mark.

    Raises:
        ProblemError: the bytes are UTF-16, binary or not UTF-8.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ProblemError(
            "encoded in UTF-16", expected="text in UTF-8", hint="Save the file as UTF-8.", file=file
        )
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise ProblemError(
            "holds NUL bytes, so it is a binary file", expected="text in UTF-8", file=file, line=line
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProblemError(
            f"byte 0x{content[error.start]:02x} is not UTF-8 text",
            expected="text in UTF-8",
            hint="Save the file as UTF-8; if it is no text at all, it is not a problem file.",
            file=file,
            line=line,
        ) from None


def parse_text(text: str, file: str = "") -> Written:
    """Return what a problem file's text says, as plain data with lines.

    JSON is read where the file is called .json or the text is JSON; anything else is YAML.

    Raises:
        ProblemError: the text is empty, not valid, or its top level is not a mapping.
    """
    if len(text) > LARGEST_FILE:
        raise _too_large(file, len(text))
    text = text.removeprefix("\ufeff")
    refuse_control_characters(text, file)
    if not text.strip():
        raise ProblemError("the file is empty", expected="a problem", hint=_STARTER, file=file)
    written = _parse(text, file)
    if written.data is None:
        raise ProblemError("there is nothing but comments", expected="a problem", hint=_STARTER, file=file)
    if not isinstance(written.data, dict):
        kind = "a list" if isinstance(written.data, list) else "a single value"
        raise ProblemError(
            "the top level is not a mapping",
            given=kind,
            expected="fields such as `title:` and `network:`",
            file=file,
            line=written.line(()),
        )
    return written


def refuse_control_characters(text: str, file: str = "", error: type[ProblemError] = ProblemError) -> None:
    """Refuse text that no person has typed.

    Raises:
        ProblemError: it holds a control character other than tab and line ends, or half a surrogate pair.
    """
    found = _CONTROL.search(text)
    if found:
        raise error(
            f"holds the control character U+{ord(found[0]):04X}",
            expected="printable text",
            file=file,
            line=text.count("\n", 0, found.start()) + 1,
        )


def _parse(text: str, file: str) -> Written:
    if Path(file).suffix.lower() == ".json":
        return parse_json(text, file)
    if text.lstrip()[0] in "{[":
        try:
            return parse_json(text, file)
        except NotJson:
            pass
    return parse_yaml(text, file)


def _too_large(file: str, size: int, error: type[ProblemError] = ProblemError) -> ProblemError:
    return error(
        "the file is too large",
        given=f"{size:,} bytes".replace(",", " "),
        expected=f"at most {LARGEST_FILE:,} bytes".replace(",", " "),
        file=file,
    )


def _inside(folder: str, endings: tuple[str, ...]) -> str:
    """Name a file of the folder with such an ending, if there is one."""
    try:
        names = sorted(p.name for p in Path(folder).iterdir() if p.suffix in endings)
    except OSError:
        return ""
    return f"It holds {listed(names, 5)}." if names else ""


def unknown_problem(argument: str, examples: tuple[str, ...]) -> ProblemError:
    """Build the error for an argument that is neither a file nor an example."""
    near = near_name(Path(argument).stem if argument else "", examples)
    return ProblemError(
        "neither a file nor a built-in example",
        given=argument or None,
        expected=f"a problem file, or one of the examples {listed(examples, len(examples))}",
        hint=f"Did you mean {near}?" if near else "",
    )


_STARTER = "`symbackprop new` writes a file to start from."
