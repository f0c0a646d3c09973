"""Wrong answers held against a library of mistakes: a stand-in of three, worked out in plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from by_hand import STEPS, paper, work, written
from flint import fmpq

from symbackprop.formulas.terms import Number
from symbackprop.marking.diagnosing import Library
from symbackprop.marking.marking import mark
from symbackprop.numbers.digits import Value


@dataclass(frozen=True)
class Wrong:
    mistake: str
    real: fmpq
    likelihood: float

    @property
    def value(self) -> Value:
        return Value.of_real(self.real)

    @property
    def number(self) -> Number:
        return Number(f"{float(self.real.p) / float(self.real.q):.4f}")


ASKED: list[tuple[str, dict[str, float]]] = []


def wrong_values(
    ledger: Any,
    graph: Any,
    problem: Any,
    key: str,
    *,
    given: Mapping[str, fmpq] | None,
    within: tuple[float, float],
) -> Iterator[Wrong]:
    """Yield a quantity without its bias, with its sign turned, and twice as large."""
    values = work()
    own = {} if given is None else {name: float(value.p) / float(value.q) for name, value in given.items()}
    ASKED.append((key, own))
    for name, step in STEPS.items():
        values[name] = own.get(name, step(values))
    right = STEPS[key](values)
    found = {"sign": (-right, 0.2), "doubled": (2 * right, 0.3)}
    if key == "net.o1":
        found["bias_left_out"] = (right - 0.4, 0.5)
    for name, (value, likelihood) in found.items():
        if within[0] <= value <= within[1]:
            yield Wrong(name, fmpq(round(value * 10**12), 10**12), likelihood)


WORDS = {
    "bias_left_out": SimpleNamespace(title="no bias", student="The bias is missing.", instructor="No bias."),
    "sign": SimpleNamespace(title="sign turned", student="The sign is the other one.", instructor="Sign."),
    "doubled": SimpleNamespace(title="doubled", student="There is a 2 too many.", instructor="Factor 2."),
}  # fmt: skip
LIBRARY = Library(wrong_values, WORDS)


def test_a_slip_from_right_values() -> None:
    v = work({"net.o1": lambda z: z - 0.4})
    marking = mark(paper(), written(v), library=LIBRARY)
    (slip,) = marking["net.o1"].slips
    assert (slip.mistake, slip.student, slip.given) == ("bias_left_out", "The bias is missing.", "right")
    assert marking["act.o1"].status == "follow_through" and marking["act.o1"].slips == ()
    assert marking["net.h1"].slips == ()


def test_a_slip_from_own_values() -> None:
    # first a wrong h1, then with it a wrong sign, carried unrounded: two slips, each found where it was made
    v = work({"net.h1": lambda z: z - 0.3, "dE_dnet.o1": lambda d: -d})
    ASKED.clear()
    marking = mark(paper(), written(v, 3), library=LIBRARY)
    slip = marking["dE_dnet.o1"].slips[0]
    assert (slip.mistake, slip.given) == ("sign", "own")
    asked = [own for key, own in ASKED if key == "dE_dnet.o1" and own]
    assert asked[0]["act.o1"] == 0.627  # as it is written


def test_no_slip_where_none_fits_or_there_is_no_library() -> None:
    v = work({"net.o1": lambda z: z + 0.0173})
    assert mark(paper(), written(v), library=LIBRARY)["net.o1"].slips == ()
    v = work({"net.o1": lambda z: -z})
    assert mark(paper(), written(v)).items[4].slips == ()


def test_fewer_digits_still_tell_the_slip() -> None:
    v = work({"net.o1": lambda z: 2 * z})
    marked = mark(paper(), {"net.o1": f"{v['net.o1']:.2f}"}, library=LIBRARY)["net.o1"]
    assert [slip.mistake for slip in marked.slips] == ["doubled"]


def test_the_likelier_of_two_comes_first() -> None:
    def both(*_: Any, **__: Any) -> Iterator[Wrong]:
        yield Wrong("sign", fmpq(9, 10), 0.2)
        yield Wrong("doubled", fmpq(9, 10), 0.3)

    marked = mark(paper(["net.o1"]), {"1": "0.9000"}, library=Library(both, WORDS)).items[0]
    assert [slip.mistake for slip in marked.slips] == ["doubled", "sign"]
