"""Numbers that stand for classes: bits of a truth table, one-hot rows, shares of probability."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..formulas.terms import Number
from ..keys import key
from ..rules import loss_rule
from ..rules.losses import DISTRIBUTION
from ..spec.choosing import exact
from ..spec.figures import Figure
from ..spec.problem import Problem
from .draws import Classes, Draw, Places, Shares
from .families import by_name, input_families, input_rows, target_rows, two_valued
from .suggestion import grid_of, is_plain

Row = tuple[Figure, ...]


def class_draws(problem: Problem, free: Sequence[Figure]) -> tuple[list[Draw], frozenset[str]]:
    """Return the draws of all numbers that stand for classes, and the keys of these numbers.

    free: the numbers that vary by themselves. A number that is no class is in none of the draws; one that
    is, and stays, is among the keys alone.
    """
    own = {figure.key: figure for figure in free if is_plain(figure.number)}
    inputs, targets = _binary_inputs(problem, own), _class_targets(problem, own)
    keys = frozenset(figure.key for row in (*inputs, *targets) for figure in row)
    shares, divided = _shares(problem, own)
    if _is_truth_table(problem, inputs):  # every combination is there: the targets are what the title says
        return shares, keys | divided
    rows = [row for row in (*inputs, *targets) if len(row) > 1]
    draws: list[Draw] = list(_places(rows))
    bits = [row for row in targets if len(row) == 1]
    if bits and not inputs:
        draws.append(Classes({figure.key: (figure.number, _other(bits, figure)) for (figure,) in bits}))
    return [*draws, *shares], keys | divided


def _places(rows: Iterable[Row]) -> Iterable[Places]:
    """Yield one permutation for all rows of a width, if it changes anything."""
    by_width: dict[int, list[Row]] = {}
    for row in rows:
        by_width.setdefault(len(row), []).append(row)
    for same in by_width.values():
        numbers = {figure.key: figure.number for row in same for figure in row}
        made = Places(tuple(tuple(figure.key for figure in row) for row in same), numbers)
        if made.ways > 1:
            yield made


def _other(bits: Sequence[Row], figure: Figure) -> Number:
    """Return the other class, written as it is written elsewhere, if it is."""
    value = exact(figure.number)
    signs = any(exact(each.number) < 0 for (each,) in bits)
    other = -value if signs else 1 - value
    for (each,) in bits:
        if exact(each.number) == other:
            return each.number
    text = str(other) if other else "0"
    _, point, places = figure.number.text.partition(".")
    return Number(text + point + "0" * len(places))


def _binary_inputs(problem: Problem, own: dict[str, Figure]) -> list[Row]:
    """Return the rows of inputs that are bits, in all samples; none where any of them is not free.

    Ones alone are bits only where the targets are classes, and so are minus ones and ones in a single sample.
    """
    names = input_families(problem)
    if problem.architecture is None:
        names = dict.fromkeys(names, "")
    found: list[Row] = []
    inputs = [figure for figure in own.values() if figure.role == "inputs"]
    classes = _targets_are_classes(problem)
    for family in by_name(inputs, names):
        values = {exact(figure.number) for figure in family}
        several = len(problem.samples) > 1
        sure = values == {Fraction(0), Fraction(1)} or classes or (several and len(values) > 1)
        if not two_valued(family) or not sure:
            continue
        units = {figure.name for figure in family}
        for sample in _samples(problem):
            for row in input_rows(problem):
                if set(row) <= units:
                    made = _row([key(unit, "", sample=sample) for unit in row], own)
                    found += [made] if made else []
    return found


def _class_targets(problem: Problem, own: dict[str, Figure]) -> list[Row]:
    """Return the rows of targets that are classes, in all samples; none where not all are."""
    if not _targets_are_classes(problem):
        return []
    rows = [
        _row([key("target", unit, sample=sample) for unit in row], own)
        for sample in _samples(problem)
        for row in target_rows(problem)
    ]
    return [row for row in rows if row] if all(rows) else []


def _targets_are_classes(problem: Problem) -> bool:
    values = {exact(n) for data in problem.samples for n in data.targets.values() if is_plain(n)}
    signs = {Fraction(-1), Fraction(1)}
    return bool(values) and (values <= {Fraction(0), Fraction(1)} or (values <= signs and min(values) < 0))


def _is_truth_table(problem: Problem, inputs: Sequence[Row]) -> bool:
    """Return whether the samples are all combinations of bits, each once."""
    if not inputs or len(problem.samples) < 2 or len(inputs) != len(problem.samples):
        return False
    rows = {tuple(exact(figure.number) for figure in row) for row in inputs}
    return len(rows) == len(problem.samples) and len(rows) == 1 << len(inputs[0])


def _shares(problem: Problem, own: dict[str, Figure]) -> tuple[list[Draw], frozenset[str]]:
    """Return the draws of targets that are shares of 1 under a loss over distributions, and their keys."""
    if problem.loss.kind == "node" or loss_rule(problem.loss).targets != DISTRIBUTION:
        return [], frozenset()
    draws: list[Draw] = []
    for sample in _samples(problem):
        for units in target_rows(problem):
            row = _row([key("target", unit, sample=sample) for unit in units], own)
            values = [exact(figure.number) for figure in row]
            if sum(values) != 1 or set(values) <= {Fraction(0), Fraction(1)} or len(row) < 2:
                continue
            step, style = grid_of([figure.number for figure in row])
            parts = 1 / step
            if parts.denominator == 1 and parts >= len(row):
                places = tuple(figure.key for figure in row)
                draws.append(Shares(places, int(parts), style, zero=0 in values))
    return draws, frozenset(place for draw in draws for place in draw.keys)


def _samples(problem: Problem) -> Sequence[int | None]:
    count = len(problem.samples)
    return (None,) if count == 1 else range(1, count + 1)


def _row(keys: Iterable[str], own: dict[str, Figure]) -> Row:
    """Return the figures of a row, () where one of them is not free."""
    row = [own.get(text) for text in keys]
    return tuple(figure for figure in row if figure is not None) if all(row) else ()
