"""Places for the labels of a network's connections, clear of each other and of what is around.

A label stands on its own line, at some fraction of the way. Which fraction is found by a small
search: first all labels at one common place, which looks calm, then one label after the other
where that is better. All lengths are in cm, y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import hypot

Point = tuple[float, float]

_LEVEL = (1.0, 0.0)
_CANDIDATES = tuple(round(0.14 + 0.03 * step, 2) for step in range(25))
_FAVOURITE = 0.3
_CLEARANCE = 0.03
_ATTEMPTS, _MOST_ATTEMPTS, _SWEEPS = 2, 6, 6
_HIDDEN = 6.0  # the price of hiding a centimetre of another line
_OVERLAP = 100.0  # the price of hiding a part of another label, a bias or a circle


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre, its half width and half height, and the direction of its base."""

    x: float
    y: float
    across: float
    down: float
    direction: Point = _LEVEL  # of length 1

    @cached_property
    def reach(self) -> Point:
        """Half the width and height of the level box around this one."""
        run, rise = abs(self.direction[0]), abs(self.direction[1])
        return self.across * run + self.down * rise, self.across * rise + self.down * run

    def overlap(self, other: Box) -> float:
        """Return how far two boxes would have to be moved apart, 0 if they are clear."""
        far, deep = other.x - self.x, other.y - self.y
        least = float("inf")
        parallel = self.direction == other.direction
        for run, rise in (self.direction,) if parallel else (self.direction, other.direction):
            for axis in ((run, rise), (-rise, run)):
                apart = abs(far * axis[0] + deep * axis[1])
                depth = self._extent(axis) + other._extent(axis) + _CLEARANCE - apart
                if depth <= 0:
                    return 0.0
                least = min(least, depth)
        return least

    def _extent(self, axis: Point) -> float:
        """Return half the length of the box's shadow on an axis."""
        along = abs(self.direction[0] * axis[0] + self.direction[1] * axis[1])
        beside = abs(self.direction[0] * axis[1] - self.direction[1] * axis[0])
        return self.across * along + self.down * beside

    def inside(self, start: Point, end: Point) -> float:
        """Return the length of a line's part that lies inside the box."""
        run, rise = self.direction
        x0, y0 = start[0] - self.x, start[1] - self.y
        x1, y1 = end[0] - self.x, end[1] - self.y
        low, high = 0.0, 1.0
        for begin, final, half in (
            (x0 * run + y0 * rise, x1 * run + y1 * rise, self.across),
            (y0 * run - x0 * rise, y1 * run - x1 * rise, self.down),
        ):
            change = final - begin
            if change == 0.0:
                if abs(begin) > half:
                    return 0.0
                continue
            first, last = (-half - begin) / change, (half - begin) / change
            low, high = max(low, min(first, last)), min(high, max(first, last))
            if low >= high:
                return 0.0
        return (high - low) * hypot(x1 - x0, y1 - y0)


