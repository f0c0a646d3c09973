"""A problem as a mapping, written as a problem file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..writing import write_files


def problem_text(mapping: Mapping[str, Any]) -> str:
    """Return a mapping as YAML, a matrix's rows on one line each."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes numbers that are kept as text without quotation marks."""

    def text(dumper: Any, value: str) -> Any:
        node = dumper.represent_scalar("tag:yaml.org,2002:str", value)
        if _is_number(value):
            node = dumper.represent_scalar("tag:yaml.org,2002:float", value)
        return node

    Dumper.add_representer(str, text)
    # a plain number reads back digit for digit: the reader takes numbers as they are written
    return str(yaml.dump(dict(mapping), Dumper=Dumper, sort_keys=False, default_flow_style=None, width=110))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return value.strip() == value and value.lower().strip("+-") not in ("nan", "inf", "infinity")


def write_problem(mapping: Mapping[str, Any], path: str | Path) -> Path:
    """Write a mapping (of `mapping_from_torch` ...) as a problem file.

    Raises:
        SymbackpropError: the file cannot be written.
    """
    return write_files({Path(path): problem_text(mapping).encode()})[0]
