"""Among which numbers equal ones would hide a mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..spec.figures import Figure
from ..spec.problem import Problem
from .families import parameter_families
from .pools import Pool


def groups_of(
    problem: Problem, found: Sequence[Figure], pools: Mapping[str, Pool]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return, by key, a group whose numbers are all different, and where equal ones cannot be avoided.

    That is all weights, all biases, all inputs of a sample; where there are more of them than numbers,
    those on one grid; where there are too many of these, those of one layer or matrix. "": equal ones are
    allowed.
    """
    families = parameter_families(problem)
    grids = {key: f"grid {number}" for number, key in enumerate(dict.fromkeys(map(id, pools.values())))}
    names: tuple[Callable[[Figure], str], ...] = (
        _part,
        lambda figure: f"{_part(figure)} {grids[id(pools[figure.key])]}",
        lambda figure: f"{_part(figure)} {families.get(figure.name, '')}",
    )
    group = dict.fromkeys((figure.key for figure in found), "")
    left = [figure for figure in found if figure.role != "learning_rate"]
    for name in names:
        crowds: dict[str, list[Figure]] = {}
        for figure in left:
            crowds.setdefault(name(figure), []).append(figure)
        roomy = {text for text, crowd in crowds.items() if len(crowd) <= _room(crowd, pools)}
        group |= {figure.key: name(figure) for figure in left if name(figure) in roomy}
        left = [figure for figure in left if name(figure) not in roomy]
    crowded: dict[str, None] = {}
    for text, crowd in crowds.items():
        if text not in roomy:
            crowded.setdefault(f"{len(crowd)} {crowd[0].role} of {_room(crowd, pools)} numbers")
    return group, tuple(crowded)


def _part(figure: Figure) -> str:
    return f"{figure.role}#{figure.sample}" if figure.sample else figure.role


def _room(crowd: Sequence[Figure], pools: Mapping[str, Pool]) -> int:
    """Return how many different numbers there are for each of a crowd."""
    return min(pools[figure.key].size for figure in crowd)
