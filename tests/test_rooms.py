"""Data flows one way, from Problem to file: nothing downstream is imported upstream."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "symbackprop"

#: The rooms in the order of the flow; those of one step may know each other.
STEPS = (
    {"formulas", "numbers", "rules", "keys", "errors", "collector", "checkcode"},
    {"network", "layers", "spec", "notation", "showing", "roster"},
    {"derivation", "proofs", "doubles", "bulk"},
    {"variants", "mistakes"},
    {"document", "marking"},
    {"render", "engines", "writing", "production", "filling"},
    {"audit"},
)
STEP = {room: number for number, rooms in enumerate(STEPS) for room in rooms}

#: Upstream uses of a downstream room, each with its reason.
ALLOWED = {
    ("formulas", "spec"),  # the nearest known word, for the error text of an unknown function
    ("rules", "spec"),  # the activations and losses a problem names
    ("rules", "network"),  # the same
    ("mistakes", "render"),  # the arithmetic of a wrong answer as a line of text
}


def uses(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the room of a file and each room it imports from, also inside functions."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    package = parts[:-1]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in typing_only:
            base = package[: len(package) - node.level + 1]
            for target in [*base, *(node.module or node.names[0].name).split(".")][:1]:
                yield parts[0], target


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_nothing_downstream_is_imported_upstream(file: Path) -> None:
    for room, used in uses(file):
        if room in STEP and used in STEP and (room, used) not in ALLOWED:
            assert STEP[used] <= STEP[room], f"{room} uses {used}"
