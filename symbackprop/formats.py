"""The formats that a solution is written in: the one table of them."""

from __future__ import annotations

from collections.abc import Mapping

#: The libraries that code listings are written for.
CODE_FORMATS = ("numpy", "torch", "keras", "jax")

#: By the name that is asked for, what ends the file's name.
FORMATS: Mapping[str, str] = {
    **{name: name for name in ("tex", "pdf", "typ", "json", "txt")},
    **{name: f"{name}.py" for name in CODE_FORMATS},
}
