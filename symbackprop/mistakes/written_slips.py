"""Slips with digits: exchanged, miscopied, left out, cut off, and numbers rounded before they were used."""

from __future__ import annotations

import numpy as np

from ..formulas.terms import Number
from .editing import swapped
from .explanation import Wanted
from .hand import Written, digit_left_out, digit_miscopied, digits_swapped
from .hypothesis import Array, Family, Ground, Hypothesis, outcome_with


def written_slips(ground: Ground, wanted: Wanted) -> list[Family]:
    """Return the right result with a slip in its digits: exchanged, miscopied, left out, cut off."""
    reading, unit = ground.reading, wanted.written.unit
    value = float(np.asarray(reading.doubles[reading.key]))
    scaled = value / 10.0**unit
    if not np.isfinite(scaled) or abs(scaled) > 1e15:
        return []
    number = Written(int(np.trunc(scaled) if wanted.mode == "truncate" else np.rint(scaled)), unit)
    longer = Written(int(np.rint(scaled * 10)), unit - 1)
    off = [Written(number.n + step, unit) for step in (1, -1, 2, -2)] if abs(number.n) >= 1000 else []
    made: list[tuple[str, list[Written]]] = [
        ("rounded_too_early", off),
        ("digits_swapped", list(digits_swapped(number))),
        ("digit_miscopied", list(digit_miscopied(number))),
        ("digit_left_out", list(digit_left_out(longer))),
    ]
    if wanted.mode != "truncate":
        made.append(("truncated", [Written(int(np.trunc(scaled)), unit)]))
    names = [name for name, numbers in made for _ in numbers if ground.wants(name)]
    values = [
        float(other.n) * 10.0**unit for name, numbers in made for other in numbers if ground.wants(name)
    ]
    if not names:
        return []
    ways = {name: len(numbers) for name, numbers in made}
    costs = [ground.cost + ground.habits.cost(name, ways[name]) for name in names]
    return [Family(np.array(values), np.array(costs), lambda place: Hypothesis((names[place],), {}, reading))]


def early_rounding(ground: Ground, wanted: Wanted) -> list[Family]:
    """Return the hypotheses that a value was rounded before it was used, one value or all alike."""
    if not ground.wants("rounded_too_early"):
        return []
    reading, sweep = ground.reading, ground.reading.sweep
    own = max(-wanted.written.unit, 0)
    found: list[tuple[str, str, tuple[str, ...], Array]] = []
    for name in reading.steps[-8:]:
        for used in dict.fromkeys(sweep.uses(name)):
            texts = (
                _rounded_texts(float(np.asarray(reading.doubles[used])), own)
                if used in sweep.formulas
                else ()
            )
            if texts:
                rounded = np.array([float(text) for text in texts])
                found.append((name, used, texts, outcome_with(reading, name, used, rounded)))
    if not found:
        return []
    cost = ground.cost + ground.habits.cost("rounded_too_early", sum(len(texts) for _, _, texts, _ in found))

    def family(name: str, used: str, texts: tuple[str, ...], values: Array) -> Family:
        def make(place: int) -> Hypothesis:
            changed = swapped(sweep.formulas[name], used, Number(texts[place]))
            return Hypothesis(("rounded_too_early",), {name: changed}, reading)

        return Family(values, np.full(values.shape, cost), make)

    return [family(*one) for one in found]


def _rounded_texts(real: float, places: int) -> tuple[str, ...]:
    """Return a number rounded in several ways, those that differ from it."""
    if not np.isfinite(real) or real == 0:
        return ()
    texts = {f"{real:.{count}f}" for count in {1, 2, 3, 4, max(places - 1, 1), places, places + 1}}
    texts |= {f"{real:.{count}g}" for count in (1, 2, 3)}
    return tuple(text for text in sorted(texts) if "e" not in text and float(text) not in (real, 0.0))
