"""Words of worksheets: the lines of the head, the titles of groups of items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...keys import parse_key
from ...spec.problem import Problem
from .. import wording

#: How wide the usual lines of a head are, against each other.
HEAD: Mapping[str, float] = {"Name": 2.2, "Number": 1.0, "Signature": 1.6, "Group": 0.8, "Date": 0.8}


def group_title(problem: Problem, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the title of what is worked in one go: "Hidden unit 1", with its sample in a batch."""
    part = parse_key(keys[0])
    if part.kind not in ("net", "act") or not any(part.subject in layer.units for layer in problem.layers):
        return ()
    title = wording.unit_title(problem, part.subject)
    return (title if part.sample is None else f"{title}, sample {part.sample}",)
