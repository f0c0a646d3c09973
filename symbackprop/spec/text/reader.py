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
    file = os.fspath(path)
    try:
        status = Path(file).stat()
        if stat.S_ISDIR(status.st_mode):
            raise ProblemError(
                "this is a directory", expected="a problem file", hint=_inside(file), file=file
            )
        if not stat.S_ISREG(status.st_mode):
            raise ProblemError("this is not a regular file", expected="a problem file", file=file)
        if status.st_size > LARGEST_FILE:
            raise _too_large(file, status.st_size)
        with Path(file).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ProblemError("no such file", expected="a problem file", file=file) from None
    except PermissionError:
        raise ProblemError("no permission to read this file", file=file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProblemError(f"cannot be read: {reason}", given=file, expected="a problem file") from None
    if len(content) > LARGEST_FILE:
        raise _too_large(file, len(content))
    return decode_text(content, file)


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
    found = _CONTROL.search(text)
    if found:
        raise ProblemError(
            f"holds the control character U+{ord(found[0]):04X}",
            expected="printable text",
            file=file,
            line=text.count("\n", 0, found.start()) + 1,
        )
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


def _parse(text: str, file: str) -> Written:
    if Path(file).suffix.lower() == ".json":
        return parse_json(text, file)
    if text.lstrip()[0] in "{[":
        try:
            return parse_json(text, file)
        except NotJson:
            pass
    return parse_yaml(text, file)


def _too_large(file: str, size: int) -> ProblemError:
    return ProblemError(
        "the file is too large",
        given=f"{size:,} bytes".replace(",", " "),
        expected=f"at most {LARGEST_FILE:,} bytes".replace(",", " "),
        file=file,
    )


def _inside(folder: str) -> str:
    """Name a problem file of the folder, if there is one."""
    try:
        names = sorted(p.name for p in Path(folder).iterdir() if p.suffix in (".yaml", ".yml", ".json"))
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