@dataclass(frozen=True)
class Path:
    """The way of a connection from centre to centre: straight, or bent upwards by `bend`."""

    start: Point
    end: Point
    bend: float = 0.0

    def at(self, fraction: float) -> Point:
        """Return the point at a fraction of the way."""
        rise = 4.0 * self.bend * fraction * (1.0 - fraction)
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + (x1 - x0) * fraction, y0 + (y1 - y0) * fraction - rise

    def direction(self, fraction: float) -> Point:
        """Return the direction of the path at a fraction of the way, as a vector of length 1."""
        run, rise = self.end[0] - self.start[0], self.end[1] - self.start[1]
        rise -= 4.0 * self.bend * (1.0 - 2.0 * fraction)
        length = hypot(run, rise)
        return run / length, rise / length

    @cached_property
    def segments(self) -> tuple[tuple[Point, Point], ...]:
        """The path as straight segments."""
        count = 16 if self.bend else 1
        points = [self.at(step / count) for step in range(count + 1)]
        return tuple(pairwise(points))

    def inside(self, box: Box) -> float:
        """Return the length of the path's part inside a box."""
        if not self.bend and self._misses(box):
            return 0.0
        return sum(box.inside(*segment) for segment in self.segments)

    def _misses(self, box: Box) -> bool:
        """Whether the straight line surely passes the box by: above, below or, upright, beside it."""
        (x0, y0), (x1, y1) = self.start, self.end
        if x0 == x1:  # between units of one layer
            return abs(x0 - box.x) > box.reach[0]
        slope = (y1 - y0) / (x1 - x0)
        return abs(y0 + slope * (box.x - x0) - box.y) > box.reach[1] + abs(slope) * box.reach[0]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where labels stand.

    clear: no label covers another or an obstacle. hidden: the length of lines that the labels hide.
    """

    at: tuple[float, ...]
    boxes: tuple[Box, ...]
    clear: bool
    hidden: float


def place(
    paths: Sequence[Path],
    sizes: Sequence[tuple[float, float]],
    others: Sequence[Path],
    obstacles: Sequence[Box],
    *,
    sloped: bool = False,
) -> Placement:
    """Place a label of the given size (width, height) on each path, level or `sloped` along it.

    `others` are paths without a label, `obstacles` what no label may cover.
    """
    return _placed(tuple(paths), tuple(sizes), tuple(others), tuple(obstacles), sloped)


@lru_cache(maxsize=64)  # networks of one structure have the same picture as long as their labels are as wide
def _placed(
    paths: tuple[Path, ...],
    sizes: tuple[tuple[float, float], ...],
    others: tuple[Path, ...],
    obstacles: tuple[Box, ...],
    sloped: bool,
) -> Placement:
    search = _Search(paths, sizes, others, obstacles, sloped)
    starts = sorted((search.total([index] * len(paths)), index) for index in range(len(_CANDIDATES)))
    best: tuple[float, list[int]] = (float("inf"), [])
    for attempt, (_, start) in enumerate(starts[:_MOST_ATTEMPTS], start=1):
        best = min(best, search.improve(start))
        boxes = tuple(options[index] for options, index in zip(search.boxes, best[1], strict=True))
        clear = not any(_conflicts(box, [*obstacles, *boxes[:index]]) for index, box in enumerate(boxes))
        if clear and attempt >= _ATTEMPTS:
            break
    lines = (*paths, *others)
    hidden = sum(
        line.inside(box) for box, own in zip(boxes, paths, strict=True) for line in lines if line is not own
    )
    return Placement(tuple(_CANDIDATES[index] for index in best[1]), boxes, clear, hidden)


class _Search:
    """The boxes of all labels at all candidate places, and what each place costs."""

    def __init__(
        self,
        paths: Sequence[Path],
        sizes: Sequence[tuple[float, float]],
        others: Sequence[Path],
        obstacles: Sequence[Box],
        sloped: bool,
    ) -> None:
        self.boxes = [
            [_box(path, fraction, size, sloped) for fraction in _CANDIDATES]
            for path, size in zip(paths, sizes, strict=True)
        ]
        lines = (*paths, *others)
        self.prices, self.near = [], []
        for label, path in enumerate(paths):
            beside = [line for line in lines if line is not path and _meet(line, path)]
            around = [box for box in obstacles if path.start[0] - 1 < box.x < path.end[0] + 1]
            self.prices.append([_price(box, beside, around) for box in self.boxes[label]])
            self.near.append(
                [index for index, line in enumerate(paths) if index != label and _meet(line, path)]
            )

    def total(self, chosen: Sequence[int]) -> float:
        """Return what a choice of candidates costs altogether."""
        boxes = [options[index] for options, index in zip(self.boxes, chosen, strict=True)]
        price = sum(options[index] for options, index in zip(self.prices, chosen, strict=True))
        return price + sum(
            _conflicts(box, [boxes[other] for other in self.near[label]]) / 2
            for label, box in enumerate(boxes)
        )

    def improve(self, start: int) -> tuple[float, list[int]]:
        """Begin with all labels at one place and move one after the other where that is better.

        Returns what the result costs, and the result.
        """
        best = [start] * len(self.boxes)
        for _ in range(_SWEEPS):
            before = list(best)
            for label in range(len(best)):
                best[label] = self._moved(label, best, start)
            if best == before:
                break
        return self.total(best) + sum(_unrest(index, start) for index in best), best

    def _moved(self, label: int, chosen: Sequence[int], start: int) -> int:
        """Return the best place of one label while the others stay."""
        boxes, prices = self.boxes[label], self.prices[label]
        around = [self.boxes[other][chosen[other]] for other in self.near[label]]
        ranked = sorted((price + _unrest(index, start), index) for index, price in enumerate(prices))
        best, lowest = chosen[label], float("inf")
        for price, index in ranked:
            if price >= lowest:
                break
            price += _conflicts(boxes[index], around)
            if price < lowest:
                best, lowest = index, price
        return best


def _box(path: Path, fraction: float, size: tuple[float, float], sloped: bool) -> Box:
    direction = path.direction(fraction) if sloped else _LEVEL
    return Box(*path.at(fraction), size[0] / 2, size[1] / 2, direction)


def _meet(one: Path, other: Path) -> bool:
    """Whether two paths run between the same columns for a part of their way."""
    return one.start[0] < other.end[0] and other.start[0] < one.end[0]


def _price(box: Box, lines: Sequence[Path], obstacles: Sequence[Box]) -> float:
    """Return what a label costs that hides parts of lines or covers obstacles."""
    return _HIDDEN * sum(line.inside(box) for line in lines) + _conflicts(box, obstacles)


def _conflicts(box: Box, others: Iterable[Box]) -> float:
    """Return what it costs that a box and others are not clear of each other."""
    x, y = box.x, box.y
    wide, high = box.reach[0] + _CLEARANCE, box.reach[1] + _CLEARANCE
    price = 0.0
    for other in others:
        across, down = other.reach
        if -across < wide - abs(other.x - x) and -down < high - abs(other.y - y):
            depth = box.overlap(other)
            price += _OVERLAP * (1 + 5 * depth) if depth else 0.0
    return price


def _unrest(index: int, start: int) -> float:
    """Return the price of a label that stands elsewhere than the others, or far from the favourite place."""
    away = abs(_CANDIDATES[index] - _CANDIDATES[start])
    return (0.4 + 2 * away if away else 0.0) + abs(_CANDIDATES[index] - _FAVOURITE)
