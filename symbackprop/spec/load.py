"""Problems from files, texts, built-in examples and mappings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..collector import collector_paused
from ..errors import ProblemError
from .catalogue import example_names, example_path
from .faults import Written
from .problem import Problem
from .text.reader import decode_text, parse_text, read_text, unknown_problem


def load_problem(path_or_example_name: str | os.PathLike[str]) -> Problem:
    """Return the problem of a file or of a built-in example.

    A name without a folder that is no file is looked up among the examples.

    Raises:
        ProblemError: there is no such file or example, or the file cannot be used.
    """
    argument = os.fspath(path_or_example_name)
    path = Path(argument)
    exists = argument != "" and _exists(path)
    if argument in example_names() and not (exists and path.is_file()):
        return _load(os.fspath(example_path(argument)), argument)
    if not exists:
        raise unknown_problem(argument, example_names())
    return _load(argument, path.stem)


def read_problem(text: str | bytes, file: str = "") -> Problem:
    """Return the problem that a YAML or JSON text says.

    Args:
        text: the text, or its UTF-8 bytes.
        file: the name that error messages give; one that ends in .json is read as JSON.

    Raises:
        ProblemError: the text cannot be used.
    """
    from .build import build_problem

    if isinstance(text, bytes):
        text = decode_text(text, file)
    with collector_paused():
        return build_problem(parse_text(text, file), Path(file).stem)


def problem_from_mapping(data: Mapping[str, Any], name: str = "") -> Problem:
    """Return the problem that a mapping says, with the fields of a problem file.

    Args:
        data: the fields. Numbers may be texts, ints, floats (taken as the shortest decimal),
            Decimals, Fractions or NumPy's.
        name: the stem of output files; made from the title if there is none.

    Raises:
        ProblemError: the mapping cannot be used.
    """
    from .build import build_problem
    from .text.plain import plain_data

    if not isinstance(data, Mapping):
        raise ProblemError(
            "not a mapping", given=type(data).__name__, expected="the fields of a problem file"
        )
    with collector_paused():
        return build_problem(Written(plain_data(data)), name)


def _exists(path: Path) -> bool:
    """Return whether there is something at the path, be it a link to nothing."""
    try:
        path.lstat()
    except PermissionError:  # in a folder that may not be searched
        return path.name not in example_names()
    except (OSError, ValueError):  # nothing there, or no possible name
        return False
    return True


def _load(path: str, name: str) -> Problem:
    from .build import build_problem

    with collector_paused():
        return build_problem(parse_text(read_text(path), path), name)
