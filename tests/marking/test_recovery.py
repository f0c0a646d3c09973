"""A class whose students make mistakes of the library: the marking finds which."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from simulated import SPELLINGS, Network, networks, paper_of

from symbackprop.marking.accepting import as_rational
from symbackprop.marking.catalogue import built_in_library
from symbackprop.marking.explaining import explain
from symbackprop.marking.marking import mark
from symbackprop.marking.paper import Paper

STUDENTS, SEED = 500, 2026
LIBRARY = built_in_library()

#: What a sheet asks for that does not ask for everything.
FEW = ("act.o1", "loss", "grad.w2_1_1", "grad.w1_1_1", "new.w1_1_1")


@dataclass
class Made:
    """A mistake that a student made: where, and whether its answer tells it from all others."""

    key: str
    mistake: str
    distinguishable: bool


def drawn(
    sheet: Paper, network: Network, key: str, own: Mapping[str, float], lot: random.Random
) -> tuple[float, Made] | None:
    """Return a mistake in a quantity, given the answers before: its value, and what tells it apart."""
    solved = sheet.parts[0]
    given = {name: as_rational(Fraction(value)) for name, value in own.items()}
    possible = list(
        LIBRARY.wrong_values(
            solved.ledger, solved.graph, solved.problem, key, given=given, within=(-inf, inf)
        )
    )
    right = network.work(lambda _, value: value)[key]
    shown = [str(wrong.number) for wrong in possible]
    usable = [
        place
        for place, wrong in enumerate(possible)
        if abs(float(wrong.value.ball) - right) > 2 * 10.0**-network.digits * max(1.0, abs(right))
    ]
    if not usable:
        return None
    (place,) = lot.choices(usable, [possible[place].likelihood for place in usable])
    chosen = possible[place]
    alike = {wrong.mistake for wrong, text in zip(possible, shown, strict=True) if text == shown[place]}
    return float(chosen.value.ball), Made(key, chosen.mistake, alike == {chosen.mistake})


def student(sheet: Paper, network: Network, lot: random.Random) -> tuple[dict[str, str], list[Made]]:
    """Return a student's answers and the mistakes in them."""
    asked = [question.key for question in sheet.questions]
    slips = set(lot.sample(asked, lot.choice((1, 1, 2))))
    rounded = lot.random() < 0.3
    made: list[Made] = []
    before: dict[str, float] = {}

    def hook(key: str, value: float) -> float:
        if key in slips:
            found = drawn(sheet, network, key, before, lot)
            if found is not None:
                value, mistake = found
                made.append(mistake)
        if rounded and key in asked:
            value = float(network.shown(value))
        if key in asked:
            before[key] = value
        return value

    own = network.work(hook)
    spelling = lot.choice(SPELLINGS)
    return {key: spelling(network.shown(own[key])) for key in asked}, made


def test_mistakes_are_recovered() -> None:
    lot = random.Random(SEED)
    source = networks(lot)
    seconds = 0.0
    told: Counter[bool] = Counter()
    missed: list[str] = []
    for number in range(STUDENTS):
        network = next(source)
        sheet = paper_of(network, number)
        if number % 2:
            sheet = replace(sheet, questions=tuple(one for one in sheet.questions if one.key in FEW))
        answers, made = student(sheet, network, lot)
        began = time.process_time()
        marking = mark(sheet, answers, library=LIBRARY)
        seconds += time.process_time() - began
        for one in made:
            item = marking[one.key]
            if not one.distinguishable or item.status != "wrong":
                continue
            found = bool(item.slips) and item.slips[0].mistake == one.mistake
            told[found] += 1
            if not found:
                missed.append(f"{one.mistake}: {explain(marking, one.key)}")
    share = told[True] / told.total()
    print(f"{told.total()} distinguishable mistakes, {share:.1%} recovered, marked in {seconds:.1f} s")
    assert share >= 0.95, "\n".join(missed[:20])
    assert told.total() > 300
    assert seconds < 20
