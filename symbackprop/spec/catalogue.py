"""The built-in examples."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "examples"

#: The examples in the order they are best read.
_NAMES = (
    "two-output-sigmoid",
    "shared-bias",
    "or-gate",
    "or-gate-full",
    "delta-rule",
    "xor",
    "softmax-classes",
    "deep-network",
    "matrix-form",
    "tables",
    "own-activation",
    "partly-given",
    "adam",
    "mini-batches",
    "weight-decay",
    "code-listing",
    "computation-graph",
    "convolution",
    "two-maps",
    "residual",
    "batch-norm",
    "layer-norm",
    "dropout",
    "embedding",
    "elman-rnn",
    "char-rnn",
    "gru",
    "lstm",
    "attention",
    "attention-two-heads",
    "transformer-block",
)


def example_names() -> tuple[str, ...]:
    """Return the names of the built-in examples, in reading order."""
    return _NAMES


def example_path(name: str) -> Path:
    """Return the problem file of a built-in example.

    Raises:
        KeyError: there is no such example.
    """
    if name not in _NAMES:
        raise KeyError(name)
    return _FOLDER / f"{name}.yaml"


def example_summaries() -> dict[str, str]:
    """Return each example's one-line summary, read without parsing the whole file."""
    return {name: _summary(example_path(name).read_text(encoding="utf-8")) for name in _NAMES}


def starter_text() -> str:
    """Return the commented problem file that a newcomer starts from."""
    return (Path(__file__).resolve().parent / "starter.yaml").read_text(encoding="utf-8")


def _summary(text: str) -> str:
    match = re.search(r"^summary: *(.*)$", text, re.MULTILINE)
    return match[1].strip().strip("\"'") if match else ""
